"""When a language may be done: an honest range, or the reason why there is none."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import accumulate, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.forecast import WORLDS, measure
from service.progress.rules.forecast import Limit, Unknown, forecast
from service.progress.rules.history import Day

START = date(2026, 1, 5)


def days(translated: list[int], approved: list[int], words: int = 10_000) -> list[Day]:
    """Return the history in which each day brought so many words."""
    sums = zip(accumulate(translated, initial=0), accumulate(approved, initial=0), strict=True)
    return [Day(START + timedelta(days=n), words, min(t, words), min(a, words)) for n, (t, a) in enumerate(sums)]


def test_a_steady_pace_ends_when_the_words_left_are_worked_off() -> None:
    """Where every week is like the other the range is one day: 4,400 words at 100 a day take 44 days."""
    found = forecast(days([100] * 56, [100] * 56), waiting_words=0)
    assert found.earliest == found.latest == START + timedelta(days=56 + 44)
    assert (found.translated, found.reviewed, found.done, found.why) == (100.0, 100.0, False, None)


def test_uneven_weeks_make_the_range_wider() -> None:
    """Both ends move away from each other, and the steady end lies between them."""
    uneven = ([40] * 7 + [160] * 7) * 4
    found = forecast(days(uneven, uneven), waiting_words=0)
    steady = START + timedelta(days=56 + 44)
    assert found.earliest < steady < found.latest
    assert 20 < (found.latest - found.earliest).days < 120


def test_the_slower_of_the_two_is_named() -> None:
    """Reviewers with a heap before them limit; those who have less than a week's work wait for texts."""
    slow_review = forecast(days([200] * 42, [60] * 42), waiting_words=(200 - 60) * 42)
    assert slow_review.limit is Limit.REVIEW
    slow_translation = forecast(days([60] * 42, [60] * 42), waiting_words=30)
    assert slow_translation.limit is Limit.TRANSLATION
    all_translated = forecast(days([250] * 42, [60] * 42), waiting_words=7480)
    assert all_translated.limit is Limit.REVIEW
    assert all_translated.earliest == START + timedelta(days=42) + timedelta(days=-(-(10_000 - 60 * 42) // 60))


def test_below_the_minimum_nothing_is_promised() -> None:
    """Less than four whole weeks, or words in fewer than three of them, are not enough data."""
    short = forecast(days([100] * 27, [100] * 27), waiting_words=0)
    assert (short.why, short.earliest, short.latest) == (Unknown.SHORT, None, None)
    assert short.translated == 100.0
    lonely = [0] * 21 + [500] * 14
    assert forecast(days(lonely, lonely), waiting_words=0).why is Unknown.SHORT
    assert forecast(days([100] * 28, [100] * 28), waiting_words=0).why is None


def test_without_review_translations_alone_promise_no_end() -> None:
    """Done is what is approved: where nobody approves there is no end to tell."""
    assert forecast(days([100] * 56, [0] * 56), waiting_words=5600).why is Unknown.SHORT


def test_where_texts_are_lost_as_fast_as_they_come_nothing_moves() -> None:
    """A mean that is not above zero has no end."""
    back_and_forth = ([100] * 7 + [-120] * 7) * 4
    history = [
        Day(each.day, each.words, each.with_text + 5000, each.approved + 5000)
        for each in days(back_and_forth, back_and_forth)
    ]
    assert forecast(history, waiting_words=0).why is Unknown.STANDS


def test_done_and_empty_are_no_forecasts() -> None:
    """All approved: done. Nothing to translate: nothing to tell."""
    assert forecast(days([200] * 56, [200] * 56), waiting_words=0).done
    assert forecast([Day(START, 0, 0, 0)], waiting_words=0).why is Unknown.NOTHING
    assert forecast([], waiting_words=0).why is Unknown.NOTHING


def test_a_pace_that_may_come_to_nothing_has_an_open_end() -> None:
    """The earliest day is told, a latest one is not made up."""
    wild = [day for week in (0, 0, 900, 0, 0, 0, 10, 10) for day in (week, *[0] * 6)]
    found = forecast(days(wild, wild), waiting_words=0)
    assert found.earliest is not None
    assert found.latest is None


@given(
    st.lists(st.integers(0, 400), min_size=28, max_size=70),
    st.lists(st.integers(0, 400), min_size=70, max_size=70),
    st.integers(0, 5000),
)
def test_the_range_is_never_upside_down(translated: list[int], reviewed: list[int], waiting: int) -> None:
    """The earliest day is after today and not after the latest, whatever the past was."""
    history = days(translated, reviewed[: len(translated)], 30_000)
    history = [Day(each.day, each.words, each.with_text, min(each.with_text, each.approved)) for each in history]
    assert all(before.day < after.day for before, after in pairwise(history))
    found = forecast(history, waiting_words=waiting)
    if found.earliest is not None:
        assert found.earliest > history[-1].day
        assert found.latest is None or found.earliest <= found.latest
        assert found.limit is not None


@pytest.mark.parametrize("world", [each for each in WORLDS if not each.turns], ids=lambda each: each.name)
def test_four_of_five_ends_fall_inside_the_range(world: object) -> None:
    """In worlds that go on as they were, 68 to 92 of 100 simulated ends, by the benchmark's own count."""
    inside = int(measure(world, 120)[2].split()[0])  # type: ignore[arg-type]
    assert 68 <= inside <= 92
