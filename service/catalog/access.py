"""Finding what somebody names, as far as whoever asks may see and do it: one way in for API and command line."""

from sqlmodel import Session

from service.auth.rules import Identity, Permission
from service.deployments.models import Deployment
from service.deployments.service import find_active_deployment, find_deployment, find_locale
from service.errors import NotFound


def open_deployment(
    session: Session,
    identity: Identity,
    slug: str,
    permission: Permission,
    locale: str | None = None,
    *,
    changing: bool = True,
) -> Deployment:
    """Return the deployment if this may be done to it; what may not be seen does not exist.

    Args:
        permission: what is to be done.
        locale: the locale it is to be done in, None where it is about the deployment.
        changing: refuse an archived deployment.

    Raises:
        NotFound: there is no such deployment or locale, or it may not be seen.
        NotPermitted: it may be seen, but this is not allowed.
        Refused: it is archived, and this would change it.
    """
    # The same sentence whether it is missing or hidden.
    hidden = NotFound(f"There is no deployment {slug!r}, or you are not a member of it.")
    try:
        deployment = find_deployment(session, slug)
    except NotFound as error:
        raise hidden from error
    assert deployment.id is not None
    if not identity.can_see(deployment.id):
        raise hidden
    if locale is not None:
        find_locale(session, deployment, locale)
    identity.require(permission, deployment.id, locale)
    return find_active_deployment(session, slug) if changing else deployment
