"""Commands about deployments, their sources and their scope."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from pydantic import SecretStr

from extractors.units import Problem
from service.auth.rules import Permission
from service.catalog.models import ScopeAction
from service.catalog.queries import LocaleCounts
from service.catalog.service.scope import add_rule
from service.checks.locales import ALL_LOCALES
from service.deployments.rules import parse_locale_mapping
from service.deployments.service import archive_deployment, connect_deployment
from service.errors import BadInput, NotFound
from service.home.command_line import JsonOption, get_command_line, read_secret, table
from service.home.sources import (
    SourceReport,
    activate_source,
    add_deployment,
    import_source,
    preview_source,
    read_source,
    report_data,
)
from service.home.status import DeploymentStatus, describe_deployment, describe_deployments

deployment_app = typer.Typer(no_args_is_help=True, help="Deployments: one Primero instance's translation effort each.")
source_app = typer.Typer(no_args_is_help=True, help="The configuration that a deployment translates, import by import.")
scope_app = typer.Typer(no_args_is_help=True, help="What is to be translated, and how carefully.")

Slug = Annotated[str, typer.Argument(help="The deployment's short name.")]
Pattern = Annotated[str, typer.Argument(help="Shell glob over whole unit keys, such as 'form/consent/*'.")]
Source = Annotated[Path, typer.Argument(help="Configuration JSON, saved API answers, translation YAML or PO.")]
AllowRemovals = Annotated[
    bool, typer.Option(help="Go on although more than a tenth of the units would go, or record types change.")
]


@deployment_app.command("add")
def add(
    ctx: typer.Context,
    slug: Slug,
    name: Annotated[str, typer.Option(help="The name people see.")],
    source: Annotated[Path, typer.Option(help="Configuration JSON, saved API answers, translation YAML or PO.")],
    locales: Annotated[str, typer.Option(help="Languages to translate into: fr,ar,ku-IQ=ku_IQ; ar= is for none.")] = "",
    transifex: Annotated[str | None, typer.Option(help="Transifex project, as o:ORG:p:PROJECT.")] = None,
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
    catalog = read_source(source, source_locale)
    with command_line.resources.database.write() as session:
        identity = command_line.identity(session)
        identity.require(Permission.DEPLOYMENT_MANAGE, None)
        deployment, report = add_deployment(
            session,
            slug=slug,
            name=name,
            catalog=catalog,
            origin=source.name,
            locales=mapping,
            known_locales={info.code for info in ALL_LOCALES},
            transifex_project=transifex,
            actor=identity.actor,
            now=command_line.resources.clock(),
        )
        status = describe_deployment(session, deployment)
    command_line.warn(_problem_lines(catalog.problems))
    command_line.show(
        {**status.as_json(), "source": report_data(report)},
        [f"added {deployment.slug}: {deployment.name}", *_report_lines(report)],
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
    token_stdin: Annotated[bool, typer.Option(help="Read a Transifex token of its own from standard input.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Connect a deployment to its Transifex project, with a token of its own if need be (stored encrypted)."""
    command_line = get_command_line(ctx)
    if transifex is None and not token_stdin:
        raise BadInput("Say what to connect: --transifex o:ORG:p:PROJECT, --token-stdin, or both.")
    token = SecretStr(read_secret("Transifex token")) if token_stdin else None
    with command_line.resources.database.write() as session:
        deployment, identity = command_line.deployment(session, slug, Permission.DEPLOYMENT_MANAGE)
        connect_deployment(
            session,
            deployment,
            project=transifex,
            token=token,
            secrets=command_line.resources.secrets,
            actor=identity.actor,
            now=command_line.resources.clock(),
        )
        project = deployment.transifex_project
    data = {"slug": slug, "transifex_project": project, "own_token": token is not None}
    command_line.show(data, [f"connected {slug} to {project or 'no project yet'}"], as_json=as_json)


