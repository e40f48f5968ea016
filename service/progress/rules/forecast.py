"""When a language may be done: an estimate from the last weeks, with a range, or a reason why there is none.

The method. For translation and for review each, the words of the last whole weeks (at most eight) are a sample of
what a week brings, with mean ``m`` and standard deviation ``s`` over ``n`` weeks. What ``h`` further weeks bring then
lies, four times out of five, between ``h m - t s sqrt(h + h^2 / n)`` and ``h m + t s sqrt(h + h^2 / n)``: chance from
week to week, and that ``m`` itself is only known from ``n`` weeks; ``t`` is Student's 90 % quantile with ``n - 1``
degrees of freedom. Where these two lines reach what is left is the range of the end. Review cannot end before
translation, so the later of the two counts on either side. ``python -m benchmarks.forecast`` shows how often
simulated ends fall inside.

The minimum. Four whole weeks of history, and words in at least three of them (for what is left to do). Below that, and
where the mean is not above zero, there is no forecast.
"""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from service.progress.rules.history import WEEK, Day, last_weeks

MOST_WEEKS = 8
LEAST_WEEKS = 4
LEAST_ACTIVE = 3
FARTHEST = 520
"""Weeks: an end further away than ten years is no end that anybody could tell."""
_T90 = {3: 1.638, 4: 1.533, 5: 1.476, 6: 1.440, 7: 1.415}
"""Student's 90 % quantile by degrees of freedom."""


class Limit(StrEnum):
    """What decides when a language is done."""

    TRANSLATION = "translation"
    REVIEW = "review"


class Unknown(StrEnum):
    """Why there is no forecast."""

    NOTHING = "nothing-to-translate"
    SHORT = "not-enough-data"
    STANDS = "nothing-moves"


@dataclass(frozen=True, slots=True)
class Forecast:
    """When a locale may be done.

    Attributes:
        done: everything is approved.
        why: why there is no range, None where there is one or all is done.
        earliest, latest: the days between which the end lies four times out of five; no ``latest``: it cannot be told.
        limit: which rate decides.
        translated, reviewed: words a day over the weeks looked at; None below two whole weeks.
    """

    done: bool = False
    why: Unknown | None = None
    earliest: date | None = None
    latest: date | None = None
    limit: Limit | None = None
    translated: float | None = None
    reviewed: float | None = None


@dataclass(frozen=True, slots=True)
class _Rate:
    mean: float
    spread: float
    weeks: int

    def line(self, weeks: int, sign: int) -> float:
        """Return the words that so many weeks bring at most (1) or at least (-1), four times out of five."""
        swing = _T90[self.weeks - 1] * self.spread * math.sqrt(weeks + weeks * weeks / self.weeks)
        return weeks * self.mean + sign * swing


def forecast(days: Sequence[Day], *, waiting_words: int) -> Forecast:
    """Return when the locale may be done.

    Args:
        days: every day without a gap, the last one as it stands now.
        waiting_words: words that wait for a reviewer now.
    """
    if not days or not days[-1].words:
        return Forecast(why=Unknown.NOTHING)
    now = days[-1]
    to_translate, to_approve = now.words - now.with_text, now.words - now.approved
    weeks = last_weeks(days, MOST_WEEKS)
    translated, approved = [week.translated for week in weeks], [week.approved for week in weeks]
    rates = Forecast(translated=_per_day(translated), reviewed=_per_day(approved))
    if to_approve <= 0:
        return replace(rates, done=True)
    review = _rate(approved)
    translation = _rate(translated) if to_translate > 0 else None
    if review is None or (translation is None and to_translate > 0):
        return replace(rates, why=Unknown.SHORT)
    needed = [(review, to_approve)] + ([(translation, to_translate)] if translation else [])
    if any(rate.mean <= 0 for rate, _ in needed):
        return replace(rates, why=Unknown.STANDS)
    limit = _limit(translation, review, to_translate, to_approve, waiting_words)
    return _range(replace(rates, limit=limit), now.day, needed)


def _range(rates: Forecast, today: date, needed: Sequence[tuple[_Rate, int]]) -> Forecast:
    soonest = [_reach(rate, words, 1) for rate, words in needed]
    latest = [_reach(rate, words, -1) for rate, words in needed]
    if None in soonest:
        return replace(rates, why=Unknown.STANDS, limit=None)
    return replace(rates, earliest=_after(today, soonest), latest=None if None in latest else _after(today, latest))


def _after(today: date, numbers: Sequence[int | None]) -> date:
    return today + timedelta(days=max(number or 0 for number in numbers))


def _limit(translation: _Rate | None, review: _Rate, to_translate: int, to_approve: int, waiting: int) -> Limit:
    if translation is None:
        return Limit.REVIEW
    if to_translate / translation.mean > to_approve / review.mean:
        return Limit.TRANSLATION
    # Reviewers who have less than a week's work before them wait for texts, and their own rate tells no more than that.
    return Limit.TRANSLATION if waiting <= review.mean else Limit.REVIEW


def _rate(weeks: Sequence[int]) -> _Rate | None:
    if len(weeks) < LEAST_WEEKS or sum(1 for words in weeks if words) < LEAST_ACTIVE:
        return None
    mean = sum(weeks) / len(weeks)
    variance = sum((words - mean) ** 2 for words in weeks) / (len(weeks) - 1)
    return _Rate(mean, math.sqrt(variance), len(weeks))


def _per_day(weeks: Sequence[int]) -> float | None:
    return sum(weeks) / (WEEK * len(weeks)) if len(weeks) > 1 else None


def _reach(rate: _Rate, words: int, sign: int) -> int | None:
    """Return in how many days the line reaches so many words, None where it does not within ten years."""
    # Both lines stay above what they once reached: the upper one rises, the lower one is bent upwards from 0 on.
    week = 1 + bisect_left(range(1, FARTHEST + 1), float(words), key=lambda week: rate.line(week, sign))
    if week > FARTHEST:
        return None
    previous, reached = max(rate.line(week - 1, sign), 0.0), rate.line(week, sign)
    return math.ceil(WEEK * (week - 1 + (words - previous) / (reached - previous)))
