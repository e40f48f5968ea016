"""Where webhooks may go, and what counts as arrived."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from service.announcing.client import WebhookSender, check_url
from service.errors import BadInput, RemoteUnreachable
from service.settings import Settings


@contextmanager
def receiver(status: int = 204, location: str = "") -> Iterator[tuple[str, list[bytes]]]:
    """Run something that takes webhooks on this machine; yield its address and what it took."""
    taken: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(status)
            if location:
                self.send_header("Location", location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/in?x=1", taken
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


ALLOWING = Settings(webhook_hosts=("127.0.0.1",))


def test_it_arrives() -> None:
    """The body as it is, at an address that the operator allowed."""
    with receiver() as (url, taken), WebhookSender(ALLOWING) as sender:
        sender.post(check_url(url), b'{"id":1}', {})
    assert taken == [b'{"id":1}']


def test_this_machine_is_refused_unless_allowed() -> None:
    """The message names the setting; nothing is sent, whatever the name looks like."""
    with receiver() as (url, taken), WebhookSender(Settings()) as sender:
        with pytest.raises(RemoteUnreachable, match="BRIDGE_WEBHOOK_HOSTS"):
            sender.post(url, b"{}", {})
        with pytest.raises(RemoteUnreachable, match="BRIDGE_WEBHOOK_HOSTS"):
            sender.post(url.replace("127.0.0.1", "localhost"), b"{}", {})
    assert taken == []


@pytest.mark.parametrize(
    "address", ["10.0.0.8", "192.168.1.1", "169.254.169.254", "::1", "fd00::1", "::ffff:10.0.0.8", "0.0.0.0"]
)
def test_a_name_that_leads_inside_is_refused(address: str) -> None:
    """What it is called does not matter: what it resolves to does."""
    with (
        WebhookSender(Settings(), resolve=lambda _host, _port: [address]) as sender,
        pytest.raises(RemoteUnreachable, match="private network"),
    ):
        sender.post("https://hooks.example.org/in", b"{}", {})


@pytest.mark.parametrize(("status", "why"), [(302, "not followed"), (404, "no success"), (500, "no success")])
def test_only_success_is_success(status: int, why: str) -> None:
    """A redirect is not followed, wherever it leads."""
    with (
        receiver() as (elsewhere, taken),
        receiver(status, elsewhere) as (url, _),
        WebhookSender(ALLOWING) as sender,
        pytest.raises(RemoteUnreachable, match=f"answered {status}.*{why}"),
    ):
        sender.post(url, b"{}", {})
    assert taken == []


def test_nobody_there_is_said_without_the_address() -> None:
    """An address may hold a secret of its owner's."""
    with receiver() as (url, _):
        pass
    with WebhookSender(ALLOWING) as sender, pytest.raises(RemoteUnreachable) as caught:
        sender.post(url, b"{}", {})
    assert "/in" not in caught.value.message


@pytest.mark.parametrize(
    "url",
    ["http://example.org/x", "ftp://example.org", "https://u:p@example.org", "https://", "x", "https://e.org/a b", "",
     "https://e.org/#x", "https://e.org/?a#x", "https://é.org/", "https://e.org/" + "a" * 1000],
)  # fmt: skip
def test_an_address_that_cannot_be_is_refused(url: str) -> None:
    """Over plain http everybody on the way could read and change it."""
    with pytest.raises(BadInput, match="https://HOST/PATH"):
        check_url(url)


def test_an_address_stays_as_it_is() -> None:
    """With its path, the slash at its end, and its query."""
    assert check_url("https://e.org/in/\n") == "https://e.org/in/"
    assert check_url("https://e.org") == "https://e.org/"
    assert check_url(" https://Hooks.Example.org:8443/in/x?token=a&b=%20 ") == (
        "https://hooks.example.org:8443/in/x?token=a&b=%20"
    )
