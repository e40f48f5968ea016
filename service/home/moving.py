"""Units that moved, and the translations that they take along: in the import that moves them, or afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from service.audit.service import Actor, write_audit
from service.catalog.queries import find_missing_locales, find_moved_units
from service.catalog.rules.drift import MovedUnit
from service.catalog.service.locks import lock_deployment
from service.deployments.models import Deployment
from service.deployments.service import list_locales
from service.review.service.entering import EntryReport
from service.review.service.policies import enter_moved_texts


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """A unit that moved without its texts: ``locales`` are those in which the new one could take the old one's."""

    unit: MovedUnit
    locales: tuple[str, ...]


def find_left_behind(session: Session, deployment: Deployment) -> list[LeftBehind]:
    """Return the moved units that could still take a translation along, in the order of import and source."""
    assert deployment.id is not None
    moved = find_moved_units(session, deployment.id)
    locales = [row.locale for row in list_locales(session, deployment)]
    missing = find_missing_locales(session, deployment.id, moved, locales)
    return [LeftBehind(unit, tuple(found)) for unit, found in zip(moved, missing, strict=True) if found]


def adopt_left_behind(
    session: Session, deployment: Deployment, *, actor: Actor, now: datetime
) -> tuple[list[LeftBehind], dict[str, EntryReport]]:
    """Let them take their translations along now; return them, and what became of the texts by locale."""
    assert deployment.id is not None
    lock_deployment(session, deployment.id)
    left = find_left_behind(session, deployment)
    if not left:
        return [], {}
    return left, adopt_units(session, deployment, [found.unit for found in left], actor=actor, now=now)


def adopt_units(
    session: Session, deployment: Deployment, moved: Sequence[MovedUnit], *, actor: Actor, now: datetime
) -> dict[str, EntryReport]:
    """Fill the new units from the old ones in every locale where they have no text; return what became of the texts."""
    adopted = {
        row.locale: enter_moved_texts(session, deployment, moved, row.locale, now=now)
        for row in list_locales(session, deployment)
    }
    detail = {locale: report.written for locale, report in adopted.items()}
    write_audit(session, actor, "source.adopt-moved", now, deployment_id=deployment.id, detail=detail)
    return adopted
