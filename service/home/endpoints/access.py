"""Finding what an address names, as far as whoever asks may see and do it."""

from sqlmodel import Session

from service.auth.rules import Identity, Permission
from service.deployments.models import Deployment
from service.deployments.service import find_active_deployment, find_deployment, find_locale
from service.errors import NotFound


def open_deployment(
    session: Session, identity: Identity, slug: str, permission: Permission, locale: str | None = None
) -> Deployment:
    """Return the deployment if this may be done to it; what may not be seen does not exist.

    Raises:
        NotFound: there is no such deployment or locale, or it may not be seen.
        NotPermitted: it may be seen, but this is not allowed.
        Refused: it is archived, and this would change it.
    """
    try:
        deployment = find_deployment(session, slug)
    except NotFound as error:
        # The same sentence whether it is missing or hidden.
        raise NotFound("There is no such deployment, or you are not a member of it.") from error
    identity.require(permission, deployment.id, locale)
    if locale is not None:
        find_locale(session, deployment, locale)
    if permission is not Permission.DEPLOYMENT_VIEW and permission is not Permission.BUNDLE_BUILD:
        find_active_deployment(session, slug)
    return deployment
