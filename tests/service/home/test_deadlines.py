"""Reminders of deadlines: queued once to each who can act, in the language they read, and true when they go out."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlmodel import col, select

from service.audit.models import AuditEntry
from service.audit.service import Actor
from service.auth.models import Account, Person
from service.deployments.models import Deployment
from service.deployments.service import archive_deployment, find_deployment
from service.home.deadlines import change_deadline, remind_due
from service.mail.models import MailMessage, MailState
from service.mail.service import stop_mail
from service.progress.models import DeadlineReminder
from service.review.service.policies import import_translations
from service.volunteers.models import Volunteer
from service.volunteers.service import register
from service.worker import keep_post

if TYPE_CHECKING:
    from sqlmodel import Session

    from service.db import Database
    from service.web.resources import Resources
    from tests.support.people import MovableClock, UserMaker

BY = Actor("operator@host")
URL = "https://bridge.example.org"


class Desk:
    """A deployment of five texts, one of them not in French, and the people who can act on it."""

    def __init__(self, database: Database, clock: MovableClock, make_user: UserMaker, deployment_id: int) -> None:
        self.database, self.clock, self.make_user, self.deployment_id = database, clock, make_user, deployment_id

    def register(self, name: str, languages: str = "fr", *, welcomed: bool = True) -> str:
        """Register a volunteer with an address; return the person's id."""
        cells = {"name": name, "email": f"{name}@example.org", "languages": languages}
        with self.database.write() as session:
            deployment = session.get_one(Deployment, self.deployment_id)
            register(session, deployment, [(2, cells)], actor=BY, now=self.clock(), new_id=lambda: f"person-{name}")
            row = session.exec(select(Volunteer).where(Volunteer.person_id == f"person-{name}")).one()
            row.instructed_at = self.clock() if welcomed else None
        return f"person-{name}"

    def user(self, role: str, locales: list[str] | None = None, language: str | None = None) -> str:
        """Make a user with an address, who reads the pages in a language; return the person's id."""
        person, _ = self.make_user(role, self.deployment_id, locales)
        with self.database.write() as session:
            session.get_one(Person, person).email = f"{role}@example.org"
            session.exec(select(Account).where(Account.person_id == person)).one().language = language
        return person

    def deadline(self, locale: str, days: int | None) -> date | None:
        """Set a deadline so many days from now, or take it away."""
        self.clock.move(minutes=1)
        day = None if days is None else self.clock().date() + timedelta(days=days)
        with self.database.write() as session:
            deployment = session.get_one(Deployment, self.deployment_id)
            change_deadline(session, deployment, locale, day, actor=BY, now=self.clock(), public_url=URL)
        return day

    def remind(self, owner: str = "one") -> int:
        """Look whether somebody is to be reminded, a minute later."""
        self.clock.move(minutes=1)
        return remind_due(self.database, owner=owner, now=self.clock(), public_url=URL)

    def letters(self, *states: MailState) -> list[MailMessage]:
        """Return the letters, of some states or all."""
        with self.database.read() as session:
            query = select(MailMessage).where(MailMessage.kind == "deadline").order_by(col(MailMessage.id))
            return [row for row in session.exec(query) if not states or row.state in states]

    def sent(self) -> None:
        """Let everything that waits go out."""
        with self.database.write() as session:
            for row in session.exec(select(MailMessage).where(MailMessage.state == MailState.WAITING)):
                row.state, row.sent_at = MailState.SENT, self.clock()


@pytest.fixture
def desk(database: Database, clock: MovableClock, make_user: UserMaker, add: Callable[..., int]) -> Desk:
    """A deployment that is connected to Transifex."""
    return Desk(database, clock, make_user, add("iraq"))


def test_a_deadline_is_told_three_times_and_no_more(desk: Desk) -> None:
    """At 14, 7 and 2 days, however often is looked; also where the service stood still for a while."""
    desk.register("amina")
    desk.deadline("fr", 16)
    told = []
    for day in range(19):
        told += [day] * (desk.remind() + desk.remind())
        desk.sent()
        desk.clock.move(hours=24)
    assert told == [2, 9, 14]
    desk.deadline("fr", 10)
    assert desk.remind() == 1
    desk.clock.move(days=9)
    assert desk.remind() == 1
    assert desk.remind("after a restart") == 0
    with desk.database.read() as session:
        steps = [row.step for row in session.exec(select(DeadlineReminder).order_by(col(DeadlineReminder.id)))]
        entries = session.exec(select(AuditEntry).where(AuditEntry.action == "deadline.remind")).all()
    assert steps == [14, 7, 2, 14, 2]
    assert [entry.detail["letters"] for entry in entries] == [1] * 5
    assert "amina" not in repr(entries)


