"""Writing to volunteers: one welcome, one reminder, and what became of their texts, through the outbox of mail."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import func
from sqlmodel import Session, col, select

from extractors.writing import LOOKUP_STEM
from service.audit.service import Actor, write_audit
from service.catalog.models import Decision, DecisionKind, Unit
from service.catalog.queries import count_records
from service.catalog.service.texts import find_texts
from service.checks.locales import get_locale
from service.db import Database
from service.deployments.models import Deployment
from service.deployments.service import list_locales
from service.errors import BadInput, NotFound
from service.jobs.leases import hold_lease
from service.mail.models import MailMessage
from service.mail.sending import interface_for, stop_sentence
from service.mail.service import NewMail, find_stopped, queue_mail
from service.review.queries import record_names
from service.sync.queries import list_pushed_resources
from service.volunteers.letters import (
    FormLeft,
    LetterKind,
    Rejected,
    Template,
    built_in,
    check_template,
    choose,
    fill,
    say_forms,
    say_reasons,
)
from service.volunteers.models import LetterTemplate, PeopleSettings, Volunteer, VolunteerRole
from service.volunteers.numbers import Verdict, list_verdicts
from service.volunteers.queries import VolunteerView, list_volunteers
from service.volunteers.rules import ROLES, VolunteerState, project_address
from service.web.languages import ENGLISH, Words, words_in

REMIND_AFTER = timedelta(days=7)
TELL_EVERY = timedelta(days=1)
_LEASE = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Written:
    """A letter to one volunteer as it would go out."""

    volunteer_id: int
    person_id: str
    label: str
    kind: LetterKind
    locale: str
    subject: str
    text: str


def plan_letters(
    views: Sequence[VolunteerView], kind: LetterKind, stopped: set[str], now: datetime
) -> list[VolunteerView]:
    """Return who is due for a welcome or a reminder: each gets one of either, ever, and only with an address."""
    open_ones = [view for view in views if view.email and view.languages and view.person_id not in stopped]
    if kind is LetterKind.WELCOME:
        return [v for v in open_ones if v.facts.instructed_at is None and v.state is not VolunteerState.LEFT]
    waiting = {VolunteerState.INSTRUCTED, VolunteerState.JOINED, VolunteerState.QUIET}
    return [
        view
        for view in open_ones
        if view.reminded_at is None
        and view.state in waiting
        and view.facts.instructed_at is not None
        and view.facts.instructed_at + REMIND_AFTER <= now
    ]


def write_letters(
    session: Session, deployment: Deployment, kind: LetterKind, now: datetime, *, only: int | None = None
) -> list[Written]:
    """Return the welcomes or reminders that are due, written; nothing is queued.

    Raises:
        NotFound: there is no volunteer with the number ``only``.
    """
    assert deployment.id is not None
    views = list_volunteers(session, deployment.id, now)
    if only is not None and only not in {view.id for view in views}:
        raise NotFound(f"The deployment {deployment.slug!r} has no volunteer {only}.")
    due = plan_letters(views, kind, find_stopped(session, [view.person_id for view in views]), now)
    desk = Desk(session, deployment)
    return [desk.write(view, kind) for view in due if only in (None, view.id)]


def queue_letters(
    session: Session, deployment: Deployment, letters: Sequence[Written], *, actor: Actor, now: datetime
) -> int:
    """Queue letters that were written; return how many: nobody gets one of a kind twice."""
    assert deployment.id is not None
    queued = 0
    for letter in letters:
        key = f"{letter.kind.value}/{deployment.id}/{letter.person_id}"
        if queue_mail(session, _mail(deployment.id, letter, key), now):
            queued += 1
            write_audit(
                session, actor, f"volunteer.{letter.kind.value}", now,
                deployment_id=deployment.id, subject=f"person/{letter.person_id}",
            )  # fmt: skip
    return queued


def _mail(deployment_id: int, letter: Written, key: str) -> NewMail:
    return NewMail(letter.person_id, deployment_id, letter.kind.value, key, letter.locale, letter.subject, letter.text)


class Desk:
    """Writes letters of one deployment: what all of them need is read once."""

    def __init__(self, session: Session, deployment: Deployment) -> None:
        assert deployment.id is not None
        self.session, self.deployment, self.deployment_id = session, deployment, deployment.id
        self.languages = {row.locale: row.transifex_language for row in list_locales(session, deployment)}
        self.slugs = {row.record_key: row.slug for row in list_pushed_resources(session, self.deployment_id)}
        self.project = project_address(deployment.transifex_project) or ""
        self._forms: dict[str, list[FormLeft]] = {}
        self._templates: dict[LetterKind, dict[tuple[str, str], Template]] = {}

    def write(
        self, view: VolunteerView, kind: LetterKind, more: Callable[[Words], Mapping[str, str]] = lambda _words: {}
    ) -> Written:
        """Return a letter to a volunteer; ``more`` returns fields beside the usual ones, in the letter's language."""
        role = next(iter(view.languages.values()), VolunteerRole.TRANSLATOR)
        template, language = self.template(kind, view.languages, role.value)
        words = words_in(interface_for(language))
        forms = [form for code in view.languages for form in self.forms(code)]
        values = {
            "name": view.name or view.transifex or "",
            "deployment": self.deployment.name,
            "language": ", ".join(_name(code, words) for code in view.languages),
            "role": words.gettext(ROLES[role]),
            "forms": say_forms(forms, words),
            "project": self.project,
            **more(words),
        }
        filled = fill(template, values)
        return Written(view.id, view.person_id, view.label, kind, language, filled.subject, filled.body)

    def template(self, kind: LetterKind, locales: Collection[str], role: str) -> tuple[Template, str]:
        """Return the letter for somebody who works on these locales in a role, and the locale that it is written in.

        The first of them decides whether it is one of the deployment's own.
        """
        if kind not in self._templates:
            self._templates[kind] = {
                (row.locale, row.role): Template(row.subject, row.body)
                for row in list_templates(self.session, self.deployment_id)
                if row.kind is kind
            }
        own = choose(self._templates[kind], locale=next(iter(locales), ""), role=role)
        return own or built_in(kind, locales)

    def forms(self, locale: str) -> list[FormLeft]:
        """Return the forms with texts left in a language, those with the fewest words first."""
        if locale not in self._forms:
            counts = count_records(self.session, self.deployment_id, locale)
            left = {key: numbers for key, numbers in counts.items() if numbers.untranslated or numbers.rejected}
            names = record_names(self.session, self.deployment_id, list(left))
            found = [
                FormLeft(names[key], numbers.untranslated_words + numbers.rejected_words, self.address(key, locale))
                for key, numbers in left.items()
            ]
            self._forms[locale] = sorted(found, key=lambda form: (form.words, form.name))
        return self._forms[locale]

    def address(self, record_key: str, locale: str) -> str:
        """Return where a form is translated on Transifex, "" where it is not there."""
        # All lookups lie in one resource.
        place = LOOKUP_STEM if record_key.startswith(f"{LOOKUP_STEM}/") else record_key
        slug, language = self.slugs.get(place), self.languages.get(locale)
        return f"{self.project}translate/#{language}/{slug}" if self.project and slug and language else ""


