"""Commands that compare a bundle with a Primero, give it to one, and take it back."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from service.auth.rules import Identity, Permission
from service.bundles.reading import OpenBundle, read_bundle
from service.errors import BadInput, NotFound
from service.home.command_line import CommandLine, JsonOption, Slug, get_command_line
from service.home.commands.writing import write_file
from service.primero.models import InstanceRunState, PrimeroInstance
from service.primero.plan import Plan
from service.primero.rules.reasons import Why
from service.primero.service.applying import ApplyOptions, apply_bundle, plan_apply, require_known
from service.primero.service.instances import find_instance
from service.primero.service.looks import SHOWN, left_out_lines, plan_data, plan_lines
from service.primero.service.rolling_back import roll_back
from service.primero.service.runs import InstanceReport, find_run, left_out_data
from service.primero.service.saved import saved_state

Name = Annotated[str, typer.Argument(help="The instance's short name.")]
RunNumber = Annotated[int, typer.Argument(help="Number of the run, as `apply` shows it.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show the exact requests, send none of them.")]
TrustAccount = Annotated[
    bool,
    typer.Option(
        "--trust-account",
        help="The account may not look itself up; I made sure that its language is English and that it manages forms.",
    ),
]


def apply(
    ctx: typer.Context,
    slug: Slug,
    instance: Name,
    bundle: Annotated[Path, typer.Argument(help="The bundle.")],
    dry_run: DryRun = False,
    partial_options: Annotated[
        bool, typer.Option("--partial-options", help="Write lists of options too of which only a part has a text.")
    ] = False,
    trust_account: TrustAccount = False,
    as_json: JsonOption = False,
) -> None:
    """Give a bundle to a Primero server by its API; repeat it to go on where it was killed.

    Everything touched is saved first. Each form and lookup is read, written whole, read again and compared.
    """
    command_line = get_command_line(ctx)
    opened = open_bundle(bundle)
    row, identity = _find(command_line, slug, instance, opened.manifest.locale)
    if opened.manifest.deployment != slug:
        raise BadInput(f"The bundle is one of {opened.manifest.deployment!r}, not of {slug!r}.")
    with command_line.resources.database.read() as session:
        deployment, _ = command_line.deployment(session, slug, Permission.BUNDLE_APPLY, opened.manifest.locale)
        require_known(session, deployment, opened)
    options = ApplyOptions(partial_options, trust_account)
    if dry_run:
        _show_plan(command_line, plan_apply(command_line.resources, row, opened, options), as_json=as_json)
        return
    report = apply_bundle(
        command_line.resources,
        row,
        bundle.name,
        opened,
        options,
        actor=identity.actor,
        on_progress=command_line.progress(f"apply to {instance}"),
    )
    _show_report(command_line, report, slug, instance, as_json=as_json)


def rollback(
    ctx: typer.Context,
    slug: Slug,
    instance: Name,
    run: RunNumber,
    only: Annotated[
        list[str] | None, typer.Option("--only", help="Take back only what matches this pattern of keys; repeatable.")
    ] = None,
    dry_run: DryRun = False,
    trust_account: TrustAccount = False,
    as_json: JsonOption = False,
) -> None:
    """Put back what stood on a Primero server before a run, whole or in part; repeat it to go on where it was killed.

    A text that somebody changed since is left as it is, and said.
    """
    command_line = get_command_line(ctx)
    with command_line.resources.database.read() as session:
        deployment, _ = command_line.deployment(session, slug, Permission.DEPLOYMENT_VIEW, changing=False)
        locale = find_run(session, find_instance(session, deployment, instance), run).locale
    row, identity = _find(command_line, slug, instance, locale)
    done = roll_back(
        command_line.resources,
        row,
        run,
        only or (),
        trust_account=trust_account,
        dry_run=dry_run,
        actor=identity.actor,
        on_progress=command_line.progress(f"rollback on {instance}"),
    )
    if isinstance(done, Plan):
        _show_plan(command_line, done, as_json=as_json)
    else:
        _show_report(command_line, done, slug, instance, as_json=as_json)


def _find(command_line: CommandLine, slug: str, instance: str, locale: str) -> tuple[PrimeroInstance, Identity]:
    with command_line.resources.database.read() as session:
        deployment, identity = command_line.deployment(session, slug, Permission.BUNDLE_APPLY, locale)
        return find_instance(session, deployment, instance), identity


def open_bundle(file: Path) -> OpenBundle:
    """Return a whole bundle on disk.

    Raises:
        BadInput: it cannot be read, or is not whole.
    """
    try:
        data = file.read_bytes()
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}.") from error
    return read_bundle(data)


def _show_plan(command_line: CommandLine, plan: Plan, *, as_json: bool) -> None:
    data = plan_data(plan)
    lines = [*plan_lines(data, shown=SHOWN), "nothing was sent; --json shows the bodies"]
    command_line.show(data, lines, as_json=as_json)


def _show_report(command_line: CommandLine, report: InstanceReport, slug: str, instance: str, *, as_json: bool) -> None:
    command_line.show(report.as_json(), _report_lines(report, slug, instance), as_json=as_json)
    if not report.is_whole:
        raise typer.Exit(1)


def _report_lines(report: InstanceReport, slug: str, instance: str) -> Iterable[str]:
    again = " (went on)" if report.resumed else ""
    yield f"{report.kind.value} run {report.run_id}{again} {report.state.value}: {report.message}"
    for record in report.records:
        if record["state"] != "written":
            what = "; ".join(record["differences"][:3])
            yield f"  {record['record']}: {record['state']}{f': {what}' if what else ''}"
    yield from left_out_lines([left_out_data(row["key"], Why(row["why"])) for row in report.left_out])
    yield from (f"  note: {note}" for note in report.notes)
    yield f"{report.requests:,} requests"
    if report.kind.value == "apply" and report.records:
        yield f"take it back with: primero-bridge rollback {slug} {instance} {report.run_id}"
    if report.state is InstanceRunState.STOPPED:
        yield "look at what differs before anything else is done there"


def saved(
    ctx: typer.Context,
    slug: Slug,
    instance: Name,
    run: RunNumber,
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to write.")],
    as_json: JsonOption = False,
) -> None:
    """Write what stood on a Primero server before a run, as answers of its API, into a file."""
    command_line = get_command_line(ctx)
    with command_line.resources.database.read() as session:
        deployment, _ = command_line.deployment(session, slug, Permission.INSTANCE_MANAGE, changing=False)
        row = find_run(session, find_instance(session, deployment, instance), run)
        count, data = saved_state(session, row)
    if not count:
        raise NotFound(f"Run {run} touched nothing: nothing was saved.")
    write_file(output, data)
    shown = {"file": str(output), "records": count}
    command_line.show(shown, [f"{output} ({count} forms and lookups as they were)"], as_json=as_json)


def mount(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command("apply")(apply)
    app.command("rollback")(rollback)
