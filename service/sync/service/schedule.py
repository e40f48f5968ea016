"""Pulling by itself: every few minutes what moved, once a day everything, so that nothing stays unseen."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, or_, select

from service.db import Database
from service.deployments.models import Deployment, DeploymentLocale
from service.jobs.leases import hold_lease
from service.jobs.service import enqueue_job
from service.sync.models import PushedResource, SyncSchedule

LEASE = timedelta(minutes=2)
WHOLE_EVERY = timedelta(days=1)
_NAME = "schedule"


def queue_due_pulls(
    database: Database,
    *,
    owner: str,
    now: datetime,
    every: timedelta,
    shared_token: bool,
    chance: Callable[[], float],
) -> int:
    """Queue a pull for each deployment whose time has come; return how many were queued.

    A deployment is pulled by itself when it is not archived, has a project, a token, a mapped language and something
    on Transifex. One that has a pull queued or running gets no second one.

    Args:
        database: where deployments and jobs are.
        owner: names the process; one at a time does this for all.
        now: the time.
        every: the time between two pulls of a deployment, give or take a tenth, so that not all come at once.
        shared_token: whether there is a token for deployments without one of their own.
        chance: returns a number from 0 up to 1.
    """
    with database.read() as session:
        if not _find_due(session, now, every, shared_token):
            return 0
    with database.write() as session:
        if not hold_lease(session, _NAME, owner, now=now, span=LEASE):
            return 0
        due = _find_due(session, now, every, shared_token)
        return sum(_queue(session, deployment, row, now, every, chance()) for deployment, row in due)


def _find_due(
    session: Session, now: datetime, every: timedelta, shared_token: bool
) -> Sequence[tuple[Deployment, SyncSchedule | None]]:
    pushed = select(PushedResource.id).where(PushedResource.deployment_id == Deployment.id).exists()
    mapped = (
        select(DeploymentLocale.id)
        .where(DeploymentLocale.deployment_id == Deployment.id, col(DeploymentLocale.transifex_language).is_not(None))
        .exists()
    )
    query = (
        select(Deployment, SyncSchedule)
        .outerjoin(SyncSchedule, col(SyncSchedule.deployment_id) == Deployment.id)
        .where(col(Deployment.archived_at).is_(None), col(Deployment.transifex_project).is_not(None), pushed, mapped)
        # One that lies too far ahead was planned when pulls were to come less often.
        .where(
            or_(
                col(SyncSchedule.next_at).is_(None),
                col(SyncSchedule.next_at) <= now,
                col(SyncSchedule.next_at) > now + 2 * every,
            )
        )
        .order_by(col(Deployment.id))
    )
    if not shared_token:
        query = query.where(col(Deployment.transifex_token).is_not(None))
    return [(deployment, row) for deployment, row in session.exec(query).all()]


def _queue(
    session: Session, deployment: Deployment, row: SyncSchedule | None, now: datetime, every: timedelta, chance: float
) -> bool:
    assert deployment.id is not None
    if row is None:
        first = now + every * (0.5 + 0.5 * chance)
        session.add(SyncSchedule(deployment_id=deployment.id, next_at=first, everything_at=now))
        return False
    due = row.next_at <= now
    row.next_at = now + every * (0.9 + 0.2 * chance)
    session.add(row)
    if not due:
        return False
    whole = now - row.everything_at >= WHOLE_EVERY
    arguments = {"slug": deployment.slug, "everything": whole, "scheduled": now.isoformat()}
    job = enqueue_job(session, "pull", deployment_id=deployment.id, arguments=arguments, person_id=None, now=now)
    queued = job.arguments.get("scheduled") == arguments["scheduled"]
    if queued and whole:
        row.everything_at = now
    return queued
