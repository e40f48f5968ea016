"""Where the languages of a deployment stand, how they came there, when they may be done, and what needs someone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from service.auth.queries import find_reviewer_grants
from service.auth.rules import Grant, Permission
from service.catalog.queries import LocaleCounts, count_states
from service.deployments.models import Deployment
from service.deployments.service import list_locales
from service.progress.models import Deadline
from service.progress.queries import find_histories, list_deadlines
from service.progress.rules.forecast import MOST_WEEKS, Forecast, forecast
from service.progress.rules.history import WEEK, Day, Span, last_weeks, months
from service.progress.rules.needs import LanguageFacts, Need, find_needs
from service.sync.models import RunState
from service.sync.queries import count_open_questions, find_last_runs
from service.volunteers.queries import count_waiting, find_failed_look
from service.web.spreadsheets import Cell

DAYS = 2 * WEEK * MOST_WEEKS
"""How far back is looked: what forecasts need, and as long again for what went before."""
YEAR = 53 * WEEK

COLUMNS = (
    "locale", "texts", "words", "approved", "approved_words", "approved_percent", "waiting", "waiting_words",
    "translated", "translated_words", "stale", "stale_words", "rejected", "rejected_words", "untranslated",
    "untranslated_words", "with_findings", "blocked", "conflicts", "translated_words_a_day", "approved_words_a_day",
    "forecast", "earliest", "latest", "limited_by", "deadline",
)  # fmt: skip
"""What a file of a deployment's languages holds."""
FORM_COLUMNS = (
    "form", "texts", "words", "approved", "approved_words", "waiting", "waiting_words", "translated", "stale",
    "rejected", "untranslated", "untranslated_words", "with_findings", "blocked", "conflicts",
)  # fmt: skip
DAY_COLUMNS = ("day", "texts", "words", "words_with_text", "approved", "approved_words")


@dataclass(frozen=True, slots=True)
class LanguageProgress:
    """One language: how it stands, its days, and what may become of it."""

    locale: str
    counts: LocaleCounts
    days: Sequence[Day]
    forecast: Forecast
    deadline: Deadline | None
    reviewers: int

    @property
    def weeks(self) -> list[Span]:
        """Return the last whole weeks."""
        return last_weeks(self.days, MOST_WEEKS)

    @property
    def months(self) -> tuple[Span, Span] | None:
        """Return the last month and this one."""
        return months(self.days)

    def as_row(self) -> tuple[Cell, ...]:
        """Return it as the row of a file, see :data:`COLUMNS`."""
        counts, told = self.counts, self.forecast
        standing = "done" if told.done else told.why.value if told.why else "range"
        return (
            self.locale, counts.total, counts.words, counts.approved, counts.approved_words, counts.approved_percent,
            counts.waiting, counts.waiting_words, counts.translated, counts.translated_words, counts.stale,
            counts.stale_words, counts.rejected, counts.rejected_words, counts.untranslated, counts.untranslated_words,
            counts.with_findings, counts.blocked, counts.conflicts, _rounded(told.translated), _rounded(told.reviewed),
            standing, told.earliest, told.latest, told.limit.value if told.limit else None,
            self.deadline.day if self.deadline else None,
        )  # fmt: skip

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return dict(zip(COLUMNS, self.as_row(), strict=True))


def _rounded(rate: float | None) -> float | None:
    return None if rate is None else round(rate, 1)


def describe_languages(
    session: Session, deployment: Deployment, *, now: datetime, locales: Sequence[str] | None = None, days: int = DAYS
) -> list[LanguageProgress]:
    """Return the languages of a deployment, all or those named, in a number of queries that does not depend on them."""
    assert deployment.id is not None
    names = [row.locale for row in list_locales(session, deployment) if locales is None or row.locale in locales]
    counts = count_states(session, deployment.id, names)
    histories = find_histories(session, deployment.id, counts, now=now, days=days)
    deadlines = list_deadlines(session, deployment.id)
    reviewers = find_reviewer_grants(session, deployment.id)
    return [
        LanguageProgress(
            locale=name,
            counts=counts[name],
            days=histories[name],
            forecast=forecast(histories[name], waiting_words=counts[name].waiting_words),
            deadline=deadlines.get(name),
            reviewers=_count_reviewers(reviewers, name),
        )
        for name in names
    ]


def _count_reviewers(grants: Mapping[str, Iterable[Grant]], locale: str) -> int:
    return sum(1 for given in grants.values() if any(grant.allows(Permission.REVIEW_DECIDE, locale) for grant in given))


def list_needs(
    session: Session, deployment: Deployment, languages: Iterable[LanguageProgress], *, today: date
) -> list[Need]:
    """Return what needs someone in a deployment."""
    assert deployment.id is not None
    run = find_last_runs(session, [deployment.id]).get(deployment.id)
    return find_needs(
        (facts_of(language) for language in languages),
        today=today,
        run_failed=run is not None and run.state in (RunState.FAILED, RunState.PARTLY),
        look_failed=find_failed_look(session, deployment.id) is not None,
        questions=sum(count_open_questions(session, deployment.id).values()),
        invitations=count_waiting(session, deployment.id),
    )


def facts_of(language: LanguageProgress) -> LanguageFacts:
    """Return what the list of needs looks at."""
    counts = language.counts
    return LanguageFacts(
        locale=language.locale,
        left=counts.total - counts.approved,
        stale=counts.stale,
        blocked=counts.blocked,
        conflicts=counts.conflicts,
        reviewers=language.reviewers,
        days=language.days,
        forecast=language.forecast,
        deadline=language.deadline.day if language.deadline else None,
    )


def need_data(need: Need) -> dict[str, Any]:
    """Return one need as plain values."""
    return {"kind": need.kind.value, "locale": need.locale, "number": need.number, "day": need.day}


def form_row(record: str, counts: LocaleCounts) -> tuple[Cell, ...]:
    """Return the counts of one form or lookup as the row of a file, see :data:`FORM_COLUMNS`."""
    return (
        record, counts.total, counts.words, counts.approved, counts.approved_words, counts.waiting,
        counts.waiting_words, counts.translated, counts.stale, counts.rejected, counts.untranslated,
        counts.untranslated_words, counts.with_findings, counts.blocked, counts.conflicts,
    )  # fmt: skip


def day_row(day: Day) -> tuple[Cell, ...]:
    """Return one day as the row of a file, see :data:`DAY_COLUMNS`."""
    return day.day, day.units, day.words, day.with_text, day.approved_units, day.approved
