"""Commands about progress: how far and how fast, deadlines, and proving the counters."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from service.auth.rules import Permission
from service.catalog.service.counters import Difference, compare_counters, repair_counters
from service.deployments.service import find_locale, list_deployments
from service.errors import BadInput, NotReady
from service.home.command_line import JsonOption, Locale, Slug, get_command_line, table
from service.home.deadlines import change_deadline
from service.home.progress import YEAR, LanguageProgress, describe_languages, list_needs, need_data
from service.home.progress_files import FileFormat, Table, language_file, languages_file
from service.progress.queries import list_deadlines
from service.progress.rules.forecast import Forecast
from service.progress.rules.needs import Need

progress_app = typer.Typer(no_args_is_help=True, help="How far each language is, how fast, and when it may be done.")
deadline_app = typer.Typer(no_args_is_help=True, help="The days by which languages are to be done.")

_MOST = 20
OneLocale = Annotated[str | None, typer.Option("--locale", help="Look at this language alone.")]


@progress_app.command("show")
def show(ctx: typer.Context, slug: Slug, locale: OneLocale = None, as_json: JsonOption = False) -> None:
    """Show how far each language is, how fast, when it may be done, and what needs someone."""
    command_line = get_command_line(ctx)
    now = command_line.resources.clock()
    with command_line.resources.database.read() as session:
        deployment, _ = command_line.deployment(session, slug, Permission.DEPLOYMENT_VIEW, changing=False)
        if locale is not None:
            find_locale(session, deployment, locale)
        languages = describe_languages(session, deployment, now=now, locales=None if locale is None else [locale])
        needs = list_needs(session, deployment, languages, today=now.date())
    wanted = [need for need in needs if locale is None or need.locale == locale]
    data = {
        "languages": [language.as_json() for language in languages],
        "needs": [need_data(need) for need in wanted],
    }
    command_line.show(data, _progress_lines(languages, wanted), as_json=as_json)


@progress_app.command("export")
def export(
    ctx: typer.Context,
    slug: Slug,
    file: Annotated[Path, typer.Argument(help="The file to write: its ending, .csv, .xlsx or .json, says how.")],
    locale: OneLocale = None,
    what: Annotated[Table, typer.Option("--what", help="With --locale: its forms or its days.")] = Table.FORMS,
    as_json: JsonOption = False,
) -> None:
    """Write the languages of a deployment, or the forms or days of one of them, into a file."""
    command_line = get_command_line(ctx)
    try:
        wanted = FileFormat(file.suffix.lower().removeprefix("."))
    except ValueError as error:
        raise BadInput(f"{file} must end in .csv, .xlsx or .json.") from error
    now = command_line.resources.clock()
    with command_line.resources.database.read() as session:
        deployment, _ = command_line.deployment(session, slug, Permission.DEPLOYMENT_VIEW, changing=False)
        if locale is None:
            languages = describe_languages(session, deployment, now=now)
            written = languages_file(deployment, languages, wanted, today=now.date())
        else:
            find_locale(session, deployment, locale)
            (language,) = describe_languages(session, deployment, now=now, locales=[locale], days=YEAR)
            written = language_file(session, deployment, language, what, wanted, today=now.date())
    try:
        file.write_bytes(written.data)
    except OSError as error:
        raise NotReady(f"{file} cannot be written: {error.strerror}.") from error
    command_line.show({"file": str(file), "bytes": len(written.data)}, [f"written to {file}"], as_json=as_json)


def _progress_lines(languages: Iterable[LanguageProgress], needs: Iterable[Need]) -> Iterable[str]:
    head = ("locale", "approved", "waiting", "translated", "stale", "words left", "words/day", "forecast", "deadline")
    rows = [_progress_row(language) for language in languages]
    if not rows:
        yield "the deployment has no language"
        return
    yield from table([head, *rows])
    told = [_need_line(need) for need in needs]
    if told:
        yield ""
        yield "needs someone:"
        yield from (f"  {line}" for line in told)


def _progress_row(language: LanguageProgress) -> tuple[str, ...]:
    counts, told = language.counts, language.forecast
    speed = "–" if told.translated is None else f"{told.translated:.0f} / {told.reviewed:.0f}"
    return (
        language.locale, f"{counts.approved_percent}%", str(counts.waiting), str(counts.translated), str(counts.stale),
        str(counts.words - counts.approved_words), speed, forecast_words(told),
        language.deadline.day.isoformat() if language.deadline else "–",
    )  # fmt: skip


def forecast_words(told: Forecast) -> str:
    """Return a forecast in a few words."""
    if told.done:
        return "done"
    if told.why is not None:
        return told.why.value.replace("-", " ")
    end = told.latest.isoformat() if told.latest else "open"
    limit = f" ({told.limit.value} limits)" if told.limit else ""
    return f"{told.earliest} to {end}{limit}"


def _need_line(need: Need) -> str:
    where = f"{need.locale}: " if need.locale else ""
    day = f" {need.day.isoformat()}" if need.day else ""
    number = f" ({need.number:,})" if need.number else ""
    return f"{where}{need.kind.value.replace('-', ' ')}{day}{number}"


@deadline_app.command("list")
def show_deadlines(ctx: typer.Context, slug: Slug, as_json: JsonOption = False) -> None:
    """Show the deadlines of a deployment."""
    command_line = get_command_line(ctx)
    with command_line.resources.database.read() as session:
        deployment, _ = command_line.deployment(session, slug, Permission.DEPLOYMENT_VIEW, changing=False)
        rows = list_deadlines(session, deployment.id or 0)
    data = [{"locale": locale, "day": row.day, "note": row.note} for locale, row in rows.items()]
    lines = [f"{locale}  {row.day.isoformat()}  {row.note}".rstrip() for locale, row in rows.items()]
    command_line.show({"deadlines": data}, lines or ["no language has a deadline"], as_json=as_json)


@deadline_app.command("set")
def set_day(
    ctx: typer.Context,
    slug: Slug,
    locale: Locale,
    day: Annotated[str, typer.Argument(help="The day, such as 2026-06-30.")],
    note: Annotated[str, typer.Option("--note", help="Why that day: shown beside it.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Say by which day a language is to be approved whole, in place of an earlier day."""
    command_line = get_command_line(ctx)
    try:
        wanted = date.fromisoformat(day)
    except ValueError as error:
        raise BadInput(f"{day!r} is no day: write it as 2026-06-30.") from error
    with command_line.resources.database.write() as session:
        deployment, identity = command_line.deployment(session, slug, Permission.DEPLOYMENT_MANAGE, locale)
        now = command_line.resources.clock()
        change_deadline(
            session, deployment, locale, wanted, note=note, actor=identity.actor, now=now,
            public_url=command_line.settings.public_url,
        )  # fmt: skip
    data = {"locale": locale, "day": wanted, "note": note.strip()}
    command_line.show(data, [f"{locale} is to be done by {wanted.isoformat()}"], as_json=as_json)


