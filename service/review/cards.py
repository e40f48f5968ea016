"""A card: one text with everything a reviewer needs to decide on it, read from the database in a few queries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from extractors.texts import normalise_text, text_hash
from extractors.units import UnitKey
from service.auth.models import Account, Person
from service.catalog.models import (
    Conflict,
    Decision,
    DecisionKind,
    State,
    Translation,
    Unit,
)
from service.catalog.queries import in_scope
from service.catalog.rules.drift import Change, diff_words
from service.catalog.rules.state import remaining_decisions
from service.catalog.service.states import find_decisions, past_decision, standing_of
from service.catalog.service.texts import find_open_conflict, find_texts
from service.checks.models import StoredFinding
from service.checks.service import list_findings
from service.deployments.models import Deployment

_ELSEWHERE = 200
"""The most places with the same pair that are offered at once."""


@dataclass(frozen=True, slots=True)
class EarlierPair:
    """The pair that was decided on, or written on, before the current one; differences as words."""

    source: str | None
    text: str | None
    source_changes: tuple[tuple[Change, str], ...]
    text_changes: tuple[tuple[Change, str], ...]
    approved: bool


@dataclass(frozen=True, slots=True)
class PastStep:
    """One decision on the current pair in words: who, what, when, why."""

    id: int
    kind: DecisionKind
    person_id: str
    person: str
    reason: str | None
    comment: str
    at: datetime
    stands: bool


@dataclass(frozen=True, slots=True)
class Card:
    """One text as its card shows it. Texts are normalised; ``elsewhere`` are other places with the same pair."""

    unit: Unit
    key: UnitKey
    translation: Translation | None
    source: str
    text: str | None
    state: State
    approvals: int
    approvals_needed: int
    approvers: tuple[str, ...]
    author: str | None
    findings: tuple[StoredFinding, ...]
    steps: tuple[PastStep, ...]
    earlier: EarlierPair | None
    their_text: str | None
    their_hash: str | None
    elsewhere: tuple[Unit, ...]

    @property
    def context(self) -> dict[str, Any]:
        """Return what the configuration tells of the text: record, group, field type, question, options, help."""
        return self.unit.context

    @property
    def version(self) -> int:
        """Return the version that a decision made on this card carries; 0 where there is no text yet."""
        return self.translation.version if self.translation else 0

    @property
    def blocking(self) -> tuple[StoredFinding, ...]:
        """Return the findings that keep the text from being approved."""
        return tuple(row for row in self.findings if row.severity == "B" and row.dismissed_at is None)

    @property
    def warnings(self) -> tuple[StoredFinding, ...]:
        """Return the warnings that nobody dismissed."""
        return tuple(row for row in self.findings if row.severity == "W" and row.dismissed_at is None)


def load_card(
    session: Session, deployment: Deployment, locale: str, unit: Unit, translation: Translation | None
) -> Card:
    """Return the card of a unit in a locale."""
    assert unit.id is not None
    findings: Sequence[StoredFinding] = ()
    decisions: list[Decision] = []
    if translation is not None and translation.id is not None:
        findings = list_findings(session, [translation.id]).get(translation.id, [])
        decisions = find_decisions(session, [unit.id])[unit.id, locale]
    conflict = find_open_conflict(session, unit.id, locale)
    on_pair = [row for row in decisions if _is_on_pair(row, unit, translation)]
    standing = standing_of(translation, unit, decisions) if translation else None
    names = name_persons(session, _persons(translation, on_pair))
    return Card(
        unit=unit,
        key=UnitKey.parse(unit.key),
        translation=translation,
        source=normalise_text(unit.source),
        text=normalise_text(translation.text) if translation and translation.text is not None else None,
        state=standing.state if standing else State.UNTRANSLATED,
        approvals=len(standing.approvers) if standing else 0,
        approvals_needed=standing.needed if standing else (2 if unit.sensitive else 1),
        approvers=tuple(names[person] for person in standing.approvers) if standing else (),
        author=names.get(translation.author_id or "") if translation else None,
        findings=tuple(findings),
        steps=_steps(on_pair, names),
        earlier=_earlier(session, unit, translation, decisions),
        their_text=normalise_text(conflict.their_text) if conflict else None,
        their_hash=text_hash(conflict.their_text) if conflict else None,
        elsewhere=_find_elsewhere(session, deployment, unit, translation, conflict),
    )


def _is_on_pair(row: Decision, unit: Unit, translation: Translation | None) -> bool:
    return translation is not None and (row.source_hash, row.text_hash) == (unit.source_hash, translation.text_hash)


def _persons(translation: Translation | None, decisions: Iterable[Decision]) -> set[str]:
    found = {row.person_id for row in decisions}
    if translation is not None and translation.author_id is not None:
        found.add(translation.author_id)
    return found


def name_persons(session: Session, person_ids: Iterable[str]) -> dict[str, str]:
    """Return how pages call each person: the name, else the username, else the Transifex name."""
    wanted = set(person_ids)
    if not wanted:
        return {}
    query = (
        select(Person, Account.username)
        .join(Account, col(Account.person_id) == Person.id, isouter=True)
        .where(col(Person.id).in_(wanted))
    )
    found = {
        person.id: person.name or username or person.transifex_username or ""
        for person, username in session.exec(query)
    }
    return {person_id: found.get(person_id) or person_id[:8] for person_id in wanted}


def _steps(on_pair: Sequence[Decision], names: dict[str, str]) -> tuple[PastStep, ...]:
    standing = {row.id for row in remaining_decisions(past_decision(row) for row in on_pair)}
    return tuple(
        PastStep(
            id=row.id or 0,
            kind=row.kind,
            person_id=row.person_id,
            person=names[row.person_id],
            reason=row.reason.value if row.reason else None,
            comment=row.comment,
            at=row.created_at,
            stands=row.id in standing,
        )
        for row in on_pair
    )


def _earlier(
    session: Session, unit: Unit, translation: Translation | None, decisions: Sequence[Decision]
) -> EarlierPair | None:
    """Return the latest pair that differs from the current one: the one decided on, else the one written on."""
    if translation is None or translation.text_hash is None:
        return None
    approved = False
    for row in reversed(decisions):
        if row.kind is DecisionKind.APPROVE and not _is_on_pair(row, unit, translation):
            source_hash, old_hash, approved = row.source_hash, row.text_hash, True
            break
    else:
        if translation.written_on is None or translation.written_on == unit.source_hash:
            return None
        source_hash, old_hash = translation.written_on, translation.text_hash
    texts = find_texts(session, (source_hash, old_hash))
    source, text = texts.get(source_hash), texts.get(old_hash)
    now_source, now_text = normalise_text(unit.source), normalise_text(translation.text or "")
    if source is None and text is None:
        return None
    return EarlierPair(
        source=source,
        text=text,
        source_changes=tuple(diff_words(source, now_source)) if source is not None and source != now_source else (),
        text_changes=tuple(diff_words(text, now_text)) if text is not None and text != now_text else (),
        approved=approved,
    )


def _find_elsewhere(
    session: Session, deployment: Deployment, unit: Unit, translation: Translation | None, conflict: Conflict | None
) -> tuple[Unit, ...]:
    if translation is None or translation.text_hash is None or conflict is not None:
        return ()
    assert deployment.id is not None
    query = (
        select(Unit)
        .join(Translation, col(Translation.unit_id) == Unit.id)
        .where(
            in_scope(deployment.id),
            Unit.source_hash == unit.source_hash,
            Unit.id != unit.id,
            ~col(Unit.sensitive),
            Translation.locale == translation.locale,
            Translation.text_hash == translation.text_hash,
            # What may be approved together: a stale text needs a look of its own.
            col(Translation.state) == State.TRANSLATED,
            ~col(Translation.blocked),
        )
        .order_by(col(Unit.position))
        .limit(_ELSEWHERE)
    )
    return tuple(session.exec(query))
