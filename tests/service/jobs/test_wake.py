"""Wake-ups: a job starts at once, and whatever becomes of its wake-up it starts all the same, once."""

from __future__ import annotations

import logging
import pickle
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from service.backup import restore_backup, write_backup
from service.db import Database
from service.deployments.models import Deployment
from service.errors import BadInput
from service.jobs.models import Job, JobState
from service.jobs.runner import Progress, Runner
from service.jobs.service import claim_job, enqueue_job, finish_job, release_job
from service.jobs.wake import SCHEMA, WakeUps, make_queue
from service.migrations import schema_differences, upgrade
from tests.support.databases import postgresql_database
from tests.support.patience import given_up_after
from tests.support.people import MovableClock
from tests.support.redis import redis_server

Enqueue = Callable[..., int]
Look = Callable[[int], Job]
NEVER = 600.0
"""Seconds between two looks: in a test only the first one happens."""


@pytest.fixture
def queue_url(database: Database, tmp_path: Path) -> str:
    """Where wake-ups go by default: a file beside SQLite, and PostgreSQL itself."""
    if database.is_sqlite:
        return f"sqlite:///{tmp_path / 'queue.sqlite3'}"
    return database.url.render_as_string(hide_password=False)


class Workers:
    """Makes workers that note what they ran: each with threads, connections and a way to the queue of its own."""

    def __init__(self, database: Database, clock: MovableClock, stack: ExitStack) -> None:
        self.database = database
        self.clock = clock
        self.stack = stack
        self.ran: list[tuple[str, int]] = []
        self.seconds = 0.0

    def start(self, queue_url: str, name: str = "a", look_every: float = NEVER, *, sends: bool = False) -> WakeUps:
        """Start a worker that has looked once; ``sends``: it wakes others, as the service's own process does."""
        own = self.database if sends else Database(self.database.url.render_as_string(hide_password=False))
        stop, looked = threading.Event(), threading.Event()
        runner = Runner(own, {"push": partial(self._work, name), "pull": partial(self._work, name)}, name, self.clock)

        def work() -> None:
            runner.run_due(stop)
            looked.set()

        queue = make_queue(queue_url, work, stop, look_every=look_every)
        consumer = queue.create_consumer()
        consumer.start()
        if own is not self.database:
            self.stack.callback(own.close)
        self.stack.callback(queue.close)
        self.stack.callback(consumer.stop, graceful=True)
        if sends:
            self.stack.enter_context(own.listening(queue.send))
        assert looked.wait(10)
        return queue

    def _work(self, name: str, job: Job, progress: Progress) -> Mapping[str, Any]:
        self.ran.append((name, job.id or 0))
        time.sleep(self.seconds)
        progress(1, 1)
        return {}


@pytest.fixture
def workers(database: Database, clock: MovableClock) -> Iterator[Workers]:
    """Workers that end with the test."""
    with ExitStack() as stack:
        yield Workers(database, clock, stack)


