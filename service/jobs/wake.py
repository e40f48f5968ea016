"""Waking workers by huey, so that a job starts without anybody having to look for it.

The ledger is the truth; a wake-up carries the job's id and says no more than "look now". It may be lost, come twice or
be about a job that has ended: every worker also looks by itself now and then, and claims jobs in the ledger alone.
huey's own scheduling, results and retries are not used.
"""

import contextlib
import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from typing import Any

import psycopg
from huey.api import Huey, Task
from huey.consumer import Consumer, Scheduler, ThreadEnvironment, Worker
from huey.storage import PostgresStorage, RedisStorage, SqliteStorage
from sqlalchemy.engine import make_url

from service.errors import BadInput

log = logging.getLogger(__name__)

SCHEMA = "bridge_queue"
"""The schema of huey's tables on PostgreSQL: neither migrations nor backups look into it."""
LOOK_SECONDS = 5.0
"""Between two looks of a worker into the ledger: as long a job waits whose wake-up was lost."""
_POLL_SECONDS = 0.5
"""Between two looks into the queue's file for a wake-up from another process."""
_WAIT_SECONDS = 1
"""How long PostgreSQL and Redis are listened to at a time; a worker that is told to stop ends after that."""
_CREATING = 7206173
"""The number of PostgreSQL's advisory lock under which the tables are made."""

Work = Callable[[], None]


def make_queue(url: str, work: Work, stop: threading.Event, *, look_every: float = LOOK_SECONDS) -> "WakeUps":
    """Return the queue at ``url``, not opened yet.

    ``work`` runs every job that is due; ``stop`` ends what takes wake-ups. A worker looks every ``look_every`` seconds
    by itself.

    Raises:
        BadInput: the address cannot be used, or Redis's client is not installed.
    """
    if url.startswith("redis"):
        return WakeUps(
            work, stop, look_every, RedisStorage, read_timeout=_WAIT_SECONDS, connection_pool=_redis_pool(url)
        )
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        # Nothing is lost with a wake-up that a power cut takes: no need to wait for the disk.
        return WakeUps(work, stop, look_every, _FileStorage, filename=address.database, fsync=False, timeout=1)
    _, parameters = address.get_dialect()().create_connect_args(address)
    parameters = {"connect_timeout": 5, "application_name": "primero-bridge queue", **parameters}
    return WakeUps(work, stop, look_every, _PostgresqlStorage, read_timeout=_WAIT_SECONDS, **parameters)


def _redis_pool(url: str) -> Any:
    try:
        import redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry
    except ImportError:
        raise BadInput(
            "BRIDGE_QUEUE_URL names Redis, but its client is not installed: install primero-translation-bridge[redis]."
        ) from None
    try:
        # A request waits for this, and a worker's listening has to fit in. Once more: an idle connection may be gone.
        return redis.ConnectionPool.from_url(
            url, socket_connect_timeout=2, socket_timeout=_WAIT_SECONDS + 2, retry=Retry(NoBackoff(), 1)
        )
    except ValueError:
        # Its own text holds parts of the address.
        raise BadInput("BRIDGE_QUEUE_URL is not an address of Redis: redis://:PASSWORD@HOST:PORT/NUMBER.") from None


def _troubles() -> tuple[type[Exception], ...]:
    with contextlib.suppress(ImportError):
        from redis.exceptions import RedisError

        return (RedisError, sqlite3.Error, psycopg.Error, OSError)
    return (sqlite3.Error, psycopg.Error, OSError)


