"""The outbox: queued once, sent once, tried again, stopped by whoever wants no more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlmodel import select

from service.audit.models import AuditEntry
from service.audit.service import Actor
from service.auth.models import Person
from service.errors import NotReady, Refused
from service.jobs.models import Job
from service.mail.client import SmtpSender
from service.mail.models import MailMessage, MailState
from service.mail.rules import MAX_ATTEMPTS, ONE_A, parse_smtp_url
from service.mail.sending import find_account, stop_address
from service.mail.service import NewMail, end_waiting, queue_mail, stop_mail
from service.mail.tasks import Outgoing, queue_due_mail, send_due
from tests.support.mail import Mailbox, running_mailbox

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from service.db import Database
    from service.web.resources import Resources
    from tests.support.people import MovableClock


@pytest.fixture
def box() -> Iterator[Mailbox]:
    """A mail server."""
    with running_mailbox() as made:
        yield made


class Post:
    """One deployment, people with addresses, and a way to send."""

    def __init__(self, database: Database, clock: MovableClock, box: Mailbox, deployment_id: int) -> None:
        self.database, self.clock, self.box, self.deployment_id = database, clock, box, deployment_id
        with database.write() as session:
            for name in ("sara", "omar"):
                session.add(Person(id=name, email=f"{name}@example.org", created_at=clock()))
            session.add(Person(id="none", created_at=clock()))

    def queue(self, person: str = "sara", key: str = "welcome/1", **values: Any) -> bool:
        """Queue a message."""
        mail = NewMail(person, self.deployment_id, "welcome", key, "fr", f"Bonjour {person}", "À vous.", **values)
        with self.database.write() as session:
            return queue_mail(session, mail, self.clock())

    def send(self, url: str | None = None, **values: Any) -> dict[str, int]:
        """Send what is due."""
        account = parse_smtp_url(url or self.box.url, password=None, sender="Bridge <bridge@example.org>")
        with SmtpSender(account) as sender:
            outgoing = Outgoing(account, sender, lambda person: f"https://x/{person}", lambda _: ("fr", "ltr", "Non :"))
            return send_due(self.database, self.deployment_id, replace(outgoing, **values), clock=self.clock)

    def rows(self) -> list[MailMessage]:
        """Return the messages."""
        with self.database.read() as session:
            return list(session.exec(select(MailMessage).order_by(MailMessage.id)))  # type: ignore[arg-type]


@pytest.fixture
def post(database: Database, clock: MovableClock, box: Mailbox, make_deployment: Callable[..., int]) -> Post:
    """A deployment with people."""
    return Post(database, clock, box, make_deployment())


def test_a_message_is_queued_once_and_sent_once(post: Post) -> None:
    """The same key tells nothing twice; a second round sends nothing; whoever has no address gets nothing queued."""
    told: list[str] = []
    assert post.queue()
    assert not post.queue()
    assert not post.queue("none", "welcome/2")
    assert not post.queue("nobody", "welcome/3")
    assert post.send(note_sent=lambda _session, row, _now: told.append(row.key)) == {
        "sent": 1,
        "failed": 0,
        "waiting": 0,
    }
    assert post.send()["sent"] == 0
    (message,) = post.box.messages
    assert message["subject"] == "Bonjour sara"
    assert post.box.recipients == [["sara@example.org"]]
    assert told == ["welcome/1"]
    (row,) = post.rows()
    assert (row.state, row.sent_at, row.attempts) == (MailState.SENT, post.clock(), 1)


def test_nobody_sees_another_address(post: Post) -> None:
    """Each message has one recipient, and holds nobody else's address."""
    post.queue("sara", "a")
    post.queue("omar", "b")
    post.send()
    assert post.box.recipients == [["sara@example.org"], ["omar@example.org"]]
    assert b"omar@" not in post.box.raw[0]
    assert b"sara@" not in post.box.raw[1]


def test_nobody_gets_two_messages_within_a_day(post: Post) -> None:
    """The second waits a day, whatever it is about; others are not kept waiting."""
    post.queue("sara", "a")
    post.queue("sara", "b")
    post.queue("omar", "c")
    assert post.send()["sent"] == 2
    post.clock.move(hours=23)
    assert post.send()["sent"] == 0
    post.clock.move(hours=1)
    assert post.send()["sent"] == 1
    assert post.rows()[1].sent_at == post.rows()[0].sent_at + ONE_A  # type: ignore[operator]


def test_a_server_that_is_away_is_tried_again_later(post: Post) -> None:
    """The round ends, no try is lost or doubled, and after many tries the message counts as failed."""
    post.queue("sara", "a")
    post.queue("omar", "b")
    dead = "smtp://127.0.0.1:9"
    assert post.send(dead) == {"sent": 0, "failed": 0, "waiting": 2}
    assert [row.attempts for row in post.rows()] == [1, 0]
    assert "cannot be used" in post.rows()[0].problem
    assert post.send()["sent"] == 1
    post.clock.move(minutes=5)
    assert post.send()["sent"] == 1
    post.queue("omar", "c")
    post.clock.move(days=2)
    for _ in range(MAX_ATTEMPTS):
        post.send(dead)
        post.clock.move(days=1)
    assert post.rows()[2].state is MailState.FAILED
    assert post.send() == {"sent": 0, "failed": 0, "waiting": 0}


