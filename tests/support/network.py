"""Test traffic goes to loopback only."""

import ipaddress
import socket
from collections.abc import Callable
from typing import Any


class OutsideRequest(AssertionError):
    """A test tried to reach an address outside of this machine."""


def is_inside(family: int, address: Any) -> bool:
    """Return whether a socket address stays on this machine."""
    if family not in (socket.AF_INET, socket.AF_INET6):
        return True
    host = str(address[0]).partition("%")[0]
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def guarded(connect: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``connect`` (or ``connect_ex``) that refuses every address outside of this machine."""

    def connect_inside(self: socket.socket, address: Any) -> Any:
        if not is_inside(self.family, address):
            # Whoever opened it expects an OSError, and would not close it after this.
            self.close()
            raise OutsideRequest(f"a test tried to reach {address!r}: use a fake or a transport of your own")
        return connect(self, address)

    return connect_inside
