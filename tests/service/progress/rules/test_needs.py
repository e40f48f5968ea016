"""What needs someone, and which reminders are due."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from service.progress.plan import Reminder, plan_reminders
from service.progress.rules.forecast import Forecast, Limit, Unknown
from service.progress.rules.history import Day
from service.progress.rules.needs import LanguageFacts, Need, NeedKind, find_needs, is_at_risk, quiet_days

TODAY = date(2026, 6, 1)
SHORT = Forecast(why=Unknown.SHORT)


def language(locale: str = "fr", **values: Any) -> LanguageFacts:
    moved = [Day(TODAY - timedelta(days=1), 100, 10, 5), Day(TODAY, 100, 20, 5)]
    facts = {
        "left": 5, "stale": 0, "blocked": 0, "conflicts": 0, "reviewers": 1, "days": moved, "forecast": SHORT,
        "deadline": None,
    }  # fmt: skip
    return LanguageFacts(locale=locale, **(facts | values))


def needs(*languages: LanguageFacts, **values: Any) -> list[Need]:
    facts = {"today": TODAY, "run_failed": False, "questions": 0, "invitations": 0}
    return find_needs(languages, **(facts | values))


def test_where_all_goes_well_nothing_needs_anybody() -> None:
    """A language under way with a reviewer, and one that is done, are not in the list."""
    assert needs(language(), language("ar", left=0, reviewers=0, deadline=TODAY - timedelta(days=9))) == []


def test_the_most_pressing_comes_first() -> None:
    """Each kind once, in the order of the kinds, of one kind by language."""
    found = needs(
        language("fr", stale=2, conflicts=1, blocked=3, reviewers=0),
        language("ar", stale=4, deadline=TODAY - timedelta(days=3)),
        run_failed=True, look_failed=True, questions=2, invitations=7,
    )  # fmt: skip
    assert found == [
        Need(NeedKind.OVERDUE, "ar", 3, TODAY - timedelta(days=3)),
        Need(NeedKind.FAILED_RUN),
        Need(NeedKind.FAILED_LOOK),
        Need(NeedKind.CONFLICTS, "fr", 1),
        Need(NeedKind.BLOCKED, "fr", 3),
        Need(NeedKind.NO_REVIEWER, "fr", 5),
        Need(NeedKind.QUESTIONS, None, 2),
        Need(NeedKind.INVITATIONS, None, 7),
        Need(NeedKind.STALE, "ar", 4),
        Need(NeedKind.STALE, "fr", 2),
    ]


def test_a_deadline_is_at_risk_where_the_forecast_reaches_beyond_it() -> None:
    """Or has no end; without a forecast in its last two weeks."""
    told = Forecast(earliest=TODAY + timedelta(days=5), latest=TODAY + timedelta(days=20), limit=Limit.REVIEW)
    assert is_at_risk(told, TODAY + timedelta(days=19), TODAY)
    assert not is_at_risk(told, TODAY + timedelta(days=20), TODAY)
    assert is_at_risk(Forecast(earliest=TODAY, latest=None), TODAY + timedelta(days=900), TODAY)
    assert is_at_risk(SHORT, TODAY + timedelta(days=14), TODAY)
    assert not is_at_risk(SHORT, TODAY + timedelta(days=15), TODAY)
    day = TODAY + timedelta(days=19)
    assert needs(language(forecast=told, deadline=day)) == [Need(NeedKind.AT_RISK, "fr", 19, day)]


def test_a_language_is_quiet_after_two_weeks_without_a_move() -> None:
    """As far back as anything is known: a language of yesterday is not quiet yet."""
    still = [Day(TODAY - timedelta(days=n), 100, 20, 5) for n in range(14, -1, -1)]
    assert needs(language(days=still)) == [Need(NeedKind.QUIET, "fr", 14)]
    assert needs(language(days=still[1:])) == []
    assert quiet_days([Day(TODAY, 1, 0, 0)]) == quiet_days([]) == 0


def test_reminders_are_due_two_weeks_one_week_and_two_days_before() -> None:
    """Each once for a day that is set; not for what is done, and never after the day."""
    deadline = TODAY + timedelta(days=20)
    sent: set[Reminder] = set()
    said = []
    for number in range(25):
        for reminder in plan_reminders([("fr", deadline)], done=(), sent=sent, today=TODAY + timedelta(days=number)):
            said.append((number, reminder.step))
            sent.add(reminder)
    assert said == [(6, 14), (13, 7), (18, 2)]
    assert plan_reminders([("fr", TODAY)], done={"fr"}, sent=(), today=TODAY) == []


def test_of_steps_that_passed_unseen_the_last_one_alone_is_due() -> None:
    """Where a deadline was set five days ahead, or the service stood still; another day begins anew."""
    late = TODAY + timedelta(days=5)
    assert plan_reminders([("fr", late)], done=(), sent=(), today=TODAY) == [Reminder("fr", late, 7)]
    moved = TODAY + timedelta(days=6)
    assert plan_reminders([("fr", moved)], done=(), sent={Reminder("fr", late, 7)}, today=TODAY) == [
        Reminder("fr", moved, 7)
    ]
