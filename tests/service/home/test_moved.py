"""Units that only changed their place, and what they take along."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from extractors.units import Catalog, Unit, UnitKey
from service.catalog.models import Origin, State
from service.db import Database
from service.home.sources import SourceReport, import_source
from tests.support.people import MovableClock
from tests.support.syncing import SYNC, World

OLD = "form/consent/age/display_name"
NEW = "form/basics/age/display_name"
REST = {f"form/rest/q{number}/display_name": f"Question {number}" for number in range(20)}


@pytest.fixture
def world(database: Database, clock: MovableClock) -> World:
    """A deployment whose question has a French text by Amina."""
    world = World(database, clock)
    world.bring({**REST, OLD: "Age"})
    world.push()
    world.translate({OLD: "Âge"}, by="amina")
    world.pull()
    return world


def bring(world: World, sources: Mapping[str, str], *, adopt: bool, french: str = "") -> SourceReport:
    texts = {"fr": french} if french else {}
    units = tuple(Unit(UnitKey.parse(key), text, texts if key == NEW else {}) for key, text in sources.items())
    with world.database.write() as session:
        return import_source(
            session, world.deployment_in(session), Catalog("test", "en", units, locales=("en", "fr")),
            origin="test", allow_removals=False, adopt_moved=adopt, actor=SYNC, now=world.clock(),
        )  # fmt: skip


def test_a_moved_unit_takes_its_translation_along(world: World) -> None:
    """The new unit is filled as translated, with the author and the date of the text; the old one keeps its own."""
    before = world.ours(OLD)
    world.approve(OLD)
    report = bring(world, {**REST, NEW: "Age"}, adopt=True)
    assert report.adopted["fr"].written == 1
    ours = world.ours(NEW)
    assert ours is not None
    assert before is not None
    assert (ours.text, ours.state, ours.origin) == ("Âge", State.TRANSLATED, Origin.INHERITED)
    assert (world.author(NEW), ours.written_at) == ("amina", before.written_at)
    assert world.state(OLD) is State.APPROVED


def test_nothing_is_taken_along_unasked(world: World) -> None:
    """Without being told to, an import only says what moved."""
    report = bring(world, {**REST, NEW: "Age"}, adopt=False)
    assert [(pair.old, pair.new) for pair in report.plan.moved] == [(OLD, NEW)]
    assert world.text(NEW) is None


def test_a_stale_text_is_not_taken_along(world: World) -> None:
    """What was written on another source text would pass for a translation of this one."""
    world.bring({**REST, OLD: "Age in years"})
    assert world.state(OLD) is State.STALE
    bring(world, {**REST, NEW: "Age in years"}, adopt=True)
    assert world.text(NEW) is None


def test_what_moved_comes_before_what_the_source_holds(world: World) -> None:
    """A text found in the source fills a moved unit only where nothing was taken along."""
    report = bring(world, {**REST, NEW: "Age"}, adopt=True, french="L'âge")
    assert world.text(NEW) == "Âge"
    assert [text.theirs for text in report.texts["fr"].listed] == ["L'âge"]
