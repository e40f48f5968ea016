"""Runners: one at a time on a job, whatever happens to them."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from service import clock as real_clock
from service.db import Database
from service.errors import RemoteUnreachable
from service.jobs.models import Job, JobState
from service.jobs.runner import JobTakenOver, Progress, Runner
from service.jobs.service import LEASE, cancel_job, claim_job, has_due_job
from tests.support.people import MovableClock

ROOT = Path(__file__).resolve().parents[3]
Enqueue = Callable[..., int]
Look = Callable[[int], Job]

SLEEPER = """
import sys, time
import service.tables
from service import clock
from service.db import Database
from service.jobs.runner import Runner

def sleep(job, progress):
    progress(1, 2)
    print("in the middle", flush=True)
    time.sleep(600)

Runner(Database(sys.argv[1]), {"push": sleep}, "the one to kill", clock.now).run_one()
"""


def nothing(_job: Job, _progress: Progress) -> Mapping[str, Any]:
    """Do nothing."""
    return {}


def keep_running(runner: Runner, stop: threading.Event) -> None:
    """Look for jobs again and again."""
    while not stop.wait(0.01):
        runner.run_due(stop)


def test_what_a_handler_returns_is_the_result(
    make_deployment: Callable[..., int], enqueue: Enqueue, look: Look, make_runner: Callable[..., Runner]
) -> None:
    """A job gets its arguments, and ends as done with the facts and the progress it gave."""
    job_id = enqueue(make_deployment(), allow_removals=True)

    def work(job: Job, progress: Progress) -> Mapping[str, Any]:
        progress(2, 2)
        return {"given": job.arguments, "attempts": job.attempts}

    runner = make_runner({"push": work})
    assert runner.run_one() is True
    assert runner.run_one() is False
    job = look(job_id)
    assert (job.state, job.done, job.total, job.message) == (JobState.DONE, 2, 2, "")
    assert job.result == {"given": {"allow_removals": True}, "attempts": 1}


def test_two_runners_never_run_a_job_at_the_same_time(
    make_deployment: Callable[..., int], enqueue: Enqueue, look: Look, make_runner: Callable[..., Runner]
) -> None:
    """Many jobs, two runners with connections of their own: each job runs once, a deployment's never side by side."""
    deployments = [make_deployment(f"d{number}") for number in range(6)]
    ids = [enqueue(deployment, kind) for deployment in deployments for kind in ("push", "pull")]
    ran: list[tuple[int, int]] = []
    under_way: set[int] = set()
    overlaps: list[int] = []

    def work(job: Job, progress: Progress) -> Mapping[str, Any]:
        if job.deployment_id in under_way:
            overlaps.append(job.deployment_id)
        under_way.add(job.deployment_id)
        ran.append((job.id or 0, threading.get_ident()))
        time.sleep(0.02)
        progress(1, 1)
        under_way.discard(job.deployment_id)
        return {}

    stop = threading.Event()
    runners = [make_runner({"push": work, "pull": work}, owner) for owner in ("a", "b")]
    threads = [threading.Thread(target=keep_running, args=(runner, stop)) for runner in runners]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 30
    while any(look(job_id).ended_at is None for job_id in ids) and time.monotonic() < deadline:
        time.sleep(0.02)
    stop.set()
    for thread in threads:
        thread.join()
    assert sorted(job_id for job_id, _ in ran) == sorted(ids)
    assert overlaps == []
    assert len({thread for _, thread in ran}) == 2
    assert {look(job_id).state for job_id in ids} == {JobState.DONE}


@pytest.mark.slow
def test_a_killed_process_is_taken_over_after_its_lease(
    database: Database, make_deployment: Callable[..., int], enqueue: Enqueue, look: Look,
    make_runner: Callable[..., Runner],
) -> None:  # fmt: skip
    """A worker killed in the middle leaves its job to the next one, once its lease has ended and not before."""
    job_id = enqueue(make_deployment())
    url = database.url.render_as_string(hide_password=False)
    with subprocess.Popen(
        [sys.executable, "-c", SLEEPER, url], stdout=subprocess.PIPE, cwd=ROOT, text=True, env=dict(os.environ)
    ) as killed:
        assert killed.stdout is not None
        assert killed.stdout.readline() == "in the middle\n"
        killed.kill()
    assert (look(job_id).state, look(job_id).done) == (JobState.RUNNING, 1)
    seen: list[int] = []

    def work(job: Job, _progress: Progress) -> Mapping[str, Any]:
        seen.append(job.attempts)
        return {}

    assert make_runner({"push": work}, clock=real_clock.now).run_one() is False

    def later() -> datetime:
        return real_clock.now() + LEASE

    successor = make_runner({"push": work}, clock=later)
    assert [successor.run_one(), successor.run_one()] == [True, False]
    assert seen == [2]
    assert (look(job_id).state, look(job_id).owner) == (JobState.DONE, "runner")


