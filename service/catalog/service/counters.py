"""Counting everything anew, to prove the counters that are kept as deltas, and to set them right."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, case, func, or_
from sqlmodel import Session, col, select

from service.audit.service import Actor, write_audit
from service.catalog.models import Conflict, State, TextCounter, Translation, Unit
from service.catalog.models.counting import Place, add_numbers
from service.catalog.queries import in_scope
from service.catalog.rules.counting import COUNTED, WAITING, Numbers
from service.catalog.service.locks import lock_deployment
from service.deployments.models import Deployment


@dataclass(frozen=True, slots=True)
class Difference:
    """One number of one form and locale ("" for the source) that is not what a recount finds."""

    locale: str
    record_key: str
    name: str
    kept: int
    counted: int


def compare_counters(session: Session, deployment_id: int) -> list[Difference]:
    """Count all texts of the deployment and return where the counters differ; empty when they are true.

    Both are read in one transaction, so that nothing written meanwhile can make a difference.
    """
    kept, counted = _read(session, deployment_id), recount(session, deployment_id)
    return [
        Difference(place[1], place[2], name, kept.get(place, Counter())[name], counted.get(place, Counter())[name])
        for place in sorted({*kept, *counted})
        for name in COUNTED
        if kept.get(place, Counter())[name] != counted.get(place, Counter())[name]
    ]


def repair_counters(session: Session, deployment: Deployment, *, actor: Actor, now: datetime) -> list[Difference]:
    """Set the counters to what a recount finds while nobody writes; return what was wrong."""
    assert deployment.id is not None
    lock_deployment(session, deployment.id)
    found = compare_counters(session, deployment.id)
    deltas: dict[Place, Numbers] = {}
    for row in found:
        place = (deployment.id, row.locale, row.record_key)
        deltas.setdefault(place, Counter())[row.name] = row.counted - row.kept
    add_numbers(session, deltas)
    if found:
        write_audit(
            session, actor, "progress.recount", now,
            deployment_id=deployment.id, subject=deployment.slug, detail={"differences": len(found)},
        )  # fmt: skip
    return found


def _read(session: Session, deployment_id: int) -> dict[Place, Numbers]:
    columns = (getattr(TextCounter, name) for name in ("locale", "record_key", *COUNTED))
    query = select(*columns).where(TextCounter.deployment_id == deployment_id)
    return {
        (deployment_id, locale, record): Counter(dict(zip(COUNTED, values, strict=True)))
        for locale, record, *values in session.exec(query)
    }


def recount(session: Session, deployment_id: int) -> dict[Place, Numbers]:
    """Return what the counters of a deployment have to be, from every one of its texts."""
    source = (
        select(Unit.record_key, func.count(), func.sum(col(Unit.words)))
        .where(in_scope(deployment_id))
        .group_by(col(Unit.record_key))
    )
    counted: dict[Place, Numbers] = {
        (deployment_id, "", record): Counter({"units": units, "words": int(words)})
        for record, units, words in session.exec(source)
    }
    for locale, record, *values in session.exec(_texts(deployment_id)):
        counted[deployment_id, locale, record] = Counter(
            {name: int(value) for name, value in zip(COUNTED[2:], values, strict=True)}
        )
    return counted


# A second way to the same numbers as service.catalog.rules.counting: each proves the other.
def _texts(deployment_id: int):  # type: ignore[no-untyped-def]
    conflict = (
        select(Conflict.id)
        .where(
            col(Conflict.unit_id) == Unit.id,
            col(Conflict.locale) == Translation.locale,
            col(Conflict.resolved_at).is_(None),
        )
        .exists()
    )
    looked_at = (
        select(
            Translation.locale,
            Unit.record_key,
            Unit.words,
            Translation.state,
            Translation.blocked,
            (col(Translation.warnings) > 0).label("warned"),
            conflict.label("conflict"),
        )  # type: ignore[call-overload]  # sqlmodel types select() up to four columns
        .join(Unit, col(Unit.id) == Translation.unit_id)
        .where(in_scope(deployment_id))
        .cte("looked_at")
        .prefix_with("MATERIALIZED")
    )
    text = looked_at.c

    def number(condition: ColumnElement[bool], what: ColumnElement[int] | int = 1) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((condition, what), else_=0)), 0)

    waiting = or_(text.state.in_([State(state) for state in WAITING]), text.conflict)
    columns = [
        each
        for state in (State.TRANSLATED, State.STALE, State.REJECTED, State.APPROVED)
        for each in (number(text.state == state), number(text.state == state, text.words))
    ]
    columns += [number(waiting), number(waiting, text.words)]
    columns += [number(text.blocked), number(text.warned), number(or_(text.blocked, text.warned))]
    columns += [number(text.conflict)]
    return select(text.locale, text.record_key, *columns).group_by(text.locale, text.record_key)
