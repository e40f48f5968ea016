"""Commands about deployments, their sources and their scope."""

from enum import StrEnum
from typing import Annotated, Any

import typer
from pydantic import SecretStr

from service.auth.rules import Permission
from service.checks.locales import ALL_LOCALES
from service.deployments.client import open_transifex
from service.deployments.models import ConflictPolicy
from service.deployments.rules import ResourceFormat, parse_locale_mapping
from service.deployments.service import DeploymentChanges, archive_deployment, change_deployment
from service.errors import BadInput
from service.home.command_line import JsonOption, Slug, get_command_line, read_secret, table
from service.home.commands.sources import report_lines
from service.home.commands.status import status_lines
from service.home.connecting import add_locales, choose_format, connect_to_transifex
from service.home.places import SOURCE_HELP, name_of, read_place
from service.home.sources import add_deployment, report_data
from service.home.status import describe_deployment, describe_deployments
from service.sync.service.hooks import register_webhook, remove_webhook

_FORMAT_HELP = "File format on Transifex: YML, as Primero's own files, or STRUCTURED_JSON or PO, which carry comments."
FormatOption = Annotated[ResourceFormat, typer.Option("--format", case_sensitive=False, help=_FORMAT_HELP)]

deployment_app = typer.Typer(no_args_is_help=True, help="Deployments: one Primero instance's translation effort each.")


@deployment_app.command("add")
def add(
    ctx: typer.Context,
    slug: Slug,
    name: Annotated[str, typer.Option(help="The name people see.")],
    source: Annotated[str, typer.Option(help=SOURCE_HELP)],
    locales: Annotated[str, typer.Option(help="Languages to translate into: fr,ar,ku-IQ=ku_IQ; ar= is for none.")] = "",
    transifex: Annotated[str | None, typer.Option(help="Transifex project, as o:ORG:p:PROJECT.")] = None,
    text_format: FormatOption = ResourceFormat.YML,
    source_locale: Annotated[str, typer.Option(help="The locale the configuration is written in.")] = "en",
    as_json: JsonOption = False,
) -> None:
    """Make a deployment from a Primero configuration."""
    command_line = get_command_line(ctx)
    try:
        mapping = parse_locale_mapping(locales)
    except ValueError as error:
        raise BadInput(f"{error}.") from error
    with command_line.resources.database.read() as session:
        command_line.identity(session).require(Permission.DEPLOYMENT_MANAGE, None)
    catalog = read_place(source, source_locale, command_line.settings)
    with command_line.resources.database.write() as session:
        identity = command_line.identity(session)
        identity.require(Permission.DEPLOYMENT_MANAGE, None)
        deployment, report = add_deployment(
            session,
            slug=slug,
            name=name,
            catalog=catalog,
            origin=name_of(source),
            locales=mapping,
            known_locales={info.code for info in ALL_LOCALES},
            transifex_project=transifex,
            transifex_format=text_format,
            actor=identity.actor,
            now=command_line.resources.clock(),
        )
        status = describe_deployment(session, deployment)
    command_line.note(catalog.problems, as_json=as_json)
    command_line.show(
        {**status.as_json(), "source": report_data(report)},
        [f"added {deployment.slug}: {deployment.name}", *report_lines(report)],
        as_json=as_json,
    )


@deployment_app.command("list")
def list_all(ctx: typer.Context, as_json: JsonOption = False) -> None:
    """List the deployments with their numbers."""
    command_line = get_command_line(ctx)
    with command_line.resources.database.read() as session:
        statuses = describe_deployments(session, command_line.identity(session))
    rows = [("deployment", "name", "units", "locales", "approved")]
    for status in statuses:
        approved = ", ".join(f"{locale} {counts.approved_percent}%" for locale, counts in status.locales.items())
        rows.append((status.slug, status.name, str(status.units), str(len(status.locales)), approved or "–"))
    lines = table(rows) if statuses else ["There is no deployment yet: `primero-bridge deployment add --help`."]
    command_line.show([status.as_json() for status in statuses], lines, as_json=as_json)


@deployment_app.command("show")
def show(ctx: typer.Context, slug: Slug, as_json: JsonOption = False) -> None:
    """Show one deployment: where it comes from, where it goes, how each language stands."""
    command_line = get_command_line(ctx)
    with command_line.resources.database.read() as session:
        deployment, _ = command_line.deployment(session, slug, Permission.DEPLOYMENT_VIEW, changing=False)
        status = describe_deployment(session, deployment)
    command_line.show(status.as_json(), status_lines(status), as_json=as_json)


class YesNo(StrEnum):
    """An option that can be said either way, or not at all."""

    YES = "yes"
    NO = "no"


def _said(option: YesNo | None) -> bool | None:
    return None if option is None else option is YesNo.YES


