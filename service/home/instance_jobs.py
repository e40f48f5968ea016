"""What reads from or writes to a Primero instance for a page or the API: as jobs, by the command line's use cases."""

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlmodel import Session

from service.audit.service import Actor
from service.auth.rules import Identity
from service.bundles.models import Release
from service.bundles.reading import OpenBundle, read_bundle
from service.bundles.service.giving import get_release, require_served
from service.bundles.service.releasing import rebuild
from service.deployments.models import Deployment
from service.deployments.service import find_active_deployment, list_locales
from service.errors import NotFound
from service.home.places import read_live
from service.home.queueing import queue_job
from service.home.reading import read_uploaded_export
from service.jobs.models import Job
from service.jobs.runner import Progress
from service.primero.models import InstanceLook, InstanceRun, LookKind, PrimeroInstance
from service.primero.plan import Plan
from service.primero.rules.diffing import TextDiff, count_changes, diff_with_instance
from service.primero.service.applying import ApplyOptions, apply_bundle, plan_apply, refuse_bundle
from service.primero.service.checking import check_instance, visiting
from service.primero.service.looks import diff_data, keep_look, pack_content, plan_data
from service.primero.service.rolling_back import roll_back
from service.primero.service.runs import LEASE, InstanceBusy, InstanceReport, find_run
from service.web.resources import Resources

DIFF = "diff"
"""The kind of job that compares a release with an instance."""
APPLY = "apply"
"""The kind of job that gives a release to an instance, or shows what that would send."""
ROLLBACK = "rollback"
"""The kind of job that takes an apply back, or shows what that would send."""
CHECK = "check"
"""The kind of job that signs in to an instance and says what an apply would meet."""
KINDS = (DIFF, APPLY, ROLLBACK, CHECK)

_T = TypeVar("_T")


def queue_check(
    session: Session, identity: Identity, deployment: Deployment, instance: PrimeroInstance, now: datetime
) -> Job:
    """Queue a look at an instance: languages, account, rights. Raises as :func:`queue_apply`."""
    return _queue(session, identity, deployment, instance, CHECK, access_of(instance), now)


def access_of(instance: PrimeroInstance) -> dict[str, Any]:
    """Return how an instance is reached: what was found of it another way says nothing any more."""
    # Of what is encrypted, anew with each password: it tells nothing of the password itself.
    sealed = hashlib.sha256(instance.secret.encode()).hexdigest()[:16]
    return {"url": instance.url, "user": instance.username, "sign_in": instance.sign_in.value, "sealed": sealed}


def queue_diff(
    session: Session,
    identity: Identity,
    deployment: Deployment,
    release: Release,
    instance: PrimeroInstance,
    now: datetime,
) -> Job:
    """Queue the comparison of a release with an instance. Raises as :func:`queue_apply`."""
    arguments = {"locale": release.locale, "number": release.number}
    return _queue(session, identity, deployment, instance, DIFF, arguments, now)


def queue_apply(
    session: Session,
    identity: Identity,
    deployment: Deployment,
    release: Release,
    instance: PrimeroInstance,
    options: ApplyOptions,
    *,
    dry_run: bool,
    now: datetime,
) -> Job:
    """Queue an apply of a release; the same again goes on with one that was left unfinished.

    Raises:
        Refused: the release was withdrawn, or another job of this kind waits or runs in the deployment.
    """
    require_served(release)
    arguments = {"locale": release.locale, "number": release.number, "dry_run": dry_run, **options.as_json()}
    return _queue(session, identity, deployment, instance, APPLY, arguments, now)


def queue_rollback(
    session: Session,
    identity: Identity,
    deployment: Deployment,
    instance: PrimeroInstance,
    run: InstanceRun,
    only: Sequence[str],
    *,
    trust_account: bool,
    dry_run: bool,
    now: datetime,
) -> Job:
    """Queue the way back of an apply, whole or what matches ``only``. Raises as :func:`queue_apply`."""
    arguments = {
        "locale": run.locale, "run": run.id, "only": list(only), "trust_account": trust_account, "dry_run": dry_run,
    }  # fmt: skip
    return _queue(session, identity, deployment, instance, ROLLBACK, arguments, now)


def _queue(
    session: Session,
    identity: Identity,
    deployment: Deployment,
    instance: PrimeroInstance,
    kind: str,
    arguments: Mapping[str, Any],
    now: datetime,
) -> Job:
    wanted = {"instance": instance.name, "instance_id": instance.id, **arguments}
    return queue_job(session, identity, deployment, kind, wanted, now, what=f"Another {kind}")


def run_check_job(resources: Resources, job: Job, progress: Progress) -> Mapping[str, Any]:
    """Sign in to an instance and look around; return what an apply would meet."""
    progress(0, 1)
    with resources.database.read() as session:
        instance = _get_instance(session, job)
        languages = [one.locale for one in list_locales(session, session.get_one(Deployment, job.deployment_id))]
    checked = check_instance(resources, instance, languages)
    progress(1, 1)
    return checked.as_json()


def run_diff_job(resources: Resources, job: Job, progress: Progress) -> Mapping[str, Any]:
    """Compare a release with a live instance; return which look holds the outcome."""
    progress(0, 1)
    with resources.database.read() as session:
        release, opened = _open_release(session, job)
        instance = _get_instance(session, job)
    with visiting(resources, instance) as client:
        catalog = read_live(client, opened.manifest.source_locale)
    rows = diff_with_instance(opened, catalog)
    with resources.database.write() as session:
        look = keep_diff(
            session, release, rows, against=instance.name, instance=instance, actor=_actor(job), now=resources.clock()
        )
    progress(1, 1)
    return {"look": look.id, **look.counts}


