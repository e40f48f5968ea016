"""The whole application with two deployments in it, and everybody who may or may not use them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from service.audit.service import Actor
from service.home.sources import add_deployment
from service.review.service.policies import import_translations
from tests.support.catalogs import make_catalog
from tests.support.databases import Rows, put_back, rows_of
from tests.support.wording import without_pack

if TYPE_CHECKING:
    from fastapi.testclient import TestClient
    from httpx2 import Response

    from service.db import Database
    from service.web.resources import Resources
    from tests.support.people import MovableClock, UserMaker
    from tests.support.released import Released

OPERATOR = Actor("operator@host")
SOURCES = {
    "form/consent/agree/display_name": "Does the child agree?",
    "form/consent/agree/help_text": "Ask in private.",
    "form/consent/name": "Consent",
    "form/registration/age/display_name": "Age",
    "lookup/lookup-yes-no/lookup_values/yes": "Yes",
}
FRENCH = {
    "form/consent/agree/display_name": "L’enfant est-il d’accord ?",
    "form/consent/name": "Consentement",
    "form/registration/age/display_name": "<b>Âge</b>",
    "lookup/lookup-yes-no/lookup_values/yes": "Oui",
}


@dataclass
class Api:
    """The API as one user or another sees it: ``api("reviewer").get("/deployments/iraq")``."""

    client: TestClient
    database: Database
    clock: MovableClock
    people: UserMaker
    ids: Mapping[str, int]
    tokens: dict[tuple[Any, ...], tuple[str, str]] = field(default_factory=dict)

    def __call__(
        self, role: str | None = "reviewer", *, slug: str | None = "iraq", locales: Any = None, n: int = 0
    ) -> As:
        """Return the API as a user with a role in one deployment (None: all); ``n`` tells two of a kind apart."""
        place = (role, slug, tuple(locales or ()), n)
        if place not in self.tokens:
            self.tokens[place] = self.people(role, self.ids[slug] if slug else None, locales)
        person, token = self.tokens[place]
        return As(self.client, person, {"Authorization": f"Bearer {token}"})


@dataclass
class As:
    """The API as one person."""

    client: TestClient
    person: str
    headers: Mapping[str, str]

    def get(self, path: str) -> Response:
        """Read."""
        return self.client.get(f"/api/v1{path}", headers=dict(self.headers))

    def post(self, path: str, body: Any = None, **more: Any) -> Response:
        """Change something."""
        return self.client.post(f"/api/v1{path}", json=body, headers=dict(self.headers), **more)

    def unit(self, key: str, *, slug: str = "iraq", locale: str = "fr") -> dict[str, Any]:
        """Return one unit."""
        answer = self.client.get(
            f"/api/v1/deployments/{slug}/locales/{locale}/unit", params={"key": key}, headers=dict(self.headers)
        )
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def decide(self, unit: Mapping[str, Any], kind: str = "approve", **more: Any) -> Response:
        """Decide on a unit as it was seen."""
        return self.post("/deployments/iraq/locales/fr/decisions", {**pair(unit), "kind": kind, **more})


def pair(unit: Mapping[str, Any]) -> dict[str, Any]:
    """Return what names the two texts of a unit."""
    return {name: unit[name] for name in ("key", "source_hash", "text_hash")}


@pytest.fixture
def add(database: Database, clock: MovableClock) -> Callable[..., int]:
    """Add a deployment of five texts, four of them in French: ``add("iraq") -> id``."""

    def make(slug: str, sources: Mapping[str, str] = SOURCES) -> int:
        with database.write() as session:
            deployment, _ = add_deployment(
                session, slug=slug, name=slug.title(), catalog=make_catalog(sources), origin="configuration.json",
                locales={"fr": "fr", "ar": "ar"}, known_locales={"en", "fr", "ar"},
                transifex_project="o:org:p:project", actor=OPERATOR, now=clock(),
            )  # fmt: skip
            assert deployment.id is not None
            without_pack(session, deployment.id, clock())
            texts = {key: text for key, text in FRENCH.items() if key in sources}
            import_translations(session, deployment, "fr", texts, replace_approved=False, actor=OPERATOR, now=clock())
            return deployment.id

    return make


_MADE: dict[tuple[bool, str], tuple[Mapping[str, int], Rows]] = {}


@pytest.fixture
def api(
    client: TestClient, database: Database, clock: MovableClock, make_user: UserMaker, add: Callable[..., int]
) -> Api:
    """The API over the deployments ``iraq`` and ``other``, which are made once by what makes them for people."""
    key = database.is_sqlite, add.__module__
    if key in _MADE:
        ids, rows = _MADE[key]
        put_back(database, rows)
    else:
        ids = {slug: add(slug) for slug in ("iraq", "other")}
        _MADE[key] = ids, rows_of(database)
    return Api(client, database, clock, make_user, ids)


@pytest.fixture
def lakes(client: TestClient, resources: Resources, make_user: UserMaker) -> Released:
    """A deployment ready for a release, and a sandbox of Primero to give it to."""
    from tests.support.primero import make_sandbox
    from tests.support.released import make_released

    return make_released(client, resources, make_sandbox(), make_user)
