"""Ending a conflict: by a person's choice, or by the policy that the deployment states."""

from datetime import datetime

from sqlmodel import Session, col, select

from extractors.texts import text_hash
from service.audit.service import Actor, write_audit
from service.catalog.models import Conflict, ConflictResolution, Origin, Translation, Unit
from service.catalog.rules.overwrite import Outcome, SyncPoint
from service.catalog.service.outbox import write_text_row
from service.catalog.service.texts import close_conflict, write_sync_point
from service.deployments.models import ConflictPolicy, Deployment
from service.review.rules import choose_by_policy
from service.review.service.entering import EnteredText, EntryReport, IncomingText, enter_texts

POLICY = Actor("policy")
"""Who acts where nobody chose: the policy that a person set."""

_CHUNK = 400
_OUTCOMES = {
    ConflictResolution.OURS: Outcome.POLICY_OURS,
    ConflictResolution.THEIRS: Outcome.POLICY_THEIRS,
}


def settle_conflict(
    session: Session,
    deployment: Deployment,
    unit: Unit,
    translation: Translation,
    conflict: Conflict,
    *,
    keep: ConflictResolution,
    person_id: str | None,
    now: datetime,
) -> None:
    """End the conflict with our text or theirs; nothing is approved by that, and both stay in its record."""
    close_conflict(session, conflict, translation, resolution=keep, person_id=person_id, now=now)
    if keep is ConflictResolution.THEIRS:
        incoming = IncomingText(unit.key, conflict.their_text, conflict.their_author_id, conflict.their_written_at)
        enter_texts(
            session, deployment, translation.locale, [incoming],
            decide=lambda standing, _text, theirs: Outcome.EQUAL if standing.ours == theirs else Outcome.REPLACED,
            origin=Origin.TRANSIFEX, now=now,
        )  # fmt: skip
    # From here on it is as if both sides had held their text: if ours was kept, ours is what changed since. Nobody
    # knows whether Transifex still holds it, so a blank there must not be taken for a person's wish.
    base = text_hash(conflict.their_text)
    write_sync_point(translation, SyncPoint(base, base, None, now))
    if keep is ConflictResolution.OURS and translation.text is not None:
        write_text_row(session, unit, translation, now=now)


def apply_conflict_policy(
    session: Session, deployment: Deployment, locale: str, report: EntryReport, *, now: datetime
) -> None:
    """End the conflicts that this batch opened as the deployment's policy says; the report tells which.

    Those that were open before wait for a person: nobody asked them to be decided by a rule.
    """
    keys = [entered.key for entered in report.listed if entered.outcome is Outcome.CONFLICT]
    if deployment.conflict_policy is ConflictPolicy.ASK or not keys:
        return
    settled: dict[str, Outcome] = {}
    session.flush()
    for unit, translation, conflict in _find_opened(session, deployment, locale, keys, now):
        keep = choose_by_policy(
            deployment.conflict_policy,
            state=translation.state,
            sensitive=unit.sensitive or translation.approvals_needed > 1,
            source_hash=unit.source_hash,
            pushed_source_hash=unit.pushed_source_hash,
        )
        if keep is None or unit.retired:
            continue
        settle_conflict(session, deployment, unit, translation, conflict, keep=keep, person_id=None, now=now)
        write_audit(
            session, POLICY, f"review.conflict.{keep.value}", now, deployment_id=deployment.id,
            subject=f"{locale} {unit.key}", detail={"policy": deployment.conflict_policy.value},
        )  # fmt: skip
        settled[unit.key] = _OUTCOMES[keep]
    report.outcomes[Outcome.CONFLICT] -= len(settled)
    report.outcomes.update(settled.values())
    report.listed = [_retold(entered, settled) for entered in report.listed]


def _retold(entered: EnteredText, settled: dict[str, Outcome]) -> EnteredText:
    return EnteredText(entered.key, settled.get(entered.key, entered.outcome), entered.ours, entered.theirs)


def _find_opened(
    session: Session, deployment: Deployment, locale: str, keys: list[str], now: datetime
) -> list[tuple[Unit, Translation, Conflict]]:
    found: list[tuple[Unit, Translation, Conflict]] = []
    for start in range(0, len(keys), _CHUNK):
        query = (
            select(Unit, Translation, Conflict)
            .join(Translation, col(Translation.unit_id) == Unit.id)
            .join(Conflict, col(Conflict.unit_id) == Unit.id)
            .where(Unit.deployment_id == deployment.id, col(Unit.key).in_(keys[start : start + _CHUNK]))
            .where(Translation.locale == locale, Conflict.locale == locale)
            .where(col(Conflict.resolved_at).is_(None), Conflict.opened_at == now)
            .order_by(col(Unit.id))
        )
        found.extend(session.exec(query).all())
    return found
