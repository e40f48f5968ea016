"""What errors look like from outside."""

import json
import logging
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Query
from fastapi.testclient import TestClient
from pydantic import BaseModel

from service import errors
from service.app import ROUTERS, create_app
from service.web.problems import MAX_BODY, ProblemAnswer
from service.web.resources import Resources, SessionDep

HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}

router = APIRouter()


class Wish(BaseModel):
    count: int
    secret: str


ERRORS = {
    cls.code: cls
    for cls in (
        errors.BadInput,
        errors.NotPermitted,
        errors.NotFound,
        errors.Refused,
        errors.Outdated,
        errors.TooLarge,
        errors.TooManyTries,
        errors.RemoteUnreachable,
        errors.NotReady,
    )
}


@router.get("/api/v1/fail/{code}")
@router.get("/fail/{code}")
def fail(code: str) -> None:
    if code == "unexpected":
        raise RuntimeError("the password is hunter2")
    raise ERRORS[code]("One sentence <with> a way on.", details={"retry_after": 7} if code == "too-many-tries" else {})


@router.post("/api/v1/wishes")
def wish(wish: Wish, page: Annotated[int, Query()] = 1) -> Wish:
    return wish


@router.post("/api/v1/commit")
def commit(session: SessionDep) -> str:
    raise RuntimeError("after some work")


@pytest.fixture
def failing(resources: Resources) -> TestClient:
    """The application with routes that fail in every way."""
    app = create_app(resources, routers=[*ROUTERS, router])
    return TestClient(app, base_url="http://localhost", follow_redirects=False)


@pytest.mark.parametrize("code", sorted(ERRORS))
def test_expected_errors_for_programs(failing: TestClient, code: str) -> None:
    """Each error of the service is a problem with its code, status, title, sentence and path."""
    answer = failing.get(f"/api/v1/fail/{code}")
    body = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.status_code == body["status"] == ERRORS[code].status
    assert body["code"] == code
    assert body["type"] == f"urn:primero-bridge:problem:{code}"
    assert body["detail"] == "One sentence <with> a way on."
    assert body["instance"] == f"/api/v1/fail/{code}"
    assert body["request_id"] == answer.headers["x-request-id"]
    assert len(body["title"]) > 5
    assert set(body) <= {"type", "title", "status", "detail", "code", "instance", "request_id", "details"}


@pytest.mark.parametrize("code", sorted(ERRORS))
def test_expected_errors_for_people(failing: TestClient, code: str) -> None:
    """On a page each error is a page with the same status, the sentence as text, and a way on."""
    answer = failing.get(f"/fail/{code}", headers=HTML)
    assert answer.status_code == ERRORS[code].status
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "One sentence &lt;with&gt; a way on." in answer.text
    assert 'href="/"' in answer.text


def test_every_code_has_a_title() -> None:
    """No code of the service falls back to HTTP's own words."""
    for cls in [*ERRORS.values(), errors.NotSignedIn]:
        assert ProblemAnswer(cls.code, 418, "x").title != ProblemAnswer("other", 418, "x").title


def test_details_and_retry_after(failing: TestClient) -> None:
    """Facts for programs are under details, and how long to wait is a header too, for people as well."""
    answer = failing.get("/api/v1/fail/too-many-tries")
    assert answer.json()["details"] == {"retry_after": 7}
    assert answer.headers["retry-after"] == "7"
    assert failing.get("/fail/too-many-tries", headers=HTML).headers["retry-after"] == "7"
    assert "details" not in failing.get("/api/v1/fail/refused").json()


@pytest.mark.parametrize(
    ("path", "headers", "json_expected"),
    [
        ("/api/v1/nothing", HTML, True),
        ("/nothing", HTML, False),
        ("/nothing", {"Accept": "*/*"}, False),
        ("/nothing", {"Accept": "application/json"}, True),
        ("/nothing", {"Accept": "application/problem+json"}, True),
        ("/nothing", {"Accept": "text/html, application/json"}, False),
        ("/nothing", {"Authorization": "Bearer x", "Accept": "*/*"}, True),
    ],
)
def test_unknown_addresses(client: TestClient, path: str, headers: dict[str, str], json_expected: bool) -> None:
    """An unknown address is 404 in the form that the asker understands."""
    answer = client.get(path, headers=headers)
    assert answer.status_code == 404
    assert (answer.headers["content-type"] == "application/problem+json") is json_expected
    assert "There is nothing at this address." in answer.text


