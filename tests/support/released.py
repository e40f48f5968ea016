"""A deployment with approved French texts, a sandbox of Primero that holds the same configuration, and its people."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from service.primero.client import SignIn
from service.primero.models import PrimeroInstance
from service.primero.sandbox.core import Sandbox
from service.primero.sandbox.transport import sandbox_transport
from service.worker import make_runner
from tests.service.bundles.conftest import Filled, new_deployment
from tests.support.browsing import Browser
from tests.support.databases import Rows, put_back, rows_of
from tests.support.primero import PASSWORD, URL, USER, sample_configuration

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from service.web.resources import Resources
    from tests.support.people import UserMaker

SLUG = "northern-lakes"
D = f"/deployments/{SLUG}"
L = f"{D}/locales/fr"


@dataclass
class Released:
    """The deployment "northern-lakes" and what tests do with it; its instance "main" is the sandbox."""

    client: TestClient
    resources: Resources
    sandbox: Sandbox
    people: UserMaker
    deployment_id: int

    def browser(self, role: str = "release-engineer", locales: list[str] | None = None) -> Browser:
        """Sign a new member in. They share a client: who was opened last is in it."""
        username = f"member-{next(self.people.numbers)}"
        self.people(role, self.deployment_id, locales, username=username)
        return Browser(self.client, self.resources, username)

    def headers(self, role: str = "release-engineer", locales: list[str] | None = None) -> dict[str, str]:
        """Return the headers of a program that acts as a new member."""
        return {"Authorization": f"Bearer {self.people(role, self.deployment_id, locales)[1]}"}

    def work(self) -> None:
        """Run every job that waits, as a worker does whose way to Primero ends at the sandbox."""
        resources = replace(self.resources, primero_transport=sandbox_transport(self.sandbox))
        runner = make_runner(resources)
        while runner.run_one():
            pass

    def release(self) -> None:
        """Make the next release of French."""
        answer = self.client.post(f"/api/v1{L}/releases", json={}, headers=self.headers())
        assert answer.status_code == 202, answer.text
        self.work()

    def write(self, texts: dict[str, str]) -> None:
        """Write French texts and have them approved."""
        from service.deployments.service import find_deployment

        with self.resources.database.write() as session:
            filled = Filled(session, find_deployment(session, SLUG), self.resources.clock())
            filled.write(texts)
            filled.approve_rows("fr")


_FILLED: dict[bool, tuple[int, Rows]] = {}
"""By kind of database: the deployment's id, and every row with it."""


def make_released(client: TestClient, resources: Resources, sandbox: Sandbox, people: UserMaker) -> Released:
    """Make it in an empty database, with every text of the sample in French as ``FR`` and the English."""
    database = resources.database
    if database.is_sqlite in _FILLED:
        deployment_id, rows = _FILLED[database.is_sqlite]
        put_back(database, rows)
    else:
        with database.write() as session:
            filled = new_deployment(session, SLUG)
            filled.import_source(sample_configuration())
            filled.write({key: f"FR {source}" for key, source in filled.sources().items()})
            filled.approve_rows("fr")
            assert filled.deployment.id is not None
            deployment_id = filled.deployment.id
        _FILLED[database.is_sqlite] = deployment_id, rows_of(database)
    with database.write() as session:
        session.add(
            PrimeroInstance(
                deployment_id=deployment_id, name="main", url=URL, sign_in=SignIn.BASIC, username=USER,
                secret=resources.secrets.encrypt(PASSWORD), created_at=resources.clock(),
            )
        )  # fmt: skip
    return Released(client, resources, sandbox, people, deployment_id)
