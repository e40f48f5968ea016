"""Which addresses a Primero may have."""

from __future__ import annotations

import httpx
import pytest

from service.primero.client.addresses import choose_address, parse_place
from service.primero.client.errors import ForbiddenAddress, Unreachable
from service.primero.client.wire import GuardedTransport
from service.primero.sandbox.server import serve
from tests.support.primero import PASSWORD, USER, make_sandbox

INSIDE = ["127.0.0.1", "10.1.2.3", "192.168.1.1", "172.16.0.9", "169.254.169.254", "::1", "fe80::1%eth0", "fd00::1"]
INSIDE += ["0.0.0.0", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "100.64.0.1", "224.0.0.1", "2002:a00:1::1"]


@pytest.mark.parametrize("address", INSIDE)
def test_private_addresses_are_refused(address: str) -> None:
    """A name that leads inside is refused, also when only one of its addresses does."""
    with pytest.raises(ForbiddenAddress, match="BRIDGE_PRIMERO_HOSTS"):
        choose_address("primero.example.org", 443, (), lambda *_: [address])
    with pytest.raises(ForbiddenAddress):
        choose_address("primero.example.org", 443, (), lambda *_: ["93.184.216.34", address])


@pytest.mark.parametrize(
    ("address", "allowed"),
    [("10.1.2.3", "10.0.0.0/8"), ("10.1.2.3", "primero.local"), ("127.0.0.1", "127.0.0.1"), ("fd00::1", "fd00::/8")],
)
def test_what_the_operator_allows_is_visited(address: str, allowed: str) -> None:
    """By name, by address or by network."""
    assert choose_address("primero.local", 443, {allowed}, lambda *_: [address]) == address


def test_a_public_address_is_visited_as_it_was_looked_up() -> None:
    """The first one is taken."""
    assert choose_address("x.org", 443, (), lambda *_: ["93.184.216.34", "8.8.8.8"]) == "93.184.216.34"


def test_a_name_without_address_is_said_so() -> None:
    """No host of this name."""
    with pytest.raises(Unreachable, match=r"no host x\.org"):
        choose_address("x.org", 443, (), lambda *_: [])


def test_a_name_is_looked_up_once_and_that_address_is_visited() -> None:
    """A name that would lead elsewhere the second time does not matter: what was checked is what is visited."""
    asked = []

    def resolve(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    with serve(make_sandbox()) as running:
        port = parse_place(running.url).port
        transport = GuardedTransport(frozenset({"127.0.0.1"}), resolve)
        with httpx.Client(transport=transport, auth=(USER, PASSWORD)) as client:
            response = client.get(f"http://primero.test:{port}/api/v2/forms")
            assert (response.status_code, response.request.url.host) == (200, "primero.test")
            with pytest.raises(ForbiddenAddress):
                client.get(f"http://primero.test:{port}/api/v2/forms")
    assert asked == ["primero.test", "primero.test"]


@pytest.mark.parametrize(
    ("url", "plain"),
    [
        ("https://Primero.Example.org/", "https://primero.example.org"),
        ("https://primero.example.org:443/base/", "https://primero.example.org/base"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("https://[2001:db8::1]:444/", "https://[2001:db8::1]:444"),
    ],
)
def test_an_address_has_one_way_to_be_written(url: str, plain: str) -> None:
    """Small letters, no usual port, no slash at the end."""
    assert parse_place(url).url == plain
