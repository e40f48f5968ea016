"""What the service refuses or cannot do, one sentence each, mapped once at each edge.

ServiceError            code, HTTP status and exit code stand on the class
├── BadInput            422 · exit 2   the request or file is wrong
├── NotSignedIn         401 · exit 4   no session or token, or one that is not valid
├── NotPermitted        403 · exit 4   the person may see it but not do it
├── NotFound            404 · exit 2   it does not exist, or the person may not see it
├── Refused             409 · exit 1   a rule says no; the message says which and what to do
├── Outdated            409 · exit 1   decided on texts that are no longer current
├── TooLarge            413 · exit 2   over a stated limit
├── TooManyTries        429 · exit 1   slow down; retry_after says how long
├── RemoteUnreachable   502 · exit 3   Transifex or Primero does not answer, or not usefully
└── NotReady            503 · exit 1   the database needs an upgrade, or the set-up is incomplete
"""

from collections.abc import Mapping
from typing import Any, ClassVar


class ServiceError(Exception):
    """Expected trouble. ``message`` is one sentence for the person who asked; ``details`` are facts for machines."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, details: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.details: dict[str, Any] = dict(details or {})


class BadInput(ServiceError):
    """The request, the command or the file is wrong."""

    code = "bad-input"
    status = 422
    exit_code = 2


class NotSignedIn(ServiceError):
    """There is no session or token, or it is not valid."""

    code = "not-signed-in"
    status = 401
    exit_code = 4


class NotPermitted(ServiceError):
    """The person may see the thing, but may not do this with it."""

    code = "not-permitted"
    status = 403
    exit_code = 4


class NotFound(ServiceError):
    """It does not exist, or the person may not see it; the two are not told apart."""

    code = "not-found"
    status = 404
    exit_code = 2


class Refused(ServiceError):
    """A rule says no. The message names the rule and the way on."""

    code = "refused"
    status = 409
    exit_code = 1


class Outdated(Refused):
    """The decision was made on texts that are no longer current."""

    code = "outdated"


class TooLarge(ServiceError):
    """Over a stated limit."""

    code = "too-large"
    status = 413
    exit_code = 2


class TooManyTries(ServiceError):
    """Too many tries in too short a time; ``details["retry_after"]`` is in seconds."""

    code = "too-many-tries"
    status = 429


class RemoteUnreachable(ServiceError):
    """Transifex or Primero does not answer, or not usefully; the message carries what it said."""

    code = "remote-unreachable"
    status = 502
    exit_code = 3


class NotReady(ServiceError):
    """The service is not set up for this yet."""

    code = "not-ready"
    status = 503
