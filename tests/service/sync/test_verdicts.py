"""What may be sent over what, and what a volunteer reads of a rejection."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.catalog.models import OutboxKind, RejectReason, State
from service.sync.verdicts import MAX_MESSAGE, Due, TheirText, Verdict, judge_row, plan_sending, say_rejection

PLACE = "o:a:p:b:r:c:s:0:l:fr"

dues = st.builds(
    Due,
    translation_id=st.just(1),
    place=st.just(PLACE),
    key=st.just("form/f/name"),
    text=st.just("ours"),
    text_hash=st.just("ours"),
    last_theirs=st.sampled_from([None, "", "seen", "ours"]),
    chosen=st.booleans(),
    mark=st.sampled_from([None, True, False]),
    approved=st.booleans(),
    fill=st.booleans(),
)
theirs = st.builds(TheirText, st.sampled_from(["", "ours", "seen", "new"]), st.booleans(), st.booleans())


@given(dues, theirs)
def test_no_text_goes_where_it_must_not(due: Due, there: TheirText) -> None:
    """Never over an equal text, a text nobody here has seen, or without a person's choice over any text at all."""
    (step,) = plan_sending([due], {PLACE: there})
    if step.strings:
        assert step.verdict is Verdict.SEND
        assert not there.plural
        assert there.hash in ("", "seen")
        assert not there.hash or (there.hash == due.last_theirs and (due.chosen or due.mark))
        assert step.reviewed is (True if due.approved and due.mark is not False else None)
    elif step.verdict is Verdict.SEND:
        assert step.reviewed is not there.reviewed
        assert there.hash == due.text_hash


@given(dues, theirs)
def test_sending_twice_says_nothing_new(due: Due, there: TheirText) -> None:
    """Once Transifex holds what was sent, there is nothing left to send."""
    (step,) = plan_sending([due], {PLACE: there})
    if step.verdict is Verdict.SEND:
        held = TheirText(due.text_hash if step.strings else there.hash, bool(step.reviewed))
        mark = True if due.mark and due.approved else (due.mark if due.mark is not True else None)
        again = Due(1, PLACE, due.key, due.text, due.text_hash, held.hash, mark=mark, approved=due.approved)
        (second,) = plan_sending([again], {PLACE: held})
        assert not second.strings
        assert second.verdict is Verdict.SETTLED


def test_two_units_with_one_place_are_not_mixed_up() -> None:
    """Where Transifex cannot tell two units apart, the place is the first one's."""
    first = Due(1, PLACE, "a", "A", "A", None, fill=True)
    second = Due(2, PLACE, "b", "B", "B", None, fill=True)
    assert [step.due for step in plan_sending([first, second], {PLACE: TheirText("")})] == [first]


@pytest.mark.parametrize(
    ("kind", "hashes", "state", "holds"),
    [
        (OutboxKind.TEXT, ("s", "t"), State.TRANSLATED, True),
        (OutboxKind.TEXT, ("s", "other"), State.TRANSLATED, False),
        (OutboxKind.TEXT, ("other", "t"), State.STALE, False),
        (OutboxKind.REVIEWED, ("s", "t"), State.APPROVED, True),
        (OutboxKind.REVIEWED, ("s", "t"), State.TRANSLATED, False),
        (OutboxKind.UNREVIEWED, ("s", "t"), State.REJECTED, True),
        (OutboxKind.UNREVIEWED, ("s", "t"), State.APPROVED, False),
    ],
)
def test_a_row_holds_as_long_as_what_it_is_about(
    kind: OutboxKind, hashes: tuple[str, str], state: State, holds: bool
) -> None:
    """A row about other texts, or about a state that has passed, is pointless, and says why."""
    assert (judge_row(kind, row_hashes=hashes, source_hash="s", text_hash="t", state=state) == "") is holds


@pytest.mark.parametrize("reason", list(RejectReason))
def test_each_reason_has_its_sentence(reason: RejectReason) -> None:
    """All six are said in different words, and the comment is added as it is."""
    said = say_rejection(reason, " Say «accord». ", "Consentement")
    assert said.endswith("\n\nSay «accord».")
    assert "“Consentement”" in said
    assert len({say_rejection(each, "", "x") for each in RejectReason}) == 6


def test_a_long_message_is_cut() -> None:
    """However long text and comment are, the message stays within the limit."""
    assert len(say_rejection(RejectReason.TONE, "c" * 4000, "t" * 9000)) == MAX_MESSAGE
