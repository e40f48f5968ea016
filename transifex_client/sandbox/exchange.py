"""What a handler of the sandbox is given: the request, who sent it, when, and everything that is remembered."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import uuid4

from transifex_client.sandbox.http import Request, Response
from transifex_client.sandbox.state import State


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most ``requests`` in any ``seconds``. ``header``: whether a refusal carries ``Retry-After``."""

    requests: int
    seconds: float = 60.0
    header: bool = True


@dataclass(slots=True)
class Settings:
    """How the sandbox behaves where Transifex varies or where a test wants trouble. May be changed at any time.

    Attributes:
        pending_polls: how many polls of a new job find it unfinished.
        link_seconds: how long a download link is good.
        storage_url: the origin that finished files are offered at; None for a path on the API's own origin.
        rate_limit: None for none.
        empty_upload_fails: whether a translation file without any text fails; not known of the real one.
        next_answers: given to the next API requests instead of what they asked for, then gone.
        next_job_errors: (code, detail) of errors with which the next finished jobs fail, one list for each job.
    """

    pending_polls: int = 0
    link_seconds: float = 600.0
    storage_url: str | None = None
    rate_limit: RateLimit | None = None
    empty_upload_fails: bool = False
    next_answers: list[Response] = field(default_factory=list)
    next_job_errors: list[list[tuple[str, str]]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request with all that answering it takes. ``ids`` are the variable parts of the path."""

    request: Request
    state: State
    settings: Settings
    user: str
    now: datetime
    ids: tuple[str, ...] = ()
    new_id: Callable[[], str] = field(default=lambda: str(uuid4()))

    @property
    def id(self) -> str:
        """Return the first variable part of the path."""
        return self.ids[0]


Handler = Callable[[Exchange], Response]


def stamp(moment: datetime | None) -> str | None:
    """Return a date as Transifex writes it."""
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