def test_a_job_taken_over_stops_its_old_worker(
    clock: MovableClock, make_deployment: Callable[..., int], enqueue: Enqueue, look: Look,
    make_runner: Callable[..., Runner],
) -> None:  # fmt: skip
    """Who slept through its lease is stopped at its next step, and what the successor did stays."""
    job_id = enqueue(make_deployment())
    stopped = []

    def sleepy(_job: Job, progress: Progress) -> Mapping[str, Any]:
        progress(1, 3)
        clock.move(minutes=2)
        assert make_runner({"push": lambda job, progress: {"by": "successor"}}, "b").run_one()
        try:
            progress(2, 3)
        except JobTakenOver:
            stopped.append(True)
            raise
        return {"by": "sleepy"}

    assert make_runner({"push": sleepy}, "a").run_one()
    assert stopped == [True]
    job = look(job_id)
    assert (job.state, job.owner, job.result) == (JobState.DONE, "b", {"by": "successor"})


def test_the_end_of_a_job_taken_over_changes_nothing(
    clock: MovableClock, make_deployment: Callable[..., int], enqueue: Enqueue, look: Look,
    make_runner: Callable[..., Runner],
) -> None:  # fmt: skip
    """A worker that returns after it lost the job does not overwrite the successor's result."""
    job_id = enqueue(make_deployment())

    def sleepy(_job: Job, _progress: Progress) -> Mapping[str, Any]:
        clock.move(minutes=2)
        assert make_runner({"push": lambda job, progress: {"by": "successor"}}, "b").run_one()
        return {"by": "sleepy"}

    assert make_runner({"push": sleepy}, "a").run_one()
    assert look(job_id).result == {"by": "successor"}


def test_a_step_longer_than_a_lease_keeps_the_job(
    database: Database, clock: MovableClock, make_deployment: Callable[..., int], enqueue: Enqueue,
    make_runner: Callable[..., Runner],
) -> None:  # fmt: skip
    """The lease is renewed beside the work: a living worker is not taken for a dead one because one step is long."""
    enqueue(make_deployment())
    due: list[bool] = []

    def long_step(_job: Job, _progress: Progress) -> Mapping[str, Any]:
        for _ in range(3):
            clock.move(seconds=40)
            time.sleep(0.3)
            with database.read() as session:
                due.append(has_due_job(session, kinds=["push"], now=clock()))
        return {}

    assert make_runner({"push": long_step}, beat=0.02).run_one()
    assert due == [False, False, False]


def test_a_job_that_hangs_loses_its_lease(
    database: Database, clock: MovableClock, make_deployment: Callable[..., int], enqueue: Enqueue,
    make_runner: Callable[..., Runner],
) -> None:  # fmt: skip
    """A worker whose job makes no progress for too long does not keep it from others for ever."""
    enqueue(make_deployment())
    due: list[bool] = []

    def hang(_job: Job, _progress: Progress) -> Mapping[str, Any]:
        time.sleep(0.3)
        clock.move(seconds=61)
        time.sleep(0.1)
        with database.read() as session:
            due.append(has_due_job(session, kinds=["push"], now=clock()))
        return {}

    make_runner({"push": hang}, beat=0.02, patience=0.05).run_one()
    assert due == [True]


def test_a_worker_told_to_stop_gives_its_job_back(
    make_deployment: Callable[..., int], enqueue: Enqueue, look: Look, make_runner: Callable[..., Runner]
) -> None:
    """It stops at its next step, and another worker goes on at once, without waiting for a lease."""
    job_id = enqueue(make_deployment())
    stop, steps = threading.Event(), list[int]()

    def work(_job: Job, progress: Progress) -> Mapping[str, Any]:
        for step in (1, 2, 3):
            progress(step, 3)
            steps.append(step)
            stop.set()
        return {}

    make_runner({"push": work}, "a").run_due(stop)
    assert steps == [1]
    assert (look(job_id).state, look(job_id).owner, look(job_id).attempts) == (JobState.QUEUED, None, 0)
    assert make_runner({"push": nothing}, "b").run_one()
    assert look(job_id).state is JobState.DONE


def go_on(_job: Job, progress: Progress) -> Mapping[str, Any]:
    """Do one step that ends by itself after a minute."""
    for _ in range(6000):
        progress.check()
        time.sleep(0.01)
    return {}


