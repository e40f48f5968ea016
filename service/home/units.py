"""Units as the API shows them: texts, state, findings, conflict, decisions."""

from collections.abc import Sequence
from typing import Any

from sqlmodel import Session, col, select

from extractors.texts import normalise_text, text_hash
from service.catalog.models import Conflict, Decision, State, Translation, Unit
from service.catalog.queries import find_unit
from service.catalog.service.states import find_decisions
from service.checks.models import StoredFinding
from service.checks.service import list_findings
from service.deployments.models import Deployment
from service.errors import NotFound
from service.home.schemas import DecisionAnswer, FindingAnswer, UnitAnswer


def unit_answers(
    session: Session,
    rows: Sequence[tuple[Unit, Translation | None]],
    locale: str,
    *,
    with_decisions: bool = False,
) -> list[UnitAnswer]:
    """Return units with their texts in a locale as the API shows them, in the order of the rows."""
    findings = list_findings(session, [row.id for _, row in rows if row is not None and row.id is not None])
    decisions = find_decisions(session, [unit.id for unit, _ in rows if unit.id is not None] if with_decisions else [])
    conflicts = _open_conflicts(session, [unit.id for unit, _ in rows if unit.id is not None], locale)
    answers = []
    for unit, translation in rows:
        assert unit.id is not None
        conflict = conflicts.get(unit.id)
        answer = UnitAnswer(
            key=unit.key,
            source=normalise_text(unit.source),
            source_hash=unit.source_hash,
            text=normalise_text(translation.text) if translation and translation.text is not None else None,
            text_hash=translation.text_hash if translation else None,
            state=translation.state if translation else State.UNTRANSLATED,
            approvals=translation.approvals if translation else 0,
            approvals_needed=translation.approvals_needed if translation else (2 if unit.sensitive else 1),
            sensitive=unit.sensitive,
            author=translation.author_id if translation else None,
            origin=translation.origin.value if translation and translation.origin else None,
            written_at=translation.written_at if translation else None,
            reviewed_on_transifex=translation.reviewed_on_transifex if translation else False,
            carrier=unit.carrier,
            priority=unit.priority,
            context=unit.context,
            findings=[
                FindingAnswer(**finding_data(found))
                for found in findings.get(translation.id or 0 if translation else 0, [])
            ],
            in_conflict=conflict is not None,
            their_text=normalise_text(conflict.their_text) if conflict else None,
            their_hash=text_hash(conflict.their_text) if conflict else None,
            decisions=[_decision(row) for row in decisions[unit.id, locale] if _on_pair(row, unit, translation)],
        )
        answers.append(answer)
    return answers


def one_unit_answer(session: Session, deployment: Deployment, locale: str, key: str) -> UnitAnswer:
    """Return one unit with its decisions.

    Raises:
        NotFound: the deployment has no such unit.
    """
    assert deployment.id is not None
    session.flush()
    row = find_unit(session, deployment.id, locale, key)
    if row is None:
        raise NotFound(f"The deployment {deployment.slug!r} has no unit {key!r}.")
    return unit_answers(session, [row], locale, with_decisions=True)[0]


def placed_data(row: StoredFinding, translation: Translation, unit: Unit) -> dict[str, Any]:
    """Return a stored finding with the two texts it is about, as plain values."""
    return {
        **finding_data(row),
        "key": unit.key,
        "locale": translation.locale,
        "source": normalise_text(unit.source),
        "text": normalise_text(translation.text or ""),
        "source_hash": row.source_hash,
        "text_hash": row.text_hash,
    }


def finding_data(row: StoredFinding) -> dict[str, Any]:
    """Return a stored finding as plain values."""
    return {
        "id": row.id,
        "check": row.check_id,
        "severity": row.severity,
        "start": row.start,
        "end": row.end,
        "message": row.message,
        "replacement": row.replacement,
        "dismissed_by": row.dismissed_by,
        "dismissed_at": row.dismissed_at,
        "dismissed_reason": row.dismissed_reason,
    }


def _on_pair(decision: Decision, unit: Unit, translation: Translation | None) -> bool:
    pair = (unit.source_hash, translation.text_hash if translation else None)
    return (decision.source_hash, decision.text_hash) == pair


def _decision(row: Decision) -> DecisionAnswer:
    assert row.id is not None
    return DecisionAnswer(
        id=row.id,
        kind=row.kind,
        person=row.person_id,
        reason=row.reason,
        comment=row.comment,
        exception=row.exception.value if row.exception else None,
        reopens=row.reopens_id,
        at=row.created_at,
    )


def _open_conflicts(session: Session, unit_ids: Sequence[int], locale: str) -> dict[int, Conflict]:
    query = select(Conflict).where(
        col(Conflict.unit_id).in_(unit_ids), Conflict.locale == locale, col(Conflict.resolved_at).is_(None)
    )
    return {row.unit_id: row for row in session.exec(query)}
