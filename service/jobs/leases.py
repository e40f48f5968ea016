"""Leases: what one process alone does for all, and another takes over when that one is gone."""

from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from service.jobs.models import Lease


def hold_lease(session: Session, name: str, owner: str, *, now: datetime, span: timedelta) -> bool:
    """Take or renew the lease called ``name`` for ``span``; return False while another owner has it."""
    row = session.get(Lease, name, with_for_update=True)
    if row is None:
        try:
            with session.begin_nested():
                session.add(Lease(name=name, owner=owner, until=now + span))
                session.flush()
        except IntegrityError:
            # Another process took it in the same moment.
            return False
        return True
    if row.owner != owner and row.until >= now:
        return False
    row.owner, row.until = owner, now + span
    session.add(row)
    session.flush()
    return True
