"""Importing a source as a snapshot, and making an older snapshot current again."""

import hashlib
import zlib
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import defer
from sqlmodel import Session, col, select

from extractors.catalog_json import catalog_json, parse_catalog_json, parse_catalog_records
from extractors.texts import text_hash
from extractors.units import Catalog, Record
from extractors.units import Unit as SourceUnit
from service.audit.service import Actor, write_audit
from service.catalog.models import Snapshot, Translation, Unit
from service.catalog.plan import KnownUnit, SourcePlan, count_record_types, plan_source
from service.catalog.rules.carrier import find_carrier, find_tagged_sets
from service.catalog.service.locks import lock_deployment
from service.catalog.service.scope import as_rule, list_rules, unit_scope, write_scope
from service.catalog.service.states import refresh_states, translation_ids_of
from service.catalog.service.texts import store_texts
from service.catalog.service.wording_terms import load_wording
from service.deployments.models import Deployment
from service.errors import NotFound, Refused

_CHUNK = 500
# Megabytes, which pages have no use for.
_WITHOUT_BULK = tuple(defer(getattr(Snapshot, name)) for name in ("catalog", "problems"))


@dataclass(frozen=True, slots=True)
class ImportedSource:
    """What an import did. ``snapshot`` is None when nothing was stored: a dry run, or the same source again."""

    plan: SourcePlan
    snapshot: Snapshot | None
    same: bool = False


def find_current_snapshot(session: Session, deployment_id: int) -> Snapshot | None:
    """Return the snapshot in use, or None before the first import."""
    query = select(Snapshot).where(Snapshot.deployment_id == deployment_id, col(Snapshot.is_current))
    return session.exec(query).first()


def find_current_snapshots(session: Session, deployment_ids: Collection[int]) -> dict[int, Snapshot]:
    """Return the snapshot in use of each deployment that has one, without its catalog and problems.

    These are read, within the session, when somebody looks at them.
    """
    query = select(Snapshot).where(col(Snapshot.deployment_id).in_(deployment_ids), col(Snapshot.is_current))
    return {row.deployment_id: row for row in session.exec(query.options(*_WITHOUT_BULK))}


def list_snapshots(session: Session, deployment_id: int) -> Sequence[Snapshot]:
    """Return the deployment's snapshots, newest first."""
    query = select(Snapshot).where(Snapshot.deployment_id == deployment_id)
    return session.exec(query.order_by(col(Snapshot.number).desc())).all()


def read_catalog(snapshot: Snapshot) -> Catalog:
    """Return the catalog that the snapshot keeps."""
    return parse_catalog_json(zlib.decompress(snapshot.catalog))


def read_records(snapshot: Snapshot) -> tuple[Record, ...]:
    """Return the forms and lookups of the catalog that the snapshot keeps, without their texts."""
    return parse_catalog_records(zlib.decompress(snapshot.catalog))


def plan_import(session: Session, deployment: Deployment, catalog: Catalog) -> SourcePlan:
    """Return what importing the catalog would do, without doing it."""
    assert deployment.id is not None
    snapshot = find_current_snapshot(session, deployment.id)
    old_types = count_record_types(read_catalog(snapshot)) if snapshot else {}
    return plan_source(
        (
            KnownUnit(unit.key, unit.source, unit.source_hash, unit.retired)
            for unit in _list_units(session, deployment.id)
        ),
        [(unit, text_hash(unit.source)) for unit in catalog.translatable()],
        old_types=old_types,
        new_types=count_record_types(catalog),
    )


def import_snapshot(
    session: Session,
    deployment: Deployment,
    catalog: Catalog,
    *,
    origin: str,
    allow_removals: bool,
    actor: Actor,
    now: datetime,
) -> ImportedSource:
    """Store the catalog as the current snapshot, and bring the units in line with it.

    The texts of other locales found in it are not written here: they enter as every new text does.

    Raises:
        Refused: it would retire too much or change the record types, and removals are not allowed.
    """
    assert deployment.id is not None
    lock_deployment(session, deployment.id)
    data = catalog_json(catalog)
    digest = hashlib.sha256(data).hexdigest()
    plan = plan_import(session, deployment, catalog)
    current = find_current_snapshot(session, deployment.id)
    if current is not None and current.source_hash == digest:
        return ImportedSource(plan, None, same=True)
    if plan.objections and not allow_removals:
        raise Refused(
            f"The import was stopped, because {' and '.join(plan.objections)}: look at it with --dry-run, then repeat "
            "it with --allow-removals if that is meant.",
            details={"objections": list(plan.objections), **plan.counts()},
        )
    numbers = [snapshot.number for snapshot in list_snapshots(session, deployment.id)]
    snapshot = Snapshot(
        deployment_id=deployment.id,
        number=max(numbers, default=0) + 1,
        origin=origin[:500],
        format=catalog.format,
        source_hash=digest,
        catalog=zlib.compress(data, 6),
        unit_count=sum(1 for _ in catalog.translatable()),
        problems=[asdict(problem) for problem in catalog.problems],
        imported_at=now,
        person_id=actor.person_id,
    )
    _make_current(session, snapshot, current)
    _apply(session, deployment.id, catalog, plan, now)
    detail = {"number": snapshot.number, "problems": len(catalog.problems), **plan.counts()}
    write_audit(
        session, actor, "source.import", now, deployment_id=deployment.id, subject=snapshot.origin, detail=detail
    )
    return ImportedSource(plan, snapshot)


