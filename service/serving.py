"""Running the service: pages and API under uvicorn, with a worker in the same process."""

import contextlib
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import uvicorn
from starlette.types import ASGIApp

from service.app import create_app
from service.errors import BadInput, NotReady
from service.web.resources import Resources
from service.worker import start_worker
from transifex_client.addresses import is_loopback

_STOP_SECONDS = 10


def serve(resources: Resources, host: str, port: int, *, announce: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT, then end what is under way and return. For the main thread.

    ``announce`` is told the address: what an operator and scripts wait for.

    Raises:
        BadInput: the address cannot be listened on, or should not be.
    """
    _refuse_unsafe(resources, host)
    listening = _listen(host, port)
    server = _make_server(create_app(resources))
    stop = threading.Event()

    def end(*_: object) -> None:
        # No more than this: a handler that takes a lock may wait for the very thread that it interrupted.
        server.should_exit = True

    # uvicorn takes both signals while it serves, puts these back and raises what came once more: to Python that would
    # be the end by a signal, not by exit code 0. They also hold before uvicorn takes over.
    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        worker = start_worker(resources, stop)
        try:
            announce(_address(listening))
            server.run(sockets=[listening])
        finally:
            stop.set()
            worker.join(_STOP_SECONDS)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        listening.close()


@contextlib.contextmanager
def running_server(resources: Resources, app: ASGIApp | None = None, port: int = 0) -> Iterator[str]:
    """Serve in a thread on a loopback port, 0 for a free one, with a worker; yield the address. For tests and tools.

    ``app`` is served in place of the application, around which it stands.

    Raises:
        NotReady: it does not start.
    """
    listening = _listen("127.0.0.1", port)
    server = _make_server(app or create_app(resources))
    stop = threading.Event()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="server", daemon=True)
    thread.start()
    worker = start_worker(resources, stop)
    try:
        _wait_until_started(server, thread)
        yield _address(listening)
    finally:
        stop.set()
        server.should_exit = True
        thread.join(_STOP_SECONDS)
        worker.join(_STOP_SECONDS)
        listening.close()


def _wait_until_started(server: uvicorn.Server, thread: threading.Thread) -> None:
    deadline = time.monotonic() + _STOP_SECONDS
    while not server.started:
        if time.monotonic() > deadline or not thread.is_alive():
            raise NotReady("The server did not start.")
        time.sleep(0.01)


def _make_server(app: ASGIApp) -> uvicorn.Server:
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        ws="none",
        # A proxy on the same machine may say for whom it asks; nobody else.
        proxy_headers=True,
        forwarded_allow_ips="127.0.0.1,::1",
        timeout_graceful_shutdown=_STOP_SECONDS,
    )
    return uvicorn.Server(config)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(2048)
    except OSError as error:
        listening.close()
        raise BadInput(
            f"{host}:{port} cannot be listened on ({error.strerror}): name another --port or --host."
        ) from error
    return listening


def _address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _refuse_unsafe(resources: Resources, host: str) -> None:
    """Refuse to listen for other machines while nobody said under which address people reach the service."""
    reached = urlsplit(resources.settings.public_url).hostname or ""
    if not is_loopback(host) and is_loopback(reached):
        raise BadInput(
            f"Listening on {host} opens the service to other machines: set BRIDGE_PUBLIC_URL to the address at which "
            "people reach it (https, through a proxy) and BRIDGE_ALLOWED_HOSTS to its host names first."
        )
