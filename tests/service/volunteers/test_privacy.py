"""Personal data: handed out whole, ended for good, kept no longer than said, and in no log."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlmodel import select

from service.audit.queries import find_end, read_chain
from service.audit.rules import check_chain
from service.audit.service import Actor
from service.auth.models import Account, ApiToken, Membership, Person, Role
from service.auth.rules import Grant, Identity
from service.catalog.models import Contribution, Translation
from service.errors import NotPermitted
from service.mail.models import MailMessage
from service.tables import metadata
from service.volunteers.letters import LetterKind
from service.volunteers.models import TeamMember, Volunteer
from service.volunteers.privacy import (
    MONTH,
    erase_due,
    erase_person,
    export_person,
    require_over_person,
    set_people_settings,
)
from tests.service.volunteers.test_writing import BY, NAME, Letters
from tests.support.mail import running_mailbox
from tests.support.syncing import World

if TYPE_CHECKING:
    from service.db import Database
    from tests.support.people import MovableClock


@pytest.fixture
def letters(database: Database, clock: MovableClock) -> Letters:
    """Amina, registered with a note, written to, author of an approved text."""
    world = World(database, clock)
    world.bring({NAME: "Consent"})
    world.push()
    made = Letters(world)
    made.register(name="Amina Tal", email="amina@example.org", transifex="amina", note="evenings only")
    made.queue(LetterKind.WELCOME)
    world.translate({NAME: "Accord"})
    world.pull()
    world.approve(NAME)
    return made


def amina(database: Database) -> str:
    """Return the id of Amina."""
    with database.read() as session:
        return session.exec(select(Volunteer.person_id)).one()


def everything(database: Database) -> str:
    """Return every value of every table, as text."""
    with database.read() as session:
        return "\n".join(
            repr(tuple(row)) for table in metadata.sorted_tables for row in session.connection().execute(table.select())
        )


def test_a_person_gets_everything_that_is_kept(letters: Letters) -> None:
    """Who, where, what was written and sent, what the audit says; plain JSON."""
    person = amina(letters.world.database)
    with letters.world.database.read() as session:
        data = json.loads(json.dumps(export_person(session, person), default=str))
    assert data["person"]["email"] == "amina@example.org"
    assert data["volunteering"][0]["note"] == "evenings only"
    assert data["volunteering"][0]["languages"] == {"fr": "translator"}
    assert "Bonjour Amina Tal" in data["messages"][0]["text"]
    assert [(text["key"], text["text"]) for text in data["texts"]] == [(NAME, "Accord")]
    assert {entry["action"] for entry in data["audit"]} == {"volunteer.add", "volunteer.welcome"}


def test_after_erasing_nothing_tells_who_it_was(letters: Letters) -> None:
    """No row of any table holds name, address, username or note; texts, decisions and the audit stay as they were."""
    database, person = letters.world.database, amina(letters.world.database)
    before = everything(database)
    assert all(word in before for word in ("Amina Tal", "amina@example.org", "evenings only", "'amina'"))
    with database.write() as session:
        erase_person(session, person, actor=BY, now=letters.world.clock())
    after = everything(database)
    assert not [word for word in ("Amina", "amina@", "evenings", "'amina'") if word in after]
    with database.read() as session:
        assert session.exec(select(Translation.author_id)).one() == person
        assert session.exec(select(Contribution.author_id)).one() == person
        assert session.get_one(Person, person).erased_at == letters.world.clock()
        assert list(check_chain(read_chain(session), end=find_end(session))) == []
        for table in (Volunteer, TeamMember, MailMessage):
            assert session.exec(select(table)).all() == []
    # A second time there is nothing to end.
    with database.write() as session:
        erase_person(session, person, actor=BY, now=letters.world.clock())


def test_whoever_is_erased_can_no_longer_sign_in(letters: Letters) -> None:
    """Account, token and memberships end with the name."""
    database, person = letters.world.database, amina(letters.world.database)
    with database.write() as session:
        session.add(Account(person_id=person, username="amina", password_hash="x", created_at=letters.world.clock()))
        session.add(ApiToken(person_id=person, token_hash="0" * 64, created_at=letters.world.clock()))
        session.add(Membership(person_id=person, role=Role.REVIEWER, created_at=letters.world.clock()))
    with database.write() as session:
        erase_person(session, person, actor=BY, now=letters.world.clock())
    with database.read() as session:
        account = session.exec(select(Account)).one()
        assert (account.username, account.password_hash, account.disabled_at) == (
            f"erased-{person}", None, letters.world.clock(),
        )  # fmt: skip
        assert session.exec(select(Membership)).all() == []
        assert session.exec(select(ApiToken.revoked_at)).one() is not None


def test_a_specialist_ends_nobody_who_also_is_elsewhere(letters: Letters, make_deployment: Callable[..., int]) -> None:
    """Another deployment's volunteer, or somebody who signs in, takes an administrator of all."""
    database, person = letters.world.database, amina(letters.world.database)
    here, other = letters.world.deployment().id or 0, make_deployment("other")
    specialist = Identity(Actor("s", "s"), "s", (Grant(Role.SPECIALIST, here),))
    everywhere = Identity(Actor("a", "a"), "a", (Grant(Role.ADMINISTRATOR),))

    def check(who: Identity) -> None:
        with database.read() as session:
            require_over_person(session, who, person)

    check(specialist)
    with database.write() as session:
        session.add(Account(person_id=person, username="amina", created_at=letters.world.clock()))
    with pytest.raises(NotPermitted, match="signs in here"):
        check(specialist)
    with database.write() as session:
        session.delete(session.exec(select(Account)).one())
        session.add(Volunteer(deployment_id=other, person_id=person, registered_at=letters.world.clock()))
    with pytest.raises(NotPermitted, match="also volunteers"):
        check(specialist)
    check(everywhere)