def activate_snapshot(
    session: Session, deployment: Deployment, number: int, *, actor: Actor, now: datetime
) -> SourcePlan:
    """Make an older snapshot current again; return what that changed.

    Raises:
        NotFound: the deployment has no snapshot with this number.
        Refused: it is current already.
    """
    assert deployment.id is not None
    lock_deployment(session, deployment.id)
    found = {snapshot.number: snapshot for snapshot in list_snapshots(session, deployment.id)}
    if number not in found:
        raise NotFound(
            f"The deployment {deployment.slug!r} has no snapshot {number}; it has {', '.join(map(str, sorted(found)))}."
        )
    snapshot = found[number]
    if snapshot.is_current:
        raise Refused(f"Snapshot {number} of {deployment.slug!r} is the current one already.")
    catalog = read_catalog(snapshot)
    plan = plan_import(session, deployment, catalog)
    _make_current(session, snapshot, find_current_snapshot(session, deployment.id))
    _apply(session, deployment.id, catalog, plan, now)
    write_audit(
        session, actor, "source.activate", now,
        deployment_id=deployment.id, subject=str(number), detail=plan.counts(),
    )  # fmt: skip
    return plan


def _make_current(session: Session, snapshot: Snapshot, previous: Snapshot | None) -> None:
    if previous is not None:
        previous.is_current = False
        session.add(previous)
        # At most one may be current at any moment: the old one goes first.
        session.flush()
    snapshot.is_current = True
    session.add(snapshot)
    session.flush()


def _list_units(session: Session, deployment_id: int) -> Sequence[Unit]:
    query = select(Unit).where(Unit.deployment_id == deployment_id)
    return session.exec(query.execution_options(populate_existing=True)).all()


def _apply(session: Session, deployment_id: int, catalog: Catalog, plan: SourcePlan, now: datetime) -> None:
    known = {unit.key: unit for unit in _list_units(session, deployment_id)}
    before = {key: unit.source_hash for key, unit in known.items()}
    rules = [as_rule(row) for row in list_rules(session, deployment_id)]
    wording = load_wording(session, deployment_id)
    tagged_sets = find_tagged_sets(catalog)
    incoming = list(catalog.translatable())
    store_texts(session, (unit.source for unit in incoming))
    touched: set[str] = {change.key for change in plan.changed} | set(plan.revived)
    rescoped: set[str] = set()
    for position, source in enumerate(incoming):
        key = str(source.key)
        unit = known.get(key)
        if unit is None:
            unit = _new_unit(deployment_id, source, now)
        _fill(unit, source, position, now)
        unit.carrier = find_carrier(source.key, tagged_sets).value
        if write_scope(unit, unit_scope(unit, rules, wording)):
            rescoped.add(key)
        session.add(unit)
    for key in plan.retired:
        known[key].retired = True
        known[key].changed_at = now
        session.add(known[key])
    session.flush()
    new_sets = {source.key.option_set for source in incoming if str(source.key) not in known}
    left = {before[key] for key in (*touched, *plan.retired) if key in before}
    _ask_for_checks(session, known.values(), {*touched, *plan.retired}, new_sets, left)
    ids = [known[key].id for key in touched | rescoped if key in known]
    refresh_states(session, translation_ids_of(session, (unit_id for unit_id in ids if unit_id is not None)))


def _ask_for_checks(
    session: Session, units: Collection[Unit], keys: set[str], new_sets: set[str | None], left: set[str]
) -> None:
    """Ask for a look at the texts whose findings may be others now.

    Texts are checked together with those of their option set, their form, and of equal source: one that changed, came
    or went may change what is found in them. ``left`` are the hashes of source texts that some unit no longer has.
    """
    sets = {unit.option_set for unit in units if unit.key in keys} | new_sets - {None}
    records = {unit.record_key for unit in units if unit.key in keys and unit.retired}
    ids = sorted(
        unit.id
        for unit in units
        if unit.id
        and (
            unit.key in keys
            or unit.source_hash in left
            or unit.record_key in records
            or (unit.option_set is not None and unit.option_set in sets)
        )
    )
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        session.exec(update(Translation).where(col(Translation.unit_id).in_(chunk)).values(checked_on=None))


def _new_unit(deployment_id: int, source: SourceUnit, now: datetime) -> Unit:
    return Unit(
        deployment_id=deployment_id,
        key=str(source.key),
        record_key=source.key.record_key,
        option_set=source.key.option_set,
        position=0,
        source=source.source,
        source_hash=text_hash(source.source),
        words=0,
        characters=0,
        created_at=now,
        changed_at=now,
    )


def _fill(unit: Unit, source: SourceUnit, position: int, now: datetime) -> None:
    new_hash = text_hash(source.source)
    if unit.retired or unit.source_hash != new_hash:
        unit.changed_at = now
    unit.source = source.source
    unit.source_hash = new_hash
    unit.position = position
    unit.context = {name: value for name, value in asdict(source.context).items() if value not in (None, (), False)}
    unit.words = source.words
    unit.characters = source.characters
    unit.retired = False
