"""When to send a request again, as a pure decision.

Transifex documents no ``Retry-After``; its own command-line client reads one on 429 and waits a flat 10 s on
502, 503 and 504. Without the header the number of seconds stands in the error's ``detail``.
"""

import re
from dataclasses import dataclass

from transifex_client.errors import NoAnswer, RateLimited, ServerError, TransifexError

_SECONDS_IN_DETAIL = re.compile(r"(\d{1,6}(?:\.\d+)?)\s*second")
_SECONDS = re.compile(r"\d{1,6}(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How patient to be. All waits in seconds.

    Attributes:
        attempts: how often one request is sent at most; 429 does not count, there the deadline is the only bound.
        first_wait: before the second attempt; doubled for each one after it.
        longest_wait: no wait that we choose ourselves is longer.
        throttled_wait: after a 429 that does not say how long.
        gateway_wait: at least this after 502, 503 and 504.
        spread: the part of the wait that chance may add, so that many workers do not come back together.
    """

    attempts: int = 5
    first_wait: float = 0.5
    longest_wait: float = 30.0
    throttled_wait: float = 1.0
    gateway_wait: float = 2.0
    spread: float = 0.25


def find_retry_after(header: str | None, detail: str | None) -> float | None:
    """Return the seconds to wait after a 429: from ``Retry-After``, else the number in ``detail``, else None."""
    if header is not None and _SECONDS.fullmatch(header.strip()):
        return float(header)
    found = _SECONDS_IN_DETAIL.search(detail or "")
    return float(found[1]) if found else None


def decide_wait(
    failure: TransifexError,
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


def _wanted_wait(failure: TransifexError, attempt: int, *, repeatable: bool, policy: RetryPolicy) -> float | None:
    backoff = min(policy.first_wait * 2.0 ** min(attempt - 1, 20), policy.longest_wait)
    if isinstance(failure, RateLimited):
        # A throttled request was not carried out, so even a create may be sent again.
        if failure.retry_after is not None:
            return max(failure.retry_after, policy.first_wait)
        return max(policy.throttled_wait, backoff)
    if attempt >= policy.attempts:
        return None
    if isinstance(failure, NoAnswer):
        return backoff if repeatable or not failure.sent else None
    if isinstance(failure, ServerError) and repeatable:
        return max(backoff, policy.gateway_wait) if failure.status in (502, 503, 504) else backoff
    return None
