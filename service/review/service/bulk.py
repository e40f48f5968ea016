"""Approving many waiting texts at once: what a person could approve one by one without a second look, and no more."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session, col, select

from service.audit.service import Actor, write_audit
from service.catalog.models import Decision, DecisionKind, Origin, State, Translation, Unit
from service.catalog.queries import in_scope
from service.catalog.service.locks import lock_deployment, lock_units
from service.catalog.service.outbox import write_approval_rows
from service.catalog.service.states import find_decisions, refresh_states, standing_of
from service.catalog.service.texts import find_conflicted_units
from service.checks.service import check_outdated, find_blocking, find_waivers, list_findings
from service.deployments.models import Deployment
from service.errors import BadInput, Refused
from service.review.rules import PairFacts, passes_in_bulk
from service.review.service.deciding import accept_baseline, find_pair
from service.web.languages import N_

_CHUNK = 400


@dataclass(slots=True)
class BulkReport:
    """How many texts were approved, and why the other waiting ones were passed over, by reason."""

    approved: int = 0
    passed_over: Counter[str] = field(default_factory=Counter)


def approve_all_passing(
    session: Session,
    deployment: Deployment,
    locale: str,
    *,
    with_warnings: bool,
    reason: str,
    actor: Actor,
    now: datetime,
) -> BulkReport:
    """Approve every waiting text in scope that has no blocking finding, no conflict, is not sensitive and not own.

    Args:
        with_warnings: take texts with warnings too; else they are passed over.
        reason: why this is right; kept with each decision.

    Raises:
        BadInput: there is no reason.
        Refused: the actor is no person.
    """
    if not reason.strip():
        raise BadInput("Say why all of them may be approved at once, with --reason: it is kept with each decision.")
    if actor.person_id is None:
        raise Refused("Only a person can decide on texts: set BRIDGE_TOKEN to the token of a reviewer.")
    assert deployment.id is not None
    lock_deployment(session, deployment.id)
    check_outdated(session, deployment, locale)
    rows = session.exec(
        select(Unit, Translation)
        .join(Translation, col(Translation.unit_id) == Unit.id)
        .where(in_scope(deployment.id), Translation.locale == locale, col(Translation.state) == State.TRANSLATED)
        .order_by(col(Translation.id))
        .execution_options(populate_existing=True)
    ).all()
    report = BulkReport()
    for start in range(0, len(rows), _CHUNK):
        _approve_chunk(session, list(rows[start : start + _CHUNK]), report, with_warnings, reason, actor, now)
    write_audit(
        session, actor, "review.bulk-approve", now, deployment_id=deployment.id, subject=locale,
        detail={"approved": report.approved, "with_warnings": with_warnings, "reason": reason.strip(),
                "passed_over": dict(report.passed_over)},
    )  # fmt: skip
    return report


def approve_listed(
    session: Session,
    deployment: Deployment,
    locale: str,
    versions: Mapping[int, int],
    *,
    with_warnings: bool,
    reason: str,
    actor: Actor,
    now: datetime,
) -> BulkReport:
    """Approve exactly the texts that a person was shown in a list, as far as each passes and is as it was shown.

    Args:
        versions: the version that was shown, by id of the translation; a text with another one now is passed over.
        with_warnings: take texts with warnings too.
        reason: why this is right; kept with each decision.

    Raises:
        BadInput: there is no reason.
        Refused: the actor is no person.
    """
    if not reason.strip():
        raise BadInput("Say why these texts may be approved together: the reason is kept with each decision.")
    if actor.person_id is None:
        raise Refused("Only a person can decide on texts: set BRIDGE_TOKEN to the token of a reviewer.")
    assert deployment.id is not None
    report = BulkReport()
    rows = _load_listed(session, deployment.id, locale, versions)
    report.passed_over[N_("changed meanwhile")] += len(versions) - len(rows)
    for start in range(0, len(rows), _CHUNK):
        _approve_chunk(session, rows[start : start + _CHUNK], report, with_warnings, reason, actor, now)
    report.passed_over = +report.passed_over
    write_audit(
        session, actor, "review.listed-approve", now, deployment_id=deployment.id, subject=locale,
        detail={"approved": report.approved, "listed": len(versions), "reason": reason.strip(),
                "passed_over": dict(report.passed_over)},
    )  # fmt: skip
    return report


def _load_listed(
    session: Session, deployment_id: int, locale: str, versions: Mapping[int, int]
) -> list[tuple[Unit, Translation]]:
    """Return what is still as it was shown, locked until the transaction ends."""
    listed = select(Unit.key).join(Translation, col(Translation.unit_id) == Unit.id)
    keys = session.exec(listed.where(Unit.deployment_id == deployment_id, col(Translation.id).in_(list(versions))))
    lock_units(session, deployment_id, list(keys))
    query = (
        select(Unit, Translation)
        .join(Translation, col(Translation.unit_id) == Unit.id)
        .where(in_scope(deployment_id), Translation.locale == locale, col(Translation.id).in_(list(versions)))
        .order_by(col(Translation.id))
        .execution_options(populate_existing=True)
    )
    return [
        (unit, translation)
        for unit, translation in session.exec(query)
        if versions[translation.id or 0] == translation.version and translation.checked_on == unit.source_hash
    ]


def _approve_chunk(
    session: Session,
    rows: list[tuple[Unit, Translation]],
    report: BulkReport,
    with_warnings: bool,
    reason: str,
    actor: Actor,
    now: datetime,
) -> None:
    assert actor.person_id is not None
    ids = [unit.id for unit, _ in rows if unit.id is not None]
    locale = rows[0][1].locale
    decisions = find_decisions(session, ids)
    findings = list_findings(session, [translation.id for _, translation in rows if translation.id is not None])
    conflicted = find_conflicted_units(session, ids, locale)
    approved: list[tuple[Unit, Translation]] = []
    for unit, translation in rows:
        assert unit.id is not None
        assert translation.id is not None
        standing = standing_of(translation, unit, decisions[unit.id, locale])
        facts = PairFacts(
            state=standing.state,
            author=translation.author_id,
            sensitive=unit.sensitive or standing.needed > 1,
            blocking=find_blocking(findings.get(translation.id, [])),
            waivers=find_waivers(findings.get(translation.id, [])),
            in_conflict=unit.id in conflicted,
            approvers=standing.approvers,
        )
        if not passes_in_bulk(facts, actor.person_id, warnings=translation.warnings, with_warnings=with_warnings):
            report.passed_over[_why(facts, actor.person_id, translation.warnings)] += 1
            continue
        session.add(
            Decision(
                unit_id=unit.id,
                locale=locale,
                source_hash=unit.source_hash,
                text_hash=translation.text_hash or "",
                kind=DecisionKind.APPROVE,
                person_id=actor.person_id,
                comment=reason.strip(),
                sensitive=False,
                bulk=True,
                created_at=now,
            )
        )
        translation.version += 1
        translation.changed_at = now
        session.add(translation)
        approved.append((unit, translation))
    refresh_states(session, [translation.id for _, translation in approved if translation.id is not None])
    write_approval_rows(session, approved, now=now)
    report.approved += len(approved)


def _why(facts: PairFacts, person: str, warnings: int) -> str:
    reasons = (
        (N_("blocking finding"), bool(facts.blocking)),
        (N_("conflict"), facts.in_conflict),
        (N_("sensitive"), facts.sensitive),
        (N_("waived by you"), person in facts.waivers),
        (N_("own text"), facts.author == person),
        (N_("approved by you already"), person in facts.approvers),
        (N_("warning"), warnings > 0),
    )
    return next((reason for reason, holds in reasons if holds), N_("not waiting"))


def accept_all_baseline(
    session: Session, deployment: Deployment, locale: str, *, reason: str, actor: Actor, now: datetime
) -> BulkReport:
    """Accept every text in scope that was found in the source as baseline, where a baseline counts.

    Raises:
        BadInput: there is no reason.
        Refused: the actor is no person.
    """
    if actor.person_id is None:
        raise Refused("Only a person can accept a baseline: set BRIDGE_TOKEN to the token of a specialist.")
    assert deployment.id is not None
    lock_deployment(session, deployment.id)
    query = (
        select(Unit.key)
        .join(Translation, col(Translation.unit_id) == Unit.id)
        .where(
            in_scope(deployment.id),
            Translation.locale == locale,
            col(Translation.origin) == Origin.LIVE,
            col(Translation.state) == State.TRANSLATED,
        )
        .order_by(col(Translation.id))
    )
    report = BulkReport()
    for key in session.exec(query).all():
        pair = find_pair(session, deployment, locale, key)
        try:
            accept_baseline(session, deployment, pair, actor=actor, reason=reason, now=now)
        except Refused as error:
            report.passed_over[error.message] += 1
        else:
            report.approved += 1
    return report
