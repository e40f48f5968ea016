"""Writing to the audit, and who acts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from service.audit.models import AuditEntry


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
    """Add one entry. ``action`` is ``thing.verb``; ``detail`` holds counts, reasons and ids, never names or secrets."""
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
