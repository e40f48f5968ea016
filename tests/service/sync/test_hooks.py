"""Webhooks: what Transifex is told to send, what is taken, and what is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from service.app import create_app
from service.db import Database
from service.deployments.models import DeploymentWebhook
from service.errors import Refused
from service.jobs.models import Job, JobState
from service.jobs.service import claim_job, enqueue_job, finish_job
from service.sync.models import PulledPair
from service.sync.service.hooks import Registered, register_webhook, remove_webhook
from service.web.bodies import LONGEST
from service.web.resources import Resources
from tests.support.people import MovableClock
from tests.support.syncing import SYNC, World
from transifex_client.resources import NewProjectWebhook, TranslationChange
from transifex_client.webhooks import sign

PUBLIC = "http://localhost"
PATH = "/hooks/transifex/test"
FORMS = {f"form/f{number}/name": f"Form {number}" for number in range(2)}

Send = Callable[..., int]


@pytest.fixture
def world(database: Database, clock: MovableClock) -> World:
    """A deployment whose texts were pushed and pulled, so that nothing is left to pull."""
    made = World(database, clock)
    made.bring(FORMS)
    made.push()
    made.pull()
    return made


def register(world: World, resources: Resources, public_url: str = PUBLIC) -> Registered:
    return register_webhook(
        world.database, world.client, world.deployment(),
        public_url=public_url, secrets=resources.secrets, actor=SYNC, now=world.clock(),
    )  # fmt: skip


def secret_of(world: World, resources: Resources) -> str:
    with world.database.read() as session:
        return resources.secrets.decrypt(session.exec(select(DeploymentWebhook.secret)).one())


@pytest.fixture
def send(world: World, resources: Resources, client: TestClient) -> Send:
    """Send a delivery: ``send(b"{…}", path=…, url=…, secret=…, age=…) -> status``."""
    register(world, resources)
    secret = secret_of(world, resources)

    def do(body: bytes, **odd: object) -> int:
        path, given = str(odd.get("path", PATH)), str(odd.get("secret", secret))
        url = str(odd.get("url", PUBLIC + path))
        date = str(odd.get("date", format_datetime(world.clock() - timedelta(minutes=float(str(odd.get("age", 0)))))))
        headers = {"X-TX-Url": url, "Date": date, "X-TX-Signature-V2": sign(given, url, date, body)}
        return client.post(path, content=odd.get("sent", body), headers=headers).status_code  # type: ignore[arg-type]

    return do


def said(world: World, event: str = "translation_completed", **more: str) -> bytes:
    facts = {"project": "project", "resource": resource(world), "language": "fr", "event": event} | more
    return ("{" + ", ".join(f'"{name}": "{value}"' for name, value in facts.items()) + "}").encode()


def resource(world: World) -> str:
    return world.place("form/f1/name").rpartition(":r:")[2]


def pairs(world: World) -> set[str]:
    with world.database.read() as session:
        return {pair.slug for pair in session.exec(select(PulledPair))}


def jobs(world: World) -> list[Job]:
    with world.database.read() as session:
        return list(session.exec(select(Job).order_by(Job.id)))  # type: ignore[arg-type]


def test_a_delivery_makes_us_look_at_what_it_names(world: World, send: Send) -> None:
    """The pair it names counts as moved, the other one does not, and one pull is queued however often it comes."""
    before = pairs(world)
    for _ in range(3):
        assert send(said(world)) == 204
    assert pairs(world) == before - {resource(world)}
    (job,) = jobs(world)
    assert (job.kind, job.state) == ("pull", JobState.QUEUED)


def test_what_the_sandbox_sends_is_taken(world: World, resources: Resources, client: TestClient) -> None:
    """A webhook registered by us delivers what our own address takes, from the first event on."""
    register(world, resources)
    (row,) = world.client.list_translations(world.place("form/f1/name"), "fr")
    world.client.update_translations([TranslationChange(row.id, strings={"other": "Formulaire"})])
    assert world.sandbox.deliveries
    for delivery in world.sandbox.deliveries:
        assert client.post(PATH, content=delivery.body, headers=dict(delivery.headers)).status_code == 204
    assert [job.kind for job in jobs(world)] == ["pull"]


def test_what_comes_while_a_pull_runs_is_looked_at_after_it(world: World, send: Send) -> None:
    """The pull under way may have passed the pair already, so another one follows; only one."""
    send(said(world))
    with world.database.write() as session:
        running = claim_job(session, "me", kinds=["pull"], now=world.clock())
        assert running is not None
        number = running.id or 0
    send(said(world))
    send(said(world))
    with world.database.write() as session:
        finish_job(session, number, "me", result={}, message="", failed=False, now=world.clock())
    assert [job.state for job in jobs(world)] == [JobState.DONE, JobState.QUEUED]
    assert "again" not in jobs(world)[1].arguments


def test_what_comes_during_the_daily_pull_does_not_have_all_of_it_repeated(world: World, send: Send) -> None:
    """The pull that follows looks at what moved, and for questions, as any that Transifex asks for."""
    with world.database.write() as session:
        enqueue_job(
            session, "pull", deployment_id=world.deployment().id or 0, person_id=None, now=world.clock(),
            arguments={"slug": "test", "everything": True, "scheduled": "then"},
        )  # fmt: skip
    with world.database.write() as session:
        running = claim_job(session, "me", kinds=["pull"], now=world.clock())
        assert running is not None
        number = running.id or 0
    send(said(world))
    with world.database.write() as session:
        finish_job(session, number, "me", result={}, message="", failed=False, now=world.clock())
    assert jobs(world)[1].arguments == {"slug": "test"}


@pytest.mark.parametrize(
    "odd",
    [
        {"secret": "another"},
        {"path": "/hooks/transifex/nobody"},
        {"url": "https://elsewhere.example/hooks/transifex/test"},
        {"url": PUBLIC + "/hooks/transifex/other"},
        {"age": 15.1},
        {"age": -15.1},
        {"date": "yesterday"},
        {"sent": b'{"event": "translation_completed"}'},
    ],
    ids=str,
)
def test_what_is_not_proven_is_refused_and_does_nothing(world: World, send: Send, odd: dict[str, object]) -> None:
    """An unknown deployment, a wrong secret, address, age, date or body: the same 404, and nothing is queued."""
    before = pairs(world)
    assert send(said(world), **odd) == 404
    assert (pairs(world), jobs(world)) == (before, [])


def test_unknown_and_unproven_read_the_same(client: TestClient, world: World, resources: Resources) -> None:
    """Nobody learns which deployments exist, or which of them have a webhook."""
    register(world, resources)
    answers = []
    for path in (PATH, "/hooks/transifex/nobody"):
        body = client.post(path, content=b"{}", headers={"Accept": "application/json"}).json()
        answers.append({name: value for name, value in body.items() if name not in ("instance", "request_id")})
    assert answers[0] == answers[1]


@pytest.mark.parametrize(
    "body",
    [b"not JSON", b"[]", b'{"event": "something_new", "project": "project"}',
     b'{"event": "translation_completed", "project": "another", "resource": "x"}',
     b'{"event": "translation_completed", "project": "project", "resource": "not-ours"}'],
)  # fmt: skip
def test_what_is_proven_and_means_nothing_to_us_is_accepted(world: World, send: Send, body: bytes) -> None:
    """Transifex hears 204, so that it does not send it again, and nothing is queued."""
    assert send(body) == 204
    assert jobs(world) == []


def test_a_long_body_is_not_read(world: World, send: Send) -> None:
    """Whoever sends more than a delivery can be hears so."""
    assert send(b"x" * LONGEST) == 204
    assert send(b"x" * (LONGEST + 1)) == 413


def test_an_archived_deployment_takes_no_notice(
    world: World, send: Send, database: Database, clock: MovableClock
) -> None:
    """The delivery is accepted, and nothing is pulled any more."""
    with database.write() as session:
        world.deployment_in(session).archived_at = clock()
    assert send(said(world)) == 204
    assert jobs(world) == []


def test_a_lost_key_reads_like_an_unknown_deployment(world: World, resources: Resources, send: Send) -> None:
    """A secret that cannot be opened proves nothing; the log says why."""
    resources.secrets.key_file.unlink()
    assert send(said(world)) == 404


def test_registering_twice_gives_one_webhook_a_fresh_secret(world: World, resources: Resources) -> None:
    """The second time the webhook is changed, stray ones with the same address go, and the secret lies encrypted."""
    first = register(world, resources)
    before = secret_of(world, resources)
    stray = NewProjectWebhook(world.project, PUBLIC + PATH, secret_key="stray")
    world.client.create_project_webhook(stray, now=world.clock())
    second = register(world, resources)
    assert (first.created, second.created) == (True, False)
    after = secret_of(world, resources)
    assert (len(after), after != before) == (64, True)
    left = world.client.list_project_webhooks("o:sandbox", project=world.project)
    assert [hook.secret_key for hook in left] == [after]
    assert [hook.id for hook in left] == [second.remote_id]
    with world.database.read() as session:
        row = session.exec(select(DeploymentWebhook)).one()
        assert (row.remote_id, after in row.secret) == (second.remote_id, False)


def test_removing_ends_it_on_both_sides(world: World, resources: Resources, send: Send) -> None:
    """Transifex has no webhook of ours any more, and what it still sends is refused."""
    assert send(said(world)) == 204
    number = remove_webhook(
        world.database, world.client, world.deployment(), public_url=PUBLIC, actor=SYNC, now=world.clock()
    )
    assert (number, world.client.list_project_webhooks("o:sandbox", project=world.project)) == (1, ())
    assert send(said(world)) == 404


def test_transifex_is_not_asked_to_call_in_the_clear(world: World, resources: Resources) -> None:
    """Only https, or this machine itself."""
    with pytest.raises(Refused, match="BRIDGE_PUBLIC_URL"):
        register(world, resources, "http://bridge.example.org")
    assert register(world, resources, "https://bridge.example.org").address.startswith("https://bridge.example.org/")


def test_the_address_is_that_of_the_settings(world: World, resources: Resources) -> None:
    """Behind a proxy the address that Transifex signs is the public one, not the one that arrives here."""
    public = "https://bridge.example.org"
    settings = resources.settings.model_copy(update={"public_url": public})
    register(world, resources, public)
    body, date, secret = said(world), format_datetime(world.clock()), secret_of(world, resources)
    headers = {"X-TX-Url": public + PATH, "Date": date, "X-TX-Signature-V2": sign(secret, public + PATH, date, body)}
    with TestClient(create_app(replace(resources, settings=settings)), base_url="http://localhost") as client:
        assert client.post(PATH, content=body, headers=headers).status_code == 204
