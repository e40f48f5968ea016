"""Events from what people do to whoever is told: noted once, delivered until they arrive, shown, and a feed of them."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import pytest
from sqlmodel import select

from service.announcing.models import Announcement, TargetState, WebhookTarget
from service.announcing.rules import EVENT_ID, OFF_AFTER, SIGNATURE
from service.announcing.service import KIND, announce_due, list_announcements
from service.announcing.tasks import deliver_due
from service.audit.models import AuditEntry
from service.auth.models import Person
from service.bundles.models import SignOff
from service.catalog.models import Snapshot
from service.deployments.service import find_deployment
from service.errors import RemoteUnreachable
from service.home.commands.webhooks import mount
from service.jobs.models import Job
from service.review.service.policies import import_translations
from service.worker import keep_post
from tests.service.announcing.test_client import receiver
from tests.service.announcing.test_rules import verify
from tests.service.home.conftest import OPERATOR, Api
from tests.support.commands import make_say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlmodel import Session

    from service.web.resources import Resources
    from tests.support.browsing import Browser
    from tests.support.people import MovableClock, UserMaker

URL = "https://hooks.example.org/in"
_ATOM = "{http://www.w3.org/2005/Atom}"


@dataclass
class Taken:
    """Takes what is posted, or not; ``loses`` takes it and says that it did not."""

    bodies: list[dict[str, Any]] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    fails: set[str] = field(default_factory=set)
    loses: bool = False

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Take it."""
        if url in self.fails:
            raise RemoteUnreachable("The address answered 500: no success.")
        self.raw.append(body)
        self.bodies.append({**json.loads(body), "to": url})
        self.headers.append(headers)
        if self.loses:
            raise RemoteUnreachable("The address does not answer (ReadTimeout).")

    @property
    def events(self) -> list[str]:
        """Return what was told, in order."""
        return [body["event"] for body in self.bodies]


class Desk:
    """The deployment iraq as events see it."""

    def __init__(self, api: Api, resources: Resources) -> None:
        self.api, self.resources, self.clock, self.database = api, resources, api.clock, api.database
        self.taken = Taken()
        self.look()

    def look(self, *, minutes: int = 11) -> int:
        """Note what moved, some minutes later."""
        self.clock.move(minutes=minutes)
        return announce_due(self.database, owner="one", now=self.clock(), new_id=self.resources.new_id)

    def deliver(self, *, minutes: int = 0) -> dict[str, int]:
        """Deliver what waits."""
        self.clock.move(minutes=minutes)
        return deliver_due(
            self.database, self.api.ids["iraq"], self.taken, secrets=self.resources.secrets, clock=self.clock
        )

    def add(self, url: str = URL) -> dict[str, Any]:
        """Have an address told."""
        answer = self.api("specialist").post("/deployments/iraq/webhooks", {"url": url})
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def translate(self, text: str = "En privé.", locale: str = "fr", key: str = "form/consent/agree/help_text") -> None:
        """Have a text come in."""
        with self.database.write() as session:
            deployment = find_deployment(session, "iraq")
            import_translations(
                session, deployment, locale, {key: text}, replace_approved=False, actor=OPERATOR, now=self.clock()
            )

    def events(self) -> list[Announcement]:
        """Return what was noted, the oldest first."""
        with self.database.read() as session:
            return list(reversed(list_announcements(session, self.api.ids["iraq"])))

    def target(self, number: int = 1) -> WebhookTarget:
        """Return an address that is told."""
        with self.database.read() as session:
            return session.get_one(WebhookTarget, number)


@pytest.fixture
def desk(api: Api, resources: Resources) -> Desk:
    """Two deployments that were looked at once."""
    return Desk(api, resources)


def test_what_people_do_becomes_events(desk: Desk) -> None:
    """A text that comes in, one that is approved: with counts, of that locale alone, and nothing else."""
    assert desk.look() == 0
    desk.translate()
    assert desk.look() == 1
    reviewer = desk.api("reviewer")
    assert reviewer.decide(reviewer.unit("form/consent/name")).status_code == 200
    assert desk.look() == 1
    assert desk.look() == 0
    (translated, approved) = desk.events()
    assert (translated.kind.value, translated.locale, translated.counts) == (
        "translated", "fr", {"texts": 5, "translated": 5, "approved": 0},
    )  # fmt: skip
    assert (approved.kind.value, approved.counts["approved"], approved.number) == ("approved", 1, None)


