"""What is news of a locale, and what is not."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from service.announcing.models import EventKind
from service.announcing.plan import AT_MOST_EVERY, Mark, Standing, begin, plan_events

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
TRANSLATED, APPROVED = EventKind.TRANSLATED, EventKind.APPROVED


def kinds(mark: Mark, standing: Standing, now: datetime = NOW) -> list[tuple[EventKind, int | None]]:
    return [(event.kind, event.number) for event in plan_events(mark, standing, now)[0]]


def test_what_was_before_is_no_news() -> None:
    """A locale that is looked at for the first time begins where it stands."""
    standing = Standing(100, 60, 40, sign_off=2, release=1)
    assert kinds(begin(standing), standing) == []


def test_more_texts_are_news() -> None:
    """Each kind by itself, and both at once."""
    mark = Mark(60, 40, 0, 0)
    assert kinds(mark, Standing(100, 61, 40)) == [(TRANSLATED, None)]
    assert kinds(mark, Standing(100, 60, 41)) == [(APPROVED, None)]
    assert kinds(mark, Standing(100, 99, 99)) == [(TRANSLATED, None), (APPROVED, None)]


def test_fewer_texts_are_none_and_count_from_then_on() -> None:
    """Approvals that a new source took are approved again, and that is news."""
    _, after = plan_events(Mark(60, 40, 0, 0), Standing(100, 50, 30), NOW)
    assert (after.translated, after.approved) == (50, 30)
    assert kinds(after, Standing(100, 50, 31)) == [(APPROVED, None)]


def test_a_long_evening_is_told_every_ten_minutes() -> None:
    """What is held back is told with the next one, and its count is the true one."""
    _, mark = plan_events(Mark(0, 0, 0, 0), Standing(100, 1, 0), NOW)
    soon = NOW + AT_MOST_EVERY - timedelta(seconds=1)
    assert plan_events(mark, Standing(100, 2, 0), soon) == ([], mark)
    assert kinds(mark, Standing(100, 2, 0), soon + timedelta(seconds=1)) == [(TRANSLATED, None)]


def test_every_sign_off_and_release_is_told_by_its_number() -> None:
    """Also several at once, and never again."""
    mark, standing = Mark(0, 0, 1, 0), Standing(10, 0, 0, sign_off=3, release=1)
    events, after = plan_events(mark, standing, NOW)
    assert [(event.kind, event.number) for event in events] == [
        (EventKind.SIGNED_OFF, 2), (EventKind.SIGNED_OFF, 3), (EventKind.RELEASED, 1),
    ]  # fmt: skip
    assert plan_events(after, standing, NOW) == ([], after)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50), st.integers(0, 120)), max_size=20))
def test_nothing_is_lost_or_told_twice(steps: list[tuple[int, int, int]]) -> None:
    """However counts move: a look that tells nothing of a rise has told of one within ten minutes, or tells later."""
    mark, now = Mark(0, 0, 0, 0), NOW
    for translated, approved, minutes in steps:
        now += timedelta(minutes=minutes)
        standing = Standing(50, translated, approved)
        events, after = plan_events(mark, standing, now)
        for kind, before, value, last in (
            (TRANSLATED, mark.translated, translated, mark.translated_at),
            (APPROVED, mark.approved, approved, mark.approved_at),
        ):
            told = kind in [event.kind for event in events]
            assert told == (value > before and (last is None or now - last >= AT_MOST_EVERY))
        mark = after
