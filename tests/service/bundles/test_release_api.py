"""Sign-offs and releases over HTTP: who may do what, and fetching by machine."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from sqlmodel import select

from service.audit.models import AuditEntry
from service.bundles.archive import unpack
from service.bundles.inspection import inspect_bundle
from service.bundles.models import ReleaseFetch
from service.bundles.signing import verify_signature
from service.db import Database
from service.worker import make_runner
from tests.service.bundles.conftest import new_deployment

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from service.web.resources import Resources
    from tests.support.people import UserMaker

API = "/api/v1/deployments/northern-lakes"
FR = f"{API}/locales/fr"
STATEMENT = {"name": "Mariam", "role": "Reviewer", "organisation": "Lakes", "statement": "Fit for go-live."}


class Place:
    """The application, one deployment approved in French and Arabic, and people."""

    def __init__(
        self, client: TestClient, resources: Resources, people: UserMaker, small: Callable[..., dict[str, Any]]
    ) -> None:
        self.client, self.resources, self.people = client, resources, people
        self.database: Database = resources.database
        with self.database.write() as session:
            filled = new_deployment(session)
            filled.import_source(small())
            for locale in ("fr", "ar"):
                texts = {key: f"{locale} {number}" for number, key in enumerate(filled.sources())}
                filled.write(texts, locale)
                filled.approve_rows(locale)
            self.deployment_id = filled.deployment.id
            other = new_deployment(session, slug="southern-lakes")
            self.other_id = other.deployment.id

    def headers(self, role: str, locales: list[str] | None = None, *, elsewhere: bool = False) -> dict[str, str]:
        """Return what a new user of this role sends."""
        where = self.other_id if elsewhere else self.deployment_id
        return {"Authorization": f"Bearer {self.people(role, where, locales)[1]}"}

    def release(self, locale: str = "fr", **body: Any) -> dict[str, Any]:
        """Make a release through the API and the worker; return the job."""
        headers = self.headers("release-engineer")
        queued = self.client.post(f"{API}/locales/{locale}/releases", json=body, headers=headers)
        assert queued.status_code == 202, queued.text
        make_runner(self.resources).run_one()
        job: dict[str, Any] = self.client.get(f"/api/v1/jobs/{queued.json()['id']}", headers=headers).json()
        return job


@pytest.fixture
def place(
    client: TestClient, resources: Resources, make_user: UserMaker, small: Callable[..., dict[str, Any]]
) -> Place:
    """See the class."""
    return Place(client, resources, make_user, small)


def test_a_reviewer_looks_signs_and_takes_it_back(place: Place) -> None:
    """What is signed is what was looked at; others see how it stands."""
    headers = place.headers("reviewer", ["fr"])
    seen = place.client.get(f"{FR}/sign-off", headers=headers).json()
    assert (seen["in_scope"], seen["approved"], seen["missing"]) == (7, 7, {})
    signed = place.client.post(f"{FR}/sign-offs", json={**STATEMENT, "digest": seen["digest"]}, headers=headers)
    assert (signed.status_code, signed.json()["state"], signed.json()["covered"]) == (201, "valid", 7)
    stale = place.client.post(f"{FR}/sign-offs", json={**STATEMENT, "digest": "0" * 64}, headers=headers)
    assert (stale.status_code, stale.json()["code"]) == (409, "outdated")
    listed = place.client.get(f"{FR}/sign-offs", headers=place.headers("observer")).json()
    assert [(row["number"], row["state"]) for row in listed] == [(1, "valid")]
    revoked = place.client.post(f"{FR}/sign-offs/1/revoke", json={"reason": "A typo."}, headers=headers)
    assert (revoked.json()["state"], revoked.json()["revoke_reason"]) == ("revoked", "A typo.")


def test_a_release_is_made_by_a_job_and_fetched_by_number_and_as_the_latest(place: Place) -> None:
    """The archive, its hash in two headers, its number, its signature, and who fetched it with what."""
    job = place.release()
    assert (job["state"], job["result"]["number"]) == ("done", 1)
    headers = {**place.headers("release-engineer", ["fr"]), "User-Agent": "ci/1"}
    latest = place.client.get(f"{FR}/bundles/latest", headers=headers)
    assert latest.status_code == 200
    assert latest.headers["x-bundle-number"] == "1"
    assert latest.headers["etag"] == f'"{hashlib.sha256(latest.content).hexdigest()}"'
    assert inspect_bundle(latest.content).whole
    again = place.client.get(f"{FR}/bundles/1", headers={**headers, "If-None-Match": latest.headers["etag"]})
    assert again.status_code == 304
    part = place.client.get(f"{FR}/bundles/1", headers={**headers, "Range": "bytes=100-"})
    assert (part.status_code, part.content) == (206, latest.content[100:])
    signature = place.client.get(f"{FR}/bundles/1/signature", headers=headers).content
    keys = place.client.get("/api/v1/signing-keys.pem").content
    assert verify_signature(latest.content, signature, keys).sha256 == job["result"]["sha256"]
    shown = place.client.get(f"{FR}/releases/1", headers=place.headers("observer")).json()
    assert [fetch["client"] for fetch in shown["fetches"]] == ["ci/1"]
    assert shown["counts"]["texts"] == 7
    with place.database.read() as session:
        assert len(session.exec(select(AuditEntry).where(AuditEntry.action == "release.fetch")).all()) == 1


def test_a_withdrawn_release_is_refused_and_the_one_before_is_the_latest(place: Place) -> None:
    """409 with the reason; the answer to the withdrawal names who fetched it."""
    place.release()
    place.release()
    headers = place.headers("release-engineer")
    place.client.get(f"{FR}/bundles/2", headers=headers)
    answer = place.client.post(f"{FR}/releases/2/withdraw", json={"reason": "A wrong word."}, headers=headers)
    assert (answer.status_code, len(answer.json()["fetches"])) == (200, 1)
    refused = place.client.get(f"{FR}/bundles/2", headers=headers)
    assert refused.status_code == 409
    assert "A wrong word." in refused.json()["detail"]
    assert place.client.get(f"{FR}/bundles/2/signature", headers=headers).status_code == 409
    assert place.client.get(f"{FR}/bundles/latest", headers=headers).headers["x-bundle-number"] == "1"
    listed = place.client.get(f"{API}/releases?locale=fr", headers=headers).json()
    assert [(row["number"], row["withdraw_reason"]) for row in listed] == [(2, "A wrong word."), (1, None)]


def test_several_languages_come_in_one_archive(place: Place) -> None:
    """Each bundle with its signature beside it; all or nothing; each fetch is kept."""
    place.release("fr")
    headers = place.headers("release-engineer")
    missing = place.client.get(f"{API}/bundles/latest?locale=fr&locale=ar", headers=headers)
    assert missing.status_code == 404
    assert place.client.get(f"{API}/bundles/latest?locale=fr&locale=fr", headers=headers).status_code == 422
    place.release("ar")
    answer = place.client.get(f"{API}/bundles/latest?locale=fr&locale=ar", headers=headers)
    files = unpack(answer.content)
    assert sorted(name.rsplit("-", 1)[0] for name in files) == [
        "northern-lakes-ar-r1", "northern-lakes-ar-r1", "northern-lakes-fr-r1", "northern-lakes-fr-r1",
    ]  # fmt: skip
    keys = place.client.get("/api/v1/signing-keys.pem").content
    for name in files:
        if name.endswith(".zip"):
            verify_signature(files[name], files[f"{name}.sig"], keys)
    with place.database.read() as session:
        assert len(session.exec(select(ReleaseFetch)).all()) == 2


def test_what_a_release_refuses_is_the_jobs_failure(place: Place) -> None:
    """The sentence stands in the job; no release comes of it."""
    job = place.release(policy="signed-off")
    assert job["state"] == "failed"
    assert "There is no sign-off of fr" in job["message"]
    headers = place.headers("release-engineer")
    assert place.client.get(f"{FR}/bundles/latest", headers=headers).status_code == 404
    preview = place.client.post(f"{FR}/releases", json={"policy": "preview"}, headers=headers)
    assert preview.status_code == 422


def test_one_release_of_a_deployment_is_made_at_a_time(place: Place) -> None:
    """The same one asked for twice is one job; another one is told to wait."""
    headers = place.headers("release-engineer")
    first = place.client.post(f"{FR}/releases", headers=headers)
    assert place.client.post(f"{FR}/releases", headers=headers).json()["id"] == first.json()["id"]
    other = place.client.post(f"{API}/locales/ar/releases", headers=headers)
    assert other.status_code == 409
    assert "A release of fr" in other.json()["detail"]


def test_the_public_keys_are_for_everybody(place: Place) -> None:
    """No session, no token, and no private half."""
    assert place.client.get("/api/v1/signing-keys").json() == []
    place.release()
    (key,) = place.client.get("/api/v1/signing-keys").json()
    assert key["replaced_at"] is None
    assert key["public_key"] == place.client.get("/api/v1/signing-keys.pem").text
    assert "PRIVATE" not in key["public_key"]


_SIGNING = ("post", f"{FR}/sign-offs", STATEMENT)
_REVOKING = ("post", f"{FR}/sign-offs/1/revoke", {"reason": "x"})
_READING = [("get", f"{FR}/sign-off", None), ("get", f"{FR}/sign-offs", None), ("get", f"{API}/releases", None),
            ("get", f"{FR}/releases/1", None)]  # fmt: skip
_FETCHING = [("get", f"{FR}/bundles/latest", None), ("get", f"{FR}/bundles/1", None),
             ("get", f"{FR}/bundles/1/signature", None), ("get", f"{API}/bundles/latest?locale=fr", None)]  # fmt: skip
_MAKING = [("post", f"{FR}/releases", {}), ("post", f"{FR}/releases/1/withdraw", {"reason": "x"})]
_ALL = [_SIGNING, _REVOKING, *_READING, *_FETCHING, *_MAKING]


def _ask(place: Place, request: tuple[str, str, Any], headers: dict[str, str] | None) -> int:
    method, path, body = request
    status: int = place.client.request(method, path, json=body, headers=headers).status_code
    return status


@pytest.mark.parametrize("request_", _ALL, ids=lambda row: f"{row[0]} {row[1]}")
def test_anonymous_is_401_and_another_deployment_404(place: Place, request_: tuple[str, str, Any]) -> None:
    """Whoever is not a member does not learn that it exists."""
    assert _ask(place, request_, None) == 401
    assert _ask(place, request_, place.headers("specialist", elsewhere=True)) == 404


@pytest.mark.parametrize(
    ("request_", "role"),
    [
        *((row, role) for row in (_SIGNING, _REVOKING) for role in ("administrator", "specialist", "observer")),
        *((row, role) for row in (*_FETCHING, *_MAKING) for role in ("reviewer", "observer")),
    ],
    ids=lambda row: row if isinstance(row, str) else f"{row[0]} {row[1]}",
)  # fmt: skip
def test_the_wrong_role_is_403(place: Place, request_: tuple[str, str, Any], role: str) -> None:
    """Whoever runs the service does not vouch for a language; whoever reviews does not fetch."""
    assert _ask(place, request_, place.headers(role)) == 403


@pytest.mark.parametrize("request_", [_SIGNING, *_FETCHING, *_MAKING], ids=lambda row: f"{row[0]} {row[1]}")
def test_another_language_is_403(place: Place, request_: tuple[str, str, Any]) -> None:
    """A membership for Arabic alone does nothing in French."""
    role = "reviewer" if request_ is _SIGNING else "release-engineer"
    assert _ask(place, request_, place.headers(role, ["ar"])) == 403
