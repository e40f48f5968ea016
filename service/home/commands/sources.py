"""Commands about the sources of deployments: the configuration, import by import."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from service.auth.rules import Permission
from service.catalog.rules.drift import show_word_diff
from service.home.command_line import JsonOption, Slug, get_command_line
from service.home.moving import LeftBehind, adopt_left_behind, find_left_behind
from service.home.places import SOURCE_HELP, is_address, name_of, open_place, read_live
from service.home.reading import read_source
from service.home.sources import SourceReport, activate_source, import_source, preview_source, report_data
from service.review.service.entering import EntryReport

source_app = typer.Typer(no_args_is_help=True, help="The configuration that a deployment translates, import by import.")

Source = Annotated[str, typer.Argument(help=SOURCE_HELP)]
AllowRemovals = Annotated[
    bool,
    typer.Option(
        "--allow-removals", help="Go on although more than a tenth of the units would go, or record types change."
    ),
]


@source_app.command("import")
def source_import(
    ctx: typer.Context,
    slug: Slug,
    source: Source,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what it would change, change nothing.")] = False,
    allow_removals: AllowRemovals = False,
    adopt_moved: Annotated[
        bool,
        typer.Option("--adopt-moved", help="Let units that only changed their place take their translations along."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Import a newer configuration as the current snapshot."""
    command_line = get_command_line(ctx)
    with command_line.resources.database.read() as session:
        deployment, _ = command_line.deployment(session, slug, Permission.SOURCE_IMPORT)
        client = open_place(command_line.resources, session, deployment, source) if is_address(source) else None
    if client is None:
        catalog = read_source(Path(source), deployment.source_locale)
    else:
        with client:
            catalog = read_live(client, deployment.source_locale)
    command_line.note(catalog.problems, as_json=as_json)
    if dry_run:
        with command_line.resources.database.read() as session:
            report = preview_source(session, deployment, catalog)
        command_line.show(report_data(report), report_lines(report, dry_run=True), as_json=as_json)
        return
    with command_line.resources.database.write() as session:
        deployment, identity = command_line.deployment(session, slug, Permission.SOURCE_IMPORT)
        report = import_source(
            session,
            deployment,
            catalog,
            origin=name_of(source),
            allow_removals=allow_removals,
            adopt_moved=adopt_moved,
            actor=identity.actor,
            now=command_line.resources.clock(),
        )
    command_line.show(report_data(report), report_lines(report), as_json=as_json)


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
    command_line.show(report_data(report), report_lines(report), as_json=as_json)


@source_app.command("adopt-moved")
def source_adopt_moved(
    ctx: typer.Context,
    slug: Slug,
    apply: Annotated[bool, typer.Option("--apply", help="Do it; without this it only shows what it would do.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Let units that changed their place in an earlier import take their translations along now.

    Only what has no text is filled; the texts wait for a reviewer.
    """
    command_line = get_command_line(ctx)
    adopted: dict[str, EntryReport] = {}
    if apply:
        with command_line.resources.database.write() as session:
            deployment, identity = command_line.deployment(session, slug, Permission.SOURCE_IMPORT)
            left, adopted = adopt_left_behind(
                session, deployment, actor=identity.actor, now=command_line.resources.clock()
            )
    else:
        with command_line.resources.database.read() as session:
            deployment, _ = command_line.deployment(session, slug, Permission.SOURCE_IMPORT)
            left = find_left_behind(session, deployment)
    data = {
        "applied": apply,
        "units": [{"old": found.unit.old, "new": found.unit.new, "locales": list(found.locales)} for found in left],
        "adopted": {locale: report.written for locale, report in adopted.items()},
    }
    command_line.show(data, _left_lines(left, adopted, apply=apply), as_json=as_json)


def _left_lines(left: Sequence[LeftBehind], adopted: Mapping[str, EntryReport], *, apply: bool) -> Iterable[str]:
    if not left:
        yield "No unit that moved could take a translation along."
        return
    for found in left:
        yield f"  moved {found.unit.old} → {found.unit.new} ({', '.join(found.locales)})"
    if not apply:
        yield f"{len(left):,} moved: with --apply they take their translations along"
    for locale, entry in adopted.items():
        yield f"  texts taken along in {locale}: {entry.written:,}"


def report_lines(report: SourceReport, *, dry_run: bool = False) -> Iterable[str]:
    """Return what an import did, or would do, for people."""
    if report.same:
        yield "The source is the same as the current snapshot: nothing changed."
        return
    counts = ", ".join(f"{number:,} {name}" for name, number in report.plan.counts().items())
    where = "would give" if dry_run else f"snapshot {report.snapshot.number if report.snapshot else '–'}:"
    yield f"{where} {counts}"
    for change in report.plan.changed[:20]:
        yield f"  changed {change.key}: {show_word_diff(change.old, change.new)}"
    for key in report.plan.retired[:20]:
        yield f"  retired {key}"
    for pair in report.plan.moved[:20]:
        yield f"  moved {pair.old} → {pair.new}"
    if report.plan.moved and dry_run:
        yield f"  {len(report.plan.moved):,} moved: with --adopt-moved they take their translations along"
    elif report.plan.moved and not report.adopted:
        yield "  what moved took nothing along: see `primero-bridge source adopt-moved`"
    for locale, entry in report.adopted.items():
        yield f"  texts taken along in {locale}: {entry.written:,}"
    for objection in report.plan.objections:
        yield f"  would need --allow-removals, because {objection}" if dry_run else f"  allowed although {objection}"
    for locale, entry in report.texts.items():
        yield f"  texts found in {locale}: {entry.written:,} taken, {len(entry.listed):,} differ and were not taken"


def mount(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.add_typer(source_app, name="source")
