"""Patience with an end, for tests of what must not hang."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def given_up_after(seconds: int) -> Iterator[None]:
    """Fail when what is inside has not ended after so many seconds of the clock; only in the main thread.

    It is no measure of speed: choose a time that what ends at all never comes near, on the slowest machine.
    """

    def give_up(_signal: int, _frame: FrameType | None) -> None:
        # Not pytest.fail: the frame that is interrupted says where the time went.
        raise AssertionError(f"it did not end within {seconds} s")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
