"""Exchange with Transifex as jobs, and the runs that came of it."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter
from sqlmodel import Session

from service.auth.dependencies import IdentityDep
from service.auth.rules import Identity, Permission
from service.catalog.access import open_deployment
from service.errors import NotFound
from service.home.cancelling import require_cancel
from service.home.schemas import JobAnswer, PushBody, RunAnswer
from service.jobs.models import Job
from service.jobs.service import cancel_job, enqueue_job, get_job
from service.sync.queries import list_runs
from service.web.paging import PageDep
from service.web.resources import NowDep, SessionDep

router = APIRouter(tags=["sync"])


def job_answer(job: Job) -> JobAnswer:
    """Return a job as the API shows it."""
    assert job.id is not None
    return JobAnswer(
        id=job.id,
        kind=job.kind,
        state=job.state,
        done=job.done,
        total=job.total,
        message=job.message,
        result=job.result,
    )


@router.post("/deployments/{slug}/push", status_code=202, summary="Push the source texts to Transifex")
def start_push(
    session: SessionDep, identity: IdentityDep, now: NowDep, slug: str, body: PushBody | None = None
) -> JobAnswer:
    """Queue a push; ask for the job until it is done. One of a kind runs at a time."""
    return _start(session, identity, now, slug, "push", {"allow_removals": (body or PushBody()).allow_removals})


@router.post("/deployments/{slug}/pull", status_code=202, summary="Pull what volunteers wrote on Transifex")
def start_pull(session: SessionDep, identity: IdentityDep, now: NowDep, slug: str) -> JobAnswer:
    """Queue a pull; ask for the job until it is done. One of a kind runs at a time."""
    return _start(session, identity, now, slug, "pull", {})


def _start(
    session: Session, identity: Identity, now: datetime, slug: str, kind: str, arguments: dict[str, Any]
) -> JobAnswer:
    deployment = open_deployment(session, identity, slug, Permission.SYNC_RUN)
    assert deployment.id is not None
    job = enqueue_job(
        session,
        kind,
        deployment_id=deployment.id,
        arguments={"slug": slug, **arguments},
        person_id=identity.person_id,
        now=now,
    )
    return job_answer(job)


@router.get("/jobs/{job_id}", summary="How far a job is")
def show_job(session: SessionDep, identity: IdentityDep, job_id: int) -> JobAnswer:
    """Return the job, if its deployment may be seen."""
    job = get_job(session, job_id)
    if not identity.can_see(job.deployment_id):
        raise NotFound(f"There is no job {job_id}.")
    return job_answer(job)


@router.post("/jobs/{job_id}/cancel", summary="Cancel a job")
def cancel(session: SessionDep, identity: IdentityDep, now: NowDep, job_id: int) -> JobAnswer:
    """End a job that waits at once, and one that runs before its next step; what was done is kept."""
    job = get_job(session, job_id)
    if not identity.can_see(job.deployment_id):
        raise NotFound(f"There is no job {job_id}.")
    require_cancel(identity, job)
    return job_answer(cancel_job(session, job_id, now=now))


@router.get("/deployments/{slug}/runs", summary="The last exchanges with Transifex")
def show_runs(session: SessionDep, identity: IdentityDep, page: PageDep, slug: str) -> list[RunAnswer]:
    """Return the runs, newest first."""
    deployment = open_deployment(session, identity, slug, Permission.DEPLOYMENT_VIEW, changing=False)
    assert deployment.id is not None
    return [
        RunAnswer(
            id=run.id or 0,
            kind=run.kind.value,
            state=run.state.value,
            started_at=run.started_at,
            ended_at=run.ended_at,
            requests=run.requests,
            message=run.message,
            outcome=run.outcome,
        )
        for run in page.first(
            list_runs(session, deployment.id, before=page.before_id, limit=page.limit + 1), lambda each: each.id
        )
    ]
