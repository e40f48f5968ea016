"""The name of a process, so that another one on the same machine can tell whether it still lives."""

import os
import socket
from pathlib import Path

_PROC = Path("/proc")
_HOST = 80


def name_process() -> str:
    """Return a name for this process that no other one ever has: its host, its number, and where and since when.

    The last part is empty where the machine does not tell, as outside Linux.
    """
    pid = os.getpid()
    return f"{socket.gethostname()[:_HOST]}/{pid}/{_place()}/{_start(pid) or ''}"


def describe_process(name: str) -> str:
    """Return the process in words: its number and its host."""
    host, _, rest = name.partition("/")
    return f"process {rest.partition('/')[0]} on {host}"


def is_gone(name: str) -> bool:
    """Return whether a process is surely dead; False where that cannot be told from here, as on another machine.

    A number alone would not tell: it comes again, and in a container it names another process.
    """
    parts = name.split("/")
    if len(parts) != 4 or not parts[1].isdigit():
        return False
    _, pid, place, start = parts
    return bool(place and start) and place == _place() and _start(int(pid)) != start


def _place() -> str:
    """Return which numbers of processes these are: the machine's boot and the container's name space, "" if unknown."""
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot}.{(_PROC / 'self/ns/pid').stat().st_ino}"
    except OSError:
        return ""


def _start(pid: int) -> str | None:
    """Return when the process began, in ticks since boot; None when there is none, or it is dead and not yet buried."""
    try:
        facts = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    # Fields 3 and 22 of proc(5).
    return None if facts[0] in ("Z", "X") else facts[19]
