"""Commands about who is told of a deployment's events."""

from typing import Annotated

import typer

from service.announcing.client import check_url
from service.announcing.feed import say_event
from service.announcing.models import TargetState, WebhookTarget
from service.announcing.service import (
    add_target,
    find_target,
    list_announcements,
    list_targets,
    remove_target,
    resume_target,
)
from service.auth.rules import Permission
from service.home.command_line import JsonOption, Slug, get_command_line, table
from service.home.endpoints.webhooks import webhook_data

webhook_app = typer.Typer(no_args_is_help=True, help="Webhooks: addresses that are told what moved in a deployment.")

Number = Annotated[int, typer.Argument(help="The webhook's number, from `webhook list`.")]


@webhook_app.command("add")
def add(
    ctx: typer.Context,
    slug: Slug,
    url: Annotated[str, typer.Argument(help="The address to tell: https.")],
    as_json: JsonOption = False,
) -> None:
    """Have an address told; prints the secret that its messages are signed with, this once."""
    command_line = get_command_line(ctx)
    resources = command_line.resources
    with resources.database.write() as session:
        deployment, identity = command_line.deployment(session, slug, Permission.DEPLOYMENT_MANAGE)
        row, secret = add_target(
            session, deployment, check_url(url), secrets=resources.secrets, actor=identity.actor,
            now=resources.clock(), new_id=resources.new_id,
        )  # fmt: skip
    lines = [f"webhook {row.id} is told from now on, a greeting first", f"its secret, shown this once: {secret}"]
    command_line.show({**webhook_data(row), "secret": secret}, lines, as_json=as_json)


@webhook_app.command("list")
def list_all(ctx: typer.Context, slug: Slug, as_json: JsonOption = False) -> None:
    """List who is told, how the last tries went, and the last events."""
    command_line = get_command_line(ctx)
    with command_line.resources.database.read() as session:
        deployment, _ = command_line.deployment(session, slug, Permission.DEPLOYMENT_MANAGE, changing=False)
        targets = list_targets(session, deployment.id or 0)
        events = list_announcements(session, deployment.id or 0, limit=10)
    head = ("number", "state", "last arrival", "address")
    lines = list(table([head, *map(_row, targets)])) if targets else ["Nobody is told."]
    for row in targets:
        if row.problem:
            again = f"; tried again {row.next_at:%Y-%m-%d %H:%M} UTC" if row.state is TargetState.ON else ""
            lines.append(f"{row.id}: {row.problem.rstrip('.')}{again}")
    lines += [f"{event.at:%Y-%m-%d %H:%M}  {event.locale}  {say_event(event)}" for event in events]
    data = {
        "webhooks": [webhook_data(row) for row in targets],
        "events": [
            {"id": e.key, "event": e.kind.value, "locale": e.locale, "number": e.number, "counts": e.counts, "at": e.at}
            for e in events
        ],
    }
    command_line.show(data, lines, as_json=as_json)


def _row(row: WebhookTarget) -> tuple[object, ...]:
    arrived = f"{row.delivered_at:%Y-%m-%d %H:%M}" if row.delivered_at else "-"
    return row.id, row.state.value, arrived, row.url


@webhook_app.command("resume")
def resume(ctx: typer.Context, slug: Slug, number: Number, as_json: JsonOption = False) -> None:
    """Tell an address again that was given up, or try at once: a greeting, then what it missed."""
    command_line = get_command_line(ctx)
    resources = command_line.resources
    with resources.database.write() as session:
        deployment, identity = command_line.deployment(session, slug, Permission.DEPLOYMENT_MANAGE)
        row = find_target(session, deployment.id or 0, number)
        resume_target(session, row, actor=identity.actor, now=resources.clock(), new_id=resources.new_id)
    command_line.show(webhook_data(row), [f"webhook {number} is told again"], as_json=as_json)


@webhook_app.command("remove")
def remove(ctx: typer.Context, slug: Slug, number: Number, as_json: JsonOption = False) -> None:
    """Tell an address no more, and forget its secret."""
    command_line = get_command_line(ctx)
    with command_line.resources.database.write() as session:
        deployment, identity = command_line.deployment(session, slug, Permission.DEPLOYMENT_MANAGE)
        row = find_target(session, deployment.id or 0, number)
        remove_target(session, row, actor=identity.actor, now=command_line.resources.clock())
    command_line.show({"removed": number}, [f"webhook {number} is told no more"], as_json=as_json)


def mount(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.add_typer(webhook_app, name="webhook")
