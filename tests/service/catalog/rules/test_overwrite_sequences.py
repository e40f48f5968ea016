"""Pulling, over every sequence of what volunteers and we can do."""

from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from service.catalog.rules.overwrite import (
    WRITES,
    Outcome,
    PulledText,
    SyncPoint,
    decide_pull,
    next_sync_point,
)

TEXTS = st.sampled_from(["a", "b", "c"])
SOURCES = st.sampled_from(["s1", "s2"])
QUIET = {Outcome.EQUAL, Outcome.KEPT_OURS, Outcome.CONFLICT}


class TwoSides(RuleBasedStateMachine):
    """One (unit, locale), here and on Transifex. Texts stand for their hashes, "" for none."""

    def __init__(self) -> None:
        super().__init__()
        self.now = datetime(2026, 3, 2, 9, tzinfo=UTC)
        self.source = self.pushed_source = "s1"
        self.pushed_at: datetime | None = None
        self.ours, self.written_on = "", ""
        self.theirs = PulledText("")
        self.point = SyncPoint()
        self.conflict: str | None = None
        # What the test knows better than the rules do:
        self.unsent = False
        self.emptied_by_us = True
        self.seen: str | None = None
        self.agreed: str | None = None

    def tick(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now

    @initialize(ours=st.sampled_from(["", "a"]), theirs=st.sampled_from(["", "a", "b"]))
    def begin(self, ours: str, theirs: str) -> None:
        """A deployment may begin with texts on either side."""
        self.ours, self.written_on, self.unsent = ours, self.source if ours else "", bool(ours)
        self.theirs = PulledText(theirs, self.tick(), "EDITOR")
        self.push_source()

    # --- the volunteer ---
    @rule(text=TEXTS)
    def volunteer_writes(self, text: str) -> None:
        self.theirs = PulledText(text, self.tick(), "EDITOR")

    @rule()
    def volunteer_empties(self) -> None:
        if self.theirs.hash:
            self.theirs, self.emptied_by_us = PulledText(""), False

    # --- we ---
    @precondition(lambda self: self.conflict is None)
    @rule(text=TEXTS)
    def we_correct(self, text: str) -> None:
        self.written_on = self.source
        if text != self.ours:
            # Going back to a text that Transifex had from us, or we from there, is no change to be sent.
            self.ours, self.unsent = text, text not in (self.seen, self.agreed)

    @rule(source=SOURCES)
    def the_source_changes(self, source: str) -> None:
        self.source = source

    @rule()
    def push_source(self) -> None:
        """Transifex drops a translation whose source changes."""
        if self.pushed_source != self.source:
            self.theirs, self.emptied_by_us = PulledText(""), True
            self.pushed_source, self.pushed_at = self.source, self.tick()
        elif self.pushed_at is None:
            self.pushed_at = self.tick()

    @rule()
    def the_project_is_created_anew(self) -> None:
        self.theirs, self.emptied_by_us = PulledText(""), True
        self.pushed_source, self.pushed_at = self.source, self.tick()

    @precondition(lambda self: self.conflict is None and self.pushed_source == self.source)
    @rule()
    def push_our_text(self) -> None:
        """We send what changed here, where Transifex still holds what we saw last."""
        if self.ours and self.ours != self.point.theirs and self.theirs.hash == (self.point.theirs or ""):
            self.theirs = PulledText(self.ours, self.tick(), "UPLOAD", own=True)
            self.point = SyncPoint(self.ours, self.ours, self.pushed_source, self.tick())
            self.seen, self.agreed, self.unsent = self.ours, self.ours, False

    @rule()
    def pull(self) -> None:
        ours, theirs, unsent, seen = self.ours, self.theirs.hash, self.unsent, self.seen
        torn = self.conflict is not None
        outcome = self.sync()
        if torn and theirs != ours:
            assert self.conflict is not None, "only a person ends a conflict, or both sides by agreeing"
            assert self.conflict == theirs or not theirs, "a conflict shows the newest texts"
            assert self.ours == ours
        if unsent and theirs != ours:
            assert outcome in (Outcome.KEPT_OURS, Outcome.CONFLICT), "our unsent text is never silently lost"
        if outcome is Outcome.EMPTIED:
            assert not self.emptied_by_us, "a null after our push never erases"
        if unsent and theirs not in ("", ours, seen):
            assert outcome is Outcome.CONFLICT, "both sides changed"
        assert self.sync() in QUIET, "a second pull finds nothing new"

    def sync(self) -> Outcome:
        outcome = decide_pull(
            ours=self.ours,
            theirs=self.theirs,
            last=self.point,
            source_hash=self.source,
            written_on=self.written_on,
            pushed_source_hash=self.pushed_source,
            pushed_at=self.pushed_at,
            in_conflict=self.conflict is not None,
        )
        self.point = next_sync_point(
            outcome,
            ours=self.ours,
            theirs=self.theirs.hash,
            last=self.point,
            pushed_source_hash=self.pushed_source,
            at=self.tick(),
        )
        self.seen = self.theirs.hash
        if outcome in WRITES | {Outcome.EQUAL, Outcome.REWRITTEN, Outcome.EMPTIED}:
            self.agreed = self.theirs.hash
        if outcome in WRITES:
            self.ours, self.written_on, self.unsent = self.theirs.hash, self.pushed_source, False
        elif outcome is Outcome.EMPTIED:
            self.ours, self.written_on, self.unsent = "", "", False
        elif outcome is Outcome.REWRITTEN:
            self.written_on = self.source
        if outcome is Outcome.CONFLICT:
            self.conflict = self.theirs.hash
        elif outcome in (Outcome.EQUAL, Outcome.REWRITTEN):
            self.conflict, self.unsent = None, False
        return outcome

    @precondition(lambda self: self.conflict is not None)
    @rule(keep_ours=st.booleans())
    def a_person_chooses(self, keep_ours: bool) -> None:
        """The choice is ours to keep: what was chosen waits to be sent, as far as Transifex does not hold it."""
        assert self.conflict is not None
        self.point = SyncPoint(self.conflict, self.conflict, None, self.tick())
        if keep_ours:
            self.unsent = True
        else:
            self.ours, self.written_on, self.unsent = self.conflict, self.pushed_source, False
        self.seen, self.agreed, self.conflict = self.conflict, self.conflict, None

    @invariant()
    def a_conflict_is_between_two_texts(self) -> None:
        assert self.conflict is None or self.conflict != ""
        assert self.conflict is None or self.ours

    def teardown(self) -> None:
        """From everywhere, one choice and two quiet cycles make both sides equal and keep them so."""
        self.sync()
        if self.conflict is not None:
            self.a_person_chooses(keep_ours=True)
        self.push_source()
        self.sync()
        assert self.conflict is None, "no conflict begins again by itself"
        self.push_our_text()
        assert self.sync() in (Outcome.EQUAL, Outcome.REWRITTEN)
        assert self.ours == self.theirs.hash
        assert self.sync() is Outcome.EQUAL


TestTwoSides = TwoSides.TestCase
TestTwoSides.settings = settings(max_examples=300, stateful_step_count=25, deadline=None)
