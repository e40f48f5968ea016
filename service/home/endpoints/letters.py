"""What is written to volunteers, what each person did, and personal data."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field, StrictBool

from service.auth.dependencies import IdentityDep
from service.catalog.models import RejectReason
from service.home.endpoints.volunteers import VolunteerId
from service.home.letters import (
    NUMBERS_HEAD,
    letter_data,
    mail_data,
    number_rows,
    numbers_data,
    open_numbers,
)
from service.home.schemas import Shape
from service.home.volunteering import open_volunteers
from service.mail.models import MailState
from service.mail.service import end_waiting, list_mail
from service.volunteers.letters import BUILT_IN, LetterKind, Template, fields_of
from service.volunteers.models import VolunteerRole
from service.volunteers.privacy import erase_person, export_person, require_over_person, set_people_settings
from service.volunteers.service import find_volunteer
from service.volunteers.writing import (
    get_people_settings,
    list_templates,
    note_sent,
    queue_letters,
    set_template,
    write_letters,
)
from service.web.paging import PageDep
from service.web.resources import NowDep, SessionDep
from service.web.spreadsheets import CSV_TYPE, XLSX_TYPE, write_csv, write_xlsx

router = APIRouter(prefix="/deployments/{slug}", tags=["volunteers"])

MessageId = Annotated[int, Field(ge=1, le=2**31 - 1)]
Place = Annotated[str, Query(max_length=20)]


class WriteBody(Shape):
    """Which letter, and to whom: everybody who is due, or one volunteer. Each goes to everybody once."""

    kind: Literal["welcome", "reminder"]
    volunteer: VolunteerId | None = None
    dry_run: StrictBool = False


class LetterAnswer(BaseModel):
    """A letter as it would go out, in the language ``locale``."""

    volunteer: int
    locale: str
    subject: str
    text: str


class WriteAnswer(BaseModel):
    """The letters that were due, and how many were queued."""

    queued: int
    letters: list[LetterAnswer]


class TemplateAnswer(BaseModel):
    """A letter with fields; ``own`` is false for the built-in one. "" stands for all languages, or all roles."""

    kind: LetterKind
    locale: str
    role: str
    own: bool
    subject: str
    body: str
    fields: dict[str, str]


class TemplateBody(Shape):
    """A letter of the deployment's own."""

    kind: LetterKind
    locale: str = Field(default="", max_length=20)
    role: VolunteerRole | Literal[""] = ""
    subject: str = Field(min_length=1, max_length=200)
    body: str = Field(min_length=1, max_length=10_000)


class MailAnswer(BaseModel):
    """One message to one person."""

    id: int
    kind: str
    person: str
    email: str
    locale: str
    subject: str
    text: str
    state: MailState
    created_at: datetime
    due_at: datetime
    sent_at: datetime | None
    attempts: int
    problem: str


class NumbersAnswer(BaseModel):
    """What one person did; words are the source's, own approvals are left out. ``rejected`` counts by reason."""

    person: str
    who: str
    texts: int
    words: int
    approved: int
    approved_words: int
    corrected: int
    rejected: dict[RejectReason, int]
    last_at: datetime | None


class PeopleSettingsAnswer(BaseModel):
    """Whether everybody sees what each translator did, and after how many months volunteers are erased (0: never)."""

    show_numbers: bool
    keep_months: int


class PeopleSettingsBody(Shape):
    """What is to be another; what is missing or null stays."""

    show_numbers: StrictBool | None = None
    keep_months: int | None = Field(default=None, ge=0, le=1200)


class ErasedAnswer(BaseModel):
    """Whose name and addresses are gone; texts and decisions stay under this id."""

    person: str


@router.post("/volunteers/letters", summary="Write to volunteers")
def write(session: SessionDep, identity: IdentityDep, now: NowDep, slug: str, body: WriteBody) -> WriteAnswer:
    """Queue a welcome or a reminder for whoever is due, or with ``dry_run`` return what would be written."""
    deployment = open_volunteers(session, identity, slug)
    letters = write_letters(session, deployment, LetterKind(body.kind), now, only=body.volunteer)
    queued = 0 if body.dry_run else queue_letters(session, deployment, letters, actor=identity.actor, now=now)
    return WriteAnswer(queued=queued, letters=[LetterAnswer(**letter_data(each)) for each in letters])


