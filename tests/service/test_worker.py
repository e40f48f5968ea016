"""The worker: jobs that exchange texts with Transifex, and the process that runs them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlmodel import select

from service.auth.models import Person
from service.catalog.models import State
from service.db import Database
from service.errors import Refused
from service.jobs.models import Job, JobState
from service.jobs.runner import Runner
from service.jobs.service import LEASE, cancel_job, enqueue_job, get_job
from service.progress.models import ProgressSnapshot
from service.serving import running_server
from service.sync.models import RunKind, RunState, SyncRun
from service.sync.service import push
from service.web.resources import Resources
from service.worker import make_runner, run_worker, start_worker
from tests.support.patience import given_up_after
from tests.support.people import MovableClock
from tests.support.syncing import SYNC, World
from transifex_client.sandbox.transport import sandbox_transport
from transifex_client.wire import httpx

FORMS = {f"form/f{number}/name": f"Form {number}" for number in range(3)}
COMMAND = [sys.executable, "-c", "from service.cli import main; main()"]


@pytest.fixture
def world(database: Database, clock: MovableClock) -> World:
    """A deployment translated into French, with a Transifex of its own."""
    made = World(database, clock)
    made.bring(FORMS)
    return made


@pytest.fixture
def at_work(resources: Resources, world: World) -> Resources:
    """Resources whose way to Transifex ends at the world's sandbox."""
    inner = sandbox_transport(world.sandbox)

    def carry(request: httpx.Request) -> httpx.Response:
        return world.intercept(request) or inner.handler(request)  # type: ignore[return-value]

    settings = resources.settings.model_copy(
        update={"transifex_token": SecretStr("bot-token"), "transifex_user": "bridge-bot"}
    )
    return replace(resources, settings=settings, transifex_transport=httpx.MockTransport(carry))


@pytest.fixture
def runner(at_work: Resources) -> Runner:
    """A runner with the real handlers."""
    return make_runner(at_work)


def enqueue(world: World, kind: str, person_id: str | None = None, **arguments: object) -> int:
    """Queue a job for the world's deployment."""
    with world.database.write() as session:
        deployment_id = world.deployment().id
        assert deployment_id is not None
        job = enqueue_job(
            session, kind, deployment_id=deployment_id, arguments=arguments, person_id=person_id, now=world.clock()
        )
        assert job.id is not None
        return job.id


def look(database: Database, job_id: int) -> Job:
    """Return the job as it stands."""
    with database.read() as session:
        return get_job(session, job_id)


def test_a_push_and_a_pull_carry_texts_there_and_back(world: World, runner: Runner) -> None:
    """The jobs end as done with the run they made; volunteers' texts come in with their authors."""
    world.reviewer("reem")
    push = enqueue(world, "push", "test-reem")
    assert runner.run_one()
    assert world.source_there("form/f1/name") == "Form 1"
    done = look(world.database, push)
    assert (done.state, done.done, done.total) == (JobState.DONE, 3, 3)
    run = world.runs()[0]
    assert (run.kind, run.state, run.person_id) == (RunKind.PUSH, RunState.DONE, "test-reem")
    assert done.result is not None
    assert (done.result["run"], done.result["state"]) == (run.id, "done")
    assert done.result["requests"] > 0
    world.translate({"form/f1/name": "Formulaire 1"})
    world.clock.move(minutes=5)
    pull = enqueue(world, "pull")
    assert runner.run_one()
    assert look(world.database, pull).state is JobState.DONE
    assert (world.text("form/f1/name"), world.state("form/f1/name")) == ("Formulaire 1", State.TRANSLATED)
    assert world.author("form/f1/name") == "amina"
    with world.database.read() as session:
        (remembered,) = session.exec(select(ProgressSnapshot)).all()
    assert (remembered.locale, remembered.day, remembered.translated) == ("fr", world.clock().date(), 1)


def test_a_pull_by_itself_looks_for_questions_where_something_moved_alone(world: World, runner: Runner) -> None:
    """One that a person or a webhook asked for looks for questions; one by itself in which nothing moved does not."""
    enqueue(world, "push")
    enqueue(world, "pull")
    assert runner.run_one()
    assert runner.run_one()
    world.clock.move(minutes=5)
    enqueue(world, "pull")
    assert runner.run_one()
    world.ask("form/f1/name", "Which form?")
    enqueue(world, "pull", scheduled=world.clock().isoformat())
    assert runner.run_one()
    assert world.questions() == []
    enqueue(world, "pull")
    assert runner.run_one()
    assert [question.text for question in world.questions()] == ["Which form?"]


