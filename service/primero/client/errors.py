"""Everything that can go wrong when talking to a Primero, as one tree.

PrimeroError
├── NoAnswer
│   ├── Unreachable         no connection, or it broke before the answer was complete
│   └── TimedOut            one request took longer than it may
├── DeadlineExceeded        the whole call, its waits included, took longer than it may
├── Refused
│   ├── BadRequest          400 and other refusals without a class of their own
│   ├── PasswordRefused     401: the name, password or token is wrong, or the account is locked
│   ├── Forbidden           403: the account may not do this
│   ├── NotFound            404: missing, or invisible to the account
│   ├── Invalid             422: the record would break one of Primero's rules
│   └── TooMany             429: too many sign-ins
├── Busy                    503: a configuration is being applied, or the server rests
├── ServerError             other 5xx
├── UnexpectedAnswer        an answer that is not what Primero gives
└── ForbiddenAddress        an address that must not be visited
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Particulars:
    """What is known about the request that failed and the answer to it. Never holds a password or token.

    Attributes:
        method: ``GET``, ``POST`` …; "" where no request was made.
        url: the address, "" where no request was made.
        status: the HTTP status, None without an answer.
        retry_after: seconds after which Primero asks to try again.
        said: Primero's own words.
    """

    method: str = ""
    url: str = ""
    status: int | None = None
    retry_after: float | None = None
    said: str = ""


class PrimeroError(Exception):
    """Root of the tree; ``str()`` of it is one sentence for the person who has to act."""

    def __init__(self, message: str, about: Particulars | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.about = about or Particulars()


class NoAnswer(PrimeroError):
    """The request got no complete answer. ``sent`` tells whether Primero may have received it."""

    def __init__(self, message: str, about: Particulars | None = None, *, sent: bool = True) -> None:
        super().__init__(message, about)
        self.sent = sent


class Unreachable(NoAnswer):
    """No connection could be made, or it broke before the answer was complete."""


class TimedOut(NoAnswer):
    """One request took longer than it may."""


class DeadlineExceeded(PrimeroError):
    """The whole call took longer than it may, its waits included."""


class Refused(PrimeroError):
    """Primero understood the request and refused it."""


class BadRequest(Refused):
    """400 and other refusals without a class of their own."""


class PasswordRefused(Refused):
    """401: the name, password or token is wrong, or the account is locked. Never try again with the same one."""


class Forbidden(Refused):
    """403: the account may not do this."""


class NotFound(Refused):
    """404: missing, or invisible to the account."""


class Invalid(Refused):
    """422: the record would break one of Primero's rules."""


class TooMany(Refused):
    """429: too many sign-ins for this account in a minute."""


class Busy(PrimeroError):
    """503: a configuration is being applied; nothing was done, and ``about.retry_after`` may say when to come back."""


class ServerError(PrimeroError):
    """5xx: Primero or something in front of it failed."""


class UnexpectedAnswer(PrimeroError):
    """The answer is not what Primero gives."""


class ForbiddenAddress(PrimeroError):
    """The address is not one that may be visited, or a password would travel unprotected."""