@router.get("/letters", summary="The letters with their fields")
def show_letters(session: SessionDep, identity: IdentityDep, page: PageDep, slug: str) -> list[TemplateAnswer]:
    """Return the deployment's own letters, and the built-in ones that stand where there is none."""
    return list(page.cut(_letters(session, identity, slug), lambda each: f"{each.kind}/{each.locale}/{each.role}"))


def _letters(session: SessionDep, identity: IdentityDep, slug: str) -> list[TemplateAnswer]:
    deployment = open_volunteers(session, identity, slug, changing=False)
    own = [
        TemplateAnswer(
            kind=row.kind, locale=row.locale, role=row.role, own=True, subject=row.subject, body=row.body,
            fields=dict(fields_of(row.kind)),
        )
        for row in list_templates(session, deployment.id or 0)
    ]  # fmt: skip
    built_in = [
        TemplateAnswer(
            kind=kind, locale="", role="", own=False, subject=letter.subject, body=letter.body,
            fields=dict(fields_of(kind)),
        )
        for kind, letter in BUILT_IN.items()
        if not any(each.kind is kind and not each.locale and not each.role for each in own)
    ]  # fmt: skip
    return [*own, *built_in]


@router.put("/letters", summary="Write a letter anew")
def put_letter(
    session: SessionDep, identity: IdentityDep, now: NowDep, slug: str, body: TemplateBody
) -> list[TemplateAnswer]:
    """Write a letter for a language and a role, or for all of them."""
    deployment = open_volunteers(session, identity, slug)
    set_template(
        session, deployment, body.kind, Template(body.subject, body.body), locale=body.locale, role=body.role,
        actor=identity.actor, now=now,
    )  # fmt: skip
    return _letters(session, identity, slug)


@router.delete("/letters", summary="Take a letter away")
def delete_letter(
    session: SessionDep,
    identity: IdentityDep,
    now: NowDep,
    slug: str,
    kind: LetterKind,
    locale: Place = "",
    role: VolunteerRole | Literal[""] = "",
) -> list[TemplateAnswer]:
    """Take a letter of the deployment's own away; the next nearest then counts, at last the built-in one."""
    deployment = open_volunteers(session, identity, slug)
    set_template(session, deployment, kind, None, locale=locale, role=role, actor=identity.actor, now=now)
    return _letters(session, identity, slug)


@router.get("/mail", summary="Messages that wait, failed or went out")
def show_mail(
    session: SessionDep,
    identity: IdentityDep,
    page: PageDep,
    slug: str,
    state: Annotated[list[MailState] | None, Query()] = None,
) -> list[MailAnswer]:
    """Return messages, the newest first; without a mail server they wait to be copied."""
    deployment = open_volunteers(session, identity, slug, changing=False)
    rows = list_mail(
        session, deployment.id or 0, states=state or (), before=page.before_id, limit=page.limit + 1
    )  # fmt: skip
    return [MailAnswer(**mail_data(row, person)) for row, person in page.first(rows, lambda each: each[0].id)]


@router.post("/mail/{message_id}/done", summary="Note that you sent a message yourself")
def mail_done(session: SessionDep, identity: IdentityDep, now: NowDep, slug: str, message_id: MessageId) -> MailAnswer:
    """Note that a person copied a message that waits, and sent it."""
    return _end(session, identity, now, slug, message_id, sent=True)


@router.post("/mail/{message_id}/cancel", summary="Take a message back")
def mail_cancel(
    session: SessionDep, identity: IdentityDep, now: NowDep, slug: str, message_id: MessageId
) -> MailAnswer:
    """Take a message back that waits."""
    return _end(session, identity, now, slug, message_id, sent=False)


