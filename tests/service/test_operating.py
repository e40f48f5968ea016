"""Ending a process that works: signals, wherever they meet it."""

import subprocess
import sys

import pytest

AT_THE_WORST_MOMENT = """
import signal
from service.operating import ended_by_signals

before = signal.getsignal(signal.{name})
with ended_by_signals() as stop:
    with stop._cond:
        # As when the main thread is just about to wait.
        signal.raise_signal(signal.{name})
    assert stop.wait(20), "nothing was heard"
assert signal.getsignal(signal.{name}) is before
with ended_by_signals() as stop:
    assert not stop.wait(0.05), "an earlier signal was heard"
print("ended")
"""


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_a_signal_is_heard_while_the_main_thread_holds_the_lock_of_what_it_waits_for(name: str) -> None:
    """A handler that set the event itself would wait for that lock for ever."""
    done = subprocess.run(
        [sys.executable, "-c", AT_THE_WORST_MOMENT.format(name=name)], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "ended\n", "")
