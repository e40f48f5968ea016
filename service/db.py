"""The database: one schema on SQLite and PostgreSQL, reads and writes told apart.

SQLite runs in WAL mode. Its writers wait in one queue of ours, a lock in the process and a lock on a side file between
processes: SQLite's own busy handler sleeps and polls, so waiting writers starve (measured: the 99th percentile of a
small write falls from over a second to under 0.2 s). PostgreSQL queues by row and needs none of this.
"""

import contextlib
import fcntl
import threading
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Enum, MetaData, create_engine, event
from sqlalchemy.engine import make_url
from sqlmodel import Session, SQLModel

from service.errors import BadInput

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


_MESSAGES = "after_commit"
_LAST_WORK = "before_commit"


def before_commit(session: Session, work: Callable[[Session], None], *, last: bool = False) -> None:
    """Have ``work`` done once before the write transaction is committed; ``last``: after all other such work.

    The order is the same in every transaction, so that what they lock there never makes a ring.
    """
    session.info.setdefault(_LAST_WORK, {})[work] = last


def tell_after_commit(session: Session, message: int) -> None:
    """Have the database's listeners told ``message`` once the write transaction is committed, and never before."""
    session.info.setdefault(_MESSAGES, []).append(message)


class Table(SQLModel):
    """The base of every table. A table class does not validate: build rows from validated values only."""

    metadata = MetaData(naming_convention=NAMING)


def enum_type(values: type[StrEnum], name: str) -> Enum:
    """Return a column type that stores the enum's *values* as text under a CHECK called ``name``."""
    return Enum(
        values,
        values_callable=lambda members: [member.value for member in members],
        native_enum=False,
        create_constraint=True,
        name=name,
        length=40,
    )


class Database:
    """An engine and the two ways to use it. Made once, in ``app.py``, ``cli.py`` or ``worker.py``."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = self._make_engine()
        self._write_engine = self.engine.execution_options(bridge_write=True)
        self._gate = _WriteGate(self._gate_file()) if self.is_sqlite else contextlib.nullcontext()
        self._listeners: tuple[Callable[[int], None], ...] = ()

    def _gate_file(self) -> Path | None:
        name = self.url.database
        return Path(f"{name}.gate") if name and name != ":memory:" else None

    def _make_engine(self) -> Engine:
        # Above the number of threads that serve requests (anyio's 40), so that none waits for a connection.
        size = {"pool_size": 10, "max_overflow": 40}
        if not self.is_sqlite:
            engine = create_engine(self.url, **size, pool_pre_ping=True)
            event.listen(engine, "connect", _prepare_postgresql)
            event.listen(engine, "before_cursor_execute", _refuse_nul)
            return engine
        engine = create_engine(self.url, **size, connect_args={"timeout": 30, "check_same_thread": False})
        event.listen(engine, "before_cursor_execute", _refuse_nul)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine

    @contextlib.contextmanager
    def read(self) -> Iterator[Session]:
        """Yield a session that sees one moment of the database and cannot write."""
        with Session(self.engine, autoflush=False, expire_on_commit=False) as session:
            if not self.is_sqlite:
                session.connection(
                    execution_options={"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
                )
            yield session

    @contextlib.contextmanager
    def write(self) -> Iterator[Session]:
        """Yield a session in a write transaction; commit when the block ends, roll back when it raises.

        Nobody else writes to a SQLite database meanwhile, so never wait for the network inside.
        """
        with self._gate, Session(self._write_engine, expire_on_commit=False) as session:
            try:
                yield session
                session.flush()
                works: dict[Any, bool] = session.info.pop(_LAST_WORK, {})
                for work in sorted(works, key=lambda each: (works[each], each.__module__, each.__qualname__)):
                    work(session)
                session.commit()
            except BaseException:
                session.rollback()
                raise
        # After the gate: whoever writes next need not wait for what listeners do.
        for message in dict.fromkeys(session.info.get(_MESSAGES, ())):
            for listener in self._listeners:
                listener(message)

    @contextlib.contextmanager
    def listening(self, listener: Callable[[int], None]) -> Iterator[None]:
        """Have ``listener`` told what :func:`tell_after_commit` was given in transactions of this object.

        It is called in the thread that committed, and must not raise.
        """
        self._listeners += (listener,)
        try:
            yield
        finally:
            self._listeners = tuple(other for other in self._listeners if other is not listener)

    @contextlib.contextmanager
    def change_schema(self) -> Iterator[Connection]:
        """Yield a connection in a transaction for migrations: one migrates at a time, all at once or not at all.

        SQLite changes most tables by copying them, which foreign keys would forbid: they are off meanwhile, and
        checked before the commit.
        """
        with self._gate, self._write_engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            if self.is_sqlite:
                driver.execute("PRAGMA foreign_keys=OFF")
            try:
                with connection.begin():
                    if not self.is_sqlite:
                        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7206171)")
                    yield connection
                    if self.is_sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                        raise RuntimeError("the migration broke a foreign key; nothing was changed")
            finally:
                if self.is_sqlite:
                    driver.execute("PRAGMA foreign_keys=ON")

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


class _WriteGate:
    """One queue for the writers of a SQLite file: between threads by a lock, between processes by a locked file."""

    def __init__(self, file: Path | None) -> None:
        self._lock = threading.Lock()
        self._file = file
        self._owner: int | None = None
        self._handle: Any = None

    def __enter__(self) -> None:
        if self._owner == threading.get_ident():
            raise RuntimeError("a write transaction was opened inside another one in the same thread")
        self._lock.acquire()
        self._owner = threading.get_ident()
        try:
            if self._file is not None:
                self._handle = self._file.open("ab")
                fcntl.flock(self._handle, fcntl.LOCK_EX)
        except BaseException:
            self._leave()
            raise

    def __exit__(self, *_: object) -> None:
        self._leave()

    def _leave(self) -> None:
        handle, self._handle = self._handle, None
        if handle is not None:
            handle.close()
        self._owner = None
        self._lock.release()


def _prepare_postgresql(connection: Any, _record: object) -> None:
    # The planner thinks a page's counts dear enough to compile them, which takes far longer (1.8 s) than to run them.
    connection.execute("SET jit = off")
    # It also thinks of disks that seek: it would rather read every translation than look up the few of one form.
    connection.execute("SET random_page_cost = 1.1")
    connection.commit()


def _refuse_nul(_c: Connection, _d: object, _statement: str, parameters: Any, _context: object, _many: bool) -> None:
    # PostgreSQL can hold no NUL in a text; SQLite can, and then a backup of it could not be restored there.
    # A list is one of rows; SQLAlchemy also says "many" of a single row that it inserts with others.
    for row in parameters if isinstance(parameters, list) else (parameters,):
        for value in row.values() if isinstance(row, dict) else row:
            if isinstance(value, str) and "\0" in value:
                raise BadInput("A text holds the character NUL, which cannot be stored: take it out and send it again.")


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver must not open transactions by itself: _begin_sqlite does.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writes = bool(connection.get_execution_options().get("bridge_write"))
    connection.exec_driver_sql(f"PRAGMA query_only={'OFF' if writes else 'ON'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
