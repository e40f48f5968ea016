"""How far a deployment is, for people and for pipelines."""

from collections.abc import Iterable
from typing import Annotated

import typer

from service.auth.rules import Permission
from service.catalog.queries import LocaleCounts
from service.errors import BadInput, NotFound
from service.home.command_line import JsonOption, Slug, get_command_line, table
from service.home.status import DeploymentStatus, describe_deployment


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


def status_lines(status: DeploymentStatus) -> Iterable[str]:
    """Return how a deployment stands, for people."""
    archived = " (archived)" if status.archived else ""
    yield f"{status.slug}: {status.name}{archived}"
    yield f"source: snapshot {status.snapshot or '–'}, {status.units:,} units, {status.words:,} words"
    yield f"Transifex: {status.transifex_project or 'not connected'}, as {status.transifex_format.value}"
    yield f"a lone reviewer {'may' if status.lone_reviewer else 'may not'} approve own texts; " + (
        f"where both sides changed a text: {status.conflict_policy.value}; "
        + ("pushed by itself" if status.push_by_itself else "pushed only when asked")
    )
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


def mount(app: typer.Typer) -> None:
    """Add this command to the command line."""
    app.command("status")(status)
