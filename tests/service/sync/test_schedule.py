"""Pulls by themselves."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import SecretStr
from sqlmodel import select

from service.db import Database
from service.jobs.models import Job, JobState
from service.jobs.service import claim_job, finish_job
from service.sync.models import SyncSchedule
from service.sync.service.schedule import LEASE, queue_due_pulls
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
    return queue_due_pulls(
        world.database, owner=owner, now=world.clock(), every=every, shared_token=shared_token, chance=lambda: 0.5
    )


def end_pull(world: World) -> Job:
    """Run the queued pull to its end."""
    with world.database.write() as session:
        job = claim_job(session, "me", kinds=["pull"], now=world.clock())
        assert job is not None
        finish_job(session, job.id or 0, "me", result={}, message="", failed=False, now=world.clock())
        return job


def pulls(world: World) -> list[Job]:
    with world.database.read() as session:
        return list(session.exec(select(Job)))


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


def test_once_a_day_everything_is_compared(world: World) -> None:
    """One pull a day asks for all pairs, the others for what moved; one that could not be queued is made up for."""
    tick(world)
    whole = []
    for _ in range(100):
        world.clock.move(minutes=60)
        assert tick(world) == 1
        whole.append(end_pull(world).arguments["everything"])
    assert [number for number, everything in enumerate(whole) if everything] == [23, 47, 71, 95]


def test_never_two_at_once(world: World) -> None:
    """While a pull waits or runs no other one is queued, and the day's whole one is not forgotten by that."""
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


@pytest.mark.parametrize(("minutes", "expected"), [(15, 1), (0, 0)])
def test_the_worker_looks_by_itself_unless_told_not_to(
    world: World, resources: Resources, minutes: int, expected: int
) -> None:
    """BRIDGE_SYNC_MINUTES=0 switches it off."""
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
        if len(pulls(world)) == expected and (expected or not thread.is_alive()):
            break
        waiting.wait(0.02)
    stop.set()
    thread.join(10)
    assert [job.state for job in pulls(world)] == [JobState.QUEUED] * expected
