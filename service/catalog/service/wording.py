"""Changing the sensitive wording of a deployment; units follow at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from service.audit.service import Actor, write_audit
from service.catalog.models import Unit, WordingRule
from service.catalog.rules.wording import Wording, WordingChange, WordingTerm, apply_changes, term_key
from service.catalog.service.locks import lock_deployment
from service.catalog.service.scope import as_rule, list_rules, unit_scope, write_scope
from service.catalog.service.states import refresh_states, translation_ids_of
from service.catalog.service.wording_terms import list_wording_rules, load_wording
from service.deployments.models import Deployment
from service.errors import BadInput, NotFound, Outdated

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
    seen: int | None = None,
) -> WordingEffect:
    """Let a term make units sensitive, in this source and in later ones; over one of the same name it counts alone.

    ``seen`` is what :func:`last_change` said of the term when somebody looked; None where it does not matter.

    Raises:
        BadInput: there is no term or no reason, or one is too long.
        Outdated: the term was changed since it was seen.
    """
    clean = clean_term(term, forms, exceptions)
    row = WordingRule(
        deployment_id=deployment.id or 0, term=clean.term, added=True, forms=list(clean.forms),
        exceptions=list(clean.exceptions), reason=_reason(reason), person_id=actor.person_id, created_at=now,
    )  # fmt: skip
    return _change(session, deployment, row, actor, now, seen)


def clean_term(term: str, forms: Sequence[str], exceptions: Sequence[str]) -> WordingTerm:
    """Return the term with white space evened and repeated forms taken out, without its reason.

    Raises:
        BadInput: there is no term, or a form is too long.
    """
    listed = [term, *forms, *exceptions]
    if not all(0 < len(form.strip()) <= _MOST and term_key(form) for form in listed):
        raise BadInput("A term, each of its forms and each exception has 1 to 200 characters.")
    cleaned = [" ".join(form.split()) for form in dict.fromkeys([term, *forms])]
    without = [" ".join(form.split()) for form in dict.fromkeys(exceptions)]
    return WordingTerm(cleaned[0], tuple(dict.fromkeys(cleaned)), tuple(dict.fromkeys(without)))


def last_change(session: Session, deployment_id: int, term: str) -> int:
    """Return a number that grows with every change of a term in the deployment; 0 where it is as it is shipped."""
    rules = list_wording_rules(session, deployment_id)
    return max((rule.id or 0 for rule in rules if term_key(rule.term) == term_key(term)), default=0)


def preview_change(session: Session, deployment: Deployment, change: WordingChange) -> WordingEffect:
    """Return what a change would do, and do nothing."""
    assert deployment.id is not None
    after = Wording(apply_changes(load_wording(session, deployment.id).terms, [change]))
    rules = [as_rule(rule) for rule in list_rules(session, deployment.id)]
    tagged = untagged = 0
    for unit in session.exec(select(Unit).where(Unit.deployment_id == deployment.id, ~col(Unit.retired))):
        sensitive = unit_scope(unit, rules, after).sensitive
        tagged += sensitive and not unit.sensitive
        untagged += unit.sensitive and not sensitive
    return WordingEffect(tagged, untagged)


def remove_term(
    session: Session,
    deployment: Deployment,
    *,
    term: str,
    reason: str,
    actor: Actor,
    now: datetime,
    seen: int | None = None,
) -> WordingEffect:
    """Let a term make no unit of this deployment sensitive any more. Approvals that began as sensitive stay so.

    ``seen`` as for :func:`add_term`.

    Raises:
        BadInput: there is no reason.
        NotFound: no such term is in force.
        Outdated: the term was changed since it was seen.
    """
    assert deployment.id is not None
    known = {term_key(found.term): found.term for found in load_wording(session, deployment.id).terms}
    if term_key(term) not in known:
        raise NotFound(f"{term!r} is not among the sensitive terms of {deployment.slug!r}.")
    row = WordingRule(
        deployment_id=deployment.id, term=known[term_key(term)], added=False,
        reason=_reason(reason), person_id=actor.person_id, created_at=now,
    )  # fmt: skip
    return _change(session, deployment, row, actor, now, seen)


def _reason(reason: str) -> str:
    if not reason.strip():
        raise BadInput("Say why, with --reason: it is shown to reviewers and kept.")
    return reason.strip()


def _change(
    session: Session, deployment: Deployment, row: WordingRule, actor: Actor, now: datetime, seen: int | None
) -> WordingEffect:
    assert deployment.id is not None
    lock_deployment(session, deployment.id)
    if seen is not None and seen != last_change(session, deployment.id, row.term):
        raise Outdated("Somebody changed this term meanwhile: nothing was overwritten.")
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
