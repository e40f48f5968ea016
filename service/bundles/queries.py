"""Reads everything a bundle is made of: the current texts of a locale with what the gate needs to know of each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session, col, select

from extractors.texts import normalise_text
from extractors.units import UnitKey
from service.bundles.rules.gate import Trap, UnitFacts
from service.catalog.models import Decision, DecisionKind, Translation, Unit
from service.catalog.rules.carrier import Carrier
from service.catalog.rules.state import Standing, remaining_decisions
from service.catalog.service.states import find_decisions, past_decision, standing_of
from service.catalog.service.texts import find_conflicted_units
from service.checks.engine import WAIVABLE, Finding, Severity, TextPair, run_checks
from service.checks.models import StoredFinding
from service.checks.service import list_findings
from service.deployments.models import Deployment


@dataclass(frozen=True, slots=True)
class Approval:
    """One standing approval: who, by random id, and when."""

    person: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Candidate:
    """One unit with its text in the locale, as the gate and the manifest see it."""

    key: UnitKey
    facts: UnitFacts
    source_hash: str
    text_hash: str
    words: int
    approvals: tuple[Approval, ...]
    exceptions: tuple[str, ...]


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
    blocking = _find_blocking(session, deployment, locale, rows)
    found = []
    for unit, translation in rows:
        assert unit.id is not None
        on_unit = decisions[unit.id, locale]
        standing = None if translation is None else standing_of(translation, unit, on_unit)
        facts = _facts(
            unit,
            translation,
            standing,
            blocking=blocking.get(unit.key, frozenset()),
            in_conflict=unit.id in conflicted,
            trap=traps.get(unit.key),
        )
        found.append(_candidate(unit, translation, standing, on_unit, facts))
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
    return Candidate(
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


def _find_blocking(
    session: Session, deployment: Deployment, locale: str, rows: Iterable[tuple[Unit, Translation | None]]
) -> dict[str, frozenset[str]]:
    """Return the checks that block each text: those that do now, and those that did when it came in."""
    current = [(unit, row) for unit, row in rows if row is not None and row.text is not None and not unit.retired]
    pairs = (
        TextPair.of(UnitKey.parse(unit.key), unit.source, row.text or "", locale,
                    source_locale=deployment.source_locale)
        for unit, row in current
    )  # fmt: skip
    now = run_checks(pairs, locale)
    stored = list_findings(session, (row.id for _, row in current if row.id is not None))
    return {unit.key: _blocking(unit, row, now[unit.key], stored.get(row.id or 0, ())) for unit, row in current}


def _blocking(
    unit: Unit, translation: Translation, now: Iterable[Finding], stored: Iterable[StoredFinding]
) -> frozenset[str]:
    pair = (unit.source_hash, translation.text_hash)
    on_pair = [row for row in stored if (row.source_hash, row.text_hash) == pair]
    waived = {_place(row) for row in on_pair if row.dismissed_at is not None and row.check_id in WAIVABLE}
    blocking = {_place(finding) for finding in now if finding.severity is Severity.BLOCKS}
    if translation.checked_on == unit.source_hash:
        # Else the findings are of another option set or source, and the checks have yet to look again.
        blocking |= {_place(row) for row in on_pair if row.severity == Severity.BLOCKS}
    return frozenset(check_id for check_id, *_ in blocking - waived)


def _place(finding: Finding | StoredFinding) -> tuple[str, int, int, str]:
    return finding.check_id, finding.start, finding.end, finding.message