def test_an_address_that_is_refused_for_good_fails_at_once(post: Post) -> None:
    """A refusal for now is tried again; neither stops the others, nor tells an address in its reason."""
    post.box.refusals = {"sara@example.org": "550 no such user"}
    post.queue("sara", "a")
    post.queue("omar", "b")
    assert post.send() == {"sent": 1, "failed": 1, "waiting": 0}
    assert post.rows()[0].state is MailState.FAILED
    assert "@" not in post.rows()[0].problem
    post.box.refusals = {"omar@example.org": "451 later"}
    post.clock.move(days=1)
    post.queue("omar", "c")
    assert post.send()["waiting"] == 1
    post.box.refusals = {}
    post.clock.move(minutes=6)
    assert post.send()["sent"] == 1


def test_a_server_that_takes_no_message_now_is_tried_again(post: Post) -> None:
    """A full disk there loses nothing here."""
    post.box.rejects = "452 full"
    post.queue()
    assert post.send()["waiting"] == 1
    post.box.rejects = ""
    post.clock.move(minutes=6)
    assert post.send()["sent"] == 1


def test_what_is_due_later_waits(post: Post) -> None:
    """Nothing is queued for a worker before its time."""
    post.queue(due_at=post.clock() + timedelta(days=3))
    assert post.send()["sent"] == 0
    assert queue_due_mail(post.database, owner="w", now=post.clock()) == 0
    post.clock.move(days=3)
    assert queue_due_mail(post.database, owner="w", now=post.clock()) == 1
    assert post.send()["sent"] == 1
    with post.database.read() as session:
        assert [job.kind for job in session.exec(select(Job))] == ["mail"]


def test_whoever_wants_no_mail_gets_none(post: Post) -> None:
    """What waits is taken back, and nothing more is queued."""
    post.queue()
    with post.database.write() as session:
        stop_mail(session, "sara", now=post.clock())
    assert post.rows()[0].state is MailState.CANCELLED
    assert not post.queue(key="welcome/9")
    assert post.send()["sent"] == 0


def test_a_person_whose_address_is_gone_gets_nothing(post: Post) -> None:
    """Erased between queueing and sending."""
    post.queue()
    with post.database.write() as session:
        session.get_one(Person, "sara").email = None
    assert post.send()["sent"] == 0
    assert post.rows()[0].state is MailState.CANCELLED


def test_a_person_may_send_by_hand(post: Post) -> None:
    """It counts as sent, on the record, and once."""
    post.queue()
    with post.database.write() as session:
        end_waiting(session, post.deployment_id, 1, sent=True, actor=Actor("operator@host"), now=post.clock())
    assert post.rows()[0].state is MailState.BY_HAND
    with pytest.raises(Refused), post.database.write() as session:
        end_waiting(session, post.deployment_id, 1, sent=False, actor=Actor("operator@host"), now=post.clock())
    with post.database.read() as session:
        entry = session.exec(select(AuditEntry).where(AuditEntry.action == "mail.by-hand")).one()
    assert "sara@" not in repr(entry)


def test_the_link_at_the_end_stops_mail_without_signing_in(
    post: Post, client: TestClient, resources: Resources
) -> None:
    """Opening it asks, sending it stops, also as mail programs do by one press; a wrong signature is nobody's."""
    post.queue()
    path = stop_address(resources.settings, resources.secrets, "sara").removeprefix("http://localhost")
    assert "Send me no more messages" in client.get(path).text
    assert post.rows()[0].state is MailState.WAITING
    pressed = client.post(path, data={"List-Unsubscribe": "One-Click"})
    assert pressed.status_code == 200
    assert "You get no more messages" in pressed.text
    assert post.rows()[0].state is MailState.CANCELLED
    assert "Send me no more" in client.post(path, data={"again": "true"}).text
    assert post.queue(key="welcome/2")
    other = path.replace("/sara/", "/omar/")
    for wrong in (other, path[:-1], "/unsubscribe/sara/x", "/unsubscribe/%00/x"):
        assert client.get(wrong, headers={"Accept": "text/html"}).status_code == 404
        assert client.post(wrong, headers={"Accept": "text/html"}).status_code == 404


def test_without_a_server_there_is_no_account(resources: Resources) -> None:
    """Mail is then shown to be copied; a file that is missing is said to be."""
    assert find_account(resources.settings) is None
    broken = resources.settings.model_copy(
        update={
            "smtp_url": "smtp://h",
            "mail_from": "a@b.org",
            "smtp_password_file": resources.settings.data_dir / "no",
        }
    )
    with pytest.raises(NotReady, match="SMTP_PASSWORD_FILE"):
        find_account(broken)
