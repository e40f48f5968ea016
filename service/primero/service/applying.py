"""Giving a bundle to an instance by its API, and showing what that would send."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from service.audit.service import Actor
from service.bundles.reading import OpenBundle
from service.bundles.service.giving import get_release, require_served
from service.deployments.models import Deployment
from service.errors import Refused
from service.primero.client import PrimeroClient
from service.primero.models import InstanceRun, InstanceRunKind, InstanceRunState, PrimeroInstance
from service.primero.plan import Plan, Target, Wanted, plan_changes
from service.primero.service.checking import judge_account, visiting
from service.primero.service.fetching import fetch_target
from service.primero.service.finishing import finish_run, records_of
from service.primero.service.runs import InstanceReport, OpenRun, find_unfinished, resume_run, start_run
from service.primero.service.writing import Progress, digest_outside
from service.web.resources import Resources


@dataclass(frozen=True, slots=True)
class ApplyOptions:
    """What somebody asked for.

    Attributes:
        partial_options: lists of options may be left half translated.
        trust_account: the account may not look itself up, and somebody made sure of its language and rights.
    """

    partial_options: bool = False
    trust_account: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {"partial_options": self.partial_options, "trust_account": self.trust_account}


def plan_apply(resources: Resources, instance: PrimeroInstance, bundle: OpenBundle, options: ApplyOptions) -> Plan:
    """Return what an apply would send; nothing is written anywhere.

    Raises:
        ServiceError: as :func:`apply_bundle`.
    """
    refuse_bundle(instance, bundle)
    with visiting(resources, instance) as client:
        require_account(client, trust=options.trust_account)
        return _plan(read_ready(client, bundle.manifest.locale), bundle, options)


def apply_bundle(
    resources: Resources,
    instance: PrimeroInstance,
    name: str,
    bundle: OpenBundle,
    options: ApplyOptions,
    *,
    actor: Actor,
    on_progress: Progress,
) -> InstanceReport:
    """Give the texts of a bundle to an instance; go on where the same bundle was left unfinished.

    Args:
        resources: of this process.
        instance: where to.
        name: the archive's name, for people.
        bundle: what to give.
        options: what somebody asked for.
        actor: who.
        on_progress: told of every record.

    Raises:
        Refused: a rule says no: a preview for production, a language that is not enabled, an account that may not, or
            another run that is under way or unfinished.
        RemoteUnreachable: the instance does not answer; the same command goes on later.
    """
    refuse_bundle(instance, bundle)
    with visiting(resources, instance) as client:
        require_account(client, trust=options.trust_account)
        with resources.database.write() as session:
            unfinished = _find_same(session, instance, bundle, resources)
            records = resume_run(session, unfinished, resources.clock()) if unfinished is not None else []
        if unfinished is not None:
            assert unfinished.id is not None
            run = OpenRun(unfinished.id, resources.database, resources.clock, _counter(client), records)
            return finish_run(run, client, instance, actor=actor, on_progress=on_progress, resumed=True)
        target = read_ready(client, bundle.manifest.locale)
        plan = _plan(target, bundle, options)
        row = _row(instance, name, bundle, options, resources)
        row.outside = digest_outside(records_of(target), {one.key for one in plan.records})
        run = begin_run(resources, client, instance, row, plan, actor=actor)
        return finish_run(run, client, instance, actor=actor, on_progress=on_progress)


def begin_run(
    resources: Resources,
    client: PrimeroClient,
    instance: PrimeroInstance,
    row: InstanceRun,
    plan: Plan,
    *,
    actor: Actor,
) -> OpenRun:
    """Save everything that a plan will touch, and hold the instance.

    Raises:
        Refused: another run began meanwhile.
    """
    with resources.database.write() as session:
        if find_unfinished(session, instance, resources.clock()) is not None:
            raise Refused(f"Another run on {instance.name!r} began meanwhile: see `primero-bridge instance show`.")
        records = start_run(session, instance, row, plan, actor=actor, now=resources.clock())
        assert row.id is not None
        return OpenRun(row.id, resources.database, resources.clock, _counter(client), records)


def _counter(client: PrimeroClient) -> Callable[[], int]:
    return lambda: client.requests_sent


def _find_same(
    session: Session, instance: PrimeroInstance, bundle: OpenBundle, resources: Resources
) -> InstanceRun | None:
    row = find_unfinished(session, instance, resources.clock())
    if row is None or (row.kind is InstanceRunKind.APPLY and row.sha256 == bundle.sha256):
        return row
    raise Refused(describe_unfinished(row))


def describe_unfinished(row: InstanceRun) -> str:
    """Return what stands in the way, and the two ways on."""
    if row.kind is InstanceRunKind.APPLY:
        return (
            f"Run {row.id} gave {row.bundle} to this instance and did not end: apply that bundle again to go on with "
            f"it, or take back what it wrote with `primero-bridge rollback … {row.id}`."
        )
    return (
        f"Run {row.id} took run {row.of_run_id} back and did not end: go on with it with `primero-bridge rollback … "
        f"{row.of_run_id}`."
    )


def refuse_bundle(instance: PrimeroInstance, bundle: OpenBundle) -> None:
    """Refuse what must not go to an instance, before anything is sent.

    Raises:
        Refused: it is a preview, and the instance holds real cases.
    """
    if bundle.manifest.preview and not instance.training:
        raise Refused(
            "The bundle is a preview: nobody approved its texts. It may be given to an instance without real cases "
            f"alone: mark {instance.name!r} with `primero-bridge instance set … --training` if it is one."
        )


def require_known(session: Session, deployment: Deployment, bundle: OpenBundle) -> None:
    """Refuse a bundle that says it is a release and is none, or one that was withdrawn.

    Raises:
        NotFound: the deployment has no such release.
        Refused: the release was withdrawn, or has other bytes.
    """
    manifest = bundle.manifest
    if manifest.release is None or manifest.inverse_of is not None:
        return
    release = require_served(get_release(session, deployment, manifest.locale, manifest.release.number))
    if release.sha256 != bundle.sha256:
        raise Refused(
            f"The bundle says that it is release {release.number} of {release.locale}, and its bytes are not those of "
            "it: somebody changed it, or another service made it. Fetch the release again."
        )


def require_account(client: PrimeroClient, *, trust: bool) -> None:
    """Make sure that the account may write without loss.

    Raises:
        Refused: it may not, or nobody can tell.
    """
    obstacles, unknown = judge_account(client.find_account())
    if obstacles:
        raise Refused(obstacles[0])
    if unknown and not trust:
        raise Refused(unknown[0])


def read_ready(client: PrimeroClient, locale: str) -> Target:
    """Return an instance as it is.

    Raises:
        Refused: the language is not enabled there.
    """
    target = fetch_target(client)
    if target.locales is not None and locale not in target.locales:
        raise Refused(
            f"{locale} is not enabled on the instance (enabled: {', '.join(target.locales)}): enable it in Primero's "
            "system settings first."
        )
    return target


def wanted_texts(bundle: OpenBundle) -> list[Wanted]:
    """Return the texts of a bundle with the English that each belongs to."""
    return [
        Wanted(text.key, text.text, bundle.records[key].source_hash) for key, text in bundle.texts.items()
    ]  # fmt: skip


def _plan(target: Target, bundle: OpenBundle, options: ApplyOptions) -> Plan:
    manifest = bundle.manifest
    return plan_changes(
        target,
        manifest.locale,
        wanted_texts(bundle),
        # An inverse bundle puts back what stood there, half-translated lists too, to the letter.
        partial_options=options.partial_options or manifest.partial_options or manifest.inverse_of is not None,
        exact=manifest.inverse_of is not None,
    )


def _row(
    instance: PrimeroInstance, name: str, bundle: OpenBundle, options: ApplyOptions, resources: Resources
) -> InstanceRun:
    assert instance.id is not None
    manifest = bundle.manifest
    return InstanceRun(
        instance_id=instance.id,
        kind=InstanceRunKind.APPLY,
        state=InstanceRunState.RUNNING,
        locale=manifest.locale,
        bundle=name[:300],
        sha256=bundle.sha256,
        release=manifest.release.number if manifest.release else None,
        preview=manifest.preview,
        started_at=resources.clock(),
        options=options.as_json(),
    )
