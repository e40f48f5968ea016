"""Whatever order people and programs act in, nothing of ours is lost unseen."""

from __future__ import annotations

import contextlib
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.catalog.models import State
from service.db import Database
from service.errors import ServiceError
from service.sync.service import RunReport
from tests.support.people import MovableClock
from tests.support.syncing import World

KEYS = ("form/f/name", "form/f/q/display_name", "lookup/l/lookup_values/one", "lookup/l/lookup_values/other")
SOURCES = ("Red", "Green", " Green", "Blue")

_slugs = count(1)

steps = st.one_of(
    st.tuples(st.just("edit"), st.sampled_from(KEYS), st.sampled_from(SOURCES)),
    st.tuples(st.just("translate"), st.sampled_from(KEYS), st.sampled_from(("rouge", "vert", "bleu", None))),
    st.tuples(st.just("approve"), st.sampled_from(KEYS), st.none()),
    st.tuples(st.just("correct"), st.sampled_from(KEYS), st.none()),
    st.tuples(st.just("lose"), st.sampled_from(KEYS), st.none()),
    st.tuples(st.sampled_from(("push", "pull", "pull")), st.none(), st.none()),
)


class Story:
    """A world, and what must be true of it because of what was done in it.

    ``held``: corrections that Transifex has not agreed with yet. ``seen``: what stood there at the last pull.
    ``emptied``: units whose text a volunteer took away and nobody else; what a push or a re-created resource leaves
    blank is not among them.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.sources = dict.fromkeys(KEYS, "Red")
        self.held: dict[str, str] = {}
        self.emptied: set[str] = set()
        self.seen: dict[str, str | None] = dict.fromkeys(KEYS)
        self.numbers = count(1)
        world.bring(self.sources)
        world.push()

    def there(self, key: str) -> str | None:
        try:
            found = self.world.theirs(key)
        except LookupError:
            return None
        return None if found is None else found.strings["other"]

    def act(self, what: str, key: str | None, value: str | None) -> None:
        getattr(self, what)(*(() if key is None else (key,) if value is None and what != "translate" else (key, value)))

    def edit(self, key: str, source: str) -> None:
        self.sources[key] = source
        self.world.clock.move(minutes=1)
        self.world.bring(self.sources)

    def translate(self, key: str, text: str | None) -> None:
        if self.world.source_there(key) is None:
            return
        if text is None and self.there(key) is not None:
            self.emptied.add(key)
        if text is not None:
            self.emptied.discard(key)
        self.world.translate({key: text})

    def approve(self, key: str) -> None:
        with contextlib.suppress(ServiceError):
            self.world.approve(key)

    def correct(self, key: str) -> None:
        text = f"correction {next(self.numbers)}"
        try:
            self.world.correct(key, text)
        except ServiceError:
            return
        self.held[key] = text

    def lose(self, key: str) -> None:
        """Delete the unit's resource on Transifex."""
        self.world.sandbox.state.resources.pop(self.world.place(key), None)
        self.emptied -= {other for other in KEYS if self.world.place(other) == self.world.place(key)}

    def push(self) -> RunReport:
        before = {key: self.there(key) for key in KEYS}
        report = self.world.push()
        for key in KEYS:
            if before[key] is not None and self.there(key) is None:
                self.emptied.discard(key)
        return report

    def pull(self) -> RunReport:
        before = {key: (self.world.text(key), self.world.state(key)) for key in KEYS}
        report = self.world.pull()
        listed = {(entry["key"], entry["outcome"]) for item in report.outcome["items"] for entry in item["listed"]}
        for key in KEYS:
            self._check_pull(key, *before[key], listed)
            self.seen[key] = self.there(key)
            if self.held.get(key) == self.there(key):
                self.held.pop(key, None)
        return report

    def _check_pull(self, key: str, text: str | None, state: State, listed: set[tuple[str, str]]) -> None:
        now, there = self.world.text(key), self.there(key)
        if key in self.held:
            assert now == self.held[key], "a correction is kept until Transifex agrees"
            open_here = {conflict.their_text for conflict in self.world.conflicts()}
            assert there in (None, now, self.seen[key], *open_here), "another text there is a conflict"
        if now == text:
            return
        if now is None:
            assert key in self.emptied, f"only a person empties a text, {state.value} or not"
            assert (key, "emptied") in listed
        else:
            assert now == there, "a text is replaced by what stands on Transifex, and by nothing else"

    def finish(self) -> None:
        self.push()
        self.pull()
        for key in KEYS:
            there = self.there(key)
            if key not in self.held and there is not None:
                assert self.world.text(key) == there, "when only volunteers wrote, both sides hold the same"
            unit = self.world.unit(key)
            assert unit.pushed_source_hash == unit.source_hash
            assert (self.world.source_there(key) or "").strip() == unit.source.strip()
        report = self.world.push()
        assert report.outcome["counts"]["unchanged"] == 2
        report = self.world.pull()
        assert report.requests == 1


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(steps, max_size=14))
def test_nothing_of_ours_is_lost_unseen(
    database: Database, clock: MovableClock, told: list[tuple[str, str | None, str | None]]
) -> None:
    """After any story: no text of ours went but by a person's will, and both sides agree where only one side wrote."""
    story = Story(World(database, clock, slug=f"story-{next(_slugs)}"))
    for what, key, value in told:
        story.act(what, key, value)
    story.finish()