def test_volunteers_are_kept_as_long_as_the_deployment_says(letters: Letters) -> None:
    """Counted from the last thing they did; without a setting for ever."""
    database, clock = letters.world.database, letters.world.clock
    clock.move(days=2000)
    assert erase_due(database, owner="w", now=clock()) == 0
    letters.act(set_people_settings, show_numbers=None, keep_months=6, actor=BY, now=clock())
    last = clock() - timedelta(days=2000)
    assert erase_due(database, owner="w", now=last + 6 * MONTH - timedelta(days=1)) == 0
    assert erase_due(database, owner="w", now=last + 6 * MONTH) == 1
    assert "amina@" not in everything(database)


def test_somebody_who_also_is_elsewhere_is_only_forgotten_here(
    letters: Letters, make_deployment: Callable[..., int]
) -> None:
    """The name stays where it is still needed."""
    database, clock, person = letters.world.database, letters.world.clock, amina(letters.world.database)
    other = make_deployment("other")
    with database.write() as session:
        session.add(Volunteer(deployment_id=other, person_id=person, registered_at=clock()))
    letters.act(set_people_settings, show_numbers=None, keep_months=1, actor=BY, now=clock())
    clock.move(days=100)
    assert erase_due(database, owner="w", now=clock()) == 1
    with database.read() as session:
        assert session.exec(select(Volunteer.deployment_id)).one() == other
        assert session.get_one(Person, person).email == "amina@example.org"


def test_no_log_holds_a_name_or_an_address(letters: Letters, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever a mail server says of a person, and whatever the rounds do."""
    from service.mail.client import SmtpSender
    from service.mail.rules import parse_smtp_url
    from service.mail.tasks import Outgoing, send_due

    caplog.set_level(logging.DEBUG)
    with running_mailbox() as box:
        box.refusals = {"amina@example.org": "550 <amina@example.org> is unknown"}
        account = parse_smtp_url(box.url, password=None, sender="b@example.org")
        with SmtpSender(account) as sender:
            outgoing: Any = Outgoing(account, sender, lambda person: person, lambda _: ("en", "ltr", "x"))
            deployment = letters.world.deployment().id or 0
            assert send_due(letters.world.database, deployment, outgoing, clock=letters.world.clock)["failed"] == 1
    ours = [record for record in caplog.records if not record.name.startswith("mail.log")]
    assert not [record for record in ours if "amina" in record.getMessage().casefold()]
    assert "amina" not in letters.mails()[0].problem