def diff_with_export(
    session: Session, release: Release, data: bytes, name: str, *, actor: Actor, now: datetime
) -> InstanceLook:
    """Compare a release with an export that somebody hands in, and keep the outcome.

    Raises:
        BadInput: it cannot be read; the message says what to do.
    """
    opened = read_bundle(rebuild(session, release))
    catalog = read_uploaded_export(data, name, opened.manifest.source_locale)
    rows = diff_with_instance(opened, catalog)
    return keep_diff(session, release, rows, against=name, instance=None, actor=actor, now=now)


def keep_diff(
    session: Session,
    release: Release,
    rows: Sequence[TextDiff],
    *,
    against: str,
    instance: PrimeroInstance | None,
    actor: Actor,
    now: datetime,
) -> InstanceLook:
    """Keep a comparison of a release."""
    data = diff_data(release.locale, rows, count_changes(rows))
    look = InstanceLook(
        deployment_id=release.deployment_id,
        kind=LookKind.DIFF,
        locale=release.locale,
        release=release.number,
        against=against[:300],
        created_at=now,
        counts=data["counts"],
        instance_id=instance.id if instance else None,
        person_id=actor.person_id,
        content=pack_content(data),
    )
    return keep_look(session, look)


def run_apply_job(resources: Resources, job: Job, progress: Progress) -> Mapping[str, Any]:
    """Give a release to an instance, or show what that would send; return the run, or the look."""
    progress(0, 1)
    arguments = job.arguments
    with resources.database.read() as session:
        find_active_deployment(session, str(arguments["slug"]))
        release, opened = _open_release(session, job)
        require_served(release)
        instance = _get_instance(session, job)
    options = ApplyOptions(bool(arguments["partial_options"]), bool(arguments["trust_account"]))
    if arguments["dry_run"]:
        refuse_bundle(instance, opened)
        plan = plan_apply(resources, instance, opened, options)
        return _keep_plan(resources, job, instance, plan, LookKind.APPLY, release=release.number)
    report = _patiently(
        job,
        progress,
        lambda: apply_bundle(
            resources, instance, release.name, opened, options,
            actor=_actor(job), on_progress=lambda done, total, _what: progress(done, total),
        ),
    )  # fmt: skip
    return _report(report)


def run_rollback_job(resources: Resources, job: Job, progress: Progress) -> Mapping[str, Any]:
    """Take an apply back, or show what that would send; return the run, or the look."""
    progress(0, 1)
    arguments = job.arguments
    number = int(arguments["run"])
    with resources.database.read() as session:
        find_active_deployment(session, str(arguments["slug"]))
        instance = _get_instance(session, job)
        release = find_run(session, instance, number).release

    def work() -> InstanceReport | Plan:
        return roll_back(
            resources, instance, number, arguments["only"],
            trust_account=bool(arguments["trust_account"]), dry_run=bool(arguments["dry_run"]),
            actor=_actor(job), on_progress=lambda done, total, _what: progress(done, total),
        )  # fmt: skip

    done = _patiently(job, progress, work)
    if isinstance(done, Plan):
        return _keep_plan(resources, job, instance, done, LookKind.ROLLBACK, release=release, of_run=number)
    return _report(done)


def _patiently(job: Job, progress: Progress, work: Callable[[], _T]) -> _T:
    """Return what ``work`` does; where a worker died on the job, wait for the lease that it had on the instance."""
    until = time.monotonic() + LEASE.total_seconds() + timedelta(seconds=15).total_seconds()
    while True:
        try:
            return work()
        except InstanceBusy:
            if job.attempts < 2 or time.monotonic() > until:
                raise
        time.sleep(1)
        progress(0, 1)


def _open_release(session: Session, job: Job) -> tuple[Release, OpenBundle]:
    deployment = session.get_one(Deployment, job.deployment_id)
    release = get_release(session, deployment, str(job.arguments["locale"]), int(job.arguments["number"]))
    return release, read_bundle(rebuild(session, release))


def _get_instance(session: Session, job: Job) -> PrimeroInstance:
    row = session.get(PrimeroInstance, int(job.arguments["instance_id"]))
    if row is None or row.removed_at is not None:
        raise NotFound(f"The instance {job.arguments['instance']!r} was removed meanwhile.")
    return row


def _actor(job: Job) -> Actor:
    return Actor("worker", job.person_id)


def _keep_plan(
    resources: Resources,
    job: Job,
    instance: PrimeroInstance,
    plan: Plan,
    kind: LookKind,
    *,
    release: int | None,
    of_run: int | None = None,
) -> Mapping[str, Any]:
    data = plan_data(plan)
    counts = {
        "requests": len(plan.records),
        "texts": sum(len(one.keys) for one in plan.records),
        "unchanged": len(plan.unchanged),
        "left_out": len(plan.left_out),
    }
    look = InstanceLook(
        deployment_id=job.deployment_id,
        kind=kind,
        locale=str(job.arguments["locale"]),
        release=release,
        of_run_id=of_run,
        against=instance.name,
        created_at=resources.clock(),
        counts=counts,
        instance_id=instance.id,
        person_id=job.person_id,
        content=pack_content(data),
    )
    with resources.database.write() as session:
        look = keep_look(session, look)
    return {"look": look.id, **counts}


def _report(report: InstanceReport) -> Mapping[str, Any]:
    return {
        "run": report.run_id,
        "state": report.state.value,
        "resumed": report.resumed,
        "texts": report.texts,
        "counts": report.counts,
        "left_out": len(report.left_out),
        "message": report.message,
    }