def _end(
    session: SessionDep, identity: IdentityDep, now: NowDep, slug: str, message_id: int, *, sent: bool
) -> MailAnswer:
    deployment = open_volunteers(session, identity, slug)
    row = end_waiting(session, deployment.id or 0, message_id, sent=sent, actor=identity.actor, now=now)
    if sent:
        note_sent(session, row, now)
    (found,) = [each for each in list_mail(session, deployment.id or 0) if each[0].id == message_id]
    return MailAnswer(**mail_data(*found))


@router.get("/people-numbers", summary="What each translator did")
def show_numbers(
    session: SessionDep,
    identity: IdentityDep,
    page: PageDep,
    slug: str,
    locale: Annotated[str | None, Query(max_length=20)] = None,
) -> list[NumbersAnswer]:
    """Return texts, words and what became of them by person, whoever wrote last first; no ranking."""
    found = page.cut(open_numbers(session, identity, slug, locale), lambda each: each.person_id)
    return [NumbersAnswer(**numbers_data(row)) for row in found]


@router.get("/people-numbers/file", summary="What each translator did, as CSV or XLSX", response_class=Response)
def download_numbers(
    session: SessionDep,
    identity: IdentityDep,
    slug: str,
    locale: Annotated[str | None, Query(max_length=20)] = None,
    kind: Annotated[Literal["csv", "xlsx"], Query(alias="format")] = "csv",
) -> Response:
    """Return the same as a file for a spreadsheet."""
    rows = list(number_rows(open_numbers(session, identity, slug, locale)))
    data = write_csv(NUMBERS_HEAD, rows) if kind == "csv" else write_xlsx("Numbers", NUMBERS_HEAD, rows)
    return Response(
        data,
        media_type=CSV_TYPE if kind == "csv" else XLSX_TYPE,
        headers={"Content-Disposition": f'attachment; filename="numbers-{slug}.{kind}"'},
    )


@router.get("/people-settings", summary="What the deployment decides about people")
def show_settings(session: SessionDep, identity: IdentityDep, slug: str) -> PeopleSettingsAnswer:
    """Return it."""
    deployment = open_volunteers(session, identity, slug, changing=False)
    row = get_people_settings(session, deployment.id or 0)
    return PeopleSettingsAnswer(show_numbers=row.show_numbers, keep_months=row.keep_months)


@router.patch("/people-settings", summary="Change what the deployment decides about people")
def change_settings(
    session: SessionDep, identity: IdentityDep, now: NowDep, slug: str, body: PeopleSettingsBody
) -> PeopleSettingsAnswer:
    """Change it; what is missing stays."""
    deployment = open_volunteers(session, identity, slug)
    row = set_people_settings(
        session, deployment, show_numbers=body.show_numbers, keep_months=body.keep_months, actor=identity.actor, now=now
    )
    return PeopleSettingsAnswer(show_numbers=row.show_numbers, keep_months=row.keep_months)


@router.get("/volunteers/{volunteer_id}/data", summary="Everything that is kept of a volunteer")
def show_data(
    session: SessionDep, identity: IdentityDep, now: NowDep, slug: str, volunteer_id: VolunteerId
) -> dict[str, Any]:
    """Return it, to be handed to that person."""
    deployment = open_volunteers(session, identity, slug, changing=False)
    view = find_volunteer(session, deployment, volunteer_id, now)
    require_over_person(session, identity, view.person_id)
    return export_person(session, view.person_id)


@router.post("/volunteers/{volunteer_id}/erase", summary="Erase who a volunteer is")
def erase(
    session: SessionDep, identity: IdentityDep, now: NowDep, slug: str, volunteer_id: VolunteerId
) -> ErasedAnswer:
    """End everything that tells who a volunteer is, here and in other deployments; it cannot be undone."""
    deployment = open_volunteers(session, identity, slug)
    view = find_volunteer(session, deployment, volunteer_id, now)
    require_over_person(session, identity, view.person_id)
    erase_person(session, view.person_id, actor=identity.actor, now=now)
    return ErasedAnswer(person=view.person_id)
