"""Tags of JSON answers: what a program has is not sent again, and nobody gets what was made for somebody else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI, Header, Request, Response
from fastapi.testclient import TestClient
from starlette.middleware.gzip import GZipMiddleware

from service.web.middleware import HeadAsGet
from service.web.tags import Tags, describe_tags


def _application() -> FastAPI:
    app = FastAPI()

    @app.get("/api/list")
    def show(x_who: str = Header(default="nobody")) -> list[str]:
        return [f"for {x_who}"] * 200

    @app.post("/api/list")
    def write() -> list[str]:
        return ["written"]

    @app.get("/api/own")
    def own() -> Response:
        return Response(b"[]", media_type="application/json", headers={"ETag": '"own"'})

    @app.get("/api/file")
    def file() -> Response:
        return Response(b"a,b", media_type="text/csv")

    @app.get("/api/trouble")
    def trouble() -> Response:
        return Response(b"{}", status_code=409, media_type="application/problem+json")

    @app.get("/page")
    def page(request: Request) -> dict[str, str]:
        return {"path": request.url.path}

    app.add_middleware(Tags)
    app.add_middleware(GZipMiddleware, minimum_size=1000)
    app.add_middleware(HeadAsGet)
    return app


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    """An application with a tagged list, and with answers that get no tag."""
    with TestClient(_application()) as made:
        yield made


def test_what_is_the_same_is_not_sent_again(client: TestClient) -> None:
    """With the tag the answer is 304 without a body; the tag is the same however the answer travels."""
    first = client.get("/api/list")
    assert (first.status_code, len(first.json())) == (200, 200)
    plain = client.get("/api/list", headers={"Accept-Encoding": "identity"})
    assert plain.headers["etag"] == first.headers["etag"]
    assert first.headers["etag"].startswith('W/"')
    again = client.get("/api/list", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert "content-type" not in again.headers


@pytest.mark.parametrize(
    ("asked", "status"),
    [("*", 304), ('"a", {tag}', 304), ("{bare}", 304), ('"a"', 200), ('W/"a", W/"b"', 200), ("", 200), ("W/", 200)],
)
def test_tags_are_compared_as_http_says(client: TestClient, asked: str, status: int) -> None:
    """One of several, strong or weak, or a star; anything else gets the whole answer."""
    tag = client.get("/api/list").headers["etag"]
    header = asked.format(tag=tag, bare=tag.removeprefix("W/"))
    assert client.get("/api/list", headers={"If-None-Match": header}).status_code == status


def test_a_tag_belongs_to_what_the_asker_may_see(client: TestClient) -> None:
    """The answer to somebody else has another tag, so that theirs never hides it."""
    mine = client.get("/api/list", headers={"X-Who": "me"}).headers["etag"]
    other = client.get("/api/list", headers={"X-Who": "you", "If-None-Match": mine})
    assert (other.status_code, other.json()[0]) == (200, "for you")


def test_a_head_has_the_tag_too(client: TestClient) -> None:
    """HEAD answers like GET, without the body."""
    head = client.head("/api/list")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == client.get("/api/list").headers["etag"]


@pytest.mark.parametrize("path", ["/api/file", "/api/trouble", "/page"])
def test_what_is_no_answer_of_the_api_has_no_tag(client: TestClient, path: str) -> None:
    """Files, problems and pages go through as they are."""
    answer = client.get(path, headers={"If-None-Match": "*"})
    assert (answer.status_code == 304, "etag" in answer.headers) == (False, False)


def test_changes_and_own_tags_stay_as_they_are(client: TestClient) -> None:
    """A POST is never answered by 304, and a tag that the endpoint gave is kept."""
    assert client.post("/api/list", headers={"If-None-Match": "*"}).json() == ["written"]
    assert client.get("/api/own").headers["etag"] == '"own"'


def test_the_description_tells_of_them(client: TestClient) -> None:
    """Each GET of JSON takes a tag and may answer 304, a list tells of its next page; describing twice adds nothing."""
    app: Any = client.app
    found = describe_tags(describe_tags(app.openapi()))["paths"]["/api/list"]["get"]
    assert [each["name"] for each in found["parameters"] if each["in"] == "header"].count("If-None-Match") == 1
    assert set(found["responses"]) >= {"200", "304"}
    assert set(found["responses"]["200"]["headers"]) == {"ETag", "Link"}