def test_those_who_can_act_are_told_and_nobody_else(desk: Desk) -> None:
    """Not who knows nothing yet, works on another language, wants no mail, has no address, or only looks."""
    desk.register("amina")
    desk.register("new", welcomed=False)
    desk.register("elsewhere", "ar")
    silent = desk.register("silent")
    with desk.database.write() as session:
        stop_mail(session, silent, now=desk.clock())
    desk.user("observer")
    desk.user("administrator")
    desk.user("release-engineer")
    wanted = {"person-amina", desk.user("reviewer", ["fr"]), desk.user("specialist")}
    desk.user("reviewer", ["ar"])
    desk.make_user("reviewer", desk.deployment_id)
    desk.deadline("fr", 7)
    assert desk.remind() == 3
    assert {row.person_id for row in desk.letters()} == wanted


def test_a_letter_is_in_the_language_that_its_reader_reads(desk: Desk) -> None:
    """As the pages were last read; a volunteer who never saw them, as they translate."""
    desk.register("amina", "ar")
    specialist = desk.user("specialist", language="fr")
    desk.user("reviewer", language="en")
    day = desk.deadline("ar", 14)
    assert day == date(2026, 3, 16)
    desk.remind()
    letters = {row.person_id: row for row in desk.letters()}
    assert letters.pop("person-amina").locale == "ar"
    assert letters.pop(specialist).locale == "fr"
    assert letters == {}  # Nothing waits for a reviewer in Arabic.
    desk.deadline("fr", 14)
    desk.remind()
    (letter,) = [row for row in desk.letters() if row.locale == "en"]
    assert letter.subject == "Iraq is to be ready by 16 March 2026"
    assert "French, by 16 March 2026\n4 texts wait for a reviewer\n" in letter.text
    assert f"{URL}/deployments/iraq/locales/fr/queue" in letter.text
    assert "Transifex" not in letter.text


def test_a_translator_hears_what_is_to_be_translated_and_where(desk: Desk) -> None:
    """With the project on Transifex, where they work; nothing of this service, where they have no account."""
    desk.register("amina", "fr,ar")
    desk.deadline("fr", 2)
    desk.remind()
    (letter,) = desk.letters()
    assert letter.locale == "en"
    assert letter.text.startswith("Hello amina,\n\nThese languages of Iraq")
    assert (
        "French, by 4 March 2026\n1 text is to be translated (3 words)\nhttps://app.transifex.com/org/project/\n"
        in letter.text
    )
    assert URL not in letter.text


def test_a_language_that_is_done_is_told_to_nobody(desk: Desk) -> None:
    """And a deployment that is archived is at rest."""
    desk.register("amina")
    desk.deadline("fr", 7)
    with desk.database.write() as session:
        deployment = find_deployment(session, "iraq")
        texts = {"form/consent/agree/help_text": "En privé."}
        import_translations(session, deployment, "fr", texts, replace_approved=False, actor=BY, now=desk.clock())
    assert desk.remind() == 0
    assert desk.letters() == []
    desk.deadline("ar", 7)
    desk.register("sara", "ar")
    with desk.database.write() as session:
        archive_deployment(session, find_deployment(session, "iraq"), actor=BY, now=desk.clock())
    assert desk.remind() == 0


def test_one_letter_tells_of_all_languages(desk: Desk) -> None:
    """Two deadlines on two days are one letter, as nobody gets two messages a day."""
    desk.register("amina", "fr,ar")
    desk.deadline("fr", 7)
    desk.deadline("ar", 2)
    assert desk.remind() == 1
    (letter,) = desk.letters()
    assert letter.text.index("Arabic, by 4 March 2026") < letter.text.index("French, by 9 March 2026")


