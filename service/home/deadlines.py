"""Deadlines told to those who can act: once 14, 7 and 2 days before, one letter to a person for all their languages."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import func
from sqlmodel import Session, col, select

from service.audit.service import Actor, write_audit
from service.auth.models import Person, Role
from service.auth.queries import find_languages, find_reviewer_grants, find_role_grants
from service.auth.rules import Permission
from service.catalog.queries import count_states
from service.db import Database
from service.deployments.models import Deployment
from service.home.deadline_letter import Reader, write_letter
from service.jobs.leases import hold_lease
from service.mail.models import MailMessage, MailState
from service.mail.sending import interface_for
from service.mail.service import NewMail, queue_mail, take_back_waiting
from service.progress.models import Deadline, DeadlineReminder
from service.progress.plan import NEAR, Hand, OpenLanguage, Reminder, plan_reminders, plan_shares
from service.progress.queries import list_near_deadlines, list_reminders
from service.progress.service import drop_deadline, set_deadline
from service.volunteers.queries import list_volunteers
from service.volunteers.rules import VolunteerState
from service.web.languages import ENGLISH, LANGUAGES, Interface

KIND = "deadline"
"""How the outbox calls these letters."""
_LEASE = timedelta(minutes=2)
_ADDRESSED = frozenset({VolunteerState.INSTRUCTED, VolunteerState.JOINED, VolunteerState.ACTIVE, VolunteerState.QUIET})
"""Volunteers who know what it is about."""


def remind_due(database: Database, *, owner: str, now: datetime, public_url: str) -> int:
    """Queue a letter to everybody who can act on a deadline whose reminder is due; return how many were queued.

    To be called every now and then; one process at a time does it for all. A reminder is told once, however often the
    service starts anew; a deadline that moves is told anew.
    """
    with database.read() as session:
        if not _find_due(session, now.date()):
            return 0
    with database.write() as session:
        if not hold_lease(session, "deadlines", owner, now=now, span=_LEASE):
            return 0
        return sum(
            _remind(session, deployment, near, reminders, now, public_url)
            for deployment, near, reminders in _find_due(session, now.date())
        )


def _find_due(session: Session, today: date) -> list[tuple[Deployment, list[OpenLanguage], list[Reminder]]]:
    near: dict[int, tuple[Deployment, list[Deadline]]] = {}
    for deployment, deadline in list_near_deadlines(session, today, today + NEAR):
        near.setdefault(deployment.id or 0, (deployment, []))[1].append(deadline)
    found = []
    for deployment_id, (deployment, deadlines) in near.items():
        languages = _open(session, deployment_id, deadlines)
        reminders = plan_reminders(
            [(each.locale, each.deadline) for each in languages],
            done=(),
            sent=list_reminders(session, deployment_id, today),
            today=today,
        )
        if reminders:
            found.append((deployment, languages, reminders))
    return found


def _open(session: Session, deployment_id: int, deadlines: Iterable[Deadline]) -> list[OpenLanguage]:
    days = {deadline.locale: deadline.day for deadline in deadlines}
    return [
        OpenLanguage(
            locale,
            days[locale],
            counts.untranslated + counts.rejected,
            counts.untranslated_words + counts.rejected_words,
            counts.waiting,
        )
        for locale, counts in count_states(session, deployment_id, list(days)).items()
        if counts.approved < counts.total
    ]


def _remind(
    session: Session,
    deployment: Deployment,
    languages: Sequence[OpenLanguage],
    reminders: Sequence[Reminder],
    now: datetime,
    public_url: str,
) -> int:
    assert deployment.id is not None
    due = {reminder.locale for reminder in reminders}
    told = _write(session, deployment, languages, due, now, public_url)
    for each in reminders:
        row = DeadlineReminder(
            deployment_id=deployment.id, locale=each.locale, day=each.deadline, step=each.step, told_at=now
        )
        session.add(row)
        write_audit(
            session, Actor("worker"), "deadline.remind", now, deployment_id=deployment.id, subject=each.locale,
            detail={"day": each.deadline.isoformat(), "step": each.step, "letters": told},
        )  # fmt: skip
    session.flush()
    return told


def _write(
    session: Session,
    deployment: Deployment,
    languages: Sequence[OpenLanguage],
    due: Collection[str],
    now: datetime,
    public_url: str,
    only: Collection[str] | None = None,
) -> int:
    """Queue a letter to everybody who can act on a language in ``due``, or to those of ``only`` among them."""
    assert deployment.id is not None
    hands, spoken = _find_hands(session, deployment.id, languages, now)
    shares = plan_shares(languages, hands, due=due)
    wanted = [person for person in shares if only is None or person in only]
    names = dict(session.exec(select(Person.id, Person.name).where(col(Person.id).in_(wanted))).all())
    queued = 0
    for person in wanted:
        reader = Reader(names.get(person) or "", spoken[person], hands[person])
        letter = write_letter(deployment, reader, shares[person], public_url)
        key = f"{KIND}/{deployment.id}/{person}/{now:%Y%m%dT%H%M%S}"
        mail = NewMail(person, deployment.id, KIND, key, reader.language.lang, letter.subject, letter.body)
        queued += queue_mail(session, mail, now)
    return queued


def _find_hands(
    session: Session, deployment_id: int, languages: Sequence[OpenLanguage], now: datetime
) -> tuple[dict[str, Hand], dict[str, Interface]]:
    """Return what each person can do about these languages, and the language of the pages that each one reads."""
    locales = [each.locale for each in languages]
    translates = {
        view.person_id: frozenset(view.languages)
        for view in list_volunteers(session, deployment_id, now)
        if view.state in _ADDRESSED
    }
    reviewers = find_reviewer_grants(session, deployment_id)
    reviews = {
        person: frozenset(
            locale for locale in locales if any(grant.allows(Permission.REVIEW_DECIDE, locale) for grant in grants)
        )
        for person, grants in reviewers.items()
    }
    coordinates = find_role_grants(session, deployment_id, Role.SPECIALIST)
    hands = {
        person: Hand(translates.get(person, frozenset()), reviews.get(person, frozenset()), person in coordinates)
        for person in sorted({*translates, *reviews, *coordinates})
    }
    chosen = find_languages(session, hands)
    named = {person: [code for grant in grants for code in grant.locales or ()] for person, grants in reviewers.items()}
    spoken = {
        person: _language(chosen.get(person), {*translates.get(person, ()), *named.get(person, ())}) for person in hands
    }
    return hands, spoken


def _language(chosen: str | None, locales: Collection[str]) -> Interface:
    """Return the language somebody reads the pages in, else the one that fits all the locales that they work on."""
    if chosen in LANGUAGES:
        return LANGUAGES[chosen]
    fitting = {interface_for(locale) for locale in locales}
    return fitting.pop() if len(fitting) == 1 else ENGLISH


def change_deadline(
    session: Session,
    deployment: Deployment,
    locale: str,
    day: date | None,
    *,
    note: str = "",
    actor: Actor,
    now: datetime,
    public_url: str,
) -> None:
    """Set the deadline of a locale in place of an earlier one, or with None take it away.

    Letters that wait and name what was before are written anew, to those whom they still concern.

    Raises:
        NotFound: there is no such locale, or no deadline to take away.
        BadInput: the day or the note cannot be.
    """
    if day is None:
        drop_deadline(session, deployment, locale, actor=actor, now=now)
    else:
        set_deadline(session, deployment, locale, day, note=note, actor=actor, now=now)
    assert deployment.id is not None
    waited, today = set(take_back_waiting(session, deployment.id, KIND)), now.date()
    near = [each for found, each in list_near_deadlines(session, today, today + NEAR) if found.id == deployment.id]
    told = list_reminders(session, deployment.id, today)
    # What was told before stays told; the locale itself is told anew when its own turn comes.
    due = {each.locale for each in told} - {locale}
    if any(each.locale == locale and each.day == day for each in near) and _is_told(told, locale, day, today):
        # A day that comes back after its letters were taken back has no turn any more.
        waited.update(_find_unheard(session, deployment.id, locale, day))
        due.add(locale)
    if waited:
        _write(session, deployment, _open(session, deployment.id, near), due, now, public_url, only=waited)


def _is_told(told: Collection[Reminder], locale: str, day: date | None, today: date) -> bool:
    """Return whether the reminder that would be due now was told before."""
    return day is not None and not plan_reminders([(locale, day)], done=(), sent=told, today=today)


def _find_unheard(session: Session, deployment_id: int, locale: str, day: date | None) -> Sequence[str]:
    """Return whose letters were taken back since a day of a locale was last told."""
    last = (
        select(func.max(DeadlineReminder.told_at))
        .where(
            DeadlineReminder.deployment_id == deployment_id,
            DeadlineReminder.locale == locale,
            DeadlineReminder.day == day,
        )
        .scalar_subquery()
    )
    query = select(MailMessage.person_id).where(
        MailMessage.deployment_id == deployment_id,
        MailMessage.kind == KIND,
        MailMessage.state == MailState.CANCELLED,
        col(MailMessage.created_at) >= last,
    )
    return session.exec(query.distinct()).all()
