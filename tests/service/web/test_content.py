"""Bytes over HTTP: what a client has is not sent again, parts fit together, and odd headers do no harm."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from itertools import pairwise

import pytest
from fastapi import FastAPI, Request, Response
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st

from service.web.content import answer_content, gives_out
from service.web.middleware import HeadAsGet

DATA = bytes(range(100))
ETAG = f'"{hashlib.sha256(DATA).hexdigest()}"'
GIVEN: list[bool] = []


def _application() -> FastAPI:
    app = FastAPI()

    @app.get("/file")
    def send(request: Request) -> Response:
        answer = answer_content(request, DATA, media_type="application/zip", name="x.zip", headers={"X-More": "1"})
        GIVEN.append(gives_out(request, answer))
        return answer

    app.add_middleware(HeadAsGet)
    return app


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    """A route that answers with a hundred bytes."""
    with TestClient(_application()) as made:
        yield made


def test_all_of_it_comes_with_what_it_can_be_compared_by(client: TestClient) -> None:
    """ETag and digest are those of the whole."""
    answer = client.get("/file")
    assert (answer.status_code, answer.content) == (200, DATA)
    assert answer.headers["etag"] == ETAG
    digest = base64.b64encode(hashlib.sha256(DATA).digest()).decode()
    assert answer.headers["repr-digest"] == f"sha-256=:{digest}:"
    assert answer.headers["accept-ranges"] == "bytes"
    assert (answer.headers["content-disposition"], answer.headers["x-more"]) == ('attachment; filename="x.zip"', "1")
    assert GIVEN[-1]


@pytest.mark.parametrize(
    ("asked", "status", "part", "place"),
    [
        ("bytes=0-9", 206, DATA[:10], "bytes 0-9/100"),
        ("bytes=90-", 206, DATA[90:], "bytes 90-99/100"),
        ("bytes=-5", 206, DATA[95:], "bytes 95-99/100"),
        ("bytes=-500", 206, DATA, "bytes 0-99/100"),
        ("bytes=50-5000", 206, DATA[50:], "bytes 50-99/100"),
        ("bytes=100-", 416, b"", "bytes */100"),
        ("bytes=-0", 416, b"", "bytes */100"),
        ("bytes=9-3", 200, DATA, None),
        ("bytes=0-1,5-6", 200, DATA, None),
        ("bytes=-", 200, DATA, None),
        ("lines=1-2", 200, DATA, None),
        (f"bytes=0-{'9' * 5000}", 200, DATA, None),
    ],
)
def test_parts(client: TestClient, asked: str, status: int, part: bytes, place: str | None) -> None:
    """One part is sent alone; what is no such part is all of it, or said not to be there."""
    answer = client.get("/file", headers={"Range": asked})
    assert (answer.status_code, answer.content, answer.headers.get("content-range")) == (status, part, place)
    assert GIVEN[-1] == (status == 200 or part.startswith(DATA[:1]))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(1, 99), unique=True).map(sorted))
def test_parts_fit_together(cuts: list[int]) -> None:
    """However a broken download is taken up again, the bytes are the same."""
    edges = [0, *cuts, 100]
    with TestClient(_application()) as client:
        parts = [
            client.get("/file", headers={"Range": f"bytes={start}-{stop - 1}", "If-Range": ETAG}).content
            for start, stop in pairwise(edges)
        ]
    assert b"".join(parts) == DATA


def test_what_the_client_has_is_not_sent_again(client: TestClient) -> None:
    """Nor does it count as given out; a weak tag and a list of them do as well."""
    for header in (ETAG, f'"other", W/{ETAG}', "*"):
        answer = client.get("/file", headers={"If-None-Match": header})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", ETAG)
        assert not GIVEN[-1]
    assert client.get("/file", headers={"If-None-Match": '"other"'}).status_code == 200


def test_a_part_of_what_changed_is_all_of_it(client: TestClient) -> None:
    """If-Range with another tag."""
    answer = client.get("/file", headers={"Range": "bytes=0-9", "If-Range": '"other"'})
    assert (answer.status_code, answer.content) == (200, DATA)


def test_the_head_alone_gives_nothing_out(client: TestClient) -> None:
    """It tells size and digest."""
    answer = client.head("/file")
    assert (answer.status_code, answer.content, answer.headers["content-length"]) == (200, b"", "100")
    assert not GIVEN[-1]
