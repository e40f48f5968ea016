"""Reading what the syncs did."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from service.sync.models import PushedResource, RunKind, SyncRun


def list_runs(
    session: Session, deployment_id: int, *, kind: RunKind | None = None, limit: int = 50
) -> Sequence[SyncRun]:
    """Return the deployment's latest runs, newest first."""
    query = select(SyncRun).where(SyncRun.deployment_id == deployment_id)
    if kind is not None:
        query = query.where(SyncRun.kind == kind)
    return session.exec(query.order_by(col(SyncRun.id).desc()).limit(limit)).all()


def find_run(session: Session, deployment_id: int, run_id: int) -> SyncRun | None:
    """Return one run of the deployment, or None."""
    query = select(SyncRun).where(SyncRun.deployment_id == deployment_id, SyncRun.id == run_id)
    return session.exec(query).first()


def list_pushed_resources(session: Session, deployment_id: int) -> Sequence[PushedResource]:
    """Return the resources on Transifex that hold the deployment's texts, by slug."""
    query = select(PushedResource).where(PushedResource.deployment_id == deployment_id)
    return session.exec(query.order_by(col(PushedResource.slug))).all()
