"""Reads everything a bundle is made of: the current texts of a locale with what the gate needs to know of each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session, col, select

from extractors.texts import normalise_text
from extractors.units import UnitKey
from service.bundles.rules.gate import Trap, UnitFacts
from service.bundles.rules.signoff import Pair
from service.catalog.models import Decision, DecisionKind, State, Translation, Unit
from service.catalog.rules.carrier import Carrier
from service.catalog.rules.state import Standing, remaining_decisions
from service.catalog.service.states import find_decisions, past_decision, standing_of
from service.catalog.service.texts import find_conflicted_units
from service.checks.engine import WAIVABLE, Finding, Severity
from service.checks.models import StoredFinding
from service.checks.service import Conditions, is_outdated, list_findings, load_conditions
from service.deployments.models import Deployment


@dataclass(frozen=True, slots=True)
class Approval:
    """One standing approval: who, by random id, and when."""

    person: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Candidate:
    """One unit with its text in the locale, as the gate and the manifest see it.

    ``warnings`` and ``waived`` are ids of checks: those that warn, and those that people dismissed or waived.
    """

    unit_id: int
    key: UnitKey
    facts: UnitFacts
    source_hash: str
    text_hash: str
    words: int
    approvals: tuple[Approval, ...]
    exceptions: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    waived: tuple[str, ...] = ()

    @property
    def pair(self) -> Pair | None:
        """Return the two texts' hashes where they are approved."""
        return Pair(self.source_hash, self.text_hash) if self.facts.state is State.APPROVED else None


@dataclass(frozen=True, slots=True)
class _Judged:
    blocking: frozenset[str] = frozenset()
    warnings: tuple[str, ...] = ()
    waived: tuple[str, ...] = ()


def list_candidates(
    session: Session, deployment: Deployment, locale: str, traps: Mapping[str, Trap]
) -> list[Candidate]:
    """Return every unit of the deployment in the order of the source, the retired ones too.

    States are derived and texts are checked here and now: what ships does not hang on what was stored earlier.
    """
    rows = _load(session, deployment, locale)
    ids = [unit.id for unit, _ in rows if unit.id is not None]
    decisions = find_decisions(session, ids)
    conflicted = find_conflicted_units(session, ids, locale)
    findings = _judge_findings(session, deployment, locale, rows)
    found = []
    for unit, translation in rows:
        assert unit.id is not None
        on_unit = decisions[unit.id, locale]
        standing = None if translation is None else standing_of(translation, unit, on_unit)
        facts = _facts(
            unit,
            translation,
            standing,
            blocking=findings.get(unit.key, _Judged()).blocking,
            in_conflict=unit.id in conflicted,
            trap=traps.get(unit.key),
        )
        candidate = _candidate(unit, translation, standing, on_unit, facts)
        judged = findings.get(unit.key, _Judged())
        found.append(replace(candidate, warnings=judged.warnings, waived=judged.waived))
    return found


def _load(session: Session, deployment: Deployment, locale: str) -> Sequence[tuple[Unit, Translation | None]]:
    query = (
        select(Unit, Translation)
        .outerjoin(Translation, (col(Translation.unit_id) == Unit.id) & (col(Translation.locale) == locale))
        .where(Unit.deployment_id == deployment.id)
        .order_by(col(Unit.position), col(Unit.key))
    )
    return session.exec(query).all()


def _facts(
    unit: Unit,
    translation: Translation | None,
    standing: Standing | None,
    *,
    blocking: frozenset[str],
    in_conflict: bool,
    trap: Trap | None,
) -> UnitFacts:
    basis = UnitFacts(
        key=unit.key,
        in_use=not unit.retired,
        excluded=unit.excluded,
        do_not_translate=unit.do_not_translate,
        in_conflict=in_conflict,
        carrier=Carrier(unit.carrier),
        trap=trap,
        option_set=unit.option_set,
    )
    if translation is None or translation.text is None or standing is None:
        return basis
    return replace(
        basis,
        state=standing.state,
        text=normalise_text(translation.text),
        blocking=blocking,
        approvals=len(standing.approvers),
        approvals_needed=standing.needed,
    )


def _candidate(
    unit: Unit,
    translation: Translation | None,
    standing: Standing | None,
    decisions: Iterable[Decision],
    facts: UnitFacts,
) -> Candidate:
    text_hash = (translation.text_hash if translation else None) or ""
    on_pair = [row for row in decisions if (row.source_hash, row.text_hash) == (unit.source_hash, text_hash)]
    assert unit.id is not None
    return Candidate(
        unit_id=unit.id,
        key=UnitKey.parse(unit.key),
        facts=facts,
        source_hash=unit.source_hash,
        text_hash=text_hash,
        words=unit.words,
        approvals=_approvals(on_pair, standing.approvers if standing else ()),
        exceptions=tuple(sorted(standing.exceptions)) if standing else (),
    )


def _approvals(decisions: Sequence[Decision], approvers: Iterable[str]) -> tuple[Approval, ...]:
    """Return when each approver's first standing approval of the pair was made."""
    made_at = {row.id: row.created_at for row in decisions}
    first: dict[str, datetime] = {}
    for decision in remaining_decisions(past_decision(row) for row in decisions):
        if decision.kind is DecisionKind.REJECT:
            first.clear()
        else:
            first.setdefault(decision.person, made_at[decision.id])
    return tuple(Approval(person, first[person]) for person in approvers)


def _judge_findings(
    session: Session, deployment: Deployment, locale: str, rows: Iterable[tuple[Unit, Translation | None]]
) -> dict[str, _Judged]:
    """Return what the checks say of each text: those that do now, and those that did when it came in."""
    current = [(unit, row) for unit, row in rows if row is not None and row.text is not None and not unit.retired]
    conditions = load_conditions(session, deployment, locale)
    now = conditions.run(current)
    stored = list_findings(session, (row.id for _, row in current if row.id is not None))
    return {
        unit.key: _judge(now[unit.key], stored.get(row.id or 0, ()), unit, row, conditions) for unit, row in current
    }


def _judge(
    now: Iterable[Finding],
    stored: Iterable[StoredFinding],
    unit: Unit,
    translation: Translation,
    conditions: Conditions,
) -> _Judged:
    pair = (unit.source_hash, translation.text_hash)
    on_pair = [row for row in stored if (row.source_hash, row.text_hash) == pair]
    dismissed = {_place(row): row for row in on_pair if row.dismissed_at is not None}
    waived = {place for place, row in dismissed.items() if row.check_id in WAIVABLE}
    blocking = {_place(finding) for finding in now if finding.severity is Severity.BLOCKS}
    if not is_outdated(unit, translation, conditions):
        # Else they are of another option set, source, or glossary, and the checks have yet to look again.
        blocking |= {_place(row) for row in on_pair if row.severity == Severity.BLOCKS}
    warnings = {_place(finding) for finding in now if finding.severity is Severity.WARNS}
    found = blocking | warnings
    return _Judged(
        blocking=frozenset(check_id for check_id, *_ in blocking - waived),
        warnings=_ids(warnings - dismissed.keys()),
        waived=_ids(place for place in dismissed if place in found and (place not in blocking or place in waived)),
    )


def _ids(places: Iterable[tuple[str, int, int, str]]) -> tuple[str, ...]:
    return tuple(sorted({check_id for check_id, *_ in places}))


def _place(finding: Finding | StoredFinding) -> tuple[str, int, int, str]:
    return finding.check_id, finding.start, finding.end, finding.message
