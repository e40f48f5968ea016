"""The letter with a link to set a password: who gets it, what is in it, and which links still work."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from typing import TYPE_CHECKING

import pytest
from sqlmodel import col, select

from service.audit.models import AuditEntry
from service.auth.models import Account, LoginSession, PasswordLink, PasswordRequest, Person
from service.auth.queries import find_account
from service.auth.rules import operator
from service.auth.service import check_password_link, create_password_link, new_session, set_password_by_link
from service.auth.service.forgotten import Asked, ask_for_link
from service.errors import NotReady, Refused
from service.mail.forgotten import send_password_letters
from service.mail.models import MailMessage, MailStop
from service.settings import Settings
from service.tables import metadata
from tests.support.mail import Mailbox, running_mailbox

if TYPE_CHECKING:
    from pathlib import Path

    from service.db import Database
    from tests.support.people import MovableClock, UserMaker

NEW = "four plain words here"


@pytest.fixture
def box() -> Iterator[Mailbox]:
    """A mail server."""
    with running_mailbox() as made:
        yield made


class Desk:
    """People, a way to ask, and a way to send."""

    def __init__(self, database: Database, clock: MovableClock, box: Mailbox, people: UserMaker, folder: Path) -> None:
        self.database, self.clock, self.box, self.people = database, clock, box, people
        self.settings = Settings(
            data_dir=folder, public_url="https://bridge.example.org", smtp_url=box.url, mail_from="b@example.org"
        )

    def add(self, name: str, address: str | None, language: str | None = None) -> str:
        """Make a user and return the person's id."""
        person_id, _ = self.people("reviewer", username=name, password_hash="x")
        with self.database.write() as session:
            session.get_one(Person, person_id).email = address
            account = find_account(session, name)
            assert account is not None
            account.language = language
        return person_id

    def ask(self, name: str, language: str = "en") -> None:
        """Ask for a link."""
        with self.database.write() as session:
            ask_for_link(session, Asked(name, "192.0.2.7", language), self.clock(), sign=lambda text: text[:64])

    def send(self) -> int:
        """Send what is due."""
        return send_password_letters(self.database, self.settings, clock=self.clock)

    def works(self, secret: str) -> bool:
        """Return whether a link works."""
        with self.database.read() as session:
            try:
                check_password_link(session, secret, self.clock())
            except Refused:
                return False
            return True

    def told(self) -> list[tuple[str, str]]:
        """Return what the audit says."""
        with self.database.read() as session:
            return [(row.actor, row.action) for row in session.exec(select(AuditEntry).order_by(col(AuditEntry.id)))]


@pytest.fixture
def desk(database: Database, clock: MovableClock, box: Mailbox, make_user: UserMaker, tmp_path: Path) -> Desk:
    """A service with a mail server."""
    return Desk(database, clock, box, make_user, tmp_path)


def text_of(message: EmailMessage) -> str:
    """Return the plain text."""
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def secret_in(message: EmailMessage) -> str:
    """Return the secret part of the link in a letter."""
    found = re.search(r"^https://bridge\.example\.org/set-password/(\S+)$", text_of(message), re.MULTILINE)
    assert found is not None
    return found[1]


def test_the_link_in_the_letter_sets_a_password(desk: Desk) -> None:
    """It works once; every session ends; the audit tells of both."""
    desk.add("amina", "Amina@Example.org")
    with desk.database.write() as session:
        account = find_account(session, "amina")
        assert account is not None
        new_session(session, account, desk.clock())
    desk.ask("amina@example.org")
    assert desk.send() == 1
    (message,) = desk.box.messages
    assert desk.box.recipients == [["Amina@Example.org"]]
    assert "amina" in text_of(message)
    assert message["list-unsubscribe"] is None
    secret = secret_in(message)
    with desk.database.write() as session:
        assert set_password_by_link(session, secret, NEW, desk.clock()) == "amina"
        assert session.exec(select(LoginSession)).all() == []
    assert not desk.works(secret)
    assert desk.told()[-2:] == [("forgotten-password", "account.link"), ("person", "account.password")]
    assert desk.send() == 0


