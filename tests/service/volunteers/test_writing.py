"""Writing to volunteers, and what their numbers are: with real decisions on real texts."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlmodel import col, select

from service.audit.service import Actor
from service.auth.models import Person
from service.catalog.models import Contribution, RejectReason
from service.errors import BadInput, NotFound
from service.mail.models import MailMessage, MailState
from service.mail.service import stop_mail
from service.migrations import downgrade, upgrade
from service.volunteers.letters import LetterKind, Template
from service.volunteers.numbers import Numbers, count_by_person
from service.volunteers.queries import list_volunteers
from service.volunteers.rules import VolunteerState
from service.volunteers.service import register
from service.volunteers.writing import (
    REMIND_AFTER,
    describe_language,
    note_sent,
    queue_letters,
    set_template,
    tell_due,
    tell_verdicts,
    write_letters,
)
from tests.support.syncing import World

if TYPE_CHECKING:
    from service.db import Database
    from tests.support.people import MovableClock

NAME, AGREE, HELP = "form/f/name", "form/f/agree/display_name", "form/f/agree/help_text"
BY = Actor("operator@host")


class Letters:
    """A world with a volunteer who has an address, and what is written to her."""

    def __init__(self, world: World) -> None:
        self.world = world

    def act(self, what: Any, *arguments: Any, **values: Any) -> Any:
        """Do something in a write transaction."""
        with self.world.database.write() as session:
            return what(session, self.world.deployment_in(session), *arguments, **values)

    def register(self, **cells: str) -> None:
        """Register a volunteer for French."""
        self.act(
            register, [(2, {"languages": "fr", **cells})], actor=BY, now=self.world.clock(), new_id=self.world.new_id
        )

    def queue(self, kind: LetterKind) -> int:
        """Queue the letters that are due."""
        letters = self.act(write_letters, kind, self.world.clock())
        return int(self.act(queue_letters, letters, actor=BY, now=self.world.clock()))

    def send(self) -> None:
        """Let everything that waits go out."""
        with self.world.database.write() as session:
            for row in session.exec(select(MailMessage).where(MailMessage.state == MailState.WAITING)).all():
                row.state, row.sent_at = MailState.SENT, self.world.clock()
                note_sent(session, row, self.world.clock())

    def mails(self) -> list[MailMessage]:
        """Return the messages."""
        with self.world.database.read() as session:
            return list(session.exec(select(MailMessage).order_by(col(MailMessage.id))))

    def states(self) -> list[VolunteerState]:
        """Return how the volunteers stand."""
        with self.world.database.read() as session:
            views = list_volunteers(session, self.world.deployment_in(session).id or 0, self.world.clock())
        return [view.state for view in views]

    def numbers(self, username: str, locale: str | None = None) -> Numbers:
        """Return what a Transifex user did."""
        with self.world.database.read() as session:
            person = session.exec(select(Person.id).where(Person.transifex_username == username)).one()
            return count_by_person(session, self.world.deployment_in(session).id or 0, [person], locale=locale)[person]


@pytest.fixture
def letters(database: Database, clock: MovableClock) -> Letters:
    """Three texts on Transifex, and Amina."""
    world = World(database, clock)
    world.bring({NAME: "Consent", AGREE: "Does the child agree?", HELP: "Ask in private."})
    world.push()
    made = Letters(world)
    made.register(name="Amina", email="amina@example.org", transifex="amina")
    return made


def test_a_welcome_names_exactly_the_forms_that_wait(letters: Letters) -> None:
    """One for each, ever, with the link of each form in the volunteer's language; then the volunteer is instructed."""
    (letter,) = letters.act(write_letters, LetterKind.WELCOME, letters.world.clock())
    assert "Bonjour Amina," in letter.text
    assert "en français." in letter.text
    assert "- Consent (8 mots)\n  https://app.transifex.com/sandbox/project/translate/#fr/f" in letter.text
    assert letters.queue(LetterKind.WELCOME) == 1
    assert letters.queue(LetterKind.WELCOME) == 0
    assert letters.states() == [VolunteerState.REGISTERED]
    letters.send()
    assert letters.states() == [VolunteerState.INSTRUCTED]
    assert letters.queue(LetterKind.WELCOME) == 0
    letters.world.translate({NAME: "Accord", AGREE: "?", HELP: "!"})
    letters.world.pull()
    assert [each.text for each in letters.act(write_letters, LetterKind.WELCOME, letters.world.clock())] == []


def test_there_is_one_reminder_for_whoever_did_not_begin(letters: Letters) -> None:
    """After a week, not before, and not to somebody who writes."""
    letters.register(name="Omar", email="omar@example.org", transifex="omar")
    letters.queue(LetterKind.WELCOME)
    letters.send()
    letters.world.clock.move(days=6)
    assert letters.queue(LetterKind.REMINDER) == 0
    letters.world.translate({NAME: "Accord"}, by="omar")
    letters.world.pull()
    letters.world.clock.move(days=1)
    assert letters.queue(LetterKind.REMINDER) == 1
    letters.send()
    letters.world.clock.move(days=REMIND_AFTER.days + 1)
    assert letters.queue(LetterKind.REMINDER) == 0
    assert [mail.kind for mail in letters.mails()] == ["welcome", "welcome", "reminder"]


