"""Who alone exchanges texts for a deployment, and what is known of a run that was killed."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import select

from service.auth.models import Person
from service.errors import Refused
from service.jobs.processes import name_process
from service.jobs.runner import JobCancelled
from service.sync.models import RunKind, RunState, SyncRun, SyncRunItem
from service.sync.service import holding
from service.sync.service.holding import LEASE, RunTakenOver, keeping_lease
from tests.support.syncing import World
from transifex_client.wire import httpx

FORMS = {f"form/f{number}/name": f"Form {number}" for number in range(4)}
ELSEWHERE = "elsewhere/12/boot.1/34"


class Killed(BaseException):
    """The process dies here."""


def left_running(world: World, **facts: object) -> int:
    """Write down a run as a process leaves it that cannot say any more how it ended; return its id."""
    values = {
        "kind": RunKind.PUSH, "started_at": world.clock(), "owner": ELSEWHERE, "lease_until": world.clock() + LEASE,
        "outcome": {},
    } | facts  # fmt: skip
    with world.database.write() as session:
        run = SyncRun(deployment_id=world.deployment().id or 0, state=RunState.RUNNING, **values)
        session.add(run)
        session.flush()
        assert run.id is not None
        return run.id


def take_over(world: World) -> None:
    """Let another run find the one under way dead, as after its lease ended."""
    with world.database.write() as session:
        for run in world.runs():
            if run.state is RunState.RUNNING:
                session.get_one(SyncRun, run.id).state = RunState.FAILED


def run_of(world: World, run_id: int) -> SyncRun:
    return next(run for run in world.runs() if run.id == run_id)


def test_a_killed_run_keeps_the_next_one_waiting_for_a_minute_alone(world: World) -> None:
    """A second run is refused while the lease lasts, and starts when nobody renewed it."""
    world.bring(FORMS)
    run_id = left_running(world, lease_until=world.clock() + timedelta(minutes=2))
    with pytest.raises(Refused):
        world.push()
    world.clock.move(seconds=61)
    assert world.push().state is RunState.DONE
    dead = run_of(world, run_id)
    assert (dead.state, dead.ended_at is not None, dead.lease_until) == (RunState.FAILED, True, None)
    assert "no sign of life" in dead.message


def test_the_refusal_says_who_and_until_when(world: World) -> None:
    """The person, the process and the machine, since when, and when the next one can start."""
    world.bring(FORMS)
    with world.database.write() as session:
        session.add(Person(id="p-reem", name="Reem", created_at=world.clock()))
    left_running(world, person_id="p-reem", lease_until=world.clock() + timedelta(seconds=100))
    with pytest.raises(Refused) as caught:
        world.push()
    assert "is running since 09:00 UTC (by Reem, process 12 on elsewhere)" in caught.value.message
    assert "can start after 09:01:40 UTC" in caught.value.message


def test_a_dead_process_on_this_machine_is_known_at_once(world: World) -> None:
    """After kill -9 nobody waits for the lease, though the number of the process may be another's by now."""
    script = "import time, service.jobs.processes as own; print(own.name_process(), flush=True); time.sleep(60)"
    world.bring(FORMS)
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        owner = process.stdout.readline().strip()
        left_running(world, owner=owner, lease_until=world.clock() + timedelta(hours=1))
        with pytest.raises(Refused, match=f"process {process.pid} on"):
            world.push()
        process.kill()
        process.wait()
    assert world.push().state is RunState.DONE


def test_a_number_that_came_again_is_another_process(world: World) -> None:
    """The name carries when the process began."""
    world.bring(FORMS)
    own = name_process().rpartition("/")[0]
    assert own.split("/")[1] == str(os.getpid())
    left_running(world, owner=f"{own}/1", lease_until=world.clock() + timedelta(hours=1))
    assert world.push().state is RunState.DONE


def test_a_process_that_cannot_be_seen_from_here_counts_as_alive(world: World) -> None:
    """Its number says nothing: in another container it may be anybody's, also on a host of the same name."""
    host, pid, _, start = name_process().split("/")
    world.bring(FORMS)
    left_running(world, owner=f"{host}/{pid}0/other-boot.1/{start}", lease_until=world.clock() + timedelta(minutes=5))
    with pytest.raises(Refused, match="is running since"):
        world.push()


def test_a_run_by_hand_holds_its_deployment_and_lets_it_go(world: World) -> None:
    """The lease is renewed with every step, and gone when the run has ended."""
    world.bring(FORMS)
    leases = []

    def look(request: httpx.Request) -> None:
        world.clock.move(seconds=50)
        (run,) = world.runs()
        if "async_uploads" in request.url.path and request.method == "POST":
            leases.append(run.lease_until)
            assert run.owner == name_process()

    world.intercept = look
    world.push()
    assert len(leases) == 4
    assert leases == sorted(set(leases))
    assert world.runs()[0].lease_until is None