@pytest.mark.parametrize(("grace", "ended"), [(0.0, JobState.CANCELLED), (60.0, JobState.DONE)])
def test_a_step_that_goes_on_is_broken_off_after_its_grace(
    database: Database, clock: MovableClock, make_deployment: Callable[..., int], enqueue: Enqueue, look: Look,
    make_runner: Callable[..., Runner], grace: float, ended: JobState,
) -> None:  # fmt: skip
    """A cancelled job does not wait for a request that never ends; one that ends soon is let end."""
    job_id = enqueue(make_deployment())

    def cancelled(job: Job, progress: Progress) -> Mapping[str, Any]:
        with database.write() as session:
            cancel_job(session, job_id, now=clock())
        if not grace:
            return go_on(job, progress)
        for _ in range(10):
            progress.check()
            time.sleep(0.02)
        return {}

    make_runner({"push": cancelled}, beat=0.02, grace=grace).run_one()
    assert look(job_id).state is ended


def test_a_worker_told_to_stop_breaks_a_long_step_off(
    make_deployment: Callable[..., int], enqueue: Enqueue, look: Look, make_runner: Callable[..., Runner]
) -> None:
    """And gives its job back, as between two steps."""
    job_id = enqueue(make_deployment())
    stop = threading.Event()
    threading.Timer(0.1, stop.set).start()
    make_runner({"push": go_on}, grace=0.0).run_one(stop)
    assert (look(job_id).state, look(job_id).attempts) == (JobState.QUEUED, 0)


def test_a_job_taken_over_breaks_a_long_step_off(
    database: Database, clock: MovableClock, make_deployment: Callable[..., int], enqueue: Enqueue, look: Look,
    make_runner: Callable[..., Runner],
) -> None:  # fmt: skip
    """Whatever it does next is another worker's business."""
    job_id = enqueue(make_deployment())

    def loses_it(job: Job, progress: Progress) -> Mapping[str, Any]:
        with database.write() as session:
            later = clock() + LEASE + timedelta(seconds=1)
            assert claim_job(session, "other", kinds=["push"], now=later) is not None
        return go_on(job, progress)

    make_runner({"push": loses_it}, beat=0.02, grace=60.0).run_one()
    assert (look(job_id).owner, look(job_id).state) == ("other", JobState.RUNNING)


def test_an_unexpected_error_fails_the_job_with_a_safe_message(
    make_deployment: Callable[..., int], enqueue: Enqueue, look: Look, make_runner: Callable[..., Runner],
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    """What the error says stands in the log alone; the job names its kind, and the runner goes on to the next job."""
    job_id, behind = enqueue(make_deployment("iraq")), enqueue(make_deployment("sudan"))

    def break_once(job: Job, _progress: Progress) -> Mapping[str, Any]:
        if job.id == job_id:
            raise RuntimeError("the secret is swordfish")
        return {}

    runner = make_runner({"push": break_once})
    with caplog.at_level(logging.ERROR):
        assert [runner.run_one(), runner.run_one()] == [True, True]
    assert look(job_id).state is JobState.FAILED
    assert look(job_id).message == "It failed unexpectedly (RuntimeError); see the log."
    assert f"job {job_id} (push) failed" in caplog.text
    assert "swordfish" in caplog.text
    assert look(behind).state is JobState.DONE


def test_expected_trouble_is_said_in_its_own_words(
    make_deployment: Callable[..., int], enqueue: Enqueue, look: Look, make_runner: Callable[..., Runner]
) -> None:
    """A refusal or an unreachable remote ends the job as failed with the sentence made for people."""
    job_id = enqueue(make_deployment())

    def fail(_job: Job, _progress: Progress) -> Mapping[str, Any]:
        raise RemoteUnreachable("Transifex does not answer.")

    make_runner({"push": fail}).run_one()
    assert (look(job_id).state, look(job_id).message) == (JobState.FAILED, "Transifex does not answer.")


class Unwell(Database):
    """A database that does not answer the first time it is read."""

    failures = 1

    def read(self) -> Any:
        if self.failures:
            self.failures -= 1
            raise OperationalError("SELECT …", {}, Exception("the server closed the connection"))
        return super().read()


def test_a_database_that_does_not_answer_does_not_end_the_runner(
    database: Database, clock: MovableClock, make_deployment: Callable[..., int], enqueue: Enqueue, look: Look,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    """After an outage the same runner takes up the jobs that wait."""
    job_id = enqueue(make_deployment())
    stop = threading.Event()

    def work(_job: Job, _progress: Progress) -> Mapping[str, Any]:
        stop.set()
        return {}

    unwell = Unwell(database.url.render_as_string(hide_password=False))
    keep_running(Runner(unwell, {"push": work}, "a", clock), stop)
    unwell.close()
    assert look(job_id).state is JobState.DONE
    assert "jobs wait: the database cannot be used (OperationalError)" in caplog.text
