"""Commands that exchange texts with Transifex."""

from collections.abc import Callable, Iterable
from dataclasses import asdict
from functools import partial
from typing import Annotated

import typer

from service.auth.rules import Permission
from service.deployments.client import open_transifex
from service.deployments.service import find_deployment, list_locales
from service.errors import RemoteUnreachable
from service.home.command_line import JsonOption, Slug, get_command_line, table
from service.progress.service import take_snapshots
from service.sync.models import RunState
from service.sync.service import RunReport, send
from service.sync.service import pull as run_pull
from service.sync.service import push as run_push
from service.sync.service.activity import fetch_activity
from service.sync.service.arriving import own_usernames

sync_app = typer.Typer(no_args_is_help=True, help="Repair what stands on Transifex, see who works there.")


def push(
    ctx: typer.Context,
    slug: Slug,
    allow_removals: Annotated[
        bool,
        typer.Option(
            "--allow-removals", help="Go on although more than a tenth of a resource's strings would be deleted there."
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Send source texts and decisions to Transifex, as far as they changed."""
    resources = get_command_line(ctx).resources
    work = partial(
        run_push,
        new_id=resources.new_id,
        own_user=resources.settings.transifex_user,
        allow_removals=allow_removals,
        limits=resources.settings.character_limits,
    )
    _run(ctx, slug, "push", work, as_json=as_json)


def pull(
    ctx: typer.Context,
    slug: Slug,
    everything: Annotated[
        bool, typer.Option("--everything", help="Compare every text with Transifex, not only where something moved.")
    ] = False,
    locale: Annotated[
        str | None, typer.Option(help="Compare every text of this language, and of no other, as before its release.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Fetch what volunteers wrote on Transifex since the last time."""
    resources = get_command_line(ctx).resources
    work = partial(
        run_pull,
        new_id=resources.new_id,
        own_user=resources.settings.transifex_user,
        everything=everything,
        locale=locale,
        questions=True,
    )
    _run(ctx, slug, "pull", work, as_json=as_json)


@sync_app.command("restore-marks")
def restore_marks(ctx: typer.Context, slug: Slug, as_json: JsonOption = False) -> None:
    """Mark on Transifex again what is approved here, as after a project was made anew."""
    _run(ctx, slug, "restore-marks", partial(send, marks=True), as_json=as_json)


@sync_app.command("activity")
def activity(
    ctx: typer.Context,
    slug: Slug,
    days: Annotated[int, typer.Option(help="How many days back, today included.", min=1, max=366)] = 30,
    as_json: JsonOption = False,
) -> None:
    """Show who translated and reviewed how many words on Transifex, by language."""
    command_line = get_command_line(ctx)
    resources = command_line.resources
    settings = resources.settings
    with resources.database.read() as session:
        deployment, _ = command_line.deployment(session, slug, Permission.SYNC_RUN, changing=False)
        locales = {
            row.transifex_language: row.locale for row in list_locales(session, deployment) if row.transifex_language
        }
    with open_transifex(
        settings, deployment, resources.secrets, resources.transifex_transport, database=resources.database
    ) as client:
        found = fetch_activity(
            client,
            deployment,
            locales=locales,
            own_users=own_usernames(deployment, settings.transifex_user),
            days=days,
            today=resources.clock().date(),
        )
    rows = [("locale", "who", "translated", "edited", "reviewed", "proofread")]
    rows += [
        (one.locale or f"({one.language})", f"{one.username} (this service)" if one.ours else one.username,
         f"{one.translated:,}", f"{one.edited:,}", f"{one.reviewed:,}", f"{one.proofread:,}")
        for one in found
    ]  # fmt: skip
    nobody = [f"Nobody translated or reviewed anything in {days} days, as far as Transifex tells."]
    lines = [f"words of the source, in the last {days} days:", *table(rows)] if found else nobody
    command_line.show({"days": days, "activity": [asdict(one) for one in found]}, lines, as_json=as_json)


def _run(ctx: typer.Context, slug: str, what: str, work: Callable[..., RunReport], *, as_json: bool) -> None:
    command_line = get_command_line(ctx)
    resources = command_line.resources
    with resources.database.read() as session:
        deployment, identity = command_line.deployment(session, slug, Permission.SYNC_RUN)
    settings = resources.settings
    with open_transifex(
        settings, deployment, resources.secrets, resources.transifex_transport, database=resources.database
    ) as client:
        report = work(
            resources.database,
            client,
            deployment_slug=slug,
            actor=identity.actor,
            clock=resources.clock,
            on_progress=command_line.progress(what),
        )
    with resources.database.write() as session:
        take_snapshots(session, find_deployment(session, slug), now=resources.clock())
    data = {
        "run": report.run_id,
        "kind": report.kind.value,
        "state": report.state.value,
        "requests": report.requests,
        "message": report.message,
        "outcome": report.outcome,
    }
    command_line.show(data, _lines(report), as_json=as_json)
    if report.state is RunState.FAILED:
        raise RemoteUnreachable(f"Nothing could be exchanged: {report.message}")
    if report.state is RunState.PARTLY:
        raise typer.Exit(1)


def _lines(report: RunReport) -> Iterable[str]:
    yield f"{report.kind.value} {report.state.value}: {report.message}"
    yield f"{report.requests:,} requests to Transifex"


def mount(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command("push")(push)
    app.command("pull")(pull)
    app.add_typer(sync_app, name="sync")
