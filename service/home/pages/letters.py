"""The pages of what is written to volunteers, of what each did, and the forms about personal data."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from service.auth.dependencies import FormIdentityDep, IdentityDep
from service.auth.models import Person
from service.auth.rules import Identity, Permission
from service.catalog.access import open_deployment
from service.checks.locales import get_locale
from service.deployments.service import list_locales
from service.errors import BadInput
from service.home.letters import NUMBERS_HEAD, number_rows, open_numbers
from service.home.volunteering import open_volunteers
from service.mail.models import MailMessage, MailState
from service.mail.service import end_waiting, list_mail
from service.volunteers.letters import REASONS, LetterKind, Template, built_in, fields_of
from service.volunteers.models import VolunteerRole
from service.volunteers.privacy import erase_person, export_person, require_over_person, set_people_settings
from service.volunteers.rules import ROLES
from service.volunteers.service import find_volunteer
from service.volunteers.writing import (
    get_people_settings,
    list_templates,
    note_sent,
    queue_letters,
    set_template,
    write_letters,
)
from service.web.languages import N_, words_of
from service.web.resources import NowDep, Resources, ResourcesDep, SessionDep
from service.web.spreadsheets import CSV_TYPE, XLSX_TYPE, write_csv, write_xlsx
from service.web.templating import lead_back, render

router = APIRouter(prefix="/deployments/{slug}", include_in_schema=False)

KINDS = {
    LetterKind.WELCOME: N_("Welcome"),
    LetterKind.REMINDER: N_("Reminder"),
    LetterKind.REVIEWED: N_("Your texts were read"),
}
MAIL_STATES = {
    MailState.WAITING: ("…", N_("waits")),
    MailState.SENT: ("✓", N_("sent")),
    MailState.BY_HAND: ("✓", N_("sent by hand")),
    MailState.FAILED: ("✗", N_("failed")),
    MailState.CANCELLED: ("✕", N_("taken back")),
}
_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Mail:
    """One message on the page; ``link`` opens it in the person's own mail program."""

    row: MailMessage
    to: str
    sign: str
    state: str
    at: str
    link: str
    ends: bool


@router.get("/letters")
def show_letters(
    request: Request,
    session: SessionDep,
    identity: IdentityDep,
    now: NowDep,
    resources: ResourcesDep,
    slug: str,
    kind: str = "",
    locale: str = "",
    role: str = "",
) -> HTMLResponse:
    """Show who is due for a letter, the messages, and one letter to be edited."""
    return _show(request, session, identity, now, resources, slug, kind=kind, locale=locale, role=role)


@router.post("/letters/write")
def send_letters(
    session: SessionDep,
    identity: FormIdentityDep,
    now: NowDep,
    resources: ResourcesDep,
    slug: str,
    kind: Annotated[str, Form()] = "",
) -> Response:
    """Queue the welcomes or reminders that are due."""
    deployment = open_volunteers(session, identity, slug)
    if kind not in (LetterKind.WELCOME, LetterKind.REMINDER):
        raise BadInput("Choose the welcome or the reminder.")
    letters = write_letters(session, deployment, LetterKind(kind), now)
    queue_letters(session, deployment, letters, actor=identity.actor, now=now)
    return _back(slug, resources, N_("The letters are queued."))


@router.post("/letters")
def save_letter(
    request: Request,
    session: SessionDep,
    identity: FormIdentityDep,
    now: NowDep,
    resources: ResourcesDep,
    slug: str,
    kind: Annotated[str, Form()] = "",
    locale: Annotated[str, Form()] = "",
    role: Annotated[str, Form()] = "",
    subject: Annotated[str, Form()] = "",
    body: Annotated[str, Form()] = "",
    remove: Annotated[bool, Form()] = False,
) -> Response:
    """Write a letter anew, or take it away; what was typed stays where it cannot be used."""
    deployment = open_volunteers(session, identity, slug)
    template = None if remove else Template(subject, body.replace("\r\n", "\n"))
    try:
        set_template(
            session, deployment, _kind(kind), template, locale=locale, role=role, actor=identity.actor, now=now
        )
    except BadInput as fault:
        return _show(
            request, session, identity, now, resources, slug, kind=kind, locale=locale, role=role, typed=template,
            error=fault.message, status=422,
        )  # fmt: skip
    return _back(
        slug, resources, N_("The letter is saved."), f"?kind={quote(kind)}&locale={quote(locale)}&role={quote(role)}"
    )


@router.post("/mail/{message_id}/{what}")
def end_mail(
    session: SessionDep,
    identity: FormIdentityDep,
    now: NowDep,
    resources: ResourcesDep,
    slug: str,
    message_id: int,
    what: str,
) -> Response:
    """Note that somebody sent a message by hand (``done``), or take it back (``cancel``)."""
    deployment = open_volunteers(session, identity, slug)
    if what not in ("done", "cancel"):
        raise BadInput("A message is sent by hand or taken back.")
    row = end_waiting(session, deployment.id or 0, message_id, sent=what == "done", actor=identity.actor, now=now)
    if what == "done":
        note_sent(session, row, now)
    return _back(slug, resources, N_("Noted."))


@router.post("/letters/settings")
def save_settings(
    session: SessionDep,
    identity: FormIdentityDep,
    now: NowDep,
    resources: ResourcesDep,
    slug: str,
    show_numbers: Annotated[bool, Form()] = False,
    keep_months: Annotated[str, Form()] = "0",
) -> Response:
    """Decide who sees what each translator did, and how long volunteers are kept."""
    deployment = open_volunteers(session, identity, slug)
    months = keep_months.strip() or "0"
    if not (months.isascii() and months.isdigit()) or int(months) > 1200:
        raise BadInput("The months are a whole number from 0 to 1200.")
    set_people_settings(
        session, deployment, show_numbers=show_numbers, keep_months=int(months), actor=identity.actor, now=now
    )
    return _back(slug, resources, N_("Noted."))


