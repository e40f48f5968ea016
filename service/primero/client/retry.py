"""When to send a request again, as a pure decision.

Primero takes at most six sign-ins a minute for a name and locks an account after six wrong passwords: a refused
password is never tried again. While a configuration is being applied it answers 503, and says in the error's ``detail``
after how many seconds to come back.
"""

import re
from dataclasses import dataclass

from service.primero.client.errors import Busy, NoAnswer, PrimeroError, ServerError, TooMany

_SECONDS = re.compile(r"\d{1,6}(?:\.\d+)?")
_IN_DETAIL = re.compile(r"Retry-After:\s*(\d{1,6}(?:\.\d+)?)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How patient to be. All waits in seconds.

    Attributes:
        attempts: how often one request is sent at most; a busy server does not count, there the deadline is the bound.
        first_wait: before the second attempt; doubled for each one after it.
        longest_wait: no wait that we choose ourselves is longer.
        busy_wait: after a 503 that does not say how long.
        sign_in_wait: after too many sign-ins; they are counted by the minute.
        spread: the part of the wait that chance may add.
    """

    attempts: int = 4
    first_wait: float = 0.5
    longest_wait: float = 20.0
    busy_wait: float = 10.0
    sign_in_wait: float = 61.0
    spread: float = 0.25


def find_retry_after(header: str | None, detail: str) -> float | None:
    """Return the seconds to wait, from ``Retry-After`` or from the words of the error; None where neither says it."""
    if header is not None and _SECONDS.fullmatch(header.strip()):
        return float(header)
    found = _IN_DETAIL.search(detail)
    return float(found[1]) if found else None


def decide_wait(
    failure: PrimeroError,
    attempt: int,
    *,
    repeatable: bool,
    remaining: float,
    chance: float,
    policy: RetryPolicy,
) -> float | None:
    """Return the seconds to wait before sending again, or None to give up.

    Args:
        failure: why this attempt failed.
        attempt: how often the request was sent so far, from 1.
        repeatable: whether sending it twice does the same as once.
        remaining: seconds left until the call's deadline.
        chance: a number in [0, 1).
        policy: how patient to be.
    """
    wait = _wanted_wait(failure, attempt, repeatable=repeatable, policy=policy)
    if wait is None:
        return None
    wait *= 1 + policy.spread * chance
    return wait if wait < remaining else None


def _wanted_wait(failure: PrimeroError, attempt: int, *, repeatable: bool, policy: RetryPolicy) -> float | None:
    backoff = min(policy.first_wait * 2.0 ** min(attempt - 1, 20), policy.longest_wait)
    if isinstance(failure, Busy):
        # It was not carried out, so even a change may be sent again.
        said = failure.about.retry_after
        return max(said, policy.first_wait) if said is not None else policy.busy_wait
    if attempt >= policy.attempts:
        return None
    if isinstance(failure, TooMany):
        return policy.sign_in_wait
    if isinstance(failure, NoAnswer):
        return backoff if repeatable or not failure.sent else None
    return backoff if isinstance(failure, ServerError) and repeatable else None