@source_app.command("import")
def source_import(
    ctx: typer.Context,
    slug: Slug,
    source: Source,
    dry_run: Annotated[bool, typer.Option(help="Show what it would change, change nothing.")] = False,
    allow_removals: AllowRemovals = False,
    as_json: JsonOption = False,
) -> None:
    """Import a newer configuration as the current snapshot."""
    command_line = get_command_line(ctx)
    with command_line.resources.database.read() as session:
        deployment, _ = command_line.deployment(session, slug, Permission.SOURCE_IMPORT)
    catalog = read_source(source, deployment.source_locale)
    command_line.warn(_problem_lines(catalog.problems))
    if dry_run:
        with command_line.resources.database.read() as session:
            report = preview_source(session, deployment, catalog)
        command_line.show(report_data(report), _report_lines(report, dry_run=True), as_json=as_json)
        return
    with command_line.resources.database.write() as session:
        deployment, identity = command_line.deployment(session, slug, Permission.SOURCE_IMPORT)
        report = import_source(
            session,
            deployment,
            catalog,
            origin=source.name,
            allow_removals=allow_removals,
            actor=identity.actor,
            now=command_line.resources.clock(),
        )
    command_line.show(report_data(report), _report_lines(report), as_json=as_json)


@source_app.command("activate")
def source_activate(
    ctx: typer.Context,
    slug: Slug,
    number: Annotated[int, typer.Argument(help="Number of the snapshot.")],
    as_json: JsonOption = False,
) -> None:
    """Make an older snapshot current again."""
    command_line = get_command_line(ctx)
    with command_line.resources.database.write() as session:
        deployment, identity = command_line.deployment(session, slug, Permission.SOURCE_IMPORT)
        report = activate_source(session, deployment, number, actor=identity.actor, now=command_line.resources.clock())
    command_line.show(report_data(report), _report_lines(report), as_json=as_json)


@scope_app.command("exclude")
def exclude(ctx: typer.Context, slug: Slug, pattern: Pattern, as_json: JsonOption = False) -> None:
    """Leave units out of the translation."""
    _change_scope(ctx, slug, ScopeAction.EXCLUDE, pattern, as_json=as_json)


@scope_app.command("include")
def include(ctx: typer.Context, slug: Slug, pattern: Pattern, as_json: JsonOption = False) -> None:
    """Take units in again that were left out."""
    _change_scope(ctx, slug, ScopeAction.INCLUDE, pattern, as_json=as_json)


Tag = Annotated[str, typer.Argument(help="sensitive, do-not-translate, or priority=N with N from -9 to 9.")]
Reason = Annotated[str, typer.Option(help="Why; shown to reviewers and kept.")]


@scope_app.command("tag")
def tag(
    ctx: typer.Context, slug: Slug, pattern: Pattern, name: Tag, reason: Reason, as_json: JsonOption = False
) -> None:
    """Tag units as sensitive, as not to be translated, or with a priority."""
    _change_scope(ctx, slug, ScopeAction.TAG, pattern, tag_name=name, reason=reason, as_json=as_json)


@scope_app.command("untag")
def untag(
    ctx: typer.Context, slug: Slug, pattern: Pattern, name: Tag, reason: Reason, as_json: JsonOption = False
) -> None:
    """Take a tag away again."""
    _change_scope(ctx, slug, ScopeAction.UNTAG, pattern, tag_name=name, reason=reason, as_json=as_json)


def _change_scope(
    ctx: typer.Context,
    slug: str,
    action: ScopeAction,
    pattern: str,
    *,
    tag_name: str = "",
    reason: str = "",
    as_json: bool,
) -> None:
    command_line = get_command_line(ctx)
    with command_line.resources.database.write() as session:
        deployment, identity = command_line.deployment(session, slug, Permission.SCOPE_MANAGE)
        change = add_rule(
            session,
            deployment,
            action=action,
            pattern=pattern,
            tag=tag_name,
            reason=reason,
            actor=identity.actor,
            now=command_line.resources.clock(),
        )
    data = {"action": action.value, "pattern": pattern, "matched": change.matched, "changed": change.changed}
    command_line.show(data, [f"{change.matched:,} units matched, {change.changed:,} changed"], as_json=as_json)


