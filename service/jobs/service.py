"""The ledger of long work: who runs what, how far it is, and what to do when the one who ran it is gone.

A job is queued as a row. A worker claims it under a lease that it keeps renewing; a lease that ends without renewal
means that the worker died, and the job is claimed again, so every job must be safe to run twice. Jobs of one deployment
run one after another.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, or_, select

from service.db import tell_after_commit
from service.errors import NotFound, Refused
from service.jobs.models import Job, JobState
from service.tally.service import JOBS, count

LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 5
UNDER_WAY = (JobState.RUNNING, JobState.CANCELLING)
ACTIVE = (JobState.QUEUED, *UNDER_WAY)
_CLAIMING = 7206172
"""The number of PostgreSQL's advisory lock under which jobs are claimed."""
_TRIES = 3
_MESSAGE = 2000
_AGAIN = "again"
CANCELLED = "It was cancelled; what was done until then is kept."


def enqueue_job(
    session: Session,
    kind: str,
    *,
    deployment_id: int,
    arguments: Mapping[str, Any],
    person_id: str | None,
    now: datetime,
    again: bool = False,
) -> Job:
    """Queue a job, or return the one of this kind that the deployment has queued or running already.

    ``again``: one that runs may have passed what this is about, so another follows it when it ends, with these
    arguments and not those of the one that runs.
    """
    for tries in reversed(range(_TRIES)):
        job = _find_active(session, kind, deployment_id)
        if job is not None:
            if again and job.state is not JobState.QUEUED:
                job.arguments = {**job.arguments, _AGAIN: dict(arguments)}
                session.add(job)
                session.flush()
            return job
        try:
            return _add(session, kind, deployment_id, arguments, person_id, now)
        except IntegrityError:
            # Another request queued one in the same moment; it may even have ended since.
            if not tries:
                raise
    raise AssertionError("the last try returns or raises")


def _add(
    session: Session, kind: str, deployment_id: int, arguments: Mapping[str, Any], person_id: str | None, now: datetime
) -> Job:
    job = Job(
        kind=kind,
        deployment_id=deployment_id,
        arguments=dict(arguments),
        person_id=person_id,
        state=JobState.QUEUED,
        created_at=now,
    )
    with session.begin_nested():
        session.add(job)
        session.flush()
    _wake(session, job)
    return job


def _wake(session: Session, job: Job) -> None:
    """Have a worker woken for a job that waits, once it can see the job."""
    assert job.id is not None
    tell_after_commit(session, job.id)


def _find_active(session: Session, kind: str, deployment_id: int) -> Job | None:
    query = select(Job).where(Job.kind == kind, Job.deployment_id == deployment_id, col(Job.state).in_(ACTIVE))
    # Who runs it may be about to end it.
    return session.exec(query.with_for_update()).first()


def get_job(session: Session, job_id: int) -> Job:
    """Return the job.

    Raises:
        NotFound: there is none with this id.
    """
    job = session.get(Job, job_id)
    if job is None:
        raise NotFound(f"There is no job {job_id}.")
    return job


def has_due_job(session: Session, *, kinds: Collection[str], now: datetime) -> bool:
    """Return whether :func:`claim_job` would find one; a question that disturbs no writer."""
    return session.exec(select(Job.id).where(_is_due(kinds, now)).limit(1)).first() is not None


def claim_job(session: Session, owner: str, *, kinds: Collection[str], now: datetime) -> Job | None:
    """Take a job that waits, or whose worker's lease ended; None when there is none.

    What a person asked for comes first, then the oldest.

    A job that so many workers died on that it must be the reason is ended as failed on the way.
    """
    if session.get_bind().dialect.name == "postgresql":
        # One claims at a time: whether another job of the deployment runs can be seen only once that claim is written.
        session.execute(select(func.pg_advisory_xact_lock(_CLAIMING)))
    # Somebody waits for what a person asked for; pulls by themselves can be many.
    asked_first = (col(Job.person_id).is_(None), col(Job.id))
    query = select(Job).where(_is_due(kinds, now)).order_by(*asked_first).limit(1).with_for_update(skip_locked=True)
    while (job := session.exec(query).first()) is not None and (
        job.state is JobState.CANCELLING or job.attempts >= MAX_ATTEMPTS
    ):
        if job.state is JobState.CANCELLING:
            _end(session, job, JobState.CANCELLED, now, message=CANCELLED)
        else:
            _end(
                session, job, JobState.FAILED, now, message=f"It was given up after {job.attempts} workers died on it."
            )
        session.add(job)
        session.flush()
    if job is None:
        return None
    job.state = JobState.RUNNING
    job.owner = owner
    job.attempts += 1
    job.lease_until = now + LEASE
    session.add(job)
    session.flush()
    return job


