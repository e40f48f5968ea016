"""Keeps the counters true: whatever a transaction changes of what is counted is added to them just before it commits.

It listens to the session, so that no use case can forget it. Before rows are written, what they counted for until then
is noted, once for each; at the commit the same is asked again, and the differences are added. So what was rolled back
to a savepoint adds nothing, and a text that changed three times counts once. Counters are written last and in one
order: two transactions that change the same forms wait for each other for the length of a commit, and never in a ring.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import event, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm.attributes import get_history
from sqlalchemy.orm.base import PASSIVE_NO_INITIALIZE
from sqlmodel import Session, col

from service.catalog.models.counters import TextCounter
from service.catalog.models.sources import Unit
from service.catalog.models.texts import Conflict, State, Translation
from service.catalog.rules.counting import (
    COUNTED,
    NO_TEXT,
    NO_UNIT,
    Numbers,
    TextFacts,
    UnitFacts,
    count_text,
    count_unit,
)
from service.db import before_commit

_NOTES = "counted_before"
_CHUNK = 400
_UNIT_FIELDS = ("retired", "excluded", "do_not_translate", "words")
_FIELDS: dict[type, tuple[str, ...]] = {Translation: ("state", "blocked", "warnings"), Conflict: ("resolved_at",)}

Pair = tuple[int, str]
"""A unit's id and a locale."""
Place = tuple[int, str, str]
"""Deployment, locale ("" for the source), form or lookup: one counter row. Sorted, it is the order of writing."""


@dataclass(slots=True)
class _Notes:
    """What units and texts counted for when the transaction began, of those it changed."""

    units: dict[int, UnitFacts] = field(default_factory=dict)
    texts: dict[Pair, TextFacts] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Standing:
    """A unit as it is now: where it counts, and what it counts for."""

    deployment_id: int
    record_key: str
    facts: UnitFacts


def pending_deltas(session: Session, deployment_id: int) -> dict[Place, Numbers]:
    """Return what this transaction will add to the deployment's counters, for reading before its commit."""
    notes: _Notes | None = session.info.get(_NOTES)
    if notes is None:
        return {}
    return {place: numbers for place, numbers in _find_deltas(session, notes).items() if place[0] == deployment_id}


