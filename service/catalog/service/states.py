"""Writing states: the one call that ends every change of an input of the state function."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlmodel import Session, col, select

from service.catalog.models import Decision, Translation, Unit
from service.catalog.rules.state import PastDecision, Standing, derive_standing

_CHUNK = 500


def refresh_states(session: Session, translation_ids: Iterable[int]) -> int:
    """Derive and store the states of these translations; return how many changed."""
    session.flush()
    wanted = sorted(set(translation_ids))
    changed = 0
    for start in range(0, len(wanted), _CHUNK):
        chunk = wanted[start : start + _CHUNK]
        rows = session.exec(
            select(Translation, Unit)
            .join(Unit, col(Unit.id) == Translation.unit_id)
            .where(col(Translation.id).in_(chunk))
        ).all()
        changed += _refresh(session, rows)
    session.flush()
    return changed


def _refresh(session: Session, rows: Sequence[tuple[Translation, Unit]]) -> int:
    decisions = find_decisions(session, [unit.id for _, unit in rows if unit.id is not None])
    changed = 0
    for translation, unit in rows:
        standing = standing_of(translation, unit, decisions[unit.id or 0, translation.locale])
        before = (translation.state, translation.approvals, translation.approvals_needed)
        after = (standing.state, len(standing.approvers), standing.needed)
        if before != after:
            translation.state, translation.approvals, translation.approvals_needed = after
            session.add(translation)
            changed += 1
    return changed


def standing_of(translation: Translation, unit: Unit, decisions: Iterable[Decision]) -> Standing:
    """Return where a translation stands, given every decision on its unit and locale, those on older pairs too."""
    return derive_standing(
        source_hash=unit.source_hash,
        text_hash=translation.text_hash,
        written_on=translation.written_on,
        author=translation.author_id,
        sensitive=unit.sensitive,
        decisions=[
            past_decision(decision)
            for decision in decisions
            if decision.source_hash == unit.source_hash and decision.text_hash == translation.text_hash
        ],
    )


def past_decision(decision: Decision) -> PastDecision:
    """Return the decision as the pure rules see it."""
    assert decision.id is not None
    return PastDecision(
        id=decision.id,
        kind=decision.kind,
        person=decision.person_id,
        reopens=decision.reopens_id,
        exception=decision.exception,
        sensitive=decision.sensitive,
        bulk=decision.bulk,
    )


def find_decisions(session: Session, unit_ids: Iterable[int]) -> defaultdict[tuple[int, str], list[Decision]]:
    """Return every decision on the units by (unit, locale), oldest first."""
    found: defaultdict[tuple[int, str], list[Decision]] = defaultdict(list)
    wanted = sorted(set(unit_ids))
    for start in range(0, len(wanted), _CHUNK):
        query = select(Decision).where(col(Decision.unit_id).in_(wanted[start : start + _CHUNK]))
        for decision in session.exec(query.order_by(col(Decision.id))):
            found[decision.unit_id, decision.locale].append(decision)
    return found


def translation_ids_of(session: Session, unit_ids: Iterable[int]) -> list[int]:
    """Return the ids of every translation of the units, in all locales."""
    found: list[int] = []
    wanted = sorted(set(unit_ids))
    for start in range(0, len(wanted), _CHUNK):
        query = select(Translation.id).where(col(Translation.unit_id).in_(wanted[start : start + _CHUNK]))
        found.extend(row for row in session.exec(query) if row is not None)
    return found
