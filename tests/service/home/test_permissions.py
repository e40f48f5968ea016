"""Every route of the API against everybody who may not use it; a route that is missing here fails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from fastapi.routing import APIRoute

from service.app import ROUTERS
from service.auth.models import Person
from service.deployments.service import archive_deployment, find_deployment
from service.jobs.service import enqueue_job
from service.volunteers.models import Volunteer
from service.web.public import PUBLIC_ROUTES
from tests.service.home.conftest import OPERATOR, Api
from tests.support.questions import add_question

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

_PAIR = {"key": "form/consent/name", "source_hash": "x", "text_hash": "y"}
_FILE = {"source": ("fr.yml", b"fr:\n  consent:\n    name: Accord\n")}


@dataclass(frozen=True)
class Route:
    """One route: how to call it, and who may not.

    Attributes:
        method, path: as the router writes them.
        body: the JSON body, or None.
        form: the fields and files of a form, or None.
        wrong_role: a role that may see the deployment, but not do this; None where every role may.
        by_locale: a reviewer of another locale may not do this.
        changes: an archived deployment refuses it.
        good_role: a role that may.
    """

    method: str
    path: str
    body: Any = None
    form: dict[str, Any] | None = None
    wrong_role: str | None = None
    by_locale: bool = False
    changes: bool = False
    good_role: str = "specialist"

    def address(self, job: int, slug: str = "iraq") -> str:
        """Return the address to call."""
        filled = self.path.replace("{slug}", slug).replace("{locale}", "fr").replace("{number}", "1")
        # The only question and the only volunteer there are.
        filled = filled.replace("{volunteer_id}", "1").replace("{message_id}", "1")
        filled = filled.replace("{question_id}", "1").replace("{webhook_id}", "1")
        filled = filled.replace("{finding_id}", "999999")
        query = "?key=form/consent/name" if self.path.endswith(("/unit", "/suggestions")) else ""
        return filled.replace("{job_id}", str(job)) + query

    def call(self, client: TestClient, address: str, headers: dict[str, str]) -> Any:
        """Call it."""
        more: dict[str, Any] = {} if self.body is None else {"json": self.body}
        if self.form is not None:
            more = {"data": {k: v for k, v in self.form.items() if k != "source"}, "files": _FILE}
        return client.request(self.method, address, headers=headers, **more)


_D, _L = "/api/v1/deployments/{slug}", "/api/v1/deployments/{slug}/locales/{locale}"
_REVIEW = {"wrong_role": "specialist", "by_locale": True, "changes": True, "good_role": "reviewer"}
_ANSWER = {"wrong_role": "release-engineer", "by_locale": True, "changes": True, "good_role": "reviewer"}
_F, _SAYING = f"{_L}/findings/{{finding_id}}", {"source_hash": "x", "text_hash": "y", "reason": "z"}
_STATEMENT = {"name": "Amal", "role": "x", "organisation": "y", "statement": "Fit.", "digest": "0" * 64}
_V, _BRING = f"{_D}/volunteers", {"wrong_role": "reviewer", "changes": True}
TABLE = [
    Route("GET", "/api/v1/me"),
    Route("GET", "/api/v1/openapi.json"),
    Route("GET", "/api/v1/deployments"),
    Route("POST", "/api/v1/deployments", form={"slug": "new", "name": "New"}, wrong_role="specialist"),
    Route("GET", _D),
    Route("PATCH", _D, {"name": "New"}, wrong_role="reviewer", changes=True),
    Route("POST", f"{_D}/source", form={}, wrong_role="reviewer", changes=True),
    Route("GET", f"{_D}/moved"),
    Route("POST", f"{_D}/moved", wrong_role="reviewer", changes=True),
    Route("POST", f"{_D}/snapshots/{{number}}/activate", wrong_role="reviewer", changes=True),
    Route("POST", f"{_D}/scope", {"action": "exclude", "pattern": "*"}, wrong_role="observer", changes=True),
    Route("POST", f"{_D}/format", {"transifex_format": "PO"}, wrong_role="reviewer", changes=True),
    Route("GET", _V, wrong_role="reviewer"),
    Route("POST", _V, {"transifex": "omar", "languages": ["fr"]}, wrong_role="reviewer", changes=True),
    Route("GET", f"{_V}/file", wrong_role="reviewer"),
    Route("POST", f"{_V}/file", form={}, wrong_role="reviewer", changes=True),
    Route("GET", f"{_V}/candidates", wrong_role="reviewer"),
    Route("POST", f"{_V}/candidates", {"username": "omar"}, wrong_role="reviewer", changes=True),
    Route("POST", f"{_V}/reconcile", wrong_role="reviewer", changes=True),
    Route("GET", f"{_V}/{{volunteer_id}}", wrong_role="reviewer"),
    Route("PUT", f"{_V}/{{volunteer_id}}/languages", {"languages": {"fr": "reviewer"}}, **_BRING),
    Route("POST", f"{_V}/{{volunteer_id}}/leave", **_BRING),
    Route("POST", f"{_V}/letters", {"kind": "welcome"}, **_BRING),
    Route("GET", f"{_V}/{{volunteer_id}}/data", wrong_role="reviewer"),
    Route("POST", f"{_V}/{{volunteer_id}}/erase", **_BRING),
    Route("GET", f"{_D}/letters", wrong_role="reviewer"),
    Route("PUT", f"{_D}/letters", {"kind": "welcome", "subject": "x", "body": "y"}, **_BRING),
    Route("DELETE", f"{_D}/letters?kind=welcome", **_BRING),
    Route("GET", f"{_D}/mail", wrong_role="reviewer"),
    Route("POST", f"{_D}/mail/{{message_id}}/done", **_BRING),
    Route("POST", f"{_D}/mail/{{message_id}}/cancel", **_BRING),
    Route("GET", f"{_D}/people-numbers", wrong_role="reviewer"),
    Route("GET", f"{_D}/people-numbers/file", wrong_role="reviewer"),
    Route("GET", f"{_D}/people-settings", wrong_role="reviewer"),
    Route("PATCH", f"{_D}/people-settings", {"keep_months": 3}, **_BRING),
    Route("GET", "/api/v1/audit", wrong_role="reviewer"),
    Route("GET", "/api/v1/audit/file", wrong_role="reviewer"),
    Route("GET", f"{_D}/checks"),
    Route("POST", f"{_D}/checks", {"check": "numbers", "on": True}, wrong_role="reviewer", changes=True),
    Route(
        "POST", f"{_D}/checks/choices", {"check": "max_length", "value": "default"}, wrong_role="reviewer", changes=True
    ),
    Route("POST", f"{_D}/recheck", wrong_role="reviewer", changes=True),
    Route("GET", f"{_D}/findings"),
    Route("GET", f"{_D}/source-report"),
    Route("GET", f"{_D}/source-report/file"),
    Route("GET", f"{_D}/wording"),
    Route("POST", f"{_D}/wording", {"term": "x", "reason": "y"}, wrong_role="reviewer", changes=True),
    Route("POST", f"{_D}/wording/remove", {"term": "x", "reason": "y"}, wrong_role="reviewer", changes=True),
    Route("POST", f"{_D}/push", {}, wrong_role="reviewer", changes=True),
    Route("POST", f"{_D}/pull", wrong_role="release-engineer", changes=True),
    Route("GET", f"{_D}/runs"),
    Route("GET", "/api/v1/jobs/{job_id}"),
    Route("POST", "/api/v1/jobs/{job_id}/cancel", wrong_role="observer"),
    Route("GET", f"{_D}/questions", wrong_role="observer"),
    Route("POST", f"{_D}/questions/{{question_id}}/answers", {"text": "Yes."}, **_ANSWER),
    Route("POST", f"{_D}/questions/{{question_id}}/resolve", **_ANSWER),
    Route("GET", f"{_D}/webhooks", wrong_role="reviewer"),
    Route("POST", f"{_D}/webhooks", {"url": "https://hooks.example.org/in"}, wrong_role="reviewer", changes=True),
    Route("DELETE", f"{_D}/webhooks/{{webhook_id}}", wrong_role="release-engineer", changes=True),
    Route("POST", f"{_D}/webhooks/{{webhook_id}}/resume", wrong_role="release-engineer", changes=True),
    Route("GET", f"{_D}/feed.atom"),
    Route("GET", f"{_D}/progress"),
    Route("GET", f"{_L}/progress"),
    Route("PUT", f"{_L}/deadline", {"day": "2026-06-30"}, wrong_role="reviewer", changes=True),
    Route("DELETE", f"{_L}/deadline", wrong_role="reviewer", changes=True),
    Route("GET", f"{_L}/units"),
    Route("GET", f"{_L}/unit"),
    Route("POST", f"{_L}/decisions", {**_PAIR, "kind": "approve"}, **_REVIEW),
    Route("POST", f"{_L}/corrections", {**_PAIR, "text": "Accord"}, **_REVIEW),
    Route("POST", f"{_L}/conflicts", {**_PAIR, "keep": "ours", "their_hash": "z"}, **_REVIEW),
    Route("POST", f"{_L}/approvals", {"reason": "Read."}, **_REVIEW),
    Route("POST", f"{_L}/translations", form={}, wrong_role="reviewer", by_locale=True, changes=True),
    Route("POST", f"{_L}/translations/inherit", wrong_role="reviewer", by_locale=True, changes=True),
    Route("POST", f"{_F}/dismissal", _SAYING, **_REVIEW),
    Route("DELETE", f"{_F}/dismissal", **_REVIEW),
    Route("POST", f"{_F}/waiver", _SAYING, wrong_role="reviewer", changes=True),
    Route("DELETE", f"{_F}/waiver", wrong_role="reviewer", changes=True),
    Route("POST", f"{_F}/fix", {"source_hash": "x", "text_hash": "y"}, **_REVIEW),
    Route("GET", f"{_L}/glossary"),
    Route("POST", f"{_L}/glossary", {"term": "x", "accepted": ["y"]}, wrong_role="reviewer", changes=True),
    Route("POST", f"{_L}/glossary/remove", {"term": "x"}, wrong_role="reviewer", changes=True),
    Route("GET", f"{_L}/glossary/file"),
    Route("POST", f"{_L}/glossary/file", form={}, wrong_role="reviewer", changes=True),
    Route("GET", f"{_L}/suggestions"),
    Route("GET", f"{_L}/sign-off"),
    Route("GET", f"{_L}/sign-offs"),
    Route("POST", f"{_L}/sign-offs", _STATEMENT, **_REVIEW),
    Route("GET", f"{_D}/releases"),
    Route("GET", f"{_D}/instances"),
    Route("POST", f"{_L}/releases", {}, wrong_role="reviewer", by_locale=True, changes=True),
    # An archived deployment's approved texts can still be fetched.
    Route("POST", f"{_L}/bundle", wrong_role="reviewer", by_locale=True),
]
# What gives out or changes a release needs one: tests/service/bundles/test_release_api.py has these in its own table.
_OF_A_RELEASE = {
    f"GET {_D}/bundles/latest",
    f"GET {_L}/bundles/latest",
    f"GET {_L}/bundles/{{number}}",
    f"GET {_L}/bundles/{{number}}/signature",
    f"GET {_L}/releases/{{number}}",
    f"POST {_L}/releases/{{number}}/withdraw",
    f"POST {_L}/sign-offs/{{number}}/revoke",
}
# What is about an instance, or compares a release, needs one: test_instances_api.py has these in its own table.
_OF_AN_INSTANCE = {
    f"POST {_D}/instances",
    f"GET {_D}/instances/{{name}}",
    f"PATCH {_D}/instances/{{name}}",
    f"DELETE {_D}/instances/{{name}}",
    f"POST {_D}/instances/{{name}}/check",
    f"GET {_D}/instances/{{name}}/runs/{{run}}",
    f"GET {_D}/instances/{{name}}/runs/{{run}}/saved",
    f"POST {_D}/instances/{{name}}/runs/{{run}}/rollback",
    f"POST {_L}/releases/{{number}}/apply",
    f"GET {_L}/releases/{{number}}/diff",
    f"POST {_L}/releases/{{number}}/diff",
    f"POST {_L}/releases/{{number}}/diff/export",
    f"GET {_D}/looks/{{look_id}}",
}
_NAMES = [f"{route.method} {route.path.partition('?')[0]}" for route in TABLE]


@pytest.fixture
def job(api: Api) -> int:
    """A job of the deployment ``iraq``, in which somebody asks something in French."""
    with api.database.write() as session:
        add_question(session, api.ids["iraq"], now=api.clock())
        session.add(Person(id="sara", transifex_username="sara", created_at=api.clock()))
        session.flush()
        session.add(Volunteer(deployment_id=api.ids["iraq"], person_id="sara", registered_at=api.clock()))
        made = enqueue_job(
            session, "pull", deployment_id=api.ids["iraq"], arguments={}, person_id=None, now=api.clock()
        )
        assert made.id is not None
        return made.id


def test_the_table_names_every_route(client: TestClient) -> None:
    """Each route under /api stands in the table, and the table names no others."""
    found = {
        f"{method} {path}"
        for path, operations in client.app.openapi()["paths"].items()  # type: ignore[attr-defined]
        for method in map(str.upper, operations)
        if path.startswith("/api/")
    }
    routed = {
        f"{method} {route.path}"
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute) and route.path.startswith("/api/")
        for method in route.methods
    }
    public = {f"{route.method} {route.path}" for route in PUBLIC_ROUTES}
    assert (found | routed) - public == {*_NAMES, *_OF_A_RELEASE, *_OF_AN_INSTANCE}


@pytest.mark.parametrize("route", TABLE, ids=_NAMES)
def test_nobody_in_particular_is_asked_to_sign_in(api: Api, job: int, route: Route) -> None:
    """Without a token, and with a wrong one, the answer is 401 as a problem that says how to sign in."""
    for headers in ({}, {"Authorization": "Bearer ptb_wrong"}):
        answer = route.call(api.client, route.address(job), headers)
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("route", [route for route in TABLE if route.wrong_role], ids=lambda route: route.path)
def test_the_wrong_role_is_refused(api: Api, job: int, route: Route) -> None:
    """A member whose role does not allow it gets 403, and hears which role does."""
    answer = route.call(api.client, route.address(job), dict(api(route.wrong_role).headers))
    assert answer.status_code == 403
    assert "it takes the role" in answer.json()["detail"]


@pytest.mark.parametrize(
    "route",
    [route for route in TABLE if "{slug}" in route.path or "{job_id}" in route.path],
    ids=lambda route: route.path,
)
def test_another_deployment_does_not_exist(api: Api, job: int, route: Route) -> None:
    """For a member of another deployment it is not there, and a missing one answers with the same sentence."""
    headers = dict(api(route.good_role, slug="other").headers)
    answer = route.call(api.client, route.address(job), headers)
    assert answer.status_code == 404
    missing = route.call(api.client, route.address(job + 100, "nowhere"), headers)
    assert missing.status_code == 404
    told, said = answer.json()["detail"], missing.json()["detail"]
    assert told.replace("iraq", "nowhere").replace(str(job), str(job + 100)) == said


@pytest.mark.parametrize("route", [route for route in TABLE if route.by_locale], ids=lambda route: route.path)
def test_another_locale_is_refused(api: Api, job: int, route: Route) -> None:
    """A member for Arabic alone gets 403 in French."""
    answer = route.call(api.client, route.address(job), dict(api(route.good_role, locales=["ar"]).headers))
    assert answer.status_code == 403
    assert "for fr" in answer.json()["detail"]


@pytest.mark.parametrize("route", [route for route in TABLE if route.changes], ids=lambda route: route.path)
def test_an_archived_deployment_refuses_changes(api: Api, job: int, route: Route) -> None:
    """Nothing changes an archived deployment any more: 409."""
    with api.database.write() as session:
        archive_deployment(session, find_deployment(session, "iraq"), actor=OPERATOR, now=api.clock())
    answer = route.call(api.client, route.address(job), dict(api(route.good_role).headers))
    assert answer.status_code == 409
    assert "archived" in answer.json()["detail"]


@pytest.mark.parametrize(
    "route", [route for route in TABLE if not route.changes and "{slug}" in route.path], ids=lambda r: r.path
)
def test_an_archived_deployment_can_be_read(api: Api, job: int, route: Route) -> None:
    """What does not change an archived deployment still answers."""
    with api.database.write() as session:
        archive_deployment(session, find_deployment(session, "iraq"), actor=OPERATOR, now=api.clock())
    answer = route.call(api.client, route.address(job), dict(api(route.good_role).headers))
    # The bundle would be empty, which is refused for another reason.
    assert answer.status_code == 200 or "would be empty" in answer.json()["detail"]
