"""Serving: the command in a process of its own, and the server for tests and tools."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from service.errors import BadInput, NotReady
from service.serving import running_server, serve
from service.web.resources import Resources
from transifex_client.wire import httpx

COMMAND = [sys.executable, "-c", "from service.cli import main; main()"]


@contextmanager
def server_process(folder: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run `primero-bridge serve` on the folder; yield the process and the address it says, "" when it ended."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BRIDGE_")}
    with subprocess.Popen(
        [*COMMAND, "serve", *arguments], env=environment | {"BRIDGE_DATA_DIR": str(folder)}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=Path(__file__).resolve().parents[2],
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            yield process, line.removeprefix("serving on ").strip()
        finally:
            process.kill()


def unwanted(url: str) -> None:
    """Fail: nothing is to be served here."""
    pytest.fail(f"it serves on {url}")


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_its_address_answers_and_ends_by_a_signal_with_exit_code_0(
    tmp_path: Path, number: signal.Signals
) -> None:
    """The printed address is the one that answers, from the moment it is printed; the end is clean and quiet."""
    with server_process(tmp_path, "--port", "0") as (process, url):
        assert url.startswith("http://127.0.0.1:")
        answer = httpx.get(f"{url}/healthz")
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
        assert "server" not in answer.headers
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (0, "", "")
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/healthz")


@pytest.mark.slow
def test_a_signal_right_after_the_address_ends_it_too(tmp_path: Path) -> None:
    """A stop that comes while the server is still starting is not lost."""
    with server_process(tmp_path, "--port", "0") as (process, _url):
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0


@pytest.mark.slow
def test_a_port_that_is_taken_is_one_sentence_and_exit_code_2(tmp_path: Path, taken: int) -> None:
    """The sentence names the address and the way on."""
    with server_process(tmp_path, "--port", str(taken)) as (process, url):
        _, err = process.communicate(timeout=30)
    assert (process.returncode, url) == (2, "")
    assert err == (
        f"error: 127.0.0.1:{taken} cannot be listened on (Address already in use): name another --port or --host.\n"
    )


@pytest.mark.slow
def test_two_servers_share_one_sqlite_database(tmp_path: Path) -> None:
    """A second server on the same folder starts, also while the first one makes the database, and both answer."""
    with (
        server_process(tmp_path, "--port", "0") as (first, one),
        server_process(tmp_path, "--port", "0") as (second, two),
    ):
        assert one != two
        for url in (one, two):
            assert httpx.get(f"{url}/healthz").status_code == 200
        for process in (first, second):
            process.terminate()
        assert [first.wait(30), second.wait(30)] == [0, 0]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "bridge.example.org"])
@pytest.mark.parametrize("public", ["http://127.0.0.1:8000", "http://localhost", "http://[::1]:8000"])
def test_it_does_not_open_to_other_machines_by_itself(resources: Resources, host: str, public: str) -> None:
    """Without a public address nobody has thought about who reaches it: the sentence names the two settings."""
    settings = resources.settings.model_copy(update={"public_url": public})
    with pytest.raises(BadInput, match=r"set BRIDGE_PUBLIC_URL .* and BRIDGE_ALLOWED_HOSTS"):
        serve(replace(resources, settings=settings), host, 0, announce=unwanted)


def test_with_a_public_address_it_may_listen_for_others(resources: Resources) -> None:
    """What stops it then is the machine, which does not have the address."""
    settings = resources.settings.model_copy(update={"public_url": "https://bridge.example.org"})
    with pytest.raises(BadInput, match=r"192\.0\.2\.7:0 cannot be listened on"):
        serve(replace(resources, settings=settings), "192.0.2.7", 0, announce=unwanted)


def test_a_server_for_tests_answers_until_its_block_ends(resources: Resources) -> None:
    """It has a port of its own, and leaves none behind."""
    with running_server(resources) as one, running_server(resources) as two:
        assert one != two
        for url in (one, two):
            assert httpx.get(f"{url}/healthz", headers={"Host": "localhost"}).status_code == 200
    for url in (one, two):
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{url}/healthz")


def test_an_error_in_the_block_ends_the_server(resources: Resources) -> None:
    """The server does not outlive who asked for it."""
    with pytest.raises(NotReady, match="of the test"), running_server(resources) as url:
        raise NotReady("of the test")
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/healthz")
