"""The way to a Primero: a client for it, and its errors in our words."""

import contextlib
from collections.abc import Collection, Iterator

from service.errors import BadInput, NotReady, Refused, RemoteUnreachable, ServiceError
from service.primero.client import Configuration, PrimeroClient, SignIn, errors
from service.primero.client.wire import BaseTransport
from service.settings import Settings


def open_primero(
    url: str,
    *,
    user: str,
    secret: str,
    sign_in: SignIn,
    allowed_hosts: Collection[str],
    transport: BaseTransport | None = None,
) -> PrimeroClient:
    """Return a client; the caller closes it, or uses it in a ``with``.

    Raises:
        BadInput: the address is none, or may not be used, or the secret cannot be sent.
    """
    try:
        configuration = Configuration(url, user, secret, sign_in, frozenset(allowed_hosts))
    except errors.ForbiddenAddress as error:
        raise BadInput(error.message) from error
    except ValueError as error:
        raise BadInput(str(error)) from error
    return PrimeroClient(configuration, transport=transport)


def open_by_settings(settings: Settings, url: str, transport: BaseTransport | None = None) -> PrimeroClient:
    """Return a client for a Primero that is named by its address alone, with the account of the settings.

    Raises:
        NotReady: the settings name no account, or its password cannot be read.
        BadInput: as :func:`open_primero`.
    """
    try:
        password = settings.read_primero_password()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise NotReady(
            f"The password in {settings.primero_password_file} cannot be read ({reason}): correct "
            "BRIDGE_PRIMERO_PASSWORD_FILE."
        ) from error
    sign_in = SignIn(settings.primero_sign_in)
    user = settings.primero_user or ""
    if password is None or not (user or sign_in is SignIn.BEARER):
        raise NotReady(
            f"Nobody is named who may read {url}: set BRIDGE_PRIMERO_USER and BRIDGE_PRIMERO_PASSWORD or "
            "BRIDGE_PRIMERO_PASSWORD_FILE."
        )
    return open_primero(
        url,
        user=user,
        secret=password.get_secret_value(),
        sign_in=sign_in,
        allowed_hosts=settings.primero_hosts or (),
        transport=transport,
    )


@contextlib.contextmanager
def translate_errors() -> Iterator[None]:
    """Turn what the client raises inside into the service's own errors, once, with what to do about it."""
    try:
        yield
    except errors.PrimeroError as error:
        raise as_service_error(error) from error


_REMEDIES: tuple[tuple[type[errors.PrimeroError], str], ...] = (
    (
        errors.PasswordRefused,
        "Primero does not take the sign-in, and it was not tried again: six wrong passwords lock the account for half "
        "an hour. Correct the password, then go on.",
    ),
    (
        errors.Forbidden,
        "The account may not do this in Primero: give its role the right to manage forms and lookups.",
    ),
    (errors.NotFound, "Primero does not have this: check the address, and that it is that of a Primero."),
    (errors.ForbiddenAddress, "The address may not be visited."),
    (errors.Refused, "Primero refused the request."),
)


def as_service_error(error: errors.PrimeroError) -> ServiceError:
    """Return the error in the service's words: what happened, what to do, and what Primero said."""
    about = {"primero_status": error.about.status, "retry_after": error.about.retry_after, "said": error.about.said}
    details = {name: value for name, value in about.items() if value}
    said = f"({error.message.rstrip('.')}.)"
    if not isinstance(error, errors.TooMany):
        for kind, remedy in _REMEDIES:
            if isinstance(error, kind):
                return Refused(f"{remedy} {said}", details=details)
    if isinstance(error, errors.UnexpectedAnswer):
        return RemoteUnreachable(f"Primero answered in a way that cannot be used. {said}", details=details)
    return RemoteUnreachable(f"Primero does not answer as it should: try again later. {said}", details=details)