def test_a_sign_off_is_an_event(desk: Desk) -> None:
    """By its number."""
    with desk.database.write() as session:
        session.add(Person(id="amal", name="Amal", created_at=desk.clock()))
        session.flush()
        snapshot = session.exec(select(Snapshot)).first()
        assert snapshot is not None
        session.add(
            SignOff(
                deployment_id=desk.api.ids["iraq"], locale="fr", number=1, snapshot_id=snapshot.id or 0,
                person_id="amal", name="Amal", role="x", organisation="y", statement="z", digest="0" * 64,
                created_at=desk.clock(),
            )
        )  # fmt: skip
    assert desk.look() == 1
    (event,) = desk.events()
    assert (event.kind.value, event.number) == ("signed-off", 1)


def test_two_workers_note_it_once_and_a_quiet_look_writes_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the same moment, from two processes."""
    desk.translate()
    start, found, now = threading.Barrier(2), [], desk.clock() + timedelta(minutes=30)

    def work(owner: str) -> None:
        start.wait(30)
        found.append(announce_due(desk.database, owner=owner, now=now, new_id=desk.resources.new_id))

    threads = [threading.Thread(target=work, args=(owner,)) for owner in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(found) == [0, 1]
    desk.clock.move(hours=2)

    def refuse() -> Session:
        raise AssertionError("a write transaction")

    with monkeypatch.context() as patch:
        patch.setattr(desk.database, "write", refuse)
        assert desk.look() == 0


def test_an_address_is_greeted_and_told_what_comes_after(desk: Desk) -> None:
    """Not what was before; each with an id of its own, signed with the secret that was shown once."""
    desk.translate()
    desk.look()
    added = desk.add()
    assert desk.deliver() == {"delivered": 1, "failed": 0}
    reviewer = desk.api("reviewer")
    assert reviewer.decide(reviewer.unit("form/consent/name")).status_code == 200
    desk.look()
    assert desk.deliver() == {"delivered": 1, "failed": 0}
    assert desk.deliver() == {"delivered": 0, "failed": 0}
    assert desk.taken.events == ["ping", "approved"]
    told = desk.taken.bodies[1]
    assert {name: told[name] for name in ("deployment", "locale", "counts", "number")} == {
        "deployment": "iraq", "locale": "fr", "counts": {"texts": 5, "translated": 5, "approved": 1}, "number": None,
    }  # fmt: skip
    for raw, headers, body in zip(desk.taken.raw, desk.taken.headers, desk.taken.bodies, strict=True):
        moment = int(headers[SIGNATURE].partition(",")[0].removeprefix("t="))
        assert verify(added["secret"], headers[SIGNATURE], raw, moment)
        assert headers[EVENT_ID] == body["id"]
    assert len({body["id"] for body in desk.taken.bodies}) == 2
    with desk.database.read() as session:
        names = session.exec(select(Person.name)).all()
    assert not any(name and name in repr(desk.taken.raw) for name in names)
    assert "privé" not in repr(desk.taken.raw)


def test_what_does_not_arrive_is_tried_again_in_order(desk: Desk) -> None:
    """Less and less often; the address that works is not kept waiting."""
    desk.add()
    desk.add(f"{URL}/two")
    desk.deliver()
    desk.taken.fails = {URL}
    desk.translate()
    desk.look()
    assert desk.deliver() == {"delivered": 1, "failed": 1}
    assert desk.deliver() == {"delivered": 0, "failed": 0}, "not yet"
    assert desk.deliver(minutes=1)["failed"] == 1
    assert desk.deliver(minutes=1)["failed"] == 1
    assert desk.deliver(minutes=1)["failed"] == 0, "twice as long by now"
    target = desk.target()
    assert (target.attempts, target.problem) == (3, "The address answered 500: no success.")
    assert target.failing_since is not None
    reviewer = desk.api("reviewer")
    assert reviewer.decide(reviewer.unit("form/consent/name")).status_code == 200
    desk.look()
    desk.taken.fails = set()
    desk.deliver(minutes=30)
    assert [body["event"] for body in desk.taken.bodies if body["to"] == URL] == ["ping", "translated", "approved"]
    target = desk.target()
    assert (target.attempts, target.problem, target.failing_since) == (0, "", None)


def test_an_answer_that_is_lost_repeats_the_same_id(desk: Desk) -> None:
    """So that a receiver can tell that it knows it already; the signature is a new one."""
    desk.add()
    desk.taken.loses = True
    desk.deliver()
    desk.taken.loses = False
    desk.deliver(minutes=10)
    first, second = desk.taken.bodies
    assert first == second
    assert desk.taken.headers[0][EVENT_ID] == desk.taken.headers[1][EVENT_ID]
    assert desk.taken.headers[0][SIGNATURE] != desk.taken.headers[1][SIGNATURE]


def test_after_a_week_it_is_given_up_and_somebody_can_go_on(desk: Desk) -> None:
    """It is said, audited, and costs nothing any more; what it missed is told when it is taken up again."""
    desk.add()
    desk.deliver()
    desk.taken.fails = {URL}
    desk.translate()
    desk.look()
    began = desk.clock()
    while desk.target().state is TargetState.ON:
        desk.deliver(minutes=360)
        assert desk.clock() - began < OFF_AFTER + timedelta(days=1)
    assert desk.clock() - began >= OFF_AFTER
    assert desk.target().state is TargetState.FAILED
    with desk.database.read() as session:
        actions = session.exec(select(AuditEntry.action).where(AuditEntry.subject == "webhook/1")).all()
    assert actions == ["webhook.add", "webhook.off"]
    desk.taken.fails = set()
    assert desk.deliver(minutes=600)["delivered"] == 0
    answer = desk.api("specialist").post("/deployments/iraq/webhooks/1/resume")
    assert (answer.status_code, answer.json()["state"], answer.json()["problem"]) == (200, "on", "")
    desk.deliver()
    assert desk.taken.events == ["ping", "ping", "translated"]


def test_the_secret_is_shown_once_and_kept_closed(desk: Desk) -> None:
    """Neither a list nor the database shows it, nor the audit."""
    secret = desk.add()["secret"]
    assert secret.startswith("whs_")
    assert len(secret) > 40
    listed = desk.api("specialist").get("/deployments/iraq/webhooks")
    assert listed.json()[0]["url"] == URL
    assert "secret" not in listed.text
    assert secret not in desk.target().secret
    with desk.database.read() as session:
        assert secret not in repr(session.exec(select(AuditEntry)).all())


def test_what_cannot_be_added_is_refused(desk: Desk) -> None:
    """The same address twice, plain http, and more than five."""
    specialist = desk.api("specialist")
    desk.add()
    assert specialist.post("/deployments/iraq/webhooks", {"url": URL}).status_code == 409
    assert specialist.post("/deployments/iraq/webhooks", {"url": "http://example.org"}).status_code == 422
    for number in range(4):
        desk.add(f"{URL}/{number}")
    answer = specialist.post("/deployments/iraq/webhooks", {"url": f"{URL}/6"})
    assert (answer.status_code, "5 addresses at most" in answer.text) == (409, True)
    assert (
        desk.api.client.delete("/api/v1/deployments/iraq/webhooks/1", headers=dict(specialist.headers)).status_code
        == 204
    )
    assert specialist.post("/deployments/other/webhooks/2/resume").status_code == 404
    desk.add(f"{URL}/6")


def test_the_worker_notes_and_delivers(desk: Desk, resources: Resources) -> None:
    """Through the thread that keeps the post and the job in the ledger, to a receiver on this machine."""
    from service.worker import make_runner

    settings = resources.settings.model_copy(update={"webhook_hosts": ("127.0.0.1",)})
    working = replace(resources, settings=settings)
    with receiver() as (url, taken):
        desk.add(url)
        make_runner(working).run_due(threading.Event())
        assert [json.loads(body)["event"] for body in taken] == ["ping"]
        desk.translate()
        desk.clock.move(minutes=11)
        with _kept_post(working) as noted:
            assert noted.wait(60)
        make_runner(working).run_due(threading.Event())
    assert [json.loads(body)["event"] for body in taken] == ["ping", "translated"]
    with desk.database.read() as session:
        results = session.exec(select(Job.result).where(Job.kind == KIND).order_by(Job.id)).all()  # type: ignore[arg-type]
    assert results == [{"delivered": 1, "failed": 0}] * 2


@contextmanager
def _kept_post(resources: Resources) -> Iterator[threading.Event]:
    stop, noted = threading.Event(), threading.Event()

    def clock() -> datetime:
        with resources.database.read() as session:
            if session.exec(select(Announcement.id)).first() is not None:
                noted.set()
        return resources.clock()

    arguments = (replace(resources, clock=clock), "post", stop)
    thread = threading.Thread(target=keep_post, args=arguments, kwargs={"pause": 0.01})
    thread.start()
    try:
        yield noted
    finally:
        stop.set()
        thread.join(60)


def test_the_feed_holds_the_same_events(desk: Desk, clock: MovableClock) -> None:
    """As Atom, the newest first, for everybody who may see the deployment; 304 for whoever has it."""
    desk.translate()
    desk.look()
    reviewer = desk.api("reviewer")
    assert reviewer.decide(reviewer.unit("form/consent/name")).status_code == 200
    desk.look()
    answer = desk.api("observer").get("/deployments/iraq/feed.atom")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/atom+xml")
    root = ElementTree.fromstring(answer.content)
    events = list(reversed(desk.events()))
    entries = root.findall(f"{_ATOM}entry")
    assert [entry.findtext(f"{_ATOM}id") for entry in entries] == [f"urn:uuid:{event.key}" for event in events]
    assert entries[0].findtext(f"{_ATOM}title") == "fr: 1 of 5 texts approved"
    assert root.findtext(f"{_ATOM}updated") == events[0].at.isoformat()
    for element in (root, *entries):
        assert all(element.findtext(f"{_ATOM}{name}") for name in ("id", "title", "updated"))
    again = desk.api.client.get(
        "/api/v1/deployments/iraq/feed.atom",
        headers={**desk.api("observer").headers, "If-None-Match": answer.headers["etag"]},
    )
    assert (again.status_code, again.content) == (304, b"")
    empty = ElementTree.fromstring(desk.api("observer", slug="other").get("/deployments/other/feed.atom").content)
    assert empty.findall(f"{_ATOM}entry") == []
    assert empty.findtext(f"{_ATOM}updated")


def test_commands_do_the_same(desk: Desk, make_user: UserMaker) -> None:
    """Added, listed with why nothing arrived and without the secret, taken up again, removed."""
    say = make_say(desk.resources, make_user, desk.api.ids["iraq"], mount)
    added = say("webhook", "add", "iraq", URL, role="specialist")
    assert added["secret"].startswith("whs_")
    desk.taken.fails = {URL}
    desk.deliver()
    (listed,) = say("webhook", "list", "iraq")["webhooks"]
    assert (listed["problem"], "secret" in listed) == ("The address answered 500: no success.", False)
    assert say("webhook", "resume", "iraq", "1")["problem"] == ""
    desk.taken.fails = set()
    desk.deliver()
    assert desk.taken.events == ["ping"]
    desk.translate()
    desk.look()
    assert "fr  5 of 5 texts translated" in say("webhook", "list", "iraq", plain=True)
    say("webhook", "remove", "iraq", "1")
    assert say("webhook", "list", "iraq")["webhooks"] == []


def test_the_page_adds_shows_and_removes(desk: Desk, make_browser: Callable[..., Browser]) -> None:
    """The secret once; what cannot be told stays typed; an address that fails says why and since when."""
    browser = make_browser("specialist", desk.api.ids["iraq"])
    page = "/deployments/iraq/webhooks"
    refused = browser.post(page, {"url": "http://example.org/in"})
    assert refused.status_code == 422
    assert 'value="http://example.org/in"' in refused.text
    added = browser.post(page, {"url": URL})
    assert added.status_code == 201
    assert added.text.count("whs_") == 1
    assert "whs_" not in browser.get(page).text
    desk.taken.fails = {URL}
    desk.deliver()
    failing = browser.get(page).text
    assert "The address answered 500: no success." in failing
    assert "after seven days it is given up" in failing
    assert browser.post(f"{page}/1/resume").status_code == 303
    assert "answered 500" not in browser.get(page).text
    assert browser.post(f"{page}/1/remove").status_code == 303
    assert URL not in browser.get(page).text
