"""Writing down, in the transaction of a decision, what Transifex has to hear of it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from service.catalog.models import Decision, DecisionKind, OutboxKind, OutboxRow, State, Translation, Unit

_CHUNK = 400


def write_text_row(session: Session, unit: Unit, translation: Translation, *, now: datetime) -> None:
    """Note that our text, which a person chose, has to reach Transifex."""
    _write(session, OutboxKind.TEXT, unit, translation, now)


def write_decision_rows(
    session: Session, unit: Unit, translation: Translation, decision: Decision, *, before: State, now: datetime
) -> None:
    """Note what Transifex has to hear of a decision, given the state before it; the state after it is derived already.

    Its mark is set with the approval that suffices, and cleared on a rejection only. Every rejection opens an issue,
    which is resolved when the rejection is reopened, or a text of the pair is approved.
    """
    if decision.kind is DecisionKind.REOPEN:
        _resolve(session, unit, translation, {decision.reopens_id}, now)
    if translation.state is State.APPROVED and before is not State.APPROVED:
        write_approval_rows(session, [(unit, translation)], now=now)
    if translation.state is State.REJECTED and (decision.kind is DecisionKind.REJECT or before is not State.REJECTED):
        _write(session, OutboxKind.UNREVIEWED, unit, translation, now)
        rejection = decision if decision.kind is DecisionKind.REJECT else _last_rejection(session, unit, translation)
        _write(session, OutboxKind.ISSUE, unit, translation, now, rejection)


def write_approval_rows(session: Session, pairs: Sequence[tuple[Unit, Translation]], *, now: datetime) -> None:
    """Note that these texts of one locale came to be approved, and that what was said against them is settled."""
    if not pairs:
        return
    locale = pairs[0][1].locale
    issues = _open_issues(session, [unit.id for unit, _ in pairs if unit.id is not None], locale)
    for unit, translation in pairs:
        _write(session, OutboxKind.REVIEWED, unit, translation, now)
        _resolve(session, unit, translation, issues.get(unit.id or 0, set()), now)


def find_issue_rows(session: Session, unit_ids: Iterable[int], locale: str | None = None) -> list[OutboxRow]:
    """Return every row about an issue on these units, open or closed, oldest first."""
    found: list[OutboxRow] = []
    wanted = sorted(set(unit_ids))
    for start in range(0, len(wanted), _CHUNK):
        query = select(OutboxRow).where(
            col(OutboxRow.unit_id).in_(wanted[start : start + _CHUNK]),
            col(OutboxRow.kind).in_([OutboxKind.ISSUE, OutboxKind.RESOLVE_ISSUE]),
        )
        if locale is not None:
            query = query.where(OutboxRow.locale == locale)
        found.extend(session.exec(query.order_by(col(OutboxRow.id))))
    return found


def _open_issues(session: Session, unit_ids: Sequence[int], locale: str) -> dict[int, set[int | None]]:
    """Return, by unit, the rejections of which the last word is that their issue is to be open."""
    last = {row.decision_id: row for row in find_issue_rows(session, unit_ids, locale)}
    found: dict[int, set[int | None]] = {}
    for decision, row in last.items():
        if row.kind is OutboxKind.ISSUE:
            found.setdefault(row.unit_id, set()).add(decision)
    return found


def _resolve(
    session: Session, unit: Unit, translation: Translation, rejections: Iterable[int | None], now: datetime
) -> None:
    for identifier in sorted(each for each in rejections if each is not None):
        rejection = session.get_one(Decision, identifier)
        if rejection.kind is DecisionKind.REJECT:
            _write(session, OutboxKind.RESOLVE_ISSUE, unit, translation, now, rejection)


def _last_rejection(session: Session, unit: Unit, translation: Translation) -> Decision:
    query = select(Decision).where(
        Decision.unit_id == unit.id,
        Decision.locale == translation.locale,
        Decision.source_hash == unit.source_hash,
        Decision.text_hash == translation.text_hash,
        col(Decision.kind) == DecisionKind.REJECT,
    )
    reopened = select(Decision.reopens_id).where(col(Decision.reopens_id).is_not(None))
    query = query.where(col(Decision.id).not_in(reopened)).order_by(col(Decision.id).desc())
    return session.exec(query.limit(1)).one()


def _write(
    session: Session,
    kind: OutboxKind,
    unit: Unit,
    translation: Translation,
    now: datetime,
    rejection: Decision | None = None,
) -> None:
    assert unit.id is not None
    # What is said of a rejection names the texts it was made on, whatever stands there by now.
    about = (unit.source_hash, translation.text_hash or "")
    if rejection is not None:
        about = (rejection.source_hash, rejection.text_hash)
    session.add(
        OutboxRow(
            kind=kind,
            unit_id=unit.id,
            locale=translation.locale,
            decision_id=None if rejection is None else rejection.id,
            source_hash=about[0],
            text_hash=about[1],
            created_at=now,
        )
    )
