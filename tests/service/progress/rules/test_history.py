"""How a language came to stand where it does."""

from datetime import date, timedelta

from service.progress.rules.history import Day, Span, fill_days, gains, last_weeks, months

MONDAY = date(2026, 3, 2)


def day(number: int, with_text: int, approved: int = 0, words: int = 1000) -> Day:
    return Day(MONDAY + timedelta(days=number), words, with_text, approved)


def test_a_day_of_which_nothing_is_known_is_as_the_one_before() -> None:
    """From the first known day to today; of two of one day the later counts."""
    found = fill_days([day(0, 5), day(3, 9), day(3, 10)], until=MONDAY + timedelta(days=4))
    assert [each.with_text for each in found] == [5, 5, 5, 10, 10]
    assert [each.day for each in found] == [MONDAY + timedelta(days=n) for n in range(5)]
    assert fill_days([], until=MONDAY) == []


def test_words_that_left_the_source_are_nobodys_lost_work() -> None:
    """A smaller source takes no words from those who translate; a rejection does."""
    assert gains(day(0, 100, 50), day(1, 90, 60)) == (-10, 10)
    assert gains(day(0, 100, 50), day(1, 40, 60, words=500)) == (0, 10)


def test_weeks_end_today_and_are_whole() -> None:
    """What is left over at the beginning belongs to none."""
    days = [day(number, 10 * number, 5 * number) for number in range(17)]
    assert last_weeks(days, 8) == [
        Span(MONDAY + timedelta(days=2), MONDAY + timedelta(days=9), 70, 35),
        Span(MONDAY + timedelta(days=9), MONDAY + timedelta(days=16), 70, 35),
    ]
    assert len(last_weeks(days, 1)) == 1
    assert last_weeks(days[:7], 8) == []


def test_months_begin_with_their_first_day() -> None:
    """What came about on the first belongs to the month that begins with it."""
    days = [Day(date(2026, 2, 26) + timedelta(days=number), 1000, 10 * number, number) for number in range(10)]
    last, this = months(days) or (None, None)
    assert (this.translated, this.approved, this.day) == (70, 7, date(2026, 3, 7))
    assert (last.translated, last.approved) == (20, 2)
    assert months(days[:1]) is None


def test_a_history_that_began_this_month_has_an_empty_last_one() -> None:
    """Nothing came about before anything was known."""
    last, this = months([day(0, 0), day(1, 40)]) or (None, None)
    assert (last.translated, this.translated) == (0, 40)