@pytest.mark.parametrize(
    ("chosen", "asked", "direction", "word"),
    [
        ("ar", "en", "rtl", "كلمة"),
        ("fr", "ar", "ltr", "mot de passe"),
        (None, "ar", "rtl", "كلمة"),
        (None, "xx", "ltr", "password"),
    ],
)  # fmt: skip
def test_it_comes_in_the_persons_language(desk: Desk, chosen: str, asked: str, direction: str, word: str) -> None:
    """The one that the person reads the pages in, else the one of the page on which somebody asked."""
    desk.add("amina", "amina@example.org", chosen)
    desk.ask("amina", asked)
    desk.send()
    (message,) = desk.box.messages
    assert word in message["subject"]
    assert word in text_of(message)
    html = message.get_body(("html",))
    assert html is not None
    assert f'dir="{direction}"' in html.get_content()


def test_the_link_in_a_letter_works_for_a_day(desk: Desk) -> None:
    """It lies in a mailbox that others may open later, so not for the week of a link that is handed over."""
    desk.add("amina", "amina@example.org")
    desk.ask("amina")
    desk.send()
    secret = secret_in(desk.box.messages[0])
    desk.clock.move(hours=23)
    assert desk.works(secret)
    desk.clock.move(hours=2)
    assert not desk.works(secret)


def test_nobody_else_gets_one(desk: Desk) -> None:
    """Whoever has no address, was disabled since, or does not exist."""
    desk.add("leila", None)
    desk.add("omar", "omar@example.org")
    for name in ("leila", "nobody", "nobody@example.org", "omar"):
        desk.ask(name)
    with desk.database.write() as session:
        account = find_account(session, "omar")
        assert account is not None
        account.disabled_at = desk.clock()
    assert desk.send() == 0
    assert desk.box.messages == []
    assert desk.told() == []


def test_an_office_with_one_address_gets_a_letter_for_each(desk: Desk) -> None:
    """By the address every account with it is meant, by a username that account alone."""
    for name in ("amina", "omar"):
        desk.add(name, "office@example.org")
    desk.ask("office@example.org")
    assert desk.send() + desk.send() == 2
    assert len({secret_in(message) for message in desk.box.messages}) == 2
    assert [name for name in ("amina", "omar") for m in desk.box.messages if name in text_of(m)] == ["amina", "omar"]
    desk.clock.move(minutes=16)
    desk.ask("omar")
    assert desk.send() + desk.send() == 1
    assert "omar" in text_of(desk.box.messages[2])


def test_earlier_links_die_with_a_new_one_and_with_the_password(desk: Desk) -> None:
    """Made by command or by letter."""
    desk.add("amina", "amina@example.org")
    with desk.database.write() as session:
        by_command = create_password_link(session, operator("test"), "amina", desk.clock()).link_secret
    desk.ask("amina")
    desk.send()
    first = secret_in(desk.box.messages[0])
    assert not desk.works(by_command)
    desk.clock.move(minutes=16)
    desk.ask("amina")
    desk.send()
    second = secret_in(desk.box.messages[1])
    assert not desk.works(first)
    assert desk.works(second)
    with desk.database.write() as session:
        account_id = session.exec(select(Account.id).where(Account.username == "amina")).one()
        late = PasswordLink(
            account_id=account_id or 0, token_hash="7" * 64, created_at=desk.clock(),
            expires_at=desk.clock() + timedelta(days=1),
        )  # fmt: skip
        session.add(late)
        session.flush()
        set_password_by_link(session, second, NEW, desk.clock())
        assert [link.used_at is not None for link in session.exec(select(PasswordLink))] == [True]


