"""Remembering how languages stand, and by when they are to be done."""

from datetime import date, datetime, timedelta

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from service.audit.service import Actor, write_audit
from service.catalog.queries import count_states
from service.db import Database
from service.deployments.models import Deployment
from service.deployments.service import find_locale, list_deployments, list_locales
from service.errors import BadInput, NotFound
from service.jobs.leases import hold_lease
from service.progress.models import Deadline, ProgressSnapshot

LEASE = timedelta(minutes=2)
_NAME = "snapshots"
_KEPT = (
    "total", "words", "translated", "translated_words", "stale", "stale_words", "rejected", "rejected_words",
    "approved", "approved_words", "waiting", "waiting_words", "with_findings", "conflicts",
)  # fmt: skip
_FARTHEST = timedelta(days=3650)


def take_snapshots(session: Session, deployment: Deployment, *, now: datetime) -> int:
    """Remember how each locale of the deployment stands today, in place of what was taken today; return how many."""
    assert deployment.id is not None
    locales = [row.locale for row in list_locales(session, deployment)]
    rows = [
        {"deployment_id": deployment.id, "locale": locale, "day": now.date(), "taken_at": now}
        | {name: getattr(counts, name) for name in _KEPT}
        for locale, counts in count_states(session, deployment.id, locales).items()
    ]
    if rows:
        table = ProgressSnapshot.__table__  # type: ignore[attr-defined]  # sqlmodel does not type it
        insert = (sqlite if session.get_bind().dialect.name == "sqlite" else postgresql).insert(table).values(rows)
        newer = {name: insert.excluded[name] for name in ("taken_at", *_KEPT)}
        session.connection().execute(
            insert.on_conflict_do_update(index_elements=["deployment_id", "locale", "day"], set_=newer)
        )
    return len(rows)


def take_due_snapshots(database: Database, *, owner: str, now: datetime) -> int:
    """Take those of each deployment in use that has none of today yet; return of how many deployments.

    To be called every now and then; one process at a time does it for all.
    """
    with database.read() as session:
        if not _find_due(session, now.date()):
            return 0
    with database.write() as session:
        if not hold_lease(session, _NAME, owner, now=now, span=LEASE):
            return 0
        due = _find_due(session, now.date())
        for deployment in due:
            take_snapshots(session, deployment, now=now)
    return len(due)


def _find_due(session: Session, today: date) -> list[Deployment]:
    done = set(
        session.exec(select(ProgressSnapshot.deployment_id).where(col(ProgressSnapshot.day) == today).distinct())
    )
    return [
        deployment
        for deployment in list_deployments(session)
        if deployment.archived_at is None and deployment.id not in done and list_locales(session, deployment)
    ]


def set_deadline(
    session: Session, deployment: Deployment, locale: str, day: date, *, note: str, actor: Actor, now: datetime
) -> Deadline:
    """Say by which day a locale is to be approved whole, in place of an earlier day.

    Raises:
        NotFound: the deployment has no such locale.
        BadInput: the day has passed or lies more than ten years ahead, or the note is too long.
    """
    assert deployment.id is not None
    find_locale(session, deployment, locale)
    if not now.date() <= day <= now.date() + _FARTHEST:
        raise BadInput(f"{day.isoformat()} cannot be a deadline: name a day from today on, within ten years.")
    if len(note.strip()) > 500:
        raise BadInput("The note is longer than 500 characters.")
    row = _find_deadline(session, deployment.id, locale)
    before = row.day.isoformat() if row else None
    row = row or Deadline(deployment_id=deployment.id, locale=locale, day=day, changed_at=now)
    row.day, row.note, row.person_id, row.changed_at = day, note.strip(), actor.person_id, now
    session.add(row)
    session.flush()
    write_audit(
        session, actor, "deadline.set", now, deployment_id=deployment.id, subject=locale,
        detail={"before": before, "day": day.isoformat(), "note": note.strip()},
    )  # fmt: skip
    return row


def drop_deadline(session: Session, deployment: Deployment, locale: str, *, actor: Actor, now: datetime) -> None:
    """Take the deadline of a locale away.

    Raises:
        NotFound: it has none.
    """
    assert deployment.id is not None
    row = _find_deadline(session, deployment.id, locale)
    if row is None:
        raise NotFound(f"{locale} has no deadline in {deployment.slug!r}.")
    session.delete(row)
    session.flush()
    write_audit(
        session, actor, "deadline.drop", now, deployment_id=deployment.id, subject=locale,
        detail={"before": row.day.isoformat()},
    )  # fmt: skip


def _find_deadline(session: Session, deployment_id: int, locale: str) -> Deadline | None:
    query = select(Deadline).where(Deadline.deployment_id == deployment_id, Deadline.locale == locale)
    return session.exec(query.with_for_update()).first()
