"""Checking every text of a deployment again, when checks, switches, the glossary or the sensitive wording changed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session, col, select

from service.catalog.models import Translation, Unit
from service.catalog.service.locks import lock_units
from service.catalog.service.states import refresh_states
from service.catalog.service.wording import write_sensitivity
from service.checks.models import RecheckMark
from service.checks.service.checking import check_translations, find_outdated
from service.checks.service.conditions import deployment_fingerprint, load_conditions
from service.db import Database
from service.deployments.models import Deployment
from service.deployments.service import list_deployments, list_locales
from service.jobs.models import Job
from service.jobs.service import enqueue_job

KIND = "recheck"
_STEP = 300
"""Units a transaction: a few tenths of a second, so that nobody waits long to write."""

Progress = Callable[[int, int], None]


@dataclass(slots=True)
class RecheckReport:
    """What checking again did: texts looked at by locale, and units whose sensitivity followed the wording."""

    checked: dict[str, int] = field(default_factory=dict)
    tagged: int = 0
    untagged: int = 0


def queue_recheck(session: Session, deployment_id: int, *, person_id: str | None, now: datetime) -> Job:
    """Queue a job that checks again whatever was checked with something else than what is in force."""
    return enqueue_job(
        session, KIND, deployment_id=deployment_id, arguments={}, person_id=person_id, now=now, again=True
    )


def queue_due_rechecks(database: Database, *, now: datetime) -> int:
    """Queue a recheck of each deployment that was last checked with something else; return how many were queued.

    To be called when a worker starts: a new version of the service may have brought other checks.
    """
    with database.read() as session:
        due = _find_due(session)
    if not due:
        return 0
    with database.write() as session:
        for deployment_id in _find_due(session):
            enqueue_job(session, KIND, deployment_id=deployment_id, arguments={}, person_id=None, now=now)
    return len(due)


def _find_due(session: Session) -> list[int]:
    marks = {row.deployment_id: row.fingerprint for row in session.exec(select(RecheckMark))}
    return [
        deployment.id
        for deployment in list_deployments(session)
        if deployment.id is not None
        and deployment.archived_at is None
        and marks.get(deployment.id) != deployment_fingerprint(session, deployment)
    ]


def recheck(
    database: Database,
    deployment_id: int,
    *,
    clock: Callable[[], datetime],
    progress: Progress,
    locale: str | None = None,
    everything: bool = False,
) -> RecheckReport:
    """Bring sensitivity, findings and states of a deployment in line with what is in force, a few units at a time.

    Whatever was done stays done when it is stopped; the next call does the rest.

    Args:
        progress: called as ``progress(done, total)`` between two transactions; it may raise to stop.
        locale: this locale alone, without the sensitivity of units; None: all of the deployment.
        everything: look at every text again, whatever it was checked with before.
    """
    with database.read() as session:
        deployment = session.get_one(Deployment, deployment_id)
        fingerprint = deployment_fingerprint(session, deployment)
        units = _list_unit_ids(session, deployment_id) if locale is None else []
        names = [row.locale for row in list_locales(session, deployment) if locale in (None, row.locale)]
        texts = {name: _find_texts(session, deployment, name, everything=everything) for name in names}
    report = RecheckReport()
    total = len(units) + sum(len(ids) for ids in texts.values())
    done = 0
    for chunk in _chunks(units):
        progress(done, total)
        _write_sensitivity(database, deployment_id, chunk, report)
        done += len(chunk)
    for name, ids in texts.items():
        for chunk in _chunks(ids):
            progress(done, total)
            _recheck(database, deployment_id, name, chunk)
            done += len(chunk)
            report.checked[name] = report.checked.get(name, 0) + len(chunk)
    if locale is None:
        with database.write() as session:
            session.merge(RecheckMark(deployment_id=deployment_id, fingerprint=fingerprint, checked_at=clock()))
    progress(total, total)
    return report


def _list_unit_ids(session: Session, deployment_id: int) -> list[int]:
    query = select(Unit.id).where(Unit.deployment_id == deployment_id).order_by(col(Unit.id))
    return [number for number in session.exec(query) if number is not None]


def _find_texts(session: Session, deployment: Deployment, locale: str, *, everything: bool) -> list[int]:
    if not everything:
        return find_outdated(session, deployment, load_conditions(session, deployment, locale))
    query = (
        select(Translation.unit_id)
        .join(Unit, col(Unit.id) == Translation.unit_id)
        .where(Unit.deployment_id == deployment.id, Translation.locale == locale)
        .where(~col(Unit.retired), col(Translation.text).is_not(None))
        .order_by(col(Translation.unit_id))
    )
    return list(session.exec(query))


def _chunks(ids: Sequence[int]) -> list[Sequence[int]]:
    return [ids[start : start + _STEP] for start in range(0, len(ids), _STEP)]


def _write_sensitivity(database: Database, deployment_id: int, ids: Sequence[int], report: RecheckReport) -> None:
    with database.write() as session:
        effect = write_sensitivity(session, deployment_id, _lock(session, deployment_id, ids))
    report.tagged += effect.tagged
    report.untagged += effect.untagged


def _recheck(database: Database, deployment_id: int, locale: str, ids: Sequence[int]) -> None:
    with database.write() as session:
        deployment = session.get_one(Deployment, deployment_id)
        _lock(session, deployment_id, ids)
        refresh_states(session, check_translations(session, deployment, locale, ids))


def _lock(session: Session, deployment_id: int, ids: Sequence[int]) -> Sequence[Unit]:
    keys = session.exec(select(Unit.key).where(col(Unit.id).in_(ids))).all()
    lock_units(session, deployment_id, keys)
    return session.exec(select(Unit).where(col(Unit.id).in_(ids)).execution_options(populate_existing=True)).all()
