"""What people who review say to each other about a text. It stays here: Transifex hears nothing of it."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from service.audit.service import Actor, write_audit
from service.catalog.models import Unit
from service.deployments.models import Deployment
from service.errors import BadInput, Refused
from service.review.models import TextComment

MAX_COMMENT = 4000
"""The most characters of one comment."""


def write_comment(
    session: Session, deployment: Deployment, unit: Unit, locale: str, text: str, *, actor: Actor, now: datetime
) -> TextComment:
    """Keep what a person says about a text of a locale.

    Raises:
        BadInput: nothing is said, or too much.
        Refused: the actor is no person.
    """
    said = text.strip()
    if actor.person_id is None:
        raise Refused("Only a person can comment: sign in, or set BRIDGE_TOKEN.")
    if not said:
        raise BadInput("Write something first.")
    if len(said) > MAX_COMMENT:
        raise BadInput("The comment is too long: shorten it.")
    assert unit.id is not None
    comment = TextComment(unit_id=unit.id, locale=locale, person_id=actor.person_id, text=said, created_at=now)
    session.add(comment)
    session.flush()
    write_audit(
        session, actor, "review.comment", now,
        deployment_id=deployment.id, subject=f"{locale} {unit.key}", detail={"comment": comment.id},
    )  # fmt: skip
    return comment


def list_comments(session: Session, unit_id: int, locale: str) -> Sequence[TextComment]:
    """Return what was said about a text of a locale, the oldest first."""
    query = select(TextComment).where(TextComment.unit_id == unit_id, TextComment.locale == locale)
    return session.exec(query.order_by(col(TextComment.id))).all()
