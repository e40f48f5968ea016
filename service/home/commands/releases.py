"""Commands about releases, and the keys that sign them."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from service.auth.rules import Permission
from service.bundles.endpoints.fetching import ReleaseAnswer, release_answer
from service.bundles.models import SigningKey
from service.bundles.rules.gate import Policy
from service.bundles.service import BuildOptions
from service.bundles.service.giving import get_release, list_releases, withdraw
from service.bundles.service.keys import list_keys, rotate_key
from service.bundles.service.releasing import ReleaseOrder, read_documents
from service.errors import NotFound
from service.home.command_line import JsonOption, Locale, Slug, get_command_line, table
from service.home.commands.bundles import Allow, PartialOptions, Require, TargetFile, manifest_lines, read_target
from service.home.commands.writing import write_file
from service.home.releasing import make_release

release_app = typer.Typer(no_args_is_help=True, help="Frozen, numbered sets of approved texts.")
key_app = typer.Typer(no_args_is_help=True, help="The keys that bundles are signed with.")

Number = Annotated[int, typer.Argument(help="The release's number, from `release list`.", min=1)]


@release_app.command("create")
def create(
    ctx: typer.Context,
    slug: Slug,
    locale: Locale,
    policy: Annotated[Policy, typer.Option(help="Which texts it takes; never a preview.")] = Policy.APPROVED,
    partial_options: PartialOptions = False,
    require: Require = None,
    allow: Allow = "",
    target: TargetFile = None,
    as_json: JsonOption = False,
) -> None:
    """Compare the language with Transifex, then freeze and number what is approved.

    Without an answer of Transifex there is no release and the exit code is 3, unless --allow gives a reason.
    """
    command_line = get_command_line(ctx)
    resources = command_line.resources
    with resources.database.read() as session:
        _, identity = command_line.deployment(session, slug, Permission.BUNDLE_BUILD, locale)
    options = BuildOptions(policy, partial_options, require is not None, allow.strip())
    order = ReleaseOrder(slug, locale, options, identity.actor)
    made = make_release(
        resources, order, on_progress=command_line.progress("compare"), target=read_target(target)
    )  # fmt: skip
    with resources.database.read() as session:
        answer = release_answer(session, made)
    manifest, _, _ = read_documents(made)
    lines = [
        f"release {made.number} of {locale}: {answer.counts['texts']:,} texts, sha256 {made.sha256}",
        *manifest_lines(manifest),
        f"write it with `primero-bridge bundle build {slug} {locale} --release {made.number}`",
    ]
    command_line.show(answer.model_dump(mode="json"), lines, as_json=as_json)


@release_app.command("list")
def list_all(
    ctx: typer.Context,
    slug: Slug,
    locale: Annotated[str | None, typer.Option(help="Of this language alone.")] = None,
    as_json: JsonOption = False,
) -> None:
    """List the releases of a deployment, the newest first, withdrawn ones too."""
    command_line = get_command_line(ctx)
    with command_line.resources.database.read() as session:
        deployment, _ = command_line.deployment(session, slug, Permission.DEPLOYMENT_VIEW, locale, changing=False)
        answers = [release_answer(session, row) for row in list_releases(session, deployment, locale)]
    rows: list[tuple[str, ...]] = [("locale", "number", "made", "policy", "texts", "fetched", "withdrawn")]
    rows += [_row(answer) for answer in answers]
    lines = table(rows) if answers else [f"There is no release yet: `primero-bridge release create {slug} LOCALE`."]
    command_line.show([answer.model_dump(mode="json") for answer in answers], lines, as_json=as_json)


def _row(answer: ReleaseAnswer) -> tuple[str, ...]:
    withdrawn = f"{answer.withdrawn_at:%Y-%m-%d}: {answer.withdraw_reason}" if answer.withdrawn_at else ""
    return (
        answer.locale,
        str(answer.number),
        f"{answer.created_at:%Y-%m-%d %H:%M}",
        answer.policy,
        f"{answer.counts['texts']:,}",
        f"{len(answer.fetches)}",
        withdrawn,
    )


@release_app.command("show")
def show(ctx: typer.Context, slug: Slug, locale: Locale, number: Number, as_json: JsonOption = False) -> None:
    """Show one release: what it holds, what was let pass, who fetched it."""
    command_line = get_command_line(ctx)
    with command_line.resources.database.read() as session:
        deployment, _ = command_line.deployment(session, slug, Permission.DEPLOYMENT_VIEW, locale, changing=False)
        release = get_release(session, deployment, locale, number)
        answer = release_answer(session, release)
    manifest, _, _ = read_documents(release)
    signed = f", sign-off {answer.sign_off}" if answer.sign_off else ""
    lines = [
        f"release {number} of {locale}, policy {answer.policy}{signed}, made on {answer.created_at:%Y-%m-%d %H:%M}",
        f"{answer.counts['texts']:,} texts, sha256 {answer.sha256}, signed with the key {answer.key}",
        f"compared with Transifex: {answer.reconciled_at or 'never, for nothing of it lies there'}",
        *manifest_lines(manifest),
        *_fetch_lines(answer),
    ]
    if answer.withdrawn_at:
        lines.append(f"WITHDRAWN on {answer.withdrawn_at:%Y-%m-%d}: {answer.withdraw_reason}")
    command_line.show(answer.model_dump(mode="json"), lines, as_json=as_json)


def _fetch_lines(answer: ReleaseAnswer) -> Iterable[str]:
    for fetch in answer.fetches:
        yield f"  fetched on {fetch.at:%Y-%m-%d %H:%M} by {fetch.person or fetch.actor}, {fetch.client}"


@release_app.command("withdraw")
def take_out(
    ctx: typer.Context,
    slug: Slug,
    locale: Locale,
    number: Number,
    reason: Annotated[str, typer.Option(help="Why; whoever fetched it has to hear of it.")],
    as_json: JsonOption = False,
) -> None:
    """Have a release served no more, with a reason; name who fetched it."""
    command_line = get_command_line(ctx)
    resources = command_line.resources
    with resources.database.write() as session:
        deployment, identity = command_line.deployment(session, slug, Permission.BUNDLE_BUILD, locale)
        release = get_release(session, deployment, locale, number)
        withdraw(session, release, reason=reason, actor=identity.actor, now=resources.clock())
        answer = release_answer(session, release)
    fetched = list(_fetch_lines(answer)) or ["  nobody fetched it"]
    command_line.show(
        answer.model_dump(mode="json"), [f"release {number} of {locale} is withdrawn", *fetched], as_json=as_json
    )


@key_app.command("list")
def list_signing_keys(ctx: typer.Context, as_json: JsonOption = False) -> None:
    """List the keys that ever signed a bundle, the current one first."""
    command_line = get_command_line(ctx)
    with command_line.resources.database.read() as session:
        command_line.identity(session)
        keys = list_keys(session)
    rows = [("key", "made", "replaced")]
    rows += [
        (key.id, f"{key.created_at:%Y-%m-%d}", f"{key.replaced_at:%Y-%m-%d}" if key.replaced_at else "current")
        for key in keys
    ]
    lines = table(rows) if keys else ["There is no key yet: the first release or bundle makes it."]
    command_line.show([_key_data(key) for key in keys], lines, as_json=as_json)


@key_app.command("export")
def export(
    ctx: typer.Context,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="The file to write.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Print the public keys as PEM, or write them into a file, for `bundle verify --key`."""
    command_line = get_command_line(ctx)
    with command_line.resources.database.read() as session:
        command_line.identity(session)
        keys = list_keys(session)
    if not keys:
        raise NotFound("There is no key yet: the first release or bundle makes it.")
    pem = "".join(key.public_key for key in keys)
    if output is not None:
        write_file(output, pem.encode("ascii"))
    lines = [f"{output} ({len(keys)} keys)"] if output else pem.splitlines()
    command_line.show([_key_data(key) for key in keys], lines, as_json=as_json)


@key_app.command("rotate")
def rotate(ctx: typer.Context, as_json: JsonOption = False) -> None:
    """Make a new key; the earlier ones verify what they signed, and sign nothing any more."""
    command_line = get_command_line(ctx)
    resources = command_line.resources
    with resources.database.write() as session:
        identity = command_line.identity(session)
        # It signs for every deployment.
        identity.require(Permission.DEPLOYMENT_MANAGE, None)
        key = rotate_key(session, resources.secrets, identity.actor, resources.clock())
        data = _key_data(key)
    lines = [f"bundles are signed with the key {key.id} from now on: hand out the public keys anew"]
    command_line.show(data, lines, as_json=as_json)


def _key_data(key: SigningKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "public_key": key.public_key,
        "created_at": key.created_at,
        "replaced_at": key.replaced_at,
    }


def mount(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.add_typer(release_app, name="release")
    app.add_typer(key_app, name="signing-key")
