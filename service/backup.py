"""One file with the whole database, written from and restored into any of the databases the service runs on.

The database is the ledger of approvals. The file is gzip'd JSON lines: a header with the revision and the columns, the
rows of each table in an order that foreign keys allow, and a last line with the number of rows and the SHA-256 of every
line before it. The key that opens stored secrets is not in it; sessions and password links are left out, because they
end anyway.
"""

import base64
import errno
import gzip
import hashlib
import json
import os
import tempfile
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

from alembic.migration import MigrationContext
from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import (
    Column,
    Connection,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    Table,
    TypeDecorator,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy import Enum as EnumType
from sqlalchemy.exc import DataError, IntegrityError
from sqlmodel import col

from service.announcing.models import TargetState, WebhookTarget
from service.db import Database
from service.deployments.models import Deployment
from service.errors import BadInput, NotReady, Refused
from service.jobs.models import Job, JobState
from service.jobs.service import ACTIVE
from service.migrations import head_revision
from service.tables import metadata

FORMAT = "primero-bridge-backup/1"
PASSING = frozenset({"process_lease", "request_allowance", "tally"})
"""Tables about the processes of this moment: they stand in no backup, and a database that has only them is empty."""
LEFT_OUT = PASSING | {"login_session", "password_link", "password_request"}
_ROWS = 500
_BYTES = 1_000_000
"""Rows go in together up to this number and this size: one snapshot can be larger than a thousand decisions."""
_HEADER_LIMIT = 1_000_000
_LEVEL = 6
_NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS})


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class _Header(_Line):
    """The first line. ``columns`` by table, in the order of each row's values."""

    format: str
    revision: str
    version: str
    written_at: str
    columns: dict[str, list[str]]


class _End(_Line):
    """The last line: ``rows`` by table, ``sha256`` of all lines before."""

    rows: dict[str, int]
    sha256: str


_L = TypeVar("_L", bound=_Line)


def _tables() -> list[Table]:
    return [table for table in metadata.sorted_tables if table.name not in LEFT_OUT]


def _columns() -> dict[str, list[str]]:
    return {table.name: [column.name for column in table.columns] for table in _tables()}


def write_backup(database: Database, file: Path, now: datetime, version: str) -> dict[str, Any]:
    """Write the database, as it is at one moment, into a new file readable by its owner alone.

    Returns:
        ``rows`` (number by table), ``revision``, ``sha256`` (of the content's lines), ``file``.

    Raises:
        BadInput: the file exists already or cannot be written.
        NotReady: the database is not of this version.
    """
    if os.path.lexists(file):
        raise _exists(file)
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{file.name[:100]}.", suffix=".part", dir=file.parent)
    except OSError as error:
        raise _unwritable(file, error) from error
    partial = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as raw:
            with (
                gzip.GzipFile(fileobj=raw, mode="wb", mtime=0, compresslevel=_LEVEL) as packed,
                database.read() as session,
            ):
                header, end = _write_lines(packed, session.connection(), now, version)
            raw.flush()
            os.fsync(raw.fileno())
        _put(partial, file)
    except OSError as error:
        raise _unwritable(file, error) from error
    finally:
        partial.unlink(missing_ok=True)
    return {"file": str(file), "revision": header.revision, "sha256": end.sha256, "rows": end.rows}


def _exists(file: Path) -> BadInput:
    return BadInput(f"{file} exists already: a backup never overwrites a file, name another one.")


def _unwritable(file: Path, error: OSError) -> BadInput:
    return BadInput(f"{file} cannot be written: {error.strerror or error}.")