def test_wrong_method(client: TestClient) -> None:
    """A wrong method is a problem that names the right ones."""
    answer = client.delete("/api/v1/me")
    assert answer.status_code == 405
    assert answer.json()["code"] == "method-not-allowed"
    assert answer.headers["allow"] == "GET"


def test_requests_that_do_not_validate(failing: TestClient) -> None:
    """A fault in a request is named by place and kind; what was sent is not repeated."""
    answer = failing.post("/api/v1/wishes?page=first", json={"count": "many-secret", "secret": 12})
    body = answer.json()
    assert (answer.status_code, body["code"]) == (422, "bad-input")
    assert {fault["where"] for fault in body["details"]["errors"]} == {"query.page", "body.count", "body.secret"}
    assert "query.page" in body["detail"]
    assert "many-secret" not in answer.text
    assert "first" not in answer.text


def test_bodies_that_are_not_json(failing: TestClient) -> None:
    """A body that cannot be parsed is the same kind of problem."""
    answer = failing.post("/api/v1/wishes", content=b"{", headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (422, "bad-input")


@pytest.mark.parametrize(("path", "headers"), [("/api/v1/fail/unexpected", {}), ("/fail/unexpected", HTML)])
def test_unexpected_errors_tell_a_number_and_nothing_else(
    failing: TestClient, caplog: pytest.LogCaptureFixture, path: str, headers: dict[str, str]
) -> None:
    """What nobody expected is 500 with the number under which the log has it, headers as always, and no internals."""
    with caplog.at_level(logging.ERROR, "service.web"):
        answer = failing.get(path, headers=headers)
    number = answer.headers["x-request-id"]
    assert answer.status_code == 500
    assert number in answer.text
    assert "hunter2" not in answer.text
    assert "RuntimeError" not in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    (record,) = [record for record in caplog.records if record.name == "service.web"]
    assert number in record.getMessage()
    assert "/fail/{code}" in record.getMessage()
    assert record.exc_info is not None


def test_unexpected_errors_roll_back(failing: TestClient, resources: Resources) -> None:
    """An error inside a write transaction leaves the database free for the next one."""
    for _ in range(2):
        assert failing.post("/api/v1/commit").status_code == 500


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/nothing", "/api/v1/fail/refused", "/api/v1/fail/unexpected"])
def test_problems_of_head(failing: TestClient, path: str) -> None:
    """HEAD has the status and headers of GET and no body, also for problems."""
    get, head = failing.get(path, headers=HTML), failing.head(path, headers=HTML)
    assert head.status_code == get.status_code
    assert head.headers["content-type"] == get.headers["content-type"]
    assert head.content == b""


def test_bodies_over_the_limit(failing: TestClient) -> None:
    """A body that says it is too large is refused before it is read."""
    answer = failing.post("/api/v1/wishes", content=b"x", headers={"Content-Length": str(MAX_BODY + 1)})
    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")
    assert "20 MB" in answer.json()["detail"]


@pytest.mark.parametrize("length", ["-1", "1e9", "many", "²"])
def test_lengths_that_are_no_numbers(failing: TestClient, length: str) -> None:
    """A length that is no number is refused like one that is too large."""
    headers = {"Content-Length": length.encode()}
    assert failing.post("/api/v1/wishes", content=b"x", headers=headers).status_code == 413  # type: ignore[arg-type]


def test_chunked_bodies_over_the_limit(failing: TestClient) -> None:
    """A body that does not say its length is read up to the limit and no further."""
    sent = 0

    def chunks() -> Any:
        nonlocal sent
        for _ in range(40):
            sent += 2**20
            yield b" " * 2**20

    answer = failing.post("/api/v1/wishes", content=chunks(), headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")


def test_bodies_at_the_limit(failing: TestClient) -> None:
    """A body of exactly the limit is taken."""
    body = json.dumps({"count": 1, "secret": ""}).encode()
    content = body + b" " * (MAX_BODY - len(body))
    headers = {"Content-Type": "application/json"}
    assert failing.post("/api/v1/wishes", content=content, headers=headers).status_code == 200
    assert failing.post("/api/v1/wishes", content=content + b" ", headers=headers).status_code == 413