def wait_until(condition: Callable[[], bool], seconds: float = 20) -> None:
    """Return when the condition holds; fail when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def test_a_job_starts_without_being_looked_for(
    workers: Workers, queue_url: str, make_deployment: Callable[..., int], enqueue: Enqueue, look: Look
) -> None:
    """What one process queues another one starts, long before it would look by itself."""
    workers.start(queue_url, "a", sends=True)
    workers.start(queue_url, "b")
    ids = [enqueue(make_deployment(f"d{number}")) for number in range(4)]
    wait_until(lambda: all(look(job_id).state is JobState.DONE for job_id in ids))
    assert sorted(job_id for _, job_id in workers.ran) == ids


def test_a_lost_wake_up_is_made_up_for(
    workers: Workers, queue_url: str, make_deployment: Callable[..., int], enqueue: Enqueue, look: Look
) -> None:
    """A job that nobody was woken for is found by a look, and by that alone."""
    workers.start(queue_url, "sleeper")
    job_id = enqueue(make_deployment())
    time.sleep(1.5)
    assert look(job_id).state is JobState.QUEUED
    workers.start(queue_url, "looker", look_every=0.1)
    wait_until(lambda: look(job_id).state is JobState.DONE)
    again = enqueue(make_deployment("sudan"))
    wait_until(lambda: look(again).state is JobState.DONE)
    assert workers.ran == [("looker", job_id), ("looker", again)]


def test_a_wake_up_that_comes_twice_runs_a_job_once(
    workers: Workers, queue_url: str, make_deployment: Callable[..., int], enqueue: Enqueue, look: Look
) -> None:
    """Several workers woken for one job: one of them claims it, the others find nothing."""
    workers.seconds = 0.2
    queue = workers.start(queue_url, "a")
    workers.start(queue_url, "b")
    job_id = enqueue(make_deployment())
    for _ in range(6):
        queue.send(job_id)
    wait_until(lambda: look(job_id).state is JobState.DONE)
    wait_until(lambda: queue.pending_count() == 0)
    assert [ran for _, ran in workers.ran] == [job_id]
    assert look(job_id).attempts == 1


def test_a_wake_up_about_nothing_does_nothing(
    workers: Workers, queue_url: str, make_deployment: Callable[..., int], enqueue: Enqueue, look: Look,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    """One about a job that has ended, or that there never was, or that is no wake-up at all, harms nobody."""
    queue = workers.start(queue_url)
    job_id = enqueue(make_deployment())
    queue.send(job_id)
    wait_until(lambda: look(job_id).state is JobState.DONE)
    queue.send(job_id)
    queue.send(987654)
    for junk in (b"", b"\xff\x00", b"9" * 10_000, pickle.dumps(Touch())):
        queue.storage.enqueue(junk)
    wait_until(lambda: queue.pending_count() == 0)
    behind = enqueue(make_deployment("sudan"))
    queue.send(behind)
    wait_until(lambda: look(behind).state is JobState.DONE)
    assert [ran for _, ran in workers.ran] == [job_id, behind]
    assert not Touch.was_made
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


class Touch:
    """What tells whether somebody unpickled it."""

    was_made = False

    def __reduce__(self) -> tuple[Any, ...]:
        return (setattr, (Touch, "was_made", True))


def test_wake_ups_are_sent_after_the_commit(
    database: Database, clock: MovableClock, make_deployment: Callable[..., int], look: Look
) -> None:
    """Whoever is woken can see the job; a transaction that fails, or that queued nothing new, wakes nobody."""
    deployment_id = make_deployment()
    told: list[int] = []

    def hear(job_id: int) -> None:
        assert look(job_id).state is JobState.QUEUED
        # Nobody else's write is kept waiting either.
        with database.write():
            told.append(job_id)

    def queue(kind: str, then: Deployment | None = None, **options: Any) -> int:
        with database.write() as session:
            job = enqueue_job(
                session, kind, deployment_id=deployment_id, arguments={}, person_id=None, now=clock(), **options
            )
            assert told == before
            if then is not None:
                session.add(then)
            return job.id or 0

    with database.listening(hear):
        before: list[int] = []
        with pytest.raises(IntegrityError):
            queue("push", then=Deployment(slug="iraq", name="There is one of this name", created_at=clock()))
        assert told == []
        job_id = queue("push")
        assert told == [job_id]
        before = [job_id]
        assert queue("push") == job_id
        assert told == [job_id]
        # Given back by a worker that is to end: another one goes on at once.
        with database.write() as session:
            claim_job(session, "a", kinds=["push"], now=clock())
        with database.write() as session:
            assert release_job(session, job_id, "a", now=clock())
        assert told == [job_id, job_id]
        # One that follows another when it ends.
        before = [job_id, job_id]
        with database.write() as session:
            claim_job(session, "a", kinds=["push"], now=clock())
        queue("push", again=True)
        with database.write() as session:
            assert finish_job(session, job_id, "a", result=None, message="", failed=False, now=clock())
        assert told[:2] == before
        assert len(told) == 3
        assert told[2] > job_id
    with database.write() as session:
        claim_job(session, "a", kinds=["push"], now=clock())
        release_job(session, told[2], "a", now=clock())
    assert len(told) == 3


def unreachable(kind: str, folder: Path) -> str:
    """Return the address of a queue that nobody can reach."""
    if kind == "file":
        broken = folder / "broken.sqlite3"
        broken.write_text("this is no database" * 100, "utf-8")
        return f"sqlite:///{broken}"
    return f"{kind}://user:swordfish@127.0.0.1:1/0"


@pytest.mark.parametrize("kind", ["file", "postgresql", "redis"])
def test_a_queue_that_cannot_be_reached_stops_nobody(
    kind: str, workers: Workers, make_deployment: Callable[..., int], enqueue: Enqueue, look: Look, tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    """The job is queued all the same, the process that queued it wakes itself, others look; one warning, no secret."""
    url = unreachable(kind, tmp_path)
    workers.start(url, "a", sends=True)
    caplog.clear()
    with given_up_after(60):
        job_id = enqueue(make_deployment())
    wait_until(lambda: look(job_id).state is JobState.DONE, 30)
    workers.start(url, "looker", look_every=0.1)
    assert [ran for _, ran in workers.ran] == [job_id]
    with workers.database.write() as session:
        job = enqueue_job(
            session, "pull", deployment_id=make_other(session), arguments={}, person_id=None, now=workers.clock()
        )
    wait_until(lambda: look(job.id or 0).state is JobState.DONE)
    warnings = [record.getMessage() for record in caplog.records if "cannot be woken" in record.getMessage()]
    assert len(warnings) <= 2
    assert "swordfish" not in caplog.text


def make_other(session: Any) -> int:
    """Make a deployment in the transaction that queues its job."""
    row = Deployment(slug="other", name="Other", created_at=MovableClock()())
    session.add(row)
    session.flush()
    assert row.id is not None
    return row.id


def test_trouble_with_the_queue_is_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """One warning for an outage, without the address; the next outage is said again."""
    file = tmp_path / "queue.sqlite3"
    file.write_text("this is no database" * 100, "utf-8")
    queue = make_queue(f"sqlite:///{file}", lambda: None, threading.Event(), look_every=0.01)
    for _ in range(3):
        queue.send(1)
        time.sleep(0.02)
    assert [record.getMessage() for record in caplog.records] == [
        "workers cannot be woken (DatabaseError): jobs start up to 0.01 s late"
    ]
    file.unlink()
    queue.close()
    queue.send(1)
    assert queue.dequeue() is not None
    queue.close()
    file.write_text("this is no database" * 100, "utf-8")
    queue.send(2)
    assert len(caplog.records) == 2


def test_redis_carries_wake_ups(
    workers: Workers, make_deployment: Callable[..., int], enqueue: Enqueue, look: Look
) -> None:
    """Over Redis jobs start at once; while it is gone they start late, and afterwards at once again."""
    with redis_server() as server:
        workers.start(server.url, "a", look_every=2, sends=True)
        workers.start(server.url, "b", look_every=2)
        first = [enqueue(make_deployment(f"d{number}")) for number in range(6)]
        wait_until(lambda: all(look(job_id).state is JobState.DONE for job_id in first), 1.5)
        server.stop()
        while_gone = enqueue(make_deployment("gone"))
        wait_until(lambda: look(while_gone).state is JobState.DONE)
        server.start()
        time.sleep(2.5)
        back = enqueue(make_deployment("back"))
        wait_until(lambda: look(back).state is JobState.DONE, 1)
    assert sorted(job_id for _, job_id in workers.ran) == [*first, while_gone, back]


def test_an_address_of_redis_that_cannot_be_used_is_refused() -> None:
    """The sentence names the setting, not the address: that may hold a password."""
    with pytest.raises(BadInput, match="BRIDGE_QUEUE_URL") as refused:
        make_queue("redis://:swordfish@127.0.0.1:port/0", lambda: None, threading.Event())
    assert "swordfish" not in str(refused.value)


def test_the_queue_of_postgresql_stays_out_of_the_schema(
    database_kind: str, clock: MovableClock, tmp_path: Path
) -> None:
    """Its tables are made once, by many at the same time, where migrations, backup and restore do not look."""
    if database_kind != "postgresql":
        return
    with postgresql_database() as url, postgresql_database() as other_url, ExitStack() as stack:
        queues = [make_queue(url, lambda: None, threading.Event()) for _ in range(6)]
        for queue in queues:
            stack.callback(queue.close)
        threads = [threading.Thread(target=queue.send, args=(number,)) for number, queue in enumerate(queues)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert queues[0].pending_count() == 6
        database, other = Database(url), Database(other_url)
        stack.callback(database.close)
        stack.callback(other.close)
        with database.read() as session:
            found = session.connection().execute(
                text("SELECT DISTINCT schemaname FROM pg_tables WHERE tablename LIKE 'huey%'")
            )
            assert found.scalars().all() == [SCHEMA]
        assert schema_differences(database) == []
        upgrade(database)
        summary = write_backup(database, tmp_path / "file.backup", clock(), "test")
        assert not [name for name in summary["rows"] if "huey" in name]
        restore_backup(other, tmp_path / "file.backup")
        with other.write() as session:
            assert session.connection().execute(text("SELECT to_regclass('bridge_queue.huey_task')")).scalar() is None


def test_a_service_without_the_right_to_make_the_tables_goes_on(
    database_kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    """On PostgreSQL a role that may not make them uses those that are there, and says so where there are none."""
    if database_kind != "postgresql":
        return
    with postgresql_database() as url, psycopg.connect(url, autocommit=True) as owner, ExitStack() as stack:
        owner.execute("CREATE ROLE bridge_test_poor LOGIN")
        stack.callback(owner.execute, "DROP OWNED BY bridge_test_poor; DROP ROLE bridge_test_poor")
        poor_url = url.replace("postgres@", "bridge_test_poor@")
        poor = make_queue(poor_url, lambda: None, threading.Event(), look_every=0.01)
        stack.callback(poor.close)
        poor.send(1)
        assert "workers cannot be woken (InsufficientPrivilege)" in caplog.text
        rich = make_queue(url, lambda: None, threading.Event())
        stack.callback(rich.close)
        rich.send(2)
        owner.execute(f"GRANT USAGE ON SCHEMA {SCHEMA} TO bridge_test_poor")
        owner.execute(f"GRANT ALL ON ALL TABLES IN SCHEMA {SCHEMA} TO bridge_test_poor")
        owner.execute(f"GRANT ALL ON ALL SEQUENCES IN SCHEMA {SCHEMA} TO bridge_test_poor")
        time.sleep(0.02)
        poor.send(3)
        assert poor.pending_count() == 2
