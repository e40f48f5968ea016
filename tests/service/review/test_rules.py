"""Who may decide what on which pair."""

from dataclasses import replace

import pytest

from service.catalog.models import DecisionException, State
from service.review.rules import (
    DecisionRefused,
    PairFacts,
    check_approval,
    check_baseline,
    check_rejection,
    passes_in_bulk,
)

WAITING = PairFacts(State.TRANSLATED, "volunteer", sensitive=False)
SENSITIVE = replace(WAITING, sensitive=True)


def refused(pair: PairFacts, person: str = "reem", *, lone_reviewer: bool = True) -> str:
    with pytest.raises(DecisionRefused) as refusal:
        check_approval(pair, person, lone_reviewer=lone_reviewer)
    return str(refusal.value)


@pytest.mark.parametrize("state", [State.TRANSLATED, State.STALE, State.REJECTED, State.APPROVED])
def test_whoever_did_not_write_a_text_may_approve_it(state: State) -> None:
    """Whatever its state, as long as there is a text; also where nobody knows who wrote it."""
    assert check_approval(replace(WAITING, state=state), "reem", lone_reviewer=False) is None
    assert check_approval(replace(WAITING, state=state, author=None), "reem", lone_reviewer=False) is None


def test_the_author_may_not_approve_an_own_text() -> None:
    """Another person must."""
    assert "another person" in refused(WAITING, "volunteer", lone_reviewer=False)


def test_a_lone_reviewer_may_as_a_recorded_exception() -> None:
    """Where the deployment allows it; somebody else's approval is an ordinary one all the same."""
    assert check_approval(WAITING, "volunteer", lone_reviewer=True) is DecisionException.LONE_REVIEWER
    assert check_approval(WAITING, "reem", lone_reviewer=True) is None


def test_a_lone_reviewer_never_may_on_a_sensitive_unit() -> None:
    """Two other persons must approve it."""
    assert "two other persons" in refused(SENSITIVE, "volunteer")
    assert check_approval(SENSITIVE, "reem", lone_reviewer=True) is None


def test_nobody_approves_twice() -> None:
    """The second approval of a sensitive text is somebody else's."""
    assert "approved this text already" in refused(replace(SENSITIVE, approvers=("reem",)))
    assert check_approval(replace(SENSITIVE, approvers=("reem",)), "omar", lone_reviewer=False) is None


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"blocking": {"placeholder_mismatch", "blank"}}, "blank, placeholder_mismatch"),
        ({"in_conflict": True}, "choose one of them first"),
        ({"state": State.UNTRANSLATED}, "no text"),
        ({"in_use": False}, "not in the current source"),
    ],
)
def test_what_keeps_a_text_from_being_approved(change: dict[str, object], sentence: str) -> None:
    """A blocking finding, an open conflict, no text, a retired unit; also for a baseline and in bulk."""
    pair = replace(WAITING, **change)  # type: ignore[arg-type]
    assert sentence in refused(pair)
    with pytest.raises(DecisionRefused):
        check_baseline(pair)
    assert not passes_in_bulk(pair, "reem", warnings=0, with_warnings=True)


def test_a_rejection_needs_a_text_in_use_and_nothing_else() -> None:
    """What is blocked, in conflict or one's own may be rejected."""
    check_rejection(replace(WAITING, blocking={"blank"}, in_conflict=True, state=State.APPROVED))
    for nothing in (replace(WAITING, state=State.UNTRANSLATED), replace(WAITING, in_use=False)):
        with pytest.raises(DecisionRefused):
            check_rejection(nothing)


def test_a_baseline_is_never_for_sensitive_texts_and_only_for_waiting_ones() -> None:
    """Stale, rejected and approved texts were looked at, or must be."""
    check_baseline(WAITING)
    for pair in (SENSITIVE, *(replace(WAITING, state=s) for s in (State.STALE, State.REJECTED, State.APPROVED))):
        with pytest.raises(DecisionRefused):
            check_baseline(pair)


@pytest.mark.parametrize(
    "change",
    [
        {"sensitive": True},
        {"state": State.STALE},
        {"state": State.REJECTED},
        {"state": State.APPROVED},
        {"author": "reem"},
        {"approvers": ("reem",)},
    ],
    ids=str,
)
def test_bulk_takes_only_what_waits_and_is_clean_ordinary_and_not_own(change: dict[str, object]) -> None:
    """Everything else is looked at one by one."""
    assert passes_in_bulk(WAITING, "reem", warnings=0, with_warnings=False)
    assert not passes_in_bulk(replace(WAITING, **change), "reem", warnings=0, with_warnings=True)  # type: ignore[arg-type]


def test_bulk_takes_texts_with_warnings_only_when_told_to() -> None:
    """A warning needs one click, or one word."""
    assert not passes_in_bulk(WAITING, "reem", warnings=1, with_warnings=False)
    assert passes_in_bulk(WAITING, "reem", warnings=1, with_warnings=True)