def test_what_the_service_user_wrote_has_no_author(world: World, runner: Runner) -> None:
    """The user of BRIDGE_TRANSIFEX_USER is never counted as an author."""
    world.push()
    world.translate({"form/f1/name": "Formulaire 1"}, by="bridge-bot")
    world.clock.move(minutes=5)
    enqueue(world, "pull")
    runner.run_one()
    assert world.author("form/f1/name") is None
    with world.database.read() as session:
        assert not session.exec(select(Person).where(Person.transifex_username == "bridge-bot")).all()


def test_a_push_whose_file_is_never_taken_can_be_cancelled(world: World, runner: Runner) -> None:
    """It does not wait until Transifex is done with the file; the next push sends that resource whole."""
    world.sandbox.settings.endless_jobs = 1
    job_id = enqueue(world, "push")

    def cancel(request: httpx.Request) -> None:
        if request.method == "GET" and "async_uploads" in request.url.path:
            world.intercept = lambda _request: None
            with world.database.write() as session:
                cancel_job(session, job_id, now=world.clock())

    world.intercept = cancel
    with given_up_after(60):
        assert replace(runner, beat=0.02, grace=0.0).run_one()
    assert (look(world.database, job_id).state, world.runs()[0].state) == (JobState.CANCELLED, RunState.CANCELLED)
    world.push()
    assert [world.source_there(key) for key in FORMS] == list(FORMS.values())


def test_removals_need_leave_in_the_job_too(world: World, runner: Runner) -> None:
    """Without `allow_removals` a push that would empty a resource ends with what it refused; with it, it goes on."""
    many = {f"form/f/{letter}/display_name": letter for letter in "abcdefgh"}
    world.bring(many)
    world.push()
    world.bring(dict(list(many.items())[:4]))
    refused = enqueue(world, "push")
    world.clock.move(minutes=1)
    runner.run_one()
    assert world.source_there("form/f/h/display_name") == "h"
    assert look(world.database, refused).state is JobState.FAILED
    enqueue(world, "push", allow_removals=True)
    world.clock.move(minutes=1)
    runner.run_one()
    assert world.source_there("form/f/h/display_name") is None
    assert world.source_there("form/f/a/display_name") == "a"


def test_a_transifex_that_is_down_fails_the_job_with_a_sentence(world: World, runner: Runner) -> None:
    """The job says what happened and what to do; nothing waits for ever."""
    world.intercept = lambda _request: httpx.Response(401, json={"errors": [{"status": "401", "code": "x"}]})
    job_id = enqueue(world, "push")
    assert runner.run_one()
    job = look(world.database, job_id)
    assert job.state is JobState.FAILED
    assert "Transifex does not take the token" in job.message


def left_behind(world: World, **values: object) -> tuple[int, int]:
    """Make a job and a run as a killed worker leaves them; return their ids."""
    job_id = enqueue(world, "push")
    with world.database.write() as session:
        job = get_job(session, job_id)
        job.state, job.owner, job.attempts, job.lease_until = JobState.RUNNING, "dead", 1, world.clock() + LEASE
        facts = {
            "kind": RunKind.PUSH,
            "started_at": world.clock(),
            "outcome": {"job": job_id},
            "owner": "dead",
        } | values
        run = SyncRun(deployment_id=job.deployment_id, state=RunState.RUNNING, **facts)
        session.add(run)
        session.flush()
        assert run.id is not None
        return job_id, run.id


def test_a_push_whose_worker_was_killed_is_taken_over(world: World, runner: Runner) -> None:
    """The run that the dead worker left open does not keep the next one from starting."""
    job_id, run_id = left_behind(world)
    world.clock.move(seconds=30)
    assert not runner.run_one()
    world.clock.move(seconds=31)
    assert runner.run_one()
    assert look(world.database, job_id).state is JobState.DONE
    states = {run.id: run.state for run in world.runs()}
    assert states.pop(run_id) is RunState.FAILED
    assert list(states.values()) == [RunState.DONE]


def test_a_dead_workers_run_keeps_nobody_waiting(world: World, runner: Runner) -> None:
    """Not even a pull, or a push by hand, waits for longer than the dead worker's lease."""
    world.push()
    job_id, run_id = left_behind(world)
    with pytest.raises(Refused, match="is running since"):
        push(world.database, world.client, deployment_slug=world.slug, actor=SYNC, clock=world.clock,
             new_id=world.new_id)  # fmt: skip
    world.pull()
    assert next(run.state for run in world.runs() if run.id == run_id) is RunState.FAILED
    assert look(world.database, job_id).state is JobState.RUNNING


def test_a_run_of_somebody_else_is_left_alone(world: World, runner: Runner) -> None:
    """What no job began goes on: the job says that it is under way."""
    job_id, run_id = left_behind(world, outcome={}, lease_until=world.clock() + timedelta(minutes=2))
    world.clock.move(seconds=61)
    assert runner.run_one()
    assert look(world.database, job_id).state is JobState.FAILED
    assert "is running since" in look(world.database, job_id).message
    assert next(run.state for run in world.runs() if run.id == run_id) is RunState.RUNNING


