"""The API of bundles: who may build what, and what the answer carries."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from service.app import create_app
from service.audit.models import AuditEntry
from service.bundles.endpoints import router
from service.bundles.inspection import inspect_bundle
from service.db import Database
from tests.service.bundles.conftest import new_deployment

if TYPE_CHECKING:
    from service.web.resources import Resources
    from tests.support.people import UserMaker

URL = "/api/v1/deployments/northern-lakes/locales/fr/bundle"


@pytest.fixture
def client(resources: Resources) -> Iterator[TestClient]:
    """The application with the routes of bundles alone."""
    with TestClient(create_app(resources, routers=[router]), base_url="http://localhost") as made:
        yield made


@pytest.fixture
def deployment_id(database: Database, small: Callable[..., dict[str, Any]]) -> int:
    """The small configuration, with all its French approved."""
    with database.write() as session:
        filled = new_deployment(session)
        filled.import_source(small())
        filled.write({key: f"Texte {number}" for number, key in enumerate(filled.sources())})
        filled.approve_rows()
        assert filled.deployment.id is not None
        return filled.deployment.id


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize("role", ["release-engineer", "specialist", "administrator"])
def test_whoever_may_build_gets_the_archive(
    client: TestClient, make_user: UserMaker, deployment_id: int, role: str, database: Database
) -> None:
    """The headers carry its name, hash and number of texts, and the audit says who fetched it."""
    person, token = make_user(role, deployment_id)
    answer = client.post(URL, headers=_bearer(token))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/zip"
    inspection = inspect_bundle(answer.content)
    assert inspection.whole
    digest = hashlib.sha256(answer.content).hexdigest()
    assert answer.headers["etag"] == f'"{digest}"'
    assert answer.headers["x-bundle-texts"] == str(len(inspection.texts))
    name = f"northern-lakes-fr-s1-{digest[:12]}.zip"
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    with database.read() as session:
        entry = session.exec(select(AuditEntry).where(AuditEntry.action == "bundle.build")).one()
    assert (entry.person_id, entry.detail["sha256"]) == (person, digest)


def test_the_same_facts_give_the_same_answer(client: TestClient, make_user: UserMaker, deployment_id: int) -> None:
    """Asking again, as somebody else, gives the same bytes."""
    answers = [client.post(URL, headers=_bearer(make_user("release-engineer")[1])) for _ in range(2)]
    assert answers[0].content == answers[1].content
    assert answers[0].headers["etag"] == answers[1].headers["etag"]


def test_a_preview_is_asked_for_by_its_policy(client: TestClient, make_user: UserMaker, deployment_id: int) -> None:
    """The name says so; an unknown policy is bad input, one without a sign-off is refused."""
    headers = _bearer(make_user("release-engineer", deployment_id)[1])
    assert "-preview-" in client.post(f"{URL}?policy=preview", headers=headers).headers["content-disposition"]
    assert client.post(f"{URL}?policy=everything", headers=headers).status_code == 422
    refused = client.post(f"{URL}?policy=signed-off", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (409, "refused")
    assert "There is no sign-off of fr" in refused.json()["detail"]


def test_nobody_builds_without_signing_in(client: TestClient, deployment_id: int) -> None:
    """Anonymous: 401."""
    assert client.post(URL).status_code == 401


@pytest.mark.parametrize("role", ["reviewer", "observer"])
def test_a_role_without_the_permission_gets_403(
    client: TestClient, make_user: UserMaker, deployment_id: int, role: str, database: Database
) -> None:
    """They may see the deployment, and not build; nothing is noted as built."""
    _, token = make_user(role, deployment_id)
    assert client.post(URL, headers=_bearer(token)).status_code == 403
    with database.read() as session:
        assert session.exec(select(AuditEntry).where(AuditEntry.action == "bundle.build")).all() == []


def test_a_membership_for_another_language_gets_403(
    client: TestClient, make_user: UserMaker, deployment_id: int
) -> None:
    """Whoever may build Arabic may not build French."""
    _, token = make_user("release-engineer", deployment_id, ["ar"])
    assert client.post(URL, headers=_bearer(token)).status_code == 403


def test_what_one_may_not_see_is_404_before_it_is_403(
    client: TestClient, make_user: UserMaker, deployment_id: int, make_deployment: Callable[..., int]
) -> None:
    """Another deployment's people learn nothing, not even which locales there are."""
    _, token = make_user("administrator", make_deployment("iraq"))
    urls = (URL, URL.replace("/fr/", "/de/"), URL.replace("northern-lakes", "nowhere"))
    answers = [client.post(url, headers=_bearer(token)) for url in urls]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert answers[0].json()["detail"] == answers[1].json()["detail"]


def test_a_locale_that_is_not_there_is_404_for_every_role(
    client: TestClient, make_user: UserMaker, deployment_id: int
) -> None:
    """An observer is not told 403 about a language that nobody translates into."""
    _, token = make_user("observer", deployment_id)
    assert client.post(URL.replace("/fr/", "/de/"), headers=_bearer(token)).status_code == 404
