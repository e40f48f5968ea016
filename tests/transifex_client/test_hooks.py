"""Webhooks: kept by the client, and what they send, as it arrives."""

import json
import logging
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tests.transifex_client.conftest import PROJECT, SOURCE, Ask, Clock, Dropping, MakeClient
from transifex_client import Configuration, TransifexClient
from transifex_client.errors import BadRequest, NotFound, TransifexError
from transifex_client.ids import string_id, translation_id
from transifex_client.resources import (
    EventType,
    NewProject,
    NewProjectWebhook,
    NewResource,
    ProjectWebhookChange,
    TranslationChange,
)
from transifex_client.sandbox.core import HookRequest, Sandbox
from transifex_client.sandbox.server import serve
from transifex_client.webhooks import Delivery, parse_delivery, verify
from transifex_client.wire import httpx

ORGANIZATION = "o:sandbox"
URL = "https://bridge.example.org/transifex/hook"
SECRET = "keep-this-to-yourself"
HOOK = NewProjectWebhook(PROJECT, URL, secret_key=SECRET)


def test_a_webhook_is_created_listed_changed_and_deleted(client: TransifexClient, clock: Clock) -> None:
    """A webhook lives from its creation to its end as it was asked for."""
    made = client.create_project_webhook(HOOK, now=clock.now)
    assert (made.project, made.callback_url, made.event_type) == (PROJECT, URL, "all_events")
    assert (made.active, made.secret_key, made.created_at) == (True, SECRET, clock.now)
    assert client.list_project_webhooks(ORGANIZATION) == client.list_project_webhooks(ORGANIZATION, project=PROJECT)
    assert client.list_project_webhooks(ORGANIZATION) == (made,)
    changed = client.update_project_webhook(
        made.id, ProjectWebhookChange(active=False, event_type=EventType.REVIEW_COMPLETED)
    )
    assert (changed.active, changed.event_type, changed.callback_url) == (False, "review_completed", URL)
    assert changed.secret_key == SECRET
    assert client.update_project_webhook(made.id, ProjectWebhookChange(secret_key="new")).secret_key == "new"
    client.delete_project_webhook(made.id)
    assert client.list_project_webhooks(ORGANIZATION) == ()
    with pytest.raises(NotFound):
        client.delete_project_webhook(made.id)


@pytest.mark.parametrize("late", [True, False])
def test_a_webhook_whose_answer_is_lost_is_created_once(
    make_client: MakeClient, sandbox: Sandbox, clock: Clock, late: bool
) -> None:
    """Transifex would take a second one; so it is looked up before it is created again."""
    transport = Dropping(sandbox, carried_out=True, trouble=httpx.ReadError("x"), late=late)
    made = make_client(transport).create_project_webhook(HOOK, now=clock.now)
    assert (made.callback_url, transport.posts, len(sandbox.state.webhooks)) == (URL, 1, 1)


@pytest.mark.parametrize(
    "other", [{"callback_url": URL + "2"}, {"event_type": EventType.REVIEW_COMPLETED}, {"secret_key": None}, {"old": 1}]
)
def test_another_webhook_is_not_taken_for_the_lost_one(
    make_client: MakeClient, client: TransifexClient, sandbox: Sandbox, clock: Clock, other: dict[str, object]
) -> None:
    """Address, event and secret must be the same, and the webhook about as old as the call."""
    data = {"project": PROJECT, "callback_url": URL, "secret_key": SECRET} | other
    if data.pop("old", None):
        clock.now -= timedelta(minutes=6)
        client.create_project_webhook(HOOK, now=clock.now)
        clock.now += timedelta(minutes=6)
    else:
        client.create_project_webhook(NewProjectWebhook(**data), now=clock.now)  # type: ignore[arg-type]
    transport = Dropping(sandbox, carried_out=False, trouble=httpx.ReadError("x"))
    make_client(transport).create_project_webhook(HOOK, now=clock.now)
    assert (transport.posts, len(sandbox.state.webhooks)) == (2, 2)


