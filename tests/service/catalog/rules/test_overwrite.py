"""What may overwrite what: one table a way in."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from service.catalog.models import State
from service.catalog.rules.overwrite import (
    Outcome,
    PulledText,
    SyncPoint,
    decide_import,
    decide_pull,
    decide_source_text,
    next_sync_point,
    written_anew,
)

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
TEN, ELEVEN = NINE + timedelta(hours=1), NINE + timedelta(hours=2)


@pytest.mark.parametrize(
    ("ours", "theirs", "outcome"),
    [
        ("", "", Outcome.BLANK),
        ("a", "", Outcome.BLANK),
        ("", "b", Outcome.FILLED),
        ("a", "a", Outcome.EQUAL),
        ("a", "b", Outcome.KEPT_OTHER),
    ],
)
def test_texts_found_in_a_source_fill_only_pairs_that_have_no_text(ours: str, theirs: str, outcome: Outcome) -> None:
    """Differing ones are listed, never taken; a blank is nothing."""
    assert decide_source_text(ours=ours, theirs=theirs) is outcome


@pytest.mark.parametrize("told", [False, True])
@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("in_conflict", [False, True])
def test_an_import_never_takes_a_blank_and_leaves_an_equal_text_alone(
    told: bool, state: State, in_conflict: bool
) -> None:
    """An empty text in a file erases nothing, an equal hash changes nothing, whatever stands."""
    common = {"ours": "a", "state": state, "in_conflict": in_conflict, "replace_approved": told}
    assert decide_import(theirs="", **common) is Outcome.BLANK
    assert decide_import(theirs="a", **common) is Outcome.EQUAL


@pytest.mark.parametrize(
    ("state", "in_conflict", "told", "outcome"),
    [
        (State.TRANSLATED, False, False, Outcome.REPLACED),
        (State.STALE, False, False, Outcome.REPLACED),
        (State.REJECTED, False, False, Outcome.REPLACED),
        (State.APPROVED, False, False, Outcome.KEPT_APPROVED),
        (State.TRANSLATED, True, False, Outcome.KEPT_CONFLICT),
        (State.APPROVED, True, False, Outcome.KEPT_CONFLICT),
        (State.APPROVED, False, True, Outcome.REPLACED),
        (State.TRANSLATED, True, True, Outcome.REPLACED),
    ],
)
def test_an_import_replaces_texts_that_are_neither_approved_nor_in_conflict(
    state: State, in_conflict: bool, told: bool, outcome: Outcome
) -> None:
    """Others are kept, and listed as such, unless --replace-approved."""
    decided = decide_import(ours="a", theirs="b", state=state, in_conflict=in_conflict, replace_approved=told)
    assert decided is outcome


def test_an_import_fills_what_has_no_text() -> None:
    """A pair without a text takes the file's."""
    decided = decide_import(ours="", theirs="b", state=State.UNTRANSLATED, in_conflict=False, replace_approved=False)
    assert decided is Outcome.FILLED


def pull(ours: str, theirs: str, **changes: Any) -> Outcome:
    """Decide a pull at eleven. At nine Transifex got the current source; at ten both sides held "a"."""
    known: dict[str, Any] = {
        "last": SyncPoint("a", "a", "s", TEN),
        "source_hash": "s",
        "written_on": "s",
        "pushed_source_hash": "s",
        "pushed_at": NINE,
        "in_conflict": False,
    }
    pulled = {"translated_at": None, "origin": "EDITOR", "own": False}
    pulled |= {name: changes.pop(name) for name in tuple(changes) if name in pulled}
    return decide_pull(ours=ours, theirs=PulledText(theirs, **pulled), **(known | changes))


@pytest.mark.parametrize(
    ("ours", "theirs", "last", "outcome"),
    [
        # ours did not change since the last sync
        ("a", "b", ("a", "a"), Outcome.REPLACED),
        ("a", "a", ("a", "a"), Outcome.EQUAL),
        ("", "b", ("", ""), Outcome.FILLED),
        ("", "", ("", ""), Outcome.EQUAL),
        # ours changed, theirs did not: ours waits to be sent
        ("b", "a", ("a", "a"), Outcome.KEPT_OURS),
        ("b", "", ("a", ""), Outcome.KEPT_OURS),
        # both changed
        ("b", "c", ("a", "a"), Outcome.CONFLICT),
        ("b", "b", ("a", "a"), Outcome.EQUAL),
        # there was no sync yet
        ("a", "b", (None, None), Outcome.CONFLICT),
        ("a", "a", (None, None), Outcome.EQUAL),
        ("", "b", (None, None), Outcome.FILLED),
        ("a", "", (None, None), Outcome.KEPT_OURS),
    ],
)
def test_a_pulled_text_replaces_ours_when_ours_did_not_change_since_the_last_sync(
    ours: str, theirs: str, last: tuple[str | None, str | None], outcome: Outcome
) -> None:
    """Unchanged ours gives way; changed ours waits to be sent; both changed is a conflict."""
    assert pull(ours, theirs, last=SyncPoint(*last, "s", TEN)) is outcome


