"""Reading the catalog: counts per locale, and units with their texts page by page."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, true
from sqlmodel import Session, col, or_, select
from sqlmodel.sql.expression import Select

from service.catalog.models import Conflict, State, Translation, Unit

PAGE = 150


@dataclass(frozen=True, slots=True)
class LocaleCounts:
    """How one locale stands, in units of the current snapshot that are to be translated; ``words`` are source words.

    ``blocked`` and ``conflicts`` stand beside the states: such a text is also counted under its state.
    """

    total: int = 0
    words: int = 0
    untranslated: int = 0
    translated: int = 0
    stale: int = 0
    rejected: int = 0
    approved: int = 0
    approved_words: int = 0
    blocked: int = 0
    warned: int = 0
    conflicts: int = 0

    @property
    def approved_percent(self) -> float:
        """Return the share of approved units in percent, rounded down to one decimal: 100 only when all are."""
        return int(1000 * self.approved / self.total) / 10 if self.total else 0.0


def in_scope(deployment_id: int) -> ColumnElement[bool]:
    """Return the condition for units that are to be translated."""
    return and_(
        col(Unit.deployment_id) == deployment_id,
        ~col(Unit.retired),
        ~col(Unit.excluded),
        ~col(Unit.do_not_translate),
    )


def count_units(session: Session, deployment_id: int) -> tuple[int, int]:
    """Return how many units are to be translated, and their source words."""
    query = select(func.count(), func.coalesce(func.sum(col(Unit.words)), 0)).where(in_scope(deployment_id))
    units, words = session.exec(query).one()
    return units, int(words)


def count_states(session: Session, deployment_id: int, locales: Sequence[str]) -> dict[str, LocaleCounts]:
    """Return the counts of each locale asked for."""
    total, words = count_units(session, deployment_id)
    counts: dict[str, dict[str, int]] = {locale: {} for locale in locales}
    query = (
        select(
            Translation.locale,
            Translation.state,
            func.count(),
            func.sum(col(Unit.words)),
            func.count().filter(col(Translation.blocked)),
            func.count().filter(col(Translation.warnings) > 0),
        )  # type: ignore[call-overload]  # sqlmodel types select() up to four columns
        .join(Unit, col(Unit.id) == Translation.unit_id)
        .where(in_scope(deployment_id), col(Translation.locale).in_(locales))
        .group_by(Translation.locale, Translation.state)
    )
    for locale, state, number, state_words, blocked, warned in session.exec(query):
        row = counts[locale]
        if state is not State.UNTRANSLATED:
            row[state.value] = number
        if state is State.APPROVED:
            row["approved_words"] = int(state_words)
        row["blocked"] = row.get("blocked", 0) + blocked
        row["warned"] = row.get("warned", 0) + warned
    conflicts = _count_conflicts(session, deployment_id)
    result = {}
    for locale, row in counts.items():
        with_text = sum(row.get(state.value, 0) for state in State)
        result[locale] = LocaleCounts(
            total=total, words=words, untranslated=total - with_text, conflicts=conflicts.get(locale, 0), **row
        )
    return result


def _count_conflicts(session: Session, deployment_id: int) -> dict[str, int]:
    query = (
        select(Conflict.locale, func.count())
        .join(Unit, col(Unit.id) == Conflict.unit_id)
        .where(in_scope(deployment_id), col(Conflict.resolved_at).is_(None))
        .group_by(Conflict.locale)
    )
    return dict(session.exec(query).all())


@dataclass(frozen=True, slots=True)
class UnitFilter:
    """What to list. Conditions are joined by "and"; None and "" leave one out.

    ``record`` is a canonical record name (``form/ID``), ``search`` is looked for in source and translation, case
    folded as the database does it.
    """

    state: State | None = None
    record: str = ""
    search: str = ""
    sensitive: bool | None = None
    blocked: bool | None = None
    in_conflict: bool | None = None


def list_units(
    session: Session,
    deployment_id: int,
    locale: str,
    wanted: UnitFilter,
    *,
    after: int = -1,
    limit: int = PAGE,
) -> list[tuple[Unit, Translation | None]]:
    """Return units in scope with their text in the locale, in the order of the source, from position ``after`` on."""
    query = (
        _units_with_texts(locale)
        .where(in_scope(deployment_id), col(Unit.position) > after, *_conditions(wanted, locale))
        .order_by(col(Unit.position))
        .limit(limit)
    )
    return [(unit, translation) for unit, translation in session.exec(query)]


def find_unit(session: Session, deployment_id: int, locale: str, key: str) -> tuple[Unit, Translation | None] | None:
    """Return one unit of the deployment, in use or not, with its text in the locale; None where there is none."""
    query = _units_with_texts(locale).where(col(Unit.deployment_id) == deployment_id, col(Unit.key) == key)
    row = session.exec(query).first()
    return None if row is None else (row[0], row[1])


def _units_with_texts(locale: str) -> Select[Unit, Translation]:
    return select(Unit, Translation).join(
        Translation, and_(col(Translation.unit_id) == Unit.id, col(Translation.locale) == locale), isouter=True
    )


def _conditions(wanted: UnitFilter, locale: str) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [true()]
    if wanted.state is State.UNTRANSLATED:
        conditions.append(or_(col(Translation.id).is_(None), col(Translation.state) == State.UNTRANSLATED))
    elif wanted.state is not None:
        conditions.append(col(Translation.state) == wanted.state)
    if wanted.record:
        conditions.append(col(Unit.record_key) == wanted.record)
    if wanted.search:
        pattern = f"%{_escape_like(wanted.search)}%"
        conditions.append(
            or_(col(Unit.source).ilike(pattern, escape="\\"), col(Translation.text).ilike(pattern, escape="\\"))
        )
    if wanted.sensitive is not None:
        conditions.append(col(Unit.sensitive) == wanted.sensitive)
    if wanted.blocked is not None:
        conditions.append(func.coalesce(col(Translation.blocked), False) == wanted.blocked)
    if wanted.in_conflict is not None:
        open_conflict = select(Conflict.id).where(
            col(Conflict.unit_id) == Unit.id, col(Conflict.locale) == locale, col(Conflict.resolved_at).is_(None)
        )
        conditions.append(open_conflict.exists() if wanted.in_conflict else ~open_conflict.exists())
    return conditions


def _escape_like(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
