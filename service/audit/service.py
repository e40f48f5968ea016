"""Writing to the audit, and who acts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from service.audit.models import AuditEntry, AuditHead
from service.audit.queries import entry_of
from service.audit.rules import BEGINNING, hash_entry
from service.db import before_commit


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever does something. ``label`` is shown where no person stands behind it: ``operator@host``, ``sync``."""

    label: str
    person_id: str | None = None


def write_audit(
    session: Session,
    actor: Actor,
    action: str,
    now: datetime,
    *,
    deployment_id: int | None = None,
    subject: str = "",
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Add one entry. ``action`` is ``thing.verb``; ``detail`` holds counts, reasons and ids, never names or secrets.

    It gets its place in the chain when the transaction commits.
    """
    session.add(
        AuditEntry(
            at=now,
            person_id=actor.person_id,
            # A person's name stands in the table of persons alone, so that it can be erased there.
            actor="person" if actor.person_id else actor.label,
            action=action,
            deployment_id=deployment_id,
            subject=subject[:1000],
            detail=dict(detail or {}),
        )
    )
    before_commit(session, seal_entries, last=True)


def seal_entries(session: Session) -> None:
    """Give every entry that has none its place in the chain. The last thing a transaction does.

    The end of the chain is locked from here to the commit, and nothing else is locked after it: whoever waits for it
    holds nothing that the one who has it still needs.
    """
    head = _lock_head(session)
    query = select(AuditEntry).where(col(AuditEntry.number).is_(None)).order_by(col(AuditEntry.id))
    # What is hashed is what the database holds, not what the code believes to have written.
    for row in session.exec(query.execution_options(populate_existing=True)).all():
        head.number += 1
        row.number = head.number
        row.hash = head.hash = hash_entry(entry_of(row), head.hash)
    session.flush()


def _lock_head(session: Session) -> AuditHead:
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    first = dialect.insert(AuditHead).values(id=1, number=0, hash=BEGINNING).on_conflict_do_nothing()
    session.connection().execute(first)
    query = select(AuditHead).with_for_update().execution_options(populate_existing=True)
    return session.exec(query).one()
