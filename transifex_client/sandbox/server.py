"""The sandbox behind a port of this machine, for the demo and for clients that want a real socket."""

import contextlib
import queue
import socket
import sys
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from transifex_client.addresses import is_loopback
from transifex_client.sandbox.core import HookRequest, Sandbox, Settings
from transifex_client.sandbox.http import Fault, Request, Response
from transifex_client.sandbox.state import parse_state, write_state
from transifex_client.wire import httpx

BODY_LIMIT = 50 * 1024 * 1024
_LOOPBACK = "127.0.0.1"
_IDLE_SECONDS = 60
_DELIVERY_SECONDS = 5.0


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int, sandbox: Sandbox, state_file: Path | None) -> None:
        super().__init__((_LOOPBACK, port), _Handler)
        self.sandbox = sandbox
        self.url = f"http://{_LOOPBACK}:{self.server_port}"
        self._state_file = state_file
        self._saving = threading.Lock()
        self._open: set[socket.socket] = set()

    def answer(self, request: Request) -> Response:
        """Answer a request and, where it may have changed something, keep the state."""
        response = self.sandbox.handle(request)
        # Polls finish jobs, so a GET of a job changes the state as well.
        if self._state_file is not None and (request.method != "GET" or "_async_" in request.path):
            with self._saving:
                write_state(self.sandbox.dump(), self._state_file)
        return response

    def process_request(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        """Note an open connection, so that closing the server closes it too."""
        if isinstance(request, socket.socket):
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        """Forget a connection that has ended."""
        if isinstance(request, socket.socket):
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a client that went away in the middle: that is its own affair, and is tried on purpose."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]

    def hang_up(self) -> None:
        """End the connections that clients keep open."""
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Postman:
    """Sends the deliveries of webhooks from a thread of its own, once each, and only to this machine."""

    def __init__(self) -> None:
        self._waiting: queue.SimpleQueue[HookRequest | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="transifex-sandbox-webhooks", daemon=True)
        self._thread.start()

    def send(self, delivery: HookRequest) -> None:
        """Send a delivery soon; one to another machine is left unsent."""
        if is_loopback(urlsplit(delivery.url).hostname or ""):
            self._waiting.put(delivery)

    def close(self) -> None:
        """Send what is waiting and stop."""
        self._waiting.put(None)
        self._thread.join()

    def _work(self) -> None:
        with httpx.Client(timeout=_DELIVERY_SECONDS, follow_redirects=False, trust_env=False) as client:
            while (delivery := self._waiting.get()) is not None:
                # Whether the real one tries again is not known: at most once is what a receiver must bear.
                with contextlib.suppress(httpx.HTTPError, httpx.InvalidURL):
                    client.post(delivery.url, content=delivery.body, headers=dict(delivery.headers))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "sandbox"
    sys_version = ""
    timeout = _IDLE_SECONDS
    # One packet an answer: a small write after another would wait for the client's delayed acknowledgement.
    wbufsize = -1
    disable_nagle_algorithm = True
    server: _Server

    def _serve(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not length.isdecimal() or int(length) > BODY_LIMIT:
            self.close_connection = True
            self._send(Fault(413, f"A body of known length, at most {BODY_LIMIT} bytes, is expected.").response())
            return
        request = Request(
            method=self.command,
            target=self.path,
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(int(length)),
            origin=self.server.url,
        )
        self._send(self.server.answer(request))

    do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = _serve

    def _send(self, response: Response) -> None:
        time.sleep(response.delay)
        self.close_connection = self.close_connection or response.cut
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        if response.status != 204:
            self.send_header("Content-Length", str(len(response.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(response.body[: len(response.body) // 2] if response.cut else response.body)
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: addresses hold the secrets of download links."""


@dataclass(frozen=True, slots=True)
class RunningSandbox:
    """A sandbox that listens. Close it, or use it in a ``with``."""

    sandbox: Sandbox
    url: str
    _listening: tuple[tuple[_Server, threading.Thread], ...]
    _postman: _Postman

    def close(self) -> None:
        """Stop listening, end open connections and wait for the threads."""
        for server, thread in self._listening:
            server.shutdown()
            server.hang_up()
            server.server_close()
            thread.join()
        self._postman.close()

    def wait(self) -> None:
        """Serve until the process is interrupted."""
        for _, thread in self._listening:
            thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def serve(
    port: int = 0,
    *,
    token: str,
    user: str = "bridge",
    organization: str = "sandbox",
    settings: Settings | None = None,
    state_file: Path | None = None,
    storage_apart: bool = False,
) -> RunningSandbox:
    """Start a sandbox on a port of this machine (0 takes a free one) and return it running.

    Args:
        port: where to listen, on the loopback address only.
        token: what clients must send.
        user: whose token it is.
        organization: the slug of the organization that is there from the start.
        settings: how it behaves.
        state_file: what it remembers is kept here and read from here; None forgets it at the end.
        storage_apart: whether finished files lie at an origin of their own (a second free port), as with Transifex.

    Raises:
        OSError: the port is taken.
        ValueError: the state file was not written by a sandbox.
    """
    state = parse_state(state_file.read_bytes()) if state_file is not None and state_file.exists() else None
    sandbox = Sandbox(tokens={token: user}, organization=organization, settings=settings, state=state)
    server = _Server(port, sandbox, state_file)
    postman = _Postman()
    sandbox.send = postman.send
    listening = [(server, _start(server))]
    if storage_apart:
        storage = _Server(0, sandbox, None)
        sandbox.settings.storage_url = storage.url
        listening.append((storage, _start(storage)))
    return RunningSandbox(sandbox, server.url, tuple(listening), postman)


def _start(server: _Server) -> threading.Thread:
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), name="transifex-sandbox", daemon=True)
    thread.start()
    return thread
