"""How a language came to stand where it does: day by day, week by week, this month against the last."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

WEEK = 7


@dataclass(frozen=True, slots=True)
class Day:
    """How a locale stood at the end of a day (UTC), in source words and in texts.

    ``with_text`` are words that have a text which nobody rejected, ``approved`` those of it that are approved;
    ``words`` are all that is to be translated. ``units`` and ``approved_units`` count texts.
    """

    day: date
    words: int
    with_text: int
    approved: int
    units: int = 0
    approved_units: int = 0


@dataclass(frozen=True, slots=True)
class Span:
    """What came about in the days after ``after`` up to ``day``, in words; less than nothing where texts went."""

    after: date
    day: date
    translated: int
    approved: int


def fill_days(known: Iterable[Day], *, until: date) -> list[Day]:
    """Return every day from the first known one to ``until``: a day of which nothing is known is as the one before.

    ``known`` is in order of the days; of several of one day the last counts.
    """
    by_day = {each.day: each for each in known}
    if not by_day:
        return []
    filled: list[Day] = []
    day = min(by_day)
    while day <= until:
        filled.append(by_day.get(day) or replace(filled[-1], day=day))
        day += timedelta(days=1)
    return filled


def gains(before: Day, after: Day) -> tuple[int, int]:
    """Return how many words were translated and approved from one day to the next.

    Where what is to be translated changed meanwhile, words that went are nobody's lost work and count as none.
    """
    translated, approved = after.with_text - before.with_text, after.approved - before.approved
    if before.words != after.words:
        return max(translated, 0), max(approved, 0)
    return translated, approved


def last_weeks(days: Sequence[Day], most: int) -> list[Span]:
    """Return the whole weeks that end with the last day, oldest first, at most ``most`` of them."""
    spans: list[Span] = []
    end = len(days) - 1
    while end >= WEEK and len(spans) < most:
        spans.append(_span(days[end - WEEK : end + 1]))
        end -= WEEK
    return spans[::-1]


def months(days: Sequence[Day]) -> tuple[Span, Span] | None:
    """Return the last month and this one so far; None before there are two days."""
    if len(days) < 2:
        return None
    first = days[-1].day.replace(day=1)
    earlier = (first - timedelta(days=1)).replace(day=1)
    this = [each for each in days if each.day >= first - timedelta(days=1)]
    last = [each for each in days if earlier - timedelta(days=1) <= each.day < first]
    return _span(last or this[:1]), _span(this)


def _span(days: Sequence[Day]) -> Span:
    pairs = [gains(before, after) for before, after in pairwise(days)]
    return Span(
        days[0].day, days[-1].day, sum(translated for translated, _ in pairs), sum(approved for _, approved in pairs)
    )
