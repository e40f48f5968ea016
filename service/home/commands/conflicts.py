"""Commands about texts that changed on both sides: list them, choose, and state a policy."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import typer

from extractors.texts import normalise_text, text_hash
from service.auth.rules import Permission
from service.catalog.models import ConflictResolution
from service.catalog.queries import list_open_conflicts
from service.catalog.service.texts import find_open_conflict
from service.deployments.models import ConflictPolicy
from service.deployments.service import DeploymentChanges, change_deployment
from service.errors import Refused
from service.home.command_line import JsonOption, Locale, Slug, get_command_line
from service.review.service.deciding import find_pair, resolve_conflict

conflict_app = typer.Typer(no_args_is_help=True, help="Texts that changed here and on Transifex.")

_SEEN = 12


@conflict_app.command("list")
def list_all(
    ctx: typer.Context,
    slug: Slug,
    locale: Annotated[str | None, typer.Option(help="Look at this language alone.")] = None,
    as_json: JsonOption = False,
) -> None:
    """List the texts that changed on both sides and wait for a choice, with both of them."""
    command_line = get_command_line(ctx)
    with command_line.resources.database.read() as session:
        deployment, _ = command_line.deployment(session, slug, Permission.DEPLOYMENT_VIEW, locale, changing=False)
        policy = deployment.conflict_policy.value
        found = [
            {
                "key": unit.key,
                "locale": conflict.locale,
                "source": normalise_text(unit.source),
                "ours": normalise_text(conflict.our_text),
                "theirs": normalise_text(conflict.their_text),
                "seen": text_hash(conflict.their_text)[:_SEEN],
                "opened_at": conflict.opened_at.isoformat(),
            }
            for unit, conflict in list_open_conflicts(session, deployment, locale)
        ]
    command_line.show({"policy": policy, "conflicts": found}, _lines(policy, found), as_json=as_json)


def _lines(policy: str, found: Sequence[dict[str, Any]]) -> Iterable[str]:
    for each in found:
        yield f"{each['locale']} {each['key']}: {each['source']!r}"
        yield f"  ours:   {each['ours']!r}"
        yield f"  theirs: {each['theirs']!r}  --seen {each['seen']}"
    yield f"{len(found):,} waiting; policy for new ones: {policy}"


@conflict_app.command("resolve")
def resolve(
    ctx: typer.Context,
    slug: Slug,
    locale: Locale,
    key: Annotated[str, typer.Argument(help="The unit's canonical key.")],
    keep: Annotated[str, typer.Option(help="ours or theirs.", metavar="SIDE")],
    seen: Annotated[str, typer.Option(help="The mark of Transifex's text, as `conflict list` shows it.")],
    as_json: JsonOption = False,
) -> None:
    """Choose our text or Transifex's; nothing is approved by that."""
    command_line = get_command_line(ctx)
    if keep not in (ConflictResolution.OURS.value, ConflictResolution.THEIRS.value):
        raise typer.BadParameter("Choose ours or theirs.", param_hint="--keep")
    with command_line.resources.database.write() as session:
        deployment, identity = command_line.deployment(session, slug, Permission.REVIEW_DECIDE, locale)
        pair = find_pair(session, deployment, locale, key)
        conflict = find_open_conflict(session, pair.unit.id or 0, locale)
        if conflict is None:
            raise Refused("There is no open conflict on this text.")
        their_hash = text_hash(conflict.their_text)
        # A mark that is not this text's names another text, which resolving refuses with the present one.
        resolve_conflict(
            session,
            deployment,
            pair,
            actor=identity.actor,
            keep=ConflictResolution(keep),
            their_hash=their_hash if len(seen) >= _SEEN and their_hash.startswith(seen) else seen,
            now=command_line.resources.clock(),
        )
        text = normalise_text(pair.translation.text or "")
    data = {"slug": slug, "locale": locale, "key": key, "keep": keep, "text": text}
    command_line.show(data, [f"{locale} {key}: {text!r}"], as_json=as_json)


@conflict_app.command("policy")
def policy(
    ctx: typer.Context,
    slug: Slug,
    choice: Annotated[
        ConflictPolicy | None, typer.Argument(help="ask (a person chooses), keep-ours or take-theirs.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show or state what becomes of texts that change on both sides from now on.

    Sensitive texts always wait for a person, and so does an approved text that theirs would replace.
    """
    command_line = get_command_line(ctx)
    if choice is None:
        with command_line.resources.database.read() as session:
            deployment, _ = command_line.deployment(session, slug, Permission.DEPLOYMENT_VIEW, changing=False)
            stated = deployment.conflict_policy
    else:
        with command_line.resources.database.write() as session:
            deployment, identity = command_line.deployment(session, slug, Permission.DEPLOYMENT_MANAGE)
            changes = DeploymentChanges(conflict_policy=choice)
            change_deployment(session, deployment, changes, actor=identity.actor, now=command_line.resources.clock())
            stated = choice
    command_line.show({"slug": slug, "policy": stated.value}, [f"{slug}: {stated.value}"], as_json=as_json)


def mount(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.add_typer(conflict_app, name="conflict")
