"""Commands about signing a language off."""

from collections.abc import Iterable
from typing import Annotated

import typer

from service.auth.rules import Permission
from service.bundles.endpoints.signoffs import SignOffAnswer, sign_off_answer
from service.bundles.service.signing_off import (
    Overview,
    Statement,
    get_voucher,
    list_vouchers,
    load_overview,
    revoke,
    sign_off,
)
from service.home.command_line import JsonOption, Locale, Slug, get_command_line, table

signoff_app = typer.Typer(no_args_is_help=True, help="A person vouches for a language before go-live.")

Number = Annotated[int, typer.Argument(help="The sign-off's number, from `signoff list`.", min=1)]


@signoff_app.command("show")
def show(ctx: typer.Context, slug: Slug, locale: Locale, as_json: JsonOption = False) -> None:
    """Show what whoever signs now would vouch for: approved, missing, exceptions, sensitive and waived."""
    command_line = get_command_line(ctx)
    with command_line.resources.database.read() as session:
        deployment, _ = command_line.deployment(session, slug, Permission.DEPLOYMENT_VIEW, locale, changing=False)
        found = load_overview(session, deployment, locale)
    data = {
        **found.counts(),
        "missing": {state.value: number for state, number in found.missing.items()},
        "exceptions": [row.facts.key for row in found.exceptions],
        "sensitive": [row.facts.key for row in found.sensitive],
        "blocked": [row.facts.key for row in found.blocked],
        "conflicts": [row.facts.key for row in found.conflicting],
        "waived": [
            {"key": row.key, "check": row.check_id, "message": row.message, "reason": row.reason}
            for row in found.waived
        ],
        "digest": found.digest,
    }
    command_line.show(data, _overview_lines(found), as_json=as_json)


def _overview_lines(found: Overview) -> Iterable[str]:
    yield f"{len(found.approved):,} of {found.in_scope:,} texts in scope are approved"
    for state, number in found.missing.items():
        yield f"  {number:,} missing: {state.value}"
    for what, rows in (
        ("approved by an exception", found.exceptions),
        ("sensitive, approved by two", found.sensitive),
        ("approved, but blocked by a check: in no bundle", found.blocked),
        ("approved, but in conflict: in no bundle", found.conflicting),
    ):
        yield from (f"  {what}: {row.facts.key}" for row in rows)
    yield from (f"  waived {row.check_id} at {row.key}: {row.reason}" for row in found.waived)
    yield f"digest {found.digest}"


@signoff_app.command("sign")
def sign(
    ctx: typer.Context,
    slug: Slug,
    locale: Locale,
    name: Annotated[str, typer.Option(help="Who signs, as it is to be printed.")],
    role: Annotated[str, typer.Option(help="In which role.")],
    organisation: Annotated[str, typer.Option(help="For which organisation.")],
    statement: Annotated[str, typer.Option(help="What is vouched for, in the signer's words.")],
    digest: Annotated[
        str | None, typer.Option(help="Sign only if exactly this is approved; `signoff show` prints it.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Vouch for every text of a language that is approved now; it takes the token of a reviewer of the language."""
    command_line = get_command_line(ctx)
    resources = command_line.resources
    with resources.database.write() as session:
        deployment, identity = command_line.deployment(session, slug, Permission.SIGN_OFF, locale)
        made = sign_off(
            session,
            deployment,
            locale,
            Statement(name, role, organisation, statement),
            actor=identity.actor,
            now=resources.clock(),
            seen=digest,
        )
        answer = sign_off_answer(made)
    lines = [f"sign-off {answer.number} of {locale} covers {answer.covered:,} texts and is {answer.state}"]
    if answer.uncovered:
        lines.append(f"  {answer.uncovered:,} texts in scope are not covered: they are not approved yet")
    command_line.show(answer.model_dump(mode="json"), lines, as_json=as_json)


@signoff_app.command("list")
def list_all(ctx: typer.Context, slug: Slug, locale: Locale, as_json: JsonOption = False) -> None:
    """List the sign-offs of a language and how each stands now."""
    command_line = get_command_line(ctx)
    with command_line.resources.database.read() as session:
        deployment, _ = command_line.deployment(session, slug, Permission.DEPLOYMENT_VIEW, locale, changing=False)
        answers = [sign_off_answer(row) for row in list_vouchers(session, deployment, locale)]
    rows: list[tuple[str, ...]] = [("number", "state", "signed", "covers", "not covered", "by")]
    rows += [_row(answer) for answer in answers]
    lines = table(rows) if answers else [f"Nobody signed {locale} off yet."]
    command_line.show([answer.model_dump(mode="json") for answer in answers], lines, as_json=as_json)


def _row(answer: SignOffAnswer) -> tuple[str, ...]:
    who = f"{answer.name or '(erased)'}, {answer.role}, {answer.organisation}"
    signed = f"{answer.signed_at:%Y-%m-%d}"
    return (str(answer.number), answer.state, signed, f"{answer.covered:,}", f"{answer.uncovered:,}", who)


@signoff_app.command("revoke")
def take_back(
    ctx: typer.Context,
    slug: Slug,
    locale: Locale,
    number: Number,
    reason: Annotated[str, typer.Option(help="Why; everybody sees it.")],
    as_json: JsonOption = False,
) -> None:
    """Take a sign-off back; it stays to be seen, with the reason."""
    command_line = get_command_line(ctx)
    resources = command_line.resources
    with resources.database.write() as session:
        deployment, identity = command_line.deployment(session, slug, Permission.SIGN_OFF, locale)
        revoke(session, deployment, locale, number, reason=reason, actor=identity.actor, now=resources.clock())
        answer = sign_off_answer(get_voucher(session, deployment, locale, number))
    command_line.show(answer.model_dump(mode="json"), [f"sign-off {number} of {locale} is revoked"], as_json=as_json)


def mount(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.add_typer(signoff_app, name="signoff")