def _name(locale: str, words: Words) -> str:
    """Return a language's own name, as it is written within a sentence of that language where the pages speak it."""
    info = get_locale(locale)
    return words.language(info) if words.interface is not ENGLISH else info.native_name


def list_templates(session: Session, deployment_id: int) -> list[LetterTemplate]:
    """Return the letters of a deployment's own."""
    query = select(LetterTemplate).where(LetterTemplate.deployment_id == deployment_id)
    return list(session.exec(query.order_by(LetterTemplate.kind, LetterTemplate.locale, LetterTemplate.role)))


def set_template(
    session: Session,
    deployment: Deployment,
    kind: LetterKind,
    template: Template | None,
    *,
    locale: str,
    role: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Write a letter anew for a language and a role ("" for all of them), or with None take it away.

    Raises:
        BadInput: it cannot be filled in, or language or role is none.
    """
    if locale and locale not in {row.locale for row in list_locales(session, deployment)}:
        raise BadInput(f"{locale[:20]!r} is no language of this deployment.")
    if role and role not in set(VolunteerRole):
        raise BadInput(f"{role[:40]!r} is no role: use {', '.join(VolunteerRole)}.")
    assert deployment.id is not None
    query = select(LetterTemplate).where(
        LetterTemplate.deployment_id == deployment.id, LetterTemplate.kind == kind,
        LetterTemplate.locale == locale, LetterTemplate.role == role,
    )  # fmt: skip
    row = session.exec(query).first()
    if template is None:
        if row is not None:
            session.delete(row)
    else:
        try:
            check_template(kind, template)
        except ValueError as error:
            raise BadInput(f"The letter cannot be used: {error}.") from error
        if row is not None:
            session.delete(row)
            session.flush()
        subject = template.subject.strip()
        session.add(
            LetterTemplate(
                deployment_id=deployment.id, kind=kind, locale=locale, role=role, subject=subject, body=template.body,
                changed_at=now,
            )
        )  # fmt: skip
    session.flush()
    write_audit(
        session, actor, "letter.set" if template else "letter.remove", now,
        deployment_id=deployment.id, subject=deployment.slug,
        detail={"kind": kind.value, "locale": locale, "role": role},
    )  # fmt: skip


def tell_verdicts(session: Session, deployment: Deployment, now: datetime) -> int:
    """Queue to each volunteer what reviewers decided on their texts since the last time; return to how many.

    Nobody is told of own decisions, nor of what was taken back, nor who decided.
    """
    assert deployment.id is not None
    views = list_volunteers(session, deployment.id, now)
    stopped = find_stopped(session, [view.person_id for view in views])
    newest = session.exec(select(func.max(Decision.id))).one() or 0
    desk, told = Desk(session, deployment), 0
    for view in views:
        row = session.get_one(Volunteer, view.id)
        if view.state is VolunteerState.LEFT or not view.email or view.person_id in stopped:
            row.told_until = newest
            continue
        verdicts = list_verdicts(session, deployment.id, view.person_id, after=row.told_until)
        if verdicts:
            letter = desk.write(view, LetterKind.REVIEWED, partial(_say_verdicts, session, desk, verdicts))
            key = f"{LetterKind.REVIEWED.value}/{deployment.id}/{view.person_id}/{newest}"
            told += queue_mail(session, _mail(deployment.id, letter, key), now)
        row.told_until = newest
    session.flush()
    return told


def _say_verdicts(session: Session, desk: Desk, verdicts: Sequence[Verdict], words: Words) -> dict[str, str]:
    rejected = [verdict for verdict in verdicts if verdict.kind is DecisionKind.REJECT]
    texts = find_texts(session, [h for verdict in rejected for h in (verdict.source_hash, verdict.text_hash)])
    units = session.exec(select(Unit).where(col(Unit.id).in_([verdict.unit_id for verdict in rejected]))).all()
    records = {unit.id: unit.record_key for unit in units}
    told = [
        Rejected(
            texts.get(verdict.source_hash, ""),
            texts.get(verdict.text_hash, ""),
            verdict.reason.value if verdict.reason else "",
            verdict.comment,
            desk.address(records.get(verdict.unit_id, ""), verdict.locale),
        )
        for verdict in rejected
    ]
    return {
        "approved": words.number(sum(verdict.kind is DecisionKind.APPROVE for verdict in verdicts)),
        "rejected": words.number(len(rejected)),
        "reasons": say_reasons(told, words),
    }


def tell_due(database: Database, *, owner: str, now: datetime) -> int:
    """Once a day tell the volunteers of each deployment what became of their texts; return how many are told."""
    with database.read() as session:
        if not _find_untold(session, now):
            return 0
    told = 0
    with database.write() as session:
        if not hold_lease(session, "tell", owner, now=now, span=_LEASE):
            return 0
        for deployment in _find_untold(session, now):
            settings = get_people_settings(session, deployment.id or 0)
            settings.told_at = now
            session.add(settings)
            told += tell_verdicts(session, deployment, now)
    return told


def _find_untold(session: Session, now: datetime) -> Sequence[Deployment]:
    query = (
        select(Deployment, PeopleSettings)
        .outerjoin(PeopleSettings, col(PeopleSettings.deployment_id) == Deployment.id)
        .where(
            col(Deployment.archived_at).is_(None),
            select(Volunteer.id).where(Volunteer.deployment_id == Deployment.id).exists(),
        )
    )
    return [
        deployment
        for deployment, settings in session.exec(query).all()
        if settings is None or settings.told_at is None or settings.told_at + TELL_EVERY <= now
    ]


def get_people_settings(session: Session, deployment_id: int) -> PeopleSettings:
    """Return what a deployment decides about people, the defaults where nothing was."""
    return session.get(PeopleSettings, deployment_id) or PeopleSettings(deployment_id=deployment_id)


def note_sent(session: Session, message: MailMessage, now: datetime) -> None:
    """Note on the volunteer that the welcome or the reminder went out."""
    if message.kind not in (LetterKind.WELCOME, LetterKind.REMINDER):
        return
    query = select(Volunteer).where(
        Volunteer.deployment_id == message.deployment_id, Volunteer.person_id == message.person_id
    )
    row = session.exec(query).first()
    if row is None:
        return
    if message.kind == LetterKind.WELCOME:
        row.instructed_at = row.instructed_at or now
    else:
        row.reminded_at = row.reminded_at or now
    session.add(row)


def describe_language(locale: str) -> tuple[str, str, str]:
    """Return tag, direction and last sentence of a letter in a locale; a code that nobody knows is English."""
    try:
        info = get_locale(locale)
    except LookupError:
        return "en", "ltr", stop_sentence("en")
    interface = interface_for(locale)
    return info.tag, info.direction, stop_sentence(interface.lang)
