"""One file with the whole database, written from and restored into any of the databases the service runs on.

The database is the ledger of approvals. The file is gzip'd JSON lines: a header, the rows of each table in an order
that foreign keys allow, and a last line with the count of rows and the SHA-256 of every line before it. The key that
opens stored secrets is not in it; sessions and password links are left out, because they end anyway.
"""

import base64
import contextlib
import gzip
import hashlib
import json
import os
import tempfile
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, DateTime, LargeBinary, Table, func, insert, select, text

from service.db import Database
from service.errors import BadInput, NotReady, Refused
from service.migrations import current_revision
from service.tables import metadata

FORMAT = "primero-bridge-backup/1"
LEFT_OUT = frozenset({"login_session", "password_link"})
_CHUNK = 500


def _tables() -> list[Table]:
    return [table for table in metadata.sorted_tables if table.name not in LEFT_OUT]


def write_backup(database: Database, file: Path, now: datetime, version: str) -> dict[str, Any]:
    """Write the database, as it is at one moment, into a new file readable by its owner alone.

    Returns:
        ``rows`` (number by table), ``revision``, ``sha256`` (of the content's lines), ``file``.

    Raises:
        BadInput: the file exists already or cannot be written.
        NotReady: the database has no schema.
    """
    revision = current_revision(database)
    if revision is None:
        raise NotReady("The database is empty: there is nothing to back up.")
    if file.exists():
        raise BadInput(f"{file} exists already: a backup never overwrites a file.")
    header = {"format": FORMAT, "revision": revision, "version": version, "written_at": now.isoformat()}
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    except OSError as error:
        raise BadInput(f"{file} cannot be written: {error.strerror}.") from error
    partial = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as raw:
            with gzip.GzipFile(fileobj=raw, mode="wb", mtime=0) as packed, database.read() as session:
                rows, digest = _write_lines(packed, header, session.connection())
            raw.flush()
            os.fsync(raw.fileno())
        # Unlike a rename, a link never replaces what somebody else put there meanwhile.
        os.link(partial, file)
    except FileExistsError as error:
        raise BadInput(f"{file} exists already: a backup never overwrites a file.") from error
    except OSError as error:
        raise BadInput(f"{file} cannot be written: {error.strerror}.") from error
    finally:
        partial.unlink(missing_ok=True)
    return {"file": str(file), "revision": revision, "sha256": digest, "rows": rows}


def _write_lines(packed: gzip.GzipFile, header: dict[str, str], connection: Connection) -> tuple[dict[str, int], str]:
    digest = hashlib.sha256()
    rows: dict[str, int] = {}

    def write(value: object) -> None:
        line = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        digest.update(line)
        packed.write(line)

    write(header)
    for table in _tables():
        rows[table.name] = 0
        query = select(table).order_by(*table.primary_key.columns)
        for row in connection.execution_options(stream_results=True, yield_per=_CHUNK).execute(query):
            write([table.name, [_plain(value) for value in row]])
            rows[table.name] += 1
    columns = {table.name: [column.name for column in table.columns] for table in _tables()}
    end = {"rows": rows, "columns": columns, "sha256": digest.hexdigest()}
    packed.write(json.dumps(end, separators=(",", ":")).encode() + b"\n")
    return rows, digest.hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return value


def restore_backup(database: Database, file: Path) -> dict[str, Any]:
    """Fill an empty database from a backup: everything in one transaction, ids kept.

    Returns:
        ``rows`` (number by table), ``revision``, ``sha256``.

    Raises:
        BadInput: the file is not a whole backup.
        Refused: the database is not empty, or the backup is of another version.
    """
    header, end = _verify(file)
    revision = current_revision(database)
    if header["revision"] != revision:
        raise Refused(
            f"The backup is of revision {header['revision']} (primero-bridge {header['version']}), this database is of "
            f"{revision}: restore it with that version, then upgrade."
        )
    with database.write() as session:
        connection = session.connection()
        _require_empty(connection)
        _insert(connection, file, end["columns"])
        if not database.is_sqlite:
            _reset_sequences(connection)
    return {"revision": revision, "sha256": end["sha256"], "rows": end["rows"]}


def _lines(file: Path) -> Iterator[bytes]:
    try:
        with gzip.open(file, "rb") as packed:
            yield from packed
    except (OSError, EOFError, zlib.error) as error:
        raise BadInput(f"{file} is not a whole backup of primero-bridge: it cannot be unpacked.") from error


def _verify(file: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Read the whole file once, before anything is written."""
    digest = hashlib.sha256()
    header: dict[str, Any] | None = None
    rows: dict[str, int] = {table.name: 0 for table in _tables()}
    last: Any = None
    for line in _lines(file):
        value = _parse(file, line)
        if header is None:
            header = value if isinstance(value, dict) and value.get("format") == FORMAT else None
            if header is None:
                raise BadInput(f"{file} is not a backup of primero-bridge, or one of another format than {FORMAT}.")
        if isinstance(value, dict) and "sha256" in value:
            last = value
            continue
        digest.update(line)
        if isinstance(value, list):
            rows[str(value[0])] = rows.get(str(value[0]), 0) + 1
    if header is None or last is None or last["sha256"] != digest.hexdigest() or last["rows"] != rows:
        raise BadInput(f"{file} is damaged: its checksum or its counts do not agree; use another copy.")
    return header, last


def _parse(file: Path, line: bytes) -> Any:
    try:
        return json.loads(line)
    except ValueError as error:
        raise BadInput(f"{file} is not a backup of primero-bridge.") from error


def _require_empty(connection: Connection) -> None:
    for table in _tables():
        if connection.execute(select(func.count()).select_from(table)).scalar_one():
            raise Refused(
                f"The database is not empty (there are rows in {table.name}): restore into a new one, set by "
                "BRIDGE_DATA_DIR or BRIDGE_DATABASE_URL."
            )


def _insert(connection: Connection, file: Path, columns: dict[str, list[str]]) -> None:
    tables = {table.name: table for table in _tables()}
    waiting: list[dict[str, Any]] = []
    current = ""

    def flush() -> None:
        if waiting:
            connection.execute(insert(tables[current]), waiting)
            waiting.clear()

    for line in _lines(file):
        value = _parse(file, line)
        if not isinstance(value, list):
            continue
        name, values = value
        if name != current or len(waiting) >= _CHUNK:
            flush()
            current = name
        row = zip(columns[name], values, strict=True)
        waiting.append({column: _typed(tables[name], column, given) for column, given in row})
    flush()


def _typed(table: Table, column: str, value: Any) -> Any:
    kind = table.columns[column].type
    if value is None:
        return None
    if isinstance(kind, LargeBinary):
        return base64.b64decode(value)
    if isinstance(kind, DateTime) or "UTCDateTime" in type(kind).__name__:
        return datetime.fromisoformat(value)
    with contextlib.suppress(AttributeError):
        enum_class = kind.enum_class  # type: ignore[attr-defined]
        return enum_class(value) if enum_class is not None else value
    return value


def _reset_sequences(connection: Connection) -> None:
    for table in _tables():
        if "id" in table.columns and table.columns["id"].autoincrement and str(table.columns["id"].type) == "INTEGER":
            name = table.name
            connection.execute(
                text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), COALESCE(MAX(id), 1)) FROM {name}")  # noqa: S608
            )
