"""Reading how languages stood, and by when they are to be done."""

from collections import defaultdict
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from service.catalog.queries import LocaleCounts
from service.deployments.models import Deployment
from service.progress.models import Deadline, DeadlineReminder, ProgressSnapshot
from service.progress.plan import Reminder
from service.progress.rules.history import Day, fill_days


def day_of(day: date, counts: LocaleCounts) -> Day:
    """Return counts as one day of a history."""
    return Day(
        day=day,
        words=counts.words,
        with_text=counts.translated_words + counts.stale_words + counts.approved_words,
        approved=counts.approved_words,
        units=counts.total,
        approved_units=counts.approved,
    )


def find_histories(
    session: Session, deployment_id: int, counts: dict[str, LocaleCounts], *, now: datetime, days: int
) -> dict[str, list[Day]]:
    """Return the last days of each locale that has counts, without gaps, the last one as it stands now.

    Args:
        counts: how each locale stands now.
        now: the time.
        days: how many days back at most; the history begins with the first day of which anything is known.
    """
    today = now.date()
    since = today - timedelta(days=days)
    row = ProgressSnapshot
    # Columns, not rows: a page reads a thousand of them.
    query = (
        select(
            row.locale,
            row.day,
            row.words,
            row.translated_words + row.stale_words + row.approved_words,
            row.approved_words,
            row.total,
            row.approved,
        )  # type: ignore[call-overload]  # sqlmodel types select() up to four columns
        .where(row.deployment_id == deployment_id, col(row.locale).in_(sorted(counts)), col(row.day) >= since)
        .order_by(col(row.day))
    )
    known: defaultdict[str, list[Day]] = defaultdict(list)
    for locale, *values in session.exec(query):
        known[locale].append(Day(*values))
    return {
        locale: fill_days([*known[locale], day_of(today, standing)], until=today) for locale, standing in counts.items()
    }


def list_deadlines(session: Session, deployment_id: int) -> dict[str, Deadline]:
    """Return the deadlines of a deployment by locale."""
    query = select(Deadline).where(Deadline.deployment_id == deployment_id).order_by(col(Deadline.locale))
    return {row.locale: row for row in session.exec(query)}


def list_near_deadlines(session: Session, today: date, until: date) -> list[tuple[Deployment, Deadline]]:
    """Return the deadlines of deployments in use from ``today`` to ``until``, by deployment."""
    query = (
        select(Deployment, Deadline)
        .join(Deadline, col(Deadline.deployment_id) == Deployment.id)
        .where(col(Deployment.archived_at).is_(None), col(Deadline.day) >= today, col(Deadline.day) <= until)
        .order_by(col(Deployment.id), col(Deadline.locale))
    )
    return list(session.exec(query))


def list_reminders(session: Session, deployment_id: int, since: date) -> set[Reminder]:
    """Return which reminders of deadlines from a day on people were told."""
    query = select(DeadlineReminder).where(
        DeadlineReminder.deployment_id == deployment_id, col(DeadlineReminder.day) >= since
    )
    return {Reminder(row.locale, row.day, row.step) for row in session.exec(query)}