def test_a_deadline_that_moves_takes_back_what_waits(desk: Desk) -> None:
    """What was not sent is written anew with what is still true; the new day is told when its time comes."""
    desk.register("amina", "fr,ar")
    desk.register("omar", "fr")
    desk.deadline("fr", 7)
    desk.deadline("ar", 7)
    assert desk.remind() == 2
    desk.deadline("fr", 40)
    (letter,) = desk.letters(MailState.WAITING)
    assert letter.person_id == "person-amina"
    assert "French" not in letter.text
    assert "Arabic, by 9 March 2026" in letter.text
    assert len(desk.letters(MailState.CANCELLED)) == 2
    assert desk.remind() == 0
    desk.sent()
    desk.clock.move(days=26)
    assert desk.remind() == 2
    desk.deadline("fr", None)
    assert desk.letters(MailState.WAITING) == []
    assert desk.remind() == 0


def test_a_day_that_comes_back_is_told_to_those_who_did_not_hear(desk: Desk) -> None:
    """Whoever's letter was taken back gets one again; whoever had read of that day does not."""
    desk.register("amina")
    desk.deadline("fr", 7)
    assert desk.remind() == 1
    desk.sent()
    desk.register("omar")
    desk.deadline("fr", 6)
    assert desk.remind() == 2
    waiting = {letter.person_id: letter for letter in desk.letters(MailState.WAITING)}
    with desk.database.write() as session:
        row = session.get_one(MailMessage, waiting["person-amina"].id)
        row.state, row.sent_at = MailState.SENT, desk.clock()
    desk.deadline("fr", 60)
    assert desk.letters(MailState.WAITING) == []
    desk.deadline("fr", 6)
    (letter,) = desk.letters(MailState.WAITING)
    assert letter.person_id == "person-omar"
    assert "8 mars 2026" in letter.text
    assert desk.remind() == 0
    desk.sent()
    desk.clock.move(days=4)
    assert desk.remind() == 2, "the next step is told as ever"


def test_a_day_that_comes_back_when_another_step_is_due_is_told_once(desk: Desk) -> None:
    """The look that comes next tells it, and the change itself does not."""
    desk.register("amina")
    day = desk.deadline("fr", 14)
    assert desk.remind() == 1
    desk.deadline("fr", 60)
    desk.clock.move(days=7)
    desk.deadline("fr", 7)
    assert day == desk.clock().date() + timedelta(days=7)
    assert desk.letters(MailState.WAITING) == []
    assert desk.remind() == 1
    assert len(desk.letters(MailState.WAITING)) == 1


def test_the_worker_looks_whether_somebody_is_to_be_reminded(desk: Desk, resources: Resources) -> None:
    """Beside the mail that is due, in the thread that keeps the post."""
    desk.register("amina")
    desk.deadline("fr", 7)
    stop, looked = threading.Event(), threading.Event()

    def clock() -> datetime:
        # The last of a round to ask for the time; the round ends before the thread does.
        if desk.letters():
            looked.set()
        return desk.clock()

    thread = threading.Thread(
        target=keep_post, args=(replace(resources, clock=clock), "one", stop), kwargs={"pause": 0.01}
    )
    thread.start()
    try:
        assert looked.wait(60)
    finally:
        stop.set()
        thread.join(60)
    (letter,) = desk.letters()
    assert letter.person_id == "person-amina"


def test_two_workers_tell_it_once(desk: Desk) -> None:
    """At the same moment, from two processes."""
    for number in range(5):
        desk.register(f"amina{number}")
    desk.deadline("fr", 7)
    start, now, queued = threading.Barrier(2), desk.clock(), []

    def work(owner: str) -> None:
        start.wait(30)
        queued.append(remind_due(desk.database, owner=owner, now=now, public_url=URL))

    threads = [threading.Thread(target=work, args=(owner,)) for owner in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(queued) == [0, 5]
    assert len(desk.letters()) == 5
    assert remind_due(desk.database, owner="two", now=now + timedelta(hours=1), public_url=URL) == 0


def test_nothing_is_written_where_nothing_is_due(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A look costs no write: it happens every half a minute."""
    desk.register("amina")
    desk.deadline("fr", 30)

    def refuse() -> Session:
        raise AssertionError("a write transaction")

    with monkeypatch.context() as patch:
        patch.setattr(desk.database, "write", refuse)
        assert desk.remind() == 0
