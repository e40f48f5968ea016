"""Reading the audit: whole and in order, or what somebody looks for."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func
from sqlmodel import Session, col, or_, select

from service.audit.models import AuditEntry, AuditHead
from service.audit.rules import Entry, Mark

_CHUNK = 1000


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries are looked for; None and empty hold for all.

    Attributes:
        deployment_ids: of these deployments alone; entries of no deployment then are not among them.
        person_ids: done by one of these persons, or on one of them.
        actor: done by this one, where no person stands behind it.
        action: the whole name (``deployment.set``), or its first part (``deployment``).
        words: stand in what it was done on.
        since, until: from and before these moments.
    """

    deployment_ids: Collection[int] | None = None
    person_ids: Collection[str] | None = None
    actor: str = ""
    action: str = ""
    words: str = ""
    since: datetime | None = None
    until: datetime | None = None


def entry_of(row: AuditEntry) -> Entry:
    """Return a row as the rules see it; one that has no place yet as number 0."""
    return Entry(
        number=row.number or 0,
        at=row.at,
        person_id=row.person_id,
        actor=row.actor,
        action=row.action,
        deployment_id=row.deployment_id,
        subject=row.subject,
        detail=row.detail,
        hash=row.hash or "",
    )


def read_chain(session: Session) -> Iterator[Entry]:
    """Yield every entry that has a place in the chain, in its order, some at a time."""
    last = 0
    while True:
        query = select(AuditEntry).where(col(AuditEntry.number) > last).order_by(col(AuditEntry.number)).limit(_CHUNK)
        rows = session.exec(query).all()
        for row in rows:
            yield entry_of(row)
        if len(rows) < _CHUNK:
            return
        last = rows[-1].number or 0
        session.expunge_all()


def find_end(session: Session) -> Mark | None:
    """Return where the chain ends, None before the first entry."""
    head = session.exec(select(AuditHead)).first()
    return None if head is None or head.number == 0 else Mark(head.number, head.hash)


def count_unsealed(session: Session) -> int:
    """Return how many entries have no place in the chain: none, unless somebody went around the service."""
    return session.exec(select(func.count()).select_from(AuditEntry).where(col(AuditEntry.number).is_(None))).one()


def list_entries(session: Session, wanted: AuditFilter, *, before: int | None = None, limit: int = 50) -> list[Entry]:
    """Return the entries looked for, the newest first.

    Args:
        before: those with a smaller number alone: how the next page is asked for.
        limit: at most so many.
    """
    query = select(AuditEntry).where(col(AuditEntry.number).is_not(None), *_conditions(wanted))
    if before is not None:
        query = query.where(col(AuditEntry.number) < before)
    return [entry_of(row) for row in session.exec(query.order_by(col(AuditEntry.number).desc()).limit(limit))]


def count_entries(session: Session, wanted: AuditFilter) -> int:
    """Return how many entries are looked for."""
    query = select(func.count()).select_from(AuditEntry)
    return session.exec(query.where(col(AuditEntry.number).is_not(None), *_conditions(wanted))).one()


def list_actions(session: Session) -> list[str]:
    """Return the names of everything that was ever done."""
    return list(session.exec(select(AuditEntry.action).distinct().order_by(AuditEntry.action)))


def _conditions(wanted: AuditFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.deployment_ids is not None:
        yield col(AuditEntry.deployment_id).in_(wanted.deployment_ids)
    if wanted.person_ids is not None:
        subjects = [f"person/{person}" for person in wanted.person_ids]
        yield or_(col(AuditEntry.person_id).in_(wanted.person_ids), col(AuditEntry.subject).in_(subjects))
    if wanted.actor:
        yield col(AuditEntry.actor) == wanted.actor
    if wanted.action:
        below = col(AuditEntry.action).startswith(f"{wanted.action}.", autoescape=True)
        yield or_(col(AuditEntry.action) == wanted.action, below)
    if wanted.words:
        yield col(AuditEntry.subject).icontains(wanted.words, autoescape=True)
    if wanted.since is not None:
        yield col(AuditEntry.at) >= wanted.since
    if wanted.until is not None:
        yield col(AuditEntry.at) < wanted.until