def test_a_mailbox_cannot_be_filled(desk: Desk) -> None:
    """However often anybody asks: one letter in 15 minutes, five a day, and the last link goes on working."""
    desk.add("amina", "amina@example.org")
    for _ in range(40):
        desk.ask("amina")
        desk.send()
        desk.clock.move(minutes=5)
    assert len(desk.box.messages) == 5
    assert desk.works(secret_in(desk.box.messages[-1]))
    desk.clock.move(days=1)
    desk.ask("amina")
    assert desk.send() == 1


def test_a_server_that_is_away_costs_no_link(desk: Desk) -> None:
    """The link that somebody has goes on working until the letter with the new one is out, at a later try."""
    desk.add("amina", "amina@example.org")
    with desk.database.write() as session:
        by_command = create_password_link(session, operator("test"), "amina", desk.clock()).link_secret
    desk.ask("amina")
    desk.box.rejects = "451 later"
    assert desk.send() == desk.send() == 0
    assert desk.works(by_command)
    with desk.database.read() as session:
        assert len(session.exec(select(PasswordLink)).all()) == 1
    desk.box.rejects = ""
    assert desk.send() == 0
    desk.clock.move(minutes=1)
    assert desk.send() == 1
    assert not desk.works(by_command)
    assert desk.works(secret_in(desk.box.messages[0]))


@pytest.mark.parametrize(("answer", "tries"), [("550 never", 1), ("451 later", 8)])
def test_it_is_given_up(desk: Desk, answer: str, tries: int) -> None:
    """At once where the server refuses for good, else after eight tries; the audit says so, and no link is left."""
    desk.add("amina", "amina@example.org")
    desk.ask("amina")
    desk.box.refusals["amina@example.org"] = answer
    for _ in range(12):
        desk.send()
        desk.clock.move(minutes=65)
    with desk.database.read() as session:
        (row,) = session.exec(select(PasswordRequest)).all()
        assert (row.attempts, row.sent_at) == (tries, None)
        assert row.ended_at is not None
        assert session.exec(select(PasswordLink)).all() == []
    assert desk.told() == [("forgotten-password", "account.link-unsent")]


def test_nothing_secret_is_written_anywhere(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    """No table, no log: neither the link nor, in the log, whose it is."""
    caplog.set_level(logging.DEBUG)
    desk.add("amina", "amina@example.org")
    desk.add("omar", "omar@example.org")
    desk.box.refusals["omar@example.org"] = "550 omar@example.org is not here"
    for name in ("amina", "omar"):
        desk.ask(name)
    desk.send()
    secret = secret_in(desk.box.messages[0])
    with desk.database.read() as session:
        everything = [
            str(list(row)) for table in metadata.sorted_tables for row in session.execute(table.select()).all()
        ]
        assert session.exec(select(MailMessage)).all() == []
    assert len(everything) > 5
    assert secret not in json.dumps(everything)
    ours = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("service"))
    assert "did not go out" in ours
    assert not re.search("amina|omar|example|set-password", ours.replace(secret, "set-password"))


def test_who_wants_no_mail_gets_this_letter(desk: Desk) -> None:
    """It was asked for, and it is the only way in."""
    person_id = desk.add("amina", "amina@example.org")
    with desk.database.write() as session:
        session.add(MailStop(person_id=person_id, stopped_at=desk.clock()))
    desk.ask("amina")
    assert desk.send() == 1


def test_without_a_server_it_waits_and_with_a_wrong_one_it_says_so(desk: Desk) -> None:
    """What was asked for before the settings changed goes out when they are right again, within a day."""
    desk.add("amina", "amina@example.org")
    desk.ask("amina")
    right = desk.settings
    desk.settings = right.model_copy(update={"smtp_url": None})
    assert desk.send() == 0
    desk.settings = right.model_copy(update={"smtp_password_file": right.data_dir / "nowhere"})
    with pytest.raises(NotReady):
        desk.send()
    desk.settings = right
    assert desk.send() == 1
    desk.clock.move(minutes=20)
    desk.ask("amina")
    desk.clock.move(days=1)
    assert desk.send() == 0