@deadline_app.command("drop")
def drop_day(ctx: typer.Context, slug: Slug, locale: Locale, as_json: JsonOption = False) -> None:
    """Take the deadline of a language away."""
    command_line = get_command_line(ctx)
    with command_line.resources.database.write() as session:
        deployment, identity = command_line.deployment(session, slug, Permission.DEPLOYMENT_MANAGE, locale)
        change_deadline(
            session, deployment, locale, None, actor=identity.actor, now=command_line.resources.clock(),
            public_url=command_line.settings.public_url,
        )  # fmt: skip
    command_line.show({"locale": locale, "day": None}, [f"{locale} has no deadline any more"], as_json=as_json)


@progress_app.command("recount")
def recount(
    ctx: typer.Context,
    slug: Annotated[
        str | None, typer.Argument(help="The deployment's short name; all that you may see when left out.")
    ] = None,
    repair: Annotated[bool, typer.Option("--repair", help="Set the counters to what was counted.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Count every text anew and compare with the counters that are kept; exit 1 where they differ and stay so."""
    command_line = get_command_line(ctx)
    permission = Permission.DEPLOYMENT_MANAGE if repair else Permission.DEPLOYMENT_VIEW
    database = command_line.resources.database
    with database.read() as session:
        identity = command_line.identity(session)
        slugs = [slug] if slug else [row.slug for row in list_deployments(session) if identity.can_see(row.id or 0)]
    found: dict[str, list[Difference]] = {}
    for name in slugs:
        with database.write() if repair else database.read() as session:
            deployment, identity = command_line.deployment(session, name, permission, changing=False)
            if repair:
                now = command_line.resources.clock()
                found[name] = repair_counters(session, deployment, actor=identity.actor, now=now)
            else:
                found[name] = compare_counters(session, deployment.id or 0)
    wrong = any(found.values())
    data = {"deployments": {name: [_data(row) for row in rows] for name, rows in found.items()}, "repaired": repair}
    command_line.show(data, _lines(found, repair=repair), as_json=as_json)
    if wrong and not repair:
        raise typer.Exit(1)


def _data(row: Difference) -> dict[str, str | int]:
    return {
        "locale": row.locale, "form": row.record_key, "number": row.name, "kept": row.kept, "counted": row.counted,
    }  # fmt: skip


def _lines(found: dict[str, list[Difference]], *, repair: bool) -> Iterable[str]:
    if not found:
        yield "there is no deployment to count"
    for slug, rows in found.items():
        if not rows:
            yield f"{slug}: the counters are true"
            continue
        done = "set right" if repair else "wrong; --repair sets them right"
        yield f"{slug}: {len(rows):,} {'number was' if len(rows) == 1 else 'numbers were'} {done}"
        head = ("locale", "form or lookup", "number", "kept", "counted")
        cells = [(row.locale or "source", row.record_key, row.name, row.kept, row.counted) for row in rows[:_MOST]]
        yield from table([head, *cells])
        if len(rows) > _MOST:
            yield f"… and {len(rows) - _MOST:,} more; --json lists all"


def mount(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.add_typer(progress_app, name="progress")
    app.add_typer(deadline_app, name="deadline")
