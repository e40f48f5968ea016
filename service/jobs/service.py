"""The ledger of long work: who runs what, how far it is, and what to do when the one who ran it is gone.

A job is queued as a row. A worker claims it under a lease that its progress renews; a lease that ends without renewal
means that the worker died, and the job is claimed again, so every job must be safe to run twice.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, or_, select

from service.errors import NotFound
from service.jobs.models import Job, JobState

LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 5
_ACTIVE = (JobState.QUEUED, JobState.RUNNING)


def enqueue_job(
    session: Session,
    kind: str,
    *,
    deployment_id: int,
    arguments: Mapping[str, Any],
    person_id: str | None,
    now: datetime,
) -> Job:
    """Queue a job, or return the one of this kind that the deployment has queued or running already."""
    active = _find_active(session, kind, deployment_id)
    if active is not None:
        return active
    job = Job(
        kind=kind,
        deployment_id=deployment_id,
        arguments=dict(arguments),
        person_id=person_id,
        state=JobState.QUEUED,
        created_at=now,
    )
    try:
        with session.begin_nested():
            session.add(job)
            session.flush()
    except IntegrityError:
        # Another request queued one in the same moment.
        active = _find_active(session, kind, deployment_id)
        if active is None:
            raise
        return active
    return job


def _find_active(session: Session, kind: str, deployment_id: int) -> Job | None:
    query = select(Job).where(
        Job.kind == kind, Job.deployment_id == deployment_id, col(Job.state).in_([state.value for state in _ACTIVE])
    )
    return session.exec(query).first()


def get_job(session: Session, job_id: int) -> Job:
    """Return the job.

    Raises:
        NotFound: there is none with this id.
    """
    job = session.get(Job, job_id)
    if job is None:
        raise NotFound(f"There is no job {job_id}.")
    return job


def claim_job(session: Session, owner: str, *, kinds: Collection[str], now: datetime) -> Job | None:
    """Take the oldest job that waits, or whose worker's lease ended; None when there is none."""
    due = or_(
        col(Job.state) == JobState.QUEUED,
        (col(Job.state) == JobState.RUNNING) & (col(Job.lease_until) < now),
    )
    query = select(Job).where(due, col(Job.kind).in_(kinds)).order_by(col(Job.id)).limit(1)
    job = session.exec(query.with_for_update(skip_locked=True)).first()
    if job is None:
        return None
    if job.attempts >= MAX_ATTEMPTS:
        _end(job, JobState.FAILED, now, message=f"It was given up after {job.attempts} workers died on it.")
        session.add(job)
        return None
    job.state = JobState.RUNNING
    job.owner = owner
    job.attempts += 1
    job.lease_until = now + LEASE
    session.add(job)
    session.flush()
    return job


def renew_job(session: Session, job_id: int, owner: str, *, done: int, total: int, now: datetime) -> bool:
    """Record progress and keep the lease; return False when the job has been taken over, so that its worker stops."""
    job = session.get(Job, job_id, with_for_update=True)
    if job is None or job.owner != owner or job.state is not JobState.RUNNING:
        return False
    job.done, job.total = done, total
    job.lease_until = now + LEASE
    session.add(job)
    return True


def finish_job(
    session: Session,
    job_id: int,
    owner: str,
    *,
    result: Mapping[str, Any] | None,
    message: str,
    failed: bool,
    now: datetime,
) -> bool:
    """End a job with its result or its failure; return False when it has been taken over by another worker."""
    job = session.get(Job, job_id, with_for_update=True)
    if job is None or job.owner != owner or job.state is not JobState.RUNNING:
        return False
    job.result = dict(result) if result is not None else None
    _end(job, JobState.FAILED if failed else JobState.DONE, now, message=message)
    session.add(job)
    return True


def _end(job: Job, state: JobState, now: datetime, *, message: str) -> None:
    job.state = state
    job.message = message[:2000]
    job.lease_until = None
    job.ended_at = now
