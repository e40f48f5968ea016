"""The routes that need nobody signed in, and all others."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient

from service.app import create_app
from service.db import Database
from service.web.public import PUBLIC_ROUTES
from service.web.resources import Resources

HTML = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}


def routes(client: TestClient) -> Iterator[tuple[str, str]]:
    """Yield every method and path pattern that the application serves."""
    for context in iter_route_contexts(client.app.routes):  # type: ignore[attr-defined]
        for method in sorted(context.methods or []):
            assert context.path is not None
            yield method, context.path


def test_public_routes_exist(client: TestClient) -> None:
    """The table names routes that are served, each once, with a proof and a reason."""
    named = [(route.method, route.path) for route in PUBLIC_ROUTES]
    assert set(named) <= set(routes(client))
    assert len(set(named)) == len(named)
    assert all(route.proof and route.reason for route in PUBLIC_ROUTES)


def test_everything_else_needs_somebody(client: TestClient) -> None:
    """Every route outside of the table answers 401 to a program and leads a person to the sign-in."""
    public = {(route.method, route.path) for route in PUBLIC_ROUTES}
    others = [route for route in routes(client) if route not in public]
    assert ("GET", "/api/v1/me") in others
    assert ("POST", "/logout") in others
    for method, pattern in others:
        path = re.sub(r"{[^}]*}", "1", pattern)
        if path.startswith("/api/"):
            assert client.request(method, path).status_code == 401, (method, pattern)
        else:
            answer = client.request(method, path, headers=HTML)
            assert answer.status_code == 303, (method, pattern)
            assert answer.headers["location"].startswith("/login?next="), (method, pattern)
            assert client.request(method, path, headers={"Authorization": "Bearer x"}).status_code == 401


def test_no_pages_from_elsewhere(client: TestClient) -> None:
    """There is no documentation page that would load scripts from another site."""
    for path in ("/docs", "/redoc", "/openapi.json", "/docs/oauth2-redirect"):
        assert client.get(path).status_code == 404


def test_health(client: TestClient) -> None:
    """The health is good while the database answers, for HEAD as well."""
    assert client.get("/healthz").json() == {"status": "ok"}
    head = client.head("/healthz")
    assert (head.status_code, head.content) == (200, b"")


@pytest.mark.parametrize("url", ["postgresql://nobody@127.0.0.1:1/none", "sqlite:////nonexistent/folder/file"])
def test_health_without_a_database(resources: Resources, url: str, tmp_path: Path) -> None:
    """When the database does not answer the health says so, and neither its address nor why."""
    broken = Database(url)
    app = create_app(replace(resources, database=broken))
    with TestClient(app, base_url="http://localhost") as client:
        answer = client.get("/healthz", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (503, "not-ready")
    assert "nobody" not in answer.text
    assert "nonexistent" not in answer.text


def test_api_description_is_for_those_who_signed_in(client: TestClient, make_user: object) -> None:
    """The description of the API can be read with a token, and says that errors are problems."""
    _, token = make_user("observer")  # type: ignore[operator]
    body = client.get("/api/v1/openapi.json", headers={"Authorization": f"Bearer {token}"}).json()
    assert "/api/v1/me" in body["paths"]
    assert not any(path.startswith("/login") for path in body["paths"])
    assert "application/problem+json" in body["paths"]["/api/v1/me"]["get"]["responses"]["4XX"]["content"]
    assert "HTTPValidationError" not in body["components"]["schemas"]
