"""The capacity on paper: what it counts with is what runs send, and the page says what the module prints."""

from __future__ import annotations

import pytest

from benchmarks import capacity
from service.db import Database
from service.sync.service import RunReport
from tests.support.people import MovableClock
from tests.support.syncing import World

FORMS = 3
LANGUAGES = ("ar", "fr")


@pytest.fixture
def world(database: Database, clock: MovableClock) -> World:
    """Three forms in two languages, pushed and pulled."""
    world = World(database, clock, locales={language: language for language in LANGUAGES})
    bring(world)
    world.push()
    world.pull()
    return world


def bring(world: World, changed: int = 0) -> None:
    world.bring({f"form/f{n}/name": f"Form {n}{' anew' if n < changed else ''}" for n in range(FORMS)})


def cost(report: RunReport) -> int:
    assert report.state.value in ("done", "no-changes")
    return report.requests


@pytest.mark.parametrize("moved", [0, 1, 2])
def test_a_pull_costs_what_is_counted(world: World, moved: int) -> None:
    """The statistics' pages, a listing for each pair that moved, one look for questions."""
    world.translate({f"form/f{number}/name": "Formulaire" for number in range(moved)})
    assert cost(world.pull()) == capacity.pull(moved, FORMS, len(LANGUAGES))


def test_a_pull_of_everything_costs_what_is_counted(world: World) -> None:
    """Every pair is listed."""
    assert cost(world.pull(everything=True)) == capacity.whole_pull(FORMS, len(LANGUAGES))


@pytest.mark.parametrize("changed", [0, 1, 2])
def test_a_push_costs_what_is_counted(world: World, changed: int) -> None:
    """A list while nothing changes; else a listing in each language of each resource, and what an upload takes."""
    bring(world, changed)
    assert cost(world.push()) == capacity.push(changed, strings=1, languages=len(LANGUAGES))


def test_the_page_says_what_the_module_prints() -> None:
    """docs/reference/capacity.md is up to date (else: python -m benchmarks.capacity --write)."""
    assert f"{capacity.BEGIN}{capacity.tables()}{capacity.END}" in capacity.PAGE.read_text("utf-8")


def test_a_day_keeps_the_limit_and_loses_no_request() -> None:
    """No minute holds more than the limiter gives out, and the busiest day's pulls all end."""
    load = capacity.simulate(40, 15, together=True)
    assert max(load.minutes) <= capacity.A_SLOT * 60 // capacity.SLOT
    assert 40 * (95 * capacity.idle_pull() + capacity.whole_pull()) * 0.9 < sum(load.minutes)
    assert load.whole_hours < 2
    assert capacity.simulate(40, 15, together=True) == load


def test_more_deployments_than_a_token_serves_wait_longer_and_longer() -> None:
    """Above the number that is called full, pulls end later than they come due; well below it they do not."""
    over, under = (max(capacity.simulate(int(share * capacity.full_at(60)), 60).waits) for share in (1.3, 0.5))
    assert over > 3600 > under
