"""Findings of a deployment: counted by check and locale, and listed page by page."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, case, func
from sqlmodel import Session, col, select

from service.catalog.models import Translation, Unit
from service.catalog.queries import in_scope
from service.checks.engine import Check, Severity, UnknownCheck, get_check
from service.checks.models import StoredFinding
from service.errors import NotFound

PAGE = 100


@dataclass(frozen=True, slots=True)
class FindingFilter:
    """Which findings. None leaves a condition out; ``dismissed`` takes waived ones too."""

    check: str | None = None
    locale: str | None = None
    severity: Severity | None = None
    dismissed: bool | None = None

    def __post_init__(self) -> None:
        """Refuse a check that does not exist: an empty answer would read as if nothing were wrong.

        Raises:
            NotFound: there is no such check; the sentence names those there are.
        """
        if self.check is not None:
            find_check(self.check)


def find_check(check_id: str) -> Check:
    """Return the check with this id.

    Raises:
        NotFound: there is none.
    """
    try:
        return get_check(check_id)
    except UnknownCheck as error:
        raise NotFound(str(error)) from error


@dataclass(frozen=True, slots=True)
class FindingCount:
    """How many findings a check has in a locale, how many were dismissed or waived, in how many texts one is open."""

    check: str
    locale: str
    severity: str
    number: int
    dismissed: int
    open_texts: int


def count_by_check(session: Session, deployment_id: int, wanted: FindingFilter) -> list[FindingCount]:
    """Return the counts of units in scope, by locale and check."""
    query = (
        select(
            StoredFinding.check_id,
            Translation.locale,
            StoredFinding.severity,
            func.count(),
            func.count(col(StoredFinding.dismissed_at)),
            func.count(case((col(StoredFinding.dismissed_at).is_(None), col(StoredFinding.translation_id))).distinct()),
        )  # type: ignore[call-overload]  # sqlmodel types select() up to four columns
        .join(Translation, col(Translation.id) == StoredFinding.translation_id)
        .join(Unit, col(Unit.id) == Translation.unit_id)
        .where(in_scope(deployment_id), *_conditions(wanted))
        .group_by(StoredFinding.check_id, Translation.locale, StoredFinding.severity)
        .order_by(Translation.locale, StoredFinding.check_id, StoredFinding.severity)
    )
    return [FindingCount(*row) for row in session.exec(query)]


def list_by_check(
    session: Session, deployment_id: int, wanted: FindingFilter, *, after: int = 0, limit: int = PAGE
) -> Sequence[tuple[StoredFinding, Translation, Unit]]:
    """Return findings of units in scope with their text and unit, in the order of their ids, those above ``after``."""
    query = (
        select(StoredFinding, Translation, Unit)
        .join(Translation, col(Translation.id) == StoredFinding.translation_id)
        .join(Unit, col(Unit.id) == Translation.unit_id)
        .where(in_scope(deployment_id), col(StoredFinding.id) > after, *_conditions(wanted))
        .order_by(col(StoredFinding.id))
        .limit(limit)
    )
    return session.exec(query).all()


def _conditions(wanted: FindingFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.check is not None:
        conditions.append(col(StoredFinding.check_id) == wanted.check)
    if wanted.locale is not None:
        conditions.append(col(Translation.locale) == wanted.locale)
    if wanted.severity is not None:
        conditions.append(col(StoredFinding.severity) == wanted.severity.value)
    if wanted.dismissed is not None:
        at = col(StoredFinding.dismissed_at)
        conditions.append(at.is_not(None) if wanted.dismissed else at.is_(None))
    return conditions
