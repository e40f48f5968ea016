"""The guard that keeps test traffic on this machine."""

import socket

import httpx
import pytest

from tests.support.network import OutsideRequest, is_inside


@pytest.mark.parametrize("address", [("192.0.2.1", 80), ("example.org", 443), ("10.0.0.8", 5432)])
def test_refuses_addresses_outside(address: tuple[str, int]) -> None:
    """A socket to any address but loopback is refused before a packet leaves."""
    with socket.socket() as one, pytest.raises(OutsideRequest, match=address[0]):
        one.connect(address)
    with socket.socket() as one, pytest.raises(OutsideRequest):
        one.connect_ex(address)


def test_refuses_http_clients() -> None:
    """An HTTP client without a transport of its own does not get out either."""
    with pytest.raises(OutsideRequest), httpx.Client() as client:
        client.get("http://192.0.2.1/")


def test_allows_loopback() -> None:
    """A server on loopback can be reached, by number and over a Unix socket."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as one:
        one.connect(server.getsockname())
    assert is_inside(socket.AF_INET6, ("::1", 1, 0, 0))
    assert is_inside(socket.AF_UNIX, "/anywhere")
    assert not is_inside(socket.AF_INET6, ("2001:db8::1", 1, 0, 0))
