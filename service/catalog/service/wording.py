"""Changing the sensitive wording of a deployment; units follow at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, select

from service.audit.service import Actor, write_audit
from service.catalog.models import Unit, WordingRule
from service.catalog.rules.wording import term_key
from service.catalog.service.locks import lock_deployment
from service.catalog.service.scope import as_rule, list_rules, unit_scope, write_scope
from service.catalog.service.states import refresh_states, translation_ids_of
from service.catalog.service.wording_terms import load_wording
from service.deployments.models import Deployment
from service.errors import BadInput, NotFound

_MOST = 200


@dataclass(frozen=True, slots=True)
class WordingEffect:
    """How many units in use a change made sensitive, and how many it freed."""

    tagged: int
    untagged: int


def add_term(
    session: Session,
    deployment: Deployment,
    *,
    term: str,
    forms: Sequence[str],
    exceptions: Sequence[str],
    reason: str,
    actor: Actor,
    now: datetime,
) -> WordingEffect:
    """Let a term make units sensitive, in this source and in later ones; over one of the same name it counts alone.

    Raises:
        BadInput: there is no term or no reason, or one is too long.
    """
    listed = [term, *forms, *exceptions]
    if not all(0 < len(form.strip()) <= _MOST and term_key(form) for form in listed):
        raise BadInput(f"A term, each of its forms and each exception has 1 to {_MOST} characters.")
    cleaned = [" ".join(form.split()) for form in dict.fromkeys([term, *forms])]
    without = [" ".join(form.split()) for form in dict.fromkeys(exceptions)]
    row = WordingRule(
        deployment_id=deployment.id or 0, term=cleaned[0], added=True, forms=cleaned, exceptions=without,
        reason=_reason(reason), person_id=actor.person_id, created_at=now,
    )  # fmt: skip
    return _change(session, deployment, row, actor, now)


def remove_term(
    session: Session, deployment: Deployment, *, term: str, reason: str, actor: Actor, now: datetime
) -> WordingEffect:
    """Let a term make no unit of this deployment sensitive any more. Approvals that began as sensitive stay so.

    Raises:
        BadInput: there is no reason.
        NotFound: no such term is in force.
    """
    assert deployment.id is not None
    known = {term_key(found.term): found.term for found in load_wording(session, deployment.id).terms}
    if term_key(term) not in known:
        raise NotFound(f"{term!r} is not among the sensitive terms of {deployment.slug!r}.")
    row = WordingRule(
        deployment_id=deployment.id, term=known[term_key(term)], added=False,
        reason=_reason(reason), person_id=actor.person_id, created_at=now,
    )  # fmt: skip
    return _change(session, deployment, row, actor, now)


def _reason(reason: str) -> str:
    if not reason.strip():
        raise BadInput("Say why, with --reason: it is shown to reviewers and kept.")
    return reason.strip()


def _change(session: Session, deployment: Deployment, row: WordingRule, actor: Actor, now: datetime) -> WordingEffect:
    assert deployment.id is not None
    lock_deployment(session, deployment.id)
    session.add(row)
    session.flush()
    query = select(Unit).where(Unit.deployment_id == deployment.id)
    units = session.exec(query.execution_options(populate_existing=True)).all()
    effect = write_sensitivity(session, deployment.id, units)
    write_audit(
        session, actor, "wording.add" if row.added else "wording.remove", now,
        deployment_id=deployment.id, subject=row.term,
        detail={"forms": row.forms, "exceptions": row.exceptions, "reason": row.reason,
                "tagged": effect.tagged, "untagged": effect.untagged},
    )  # fmt: skip
    return effect


def write_sensitivity(session: Session, deployment_id: int, units: Iterable[Unit]) -> WordingEffect:
    """Bring these units in line with the rules of scope and the sensitive wording; their states follow."""
    wording = load_wording(session, deployment_id)
    rules = [as_rule(rule) for rule in list_rules(session, deployment_id)]
    changed = []
    tagged = untagged = 0
    for unit in units:
        before = unit.sensitive
        if write_scope(unit, unit_scope(unit, rules, wording)):
            session.add(unit)
            changed.append(unit.id or 0)
        tagged += not unit.retired and unit.sensitive and not before
        untagged += not unit.retired and before and not unit.sensitive
    session.flush()
    refresh_states(session, translation_ids_of(session, changed))
    return WordingEffect(tagged, untagged)
