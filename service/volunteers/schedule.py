"""Looking at the teams on Transifex by itself: once a day in each deployment that is connected."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, or_, select

from service.db import Database
from service.deployments.models import Deployment, DeploymentLocale
from service.jobs.leases import hold_lease
from service.jobs.service import enqueue_job
from service.volunteers.models import TeamSchedule
from service.volunteers.tasks import KIND

EVERY = timedelta(days=1)
LEASE = timedelta(minutes=2)
_NAME = "teams"


def queue_due_looks(
    database: Database, *, owner: str, now: datetime, shared_token: bool, chance: Callable[[], float]
) -> int:
    """Queue a look at the team of each deployment whose time has come; return how many were queued.

    A deployment is looked at when it is not archived, and has a project, a token and a mapped language. The first look
    comes within an hour, so that not all come at once.

    Args:
        database: where deployments and jobs are.
        owner: names the process; one at a time does this for all.
        now: the time.
        shared_token: whether there is a token for deployments without one of their own.
        chance: returns a number from 0 up to 1.
    """
    with database.read() as session:
        if not _find_due(session, now, shared_token):
            return 0
    with database.write() as session:
        if not hold_lease(session, _NAME, owner, now=now, span=LEASE):
            return 0
        due = _find_due(session, now, shared_token)
        return sum(_queue(session, deployment, row, now, chance()) for deployment, row in due)


def _find_due(session: Session, now: datetime, shared_token: bool) -> Sequence[tuple[Deployment, TeamSchedule | None]]:
    mapped = (
        select(DeploymentLocale.id)
        .where(DeploymentLocale.deployment_id == Deployment.id, col(DeploymentLocale.transifex_language).is_not(None))
        .exists()
    )
    query = (
        select(Deployment, TeamSchedule)
        .outerjoin(TeamSchedule, col(TeamSchedule.deployment_id) == Deployment.id)
        .where(col(Deployment.archived_at).is_(None), col(Deployment.transifex_project).is_not(None), mapped)
        .where(or_(col(TeamSchedule.next_at).is_(None), col(TeamSchedule.next_at) <= now))
        .order_by(col(Deployment.id))
    )
    if not shared_token:
        query = query.where(col(Deployment.transifex_token).is_not(None))
    return [(deployment, row) for deployment, row in session.exec(query).all()]


def _queue(session: Session, deployment: Deployment, row: TeamSchedule | None, now: datetime, chance: float) -> int:
    assert deployment.id is not None
    if row is None:
        session.add(TeamSchedule(deployment_id=deployment.id, next_at=now + timedelta(hours=1) * chance))
        return 0
    row.next_at = now + EVERY * (0.95 + 0.1 * chance)
    session.add(row)
    arguments = {"slug": deployment.slug, "scheduled": now.isoformat()}
    job = enqueue_job(session, KIND, deployment_id=deployment.id, arguments=arguments, person_id=None, now=now)
    return int(job.arguments.get("scheduled") == arguments["scheduled"])
