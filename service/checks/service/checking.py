"""Running the checks over stored texts, and keeping what they find beside the texts."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlmodel import Session, col, delete, or_, select

from service.catalog.models import Translation, Unit
from service.checks.engine import (
    WAIVABLE,
    Finding,
    GroupCheck,
    Scope,
    Severity,
    UnknownCheck,
    check_groups,
    check_text,
    checks_of,
    get_check,
    in_order,
)
from service.checks.models import Dismissal, StoredFinding
from service.checks.queries import Peer, find_record_peers, find_source_peers, untranslated_options
from service.checks.service.conditions import Conditions, load_conditions
from service.deployments.models import Deployment
from service.deployments.service import list_locales

_CHUNK = 400

_Place = tuple[str, int, int, str]


def check_translations(session: Session, deployment: Deployment, locale: str, unit_ids: Iterable[int]) -> set[int]:
    """Check the texts of these units in one locale, store what is found, and look again at the texts around them.

    Around a text are those of its form or list and those of equal source: of them only what checks over groups say is
    brought up to date, in a number of queries that does not depend on how many they are.

    Returns the ids of the translations that were asked for: their ``blocked`` and ``warnings`` are up to date.
    """
    session.flush()
    conditions = load_conditions(session, deployment, locale)
    wanted = sorted(set(unit_ids))
    rows = [
        row for start in range(0, len(wanted), _CHUNK) for row in _load(session, locale, wanted[start : start + _CHUNK])
    ]
    _check(session, deployment, conditions, rows)
    session.flush()
    return {translation.id for _, translation in rows if translation.id is not None}


def _load(session: Session, locale: str, unit_ids: Sequence[int]) -> Sequence[tuple[Unit, Translation]]:
    query = (
        select(Unit, Translation)
        .join(Translation, (col(Translation.unit_id) == Unit.id) & (col(Translation.locale) == locale))
        .where(col(Unit.id).in_(unit_ids))
        .order_by(col(Unit.position))
    )
    return session.exec(query).all()


def _check(
    session: Session, deployment: Deployment, conditions: Conditions, rows: Sequence[tuple[Unit, Translation]]
) -> None:
    found: dict[str, list[Finding]] = {
        unit.key: list(check_text(conditions.pair(unit, translation), disabled=conditions.disabled))
        for unit, translation in rows
        if translation.text is not None
    }
    around = _check_around(session, deployment, conditions, [unit for unit, _ in rows])
    for key, judged in around.items():
        if key in found:
            found[key].extend(judged.findings)
    ids = [translation.id or 0 for _, translation in rows]
    earlier, said = _earlier_findings(session, ids), _find_dismissals(session, ids)
    for unit, translation in rows:
        number = translation.id or 0
        _store(session, unit, translation, in_order(found.get(unit.key, ())), earlier[number], said[number])
        translation.checked_with = conditions.fingerprint
    asked = {unit.key for unit, _ in rows}
    _store_around(session, conditions, [judged for key, judged in around.items() if key not in asked])


@dataclass(slots=True)
class _Judged:
    """A text near one that changed: which checks over groups looked at it again, and what they found."""

    peer: Peer
    checks: set[str] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)


def _check_around(
    session: Session, deployment: Deployment, conditions: Conditions, units: Sequence[Unit]
) -> dict[str, _Judged]:
    assert deployment.id is not None
    locale, disabled = conditions.locale, conditions.disabled
    judged: dict[str, _Judged] = {}
    in_records = find_record_peers(session, deployment.id, locale, {unit.record_key for unit in units})
    of_source = find_source_peers(session, deployment.id, locale, {unit.source_hash for unit in units})
    missing = untranslated_options(in_records)
    for peers, scopes in ((in_records, (Scope.OPTION_SET, Scope.RECORD)), (of_source, (Scope.SOURCE,))):
        with_text = [peer for peer in peers if peer.text is not None]
        pairs = [peer.pair(locale, deployment.source_locale) for peer in with_text]
        found = check_groups(pairs, scopes, untranslated=missing, disabled=disabled)
        for peer in with_text:
            judgement = judged.setdefault(peer.key, _Judged(peer))
            judgement.checks |= checks_of(scopes)
            judgement.findings += found.get(peer.key, ())
    return judged


def _store_around(session: Session, conditions: Conditions, judged: Sequence[_Judged]) -> None:
    """Store what is new for texts that were not asked for; the many for which nothing is new cost nothing."""
    # One that is out of date is looked at as a whole in its own time.
    by_id = {row.peer.translation_id or 0: row for row in judged if row.peer.up_to_date(conditions.fingerprint)}
    earlier = _earlier_findings(session, by_id)
    changed = [number for number, row in by_id.items() if _is_new(row, earlier[number])]
    said = _find_dismissals(session, changed)
    for start in range(0, len(changed), _CHUNK):
        query = select(Unit, Translation).join(Unit, col(Unit.id) == Translation.unit_id)
        for unit, translation in session.exec(query.where(col(Translation.id).in_(changed[start : start + _CHUNK]))):
            number = translation.id or 0
            others = [_as_finding(row) for row in earlier[number] if row.check_id not in by_id[number].checks]
            found = in_order((*others, *by_id[number].findings))
            _store(session, unit, translation, found, earlier[number], said[number])


def _is_new(judged: _Judged, earlier: Iterable[StoredFinding]) -> bool:
    before = {(row.check_id, row.start, row.end, row.message) for row in earlier if row.check_id in judged.checks}
    return before != {(finding.check_id, finding.start, finding.end, finding.message) for finding in judged.findings}


def _as_finding(row: StoredFinding) -> Finding:
    return Finding(row.check_id, Severity(row.severity), row.start, row.end, row.message, row.replacement, row.said)


def _earlier_findings(session: Session, translation_ids: Iterable[int]) -> defaultdict[int, list[StoredFinding]]:
    ids = sorted(translation_ids)
    earlier: defaultdict[int, list[StoredFinding]] = defaultdict(list)
    for start in range(0, len(ids), _CHUNK):
        query = select(StoredFinding).where(col(StoredFinding.translation_id).in_(ids[start : start + _CHUNK]))
        for finding in session.exec(query):
            earlier[finding.translation_id].append(finding)
    return earlier


def _find_dismissals(session: Session, translation_ids: Iterable[int]) -> defaultdict[int, list[Dismissal]]:
    ids = sorted(translation_ids)
    said: defaultdict[int, list[Dismissal]] = defaultdict(list)
    for start in range(0, len(ids), _CHUNK):
        query = select(Dismissal).where(
            col(Dismissal.translation_id).in_(ids[start : start + _CHUNK]), col(Dismissal.withdrawn_at).is_(None)
        )
        for dismissal in session.exec(query.order_by(col(Dismissal.id))):
            said[dismissal.translation_id].append(dismissal)
    return said


def _store(
    session: Session,
    unit: Unit,
    translation: Translation,
    found: Sequence[Finding],
    earlier: Sequence[StoredFinding],
    said: Sequence[Dismissal],
) -> None:
    assert translation.id is not None
    pair = (unit.source_hash, translation.text_hash)
    kept = {_place(row): row for row in earlier if (row.source_hash, row.text_hash) == pair}
    wanted = {_place(finding): finding for finding in found}
    gone = [row.id for row in earlier if _place(row) not in wanted or kept.get(_place(row)) is not row]
    if gone:
        session.exec(delete(StoredFinding).where(col(StoredFinding.id).in_(gone)))
    dismissals = [row for row in said if (row.source_hash, row.text_hash) == pair]
    rows = []
    for place, finding in wanted.items():
        row = kept.get(place) or _new_row(translation, unit, finding)
        row.severity, row.replacement, row.said = finding.severity.value, finding.replacement, finding.said
        rows.append(row)
        session.add(row)
    for row, dismissal in match_dismissals(rows, dismissals):
        row.dismissed_by = dismissal.person_id if dismissal else None
        row.dismissed_at = dismissal.created_at if dismissal else None
        row.dismissed_reason = dismissal.reason if dismissal else None
    translation.checked_on = unit.source_hash
    count_findings(session, translation, rows)


def _new_row(translation: Translation, unit: Unit, finding: Finding) -> StoredFinding:
    return StoredFinding(
        translation_id=translation.id or 0,
        source_hash=unit.source_hash,
        text_hash=translation.text_hash or "",
        check_id=finding.check_id,
        severity=finding.severity.value,
        start=finding.start,
        end=finding.end,
        message=finding.message,
    )


def _place(finding: Finding | StoredFinding | Dismissal) -> _Place:
    return finding.check_id, finding.start, finding.end, finding.message


def match_dismissals(
    findings: Sequence[StoredFinding], dismissals: Sequence[Dismissal]
) -> list[tuple[StoredFinding, Dismissal | None]]:
    """Return each finding of one pair of texts with the dismissal that is about it.

    It is about the same check, place and sentence. Where a later version says it in other words, and only one finding
    and one dismissal have the place, they belong together; not so for options, whose findings name other texts.
    """
    exact = {_place(row): row for row in dismissals}
    taken = {_place(row) for row in findings} & set(exact)
    spots = Counter(_place(row)[:3] for row in findings)
    left: defaultdict[tuple[str, int, int], list[Dismissal]] = defaultdict(list)
    for place, row in exact.items():
        if place not in taken and not _names_others(row.check_id):
            left[place[:3]].append(row)
    matched = []
    for finding in findings:
        others = left[_place(finding)[:3]]
        moved = others[0] if len(others) == 1 and spots[_place(finding)[:3]] == 1 else None
        matched.append((finding, exact.get(_place(finding)) or moved))
    return matched


def _names_others(check_id: str) -> bool:
    try:
        return isinstance(get_check(check_id), GroupCheck)
    except UnknownCheck:
        return True


def count_findings(session: Session, translation: Translation, findings: Iterable[StoredFinding]) -> None:
    """Write onto the translation what its findings mean for decisions."""
    rows = list(findings)
    translation.blocked = bool(find_blocking(rows))
    translation.warnings = sum(1 for row in rows if row.severity == Severity.WARNS and row.dismissed_at is None)
    session.add(translation)


def is_waived(finding: StoredFinding) -> bool:
    """Return whether a person has waived a finding that can be waived."""
    return finding.dismissed_at is not None and finding.check_id in WAIVABLE


def find_blocking(findings: Iterable[StoredFinding]) -> set[str]:
    """Return the ids of the checks whose blocking findings are not waived."""
    return {row.check_id for row in findings if row.severity == Severity.BLOCKS and not is_waived(row)}


def find_warnings(findings: Iterable[StoredFinding]) -> set[str]:
    """Return the ids of the checks whose warnings nobody has dismissed."""
    return {row.check_id for row in findings if row.severity == Severity.WARNS and row.dismissed_at is None}


def find_waivers(findings: Iterable[StoredFinding]) -> set[str]:
    """Return the persons who waived a blocking finding."""
    waived = (row for row in findings if row.severity == Severity.BLOCKS and is_waived(row))
    return {row.dismissed_by for row in waived if row.dismissed_by is not None}


def check_outdated(session: Session, deployment: Deployment, locale: str | None = None) -> int:
    """Check the texts whose findings were made on other texts or with other checks; return how many.

    To be called after every import of a source, so that what is shown and counted is true; decisions look again by
    themselves.

    Args:
        locale: check only this one; all locales when None.
    """
    session.flush()
    locales = [row.locale for row in list_locales(session, deployment)] if locale is None else [locale]
    checked = 0
    for name in locales:
        ids = find_outdated(session, deployment, load_conditions(session, deployment, name))
        checked += len(check_translations(session, deployment, name, ids)) if ids else 0
    return checked


def find_outdated(session: Session, deployment: Deployment, conditions: Conditions) -> list[int]:
    """Return the units in use whose text in the locale has to be looked at again, by id."""
    query = (
        select(Translation.unit_id)
        .join(Unit, col(Unit.id) == Translation.unit_id)
        .where(
            Unit.deployment_id == deployment.id,
            Translation.locale == conditions.locale,
            ~col(Unit.retired),
            col(Translation.text).is_not(None),
            or_(
                col(Translation.checked_on).is_(None),
                col(Translation.checked_on) != Unit.source_hash,
                col(Translation.checked_with).is_(None),
                col(Translation.checked_with) != conditions.fingerprint,
            ),
        )
        .order_by(col(Translation.unit_id))
    )
    return list(session.exec(query))


def is_outdated(unit: Unit, translation: Translation, conditions: Conditions) -> bool:
    """Return whether the findings of the text were made on another source text or with other checks."""
    return (translation.checked_on, translation.checked_with) != (unit.source_hash, conditions.fingerprint)


def list_findings(session: Session, translation_ids: Iterable[int]) -> dict[int, list[StoredFinding]]:
    """Return the stored findings by translation, in the order in which they stand in the text."""
    found: dict[int, list[StoredFinding]] = {}
    ids = sorted(set(translation_ids))
    for start in range(0, len(ids), _CHUNK):
        query = select(StoredFinding).where(col(StoredFinding.translation_id).in_(ids[start : start + _CHUNK]))
        for finding in session.exec(query.order_by(col(StoredFinding.start), col(StoredFinding.id))):
            found.setdefault(finding.translation_id, []).append(finding)
    return found