def _put(partial: Path, file: Path) -> None:
    """Give the finished file its name, in whose place nothing may stand."""
    try:
        # Unlike a rename, a link never replaces what somebody else put there meanwhile.
        os.link(partial, file)
    except FileExistsError as error:
        raise _exists(file) from error
    except OSError as error:
        # Memory sticks and some network folders know no links.
        if error.errno not in _NO_LINKS:
            raise
        if os.path.lexists(file):
            raise _exists(file) from error
        partial.rename(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _write_lines(packed: gzip.GzipFile, connection: Connection, now: datetime, version: str) -> tuple[_Header, _End]:
    # Asked within the transaction that reads the rows: an upgrade may be under way.
    revision, head = _revision(connection), head_revision()
    if revision is None or revision != head:
        raise NotReady(
            f"The database is at revision {revision or 'nothing'}, this version of primero-bridge needs {head}: "
            "make the backup with the version that the database is of."
        )
    header = _Header(
        format=FORMAT,
        revision=revision,
        version=version,
        written_at=now.astimezone(UTC).isoformat(),
        columns=_columns(),
    )
    digest = hashlib.sha256()

    def write(line: bytes) -> None:
        digest.update(line)
        packed.write(line)

    write(_line(header.model_dump()))
    rows = {}
    for table in _tables():
        rows[table.name] = 0
        # Rows with files in them come one by one.
        chunk = 1 if any(isinstance(column.type, LargeBinary) for column in table.columns) else _ROWS
        query = select(table).order_by(*table.primary_key.columns).execution_options(yield_per=chunk)
        for row in connection.execute(query):
            write(_line([table.name, [_plain(value) for value in row]]))
            rows[table.name] += 1
    end = _End(rows=rows, sha256=digest.hexdigest())
    packed.write(_line(end.model_dump()))
    return header, end


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _line(value: object) -> bytes:
    # ASCII: what is no valid text, half of a surrogate pair in JSON for one, comes back as it was.
    return json.dumps(value, separators=(",", ":")).encode("ascii") + b"\n"


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return value


def restore_backup(database: Database, file: Path) -> dict[str, Any]:
    """Fill an empty database from a backup: everything in one transaction, ids kept.

    Jobs that were queued or running are ended, and deployments are pushed only when asked: nothing is sent to Transifex
    because of a restore, which may be of an older state than what stands there.

    Returns:
        ``rows`` (number by table), ``revision``, ``sha256``.

    Raises:
        BadInput: the file is not a whole backup.
        NotReady: the database has not the schema of this version.
        Refused: the database is not empty, the backup is of another version, or the database does not take a row.
    """
    backup = _Backup(file)
    with database.read() as session:
        if _revision(session.connection()) != head_revision():
            raise NotReady("The database has not the schema of this version: run `primero-bridge db upgrade` first.")
        _require_empty(session.connection())
    for _ in backup.rows():
        pass  # Reading to the end is what finds damage, before anything in the file is believed.
    with database.write() as session:
        connection = session.connection()
        if not database.is_sqlite:
            names = ", ".join(connection.dialect.identifier_preparer.format_table(table) for table in _tables())
            connection.execute(text(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE"))
        _require_revision(connection, backup.header)
        _require_empty(connection)
        end = _insert(connection, backup)
        _end_jobs(connection, datetime.fromisoformat(backup.header.written_at))
        connection.execute(update(Deployment).values(push_by_itself=False))
        connection.execute(update(WebhookTarget).values(state=TargetState.STOPPED))
        if not database.is_sqlite:
            _reset_sequences(connection)
    return {"revision": backup.header.revision, "sha256": end.sha256, "rows": end.rows}


def _require_revision(connection: Connection, header: _Header) -> None:
    revision = _revision(connection)
    if header.revision != revision or header.columns != _columns():
        raise Refused(
            f"The backup is of revision {header.revision} (primero-bridge {header.version}), this database is of "
            f"{revision or 'nothing'}: restore it with that version, then upgrade."
        )


def _require_empty(connection: Connection) -> None:
    for table in metadata.sorted_tables:
        if table.name in PASSING:
            continue
        if connection.execute(select(table.primary_key.columns[0]).limit(1)).first() is not None:
            raise Refused(
                f"The database is not empty (there are rows in {table.name}): restore into a new one, set by "
                "BRIDGE_DATA_DIR or BRIDGE_DATABASE_URL."
            )


class _Backup:
    """A backup file, read line by line; each reading finds out anew whether it is whole."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.end: _End | None = None
        self.header = self._parse_header(next(self._lines(), b""))

    def rows(self) -> Iterator[tuple[str, list[Any], int]]:
        """Yield each row: its table, its values as they stand in the file, the length of its line.

        Raises:
            BadInput: the file is damaged or not whole; only the end of it can tell.
        """
        lines = self._lines()
        digest = hashlib.sha256(next(lines, b""))
        counts = dict.fromkeys(self.header.columns, 0)
        self.end = None
        for line in lines:
            value = self._parse(line)
            if isinstance(value, dict):
                self.end = self._model(_End, value)
                break
            table, values = self._row(value)
            digest.update(line)
            counts[table] += 1
            yield table, values, len(line)
        if self.end is None or next(lines, None) is not None:
            raise self._damaged("it does not end as it should")
        if self.end.sha256 != digest.hexdigest() or self.end.rows != counts:
            raise self._damaged("its checksum or its counts do not agree")

    def _lines(self) -> Iterator[bytes]:
        try:
            with gzip.open(self._file, "rb") as packed:
                yield packed.readline(_HEADER_LIMIT)
                yield from packed
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise self._damaged("it cannot be unpacked to its end") from error
        except OSError as error:
            raise BadInput(f"{self._file} cannot be read: {error.strerror or error}.") from error

    def _parse_header(self, line: bytes) -> _Header:
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict) or value.get("format") != FORMAT:
            raise BadInput(f"{self._file} is not a backup of primero-bridge, or one of another format than {FORMAT}.")
        return self._model(_Header, value)

    def _parse(self, line: bytes) -> Any:
        try:
            return json.loads(line)
        except (ValueError, RecursionError) as error:
            raise self._damaged("a line cannot be read") from error

    def _model(self, kind: type[_L], value: object) -> _L:
        try:
            return kind.model_validate(value)
        except ValidationError as error:
            raise self._damaged("its first or last line cannot be read") from error

    def _row(self, value: Any) -> tuple[str, list[Any]]:
        match value:
            case [str(name), list(values)] if len(values) == len(self.header.columns.get(name, ())) > 0:
                return name, values
        raise self._damaged("a line cannot be read")

    def _damaged(self, how: str) -> BadInput:
        return BadInput(f"{self._file} is not a whole backup of primero-bridge ({how}): use another copy.")


def _insert(connection: Connection, backup: _Backup) -> _End:
    tables = {table.name: table for table in _tables()}
    readers = {table.name: [(column.name, _reader(column)) for column in table.columns] for table in tables.values()}
    waiting: list[dict[str, Any]] = []
    current, size = "", 0
    for name, values, length in backup.rows():
        if waiting and (name != current or len(waiting) >= _ROWS or size >= _BYTES):
            _execute(connection, tables[current], waiting)
            waiting, size = [], 0
        current, size = name, size + length
        pairs = zip(readers[name], values, strict=True)
        waiting.append({column: None if value is None else read(value) for (column, read), value in pairs})
    if waiting:
        _execute(connection, tables[current], waiting)
    assert backup.end is not None
    return backup.end


def _execute(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    try:
        connection.execute(insert(table), rows)
    except (DataError, IntegrityError) as error:
        # Its own text holds the row.
        raise Refused(
            f"This database does not take a row of the table {table.name} ({type(error.orig).__name__}): "
            "nothing was restored; restore into a database of the kind that the backup was made of."
        ) from error


def _reader(column: Column[Any]) -> Callable[[Any], Any]:
    """Return what makes the value that the column takes of the one in the file."""
    kind = column.type.impl if isinstance(column.type, TypeDecorator) else column.type
    if isinstance(kind, DateTime):
        return datetime.fromisoformat
    if isinstance(kind, Date):
        return date.fromisoformat
    if isinstance(kind, LargeBinary):
        return base64.b64decode
    return kind.enum_class if isinstance(kind, EnumType) and kind.enum_class else lambda value: value


def _end_jobs(connection: Connection, at: datetime) -> None:
    message = "The database was restored from a backup made meanwhile: start it again if it is still wanted."
    ended = {"state": JobState.FAILED, "message": message, "owner": None, "lease_until": None, "ended_at": at}
    connection.execute(update(Job).where(col(Job.state).in_(ACTIVE)).values(ended))


def _reset_sequences(connection: Connection) -> None:
    for table in _tables():
        column = table.autoincrement_column
        if column is None or not isinstance(column.type, Integer):
            continue
        sequence = func.pg_get_serial_sequence(connection.dialect.identifier_preparer.format_table(table), column.name)
        connection.execute(select(func.setval(sequence, func.coalesce(func.max(column), 0) + 1, False)))
