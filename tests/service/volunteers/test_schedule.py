"""Looking at the teams by itself: once a day where there is something to look at, by one process, told if it fails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr
from sqlmodel import col, select

from service.audit.service import Actor
from service.deployments.service import archive_deployment
from service.home.pages.telling import say_need
from service.home.progress import describe_languages, list_needs
from service.jobs.models import Job, JobState
from service.progress.rules.needs import NeedKind
from service.volunteers.models import TeamLook, TeamSchedule
from service.volunteers.schedule import queue_due_looks
from service.volunteers.service import register
from service.web.languages import ENGLISH, words_in
from service.worker import make_runner
from tests.support.syncing import World
from transifex_client.resources import NewTeam
from transifex_client.sandbox.transport import sandbox_transport

if TYPE_CHECKING:
    from service.db import Database
    from service.web.resources import Resources
    from tests.support.browsing import Browser
    from tests.support.people import MovableClock

BY = Actor("operator@host")


class Days:
    """A connected deployment, and days that pass."""

    def __init__(self, world: World, resources: Resources) -> None:
        self.world = world
        settings = resources.settings.model_copy(update={"transifex_token": SecretStr("bot-token")})
        transport = sandbox_transport(world.sandbox)
        self.runner = make_runner(replace(resources, settings=settings, transifex_transport=transport))

    def tick(self, owner: str = "one", *, shared_token: bool = True) -> int:
        """Look whether one is due."""
        world = self.world
        return queue_due_looks(
            world.database, owner=owner, now=world.clock(), shared_token=shared_token, chance=lambda: 0.5
        )

    def run(self) -> Job:
        """Run what is queued, and return the last job."""
        while self.runner.run_one():
            pass
        with self.world.database.read() as session:
            return session.exec(select(Job).order_by(col(Job.id).desc())).first()  # type: ignore[return-value]

    def found_team(self) -> None:
        """Give the project a team."""
        world = self.world
        organization = world.client.get_project(world.project).organization
        team = world.client.create_team(NewTeam(organization, "Volunteers"), now=world.clock()).id
        world.sandbox.state.projects[world.project].team = team

    def register(self) -> None:
        """Register somebody."""
        world = self.world
        with world.database.write() as session:
            cells = {"transifex": "omar", "languages": "fr"}
            register(
                session, world.deployment_in(session), [(2, cells)], actor=BY, now=world.clock(), new_id=world.new_id
            )


@pytest.fixture
def days(database: Database, clock: MovableClock, resources: Resources) -> Days:
    """A deployment with a project of its own and no team yet."""
    return Days(World(database, clock), resources)


def test_a_team_is_looked_at_once_a_day(days: Days) -> None:
    """The first time within an hour, then a day later, and not before; the look is a whole one."""
    days.found_team()
    assert days.tick() == 0
    days.world.clock.move(minutes=29)
    assert days.tick() == 0
    days.world.clock.move(minutes=1)
    assert days.tick() == 1
    assert days.tick() == 0
    assert days.run().state is JobState.DONE
    with days.world.database.read() as session:
        assert session.exec(select(TeamLook)).one().looked_at == days.world.clock()
    days.world.clock.move(hours=23)
    assert days.tick() == 0
    days.world.clock.move(hours=1)
    assert days.tick("after a restart") == 1


def test_a_day_that_was_missed_is_made_up_for_once(days: Days) -> None:
    """And while one waits or runs, no second one is queued."""
    days.tick()
    days.world.clock.move(days=5)
    assert days.tick() == 1
    assert days.tick() == 0
    days.world.clock.move(days=2)
    assert days.tick() == 0


def test_one_process_does_it_for_all(days: Days) -> None:
    """Until its lease ends."""
    days.tick("one")
    days.world.clock.move(minutes=31)
    assert days.tick("one") == 1
    with days.world.database.write() as session:
        session.exec(select(TeamSchedule)).one().next_at = days.world.clock()
    days.run()
    assert days.tick("two") == 0
    days.world.clock.move(minutes=3)
    assert days.tick("two") == 1


def test_what_is_not_connected_is_left_alone(days: Days) -> None:
    """Without a token, or archived."""
    assert days.tick(shared_token=False) == 0
    with days.world.database.read() as session:
        assert session.exec(select(TeamSchedule)).all() == []
    days.tick()
    with days.world.database.write() as session:
        archive_deployment(session, days.world.deployment_in(session), actor=BY, now=days.world.clock())
    days.world.clock.move(days=2)
    assert days.tick() == 0


def test_a_project_without_a_team_is_trouble_once_somebody_is_registered(
    days: Days, make_browser: Callable[..., Browser]
) -> None:
    """Then it is told where failed runs are, until a look works."""
    days.tick()
    days.world.clock.move(days=1)
    days.tick()
    assert days.run().state is JobState.DONE
    days.register()
    days.world.clock.move(days=2)
    days.tick()
    job = days.run()
    assert job.state is JobState.FAILED
    assert "has no team" in job.message
    slug = days.world.deployment().slug
    browser = make_browser("specialist", job.deployment_id)
    page = browser.get(f"/deployments/{slug}/runs").text
    assert "The last look at the team on Transifex failed." in page
    assert "has no team" in page
    assert "The last look at the team on Transifex failed" in browser.get(f"/deployments/{slug}").text
    assert _needs(days) == [NeedKind.FAILED_LOOK]
    days.found_team()
    days.world.clock.move(days=2)
    days.tick()
    assert days.run().state is JobState.DONE
    assert _needs(days) == []
    assert "The last look" not in browser.get(f"/deployments/{slug}/runs").text


def _needs(days: Days) -> list[NeedKind]:
    with days.world.database.read() as session:
        deployment = days.world.deployment_in(session)
        languages = describe_languages(session, deployment, now=days.world.clock())
        found = list_needs(session, deployment, languages, today=days.world.clock().date())
    lines = [say_need(need, deployment.slug, words_in(ENGLISH)) for need in found]
    assert all(line.address or line.command for line in lines)
    return [need.kind for need in found if need.kind is NeedKind.FAILED_LOOK]


def test_a_transifex_that_does_not_answer_is_asked_again_the_next_day(days: Days) -> None:
    """A failed look keeps no later one from coming."""
    days.tick()
    days.world.clock.move(hours=1)
    assert days.tick() == 1
    with days.world.database.write() as session:
        session.exec(select(Job)).one().state = JobState.FAILED
    assert days.tick() == 0
    days.world.clock.move(hours=24)
    assert days.tick() == 1