class WakeUps(Huey):  # type: ignore[misc]
    """SqliteHuey, PostgresHuey or RedisHuey, by its storage: sends wake-ups, and makes the consumer that takes them."""

    def __init__(self, work: Work, stop: threading.Event, look_every: float, storage: type, **options: Any) -> None:
        super().__init__("primero-bridge", results=False, storage_class=storage, **options)
        self.work = work
        self.stop = stop
        self.look_every = look_every
        self.nudged = threading.Event()
        self._wake_up = self.task(name="wake_up")(self._woken)
        self._troubles = _troubles()
        self._failed_at: float | None = None

    def send(self, job_id: int) -> None:
        """Wake one worker. A queue that cannot be reached is left alone for a while: workers look by themselves."""
        if self._failed_at is None or time.monotonic() - self._failed_at >= self.look_every:
            try:
                self.enqueue(self._wake_up.s(job_id))
            except self._troubles as error:
                self._note_trouble(error)
        self.nudged.set()

    def _woken(self, job_id: int) -> None:
        log.debug("woken for job %s", job_id)
        self.work()

    def dequeue(self) -> Task | None:
        """Return a wake-up, or None. While the queue cannot be reached, this process at least wakes itself."""
        try:
            task: Task | None = super().dequeue()
        except self._troubles as error:
            self._note_trouble(error)
            return self._wake_up.s(0) if self.wait_for_nudge(self.look_every) else None
        self._failed_at = None
        return task

    def wait_for_nudge(self, seconds: float) -> bool:
        """Wait until this process sends a wake-up or is to end; return whether it did so within ``seconds``."""
        nudged = self.nudged.wait(seconds)
        self.nudged.clear()
        return nudged

    def is_revoked(self, *_: Any) -> bool:
        """Return False, without asking the storage: what is cancelled is cancelled in the ledger."""
        return False

    def delete(self, _key: str) -> bool:
        """Do nothing: huey would look in the storage for a revocation that is over."""
        return False

    def _note_trouble(self, error: Exception) -> None:
        if self._failed_at is None:
            # Its own text can hold the address.
            log.warning(
                "workers cannot be woken (%s): jobs start up to %g s late", type(error).__name__, self.look_every
            )
        self._failed_at = time.monotonic()

    def serialize_task(self, task: Task) -> bytes:
        """Return the job's id. huey would pickle: whoever may write to the queue could then run code in a worker."""
        return b"%d" % task.args[0]

    def deserialize_task(self, data: bytes) -> Task:
        """Return the wake-up; one that cannot be read says "look now" as well."""
        return self._wake_up.s(int(data) if data.isdigit() and len(data) < 20 else 0)

    def create_consumer(self, **_: Any) -> "WakeUpConsumer":
        """Return what takes wake-ups in threads of this process: ``start()``, later ``stop(graceful=True)``."""
        return WakeUpConsumer(self, workers=1, periodic=False, initial_delay=_POLL_SECONDS, backoff=1)

    def close(self) -> None:
        """Close every connection."""
        self.storage.close()
        if isinstance(self.storage, RedisStorage):
            self.storage.pool.disconnect()


class _Worker(Worker):  # type: ignore[misc]
    """Runs jobs one after another: when it is woken, and when it looks by itself."""

    _looks_at = 0.0

    def loop(self, now: Any = None) -> None:
        if time.monotonic() >= self._looks_at:
            self.huey.work()
            self._looks_at = time.monotonic() + self.huey.look_every
        super().loop(now)

    def sleep(self) -> None:
        self.huey.wait_for_nudge(self.delay)

    def shutdown(self) -> None:
        # What this thread listened with.
        self.huey.storage.close()


class _NoScheduler(Scheduler):  # type: ignore[misc]
    """Waits for the end: nothing is ever planned in huey."""

    def loop(self, now: Any = None) -> None:  # noqa: ARG002  # huey's signature
        self.stop_flag.wait()


class _Environment(ThreadEnvironment):  # type: ignore[misc]
    """Threads that end with the process's own event: one that is to end must take no wake-up from another."""

    def __init__(self, stop: threading.Event) -> None:
        super().__init__()
        self._stop = stop

    def get_stop_flag(self) -> threading.Event:
        return self._stop


class WakeUpConsumer(Consumer):  # type: ignore[misc]
    """huey's consumer inside of a process that has a job of its own."""

    worker_class = _Worker
    scheduler_class = _NoScheduler

    def get_environment(self, _worker_type: str) -> _Environment:
        """Return threads."""
        return _Environment(self.huey.stop)

    def _set_signal_handlers(self) -> None:
        """Leave signals to the process."""

    def stop(self, graceful: bool = False) -> None:
        """End the threads; ``graceful``: return when they have ended, a job after its next step."""
        self.stop_flag.set()
        # Whoever sleeps is to notice.
        self.huey.nudged.set()
        super().stop(graceful)


class _FileStorage(SqliteStorage):  # type: ignore[misc]
    """A file that is made when it is first used."""

    def __init__(self, name: str, **options: Any) -> None:
        super().__init__(name, create_tables=False, **options)

    def _create_connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection = super()._create_connection()
        for statement in self.ddl:
            connection.execute(statement)
        return connection


class _PostgresqlStorage(PostgresStorage):  # type: ignore[misc]
    """Tables in a schema of their own, made when they are first used."""

    def __init__(self, name: str, **options: Any) -> None:
        super().__init__(name, create_tables=False, **options)

    def _connect(self) -> psycopg.Connection[Any]:
        connection: psycopg.Connection[Any] = super()._connect()
        try:
            self._prepare(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    _create_connection = _connect

    def _prepare(self, connection: psycopg.Connection[Any]) -> None:
        connection.execute(f"SET search_path TO {SCHEMA}")
        # Asked first: making them takes rights that the service need not have once they are there.
        found = connection.execute("SELECT to_regclass(%s)", (f"{SCHEMA}.{self.table_counter}",)).fetchone()
        if found == (None,):
            with connection.transaction():
                connection.execute("SELECT pg_advisory_xact_lock(%s)", (_CREATING,))
                connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
                for statement in self.ddl:
                    connection.execute(statement)
