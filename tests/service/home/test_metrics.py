"""Numbers for a monitor: true, few, of nobody, and for nobody without the token."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr, ValidationError
from sqlalchemy import event

from service.app import create_app
from service.auth.models import Person
from service.db import Database
from service.jobs.models import Job, JobState
from service.jobs.service import cancel_job, claim_job, enqueue_job, finish_job
from service.mail.models import MailMessage, MailState
from service.settings import Settings
from service.tally.service import RUNS, count, read_tallies
from tools.repository import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlmodel import Session

    from service.web.resources import Resources
    from tests.support.people import MovableClock

TOKEN = "a-monitor-reads-this"
WITH = {"Authorization": f"Bearer {TOKEN}"}


@contextmanager
def monitored(resources: Resources, **settings: object) -> Iterator[TestClient]:
    """Serve the application with a token for monitors, or with other settings."""
    changed = resources.settings.model_copy(update=settings or {"metrics_token": SecretStr(TOKEN)})
    app = create_app(replace(resources, settings=changed))
    with TestClient(app, base_url="http://localhost") as client:
        yield client


def read(client: TestClient) -> dict[tuple[str, ...], float]:
    """Return each number by its name and the values of its labels."""
    answer = client.get("/metrics", headers=WITH)
    assert answer.status_code == 200
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_without_the_setting_there_is_nothing(client: TestClient) -> None:
    """A token that nobody set opens nothing, an empty one neither."""
    for headers in ({}, WITH, {"Authorization": "Bearer "}):
        assert client.get("/metrics", headers=headers).status_code == 404


def test_the_token_opens_it(resources: Resources, make_user: Callable[..., tuple[str, str]], tmp_path: Path) -> None:
    """Not another one, not a user's, not none; from a file as from the environment."""
    _, token = make_user("administrator")
    with monitored(resources) as client:
        for wrong in ("", "Bearer", "Bearer x", f"Basic {TOKEN}", f"Bearer {token}", f"Bearer {TOKEN}x"):
            assert client.get("/metrics", headers={"Authorization": wrong}).status_code == 401, wrong
        answer = client.get("/metrics", headers=WITH)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")
    with monitored(resources, metrics_token_file=file) as client:
        assert client.get("/metrics", headers=WITH).status_code == 200
        file.write_text("short\n")
        assert client.get("/metrics", headers={"Authorization": "Bearer short"}).status_code == 404
        file.unlink()
        assert client.get("/metrics", headers=WITH).status_code == 503


def test_a_token_that_can_be_guessed_is_refused() -> None:
    """It opens the numbers to whoever reaches the service."""
    with pytest.raises(ValidationError, match="at least 16 characters"):
        Settings(metrics_token=SecretStr("secret"))


def test_requests_are_counted_by_pattern(resources: Resources, make_user: Callable[..., tuple[str, str]]) -> None:
    """Not by what stands in it: neither a deployment nor whatever somebody tries makes a number of its own."""
    _, token = make_user("administrator")
    bearer = {"Authorization": f"Bearer {token}"}
    with monitored(resources) as client:
        for slug in ("iraq", "yemen", "sudan"):
            assert client.get(f"/api/v1/deployments/{slug}", headers=bearer).status_code == 404
        for guess in range(5):
            client.get(f"/wp-admin/{guess}")
            client.request(f"GUESS{guess}", "/healthz")
        client.head("/healthz")
        found = read(client)
    requests = {name[1:]: value for name, value in found.items() if name[0] == "bridge_http_requests_total"}
    assert requests["GET", "/api/v1/deployments/{slug}", "404"] == 3
    assert requests["GET", "none", "404"] == 5
    assert requests["HEAD", "/healthz", "200"] == 1
    assert sum(value for (method, *_), value in requests.items() if method == "other") == 5
    assert len(requests) <= 5
    assert found["bridge_http_request_seconds_count", "/api/v1/deployments/{slug}"] == 3
    assert not [place for place in found if "iraq" in repr(place)]


