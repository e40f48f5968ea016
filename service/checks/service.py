"""Running the checks over stored texts, and keeping what they find beside the texts."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlmodel import Session, and_, col, delete, or_, select

from extractors.units import UnitKey
from service.catalog.models import Translation, Unit
from service.checks.engine import WAIVABLE, Finding, Severity, TextPair, run_checks
from service.checks.models import StoredFinding
from service.deployments.models import Deployment

_CHUNK = 400


def check_translations(session: Session, deployment: Deployment, locale: str, unit_ids: Iterable[int]) -> set[int]:
    """Check the texts of these units in one locale, with the rest of their option sets; store what is found.

    Returns the ids of the translations that were checked: their ``blocked`` and ``warnings`` are up to date.
    """
    session.flush()
    checked: set[int] = set()
    wanted = sorted(set(unit_ids))
    seen_sets: set[str] = set()
    for start in range(0, len(wanted), _CHUNK):
        rows = _load(session, deployment, locale, wanted[start : start + _CHUNK], seen_sets)
        _check(session, deployment, locale, [row for row in rows if row[1].id not in checked])
        checked.update(translation.id for _, translation in rows if translation.id is not None)
    session.flush()
    return checked


def _load(
    session: Session, deployment: Deployment, locale: str, unit_ids: Sequence[int], seen_sets: set[str]
) -> Sequence[tuple[Unit, Translation]]:
    sets = session.exec(
        select(Unit.option_set).where(col(Unit.id).in_(unit_ids), col(Unit.option_set).is_not(None)).distinct()
    )
    new_sets = {option_set for option_set in sets if option_set is not None} - seen_sets
    seen_sets |= new_sets
    whole_sets = and_(col(Unit.deployment_id) == deployment.id, col(Unit.option_set).in_(new_sets), ~col(Unit.retired))
    query = (
        select(Unit, Translation)
        .join(Translation, (col(Translation.unit_id) == Unit.id) & (col(Translation.locale) == locale))
        .where(or_(col(Unit.id).in_(unit_ids), whole_sets))
        .order_by(col(Unit.position))
    )
    return session.exec(query).all()


def _check(session: Session, deployment: Deployment, locale: str, rows: Sequence[tuple[Unit, Translation]]) -> None:
    pairs = [
        TextPair.of(UnitKey.parse(unit.key), unit.source, translation.text, locale,
                    source_locale=deployment.source_locale)
        for unit, translation in rows
        if translation.text is not None
    ]  # fmt: skip
    found = run_checks(pairs, locale)
    earlier = _earlier_findings(session, rows)
    for unit, translation in rows:
        _store(session, unit, translation, found.get(unit.key, ()), earlier[translation.id or 0])


def _earlier_findings(
    session: Session, rows: Sequence[tuple[Unit, Translation]]
) -> defaultdict[int, list[StoredFinding]]:
    ids = [translation.id for _, translation in rows if translation.id is not None]
    earlier: defaultdict[int, list[StoredFinding]] = defaultdict(list)
    for start in range(0, len(ids), _CHUNK):
        query = select(StoredFinding).where(col(StoredFinding.translation_id).in_(ids[start : start + _CHUNK]))
        for finding in session.exec(query):
            earlier[finding.translation_id].append(finding)
    return earlier


def _store(
    session: Session, unit: Unit, translation: Translation, found: Sequence[Finding], earlier: list[StoredFinding]
) -> None:
    assert translation.id is not None
    kept = {
        (row.check_id, row.start, row.end, row.message): row
        for row in earlier
        if (row.source_hash, row.text_hash) == (unit.source_hash, translation.text_hash)
    }
    wanted = {(finding.check_id, finding.start, finding.end, finding.message): finding for finding in found}
    gone = [row.id for row in earlier if kept.get((row.check_id, row.start, row.end, row.message)) is not row]
    gone += [row.id for key, row in kept.items() if key not in wanted]
    if gone:
        session.exec(delete(StoredFinding).where(col(StoredFinding.id).in_(gone)))
    for key, finding in wanted.items():
        if key not in kept:
            session.add(
                StoredFinding(
                    translation_id=translation.id,
                    source_hash=unit.source_hash,
                    text_hash=translation.text_hash or "",
                    check_id=finding.check_id,
                    severity=finding.severity.value,
                    start=finding.start,
                    end=finding.end,
                    message=finding.message,
                    replacement=finding.replacement,
                )
            )
    waived = {key for key, row in kept.items() if _is_waived(row)}
    translation.blocked = any(
        finding.severity is Severity.BLOCKS and key not in waived for key, finding in wanted.items()
    )
    translation.warnings = sum(1 for finding in found if finding.severity is Severity.WARNS)
    translation.checked_on = unit.source_hash
    session.add(translation)


def _is_waived(finding: StoredFinding) -> bool:
    return finding.dismissed_at is not None and finding.check_id in WAIVABLE


def find_blocking(findings: Iterable[StoredFinding]) -> set[str]:
    """Return the ids of the checks whose blocking findings are not waived."""
    return {row.check_id for row in findings if row.severity == Severity.BLOCKS and not _is_waived(row)}


def check_outdated(session: Session, deployment: Deployment, locale: str | None = None) -> int:
    """Check the texts whose findings were made on another source text or another option set; return how many.

    To be called after every import of a source, so that what is shown and counted is true; decisions look again by
    themselves.

    Args:
        locale: check only this one; all locales when None.
    """
    session.flush()
    query = (
        select(Translation.locale, Translation.unit_id)
        .join(Unit, col(Unit.id) == Translation.unit_id)
        .where(
            Unit.deployment_id == deployment.id,
            ~col(Unit.retired),
            col(Translation.text).is_not(None),
            or_(col(Translation.checked_on).is_(None), col(Translation.checked_on) != Unit.source_hash),
        )
    )
    if locale is not None:
        query = query.where(Translation.locale == locale)
    outdated: defaultdict[str, list[int]] = defaultdict(list)
    for found_locale, unit_id in session.exec(query):
        outdated[found_locale].append(unit_id)
    return sum(len(check_translations(session, deployment, name, ids)) for name, ids in sorted(outdated.items()))


def list_findings(session: Session, translation_ids: Iterable[int]) -> dict[int, list[StoredFinding]]:
    """Return the stored findings by translation, in the order in which they stand in the text."""
    found: dict[int, list[StoredFinding]] = {}
    ids = sorted(set(translation_ids))
    for start in range(0, len(ids), _CHUNK):
        query = select(StoredFinding).where(col(StoredFinding.translation_id).in_(ids[start : start + _CHUNK]))
        for finding in session.exec(query.order_by(col(StoredFinding.start), col(StoredFinding.id))):
            found.setdefault(finding.translation_id, []).append(finding)
    return found
