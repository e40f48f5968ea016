"""Changing the scope: rules are added, never edited; units follow at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from service.audit.service import Actor, write_audit
from service.catalog.models import ScopeAction, ScopeRule, Unit
from service.catalog.rules.scope import Rule, Scope, apply_rules, matches, parse_tag
from service.catalog.rules.wording import Wording
from service.catalog.service.locks import lock_deployment
from service.catalog.service.states import refresh_states, translation_ids_of
from service.catalog.service.wording_terms import load_wording
from service.deployments.models import Deployment
from service.errors import BadInput, NotFound


@dataclass(frozen=True, slots=True)
class ScopeChange:
    """How many units of the current snapshot the pattern matched, and how many of them changed."""

    matched: int
    changed: int


def as_rule(row: ScopeRule) -> Rule:
    """Return the stored rule as the pure rules see it."""
    return Rule(row.action, row.pattern, row.tag)


def list_rules(session: Session, deployment_id: int) -> list[ScopeRule]:
    """Return the deployment's rules of scope in the order in which they apply."""
    query = select(ScopeRule).where(ScopeRule.deployment_id == deployment_id)
    return list(session.exec(query.order_by(col(ScopeRule.id))))


def unit_scope(unit: Unit, rules: Sequence[Rule], wording: Wording) -> Scope:
    """Return what a unit's words make of it, and over that the rules of scope."""
    return apply_rules(unit.key, rules, sensitive=bool(wording.find(unit.source)))


def write_scope(unit: Unit, scope: Scope) -> bool:
    """Write onto the unit what the rules of scope make of it; return whether that changed it."""
    before = (unit.excluded, unit.sensitive, unit.do_not_translate, unit.priority)
    after = (scope.excluded, scope.sensitive, scope.do_not_translate, scope.priority)
    unit.excluded, unit.sensitive, unit.do_not_translate, unit.priority = after
    return before != after


def add_rule(
    session: Session,
    deployment: Deployment,
    *,
    action: ScopeAction,
    pattern: str,
    tag: str,
    reason: str,
    actor: Actor,
    now: datetime,
) -> ScopeChange:
    """Add a rule of scope, and apply it to every unit; it also applies to units that later snapshots bring.

    Raises:
        BadInput: the tag is none, or a tag comes without a reason.
        NotFound: the pattern matches no unit, so it is most likely mistyped.
    """
    assert deployment.id is not None
    if action in (ScopeAction.TAG, ScopeAction.UNTAG):
        try:
            parse_tag(tag, removing=action is ScopeAction.UNTAG)
        except ValueError as error:
            raise BadInput(f"{error}.") from error
        if not reason.strip():
            raise BadInput("Say why, with --reason: it is shown to reviewers and kept.")
    lock_deployment(session, deployment.id)
    query = select(Unit).where(Unit.deployment_id == deployment.id)
    units = session.exec(query.execution_options(populate_existing=True)).all()
    matched = sum(1 for unit in units if not unit.retired and matches(pattern, unit.key))
    if not matched:
        raise NotFound(
            f"No unit of {deployment.slug!r} matches {pattern!r}: a pattern is a glob over the whole key, such as "
            "'form/consent/*' or '*/help_text'."
        )
    row = ScopeRule(
        deployment_id=deployment.id,
        action=action,
        pattern=pattern,
        tag=tag if action in (ScopeAction.TAG, ScopeAction.UNTAG) else "",
        reason=reason.strip(),
        person_id=actor.person_id,
        created_at=now,
    )
    session.add(row)
    session.flush()
    rules = [as_rule(rule) for rule in list_rules(session, deployment.id)]
    wording = load_wording(session, deployment.id)
    changed = [unit for unit in units if write_scope(unit, unit_scope(unit, rules, wording))]
    session.add_all(changed)
    session.flush()
    refresh_states(session, translation_ids_of(session, (unit.id for unit in changed if unit.id is not None)))
    write_audit(
        session, actor, f"scope.{action.value}", now, deployment_id=deployment.id, subject=pattern,
        detail={"tag": tag, "reason": reason.strip(), "matched": matched, "changed": len(changed)},
    )  # fmt: skip
    return ScopeChange(matched, sum(1 for unit in changed if not unit.retired))
