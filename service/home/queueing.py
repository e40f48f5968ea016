"""Queueing what a page or a program asks for: the same again is the job that is there, something else has to wait."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session

from service.auth.rules import Identity
from service.deployments.models import Deployment
from service.errors import Refused
from service.jobs.models import Job
from service.jobs.service import enqueue_job


def queue_job(
    session: Session,
    identity: Identity,
    deployment: Deployment,
    kind: str,
    arguments: Mapping[str, Any],
    now: datetime,
    *,
    what: str,
) -> Job:
    """Queue a job, or return the one that waits or runs with the very same arguments.

    Args:
        session: the transaction.
        identity: who asks.
        deployment: of which.
        kind: of the job.
        arguments: everything that tells it from another one.
        now: the time.
        what: the job that is there in words, at the start of a sentence, its arguments in braces: "Another apply",
            "A release of {locale}".

    Raises:
        Refused: another one of the kind waits or runs in the deployment.
    """
    assert deployment.id is not None
    wanted = {"slug": deployment.slug, **arguments}
    job = enqueue_job(
        session, kind, deployment_id=deployment.id, arguments=wanted, person_id=identity.person_id, now=now
    )
    if any(job.arguments.get(name) != value for name, value in wanted.items()):
        raise Refused(
            f"{what.format_map(job.arguments)} of {deployment.slug!r} waits or runs (job {job.id}): wait until it has "
            "ended, then ask again."
        )
    return job
