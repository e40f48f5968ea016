"""The sandbox behind a real port."""

import http.client
import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from transifex_client import Configuration, TransifexClient
from transifex_client.errors import ForbiddenAddress, Unauthorised
from transifex_client.resources import DownloadMode, NewProject, NewResource
from transifex_client.sandbox.server import BODY_LIMIT, RunningSandbox, serve


def connect(server: RunningSandbox, token: str = "tok") -> TransifexClient:
    return TransifexClient(Configuration(token, base_url=server.url, poll_waits=(0.01,)))


def test_a_client_works_through_a_real_port_and_the_state_outlives_the_server(tmp_path: Path) -> None:
    """A whole round goes through a socket, and a second server finds what the first one left in its file."""
    file = tmp_path / "state.json"
    with serve(0, token="tok", state_file=file) as server, connect(server) as client:
        project = client.create_project(NewProject("o:sandbox", "app", "App"))
        client.add_project_languages(project.id, ["fr"])
        resource = client.create_resource(NewResource(project.id, "forms", "Forms"))
        client.upload_source(resource.id, "en:\n  form: Förm\n".encode(), keep_translations=False)
        server.sandbox.translate(resource.id, "fr", {"form": "Formulaire"}, by="amina")
        content = client.download_translations(resource.id, "fr", mode=DownloadMode.ONLY_TRANSLATED)
        assert content == b"fr:\n  form: Formulaire\n"
    with serve(0, token="tok", state_file=file) as server, connect(server) as client:
        assert client.list_strings(resource.id)[0].strings == {"other": "Förm"}
        assert client.list_translations(resource.id, "fr")[0].translator == "amina"


def test_a_file_that_is_no_state_is_refused(tmp_path: Path) -> None:
    """A server does not start on somebody else's file."""
    file = tmp_path / "state.json"
    file.write_text('{"projects": 5}')
    with pytest.raises(ValueError, match="projects"):
        serve(0, token="tok", state_file=file)


def test_many_at_once_are_served() -> None:
    """Several threads share one client and one server."""
    with serve(0, token="tok") as server, connect(server) as client, ThreadPoolExecutor(4) as pool:
        names = [user.username for user in pool.map(client.get_user, ["bridge"] * 40)]
        assert names == ["bridge"] * 40
        assert client.requests_sent == 40


def test_another_token_is_refused() -> None:
    """The port is guarded by the token."""
    with serve(0, token="tok") as server, connect(server, "other") as client, pytest.raises(Unauthorised):
        client.list_organizations()


def test_a_server_listens_to_this_machine_alone() -> None:
    """The address is the loopback's."""
    with serve(0, token="tok") as server:
        assert urlsplit(server.url).hostname == "127.0.0.1"


@pytest.mark.parametrize("headers", [{"Content-Length": str(BODY_LIMIT + 1)}, {"Transfer-Encoding": "chunked"}])
def test_a_body_without_bounds_is_refused(headers: dict[str, str]) -> None:
    """A body that is too long, or of unknown length, is not read."""
    with serve(0, token="tok") as server:
        connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=5)
        connection.putrequest("POST", "/projects")
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders()
        assert connection.getresponse().status == 413
        connection.close()


def test_a_connection_is_kept_for_the_next_request() -> None:
    """HTTP/1.1 keep-alive: one socket serves several requests, 204 included."""
    with serve(0, token="tok") as server:
        connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=5)
        for method, target, status in [("POST", "/_sandbox/reset", 204), ("GET", "/organizations", 200)] * 2:
            connection.request(method, target, headers={"Authorization": "Bearer tok"})
            response = connection.getresponse()
            response.read()
            assert (response.status, response.will_close) == (status, False)
        connection.close()


def test_files_can_lie_at_an_origin_of_their_own() -> None:
    """The link leads to another port, which the client fetches from only when it is told that it may."""
    with serve(0, token="tok", storage_apart=True) as server:
        storage = server.sandbox.settings.storage_url
        assert storage is not None
        assert urlsplit(storage).port != urlsplit(server.url).port
        configuration = Configuration("tok", base_url=server.url, poll_waits=(0.01,))
        with TransifexClient(configuration) as client:
            project = client.create_project(NewProject("o:sandbox", "app", "App"))
            resource = client.create_resource(NewResource(project.id, "forms", "Forms"))
            client.upload_source(resource.id, b"en:\n  form: Form\n", keep_translations=False)
            with pytest.raises(ForbiddenAddress):
                client.download_source(resource.id)
        with TransifexClient(replace(configuration, download_origins=(storage,))) as client:
            assert client.download_source(resource.id) == b"en:\n  form: Form\n"


def test_requests_are_counted_and_late_ones_waited_for() -> None:
    """A benchmark asks the server how many requests it cost, whoever sent them; asking is none."""
    with serve(0, token="tok") as server, connect(server) as client:
        assert count(server) == 0
        server.sandbox.settings.latency = 0.1
        started = time.monotonic()
        client.get_user("bridge")
        assert time.monotonic() - started >= 0.1
        client.get_user("bridge")
        assert count(server) == count(server) == 2


def count(server: RunningSandbox) -> object:
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=5)
    connection.request("GET", "/_sandbox/requests", headers={"Authorization": "Bearer tok"})
    found = json.loads(connection.getresponse().read())["requests"]
    connection.close()
    return found


def test_a_client_follows_links_with_and_without_a_host() -> None:
    """Which ones the real API writes is not known: a list of three pages is read whole either way."""
    with serve(0, token="tok") as server, connect(server) as client:
        project = client.create_project(NewProject("o:sandbox", "app", "App"))
        resource = client.create_resource(NewResource(project.id, "forms", "Forms"))
        content = "en:\n" + "".join(f"  key_{number}: Text\n" for number in range(2500))
        client.upload_source(resource.id, content.encode(), keep_translations=False)
        for absolute in (False, True):
            server.sandbox.settings.absolute_links = absolute
            before = client.requests_sent
            assert len(client.list_strings(resource.id)) == 2500
            assert client.requests_sent - before == 3
