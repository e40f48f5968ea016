"""Commands about the audit: reading it, taking it along, proving that nobody changed it."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlmodel import Session

from service.audit.queries import count_unsealed, find_end, list_entries, read_chain
from service.audit.rules import Break, BreakKind, Entry, Mark, check_chain, parse_mark
from service.auth.rules import Permission
from service.errors import BadInput
from service.home.auditing import AuditQuery, describe_entries, open_audit, read_lines, write_audit_csv
from service.home.command_line import CommandLine, JsonOption, get_command_line, table
from service.home.commands.writing import write_file

audit_app = typer.Typer(no_args_is_help=True, help="The audit: who did what, when.")

Deployment = Annotated[str, typer.Option(help="Of this deployment alone.")]
Who = Annotated[str, typer.Option(help="By or on this user, Transifex user or person's id, or by operator@HOST.")]
Action = Annotated[str, typer.Option(help="What was done, such as deployment.set, or deployment for all of these.")]
Words = Annotated[str, typer.Option(help="Words in what it was done on.")]
Since = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="From this day on, UTC.")]
Until = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="To this day, UTC.")]
_SHOWN = 20


class ExportFormat(StrEnum):
    """How an export is written. ``jsonl`` can be verified again with ``audit verify --file``."""

    CSV = "csv"
    JSONL = "jsonl"


@audit_app.command("list")
def list_latest(
    ctx: typer.Context,
    deployment: Deployment = "",
    who: Who = "",
    action: Action = "",
    words: Words = "",
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 50,
    as_json: JsonOption = False,
) -> None:
    """Show what was done last, the newest first."""
    command_line = get_command_line(ctx)
    wanted = _query(deployment, who, action, words, since, until)
    with command_line.resources.database.read() as session:
        found = open_audit(session, command_line.identity(session), wanted)
        lines = describe_entries(session, list_entries(session, found, limit=limit))
    rows: list[tuple[str, ...]] = [("entry", "when", "who", "action", "deployment", "on", "detail")]
    rows += [
        (str(line.number), f"{line.at:%Y-%m-%d %H:%M}", line.who, line.action, line.deployment, line.subject, line.told)
        for line in lines
    ]
    command_line.show(
        [line.as_json() for line in lines], table(rows) if lines else ["Nothing was found."], as_json=as_json
    )


@audit_app.command("export")
def export(
    ctx: typer.Context,
    output: Annotated[Path, typer.Option("-o", "--output", help="The file to write.")],
    kind: Annotated[ExportFormat, typer.Option("--format", help="How it is written.")] = ExportFormat.JSONL,
    deployment: Deployment = "",
    who: Who = "",
    action: Action = "",
    words: Words = "",
    since: Since = None,
    until: Until = None,
    as_json: JsonOption = False,
) -> None:
    """Write the audit, or what is looked for in it, into a file. JSONL without filters can be verified elsewhere."""
    command_line = get_command_line(ctx)
    wanted = _query(deployment, who, action, words, since, until)
    with command_line.resources.database.read() as session:
        found = open_audit(session, command_line.identity(session), wanted)
        end = find_end(session)
        if kind is ExportFormat.CSV:
            data = write_audit_csv(read_lines(session, found))
        else:
            whole = wanted == AuditQuery() and found.deployment_ids is None
            entries = read_chain(session) if whole else _oldest_first(session, found)
            data = b"".join(_line(entry) for entry in entries)
    write_file(output, data)
    number = data.count(b"\n") - (kind is ExportFormat.CSV)
    lines = [f"{number:,} entries written to {output}"]
    command_line.show(
        {"file": str(output), "entries": number, "end": str(end) if end else None}, lines, as_json=as_json
    )


def _oldest_first(session: Session, found: Any) -> list[Entry]:
    entries: list[Entry] = []
    before: int | None = None
    while page := list_entries(session, found, before=before, limit=1000):
        entries += page
        before = page[-1].number
    return entries[::-1]


def _line(entry: Entry) -> bytes:
    data = {name: getattr(entry, name) for name in Entry.__slots__} | {"at": entry.at.astimezone(UTC).isoformat()}
    return json.dumps(data, sort_keys=True).encode("ascii") + b"\n"


@audit_app.command("verify")
def verify(
    ctx: typer.Context,
    expect: Annotated[
        str | None, typer.Option(help="A place that was printed earlier and kept elsewhere, NUMBER:HASH.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option(help="A JSONL export to look at, instead of the service's own audit.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Compute every hash of the audit again; exit 1 when an entry was changed, removed, added or reordered."""
    command_line = get_command_line(ctx)
    try:
        known = parse_mark(expect) if expect is not None else None
    except ValueError as error:
        raise BadInput(f"{error}.") from error
    tally = _Tally()
    if file is not None:
        breaks = list(check_chain(tally.watch(_read_export(file)), known=known))
    else:
        breaks = _verify_own(command_line, known, tally)
    end = tally.last
    data = {
        "whole": not breaks,
        "entries": tally.count,
        "end": str(end) if end else None,
        "breaks": [{"kind": found.kind.value, "number": found.number, "message": found.message} for found in breaks],
    }
    command_line.show(data, _verdict(breaks, tally), as_json=as_json)
    if breaks:
        raise typer.Exit(1)


class _Tally:
    """Counts entries on their way, and remembers the last."""

    def __init__(self) -> None:
        self.count = 0
        self.last: Mark | None = None

    def watch(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        """Yield what comes."""
        for entry in entries:
            self.count += 1
            self.last = Mark(entry.number, entry.hash)
            yield entry


def _verify_own(command_line: CommandLine, known: Mark | None, tally: _Tally) -> list[Break]:
    with command_line.resources.database.read() as session:
        command_line.identity(session).require(Permission.AUDIT_VIEW, None)
        breaks = list(check_chain(tally.watch(read_chain(session)), end=find_end(session), known=known))
        beside = count_unsealed(session)
    if beside:
        breaks.append(
            Break(BreakKind.UNSEALED, 0, f"{beside} entries have no place: they were not written by the service.")
        )
    return breaks


def _verdict(breaks: list[Break], tally: _Tally) -> Iterable[str]:
    for found in breaks[:_SHOWN]:
        yield found.message
    if len(breaks) > _SHOWN:
        yield f"… and {len(breaks) - _SHOWN:,} more places; --json lists all"
    if breaks:
        yield f"NOT whole: {len(breaks):,} of {tally.count:,} places do not hold"
        return
    yield f"whole: {tally.count:,} entries, each as it was written"
    if tally.last is not None:
        yield f"the last one is {tally.last}: note it elsewhere, and give it to --expect next time"


def _read_export(file: Path) -> Iterator[Entry]:
    try:
        with file.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                yield _parse_line(file, number, line)
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}.") from error


def _parse_line(file: Path, number: int, line: bytes) -> Entry:
    try:
        data = json.loads(line)
        entry = Entry(**{**data, "at": datetime.fromisoformat(data["at"])})
        if isinstance(entry.number, bool) or not isinstance(entry.number, int) or not isinstance(entry.hash, str):
            raise TypeError
        return entry
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise BadInput(f"{file}: line {number} is no entry as `audit export` writes it.") from error


def _query(
    deployment: str, who: str, action: str, words: str, since: datetime | None, until: datetime | None
) -> AuditQuery:
    return AuditQuery(deployment, who, action, words, since and since.date(), until and until.date())


def mount(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.add_typer(audit_app, name="audit")
