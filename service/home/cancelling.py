"""Cancelling a job: it takes what it took to ask for one of its kind."""

from service.auth.rules import Identity, Permission
from service.home.instance_jobs import APPLY, CHECK, DIFF, ROLLBACK
from service.home.releasing import RELEASE
from service.jobs.models import Job

_NEEDED = {
    RELEASE: Permission.BUNDLE_BUILD,
    CHECK: Permission.INSTANCE_MANAGE,
    DIFF: Permission.INSTANCE_MANAGE,
    APPLY: Permission.BUNDLE_APPLY,
    ROLLBACK: Permission.BUNDLE_APPLY,
}


def _needed(job: Job) -> tuple[Permission, str | None]:
    """Return the permission, and the language that it is needed in, None where the job is of no single one."""
    locale = job.arguments.get("locale")
    return _NEEDED.get(job.kind, Permission.SYNC_RUN), str(locale) if locale else None


def may_cancel(identity: Identity, job: Job) -> bool:
    """Return whether somebody may cancel the job."""
    return identity.may(_needed(job)[0], job.deployment_id, _needed(job)[1])


def require_cancel(identity: Identity, job: Job) -> None:
    """Do nothing where somebody may cancel the job.

    Raises:
        NotFound: the deployment may not even be seen.
        NotPermitted: the job may be seen, and not cancelled.
    """
    permission, locale = _needed(job)
    identity.require(permission, job.deployment_id, locale)
