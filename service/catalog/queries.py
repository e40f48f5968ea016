"""Reading the catalog: counts per locale, and units with their texts page by page."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, true
from sqlmodel import Session, col, or_, select
from sqlmodel.sql.expression import Select

from service.catalog.models import Conflict, State, TextCounter, Translation, Unit
from service.catalog.models.counting import Place, pending_deltas
from service.catalog.rules.counting import COUNTED
from service.catalog.rules.drift import MovedUnit, find_moved
from service.deployments.models import Deployment

PAGE = 150
_CHUNK = 500

GOOD = (State.TRANSLATED, State.APPROVED)
"""States of a text that stands for the current source text, and that nobody rejected."""


@dataclass(frozen=True, slots=True)
class LocaleCounts:
    """How one locale stands, in units of the current snapshot that are to be translated; words are source words.

    ``waiting`` (for a reviewer: translated, stale, or in conflict), ``blocked``, ``warned``, ``with_findings`` and
    ``conflicts`` stand beside the states: such a text is also counted under its state.
    """

    total: int = 0
    words: int = 0
    translated: int = 0
    translated_words: int = 0
    stale: int = 0
    stale_words: int = 0
    rejected: int = 0
    rejected_words: int = 0
    approved: int = 0
    approved_words: int = 0
    waiting: int = 0
    waiting_words: int = 0
    blocked: int = 0
    warned: int = 0
    with_findings: int = 0
    conflicts: int = 0

    @property
    def untranslated(self) -> int:
        """Return the number of units without a text."""
        return self.total - self.translated - self.stale - self.rejected - self.approved

    @property
    def untranslated_words(self) -> int:
        """Return the source words without a text."""
        return self.words - self.translated_words - self.stale_words - self.rejected_words - self.approved_words

    @property
    def approved_percent(self) -> float:
        """Return the share of approved units in percent, rounded down to one decimal: 100 only when all are."""
        return int(1000 * self.approved / self.total) / 10 if self.total else 0.0

    def as_json(self) -> dict[str, int | float]:
        """Return every number by its name."""
        return {
            **asdict(self),
            "untranslated": self.untranslated,
            "untranslated_words": self.untranslated_words,
            "approved_percent": self.approved_percent,
        }


def in_scope(deployment_id: int) -> ColumnElement[bool]:
    """Return the condition for units that are to be translated."""
    return and_(
        col(Unit.deployment_id) == deployment_id,
        ~col(Unit.retired),
        ~col(Unit.excluded),
        ~col(Unit.do_not_translate),
    )


def count_deployments(session: Session, deployment_ids: Sequence[int]) -> dict[int, dict[str, LocaleCounts]]:
    """Return for each deployment the counts of each locale that has any, and as "" what is to be translated at all."""
    found: dict[int, dict[str, LocaleCounts]] = {number: {"": LocaleCounts()} for number in deployment_ids}
    sums = _sum_counters(session, deployment_ids, None, by_record=False)
    for (deployment_id, locale, _), numbers in sums.items():
        found[deployment_id][locale] = _locale_counts(sums.get((deployment_id, "", ""), {}), numbers)
    return found


def count_states(session: Session, deployment_id: int, locales: Sequence[str]) -> dict[str, LocaleCounts]:
    """Return the counts of each locale asked for, from counters: their cost does not grow with the texts."""
    sums = _sum_counters(session, [deployment_id], ["", *locales], by_record=False)
    source = sums.get((deployment_id, "", ""), {})
    return {locale: _locale_counts(source, sums.get((deployment_id, locale, ""), {})) for locale in locales}


def count_records(session: Session, deployment_id: int, locale: str) -> dict[str, LocaleCounts]:
    """Return the counts of one locale for each form and lookup that has something to translate, by its key."""
    sums = _sum_counters(session, [deployment_id], ["", locale], by_record=True)
    return {
        record: _locale_counts(source, sums.get((deployment_id, locale, record), {}))
        for (_, place, record), source in sorted(sums.items(), key=lambda item: item[0])
        if place == "" and source["units"]
    }


def _locale_counts(source: Mapping[str, int], numbers: Mapping[str, int]) -> LocaleCounts:
    rest = {name: numbers[name] for name in COUNTED[2:]} if numbers else {}
    return LocaleCounts(total=source.get("units", 0), words=source.get("words", 0), **rest)


def _sum_counters(
    session: Session, deployment_ids: Sequence[int], locales: Sequence[str] | None, *, by_record: bool
) -> dict[Place, dict[str, int]]:
    """Return sums of counters by deployment, locale (None: all) and record ("" for all of them together).

    What this transaction will add to them is among them.
    """
    session.flush()
    names = [getattr(TextCounter, name) for name in ("deployment_id", "locale", "record_key")[: 2 + by_record]]
    numbers = [getattr(TextCounter, name) for name in COUNTED]
    query = select(*names, *(numbers if by_record else map(func.sum, numbers))).where(
        col(TextCounter.deployment_id).in_(deployment_ids)
    )
    if locales is not None:
        query = query.where(col(TextCounter.locale).in_(locales))
    if not by_record:
        query = query.group_by(*names)
    sums: dict[Place, dict[str, int]] = {}
    rows: Iterable[tuple[Any, ...]] = session.exec(query)
    for row in rows:
        place = (row[0], row[1], row[2] if by_record else "")
        sums[place] = dict(zip(COUNTED, map(int, row[len(names) :]), strict=True))
    for deployment_id in deployment_ids:
        for (_, locale, key), added in pending_deltas(session, deployment_id).items():
            if locales is None or locale in locales:
                place = (deployment_id, locale, key if by_record else "")
                before = sums.get(place, {})
                sums[place] = {name: before.get(name, 0) + added[name] for name in COUNTED}
    return sums


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
        pattern = f"%{escape_like(wanted.search)}%"
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


def escape_like(text: str) -> str:
    """Return the text as a part of a LIKE pattern with the escape character ``\\``."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def list_open_conflicts(
    session: Session, deployment: Deployment, locale: str | None = None
) -> Sequence[tuple[Unit, Conflict]]:
    """Return the units in use whose texts changed on both sides and wait for a person, in order."""
    query = (
        select(Unit, Conflict)
        .join(Conflict, col(Conflict.unit_id) == Unit.id)
        .where(Unit.deployment_id == deployment.id, ~col(Unit.retired), col(Conflict.resolved_at).is_(None))
        .order_by(Conflict.locale, col(Unit.position), col(Unit.id))
    )
    if locale is not None:
        query = query.where(Conflict.locale == locale)
    return session.exec(query).all()


