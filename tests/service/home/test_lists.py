"""What every list and every answer of the API has in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from service.auth.models import Person
from service.mail.models import MailMessage, MailState
from service.sync.models import RunKind, RunState, SyncRun

if TYPE_CHECKING:
    from tests.service.home.conftest import Api

D = "/deployments/iraq"


def _gets(api: Api) -> dict[str, Any]:
    description = api("observer").get("/openapi.json").json()
    return {
        path: operations["get"]
        for path, operations in description["paths"].items()
        if "get" in operations and "application/json" in operations["get"]["responses"]["200"].get("content", {})
    }


def test_every_list_has_pages(api: Api) -> None:
    """Whatever answers a list takes ``after`` and ``limit``, and its description tells of the link to the next page."""
    lists = {
        path: get
        for path, get in _gets(api).items()
        if get["responses"]["200"]["content"]["application/json"]["schema"].get("type") == "array"
    }
    assert len(lists) >= 12
    for path, get in lists.items():
        assert {"after", "limit"} <= {each["name"] for each in get["parameters"]}, path
        assert "Link" in get["responses"]["200"]["headers"], path


def test_every_answer_has_a_tag(api: Api) -> None:
    """The description says so of each GET of JSON under /api; one of them shows it."""
    for path, get in _gets(api).items():
        if path.startswith("/api/"):
            assert "304" in get["responses"], path
            assert "ETag" in get["responses"]["200"]["headers"], path
    asking = api("observer")
    tag = asking.get(D).headers["etag"]
    headers = {**asking.headers, "If-None-Match": tag}
    again = api.client.get(f"/api/v1{D}", headers=headers)
    assert (again.status_code, again.content, again.headers["cache-control"]) == (304, b"", "no-store")
    with api.database.write() as session:
        now = api.clock()
        session.add(
            SyncRun(deployment_id=api.ids["iraq"], kind=RunKind.PULL, state=RunState.DONE, started_at=now, ended_at=now)
        )
    assert api.client.get(f"/api/v1{D}", headers=headers).status_code == 200


def test_a_tag_needs_the_permission_too(api: Api) -> None:
    """Whoever may not see the answer is told so, whatever tag they name."""
    for role, slug, status in ((None, "iraq", 404), ("observer", "other", 404)):
        asking = api(role, slug=slug)
        found = api.client.get(f"/api/v1{D}", headers={**asking.headers, "If-None-Match": "*"})
        assert found.status_code == status
    assert api.client.get(f"/api/v1{D}", headers={"If-None-Match": "*"}).status_code == 401


def _walk(api: Api, path: str) -> list[list[int]]:
    pages: list[list[int]] = []
    following = f"/api/v1{path}"
    while following:
        answer = api.client.get(following, headers=api("specialist").headers)
        pages.append([row["id"] for row in answer.json()])
        following = answer.links.get("next", {}).get("url", "")
    return pages


def test_runs_and_mail_are_read_to_the_first(api: Api) -> None:
    """The newest come first, and links lead to those that no page showed before."""
    now, deployment = api.clock(), api.ids["iraq"]
    with api.database.write() as session:
        session.add(Person(id="somebody", created_at=now))
        session.flush()
        for number in range(5):
            session.add(
                SyncRun(deployment_id=deployment, kind=RunKind.PULL, state=RunState.DONE, started_at=now, ended_at=now)
            )
            session.add(
                MailMessage(
                    deployment_id=deployment, person_id="somebody", kind="welcome", locale="fr", subject="s", text="t",
                    key=f"m{number}", state=MailState.WAITING, created_at=now, due_at=now,
                )
            )  # fmt: skip
    for path in (f"{D}/runs?limit=2", f"{D}/mail?limit=2"):
        pages = _walk(api, path)
        assert [len(page) for page in pages] == [2, 2, 1], path
        ids = [number for page in pages for number in page]
        assert ids == sorted(ids, reverse=True)