@router.get("/numbers")
def show_numbers(
    request: Request, session: SessionDep, identity: IdentityDep, slug: str, locale: str = ""
) -> HTMLResponse:
    """Show what each translator did, in all languages or one."""
    deployment = open_deployment(session, identity, slug, Permission.DEPLOYMENT_VIEW, changing=False)
    rows = open_numbers(session, identity, slug, locale or None)
    words = words_of(request)
    context = {
        "deployment": deployment,
        "rows": [(row, words.day(row.numbers.last_at) if row.numbers.last_at else "–") for row in rows],
        "reasons": REASONS,
        "locale": locale,
        "languages": [get_locale(each.locale) for each in list_locales(session, deployment)],
        "manages": identity.may(Permission.VOLUNTEERS_MANAGE, deployment.id),
    }
    return render(request, "home/numbers.html", context)


@router.get("/numbers/file")
def download_numbers(
    session: SessionDep, identity: IdentityDep, slug: str, locale: str = "", format: str = "csv"
) -> Response:
    """Send the same as CSV, or as XLSX."""
    rows = list(number_rows(open_numbers(session, identity, slug, locale or None)))
    excel = format == "xlsx"
    data = write_xlsx("Numbers", NUMBERS_HEAD, rows) if excel else write_csv(NUMBERS_HEAD, rows)
    headers = {"Content-Disposition": f'attachment; filename="numbers-{slug}.{"xlsx" if excel else "csv"}"'}
    return Response(data, media_type=XLSX_TYPE if excel else CSV_TYPE, headers=headers)


@router.get("/people/{volunteer_id}/data")
def download_data(session: SessionDep, identity: IdentityDep, now: NowDep, slug: str, volunteer_id: int) -> Response:
    """Send everything that is kept of a volunteer, for that person."""
    deployment = open_volunteers(session, identity, slug, changing=False)
    view = find_volunteer(session, deployment, volunteer_id, now)
    require_over_person(session, identity, view.person_id)
    data = json.dumps(export_person(session, view.person_id), ensure_ascii=False, indent=2, default=str)
    headers = {"Content-Disposition": f'attachment; filename="person-{view.person_id}.json"'}
    return Response(data.encode("utf-8", "replace"), media_type="application/json", headers=headers)


@router.post("/people/{volunteer_id}/erase")
def erase(
    session: SessionDep,
    identity: FormIdentityDep,
    now: NowDep,
    resources: ResourcesDep,
    slug: str,
    volunteer_id: int,
    really: Annotated[bool, Form()] = False,
) -> Response:
    """End everything that tells who a volunteer is."""
    deployment = open_volunteers(session, identity, slug)
    view = find_volunteer(session, deployment, volunteer_id, now)
    require_over_person(session, identity, view.person_id)
    if not really:
        raise BadInput("Tick the box first: it cannot be undone.")
    erase_person(session, view.person_id, actor=identity.actor, now=now)
    return lead_back(f"/deployments/{slug}/people", resources.settings, N_("Nothing tells any more who that was."))


def _kind(text: str) -> LetterKind:
    if text not in set(LetterKind):
        raise BadInput("There is no such letter.")
    return LetterKind(text)


def _back(slug: str, resources: Resources, sentence: str, query: str = "") -> Response:
    return lead_back(f"/deployments/{slug}/letters{query}", resources.settings, sentence)


def _show(
    request: Request,
    session: Session,
    identity: Identity,
    now: datetime,
    resources: Resources,
    slug: str,
    *,
    kind: str = "",
    locale: str = "",
    role: str = "",
    typed: Template | None = None,
    error: str = "",
    status: int = 200,
) -> HTMLResponse:
    deployment = open_volunteers(session, identity, slug, changing=False)
    words = words_of(request)
    edited = LetterKind(kind) if kind in set(LetterKind) else LetterKind.WELCOME
    own = list_templates(session, deployment.id or 0)
    mine = next((each for each in own if (each.kind, each.locale, each.role) == (edited, locale, role)), None)
    shown = typed or (Template(mine.subject, mine.body) if mine else built_in(edited, [locale] if locale else [])[0])
    mails = list_mail(session, deployment.id or 0)
    sends = resources.settings.smtp_url is not None
    due = {each: write_letters(session, deployment, each, now) for each in (LetterKind.WELCOME, LetterKind.REMINDER)}
    context = {
        "deployment": deployment,
        "due": due,
        "kinds": KINDS,
        "mails": [_mail(row, person, words.moment(row.sent_at or row.created_at)) for row, person in mails[:_SHOWN]],
        "total": len(mails),
        "sends": sends,
        "own": own,
        "edited": edited,
        "locale": locale,
        "role": role,
        "mine": mine is not None,
        "letter": shown,
        "fields": fields_of(edited),
        "error": error,
        "languages": [get_locale(each.locale) for each in list_locales(session, deployment)],
        "roles": {"": N_("all"), **{each.value: ROLES[each] for each in VolunteerRole}},
        "settings": get_people_settings(session, deployment.id or 0),
        "changing": deployment.archived_at is None,
    }
    return render(request, "home/letters.html", context, status=status)


def _mail(row: MailMessage, person: Person, at: str) -> Mail:
    sign, state = MAIL_STATES[row.state]
    link = f"mailto:{quote(person.email or '')}?subject={quote(row.subject)}&body={quote(row.text[:1500])}"
    return Mail(row, person.email or "", sign, state, at, link, row.state in (MailState.WAITING, MailState.FAILED))
