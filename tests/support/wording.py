"""Deployments in which no word makes a text sensitive, for tests that are about something else."""

from datetime import datetime

from sqlalchemy import insert
from sqlmodel import Session, select

from service.catalog.models import Unit, WordingRule
from service.catalog.service.wording import write_sensitivity
from service.catalog.service.wording_terms import load_pack


def without_pack(session: Session, deployment_id: int, now: datetime) -> None:
    """Take every term of the shipped pack out of the deployment."""
    rule = {
        "deployment_id": deployment_id, "added": False, "forms": [], "exceptions": [], "reason": "a test",
        "created_at": now,
    }  # fmt: skip
    session.execute(insert(WordingRule), [{**rule, "term": term.term} for term in load_pack().terms])
    write_sensitivity(session, deployment_id, session.exec(select(Unit).where(Unit.deployment_id == deployment_id)))
