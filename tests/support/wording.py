"""Deployments in which no word makes a text sensitive, for tests that are about something else."""

from datetime import datetime

from sqlmodel import Session, select

from service.catalog.models import Unit, WordingRule
from service.catalog.service.wording import write_sensitivity
from service.catalog.service.wording_terms import load_pack


def without_pack(session: Session, deployment_id: int, now: datetime) -> None:
    """Take every term of the shipped pack out of the deployment."""
    session.add_all(
        WordingRule(deployment_id=deployment_id, term=term.term, added=False, reason="a test", created_at=now)
        for term in load_pack().terms
    )
    session.flush()
    write_sensitivity(session, deployment_id, session.exec(select(Unit).where(Unit.deployment_id == deployment_id)))
