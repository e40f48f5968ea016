"""Exchanging by itself: every few minutes a pull of what moved, and a push where something changed here.

Once a day everything is pulled, so that nothing stays unseen.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func
from sqlmodel import Session, col, or_, select

from service.audit.models import AuditEntry
from service.catalog.models import OutboxRow, Unit
from service.db import Database
from service.deployments.models import Deployment, DeploymentLocale
from service.jobs.leases import hold_lease
from service.jobs.models import Job, JobState
from service.jobs.service import enqueue_job
from service.sync.models import PushedResource, Question, QuestionReply, RunKind, SyncSchedule
from service.sync.queries import find_last_push
from service.sync.rules.timing import LastPush, is_push_due

LEASE = timedelta(minutes=2)
WHOLE_EVERY = timedelta(days=1)
_NAME = "schedule"

_CHOOSING = ("source.", "scope.", "wording.", "deployment.locales", "deployment.connect")
"""How the audit calls what decides which texts are translated."""


def queue_due_syncs(
    database: Database,
    *,
    owner: str,
    now: datetime,
    every: timedelta,
    shared_token: bool,
    chance: Callable[[], float],
) -> int:
    """Queue a pull for each deployment whose time has come, and a push where one is due; return how many were queued.

    A deployment is pulled by itself when it is not archived, has a project, a token, a mapped language and something
    on Transifex. One that has a pull queued or running gets no second one. A push stops, as any other, before it would
    delete much.

    Args:
        database: where deployments and jobs are.
        owner: names the process; one at a time does this for all.
        now: the time.
        every: the time between two exchanges of a deployment, give or take a tenth, so that not all come at once.
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
) -> int:
    assert deployment.id is not None
    if row is None:
        first = now + every * (0.5 + 0.5 * chance)
        session.add(SyncSchedule(deployment_id=deployment.id, next_at=first, everything_at=now))
        return 0
    due = row.next_at <= now
    row.next_at = now + every * (0.9 + 0.2 * chance)
    session.add(row)
    if not due:
        return 0
    whole = now - row.everything_at >= WHOLE_EVERY or _whole_failed(session, deployment.id)
    queued = _enqueue(session, deployment, RunKind.PULL, now, everything=whole)
    if queued and whole:
        row.everything_at = now
    if deployment.push_by_itself and _is_push_due(session, deployment.id, now):
        queued += _enqueue(session, deployment, RunKind.PUSH, now)
    return queued


def _whole_failed(session: Session, deployment_id: int) -> bool:
    """Return whether the last pull was to compare everything and failed: it is made up for, not left for a day."""
    query = select(Job).where(Job.deployment_id == deployment_id, Job.kind == RunKind.PULL.value)
    last = session.exec(query.order_by(col(Job.id).desc()).limit(1)).first()
    return last is not None and last.state is JobState.FAILED and bool(last.arguments.get("everything"))


def _enqueue(session: Session, deployment: Deployment, kind: RunKind, now: datetime, **more: bool) -> int:
    """Queue a job; return 0 where there is one already, else 1."""
    assert deployment.id is not None
    arguments = {"slug": deployment.slug, **more, "scheduled": now.isoformat()}
    job = enqueue_job(session, kind.value, deployment_id=deployment.id, arguments=arguments, person_id=None, now=now)
    return int(job.arguments.get("scheduled") == arguments["scheduled"])


def _is_push_due(session: Session, deployment_id: int, now: datetime) -> bool:
    run = find_last_push(session, deployment_id)
    done = select(func.max(AuditEntry.at)).where(AuditEntry.deployment_id == deployment_id)
    decided = select(func.max(OutboxRow.created_at)).join(Unit, col(Unit.id) == OutboxRow.unit_id)
    replied = select(func.max(QuestionReply.created_at)).join(Question, col(Question.id) == QuestionReply.question_id)
    changes = [
        # What a sync did itself is nothing new to it.
        session.exec(done.where(col(AuditEntry.action).not_like("sync.%"))).one(),
        session.exec(decided.where(Unit.deployment_id == deployment_id)).one(),
        session.exec(replied.where(Question.deployment_id == deployment_id)).one(),
    ]
    chosen = done.where(or_(*(col(AuditEntry.action).startswith(name, autoescape=True) for name in _CHOOSING)))
    return is_push_due(
        None if run is None else LastPush(run.started_at, run.ended_at, run.state),
        changed_at=max((moment for moment in changes if moment is not None), default=None),
        chosen_at=session.exec(chosen).one(),
        now=now,
    )
