"""Making a release, as a job or on the command line: where its way to Transifex is made."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session

from service.audit.service import Actor
from service.auth.rules import Identity
from service.bundles.models import Release
from service.bundles.reading import Target
from service.bundles.reconciling import Reconciler
from service.bundles.rules.gate import Policy
from service.bundles.service import BuildOptions
from service.bundles.service.releasing import ReleaseOrder, create_release
from service.deployments.client import open_transifex
from service.deployments.models import Deployment
from service.home.queueing import queue_job
from service.jobs.models import Job
from service.jobs.runner import Progress
from service.sync.service.runs import Progress as SyncProgress
from service.sync.service.runs import no_progress
from service.version import VERSION
from service.web.resources import Resources

RELEASE = "release"
"""The kind of job that makes a release."""

LONGEST_REASON = 500
"""Characters of the reason for which something is let pass."""


def make_release(
    resources: Resources,
    order: ReleaseOrder,
    *,
    job: Job | None = None,
    on_progress: SyncProgress = no_progress,
    target: Target | None = None,
) -> Release:
    """Compare the locale with Transifex, then freeze what is approved; raises as :func:`create_release`."""
    reconciler = Reconciler(
        database=resources.database,
        open_client=lambda deployment: open_transifex(
            resources.settings,
            deployment,
            resources.secrets,
            resources.transifex_transport,
            database=resources.database,
        ),
        clock=resources.clock,
        new_id=resources.new_id,
        own_user=resources.settings.transifex_user,
        job=job,
        on_progress=on_progress,
    )
    slug, locale = order.deployment_slug, order.locale
    return create_release(
        resources.database,
        resources.secrets,
        order,
        reconcile=lambda: reconciler.reconcile(slug, locale, order.actor),
        last_reconciled=lambda: reconciler.find_last(slug, locale),
        clock=resources.clock,
        version=VERSION,
        target=target,
    )


def queue_release(
    session: Session,
    identity: Identity,
    deployment: Deployment,
    locale: str,
    options: BuildOptions,
    now: datetime,
) -> Job:
    """Queue the making of a release.

    Raises:
        Refused: another one of the deployment waits or runs.
    """
    arguments = {
        "locale": locale,
        "policy": options.policy.value,
        "partial_options": options.partial_options,
        "require_complete": options.require_complete,
        "allow": options.allow,
    }
    return queue_job(session, identity, deployment, RELEASE, arguments, now, what="A release of {locale}")


def run_release_job(resources: Resources, job: Job, progress: Progress) -> Mapping[str, Any]:
    """Make the release that a job asks for; return what it is."""
    arguments = job.arguments
    options = BuildOptions(
        policy=Policy(arguments["policy"]),
        partial_options=bool(arguments["partial_options"]),
        require_complete=bool(arguments["require_complete"]),
        allow=str(arguments["allow"]),
    )
    order = ReleaseOrder(arguments["slug"], arguments["locale"], options, Actor("worker", job.person_id), job_id=job.id)
    release = make_release(
        resources, order, job=job, on_progress=lambda done, total, _what: progress(done, total)
    )  # fmt: skip
    return {"locale": release.locale, "number": release.number, "sha256": release.sha256, "name": release.name}
