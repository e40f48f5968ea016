"""What happens to every request: headers, host, origin."""

import gzip
from dataclasses import replace

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient
from starlette.requests import Request
from starlette.responses import StreamingResponse

from service.app import ROUTERS, create_app
from service.web.middleware import CONTENT_SECURITY_POLICY
from service.web.resources import Resources
from tests.support.browsing import SAME_ORIGIN

router = APIRouter()


@router.post("/public-change")
def change() -> str:
    return "changed"


@router.get("/broken-stream")
def broken_stream() -> StreamingResponse:
    def parts() -> object:
        yield b"some"
        raise RuntimeError("in the middle")

    return StreamingResponse(parts())  # type: ignore[arg-type]


@pytest.fixture
def app(resources: Resources) -> FastAPI:
    return create_app(resources, routers=[*ROUTERS, router])


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    return TestClient(app, base_url="http://localhost", follow_redirects=False)


@pytest.mark.parametrize("path", ["/login", "/healthz", "/api/v1/me", "/nowhere", "/api/v1/nowhere"])
def test_every_answer_has_the_headers(client: TestClient, path: str) -> None:
    """Pages, answers and problems forbid foreign code, sniffing, framing and keeping copies."""
    headers = client.get(path).headers
    assert headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"
    assert len(headers["x-request-id"]) == 36
    assert "strict-transport-security" not in headers


def test_request_ids_differ(client: TestClient) -> None:
    """Each request has its own number, whatever the asker claims."""
    first = client.get("/healthz", headers={"X-Request-ID": "mine"}).headers["x-request-id"]
    second = client.get("/healthz").headers["x-request-id"]
    assert len({first, second, "mine"}) == 3


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "LOCALHOST", "127.0.0.1:1", "[::1]:8000", "[::1]"])
def test_own_hosts(client: TestClient, host: str) -> None:
    """The service answers to the hosts of its settings, on any port."""
    assert client.get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "localhost@evil", "", "[::2]", "a/b", "::1"]
)
def test_foreign_hosts(client: TestClient, host: str) -> None:
    """Any other host is refused with the setting that would allow it."""
    answer = client.get("/healthz", headers={"Host": host, "Accept": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (400, "wrong-host")
    assert "BRIDGE_ALLOWED_HOSTS" in answer.json()["detail"]


def test_hosts_below_a_domain(resources: Resources) -> None:
    """``*.example.org`` allows every host below, not the domain itself nor one that ends alike."""
    settings = resources.settings.model_copy(update={"allowed_hosts": ("*.example.org",)})
    client = TestClient(create_app(replace(resources, settings=settings)), base_url="http://a.example.org")
    assert client.get("/healthz").status_code == 200
    for host in ("example.org", "badexample.org", "localhost"):
        assert client.get("/healthz", headers={"Host": host}).status_code == 400


COOKIE = {"Cookie": "bridge_session=anything"}


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "http://localhost"},
        {"Origin": "https://localhost"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
    ],
)
def test_changes_by_cookie_from_this_site(client: TestClient, headers: dict[str, str]) -> None:
    """A change with a cookie passes when the browser says that it comes from this site."""
    assert client.post("/public-change", headers=COOKIE | headers).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
        {"Origin": "http://evil.example"},
        {"Origin": "http://localhost:8001"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
    ],
)
def test_changes_by_cookie_from_elsewhere(client: TestClient, headers: dict[str, str]) -> None:
    """A change with a cookie that another site made the browser send, or that tells nothing, is refused."""
    answer = client.post("/public-change", headers=COOKIE | headers)
    assert answer.status_code == 403
    assert "was not sent by a page of this service" in answer.text


def test_origin_behind_a_proxy(resources: Resources) -> None:
    """The public address counts as this site, also where the proxy names another host inside."""
    settings = resources.settings.model_copy(update={"public_url": "https://bridge.example.org"})
    app = create_app(replace(resources, settings=settings), routers=[router])
    client = TestClient(app, base_url="http://localhost")
    for origin, status in [("https://bridge.example.org", 200), ("http://bridge.example.org", 403)]:
        assert client.post("/public-change", headers=COOKIE | {"Origin": origin}).status_code == status


def test_changes_without_a_cookie_need_no_origin(client: TestClient) -> None:
    """What rides on no cookie, or shows a token, is judged by itself: programs send no Origin."""
    assert client.post("/public-change").status_code == 200
    assert client.post("/public-change", headers=COOKIE | {"Authorization": "Bearer x"}).status_code == 200


def test_reading_from_elsewhere_is_a_link(client: TestClient) -> None:
    """A link on another site opens a page."""
    assert client.get("/login", headers=COOKIE | {"Sec-Fetch-Site": "cross-site"}).status_code == 200


def test_static_files_are_kept_for_a_year(client: TestClient) -> None:
    """The stylesheet has an address of its content, which browsers may keep; any other version is not there."""
    page = client.get("/login", headers=SAME_ORIGIN).text
    address = page.partition('rel="stylesheet" href="')[2].partition('"')[0]
    answer = client.get(address)
    assert answer.headers["content-type"].startswith("text/css")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert len(gzip.compress(answer.content)) < 8_000
    assert client.head(address).status_code == 200
    for wrong in ("/static/000000000000/bridge.css", address.replace("bridge.css", "../templates/base.html")):
        assert client.get(wrong).status_code == 404


def test_pages_are_compressed(client: TestClient) -> None:
    """A page travels compressed to whoever takes it so."""
    assert client.get("/login", headers={"Accept-Encoding": "gzip"}).headers["content-encoding"] == "gzip"


def test_a_stream_that_breaks_is_not_ended_as_if_complete(client: TestClient) -> None:
    """When an answer fails half way the connection breaks, so that nobody takes the half for the whole."""
    with pytest.raises(RuntimeError, match="in the middle"):
        client.get("/broken-stream")


def test_request_state_is_there_for_everybody(app: FastAPI) -> None:
    """The number of the request can be read by an endpoint."""
    seen: list[str] = []

    @app.get("/own-number")
    def own_number(request: Request) -> str:
        seen.append(request.state.request_id)
        return ""

    answer = TestClient(app, base_url="http://localhost").get("/own-number")
    assert seen == [answer.headers["x-request-id"]]
