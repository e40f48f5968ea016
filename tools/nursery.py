"""Starting processes of the service by the hundred: one that has loaded everything forks for each of them.

A forked process runs the command line from its first line on, as one that was typed does; only the loading of the
modules, seconds of CPU each time, is done once.
"""

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


class Process:
    """A process of the service that can be killed, by its id; not a child of ours."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._handle = os.pidfd_open(pid)

    def kill(self) -> None:
        """Kill it as kill -9 does; nothing happens if it has ended."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._handle, signal.SIGKILL)

    def is_gone(self, seconds: float = 0.0) -> bool:
        """Return whether it has ended, after waiting so long for that at most."""
        return bool(select.select([self._handle], [], [], seconds)[0])

    def close(self) -> None:
        """Kill it, see it gone, and forget it."""
        self.kill()
        self.is_gone(30)
        os.close(self._handle)


class Nursery:
    """Starts commands of the service. Use it in a ``with``; whatever still runs at its end is the caller's."""

    def __init__(self, log: Path) -> None:
        self._log = log

    def __enter__(self) -> "Nursery":
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tools.nursery"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            cwd=Path(__file__).resolve().parents[1],
        )  # fmt: skip
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()

    def start(self, arguments: Sequence[str], environment: Mapping[str, str]) -> Process:
        """Start ``primero-bridge ARGUMENTS`` with these settings; what it says on its error stream goes to the log."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        order = {"arguments": list(arguments), "environment": dict(environment), "log": str(self._log)}
        self._process.stdin.write(f"{json.dumps(order)}\n")
        self._process.stdin.flush()
        return Process(int(self._process.stdout.readline()))


def serve_orders() -> None:
    """Load the service, then fork once for every line that comes in, and answer with the new process's id."""
    import httpx  # noqa: F401  # all of it is loaded before the first fork

    from service import building, migrations, operating, worker  # noqa: F401
    from service.cli import main
    from service.deployments import limits
    from service.home.commands import applying, bundles, deployments, instances, sync, texts  # noqa: F401

    # The sandbox takes any number of requests; what Transifex allows would have every worker wait for minutes.
    limits.A_SLOT = 100_000
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _become(order)
            try:
                main(order["arguments"])
            finally:
                os._exit(0)
        print(pid, flush=True)


def _become(order: Mapping[str, Any]) -> None:
    """Take the settings, and leave the streams to the parent."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for name in [name for name in os.environ if name.upper().startswith("BRIDGE_")]:
        del os.environ[name]
    os.environ.update(order["environment"])
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.dup2(os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), 2)


if __name__ == "__main__":
    serve_orders()