def test_a_letter_of_ones_own_is_used(letters: Letters) -> None:
    """In its language; what it cannot be filled with is refused; taken away, the built-in one comes back."""
    world = letters.world
    own = Template("{name}!", "Bonjour {name}, {forms}")
    letters.act(set_template, LetterKind.WELCOME, own, locale="fr", role="", actor=BY, now=world.clock())
    (letter,) = letters.act(write_letters, LetterKind.WELCOME, world.clock(), only=1)
    assert (letter.subject, letter.locale) == ("Amina!", "fr")
    for values in ({"locale": "de", "role": ""}, {"locale": "", "role": "boss"}):
        with pytest.raises(BadInput):
            letters.act(set_template, LetterKind.WELCOME, own, actor=BY, now=world.clock(), **values)
    with pytest.raises(BadInput, match="no field"):
        letters.act(
            set_template, LetterKind.WELCOME, Template("x", "{y}"), locale="", role="", actor=BY, now=world.clock()
        )
    letters.act(set_template, LetterKind.WELCOME, None, locale="fr", role="", actor=BY, now=world.clock())
    assert letters.act(write_letters, LetterKind.WELCOME, world.clock())[0].locale == "fr"
    with pytest.raises(NotFound):
        letters.act(write_letters, LetterKind.WELCOME, world.clock(), only=99)
    assert describe_language("ar")[:2] == ("ar", "rtl")
    assert describe_language("xx")[:2] == ("en", "ltr")


def test_whoever_wants_no_mail_is_not_written_to(letters: Letters) -> None:
    """Neither welcomed nor told."""
    with letters.world.database.write() as session:
        person = session.exec(select(Person.id).where(Person.transifex_username == "amina")).one()
        stop_mail(session, person, now=letters.world.clock())
    assert letters.queue(LetterKind.WELCOME) == 0
    letters.world.translate({NAME: "Accord"})
    letters.world.pull()
    letters.world.approve(NAME)
    assert letters.act(tell_verdicts, letters.world.clock()) == 0


def test_volunteers_hear_what_became_of_their_texts(letters: Letters) -> None:
    """Once a day, everything since the last time in one message: approvals in number, rejections with their reasons."""
    world = letters.world
    world.translate({NAME: "Accord", AGREE: "D'accord ?", HELP: "Seul."})
    world.pull()
    world.approve(NAME)
    world.reject(AGREE, reason=RejectReason.TONE, comment="Too casual.")
    taken_back = world.reject(HELP, reason=RejectReason.TYPO)
    world.reopen(HELP, taken_back)
    assert tell_due(world.database, owner="w", now=world.clock()) == 1
    (mail,) = letters.mails()
    assert "Approuvés : 1\nRejetés : 1\n" in mail.text
    assert "“Does the child agree?”\n“D'accord ?”\nRaison : ton\nToo casual.\nhttps://app.transifex.com/" in mail.text
    assert "reviewer" not in mail.text
    assert "Seul." not in mail.text
    world.approve(HELP)
    assert tell_due(world.database, owner="w", now=world.clock() + timedelta(hours=23)) == 0
    assert tell_due(world.database, owner="w", now=world.clock() + timedelta(hours=24)) == 1
    assert tell_due(world.database, owner="w", now=world.clock() + timedelta(hours=49)) == 0
    assert "Approuvés : 1\nRejetés : 0\n\nLe projet entier" in letters.mails()[1].text


def test_numbers_say_what_became_of_what_somebody_wrote(letters: Letters) -> None:
    """Texts and words, approved, corrected, rejected by reason; replaced texts stay, taken back decisions do not."""
    world = letters.world
    world.translate({NAME: "Accord", AGREE: "D'accord ?", HELP: "Seul."})
    world.pull()
    wrote = world.clock()
    world.approve(NAME)
    world.reject(AGREE, reason=RejectReason.TONE)
    world.reopen(HELP, world.reject(HELP, reason=RejectReason.TYPO))
    world.correct(HELP, "En privé.")
    found = letters.numbers("amina")
    assert (found.texts, found.words, found.approved, found.approved_words, found.corrected) == (3, 8, 1, 1, 1)
    assert found.rejected == {RejectReason.TONE: 1}
    assert found.last_at is not None
    assert found.last_at <= wrote
    world.translate({AGREE: "L'enfant est-il d'accord ?"})
    world.pull()
    later = letters.numbers("amina", "fr")
    assert (later.texts, later.rejected, later.words) == (4, {RejectReason.TONE: 1}, 12)
    assert letters.numbers("amina", "ar") == Numbers()


def test_own_approvals_do_not_count(letters: Letters) -> None:
    """A lone reviewer who approves an own text adds nothing to the own numbers."""
    world = letters.world
    world.translate({NAME: "Accord"})
    world.pull()
    with world.database.write() as session:
        person = session.exec(select(Person.id).where(Person.transifex_username == "amina")).one()
        deployment = world.deployment_in(session)
        deployment.lone_reviewer = True
        session.add(deployment)
    from service.review.service.deciding import approve, find_pair

    with world.database.write() as session:
        deployment = world.deployment_in(session)
        pair = find_pair(session, deployment, "fr", NAME)
        approve(session, deployment, pair, actor=Actor("x", person), now=world.clock(), comment="", with_warnings=True)
    assert letters.numbers("amina").approved == 0
    assert letters.numbers("amina").texts == 1


def test_texts_that_were_there_before_have_their_authors(letters: Letters) -> None:
    """The upgrade takes over what stands."""
    letters.world.translate({NAME: "Accord", AGREE: "Oui ?"})
    letters.world.pull()
    before = letters.numbers("amina")
    downgrade(letters.world.database, "0016")
    upgrade(letters.world.database)
    assert letters.numbers("amina") == before
    with letters.world.database.read() as session:
        assert len(session.exec(select(Contribution)).all()) == 2
