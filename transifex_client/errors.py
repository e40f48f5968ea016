"""Everything that can go wrong when talking to Transifex, as one tree.

    TransifexError
    ├── NoAnswer
    │   ├── Unreachable         no connection, or it broke before the answer was complete
    │   └── TimedOut            one request took longer than it may
    ├── DeadlineExceeded        the whole call, polls and waits included, took longer than it may
    ├── Refused
    │   ├── BadRequest          400: the request breaks a rule of the API
    │   ├── Unauthorised        401: the token is missing or wrong
    │   ├── Forbidden           403: the token's user may not do this
    │   │   └── PlanRequired    402, or 403 that names the plan
    │   ├── NotFound            404: missing, deleted or invisible to the token's user
    │   ├── Conflict            409: it exists already
    │   └── RateLimited         429: too many requests
    ├── ServerError             5xx
    ├── JobFailed               an upload or download was taken, and then failed
    ├── UnexpectedAnswer        an answer, or a webhook's delivery, that is not what the API documents
    ├── DeliveryRefused         a webhook's delivery that cannot be believed
    └── ForbiddenAddress        an address that must not be visited, or not with the token

Branch on the class, never on Transifex's own ``code``: its codes are inconsistent.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Particulars:
    """What is known about the request that failed and about the answer to it. Never holds the token.

    Attributes:
        method: ``GET``, ``POST`` …; "" where no request was made.
        url: the address without the secret of a download link; "" where no request was made.
        status: the HTTP status, None without an answer.
        request_id: the id that Transifex gave the request, for its support.
        retry_after: seconds after which Transifex asks to try again.
        title: Transifex's own words for the kind of error.
        detail: Transifex's own words for this error.
        pointer: the place in the body, or the query parameter, that Transifex blames.
    """

    method: str = ""
    url: str = ""
    status: int | None = None
    request_id: str | None = None
    retry_after: float | None = None
    title: str | None = None
    detail: str | None = None
    pointer: str | None = None


class TransifexError(Exception):
    """Root of the tree; ``str()`` of it is one sentence for the person who has to act."""

    def __init__(self, message: str, about: Particulars | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.about = about or Particulars()

    @property
    def status(self) -> int | None:
        """Return the HTTP status, None without an answer."""
        return self.about.status

    @property
    def request_id(self) -> str | None:
        """Return Transifex's id of the request."""
        return self.about.request_id

    @property
    def retry_after(self) -> float | None:
        """Return the seconds after which Transifex asks to try again."""
        return self.about.retry_after


class NoAnswer(TransifexError):
    """The request got no complete answer. ``sent`` tells whether Transifex may have received it."""

    def __init__(self, message: str, about: Particulars | None = None, *, sent: bool = True) -> None:
        super().__init__(message, about)
        self.sent = sent


class Unreachable(NoAnswer):
    """No connection could be made, or it broke before the answer was complete."""


class TimedOut(NoAnswer):
    """One request took longer than it may."""


class DeadlineExceeded(TransifexError):
    """The whole call took longer than it may, its polls and waits included."""


class Refused(TransifexError):
    """Transifex understood the request and refused it."""


class BadRequest(Refused):
    """400 and other refusals without a class of their own: the request breaks a rule of the API."""


class Unauthorised(Refused):
    """401: the token is missing, wrong or withdrawn."""


class Forbidden(Refused):
    """403: the token's user may not do this."""


class PlanRequired(Forbidden):
    """402, or 403 that names the plan: the organization's plan does not include this."""


class NotFound(Refused):
    """404: missing, deleted or invisible to the token's user."""


class Conflict(Refused):
    """409: something with this slug or key exists already."""


class RateLimited(Refused):
    """429: too many requests; ``retry_after`` says when to come back, where Transifex said so."""


class ServerError(TransifexError):
    """5xx: Transifex or something in front of it failed."""


@dataclass(frozen=True, slots=True)
class JobTrouble:
    """One reason of a failed job, in Transifex's words, such as ``parse_error`` and its detail."""

    code: str
    detail: str


class JobFailed(TransifexError):
    """An upload or download was accepted and then failed. ``reasons`` may be empty: Transifex gives none at times."""

    def __init__(self, message: str, about: Particulars | None = None, *, reasons: tuple[JobTrouble, ...] = ()) -> None:
        super().__init__(message, about)
        self.reasons = reasons


class UnexpectedAnswer(TransifexError):
    """The answer is not what the API documents."""


class DeliveryRefused(TransifexError):
    """A webhook's delivery is not signed as it should be, not meant for us, or too old."""


class ForbiddenAddress(TransifexError):
    """The server named an address outside the allowed ones, or the token would travel unprotected."""