def _is_due(kinds: Collection[str], now: datetime) -> ColumnElement[bool]:
    other = aliased(Job)
    busy = (
        select(other.id)
        .where(
            other.deployment_id == Job.deployment_id,
            other.id != Job.id,
            col(other.state).in_(UNDER_WAY),
            col(other.lease_until) >= now,
        )
        .exists()
    )
    left = and_(col(Job.state).in_(UNDER_WAY), col(Job.lease_until) < now)
    return and_(col(Job.kind).in_(kinds), or_(col(Job.state) == JobState.QUEUED, left), ~busy)


def renew_job(
    session: Session, job_id: int, owner: str, *, now: datetime, progress: tuple[int, int] | None = None
) -> JobState | None:
    """Keep the lease and record ``progress`` (done, total).

    Return the job's state, running or cancelling, or None when another worker has taken it over.
    """
    job = _find_owned(session, job_id, owner)
    if job is None:
        return None
    if progress is not None:
        job.done, job.total = progress
    job.lease_until = now + LEASE
    session.add(job)
    return job.state


def cancel_job(session: Session, job_id: int, *, now: datetime) -> Job:
    """Have a job end: one that waits ends at once, one that runs before its next step; what was done is kept.

    Raises:
        NotFound: there is none with this id.
        Refused: it has ended.
    """
    job = session.get(Job, job_id, with_for_update=True)
    if job is None:
        raise NotFound(f"There is no job {job_id}.")
    if job.state not in ACTIVE:
        raise Refused(f"The job {job_id} has ended: there is nothing to cancel.")
    if job.state is JobState.QUEUED or not is_held(job, now):
        _end(session, job, JobState.CANCELLED, now, message=CANCELLED)
    else:
        job.state = JobState.CANCELLING
    session.add(job)
    session.flush()
    return job


def is_held(job: Job, now: datetime) -> bool:
    """Return whether a worker that is not known to be gone has the job."""
    return job.state in UNDER_WAY and job.lease_until is not None and job.lease_until >= now


def list_jobs(session: Session, deployment_id: int, *, kinds: Collection[str] = (), limit: int = 50) -> Sequence[Job]:
    """Return the deployment's latest jobs, of these kinds alone where some are named, newest first."""
    query = select(Job).where(Job.deployment_id == deployment_id)
    if kinds:
        query = query.where(col(Job.kind).in_(kinds))
    return session.exec(query.order_by(col(Job.id).desc()).limit(limit)).all()


def end_cancelled_job(session: Session, job_id: int, owner: str, *, now: datetime) -> bool:
    """End a job that stopped because it was cancelled; return False when another worker has taken it over."""
    job = _find_owned(session, job_id, owner)
    if job is None:
        return False
    _end(session, job, JobState.CANCELLED, now, message=CANCELLED)
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
    """End a job with its result or its failure; return False when another worker has taken it over."""
    job = _find_owned(session, job_id, owner)
    if job is None:
        return False
    job.result = dict(result) if result is not None else None
    _end(session, job, JobState.FAILED if failed else JobState.DONE, now, message=message)
    session.add(job)
    session.flush()
    follow = job.arguments.get(_AGAIN)
    if isinstance(follow, dict):
        enqueue_job(session, job.kind, deployment_id=job.deployment_id, arguments=follow, person_id=None, now=now)
    return True


def release_job(session: Session, job_id: int, owner: str, *, now: datetime) -> bool:
    """Queue a job again whose worker was told to stop; return False when another worker has taken it over."""
    job = _find_owned(session, job_id, owner)
    if job is None:
        return False
    if job.state is JobState.CANCELLING:
        return end_cancelled_job(session, job_id, owner, now=now)
    # Being told to stop says nothing against the job.
    job.attempts -= 1
    job.state, job.owner, job.lease_until = JobState.QUEUED, None, None
    session.add(job)
    _wake(session, job)
    return True


def _find_owned(session: Session, job_id: int, owner: str) -> Job | None:
    job = session.get(Job, job_id, with_for_update=True)
    return job if job is not None and job.owner == owner and job.state in UNDER_WAY else None


def _end(session: Session, job: Job, state: JobState, now: datetime, *, message: str) -> None:
    job.state = state
    job.message = message[:_MESSAGE]
    job.lease_until = None
    job.ended_at = now
    count(session, JOBS, job.kind, state.value)
