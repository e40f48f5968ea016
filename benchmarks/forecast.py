"""Print how often the real end of a simulated translation falls inside the 80 % range that was told in its midst.

Worlds of volunteers and reviewers work through 12,000 words day by day, each in a way of its own. The forecast is asked
once in each, when between a quarter and four fifths of the words are approved, and the world then goes on to its end.
``python -m benchmarks.forecast --worlds 200`` simulates fewer.
"""

import argparse
import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from rich.console import Console
from rich.table import Table

from service.progress.rules.forecast import Forecast, Limit, forecast
from service.progress.rules.history import Day

WORDS = 12_000
START = date(2026, 1, 5)
_LONGEST = 1_500
Pace = Callable[[random.Random, int], float]
"""Returns how many words a day brings, by its number from 0 (a Monday)."""


@dataclass(frozen=True)
class World:
    """A way of working. ``turns``: halfway it changes, which no look at the past can tell."""

    name: str
    translate: Pace
    review: Pace
    turns: bool = False


def steady(mean: float) -> Pace:
    """Every day about the same."""
    return lambda chance, _: max(0.0, chance.gauss(mean, mean / 3))


def evenings(mean: float) -> Pace:
    """Most days nothing, some days much, weekends more: volunteers."""
    return lambda chance, day: (
        chance.expovariate(1 / (mean * 3.5)) if chance.random() < (0.4 if day % 7 > 4 else 0.25) else 0.0
    )


def bursts(mean: float) -> Pace:
    """Working days only, one week in three nothing: reviewers."""
    weeks: dict[int, float] = {}

    def pace(chance: random.Random, day: int) -> float:
        factor = weeks.setdefault(day // 7, 0.0 if chance.random() < 1 / 3 else 1.5)
        return max(0.0, chance.gauss(mean * 1.4, mean / 2)) * factor if day % 7 < 5 else 0.0

    def fresh(chance: random.Random, day: int) -> float:
        if day == 0:
            weeks.clear()
        return pace(chance, day)

    return fresh


def slower(pace: Pace, per_week: float) -> Pace:
    """Each week a little less than the one before."""
    return lambda chance, day: pace(chance, day) * max(0.15, (1 - per_week) ** (day / 7))


def after(pace: Pace, day_of_change: int, factor: float) -> Pace:
    """From a day on so many times as much."""
    return lambda chance, day: pace(chance, day) * (factor if day >= day_of_change else 1.0)


WORLDS = (
    World("steady, translation limits", steady(80), steady(200)),
    World("steady, review limits", steady(200), steady(80)),
    World("evenings, translation limits", evenings(90), steady(250)),
    World("review in bursts limits", evenings(250), bursts(90)),
    World("evenings and bursts, even", evenings(100), bursts(100)),
    World("3 % less each week", slower(evenings(120), 0.03), steady(250), turns=True),
    World("half as much from day 80 on", after(evenings(90), 80, 0.5), steady(250), turns=True),
)


def run(world: World, seed: int) -> tuple[Forecast, date] | None:
    """Return what was told in the midst of one run and when it ended; None where it never did."""
    chance = random.Random(seed)
    ask_at = chance.uniform(0.25, 0.8) * WORDS
    told: Forecast | None = None
    history: list[Day] = []
    for day in days(world, chance):
        history.append(day)
        if told is None and day.approved >= ask_at:
            told = forecast(history, waiting_words=day.with_text - day.approved)
        if day.approved >= WORDS:
            return None if told is None else (told, day.day)
    return None


def days(world: World, chance: random.Random) -> Iterator[Day]:
    """Yield the days of one run, with the state at the end of each."""
    with_text = approved = 0.0
    yield Day(START - timedelta(days=1), WORDS, 0, 0)
    for number in range(_LONGEST):
        with_text = min(WORDS, with_text + world.translate(chance, number))
        approved = min(with_text, approved + world.review(chance, number))
        yield Day(START + timedelta(days=number), WORDS, int(with_text), int(approved))


def measure(world: World, worlds: int) -> tuple[str, ...]:
    """Return name, share told, share inside, before, after, median width in days, and what was named as the limit."""
    runs = [found for seed in range(worlds) if (found := run(world, seed)) is not None]
    told = [(each, end) for each, end in runs if each.earliest is not None]
    inside = sum(1 for each, end in told if each.earliest <= end and (each.latest is None or end <= each.latest))
    before = sum(1 for each, end in told if each.earliest > end)
    opened = sum(1 for each, _ in told if each.latest is None)
    widths = sorted((each.latest - each.earliest).days for each, _ in told if each.latest is not None)
    review = sum(1 for each, _ in told if each.limit is Limit.REVIEW)

    def share(part: int, of: int) -> str:
        return f"{100 * part / of:.0f} %" if of else "–"

    return (
        world.name, share(len(told), len(runs)), share(inside, len(told)), share(before, len(told)),
        share(len(told) - inside - before, len(told)), share(opened, len(told)),
        f"{widths[len(widths) // 2]} days" if widths else "–", share(review, len(told)),
    )  # fmt: skip


def main() -> int:
    """Simulate what the arguments name, and print it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.forecast", description="Judge the forecast.")
    parser.add_argument("--worlds", type=int, default=1_000, help="runs of each kind")
    given = parser.parse_args()
    table = Table(
        "how they work", "told", "end inside", "sooner", "later", "open end", "median width", "review named",
        title=f"80 % range of the forecast, {given.worlds:,} runs of each kind",
    )  # fmt: skip
    for world in WORLDS:
        table.add_row(*measure(world, given.worlds), end_section=world is WORLDS[-3])
    Console(width=120).print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
