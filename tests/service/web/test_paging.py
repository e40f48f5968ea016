"""Lists page by page: every item once, whatever comes or goes meanwhile."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from service.web.paging import LARGEST, PageDep
from service.web.problems import install_problem_handlers

ITEMS: list[str] = []


def _application() -> FastAPI:
    app = FastAPI()
    install_problem_handlers(app)

    @app.get("/api/items")
    def show(page: PageDep, kind: str = "") -> list[str]:
        return [f"{kind}{each}" for each in page.cut(ITEMS, lambda each: each)]

    @app.get("/api/rows")
    def show_rows(page: PageDep) -> list[int]:
        newest = (number for number in range(7, 0, -1) if page.before_id is None or number < page.before_id)
        return list(page.first(newest, lambda each: each))

    return app


@pytest.fixture
def client() -> Iterator[TestClient]:
    """Two lists: one that is known whole, one of which each page is looked up."""
    ITEMS[:] = ["a/b", "c&d", "é", "f", "g"]
    with TestClient(_application()) as made:
        yield made


def walk(client: TestClient, address: str) -> list[list[object]]:
    """Return every page, by following the links."""
    pages = []
    while address:
        answer = client.get(address)
        assert answer.status_code == 200, answer.text
        pages.append(answer.json())
        address = following(answer)
    return pages


def following(answer: httpx.Response) -> str:
    """Return the address of the next page, "" on the last one."""
    return answer.links.get("next", {}).get("url", "")


def test_links_lead_through_every_item_once(client: TestClient) -> None:
    """In order, with what else the address asks for; the last page leads nowhere, also where it is full."""
    assert walk(client, "/api/items?limit=2&kind=%26") == [["&a/b", "&c&d"], ["&é", "&f"], ["&g"]]
    assert walk(client, "/api/items?limit=5") == [["a/b", "c&d", "é", "f", "g"]]
    assert walk(client, "/api/rows?limit=3") == [[7, 6, 5], [4, 3, 2], [1]]


def test_who_asks_for_nothing_gets_what_fits(client: TestClient) -> None:
    """A short list comes whole, of a long one the first page."""
    assert walk(client, "/api/items") == [ITEMS]
    ITEMS[:] = [f"{number:04}" for number in range(LARGEST + 1)]
    assert [len(page) for page in walk(client, "/api/items")] == [LARGEST, 1]
    ITEMS.clear()
    assert walk(client, "/api/items") == [[]]


def test_what_comes_before_moves_nothing(client: TestClient) -> None:
    """An item that comes at the beginning while somebody reads does not repeat what they have."""
    address = following(client.get("/api/items?limit=2"))
    ITEMS.insert(0, "new")
    assert client.get(address).json() == ["é", "f"]


def test_a_page_after_nothing_is_refused(client: TestClient) -> None:
    """Where the item is gone it cannot be said what comes next: a problem, not a gap or the first page again."""
    address = following(client.get("/api/items?limit=2"))
    ITEMS.remove("c&d")
    answer = client.get(address, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (422, "bad-input")
    for odd in ("x", "-1", "٣", "9" * 11, str(2**31)):
        assert client.get("/api/rows", params={"after": odd}, headers={"Accept": "application/json"}).status_code == 422


@pytest.mark.parametrize("query", ["limit=0", f"limit={LARGEST + 1}", "limit=x"])
def test_limits_are_kept(client: TestClient, query: str) -> None:
    """A page has at least one item and at most what is documented."""
    assert client.get(f"/api/items?{query}", headers={"Accept": "application/json"}).status_code == 422