def find_moved_units(session: Session, deployment_id: int) -> tuple[MovedUnit, ...]:
    """Return the units in use that came in the import in which another one with their source text was retired.

    A unit is retired, and a new one made, with the time of the import (or of the snapshot made current again); nothing
    writes these dates later, except that a unit revives or gets another source text, and then is none that moved.
    """
    gone: dict[datetime, list[tuple[str, str]]] = {}
    come: dict[datetime, list[tuple[str, str]]] = {}
    of_deployment = Unit.deployment_id == deployment_id
    retired = select(Unit.key, Unit.source_hash, Unit.changed_at).where(of_deployment, col(Unit.retired))
    for key, source_hash, at in session.exec(retired.order_by(col(Unit.position), col(Unit.id))):
        gone.setdefault(at, []).append((key, source_hash))
    # Most deployments have retired nothing lately: then no unit in use is read.
    in_use = select(Unit.key, Unit.source_hash, Unit.created_at).where(
        of_deployment, ~col(Unit.retired), col(Unit.created_at).in_(gone)
    )
    for key, source_hash, at in session.exec(in_use.order_by(col(Unit.position), col(Unit.id))):
        come.setdefault(at, []).append((key, source_hash))
    return tuple(pair for at, added in sorted(come.items()) for pair in find_moved(gone[at], added))


def find_missing_locales(
    session: Session, deployment_id: int, moved: Sequence[MovedUnit], locales: Sequence[str]
) -> list[list[str]]:
    """Return for each moved unit the locales in which the old one has a good text and the new one none."""
    keys = [key for pair in moved for key in (pair.old, pair.new)]
    states: dict[tuple[str, str], State] = {}
    for start in range(0, len(keys), _CHUNK):
        query = (
            select(Unit.key, Translation.locale, Translation.state)
            .join(Translation, col(Translation.unit_id) == Unit.id)
            .where(Unit.deployment_id == deployment_id, col(Unit.key).in_(keys[start : start + _CHUNK]))
        )
        states.update(((key, locale), State(state)) for key, locale, state in session.exec(query))
    return [
        [
            locale
            for locale in locales
            if states.get((pair.old, locale)) in GOOD
            and states.get((pair.new, locale), State.UNTRANSLATED) is State.UNTRANSLATED
        ]
        for pair in moved
    ]