def add_numbers(session: Session, deltas: Mapping[Place, Numbers]) -> None:
    """Add to the counters, in one order of rows, making those that are not there."""
    changed = sorted((item for item in deltas.items() if any(item[1].values())), key=lambda item: item[0])
    table = TextCounter.__table__  # type: ignore[attr-defined]  # sqlmodel does not type it
    insert = (sqlite if session.get_bind().dialect.name == "sqlite" else postgresql).insert(table)
    for start in range(0, len(changed), _CHUNK // 10):
        rows = [
            dict(zip(("deployment_id", "locale", "record_key"), place, strict=True))
            | {name: numbers[name] for name in COUNTED}
            for place, numbers in changed[start : start + _CHUNK // 10]
        ]
        added = insert.values(rows)
        sums = {name: table.c[name] + added.excluded[name] for name in COUNTED}
        session.connection().execute(added.on_conflict_do_update(index_elements=list(table.primary_key), set_=sums))


def _before_flush(session: Session, *_: object) -> None:
    units, pairs = set(), set()
    for row in (*session.dirty, *session.deleted):
        if isinstance(row, Unit) and _changed(row, _UNIT_FIELDS):
            units.add(row.id or 0)
        elif isinstance(row, Translation | Conflict) and _changed(row, _FIELDS[type(row)]):
            pairs.add((row.unit_id, row.locale))
    pairs |= {(row.unit_id, row.locale) for row in session.new if isinstance(row, Translation | Conflict)}
    if not units and not pairs:
        return
    notes = _notes(session)
    units -= notes.units.keys()
    pairs -= notes.texts.keys()
    standing = _find_units(session, units)
    notes.units |= {unit: standing[unit].facts for unit in units}
    # Locked: whoever else just changes one of them is waited for, and what is noted is what stands then.
    before = _find_texts(session, {unit for unit, _ in pairs}, {locale for _, locale in pairs}, lock=True)
    notes.texts |= {pair: before.get(pair, NO_TEXT) for pair in pairs}


def _after_flush(session: Session, *_: object) -> None:
    # Before they were written, new units had no id.
    made = [row.id or 0 for row in session.new if isinstance(row, Unit)]
    if made:
        _notes(session).units |= dict.fromkeys(made, NO_UNIT)


def _notes(session: Session) -> _Notes:
    before_commit(session, _write_deltas)
    notes: _Notes = session.info.setdefault(_NOTES, _Notes())
    return notes


def _write_deltas(session: Session) -> None:
    add_numbers(session, _find_deltas(session, session.info.pop(_NOTES)))


def _changed(row: object, names: Iterable[str]) -> bool:
    return any(get_history(row, name, PASSIVE_NO_INITIALIZE).has_changes() for name in names)


def _find_deltas(session: Session, notes: _Notes) -> dict[Place, Numbers]:
    units = _find_units(session, {*notes.units, *(unit for unit, _ in notes.texts)})
    moved = {unit for unit, before in notes.units.items() if unit in units and units[unit].facts != before}
    texts = _find_texts(session, moved)
    rest = [pair for pair in notes.texts if pair[0] not in moved]
    texts |= _find_texts(session, {unit for unit, _ in rest}, {locale for _, locale in rest})
    deltas: defaultdict[Place, Numbers] = defaultdict(Counter)
    for number in moved:
        unit = units[number]
        place = (unit.deployment_id, "", unit.record_key)
        _shift(deltas[place], count_unit(notes.units[number]), count_unit(unit.facts))
    for number, locale in {pair for pair in texts if pair[0] in moved} | notes.texts.keys():
        if number not in units:
            # Made and taken back within this transaction.
            continue
        unit, now = units[number], texts.get((number, locale), NO_TEXT)
        before = notes.texts.get((number, locale), now)
        place = (unit.deployment_id, locale, unit.record_key)
        _shift(
            deltas[place],
            count_text(notes.units.get(number, unit.facts), before),
            count_text(unit.facts, now),
        )
    return deltas


def _shift(numbers: Numbers, before: Numbers, now: Numbers) -> None:
    numbers.update(now)
    numbers.subtract(before)


def _find_units(session: Session, ids: Collection[int]) -> dict[int, _Standing]:
    """Return the units as the database has them."""
    found: dict[int, _Standing] = {}
    wanted = sorted(ids)
    for start in range(0, len(wanted), _CHUNK):
        query = select(
            col(Unit.id), col(Unit.deployment_id), col(Unit.record_key), col(Unit.words),
            ~col(Unit.retired) & ~col(Unit.excluded) & ~col(Unit.do_not_translate),
        ).where(col(Unit.id).in_(wanted[start : start + _CHUNK]))  # fmt: skip
        for number, deployment, record, words, in_scope in session.connection().execute(query):
            found[number or 0] = _Standing(deployment, record, UnitFacts(bool(in_scope), words))
    return found


def _find_texts(
    session: Session, unit_ids: Collection[int], locales: Collection[str] | None = None, *, lock: bool = False
) -> dict[Pair, TextFacts]:
    """Return the texts of the units as the database has them, in these locales or (None) in all."""
    found = {}
    wanted = sorted(unit_ids)
    conflict = (
        select(col(Conflict.id))
        .where(
            col(Conflict.unit_id) == col(Translation.unit_id),
            col(Conflict.locale) == col(Translation.locale),
            col(Conflict.resolved_at).is_(None),
        )
        .exists()
    )
    query = select(
        col(Translation.unit_id), col(Translation.locale), col(Translation.state), col(Translation.blocked),
        col(Translation.warnings), conflict,
    ).order_by(col(Translation.id))  # fmt: skip
    if locales is not None:
        query = query.where(col(Translation.locale).in_(locales))
    if lock:
        query = query.with_for_update(of=Translation, key_share=True)
    for start in range(0, len(wanted), _CHUNK):
        rows = session.connection().execute(query.where(col(Translation.unit_id).in_(wanted[start : start + _CHUNK])))
        for unit, locale, state, blocked, warnings, in_conflict in rows:
            found[unit, locale] = TextFacts(State(state).value, bool(blocked), warnings > 0, bool(in_conflict))
    return found


def watch_sessions() -> None:
    """Have every session of this process keep the counters true."""
    event.listen(Session, "before_flush", _before_flush)
    event.listen(Session, "after_flush", _after_flush)
