"""The API of instances, comparisons, applies and rollbacks: the whole way, and everybody who may not go it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlmodel import select

from service.audit.models import AuditEntry
from service.audit.service import Actor
from service.deployments.service import archive_deployment, find_deployment
from service.primero.client import SignIn
from service.primero.models import PrimeroInstance
from service.sample import sample_path
from tests.support.primero import PASSWORD, URL, USER, Witness
from tests.support.released import SLUG, D, L

if TYPE_CHECKING:
    from httpx2 import Response

    from tests.support.released import Released

READ = frozenset({"administrator", "specialist", "release-engineer"})
GIVE = frozenset({"administrator", "release-engineer"})
EVERYBODY = READ | {"reviewer", "observer"}
_I, _R = f"{D}/instances/main", f"{L}/releases/1"
_BODY = {"instance": "main", "dry_run": True}
_NEW = {"name": "second", "url": "https://second.example.org", "user": "bridge", "password": "a second secret"}


_NUMBERS = itertools.count(1)


def _add_instance(lakes: Released, name: str) -> None:
    with lakes.resources.database.write() as session:
        session.add(
            PrimeroInstance(
                deployment_id=lakes.deployment_id, name=name, url="https://second.example.org", sign_in=SignIn.BASIC,
                username="bridge", secret="x", created_at=lakes.resources.clock(),
            )
        )  # fmt: skip


@dataclass(frozen=True)
class Route:
    """One route: who may call it; ``by_locale``: a member for another language may not; ``changes``: see the table."""

    method: str
    path: str
    may: frozenset[str] = EVERYBODY
    body: Any = None
    upload: bool = False
    by_locale: bool = False
    changes: bool = False

    def call(self, lakes: Released, headers: dict[str, str], slug: str = SLUG) -> Response:
        """Call it."""
        more: dict[str, Any] = {"json": self.body} if self.body is not None else {}
        if self.upload:
            more = {"files": {"source": ("c.json", (sample_path() / "configuration.json").read_bytes())}}
        name = f"second-{next(_NUMBERS)}"
        path = self.path.replace(f"/{SLUG}/", f"/{slug}/").replace("{new}", name)
        if path.endswith(name):
            _add_instance(lakes, name)
        elif self.body == _NEW:
            more["json"] = {**_NEW, "name": name}
        return lakes.client.request(self.method, f"/api/v1{path}", headers=headers, **more)


TABLE = [
    Route("GET", f"{D}/instances"),
    Route("GET", _I),
    Route("GET", f"{_I}/runs/1"),
    Route("GET", f"{_I}/runs/1/saved", READ),
    Route("GET", f"{_R}/diff?against=1"),
    Route("GET", f"{D}/looks/1", READ),
    Route("POST", f"{_R}/diff", READ, {"instance": "main"}, changes=True),
    Route("POST", f"{_R}/diff/export", READ, upload=True, changes=True),
    Route("POST", f"{_R}/apply", GIVE, _BODY, by_locale=True, changes=True),
    Route("POST", f"{_I}/runs/1/rollback", GIVE, {"dry_run": True}, by_locale=True, changes=True),
    Route("POST", f"{D}/instances", READ, _NEW, changes=True),
    Route("PATCH", _I, READ, {"training": True}, changes=True),
    Route("POST", f"{_I}/check", READ, changes=True),
    Route("DELETE", f"{D}/instances/{{new}}", READ, changes=True),
]


def _prepare(lakes: Released) -> None:
    """Make release 1, look 1 and run 1."""
    lakes.release()
    headers = lakes.headers()
    for dry_run in (True, False):
        body = {"instance": "main", "partial_options": True, "dry_run": dry_run}
        assert lakes.client.post(f"/api/v1{_R}/apply", json=body, headers=headers).status_code == 202
        lakes.work()


def test_each_route_lets_those_do_it_who_may(lakes: Released) -> None:
    """No token 401, another role 403, another language 403, not seen 404, archived 409."""
    _prepare(lakes)
    headers = {role: lakes.headers(role) for role in sorted(EVERYBODY)}
    arabic = lakes.headers(locales=["ar"])
    stranger = {"Authorization": f"Bearer {lakes.people('specialist', _other(lakes))[1]}"}
    for route in TABLE:
        assert route.call(lakes, {}).status_code == 401, route
        for role, given in headers.items():
            answer = route.call(lakes, given)
            if role in route.may:
                assert answer.status_code in (200, 201, 202, 204), (route, role, answer.text)
            else:
                assert answer.status_code == 403, (route, role)
                assert "it takes the role" in answer.json()["detail"]
            # Else the next one would find it waiting.
            lakes.work()
        if route.by_locale:
            refused = route.call(lakes, arabic)
            assert (refused.status_code, "for fr" in refused.json()["detail"]) == (403, True), route
        hidden, missing = route.call(lakes, stranger), route.call(lakes, stranger, "nowhere")
        assert (hidden.status_code, missing.status_code) == (404, 404), route
        assert hidden.json()["detail"].replace(SLUG, "nowhere") == missing.json()["detail"]
    with lakes.resources.database.write() as session:
        archive_deployment(
            session, find_deployment(session, SLUG), actor=Actor("operator@test"), now=lakes.resources.clock()
        )
    for route in TABLE:
        answer = route.call(lakes, headers["administrator"])
        assert answer.status_code == (409 if route.changes else 200), (route, answer.text)


def _other(lakes: Released) -> int:
    from service.deployments.models import Deployment

    with lakes.resources.database.write() as session:
        row = Deployment(slug="other", name="Other", created_at=lakes.resources.clock())
        session.add(row)
        session.flush()
        assert row.id is not None
        return row.id


def test_a_program_compares_gives_and_takes_back(lakes: Released) -> None:
    """Each job's result names what it made; what the dry run shows is what is then written."""
    lakes.release()
    witness = Witness(lakes.sandbox)
    headers = lakes.headers()

    def get(path: str) -> Any:
        answer = lakes.client.get(f"/api/v1{path}", headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def run(path: str, **body: Any) -> dict[str, Any]:
        answer = lakes.client.post(f"/api/v1{path}", json=body, headers=headers)
        assert answer.status_code == 202, answer.text
        lakes.work()
        job = get(f"/jobs/{answer.json()['id']}")
        assert job["state"] == "done", job
        return dict(job["result"])

    diff = get(f"{D}/looks/{run(f'{_R}/diff', instance='main')['look']}")
    assert (diff["kind"], diff["against"], diff["release"]) == ("diff", "main", 1)
    assert diff["counts"]["added"] == sum(1 for row in diff["texts"] if row["change"] == "added")
    dry = run(f"{_R}/apply", instance="main", partial_options=True, dry_run=True)
    plan = get(f"{D}/looks/{dry['look']}")
    assert len(plan["requests"]) == dry["requests"]
    assert plan["requests"][0]["body"]["data"]
    text = lakes.client.get(f"/api/v1{D}/looks/{dry['look']}?form=text", headers=headers).text
    assert text.startswith("would write ")
    assert witness.changed_texts() == {}
    done = run(f"{_R}/apply", instance="main", partial_options=True)
    assert (done["state"], done["texts"]) == ("done", dry["texts"])
    report = get(f"{_I}/runs/{done['run']}")
    assert {row["record"] for row in report["records"]} == {one["record"] for one in plan["requests"]}
    assert report["counts"] == {"written": dry["requests"]}
    assert [(one["locale"], one["release"]) for one in get(_I)["applied"]] == [("fr", 1)]
    assert [one["name"] for one in get(f"{D}/instances")] == ["main"]
    assert "the password" not in str(get(_I))
    assert len(get(f"{_I}/runs/{done['run']}/saved")["data"]) == dry["requests"]
    bad = lakes.client.post(f"/api/v1{_I}/runs/{done['run']}/rollback", json={"only": ["x*"]}, headers=headers)
    lakes.work()
    job = get(f"/jobs/{bad.json()['id']}")
    assert (job["state"], "is called x*" in job["message"]) == ("failed", True)
    run(f"{_I}/runs/{done['run']}/rollback")
    assert get(_I)["applied"] == []
    assert (witness.changed_texts(), witness.changed_structure()) == ({}, [])


def test_a_server_is_added_tried_changed_and_forgotten(lakes: Released) -> None:
    """The password is in no answer and in no audit; the check says what is missing; another address needs it anew."""
    headers = lakes.headers("specialist")
    place = f"/api/v1{D}/instances"
    answer = lakes.client.post(place, json={**_NEW, "url": URL, "user": USER, "password": PASSWORD}, headers=headers)
    assert answer.status_code == 201
    assert PASSWORD not in answer.text
    assert answer.json()["sign_in"] == "basic"
    again = lakes.client.post(place, json={**_NEW, "url": URL}, headers=headers)
    assert (again.status_code, "already" in again.json()["detail"]) == (409, True)
    assert lakes.client.post(place, json={**_NEW, "name": "B", "url": URL}, headers=headers).status_code == 422
    plain = lakes.client.post(place, json={**_NEW, "name": "b", "url": "http://a.example.org"}, headers=headers)
    assert "use https" in plain.json()["detail"]

    account = lakes.sandbox.accounts.get(USER)
    account.locale, account.restricted = "fr", True
    job = lakes.client.post(f"{place}/second/check", headers=headers).json()["id"]
    lakes.work()
    found = lakes.client.get(f"/api/v1/jobs/{job}", headers=headers).json()["result"]
    assert (found["account_locale"], found["manages_forms"], found["missing"]) == ("fr", False, ["ku-IQ", "pt-BR"])
    assert {method for method, _ in lakes.sandbox.requests} == {"GET"}

    moved = {"url": "https://other.example.org"}
    refused = lakes.client.patch(f"{place}/second", json=moved, headers=headers)
    assert (refused.status_code, "another server" in refused.json()["detail"]) == (422, True)
    same = lakes.client.patch(f"{place}/second", json={"url": f"{URL}/", "training": True}, headers=headers)
    assert (same.status_code, same.json()["training"]) == (200, True)
    moved["password"] = "a third secret"
    assert lakes.client.patch(f"{place}/second", json=moved, headers=headers).json()["url"] == moved["url"]
    assert lakes.client.delete(f"{place}/second", headers=headers).status_code == 204
    assert [row["name"] for row in lakes.client.get(place, headers=headers).json()] == ["main"]
    with lakes.resources.database.read() as session:
        entries = session.exec(select(AuditEntry).where(AuditEntry.subject == "second")).all()
        rows = session.exec(select(PrimeroInstance).where(PrimeroInstance.name == "second")).all()
    assert [entry.action for entry in entries] == [
        "instance.add", "instance.change", "instance.change", "instance.remove",
    ]  # fmt: skip
    assert all(secret not in str([entry.detail for entry in entries]) for secret in (PASSWORD, "a third secret"))
    assert [row.secret for row in rows] == [""]


def test_a_body_that_cannot_be_read_does_not_repeat_the_password(lakes: Released) -> None:
    """What is wrong is said, and the secret beside it is not."""
    body = {**_NEW, "password": "a second secret", "trainin": True}
    answer = lakes.client.post(f"/api/v1{D}/instances", json=body, headers=lakes.headers())
    assert (answer.status_code, "a second secret" in answer.text) == (422, False)
    long = lakes.client.post(
        f"/api/v1{D}/instances", json={**_NEW, "password": "s3cret" * 2000}, headers=lakes.headers()
    )
    assert (long.status_code, "s3cret" in long.text) == (422, False)
