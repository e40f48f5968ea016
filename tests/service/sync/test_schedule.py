"""Exchanges by themselves."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import SecretStr
from sqlmodel import select

from service.db import Database
from service.jobs.models import Job, JobState
from service.jobs.service import claim_job, finish_job
from service.progress.models import ProgressSnapshot
from service.sync.models import RunState, SyncSchedule
from service.sync.service.schedule import LEASE, queue_due_syncs
from service.web.resources import Resources
from service.worker import keep_schedule
from tests.support.people import MovableClock
from tests.support.syncing import World

EVERY = timedelta(minutes=15)


@pytest.fixture
def world(database: Database, clock: MovableClock) -> World:
    """A deployment that was pushed."""
    made = World(database, clock)
    made.bring({"form/f/name": "Form"})
    made.push()
    return made


def tick(world: World, owner: str = "one", *, shared_token: bool = True, every: timedelta = EVERY) -> int:
    return queue_due_syncs(
        world.database, owner=owner, now=world.clock(), every=every, shared_token=shared_token, chance=lambda: 0.5
    )


def end_pull(world: World, *, failed: bool = False) -> Job:
    """Run the queued pull to its end."""
    with world.database.write() as session:
        job = claim_job(session, "me", kinds=["pull"], now=world.clock())
        assert job is not None
        finish_job(session, job.id or 0, "me", result={}, message="", failed=failed, now=world.clock())
        return job


def pulls(world: World) -> list[Job]:
    with world.database.read() as session:
        return list(session.exec(select(Job)))


def tick_and_run(world: World, **options: object) -> list[str]:
    """Look once, half an hour later, run what was queued, and return the kinds of it."""
    world.clock.move(minutes=30)
    tick(world)
    ran = []
    while True:
        with world.database.write() as session:
            job = claim_job(session, "me", kinds=["pull", "push"], now=world.clock())
            if job is None:
                return ran
            number, kind = job.id or 0, job.kind
        ran.append(kind)
        if kind == "push":
            world.push(**options)
        else:
            world.pull()
        with world.database.write() as session:
            finish_job(session, number, "me", result={}, message="", failed=False, now=world.clock())


def test_a_pull_comes_about_every_so_many_minutes(world: World) -> None:
    """The first one within that time, then one after another, and not before."""
    assert tick(world) == 0
    world.clock.move(minutes=11)
    assert tick(world) == 0
    world.clock.move(minutes=1)
    assert tick(world) == 1
    end_pull(world)
    world.clock.move(minutes=14)
    assert tick(world) == 0
    world.clock.move(minutes=1)
    assert tick(world) == 1


def only_pulls(world: World) -> None:
    """Have the deployment pushed when asked alone."""
    with world.database.write() as session:
        world.deployment_in(session).push_by_itself = False


def test_once_a_day_everything_is_compared(world: World) -> None:
    """One pull a day asks for all pairs, the others for what moved; one that could not be queued is made up for."""
    only_pulls(world)
    tick(world)
    whole = []
    for _ in range(100):
        world.clock.move(minutes=60)
        assert tick(world) == 1
        whole.append(end_pull(world).arguments["everything"])
    assert [number for number, everything in enumerate(whole) if everything] == [23, 47, 71, 95]


def test_a_comparison_of_everything_that_failed_is_made_up_for(world: World) -> None:
    """The next pull asks for all pairs again, the one after it does not."""
    only_pulls(world)
    tick(world)
    world.clock.move(hours=25)
    whole = []
    for failed in (True, True, False, False):
        assert tick(world) == 1
        whole.append(end_pull(world, failed=failed).arguments["everything"])
        world.clock.move(minutes=60)
    assert whole == [True, True, True, False]


def test_never_two_at_once(world: World) -> None:
    """While a pull waits or runs no other one is queued, and the day's whole one is not forgotten by that."""
    only_pulls(world)
    tick(world)
    world.clock.move(minutes=20)
    assert tick(world) == 1
    world.clock.move(hours=25)
    assert tick(world) == 0
    assert len(pulls(world)) == 1
    end_pull(world)
    world.clock.move(minutes=20)
    assert tick(world) == 1
    assert end_pull(world).arguments["everything"]


def test_one_process_does_it_for_all(world: World) -> None:
    """Another one waits until the lease of the first has ended."""
    tick(world, "one")
    world.clock.move(minutes=20)
    assert tick(world, "one") == 1
    end_pull(world)
    with world.database.write() as session:
        session.exec(select(SyncSchedule)).one().next_at = world.clock()
    assert tick(world, "two") == 0
    world.clock.move(seconds=LEASE.total_seconds() + 1)
    assert tick(world, "two") == 1
    with world.database.write() as session:
        session.exec(select(SyncSchedule)).one().next_at = world.clock()
    assert tick(world, "one") == 0


@pytest.fixture
def translated(world: World) -> World:
    """A deployment that was pushed, translated and pulled, and has nothing to say."""
    world.translate({"form/f/name": "Formulaire"})
    world.pull()
    tick(world)
    return world


