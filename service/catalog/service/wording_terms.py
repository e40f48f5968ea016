"""The sensitive terms in force in a deployment: those of the shipped pack, and what the deployment changed."""

from collections.abc import Sequence
from functools import lru_cache
from importlib import resources

from sqlmodel import Session, col, select

from service.catalog.models import WordingRule
from service.catalog.rules.wording import (
    Wording,
    WordingChange,
    WordingPack,
    WordingTerm,
    apply_changes,
    parse_pack,
)


@lru_cache(maxsize=1)
def load_pack() -> WordingPack:
    """Return the pack that is shipped."""
    return parse_pack(resources.files("service.catalog").joinpath("sensitive_wording.json").read_text("utf-8"))


@lru_cache(maxsize=32)
def _compiled(terms: tuple[WordingTerm, ...]) -> Wording:
    return Wording(terms)


def list_wording_rules(session: Session, deployment_id: int) -> Sequence[WordingRule]:
    """Return the deployment's changes to the pack, oldest first."""
    query = select(WordingRule).where(WordingRule.deployment_id == deployment_id)
    return session.exec(query.order_by(col(WordingRule.id))).all()


def load_wording(session: Session, deployment_id: int) -> Wording:
    """Return the terms in force in the deployment."""
    changes = [
        WordingChange(WordingTerm(row.term, tuple(row.forms), tuple(row.exceptions), row.reason), row.added)
        for row in list_wording_rules(session, deployment_id)
    ]
    return _compiled(apply_changes(load_pack().terms, changes))
