"""Commands about the scope: what is to be translated, and how carefully."""

from typing import Annotated

import typer

from service.auth.rules import Permission
from service.catalog.models import ScopeAction
from service.catalog.service.scope import add_rule
from service.home.command_line import JsonOption, Slug, get_command_line

scope_app = typer.Typer(no_args_is_help=True, help="What is to be translated, and how carefully.")

Pattern = Annotated[str, typer.Argument(help="Shell glob over whole unit keys, such as 'form/consent/*'.")]


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


def mount(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.add_typer(scope_app, name="scope")
