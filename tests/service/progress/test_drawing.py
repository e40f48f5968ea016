"""Charts as points and boxes."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from service.progress.drawing import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, draw_activity, draw_burn_up
from service.progress.rules.history import Day, last_weeks

START = date(2026, 3, 2)


def days(values: list[int]) -> list[Day]:
    return [Day(START + timedelta(days=n), 1000, value, value // 2) for n, value in enumerate(values)]


def points(line: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in (point.split(",") for point in line.split())]


def test_time_runs_as_the_page_is_read() -> None:
    """From the left in one page, from the right in the other; heights are the same."""
    history = days([0, 100, 400, 900])
    left, right = draw_burn_up(history, from_right=False), draw_burn_up(history, from_right=True)
    assert left is not None
    assert right is not None
    drawn, mirrored = points(left.with_text.points), points(right.with_text.points)
    assert [x for x, _ in drawn] == sorted(x for x, _ in drawn)
    assert [x for x, _ in mirrored] == sorted((x for x, _ in mirrored), reverse=True)
    assert [y for _, y in drawn] == [y for _, y in mirrored]
    assert (drawn[0][0], mirrored[0][0]) == (LEFT, WIDTH - LEFT)


def test_more_words_stand_higher() -> None:
    """The most stands at the top, none on the ground."""
    drawn = draw_burn_up(days([0, 500, 1000]), from_right=False)
    assert drawn is not None
    assert [y for _, y in points(drawn.with_text.points)] == [HEIGHT - BOTTOM, (HEIGHT - BOTTOM + TOP) / 2, TOP]
    assert [tick.words for tick in drawn.across] == [0, 200, 400, 600, 800, 1000]


def test_the_table_shows_a_day_a_week_and_today_first() -> None:
    """So that half a year is a table one can read."""
    drawn = draw_burn_up(days([0] * 30), from_right=False)
    assert drawn is not None
    assert [(START + timedelta(days=29) - row.day).days for row in drawn.rows] == [0, 7, 14, 21, 28]


def test_too_little_draws_nothing() -> None:
    """One day is no curve, less than a week no bar."""
    assert draw_burn_up(days([5]), from_right=False) is None
    assert draw_activity(last_weeks(days([0] * 7), 12), from_right=False) is None


@given(st.lists(st.integers(0, 100_000), min_size=8, max_size=90), st.booleans())
def test_everything_stays_inside_the_chart(values: list[int], from_right: bool) -> None:
    """Whatever the numbers, in both directions."""
    history = [Day(START + timedelta(days=n), v, v // 2, v // 3) for n, v in enumerate(values)]
    curves = draw_burn_up(history, from_right=from_right)
    assert curves is not None
    for line in (curves.words, curves.with_text, curves.approved):
        assert all(0 <= x <= WIDTH and TOP <= y <= HEIGHT - BOTTOM for x, y in points(line.points))
    bars = draw_activity(last_weeks(days(values), 12), from_right=from_right)
    assert bars is not None
    for week in bars.weeks:
        for bar in (week.translated, week.approved):
            assert bar.x >= min(LEFT, RIGHT) - 1
            assert bar.x + bar.width <= WIDTH - min(LEFT, RIGHT) + 1
            assert TOP - 1 <= bar.y <= HEIGHT - BOTTOM
            assert bar.height >= 0
