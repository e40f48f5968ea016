import pytest
from hypothesis import given
from hypothesis import strategies as st

from transifex_client.errors import (
    BadRequest,
    Conflict,
    DeadlineExceeded,
    ForbiddenAddress,
    JobFailed,
    NotFound,
    Particulars,
    PlanRequired,
    RateLimited,
    ServerError,
    TimedOut,
    TransifexError,
    Unauthorised,
    UnexpectedAnswer,
    Unreachable,
)
from transifex_client.retry import RetryPolicy, decide_wait, find_retry_after

POLICY = RetryPolicy(attempts=5, first_wait=0.5, longest_wait=30, throttled_wait=1, gateway_wait=2, spread=0.25)


def wait_for(
    failure: TransifexError, attempt: int = 1, repeatable: bool = True, remaining: float = 100, chance: float = 0
) -> float | None:
    return decide_wait(failure, attempt, repeatable=repeatable, remaining=remaining, chance=chance, policy=POLICY)


def throttled(seconds: float | None) -> RateLimited:
    return RateLimited("x", Particulars(status=429, retry_after=seconds))


@pytest.mark.parametrize(
    ("header", "detail", "expected"),
    [
        ("7", None, 7),
        ("7", "Expected available in 60 seconds.", 7),
        (None, "Request was throttled. Expected available in 60 seconds.", 60),
        ("soon", "Expected available in 1 second.", 1),
        ("-3", None, None),
        (None, "too many", None),
        (None, None, None),
        ("inf", None, None),
    ],
)
def test_the_wait_is_read_from_the_header_else_from_the_detail(
    header: str | None, detail: str | None, expected: float | None
) -> None:
    """Transifex documents no Retry-After, so the number in the error's detail is the second source."""
    assert find_retry_after(header, detail) == expected


def test_a_throttled_request_waits_as_long_as_it_is_told() -> None:
    """The number Transifex gives is kept exactly, also for a create, which was not carried out."""
    assert wait_for(throttled(17), repeatable=False) == 17


def test_a_throttled_request_without_a_number_backs_off() -> None:
    """Without a number the waits grow."""
    assert [wait_for(throttled(None), attempt) for attempt in (1, 3, 6)] == [1, 2, 16]


def test_throttling_is_bounded_by_the_deadline_alone() -> None:
    """Many workers share one limit, so the number of attempts does not end the waiting, the deadline does."""
    assert wait_for(throttled(5), attempt=50) == 5
    assert wait_for(throttled(5), remaining=5) is None


def test_zero_seconds_do_not_make_a_busy_loop() -> None:
    """A Retry-After of 0 still waits a little."""
    assert wait_for(throttled(0)) == POLICY.first_wait


@pytest.mark.parametrize(("status", "expected"), [(500, 0.5), (502, 2), (503, 2), (504, 2)])
def test_a_failing_server_is_asked_again(status: int, expected: float) -> None:
    """A repeatable request is sent again after 5xx, later after the gateway's own errors."""
    failure = ServerError("x", Particulars(status=status))
    assert wait_for(failure) == expected
    assert wait_for(failure, repeatable=False) is None


def test_a_broken_connection_is_tried_again_only_where_that_is_safe() -> None:
    """What may have arrived is not blindly sent twice; what never left is."""
    assert wait_for(Unreachable("x", sent=True), repeatable=False) is None
    assert wait_for(TimedOut("x"), repeatable=False) is None
    assert wait_for(Unreachable("x", sent=False), repeatable=False) == 0.5
    assert wait_for(Unreachable("x", sent=True)) == 0.5


@pytest.mark.parametrize(
    "kind",
    [BadRequest, Unauthorised, PlanRequired, NotFound, Conflict, UnexpectedAnswer, ForbiddenAddress, JobFailed,
     DeadlineExceeded],
)  # fmt: skip
def test_what_will_not_change_is_not_tried_again(kind: type[TransifexError]) -> None:
    """A refusal stays a refusal however often it is asked."""
    assert wait_for(kind("x")) is None


def test_attempts_are_bounded() -> None:
    """A server that keeps failing is given up."""
    assert wait_for(ServerError("x", Particulars(status=500)), attempt=4) == 4
    assert wait_for(ServerError("x", Particulars(status=500)), attempt=5) is None


def test_chance_spreads_the_waits() -> None:
    """Chance adds up to a quarter, so that workers do not return together."""
    assert wait_for(throttled(8), chance=0.5) == 9


@given(
    attempt=st.integers(1, 200),
    remaining=st.floats(0, 1000),
    chance=st.floats(0, 1, exclude_max=True),
    failure=st.sampled_from(
        [throttled(None), throttled(3), Unreachable("x"), ServerError("x", Particulars(status=503))]
    ),
)
def test_no_wait_reaches_beyond_the_deadline(
    attempt: int, remaining: float, chance: float, failure: TransifexError
) -> None:
    """Whatever happened, a wait is positive and ends before the deadline."""
    wait = wait_for(failure, attempt, remaining=remaining, chance=chance)
    assert wait is None or 0 < wait < remaining