def test_a_decision_reaches_transifex_without_anybody_asking(translated: World) -> None:
    """An approval is marked there with the next exchange; then nothing is sent until something else is decided."""
    assert tick_and_run(translated) == ["pull"]
    translated.approve("form/f/name")
    assert tick_and_run(translated) == ["pull", "push"]
    found = translated.theirs("form/f/name")
    assert found is not None
    assert found.reviewed
    assert tick_and_run(translated) == ["pull"]
    translated.reject("form/f/name", by="other")
    assert tick_and_run(translated) == ["pull", "push"]
    assert len(translated.issues("form/f/name")) == 1


def test_an_answer_reaches_transifex_without_anybody_asking(translated: World) -> None:
    """What is said to a volunteer's question goes with the next exchange too."""
    translated.ask("form/f/name", "A form of paper?")
    translated.pull(questions=True)
    (question,) = translated.questions()
    translated.answer(question.id, "Yes.")
    assert tick_and_run(translated) == ["pull", "push"]
    assert [each.message for each in translated.issues("form/f/name")] == ["A form of paper?", "Yes."]


def test_a_newer_source_goes_once_there_was_time_to_choose(translated: World) -> None:
    """Half an hour after the last import or change of scope, and not before; nothing else goes meanwhile."""
    translated.bring({"form/f/name": "Form", "form/f/a/display_name": "A"})
    translated.approve("form/f/name")
    translated.clock.move(minutes=-15)
    assert tick_and_run(translated) == ["pull"]
    assert translated.source_there("form/f/a/display_name") is None
    assert tick_and_run(translated) == ["pull", "push"]
    assert translated.source_there("form/f/a/display_name") == "A"


def test_a_push_by_itself_deletes_no_more_than_any_other(translated: World) -> None:
    """It stops where a person would have to allow it, and is not tried again all the time."""
    translated.bring({"form/f/a/display_name": "A"})
    assert tick_and_run(translated) == ["pull", "push"]
    assert translated.source_there("form/f/name") == "Form"
    assert translated.runs()[0].state is RunState.FAILED
    assert tick_and_run(translated) == ["pull"]
    assert tick_and_run(translated) == ["pull", "push"]


def test_the_first_push_is_a_persons(database: Database, clock: MovableClock) -> None:
    """What was never pushed is not pushed by itself, nor what goes to another project by now."""
    world = World(database, clock)
    world.bring({"form/f/name": "Form"})
    assert tick_and_run(world) == tick_and_run(world) == []
    world.push()
    tick(world)
    world.forget()
    assert tick_and_run(world) == []


def test_pushing_by_itself_can_be_switched_off(translated: World) -> None:
    """Then pulls go on, and decisions wait for whoever pushes."""
    only_pulls(translated)
    translated.approve("form/f/name")
    assert tick_and_run(translated) == ["pull"]
    assert len(translated.outbox()) == 1


@pytest.mark.parametrize("what", ["archived", "project", "language", "token", "pushed"])
def test_what_cannot_be_pulled_is_left_alone(database: Database, clock: MovableClock, what: str) -> None:
    """An archived deployment, one without project, language or token, or with nothing on Transifex yet."""
    world = World(database, clock, locales={"fr": None if what == "language" else "fr"})
    world.bring({"form/f/name": "Form"})
    if what != "pushed":
        world.push()
    with database.write() as session:
        deployment = world.deployment_in(session)
        if what == "archived":
            deployment.archived_at = clock()
        if what == "project":
            deployment.transifex_project = None
    for _ in range(3):
        clock.move(minutes=20)
        assert tick(world, shared_token=what != "token") == 0
    assert pulls(world) == []


def test_an_own_token_is_enough(world: World) -> None:
    """A deployment with a token of its own is pulled although the service has none."""
    with world.database.write() as session:
        world.deployment_in(session).transifex_token = "sealed"
    tick(world, shared_token=False)
    world.clock.move(minutes=20)
    assert tick(world, shared_token=False) == 1


def test_a_shorter_time_between_pulls_holds_at_once(world: World) -> None:
    """What was planned under a longer one is planned anew."""
    tick(world, every=timedelta(days=1))
    tick(world)
    world.clock.move(minutes=16)
    assert tick(world) == 1


def snapshots(world: World) -> Sequence[ProgressSnapshot]:
    with world.database.read() as session:
        return session.exec(select(ProgressSnapshot)).all()


@pytest.mark.parametrize(("minutes", "expected"), [(15, 1), (0, 0)])
def test_the_worker_looks_by_itself_unless_told_not_to(
    world: World, resources: Resources, minutes: int, expected: int
) -> None:
    """BRIDGE_SYNC_MINUTES=0 switches it off; how languages stand is remembered all the same."""
    token = SecretStr("bot-token")
    settings = resources.settings.model_copy(update={"sync_minutes": minutes, "transifex_token": token})
    tick(world)
    world.clock.move(minutes=30)
    stop = threading.Event()
    thread = threading.Thread(
        target=keep_schedule, args=(replace(resources, settings=settings), "one", stop), kwargs={"pause": 0.01}
    )
    thread.start()
    waiting = threading.Event()
    for _ in range(200):
        if len(pulls(world)) == expected and snapshots(world):
            break
        waiting.wait(0.02)
    stop.set()
    thread.join(10)
    assert [job.state for job in pulls(world)] == [JobState.QUEUED] * expected
    assert snapshots(world)
