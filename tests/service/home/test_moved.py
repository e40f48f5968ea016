"""Units that only changed their place, and what they take along."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pytest
from sqlmodel import select

from extractors.units import Catalog, Unit, UnitKey
from service.audit.models import AuditEntry
from service.catalog.models import Origin, State
from service.db import Database
from service.errors import NotPermitted
from service.home.commands.sources import mount
from service.home.moving import adopt_left_behind, find_left_behind
from service.home.sources import SourceReport, import_source
from service.web.resources import Resources
from tests.support.commands import make_say
from tests.support.people import MovableClock, UserMaker
from tests.support.syncing import SYNC, World

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

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


def left(world: World) -> list[tuple[str, str, tuple[str, ...]]]:
    with world.database.read() as session:
        found = find_left_behind(session, world.deployment_in(session))
    return [(one.unit.old, one.unit.new, one.locales) for one in found]


def adopt(world: World) -> dict[str, int]:
    world.clock.move(minutes=1)
    with world.database.write() as session:
        _, reports = adopt_left_behind(session, world.deployment_in(session), actor=SYNC, now=world.clock())
    return {locale: report.written for locale, report in reports.items()}


def test_what_moved_can_take_its_translation_along_later(world: World) -> None:
    """Also after other imports; done twice it changes nothing, and the second time is not in the audit."""
    assert left(world) == []
    bring(world, {**REST, NEW: "Age"}, adopt=False)
    world.clock.move(minutes=1)
    bring(world, {**REST, NEW: "Age", "form/rest/more/display_name": "More"}, adopt=False)
    assert left(world) == [(OLD, NEW, ("fr",))]
    assert adopt(world) == {"fr": 1}
    before = world.ours(NEW)
    assert before is not None
    assert (before.text, before.state, before.origin) == ("Âge", State.TRANSLATED, Origin.INHERITED)
    assert (left(world), adopt(world), world.ours(NEW)) == ([], {}, before)
    with world.database.read() as session:
        entries = session.exec(select(AuditEntry).where(AuditEntry.action == "source.adopt-moved")).all()
    assert [entry.detail for entry in entries] == [{"fr": 1}]


def test_a_text_that_is_there_already_is_kept_later_too(world: World) -> None:
    """What a volunteer wrote for the new unit is no gap to fill."""
    bring(world, {**REST, NEW: "Age"}, adopt=False)
    world.bring_texts({NEW: "L'âge"})
    assert (left(world), adopt(world), world.text(NEW)) == ([], {}, "L'âge")


@pytest.mark.parametrize("sources", [{NEW: "Age in years"}, {OLD: "Age", NEW: "Age"}, {}])
def test_what_is_no_longer_a_move_is_left_alone(world: World, sources: dict[str, str]) -> None:
    """The new unit got another source text, the old one came back, or the new one went too."""
    bring(world, {**REST, NEW: "Age"}, adopt=False)
    world.clock.move(minutes=1)
    bring(world, {**REST, **sources}, adopt=False)
    assert (left(world), adopt(world)) == ([], {})


def test_units_that_went_and_came_at_different_times_did_not_move(world: World) -> None:
    """The same words in a field that somebody makes months later may mean something else."""
    bring(world, REST, adopt=False)
    world.clock.move(minutes=1)
    bring(world, {**REST, NEW: "Age"}, adopt=False)
    assert left(world) == []


def test_the_command_only_shows_unless_it_is_told_to_apply(
    world: World, resources: Resources, make_user: UserMaker
) -> None:
    """Dry by default: the pairs and the languages; `--apply` fills them; who may not import a source may neither."""
    say = make_say(resources, make_user, world.deployment().id, mount)
    bring(world, {**REST, NEW: "Age"}, adopt=False)
    shown = {"applied": False, "units": [{"old": OLD, "new": NEW, "locales": ["fr"]}], "adopted": {}}
    assert say("source", "adopt-moved", "test", role="specialist") == shown
    assert f"moved {OLD} → {NEW} (fr)\n1 moved: with --apply" in say("source", "adopt-moved", "test", plain=True)
    assert world.text(NEW) is None
    for arguments in ((), ("--apply",)):
        with pytest.raises(NotPermitted):
            say("source", "adopt-moved", "test", *arguments, role="reviewer")
    done = say("source", "adopt-moved", "test", "--apply", role="specialist")
    assert done == {**shown, "applied": True, "adopted": {"fr": 1}}
    assert world.text(NEW) == "Âge"
    assert "No unit that moved" in say("source", "adopt-moved", "test", "--apply", plain=True)


def test_the_api_shows_and_adopts_alike(world: World, client: TestClient, make_user: UserMaker) -> None:
    """Whoever may look sees the pairs; a specialist lets them take their texts along."""
    bring(world, {**REST, NEW: "Age"}, adopt=False)
    path, units = "/api/v1/deployments/test/moved", [{"old": OLD, "new": NEW, "locales": ["fr"]}]
    seen, did = (
        {"Authorization": f"Bearer {make_user(role, world.deployment().id)[1]}"} for role in ("observer", "specialist")
    )
    assert client.get(path, headers=seen).json() == {"units": units, "adopted": {}}
    assert client.post(path, headers=did).json() == {"units": units, "adopted": {"fr": 1}}
    assert client.post(path, headers=did).json() == {"units": [], "adopted": {}}
