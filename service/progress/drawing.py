"""Charts as points and boxes; a template makes SVG of them. In a page from right to left time runs that way too."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from service.progress.rules.history import WEEK, Day, Span

WIDTH, HEIGHT = 640, 240
LEFT, RIGHT, TOP, BOTTOM = 76, 16, 16, 36
_MOST_STEPS = 5


@dataclass(frozen=True, slots=True)
class Tick:
    """A line across the chart at a number of words, or a place along it at a day. ``at`` is in the chart's units."""

    at: float
    words: int = 0
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One curve: its points as SVG writes them, where it ends, and the number it ends with."""

    points: str
    end: tuple[float, float]
    words: int


@dataclass(frozen=True, slots=True)
class BurnUp:
    """Words to translate, with a text, and approved, day by day, on lines across from ``axis`` to ``far``."""

    words: Line
    with_text: Line
    approved: Line
    rows: Sequence[Day]
    across: Sequence[Tick]
    along: Sequence[Tick]
    axis: float
    far: float


@dataclass(frozen=True, slots=True)
class Bar:
    """A box."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Week:
    """What came about in a week, as numbers and as two bars."""

    span: Span
    translated: Bar
    approved: Bar
    middle: float


@dataclass(frozen=True, slots=True)
class Activity:
    """Words translated and approved week by week, on lines across from ``axis`` to ``far``."""

    weeks: Sequence[Week]
    across: Sequence[Tick]
    axis: float
    far: float


def draw_burn_up(days: Sequence[Day], *, from_right: bool) -> BurnUp | None:
    """Return the curves of a history; None before there are two days. ``rows`` are the days that the table shows."""
    if len(days) < 2:
        return None
    top = max(max(day.words for day in days), 1)
    steps = _steps(top)
    highest = max(steps[-1], top)

    def x(place: int) -> float:
        return _across(place / (len(days) - 1), from_right=from_right)

    def line(values: Sequence[int]) -> Line:
        points = [(x(place), _height(value / highest)) for place, value in enumerate(values)]
        return Line(" ".join(f"{left:.1f},{up:.1f}" for left, up in points), points[-1], values[-1])

    shown = range(len(days) - 1, -1, -WEEK)
    marks = [0, len(days) // 2, len(days) - 1] if len(days) > 2 * WEEK else [0, len(days) - 1]
    return BurnUp(
        words=line([day.words for day in days]),
        with_text=line([day.with_text for day in days]),
        approved=line([day.approved for day in days]),
        rows=[days[place] for place in shown],
        across=[Tick(_height(step / highest), step) for step in steps],
        along=[Tick(x(place), day=days[place].day) for place in marks],
        axis=_across(0, from_right=from_right),
        far=_across(1, from_right=from_right),
    )


def draw_activity(spans: Sequence[Span], *, from_right: bool) -> Activity | None:
    """Return the bars of whole weeks; None without any. A week in which texts went has no bar, only its number."""
    if not spans:
        return None
    steps = _steps(max(1, *(max(span.translated, span.approved) for span in spans)))
    room = (WIDTH - LEFT - RIGHT) / len(spans)

    def bar(place: int, half: int, words: int) -> Bar:
        up = _height(max(words, 0) / steps[-1])
        middle = _across((place + 0.5) / len(spans), from_right=from_right)
        side = (half if not from_right else 1 - half) - 1
        width = min(room * 0.38, 32)
        return Bar(middle + side * width, up, width, HEIGHT - BOTTOM - up)

    weeks = [
        Week(
            span,
            bar(place, 0, span.translated),
            bar(place, 1, span.approved),
            _across((place + 0.5) / len(spans), from_right=from_right),
        )
        for place, span in enumerate(spans)
    ]
    across = [Tick(_height(step / steps[-1]), step) for step in steps]
    return Activity(weeks, across, _across(0, from_right=from_right), _across(1, from_right=from_right))


def _across(share: float, *, from_right: bool) -> float:
    inner = (WIDTH - LEFT - RIGHT) * share
    return WIDTH - LEFT - inner if from_right else LEFT + inner


def _height(share: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * share


def _steps(top: int) -> list[int]:
    """Return round numbers from 0 to at least ``top``, a handful of them."""
    step = 1
    while True:
        for factor in (1, 2, 5):
            if top <= factor * step * _MOST_STEPS:
                size = factor * step
                return list(range(0, top + size, size))
        step *= 10