@deployment_app.command("set")
def change(
    ctx: typer.Context,
    slug: Slug,
    name: Annotated[str | None, typer.Option(help="The name people see.")] = None,
    lone_reviewer: Annotated[
        YesNo | None,
        typer.Option(help="Let a reviewer approve an own text, recorded as an exception; never a sensitive one."),
    ] = None,
    conflict_policy: Annotated[
        ConflictPolicy | None, typer.Option(help="What becomes of texts that change on both sides; ask: a person says.")
    ] = None,
    push_by_itself: Annotated[
        YesNo | None, typer.Option(help="Send what changed here to Transifex without anybody asking.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Change a deployment's settings; what is not named stays."""
    command_line = get_command_line(ctx)
    with command_line.resources.database.write() as session:
        deployment, identity = command_line.deployment(session, slug, Permission.DEPLOYMENT_MANAGE)
        changes = DeploymentChanges(name, _said(lone_reviewer), conflict_policy, _said(push_by_itself))
        change_deployment(session, deployment, changes, actor=identity.actor, now=command_line.resources.clock())
        status = describe_deployment(session, deployment)
    command_line.show(status.as_json(), status_lines(status), as_json=as_json)


@deployment_app.command("archive")
def archive(ctx: typer.Context, slug: Slug, as_json: JsonOption = False) -> None:
    """Archive a deployment: it stays readable, nothing changes it any more, nothing is lost."""
    command_line = get_command_line(ctx)
    with command_line.resources.database.write() as session:
        deployment, identity = command_line.deployment(session, slug, Permission.DEPLOYMENT_MANAGE)
        archive_deployment(session, deployment, actor=identity.actor, now=command_line.resources.clock())
    command_line.show({"slug": slug, "archived": True}, [f"archived {slug}"], as_json=as_json)


@deployment_app.command("connect")
def connect(
    ctx: typer.Context,
    slug: Slug,
    transifex: Annotated[
        str | None, typer.Option("--transifex", "--project", help="Transifex project, as o:ORG:p:PROJECT.")
    ] = None,
    token_stdin: Annotated[
        bool, typer.Option("--token-stdin", help="Read a Transifex token of its own from standard input.")
    ] = False,
    text_format: Annotated[
        ResourceFormat | None, typer.Option("--format", case_sensitive=False, help=_FORMAT_HELP)
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Connect a deployment to its Transifex project, with a token of its own if need be (stored encrypted)."""
    command_line = get_command_line(ctx)
    if transifex is None and not token_stdin and text_format is None:
        raise BadInput("Say what to connect: --transifex o:ORG:p:PROJECT, --token-stdin, --format, or all of them.")
    token = SecretStr(read_secret("Transifex token")) if token_stdin else None
    with command_line.resources.database.write() as session:
        deployment, identity = command_line.deployment(session, slug, Permission.DEPLOYMENT_MANAGE)
        about: dict[str, Any] = {"actor": identity.actor, "now": command_line.resources.clock()}
        if transifex is not None or token is not None:
            connect_to_transifex(
                session,
                deployment,
                project=transifex,
                token=token,
                secrets=command_line.resources.secrets,
                **about,
            )
        if text_format is not None:
            choose_format(session, deployment, text_format, **about)
        project, kept = deployment.transifex_project, deployment.transifex_format.value
    data = {"slug": slug, "transifex_project": project, "transifex_format": kept, "own_token": token is not None}
    command_line.show(data, [f"connected {slug} to {project or 'no project yet'}, as {kept}"], as_json=as_json)


@deployment_app.command("locales")
def locales(
    ctx: typer.Context,
    slug: Slug,
    mapping: Annotated[str, typer.Argument(help="Languages to add or to map anew: fr,ku-IQ=ku_IQ; ar= is for none.")],
    as_json: JsonOption = False,
) -> None:
    """Add languages to a deployment, or map those it has to other Transifex languages; the others stay."""
    command_line = get_command_line(ctx)
    try:
        wanted = parse_locale_mapping(mapping)
    except ValueError as error:
        raise BadInput(f"{error}.") from error
    with command_line.resources.database.write() as session:
        deployment, identity = command_line.deployment(session, slug, Permission.DEPLOYMENT_MANAGE)
        add_locales(session, deployment, wanted, actor=identity.actor, now=command_line.resources.clock())
        status = describe_deployment(session, deployment)
    command_line.show(status.as_json(), status_lines(status), as_json=as_json)


@deployment_app.command("webhook")
def webhook(
    ctx: typer.Context,
    slug: Slug,
    remove: Annotated[bool, typer.Option("--remove", help="Take the webhook off Transifex again.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Have Transifex tell this service what volunteers finished, signed with a fresh secret."""
    command_line = get_command_line(ctx)
    resources = command_line.resources
    settings = resources.settings
    with resources.database.read() as session:
        deployment, identity = command_line.deployment(session, slug, Permission.DEPLOYMENT_MANAGE)
    common: dict[str, Any] = {
        "public_url": settings.public_url, "actor": identity.actor, "now": resources.clock(),
    }  # fmt: skip
    with open_transifex(
        settings, deployment, resources.secrets, resources.transifex_transport, database=resources.database
    ) as client:
        if remove:
            number = remove_webhook(resources.database, client, deployment, **common)
            data: dict[str, Any] = {"slug": slug, "removed": number}
            lines = [f"Transifex tells nothing about {slug} any more"]
        else:
            made = register_webhook(resources.database, client, deployment, secrets=resources.secrets, **common)
            data = {"slug": slug, "webhook": made.remote_id, "address": made.address, "created": made.created}
            lines = [f"Transifex tells {made.address} what volunteers finish"]
    command_line.show(data, lines, as_json=as_json)


def mount(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.add_typer(deployment_app, name="deployment")
