"""The ledger: queueing, claiming, leases, ends."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from service.db import Database
from service.errors import NotFound, Refused
from service.jobs.models import Job, JobState
from service.jobs.service import (
    LEASE,
    MAX_ATTEMPTS,
    cancel_job,
    claim_job,
    enqueue_job,
    finish_job,
    get_job,
    has_due_job,
    release_job,
    renew_job,
)
from tests.support.people import MovableClock, UserMaker

Enqueue = Callable[..., int]
Look = Callable[[int], Job]
KINDS = ("push", "pull")


@pytest.fixture
def claim(database: Database, clock: MovableClock) -> Callable[..., int | None]:
    """Claim a job as a worker: ``claim("a") -> id``; the question whether one is due must agree."""

    def do(owner: str, kinds: tuple[str, ...] = KINDS) -> int | None:
        with database.read() as session:
            due = has_due_job(session, kinds=kinds, now=clock())
        with database.write() as session:
            job = claim_job(session, owner, kinds=kinds, now=clock())
            assert due or job is None
            return job.id if job else None

    return do


def test_queued_twice_there_is_one_job(make_deployment: Callable[..., int], enqueue: Enqueue) -> None:
    """A second request for the same kind gets the job that is waiting; another kind or deployment gets its own."""
    iraq, sudan = make_deployment("iraq"), make_deployment("sudan")
    first = enqueue(iraq)
    assert enqueue(iraq) == first
    assert len({first, enqueue(iraq, "pull"), enqueue(sudan)}) == 3


def test_a_running_job_is_not_queued_again_but_an_ended_one_is(
    database: Database, clock: MovableClock, make_deployment: Callable[..., int], enqueue: Enqueue, claim: Callable
) -> None:
    """While it runs its deployment gets the same job, afterwards a new one."""
    deployment = make_deployment()
    first = enqueue(deployment)
    assert claim("a") == first
    assert enqueue(deployment) == first
    with database.write() as session:
        assert finish_job(session, first, "a", result={}, message="", failed=False, now=clock())
    assert enqueue(deployment) != first


def test_requests_in_the_same_moment_get_one_job(
    database: Database, clock: MovableClock, make_deployment: Callable[..., int]
) -> None:
    """Threads that queue at once all get the same job, and none an error."""
    deployment = make_deployment()
    barrier, ids = threading.Barrier(4), list[int | None]()

    def request() -> None:
        barrier.wait()
        with database.write() as session:
            job = enqueue_job(session, "push", deployment_id=deployment, arguments={}, person_id=None, now=clock())
            ids.append(job.id)

    threads = [threading.Thread(target=request) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids) == 4
    assert len(set(ids)) == 1
    with database.read() as session:
        assert len(session.exec(select(Job)).all()) == 1


def test_a_job_for_a_deployment_that_is_not_there_is_an_error(database: Database, clock: MovableClock) -> None:
    """What the database refuses for another reason than a twin is not taken for one."""
    with pytest.raises(IntegrityError), database.write() as session:
        enqueue_job(session, "push", deployment_id=99, arguments={}, person_id=None, now=clock())


def test_the_oldest_job_of_the_wanted_kinds_comes_first(
    make_deployment: Callable[..., int], enqueue: Enqueue, claim: Callable
) -> None:
    """Jobs are claimed in the order they were queued, kinds that nobody runs here are left."""
    first = enqueue(make_deployment("iraq"), "other")
    second, third = enqueue(make_deployment("sudan")), enqueue(make_deployment("chad"))
    assert [claim("a"), claim("b"), claim("c")] == [second, third, None]
    assert claim("d", ("other",)) == first


def test_what_a_person_asked_for_comes_first(
    database: Database, clock: MovableClock, make_user: UserMaker, make_deployment: Callable[..., int],
    enqueue: Enqueue, claim: Callable,
) -> None:  # fmt: skip
    """A push that somebody waits for does not stand behind pulls that were queued by themselves before."""
    by_itself = enqueue(make_deployment("iraq"))
    person, _ = make_user("specialist")
    sudan = make_deployment("sudan")
    with database.write() as session:
        asked = enqueue_job(session, "push", deployment_id=sudan, arguments={}, person_id=person, now=clock()).id
    assert [claim("a"), claim("b")] == [asked, by_itself]


def test_jobs_of_one_deployment_run_one_after_another(
    database: Database, clock: MovableClock, make_deployment: Callable[..., int], enqueue: Enqueue, claim: Callable
) -> None:
    """A pull waits while the deployment's push runs, and another deployment's does not."""
    iraq, sudan = make_deployment("iraq"), make_deployment("sudan")
    push, pull, other = enqueue(iraq, "push"), enqueue(iraq, "pull"), enqueue(sudan, "pull")
    assert [claim("a"), claim("b"), claim("c")] == [push, other, None]
    with database.write() as session:
        finish_job(session, push, "a", result={}, message="", failed=False, now=clock())
    assert claim("c") == pull


def test_a_lease_that_is_not_renewed_lets_another_take_over(
    database: Database, clock: MovableClock, make_deployment: Callable[..., int], enqueue: Enqueue, claim: Callable,
    look: Look,
) -> None:  # fmt: skip
    """Until the lease ends nobody gets the job; then another does, and the first can change nothing any more."""
    job_id = enqueue(make_deployment())
    assert claim("a") == job_id
    clock.time += LEASE
    assert claim("b") is None
    clock.move(seconds=1)
    assert claim("b") == job_id
    with database.write() as session:
        assert not renew_job(session, job_id, "a", now=clock(), progress=(9, 9))
        assert not finish_job(session, job_id, "a", result={}, message="", failed=True, now=clock())
        assert not release_job(session, job_id, "a", now=clock())
    job = look(job_id)
    assert (job.state, job.owner, job.attempts, job.done) == (JobState.RUNNING, "b", 2, 0)


def test_renewing_keeps_the_lease_and_records_progress(
    database: Database, clock: MovableClock, make_deployment: Callable[..., int], enqueue: Enqueue, claim: Callable,
    look: Look,
) -> None:  # fmt: skip
    """A renewed lease counts from then; progress given with it is shown, progress not given stays."""
    job_id = enqueue(make_deployment())
    claim("a")
    for progress in ((3, 10), None):
        clock.time += LEASE - timedelta(seconds=1)
        with database.write() as session:
            assert renew_job(session, job_id, "a", now=clock(), progress=progress)
    clock.time += LEASE - timedelta(seconds=1)
    assert claim("b") is None
    assert (look(job_id).done, look(job_id).total) == (3, 10)


def test_a_job_that_kills_its_workers_is_given_up(
    clock: MovableClock, make_deployment: Callable[..., int], enqueue: Enqueue, claim: Callable, look: Look
) -> None:
    """After five dead workers it is failed, and the next claim goes on to the job behind it."""
    deadly = enqueue(make_deployment("iraq"))
    for number in range(MAX_ATTEMPTS):
        assert claim(f"worker {number}") == deadly
        clock.move(minutes=5)
    behind = enqueue(make_deployment("sudan"))
    assert claim("last") == behind
    job = look(deadly)
    assert (job.state, job.attempts, job.lease_until) == (JobState.FAILED, MAX_ATTEMPTS, None)
    assert job.message == "It was given up after 5 workers died on it."
    assert job.ended_at == clock()


def test_a_released_job_is_due_at_once_and_counts_no_attempt(
    database: Database, clock: MovableClock, make_deployment: Callable[..., int], enqueue: Enqueue, claim: Callable,
    look: Look,
) -> None:  # fmt: skip
    """However often its workers are restarted, a job is not given up for it."""
    job_id = enqueue(make_deployment())
    for _ in range(MAX_ATTEMPTS + 1):
        assert claim("a") == job_id
        with database.write() as session:
            assert release_job(session, job_id, "a", now=clock())
    assert (look(job_id).state, look(job_id).attempts) == (JobState.QUEUED, 0)


def test_a_message_that_is_too_long_is_cut(
    database: Database, clock: MovableClock, make_deployment: Callable[..., int], enqueue: Enqueue, claim: Callable,
    look: Look,
) -> None:  # fmt: skip
    """What a remote side says at length does not keep a job from ending."""
    job_id = enqueue(make_deployment())
    claim("a")
    with database.write() as session:
        finish_job(session, job_id, "a", result=None, message="x" * 5000, failed=True, now=clock())
    assert len(look(job_id).message) == 2000


def test_a_job_that_is_not_there_is_not_found(database: Database) -> None:
    """Asking for an unknown job is a sentence."""
    with database.read() as session, pytest.raises(NotFound, match="There is no job 7"):
        get_job(session, 7)


def test_a_job_that_waits_is_cancelled_at_once(
    database: Database, clock: MovableClock, make_deployment: Callable[..., int], enqueue: Callable[..., int]
) -> None:
    """Nobody claims it any more, another one can be queued, and cancelling it twice is refused."""
    job_id = enqueue(make_deployment())
    with database.write() as session:
        assert cancel_job(session, job_id, now=clock()).state is JobState.CANCELLED
        assert claim_job(session, "a", kinds=["push"], now=clock()) is None
    with database.write() as session, pytest.raises(Refused, match="has ended"):
        cancel_job(session, job_id, now=clock())
    assert enqueue(make_deployment("other")) != job_id


def test_a_cancelled_job_whose_worker_died_is_not_begun_again(
    database: Database, clock: MovableClock, make_deployment: Callable[..., int], enqueue: Callable[..., int]
) -> None:
    """It ends as cancelled when the lease does; until then another job of the deployment waits."""
    deployment = make_deployment()
    job_id, other = enqueue(deployment), enqueue(deployment, "pull")
    with database.write() as session:
        claim_job(session, "a", kinds=["push"], now=clock())
        assert cancel_job(session, job_id, now=clock()).state is JobState.CANCELLING
        assert claim_job(session, "b", kinds=["push", "pull"], now=clock()) is None
    clock.move(seconds=61)
    with database.write() as session:
        claimed = claim_job(session, "b", kinds=["push", "pull"], now=clock())
        assert (claimed and claimed.id) == other
        assert get_job(session, job_id).state is JobState.CANCELLED


def test_a_job_whose_worker_is_gone_is_cancelled_at_once(
    database: Database, clock: MovableClock, make_deployment: Callable[..., int], enqueue: Callable[..., int]
) -> None:
    """Nobody is left who could stop it."""
    job_id = enqueue(make_deployment())
    with database.write() as session:
        claim_job(session, "a", kinds=["push"], now=clock())
    clock.move(seconds=61)
    with database.write() as session:
        assert cancel_job(session, job_id, now=clock()).state is JobState.CANCELLED


def test_a_cancelled_job_that_its_worker_gives_back_stays_cancelled(
    database: Database, clock: MovableClock, make_deployment: Callable[..., int], enqueue: Callable[..., int]
) -> None:
    """A worker that was told to stop does not queue it again."""
    job_id = enqueue(make_deployment())
    with database.write() as session:
        claim_job(session, "a", kinds=["push"], now=clock())
        cancel_job(session, job_id, now=clock())
        assert release_job(session, job_id, "a", now=clock())
        assert get_job(session, job_id).state is JobState.CANCELLED
