"""Which addresses a Primero may have. Names are looked up here, so that what was checked is what is visited.

An address of a Primero is typed in by people and visited by the service, which stands inside a network: private
addresses and this machine itself are refused unless the operator allows them.
"""

import socket
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from service.primero.client.errors import ForbiddenAddress, Unreachable

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Iterable[str]]
"""Gives the addresses of a host name and port; raises OSError where there are none."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a Primero is: scheme, host, port, and the path that it lies under, without a trailing slash."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def url(self) -> str:
        """Return the address without a trailing slash."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = {"http": 80, "https": 443}[self.scheme] == self.port
        return f"{self.scheme}://{host}{'' if usual else f':{self.port}'}{self.path}"


def parse_place(url: str) -> Place:
    """Return the place that an address names.

    Raises:
        ForbiddenAddress: it is not http(s) with a host, or carries a user name, password, query or fragment.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        raise ForbiddenAddress(f"{url!r} is not an address: write it as https://primero.example.org.") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise ForbiddenAddress(f"{url!r} is not an address: write it as https://primero.example.org.")
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise ForbiddenAddress(
            "The address may hold no user name, password, query or fragment: write it as https://primero.example.org."
        )
    return Place(
        parts.scheme, parts.hostname.lower(), port or (443 if parts.scheme == "https" else 80), parts.path.rstrip("/")
    )


def check_protected(place: Place) -> None:
    """Refuse plain http except to this machine.

    Raises:
        ForbiddenAddress: what is sent there could be read on the way.
    """
    if place.scheme == "https" or place.host == "localhost":
        return
    try:
        local = ip_address(place.host).is_loopback
    except ValueError:
        local = False
    if not local:
        raise ForbiddenAddress(f"{place.host} would be reached over plain http, and so would the password: use https.")


def find_addresses(host: str, port: int) -> list[str]:
    """Return the addresses of a host name."""
    return [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def choose_address(
    host: str,
    port: int,
    allowed: Collection[str],
    resolve: Resolve = find_addresses,
    *,
    setting: str = "BRIDGE_PRIMERO_HOSTS",
) -> str:
    """Return the address to visit for a host.

    Args:
        host: name or address.
        port: for the look-up.
        allowed: hosts, addresses and networks (``10.0.0.0/8``) that may be visited although they are private.
        resolve: looks names up.
        setting: the one by which an operator allows more.

    Raises:
        Unreachable: the name has no address.
        ForbiddenAddress: it, or one of its addresses, is private or this machine, and is not allowed.
    """
    try:
        found = [ip_address(address.partition("%")[0]) for address in resolve(host, port)]
    except (OSError, UnicodeError) as error:
        raise Unreachable(f"There is no host {host}: check the address.", sent=False) from error
    if not found:
        raise Unreachable(f"There is no host {host}: check the address.", sent=False)
    if host not in allowed:
        for address in found:
            if not _may_visit(address, allowed):
                raise ForbiddenAddress(
                    f"{host} is on a private network or on this machine ({address}): if that is right, have the "
                    f"operator allow it with {setting}."
                )
    return str(found[0])


def _may_visit(address: Address, allowed: Collection[str]) -> bool:
    # An address of version 6 may stand for one of version 4.
    meant = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None) or address
    if meant.is_global and not meant.is_multicast:
        return True
    return any(_within(meant, entry) or _within(address, entry) for entry in allowed)


def _within(address: Address, entry: str) -> bool:
    try:
        return address in ip_network(entry, strict=False)
    except ValueError:
        return False