def test_a_blank_replaces_ours_if_we_had_pushed_the_current_source_before_it_was_emptied() -> None:
    """We pushed the current source, saw the text there afterwards, and now it is gone: a person emptied it."""
    assert pull("a", "") is Outcome.EMPTIED


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"last": SyncPoint("a", "a", "old", TEN)}, id="our push of a changed source emptied it"),
        pytest.param({"source_hash": "new"}, id="the current source is not pushed yet"),
        pytest.param({"pushed_source_hash": None, "pushed_at": None}, id="we never pushed"),
        pytest.param({"pushed_at": ELEVEN}, id="we pushed there and back, or anew, since we saw it"),
        pytest.param({"pushed_at": TEN}, id="we pushed at that moment"),
        pytest.param({"last": SyncPoint("a", "", "s", TEN)}, id="it was blank before"),
        pytest.param({"last": SyncPoint("old", "a", "s", TEN)}, id="ours changed meanwhile"),
        pytest.param({"in_conflict": True}, id="a conflict is open"),
        pytest.param({"last": SyncPoint("a", "a", "s", None)}, id="nobody knows when we saw it"),
    ],
)
def test_any_other_blank_erases_nothing(changes: dict[str, Any]) -> None:
    """A blank that may be our own doing, or that meets a changed text, leaves ours."""
    assert pull("a", "", **changes) is Outcome.KEPT_OURS


def test_an_open_conflict_takes_up_newer_texts_until_a_person_or_agreement_ends_it() -> None:
    """Neither a newer text there, nor one that went back, nor one of ours that did, ends it silently."""
    assert pull("b", "c", in_conflict=True) is Outcome.CONFLICT
    assert pull("b", "a", in_conflict=True) is Outcome.CONFLICT
    assert pull("a", "c", in_conflict=True) is Outcome.CONFLICT
    assert pull("b", "b", in_conflict=True) is Outcome.EQUAL


def test_an_equal_text_translated_later_than_our_push_of_that_source_is_written_anew() -> None:
    """A person wrote the same text again, in the editor or by upload, after we pushed the current source."""
    for origin in ("EDITOR", "UPLOAD"):
        assert pull("a", "a", written_on="old", translated_at=ELEVEN, origin=origin) is Outcome.REWRITTEN


@pytest.mark.parametrize(
    "changes",
    [
        {"translated_at": NINE},
        {"translated_at": NINE - timedelta(hours=1)},
        {"translated_at": None},
        {"origin": "TM"},
        {"origin": "MT"},
        {"origin": "PROPAGATION"},
        {"origin": None},
        {"own": True},
        {"source_hash": "newer"},
        {"pushed_at": None},
        {"written_on": "s"},
    ],
    ids=str,
)
def test_an_equal_text_is_never_written_anew_by_memory_machine_or_propagation_or_ourselves(
    changes: dict[str, Any],
) -> None:
    """Nor by a date before our push, under another source, or a second time."""
    given = {"written_on": "old", "translated_at": ELEVEN, "origin": "EDITOR"} | changes
    assert pull("a", "a", **given) is Outcome.EQUAL


def test_two_blanks_are_never_a_text_written_anew() -> None:
    """No text on either side is equal, whoever touched it."""
    assert pull("", "", written_on=None, translated_at=ELEVEN, last=SyncPoint("", "", "s", TEN)) is Outcome.EQUAL


def test_written_anew_is_later_than_the_push_not_at_it() -> None:
    """The boundary: the second after counts, the same moment does not."""
    assert written_anew(PulledText("a", NINE + timedelta(seconds=1), "EDITOR"), NINE)
    assert not written_anew(PulledText("a", NINE, "EDITOR"), NINE)


@pytest.mark.parametrize(
    ("outcome", "ours", "theirs", "expected"),
    [
        (Outcome.REPLACED, "a", "b", SyncPoint("b", "b", "s", ELEVEN)),
        (Outcome.FILLED, "", "b", SyncPoint("b", "b", "s", ELEVEN)),
        (Outcome.EMPTIED, "a", "", SyncPoint("", "", "s", ELEVEN)),
        (Outcome.EQUAL, "c", "c", SyncPoint("c", "c", "s", ELEVEN)),
        (Outcome.REWRITTEN, "c", "c", SyncPoint("c", "c", "s", ELEVEN)),
        # a text of ours that Transifex does not have stays changed
        (Outcome.KEPT_OURS, "b", "a", SyncPoint("a", "a", "s", ELEVEN)),
        # one that our own push dropped there is unchanged here
        (Outcome.KEPT_OURS, "a", "", SyncPoint("a", "", "s", ELEVEN)),
        # a conflict keeps the point both sides started from
        (Outcome.CONFLICT, "b", "c", SyncPoint("a", "a", "old", TEN)),
    ],
)
def test_what_is_remembered_of_a_sync(outcome: Outcome, ours: str, theirs: str, expected: SyncPoint) -> None:
    """Both sides' hashes, the source Transifex had, and when; unchanged while a conflict is open."""
    last = SyncPoint("a", "a", "old", TEN)
    point = next_sync_point(outcome, ours=ours, theirs=theirs, last=last, pushed_source_hash="s", at=ELEVEN)
    assert point == expected