def test_jobs_are_counted_as_they_wait_and_end(
    resources: Resources, clock: MovableClock, add: Callable[..., int]
) -> None:
    """By kind and state, with how many wait and for how long the oldest does."""
    iraq, yemen = add("iraq"), add("yemen")
    with resources.database.write() as session:
        for kind in ("pull", "push"):
            enqueue_job(session, kind, deployment_id=iraq, arguments={}, person_id=None, now=clock())
    clock.move(seconds=30)
    with resources.database.write() as session:
        job = claim_job(session, "one", kinds=["pull"], now=clock())
        assert job is not None
        gone = enqueue_job(session, "pull", deployment_id=yemen, arguments={}, person_id=None, now=clock())
    clock.move(seconds=12)
    with monitored(resources) as client:
        found = read(client)
        assert found["bridge_jobs", "pull", "running"] == 1
        assert found["bridge_jobs", "push", "queued"] == 1
        assert found["bridge_queue_length",] == 2
        assert found["bridge_oldest_queued_job_seconds",] == 42
        with resources.database.write() as session:
            finish_job(session, job.id or 0, "one", result={}, message="", failed=False, now=clock())
            cancel_job(session, gone.id or 0, now=clock())
        found = read(client)
    assert found["bridge_jobs_ended_total", "pull", "done"] == 1
    assert found["bridge_jobs_ended_total", "pull", "cancelled"] == 1
    assert found["bridge_queue_length",] == 1
    assert ("bridge_jobs", "pull", "running") not in found


def test_mail_and_the_database_are_told(resources: Resources, clock: MovableClock, add: Callable[..., int]) -> None:
    """Messages that wait or failed, and how large the database is."""
    states = [MailState.WAITING, MailState.WAITING, MailState.FAILED, MailState.SENT]
    add("iraq")
    with resources.database.write() as session:
        session.add(Person(id="amina", email="amina@example.org", created_at=clock()))
        session.flush()
        session.add_all(_mail(1, str(n), state, clock) for n, state in enumerate(states))
    with monitored(resources) as client:
        answer = client.get("/metrics", headers=WITH).text
        found = read(client)
    assert found["bridge_mail_messages", "waiting"] == 2
    assert found["bridge_mail_messages", "failed"] == 1
    assert found["bridge_database_bytes",] > 10_000
    assert found["bridge_database_up",] == 1
    assert "amina" not in answer


def _mail(deployment_id: int, key: str, state: MailState, clock: MovableClock) -> MailMessage:
    return MailMessage(
        deployment_id=deployment_id, person_id="amina", kind="welcome", key=key, locale="fr", subject="s", text="t",
        state=state, created_at=clock(), due_at=clock(),
    )  # fmt: skip


def test_a_look_costs_the_same_however_much_there_is(
    resources: Resources, clock: MovableClock, add: Callable[..., int]
) -> None:
    """The same few questions; none of them reads rows that ended, texts or messages that went out."""
    deployment_id = add("iraq")

    def ended(number: int) -> None:
        with resources.database.write() as session:
            session.add_all(
                Job(kind="pull", deployment_id=deployment_id, state=JobState.DONE, created_at=clock())
                for _ in range(number)
            )

    with monitored(resources) as client:
        ended(1)
        few = _statements(resources.database, client)
        ended(300)
        many = _statements(resources.database, client)
    assert few == many
    assert len(few) <= 8
    assert not [each for each in few if "translation" in each or "FROM unit" in each]


def _statements(database: Database, client: TestClient) -> list[str]:
    seen: list[str] = []

    def note(_c: object, _d: object, statement: str, *_: object) -> None:
        seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        read(client)
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
    return seen


def test_without_a_database_the_rest_is_told(resources: Resources) -> None:
    """That it does not answer is a number too, and says nothing of where it is."""
    with monitored(replace(resources, database=Database("postgresql://nobody@127.0.0.1:1/none"))) as client:
        found = read(client)
        assert found["bridge_database_up",] == 0
        assert "nobody" not in client.get("/metrics", headers=WITH).text
        assert read(client)["bridge_http_requests_total", "GET", "/metrics", "200"] == 2


def test_the_guide_names_every_number(resources: Resources) -> None:
    """And none that is not there."""
    guide = (ROOT / "docs/guides/monitoring.md").read_text("utf-8")
    told = set(re.findall(r"^\| `(bridge_\w+)`", guide, re.MULTILINE))
    with monitored(resources) as client:
        families = text_string_to_metric_families(client.get("/metrics", headers=WITH).text)
        shown = {f"{each.name}_total" if each.type == "counter" else each.name for each in families}
    assert told == {name for name in shown if name.startswith("bridge_") and not name.endswith("_created")}


def test_what_is_rolled_back_does_not_count(database: Database) -> None:
    """And what is counted in one transaction is one row to write."""

    def fail(session: Session) -> None:
        count(session, RUNS, "pull", "done")
        session.flush()
        raise InterruptedError

    with pytest.raises(InterruptedError), database.write() as session:
        fail(session)
    for _ in range(2):
        with database.write() as session:
            count(session, RUNS, "pull", "done")
            count(session, RUNS, "pull", "done", number=2)
            count(session, RUNS, "push", "failed")
    with database.read() as session:
        assert {(place.kind, place.result): number for place, number in read_tallies(session).items()} == {
            ("pull", "done"): 6, ("push", "failed"): 2,
        }  # fmt: skip
