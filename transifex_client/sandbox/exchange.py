"""What a handler of the sandbox is given: the request, who sent it, when, and everything that is remembered."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, ClassVar
from uuid import uuid4

from pydantic import ConfigDict, Field

from transifex_client.sandbox.http import Request, Response
from transifex_client.sandbox.state import State

REPORT_COLUMNS = ("Username", "Language code", "New words", "Edited words", "Reviewed words", "Proofread words")


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most ``requests`` in any ``seconds``. ``header``: whether a refusal carries ``Retry-After``."""

    requests: int
    seconds: float = 60.0
    header: bool = True


class FaultKind(StrEnum):
    """What may be wrong with an answer: it is a refusal (the numbers), late, cut off in the middle, or no JSON."""

    THROTTLED = "429"
    FAILED = "500"
    GATEWAY = "502"
    SLOW = "slow"
    CUT = "cut"
    BROKEN = "broken"


@dataclass(slots=True)
class AnswerFault:
    """Something wrong with the next answers.

    Attributes:
        kind: what is wrong.
        times: with how many answers.
        seconds: of ``THROTTLED``: after how long to come back, None for not said; of ``SLOW``: how late it comes.
        header: whether ``THROTTLED`` says it in ``Retry-After`` too, not only in its words.
        carried_out: whether what was asked for is done all the same; None for what is likely for the kind.
        method: only answers to this method; "" for any.
        path: only answers to paths that begin so; "" for any but the storage's.
    """

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")

    kind: FaultKind
    times: Annotated[int, Field(ge=1, le=10_000)] = 1
    seconds: Annotated[float, Field(ge=0, le=600)] | None = None
    header: bool = True
    carried_out: bool | None = None
    method: str = ""
    path: str = ""


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
        answer_faults: what is wrong with the next answers; the first that fits is taken.
        endless_jobs: how many of the next jobs never end.
        expired_links: how many of the next download links are no longer good when they are handed out.
        withheld: features that the plan does not include, by the first part of their path, and with which status (402,
            or 403 and words about the plan) their use is refused.
        activity_as_list: whether the totals of a project come in a list; not known of the real one.
        report_columns: the titles of the activity report: user, language, new, edited, reviewed, proofread words.
        absolute_links: whether links in answers name the host; not known of the real one, clients must take both.
        latency: how many seconds later every answer comes, the storage's too; only the server waits.
    """

    pending_polls: int = 0
    link_seconds: float = 600.0
    storage_url: str | None = None
    rate_limit: RateLimit | None = None
    empty_upload_fails: bool = False
    next_answers: list[Response] = field(default_factory=list)
    next_job_errors: list[list[tuple[str, str]]] = field(default_factory=list)
    answer_faults: list[AnswerFault] = field(default_factory=list)
    endless_jobs: int = 0
    expired_links: int = 0
    withheld: dict[str, int] = field(default_factory=dict)
    activity_as_list: bool = False
    report_columns: tuple[str, str, str, str, str, str] = REPORT_COLUMNS
    absolute_links: bool = False
    latency: float = 0.0


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
