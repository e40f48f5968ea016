"""A thin HTTP server around the sandbox, on this machine alone."""

import contextlib
import socket
import sys
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from service.primero.sandbox.core import Sandbox
from service.primero.sandbox.http import Refusal, Request, Response

BODY_LIMIT = 50 * 1024 * 1024
_LOOPBACK = "127.0.0.1"
_IDLE_SECONDS = 60


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int, sandbox: Sandbox) -> None:
        super().__init__((_LOOPBACK, port), _Handler)
        self.sandbox = sandbox
        self._open: set[socket.socket] = set()

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
            self._send(Refusal(413, "Payload Too Large").response(self.path))
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        self._send(self.server.sandbox.handle(Request(self.command, self.path, headers, self.rfile.read(int(length)))))

    do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = _serve

    def _send(self, response: Response) -> None:
        time.sleep(response.delay + self.server.sandbox.latency.get(self.command, 0.0))
        self.close_connection = self.close_connection or response.cut
        self.send_response(response.status)
        for name, value in response.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(response.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(response.body[: len(response.body) // 2] if response.cut else response.body)
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the demo's own lines are what people read."""


@dataclass(frozen=True, slots=True)
class RunningSandbox:
    """A sandbox that listens. Close it, or use it in a ``with``."""

    sandbox: Sandbox
    url: str
    _server: _Server
    _thread: threading.Thread

    def close(self) -> None:
        """Stop listening, end open connections and wait for the thread."""
        self._server.shutdown()
        self._server.hang_up()
        self._server.server_close()
        self._thread.join()

    def wait(self) -> None:
        """Serve until the process is interrupted."""
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def serve(sandbox: Sandbox, port: int = 0) -> RunningSandbox:
    """Start a sandbox on a port of this machine (0 takes a free one) and return it running.

    Raises:
        OSError: the port is taken.
    """
    server = _Server(port, sandbox)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), name="primero-sandbox", daemon=True)
    thread.start()
    return RunningSandbox(sandbox, f"http://{_LOOPBACK}:{server.server_port}", server, thread)