def test_the_secret_is_never_shown(
    make_client: MakeClient, client: TransifexClient, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither the values nor errors nor logs show a webhook's secret, even when Transifex repeats it at the cut."""
    caplog.set_level(logging.DEBUG)
    made = client.create_project_webhook(HOOK, now=clock.now)
    shown = [repr(HOOK), repr(made), repr(ProjectWebhookChange(secret_key=SECRET))]
    said = {"errors": [{"status": "400", "title": SECRET, "detail": "x" * 290 + SECRET}]}
    telling = make_client(httpx.MockTransport(lambda _: httpx.Response(400, json=said)))
    for call in (
        lambda: telling.create_project_webhook(HOOK, now=clock.now),
        lambda: telling.update_project_webhook(made.id, ProjectWebhookChange(secret_key=SECRET)),
    ):
        with pytest.raises(BadRequest) as caught:
            call()
        shown += [str(caught.value), repr(caught.value), repr(caught.value.about)]
    assert SECRET[:8] not in "\n".join([*shown, caplog.text])


@pytest.mark.parametrize(
    "change",
    [
        {"active": "yes"},
        {"callback_url": "hooks.example.org"},
        {"callback_url": "ftp://hooks.example.org"},
        {"callback_url": "http://["},
        {"callback_url": "http://localhost:99999/hook"},
        {"event_type": "everything"},
        {"secret_key": None},
        {"retries": 3},
    ],
)
def test_a_webhook_must_be_what_the_schema_allows(
    ask: Ask, client: TransifexClient, clock: Clock, change: dict[str, object]
) -> None:
    """Unknown and wrong attributes are refused, in a new webhook and in a change."""
    made = client.create_project_webhook(HOOK, now=clock.now)
    new = {
        "type": "project_webhooks",
        "attributes": {"active": True, "callback_url": URL, "event_type": "all_events"} | change,
        "relationships": {"project": {"data": {"type": "projects", "id": PROJECT}}},
    }
    assert ask("POST", "/project_webhooks", json.dumps({"data": new}).encode()).status == 400
    changed = {"type": "project_webhooks", "id": made.id, "attributes": change}
    assert ask("PATCH", f"/project_webhooks/{made.id}", json.dumps({"data": changed}).encode()).status == 400
    assert client.list_project_webhooks(ORGANIZATION) == (made,)


@pytest.mark.parametrize("name", ["active", "callback_url", "event_type"])
def test_a_new_webhook_names_what_is_required(ask: Ask, name: str) -> None:
    """Whether, where and what are required; a secret is not."""
    attributes = {"active": True, "callback_url": URL, "event_type": "all_events"}
    related = {"project": {"data": {"type": "projects", "id": PROJECT}}}

    def status() -> int:
        data = {"type": "project_webhooks", "attributes": attributes, "relationships": related}
        return ask("POST", "/project_webhooks", json.dumps({"data": data}).encode()).status

    assert status() == 201
    del attributes[name]
    assert status() == 400


# What webhooks send


@pytest.fixture
def hooked(client: TransifexClient, clock: Clock, filled: str) -> str:
    """The filled resource in a project with a webhook for everything."""
    client.create_project_webhook(HOOK, now=clock.now)
    return filled


def told(sandbox: Sandbox) -> list[tuple[str, str | None, float | None]]:
    said = [parse_delivery(each.body) for each in sandbox.deliveries]
    sandbox.deliveries.clear()
    return [(each.event, each.language, each.percent) for each in said]


def test_a_completed_language_is_told(sandbox: Sandbox, hooked: str) -> None:
    """The last translation of a language completes it; before that, and without a change, nothing is told."""
    sandbox.translate(hooked, "fr", {"form": "Formulaire"}, by="amina")
    assert told(sandbox) == []
    sandbox.translate(hooked, "fr", {"case.name": "Nom"}, by="amina")
    assert told(sandbox) == [("translation_completed", "fr", 100)]
    sandbox.translate(hooked, "fr", {"case.name": "Nom"}, by="amina")
    assert told(sandbox) == []
    sandbox.translate(hooked, "fr", {"case.name": "Nom du cas"}, by="amina")
    assert told(sandbox) == [("translation_completed_updated", "fr", 100)]


def test_what_was_complete_before_is_not_told(
    sandbox: Sandbox, client: TransifexClient, clock: Clock, filled: str
) -> None:
    """A new webhook hears nothing of what was complete before it was there."""
    sandbox.translate(filled, "fr", {"form": "Formulaire", "case.name": "Nom"}, by="amina")
    client.create_project_webhook(HOOK, now=clock.now)
    assert told(sandbox) == []


def test_a_completed_review_is_told(sandbox: Sandbox, client: TransifexClient, hooked: str) -> None:
    """The last reviewed mark completes the review of a language; the API's changes count as the editor's do."""
    sandbox.translate(hooked, "fr", {"form": "Formulaire", "case.name": "Nom"}, by="amina")
    sandbox.review(hooked, "fr", ["form"], by="omar")
    sandbox.deliveries.clear()
    name = translation_id(string_id(hooked, "case.name"), "fr")
    client.update_translations([TranslationChange(name, reviewed=True, proofread=True)])
    assert told(sandbox) == [("review_completed", "fr", 100)]
    form = translation_id(string_id(hooked, "form"), "fr")
    client.update_translations([TranslationChange(form, proofread=True)])
    assert told(sandbox) == [("proofread_completed", "fr", 100)]


def test_deleting_the_last_open_key_completes(sandbox: Sandbox, client: TransifexClient, hooked: str) -> None:
    """A language is also complete when what was missing in it is gone."""
    sandbox.translate(hooked, "fr", {"form": "Formulaire"}, by="amina")
    sandbox.delete_key(hooked, "case.name", by="amina")
    assert told(sandbox) == [("translation_completed", "fr", 100)]
    client.upload_source(hooked, SOURCE, keep_translations=True)
    assert told(sandbox) == []


def test_only_what_was_asked_for_is_told(sandbox: Sandbox, client: TransifexClient, clock: Clock, filled: str) -> None:
    """A webhook hears of its own event, of its own project, while it is active, and of nothing before it was there."""
    sandbox.translate(filled, "fr", {"form": "Formulaire", "case.name": "Nom"}, by="amina")
    reviews = NewProjectWebhook(PROJECT, URL, EventType.REVIEW_COMPLETED)
    updates = NewProjectWebhook(PROJECT, URL, EventType.TRANSLATION_UPDATED_COMPLETED)
    elsewhere = client.create_project(NewProject(ORGANIZATION, "other", "Other")).id
    client.create_project_webhook(reviews, now=clock.now)
    client.create_project_webhook(NewProjectWebhook(elsewhere, URL), now=clock.now)
    silent = client.create_project_webhook(updates, now=clock.now)
    assert told(sandbox) == []
    sandbox.review(filled, "fr", ["form", "case.name"], by="omar")
    assert told(sandbox) == [("review_completed", "fr", 100)]
    sandbox.translate(filled, "fr", {"form": "Fiche"}, by="amina")
    assert told(sandbox) == [("translation_completed_updated", "fr", 100)]
    client.update_project_webhook(silent.id, ProjectWebhookChange(active=False))
    sandbox.translate(filled, "fr", {"form": "Formulaire"}, by="amina")
    assert told(sandbox) == []


def test_a_delivery_can_be_believed(sandbox: Sandbox, clock: Clock, hooked: str) -> None:
    """What the sandbox sends is signed by the webhook's secret and says slugs, not ids."""
    sandbox.translate(hooked, "fr", {"form": "Formulaire", "case.name": "Nom"}, by="amina")
    sandbox.review(hooked, "fr", ["form", "case.name"], by="omar")
    first, second = sandbox.deliveries
    for each in (first, second):
        verify(each.headers, each.body, secret=SECRET, url=URL, now=clock.now)
        assert each.headers["Content-Type"] == "application/json"
    assert json.loads(first.body) == {
        "project": "app",
        "translated": 100,
        "resource": "forms",
        "event": "translation_completed",
        "language": "fr",
    }
    said = parse_delivery(second.body)
    assert said == Delivery("review_completed", EventType.REVIEW_COMPLETED, "app", "forms", "fr", 100, True)


def test_without_a_secret_nothing_is_signed(
    sandbox: Sandbox, client: TransifexClient, clock: Clock, ask: Ask, filled: str
) -> None:
    """A webhook without a secret sends no signature; the controls show what was sent."""
    client.create_project_webhook(NewProjectWebhook(PROJECT, URL), now=clock.now)
    sandbox.translate(filled, "fr", {"form": "Formulaire", "case.name": "Nom"}, by="amina")
    shown = ask("GET", "/_sandbox/deliveries").json()
    assert isinstance(shown, dict)
    (delivery,) = shown["deliveries"]
    assert "X-TX-Signature-V2" not in delivery["headers"]
    assert (delivery["url"], json.loads(delivery["body"])["language"]) == (URL, "fr")


class Receiver(HTTPServer):
    """Something on a port of this machine that webhooks can call."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Receiving)
        self.url = f"http://127.0.0.1:{self.server_port}/hook"
        self.received: list[tuple[dict[str, str], bytes]] = []
        self.arrived = threading.Event()


class _Receiving(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((dict(self.headers.items()), body))
        self.send_response(204)
        self.end_headers()
        self.server.arrived.set()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_the_server_sends_to_this_machine_and_to_no_other(receiver: Receiver) -> None:
    """Behind a port a delivery arrives as it was signed; one to another machine is not sent, only shown."""
    beyond = receiver.url.replace("127.0.0.1", "0.0.0.0")
    with serve(0, token="tok") as server, TransifexClient(Configuration("tok", base_url=server.url)) as client:
        sent: list[HookRequest] = []
        postman = server.sandbox.send
        server.sandbox.send = lambda delivery: (sent.append(delivery), postman(delivery))[1]
        now = datetime.now(UTC)
        project = client.create_project(NewProject(ORGANIZATION, "app", "App")).id
        client.add_project_languages(project, ["fr"])
        # This address reaches this machine and yet is not a loopback one.
        for url in (beyond, receiver.url):
            client.create_project_webhook(NewProjectWebhook(project, url, secret_key=SECRET), now=now)
        resource = client.create_resource(NewResource(project, "forms", "Forms")).id
        client.upload_source(resource, b"en:\n  form: Form\n", keep_translations=False)
        server.sandbox.translate(resource, "fr", {"form": "Formulaire"}, by="amina")
        assert receiver.arrived.wait(5)
        assert [each.url for each in sent] == [beyond, receiver.url]
    ((headers, body),) = receiver.received
    verify(headers, body, secret=SECRET, url=receiver.url, now=now)


def test_a_receiver_that_is_not_there_is_no_trouble() -> None:
    """A delivery that cannot be sent is lost, and the sandbox goes on and can be closed."""
    with serve(0, token="tok") as server, TransifexClient(Configuration("tok", base_url=server.url)) as client:
        project = client.create_project(NewProject(ORGANIZATION, "app", "App")).id
        client.add_project_languages(project, ["fr"])
        nobody = NewProjectWebhook(project, "http://127.0.0.1:9/hook")
        client.create_project_webhook(nobody, now=datetime.now(UTC))
        resource = client.create_resource(NewResource(project, "forms", "Forms")).id
        client.upload_source(resource, b"en:\n  form: Form\n", keep_translations=False)
        server.sandbox.translate(resource, "fr", {"form": "Formulaire"}, by="amina")
        with pytest.raises(TransifexError):
            client.get_user("nobody")