def _report_lines(report: SourceReport, *, dry_run: bool = False) -> Iterable[str]:
    if report.same:
        yield "The source is the same as the current snapshot: nothing changed."
        return
    counts = ", ".join(f"{number:,} {name}" for name, number in report.plan.counts().items())
    where = "would give" if dry_run else f"snapshot {report.snapshot.number if report.snapshot else '–'}:"
    yield f"{where} {counts}"
    for change in report.plan.changed[:20]:
        yield f"  changed {change.key}: {change.old!r} → {change.new!r}"
    for key in report.plan.retired[:20]:
        yield f"  retired {key}"
    for objection in report.plan.objections:
        yield f"  would need --allow-removals, because {objection}" if dry_run else f"  allowed although {objection}"
    for locale, entry in report.texts.items():
        yield f"  texts found in {locale}: {entry.written:,} taken, {len(entry.listed):,} differ and were not taken"


def _problem_lines(problems: Iterable[Problem]) -> Iterable[str]:
    for problem in problems:
        place = ": ".join(part for part in (problem.file, problem.path) if part)
        yield f"note: {place + ': ' if place else ''}{problem.message} [{problem.code}]"


def status_lines(status: DeploymentStatus) -> Iterable[str]:
    """Return how a deployment stands, for people."""
    archived = " (archived)" if status.archived else ""
    yield f"{status.slug}: {status.name}{archived}"
    yield f"source: snapshot {status.snapshot or '–'}, {status.units:,} units, {status.words:,} words"
    yield f"Transifex: {status.transifex_project or 'not connected'}"
    if not status.locales:
        return
    yield ""
    head = ("locale", "approved", "translated", "stale", "rejected", "untranslated", "blocked", "conflicts", "done")
    yield from table([head, *(_counts_row(locale, counts) for locale, counts in status.locales.items())])


def _counts_row(locale: str, counts: LocaleCounts) -> tuple[str, ...]:
    numbers = (
        counts.approved, counts.translated, counts.stale, counts.rejected,
        counts.untranslated, counts.blocked, counts.conflicts,
    )  # fmt: skip
    return (locale, *(str(number) for number in numbers), f"{counts.approved_percent}%")


def status(
    ctx: typer.Context,
    slug: Slug,
    require: Annotated[
        list[str] | None,
        typer.Option(help="Exit 1 unless every language reaches this share, such as approved=100 or translated=80."),
    ] = None,
    locale: Annotated[str | None, typer.Option(help="Look at this language alone.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Show how far each language is; with --require fail unless a level is met."""
    command_line = get_command_line(ctx)
    levels = [_parse_level(level) for level in require or []]
    with command_line.resources.database.read() as session:
        deployment, _ = command_line.deployment(session, slug, Permission.DEPLOYMENT_VIEW, changing=False)
        found = describe_deployment(session, deployment)
    if locale is not None:
        if locale not in found.locales:
            raise NotFound(f"The deployment {slug!r} has no locale {locale!r}.")
        found.locales = {locale: found.locales[locale]}
    missed = [
        f"{name}: {what} is {share(counts, what)}%, less than {wanted}%"
        for name, counts in found.locales.items()
        for what, wanted in levels
        if share(counts, what) < wanted
    ]
    if levels and not found.locales:
        missed.append("the deployment has no language")
    command_line.show({**found.as_json(), "missed": missed}, [*status_lines(found), *missed], as_json=as_json)
    if missed:
        raise typer.Exit(1)


def share(counts: LocaleCounts, what: str) -> float:
    """Return the share of units in percent, rounded down to one decimal; ``translated`` counts approved ones too."""
    number = counts.approved if what == "approved" else counts.total - counts.untranslated - counts.rejected
    return int(1000 * number / counts.total) / 10 if counts.total else 0.0


def _parse_level(text: str) -> tuple[str, float]:
    what, _, wanted = text.partition("=")
    try:
        level = float(wanted)
    except ValueError:
        level = -1
    if what not in ("approved", "translated") or not 0 <= level <= 100:
        raise BadInput(f"--require {text!r}: write it as approved=100 or translated=80, from 0 to 100.")
    return what, level