def test_a_push_that_is_cancelled_keeps_what_it_sent(world: World, at_work: Resources) -> None:
    """It stops between two resources; what was sent stays, and the next push sends the rest alone."""
    job_id = 0

    def cancel_at_the_first_upload(request: httpx.Request) -> None:
        if "async_uploads" in request.url.path and look(world.database, job_id).state is JobState.RUNNING:
            with world.database.write() as session:
                assert cancel_job(session, job_id, now=world.clock()).state is JobState.CANCELLING

    world.intercept = cancel_at_the_first_upload
    job_id = enqueue(world, "push")
    assert make_runner(at_work).run_one()
    job = look(world.database, job_id)
    assert (job.state, job.done, job.total) == (JobState.CANCELLED, 1, 3)
    assert "kept" in job.message
    run = world.runs()[0]
    assert run.state is RunState.CANCELLED
    assert [item["result"] for item in run.outcome["items"]] == ["created", "not-reached", "not-reached"]
    assert "1 created, 2 not-reached" in run.message
    assert [world.source_there(key) for key in FORMS] == ["Form 0", None, None]
    enqueue(world, "push")
    assert make_runner(at_work).run_one()
    assert world.runs()[0].outcome["counts"]["created"] == 2


def test_a_push_that_is_stopped_goes_on_with_another_worker(world: World, at_work: Resources) -> None:
    """The stopped worker ends its run and gives the job back; the next sends what is missing."""
    stop = threading.Event()

    def stop_at_the_first_upload(request: httpx.Request) -> None:
        if "async_uploads" in request.url.path:
            stop.set()

    world.intercept = stop_at_the_first_upload
    job_id = enqueue(world, "push")
    run_worker(at_work, stop)
    assert (look(world.database, job_id).state, look(world.database, job_id).attempts) == (JobState.QUEUED, 0)
    assert world.runs()[0].state is RunState.FAILED
    assert world.source_there("form/f2/name") is None
    assert make_runner(at_work).run_one()
    assert look(world.database, job_id).state is JobState.DONE
    assert world.source_there("form/f2/name") == "Form 2"


def test_runners_have_names_of_their_own(at_work: Resources) -> None:
    """Numbers of processes and threads come again; the name in the ledger never does."""
    assert make_runner(at_work).owner != make_runner(at_work).owner


def test_a_worker_beside_a_server(at_work: Resources, world: World) -> None:
    """A second worker and a server with one of its own share a database: each job runs once, requests are answered."""
    stop = threading.Event()
    ids = []
    with running_server(at_work) as url:
        thread = start_worker(at_work, stop)
        for kind in ("push", "pull", "push"):
            ids.append(enqueue(world, kind))
            assert httpx.get(f"{url}/healthz", headers={"Host": "localhost"}).status_code == 200
            wait_until(lambda: look(world.database, ids[-1]).ended_at is not None)
        stop.set()
        thread.join(10)
    assert not thread.is_alive()
    assert [look(world.database, job_id).state for job_id in ids] == [JobState.DONE] * 3
    assert [look(world.database, job_id).attempts for job_id in ids] == [1] * 3
    assert len(world.runs()) == 3


def wait_until(condition: Callable[[], bool], seconds: float = 30) -> None:
    """Return when the condition holds; fail when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def end_of(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Return what a process that is to end wrote; one that does not end writes where each of its threads is."""
    try:
        return process.communicate(timeout=30)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGABRT)
        return process.communicate(timeout=30)


@contextmanager
def worker_process(database: Database, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Run `primero-bridge worker` on the database."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BRIDGE_")} | {
        "BRIDGE_DATABASE_URL": database.url.render_as_string(hide_password=False),
        "BRIDGE_DATA_DIR": str(folder),
        "PYTHONFAULTHANDLER": "1",
    }
    with subprocess.Popen(
        [*COMMAND, "worker"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        cwd=Path(__file__).resolve().parents[2],
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_worker_with_exit_code_0(
    database: Database, tmp_path: Path, world: World, number: signal.Signals
) -> None:
    """The process takes up jobs, says why one cannot be done, and ends cleanly and quietly when told to."""
    job_id = enqueue(world, "push")
    with worker_process(database, tmp_path / "data") as process:
        wait_until(lambda: look(database, job_id).ended_at is not None or process.poll() is not None, 60)
        process.send_signal(number)
        out, err = end_of(process)
    assert (process.returncode, out, err) == (0, "waiting for jobs; stop with Ctrl-C\n", "")
    assert "There is no Transifex token" in look(database, job_id).message
