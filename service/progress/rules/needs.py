"""What needs someone: one list for a deployment, the most pressing first."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from service.progress.rules.forecast import Forecast
from service.progress.rules.history import Day

QUIET = timedelta(days=14)
"""How long nothing may move in a language that is not done before somebody should ask why."""
SOON = timedelta(days=14)


class NeedKind(StrEnum):
    """What somebody should look at, in the order of the list."""

    OVERDUE = "overdue"
    FAILED_RUN = "failed-run"
    FAILED_LOOK = "failed-look"
    CONFLICTS = "conflicts"
    AT_RISK = "deadline-at-risk"
    BLOCKED = "blocking-findings"
    NO_REVIEWER = "no-reviewer"
    QUESTIONS = "questions"
    INVITATIONS = "invitations"
    STALE = "stale"
    QUIET = "quiet"


@dataclass(frozen=True, slots=True)
class LanguageFacts:
    """What the list looks at in one language.

    Attributes:
        left: texts that are not approved.
        reviewers: how many people may decide there.
        days: the history, every day without a gap, up to today.
        deadline: the day by which it is to be approved, None where none was set.
    """

    locale: str
    left: int
    stale: int
    blocked: int
    conflicts: int
    reviewers: int
    days: Sequence[Day]
    forecast: Forecast
    deadline: date | None


@dataclass(frozen=True, slots=True)
class Need:
    """One line of the list: ``number`` of texts, questions, people or days, ``day`` it is about."""

    kind: NeedKind
    locale: str | None = None
    number: int = 0
    day: date | None = None


def find_needs(
    languages: Iterable[LanguageFacts],
    *,
    today: date,
    run_failed: bool,
    look_failed: bool = False,
    questions: int,
    invitations: int,
) -> list[Need]:
    """Return what needs someone.

    Args:
        languages: every language of the deployment.
        today: the day, UTC.
        run_failed: the last exchange with Transifex failed.
        look_failed: the last look at the team there failed.
        questions: how many questions of volunteers wait.
        invitations: how many people are registered and wait for an invitation.
    """
    found = [need for language in languages for need in _of_language(language, today)]
    if run_failed:
        found.append(Need(NeedKind.FAILED_RUN))
    if look_failed:
        found.append(Need(NeedKind.FAILED_LOOK))
    if questions:
        found.append(Need(NeedKind.QUESTIONS, number=questions))
    if invitations:
        found.append(Need(NeedKind.INVITATIONS, number=invitations))
    order = {kind: place for place, kind in enumerate(NeedKind)}
    return sorted(found, key=lambda need: (order[need.kind], need.locale or ""))


def _of_language(facts: LanguageFacts, today: date) -> Iterator[Need]:
    counted = ((NeedKind.CONFLICTS, facts.conflicts), (NeedKind.BLOCKED, facts.blocked), (NeedKind.STALE, facts.stale))
    yield from (Need(kind, facts.locale, number) for kind, number in counted if number)
    if not facts.left:
        return
    if facts.deadline is not None:
        yield from _of_deadline(facts, facts.deadline, today)
    if not facts.reviewers:
        yield Need(NeedKind.NO_REVIEWER, facts.locale, facts.left)
    quiet = quiet_days(facts.days)
    if quiet >= QUIET.days:
        yield Need(NeedKind.QUIET, facts.locale, quiet)


def _of_deadline(facts: LanguageFacts, deadline: date, today: date) -> Iterator[Need]:
    if deadline < today:
        yield Need(NeedKind.OVERDUE, facts.locale, (today - deadline).days, deadline)
    elif is_at_risk(facts.forecast, deadline, today):
        yield Need(NeedKind.AT_RISK, facts.locale, (deadline - today).days, deadline)


def is_at_risk(forecast: Forecast, deadline: date, today: date) -> bool:
    """Return whether a language that is not done may miss its deadline.

    It may where the forecast reaches beyond the day, and where there is no forecast and the day is two weeks away or
    less.
    """
    if forecast.earliest is None:
        return deadline - today <= SOON
    return forecast.latest is None or forecast.latest > deadline


def quiet_days(days: Sequence[Day]) -> int:
    """Return for how many days nothing was translated or approved, as far back as anything is known."""
    if not days:
        return 0
    last = days[-1]
    quiet = 0
    for day in reversed(days[:-1]):
        if (day.with_text, day.approved) != (last.with_text, last.approved):
            break
        quiet += 1
    return quiet
