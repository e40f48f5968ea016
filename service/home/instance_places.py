"""Finding an instance's run that somebody wants to act on, as far as that person may."""

from sqlmodel import Session

from service.auth.rules import Identity, Permission
from service.catalog.access import open_deployment
from service.deployments.models import Deployment
from service.primero.models import InstanceRun, PrimeroInstance
from service.primero.service.instances import find_instance
from service.primero.service.runs import find_run


def open_rollback(
    session: Session, identity: Identity, slug: str, name: str, run: int
) -> tuple[Deployment, PrimeroInstance, InstanceRun]:
    """Return the run that somebody wants to take back, with its instance and deployment.

    Raises:
        NotFound: the deployment may not be seen, or has no such instance or run.
        NotPermitted: it may be seen, but this is not allowed, or not in the language of the run.
        Refused: the deployment is archived.
    """
    deployment = open_deployment(session, identity, slug, Permission.DEPLOYMENT_VIEW)
    assert deployment.id is not None
    if not identity.may_somewhere(Permission.BUNDLE_APPLY, deployment.id):
        identity.require(Permission.BUNDLE_APPLY, deployment.id)
    instance = find_instance(session, deployment, name)
    row = find_run(session, instance, run)
    identity.require(Permission.BUNDLE_APPLY, deployment.id, row.locale)
    return deployment, instance, row