def test_a_request_that_takes_long_does_not_lose_the_lease(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside the waiting request the lease is renewed all the time."""
    world.bring(FORMS)
    keep = holding.keeping_lease
    monkeypatch.setattr(
        "service.sync.service.runs.keeping_lease", lambda renew, sign: keep(renew, sign, beat=0.02)
    )  # fmt: skip

    def hang(request: httpx.Request) -> None:
        if "async_uploads" not in request.url.path or request.method != "POST":
            return
        world.clock.move(minutes=10)
        end = time.monotonic() + 10
        while world.runs()[0].lease_until != world.clock() + LEASE and time.monotonic() < end:
            time.sleep(0.02)
        assert world.runs()[0].lease_until == world.clock() + LEASE

    world.intercept = hang
    assert world.push().state is RunState.DONE


def test_a_run_that_hangs_lets_its_lease_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that neither asks nor writes any more is not alive, whatever its heart does."""
    monkeypatch.setattr(holding, "PATIENCE", 0.1)
    renewed: list[float] = []
    with keeping_lease(lambda: renewed.append(time.monotonic()), lambda: 1, beat=0.02):
        time.sleep(0.5)
        many = len(renewed)
        time.sleep(0.2)
    assert 0 < many == len(renewed) < 12
    assert not [thread for thread in threading.enumerate() if thread.name == "run-lease"]


@pytest.mark.parametrize("mark", ["/resource_strings_async_uploads", "/resources/o:sandbox:p:project:r:f1"])
def test_a_run_that_was_taken_over_stops_before_it_writes(world: World, mark: str) -> None:
    """It notices before its next write, says so, and leaves the record of its end to who took over."""
    world.bring(FORMS)
    world.push()
    world.bring({key: f"{text}!" for key, text in FORMS.items()})

    def intercept(request: httpx.Request) -> None:
        if mark in request.url.path and "f1" in str(request.url) + request.read().decode("utf-8", "replace"):
            take_over(world)

    world.intercept = intercept
    before = world.unit("form/f1/name").pushed_at
    with pytest.raises(RunTakenOver, match="took over"):
        world.push()
    assert world.runs()[0].state is RunState.FAILED
    assert world.unit("form/f1/name").pushed_at == before
    assert [world.source_there(f"form/f{number}/name") for number in (2, 3)] == ["Form 2", "Form 3"]


def test_a_pull_that_was_taken_over_writes_no_text(world: World) -> None:
    """What it had fetched before is not let in after."""
    world.bring(FORMS)
    world.push()
    world.translate({key: f"{text} fr" for key, text in FORMS.items()})

    def intercept(request: httpx.Request) -> None:
        if request.url.path == "/resource_translations":
            take_over(world)

    world.intercept = intercept
    with pytest.raises(RunTakenOver):
        world.pull(workers=1)
    assert [world.text(key) for key in FORMS] == [None] * 4


def test_a_sending_that_was_taken_over_sends_no_text(world: World) -> None:
    """It notices before the request that would write on Transifex."""
    world.bring(FORMS)
    world.push()
    world.translate({"form/f1/name": "Un"})
    world.pull()
    world.correct("form/f1/name", "Une")
    sent = []

    def intercept(request: httpx.Request) -> None:
        if request.method == "PATCH":
            sent.append(request)
        if request.url.path == "/resource_translations":
            take_over(world)

    world.intercept = intercept
    with pytest.raises(RunTakenOver):
        world.send()
    assert sent == []
    assert [row.done_at for row in world.outbox()] == [None]


def results(run: SyncRun) -> dict[str, str]:
    """Return what became of each resource."""
    return {item["resource"]: item["result"] for item in run.outcome["items"]}


STOPPED = {"f0": "created", "f1": "failed", "f2": "not-reached", "f3": "not-reached"}


def test_a_cancelled_run_keeps_what_it_did(world: World) -> None:
    """Each resource's outcome until then is in its record; the others are told as not reached."""
    world.bring(FORMS)
    world.intercept = refusing("Form 1")

    def cancel(done: int, _total: int, _what: str) -> None:
        if done == 2:
            raise JobCancelled

    with pytest.raises(JobCancelled):
        world.push(on_progress=cancel)
    (run,) = world.runs()
    assert (run.state, results(run)) == (RunState.CANCELLED, STOPPED)
    assert run.outcome["counts"] == {"created": 1, "failed": 1, "not-reached": 2}
    assert "Until then: 1 created, 1 failed, 2 not-reached." in run.message


def test_a_killed_run_keeps_what_it_did(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when it could not say a word: the outcomes stood in the database with what they tell of."""
    world.bring(FORMS)
    refuse = refusing("Form 1")

    def die(request: httpx.Request) -> httpx.Response | None:
        if "Form 2" in request.read().decode("utf-8", "replace"):
            raise Killed
        return refuse(request)

    world.intercept = die
    with monkeypatch.context() as patch:
        # kill -9 lets nobody record anything.
        patch.setattr("service.sync.service.runs.OpenRun.finish", lambda *_: None)
        with pytest.raises(Killed):
            world.push()
    assert world.runs()[0].state is RunState.RUNNING
    world.intercept = lambda _request: None
    world.clock.move(minutes=2)
    world.push()
    newest, killed = world.runs()
    assert (killed.state, results(killed)) == (RunState.FAILED, STOPPED)
    assert results(newest) == {"f1": "updated", "f2": "created", "f3": "created"}
    with world.database.read() as session:
        assert session.exec(select(SyncRunItem)).all() == []


def test_a_cancelled_pull_keeps_what_it_did(world: World) -> None:
    """Each pair that was pulled is told with its counts, the rest as not reached."""
    world.bring(FORMS)
    world.push()
    world.translate({key: f"{text} fr" for key, text in FORMS.items()})

    def cancel(done: int, _total: int, _what: str) -> None:
        if done == 1:
            raise JobCancelled

    with pytest.raises(JobCancelled):
        world.pull(on_progress=cancel, workers=1)
    run = world.runs()[0]
    assert results(run) == {"f0": "pulled", "f1": "not-reached", "f2": "not-reached", "f3": "not-reached"}
    assert run.outcome["items"][0]["counts"] == {"filled": 1}


def refusing(mark: str) -> Callable[[httpx.Request], httpx.Response | None]:
    """Refuse requests whose body holds the mark."""

    def intercept(request: httpx.Request) -> httpx.Response | None:
        if mark not in request.read().decode("utf-8", "replace") or "async_uploads" not in request.url.path:
            return None
        return httpx.Response(400, json={"errors": [{"status": "400", "code": "x", "title": "X", "detail": "No."}]})

    return intercept
