"""Volunteers: who translates, and how each stands."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, File, Form, Query, Response, UploadFile
from pydantic import BaseModel, Field

from service.auth.dependencies import IdentityDep
from service.errors import BadInput
from service.home.endpoints.jobs import job_answer
from service.home.schemas import JobAnswer, Shape
from service.home.volunteering import (
    HEAD,
    candidate_data,
    find_candidates,
    import_data,
    open_volunteers,
    volunteer_data,
    volunteer_row,
)
from service.jobs.service import enqueue_job
from service.volunteers.models import VolunteerRole
from service.volunteers.queries import list_volunteers
from service.volunteers.rules import VolunteerState
from service.volunteers.service import (
    add_volunteer,
    confirm_candidate,
    end_volunteer,
    find_volunteer,
    import_volunteers,
    set_languages,
)
from service.volunteers.tasks import KIND
from service.web.paging import PageDep
from service.web.resources import NowDep, ResourcesDep, SessionDep
from service.web.spreadsheets import CSV_TYPE, XLSX_TYPE, write_csv, write_xlsx

router = APIRouter(prefix="/deployments/{slug}/volunteers", tags=["volunteers"])

VolunteerId = Annotated[int, Field(ge=1, le=2**31 - 1)]
LocaleCode = Annotated[str, Field(min_length=1, max_length=20)]


class VolunteerAnswer(BaseModel):
    """One volunteer. ``team`` is what the team on Transifex said at the last look, ``troubles`` why not, by locale."""

    id: int
    person: str
    name: str
    email: str
    transifex: str
    note: str
    languages: dict[str, VolunteerRole]
    team: dict[str, str]
    troubles: dict[str, str]
    state: VolunteerState
    registered_at: datetime
    instructed_at: datetime | None
    reminded_at: datetime | None
    joined_at: datetime | None
    left_at: datetime | None
    wrote_at: datetime | None


class VolunteersAnswer(BaseModel):
    """One page of volunteers; ``next`` is the address of the next page, None at the end."""

    volunteers: list[VolunteerAnswer]
    next: str | None


class CandidateAnswer(BaseModel):
    """Somebody on Transifex whom nobody registered; ``languages`` with the role in the team, "" for an author."""

    username: str
    languages: dict[str, str]
    wrote_at: datetime | None


class VolunteerBody(Shape):
    """A registration. An e-mail address or a Transifex username is needed."""

    name: str = Field(default="", max_length=200)
    email: str = Field(default="", max_length=254)
    transifex: str = Field(default="", max_length=150)
    languages: list[LocaleCode] = Field(min_length=1, max_length=200)
    role: VolunteerRole = VolunteerRole.TRANSLATOR
    note: str = Field(default="", max_length=1000)


class LanguagesBody(Shape):
    """For which languages somebody volunteers, and as what; the others end."""

    languages: dict[LocaleCode, VolunteerRole] = Field(min_length=1, max_length=200)


class ConfirmBody(Shape):
    """Who a Transifex user is: a registered volunteer by number, else a new one with these languages."""

    username: str = Field(min_length=1, max_length=200)
    volunteer: VolunteerId | None = None
    languages: dict[LocaleCode, VolunteerRole] = Field(default_factory=dict, max_length=200)


class RowAnswer(BaseModel):
    """What became of one row of a file."""

    line: int
    who: str
    outcome: Literal["added", "changed", "unchanged", "refused"]
    why: str


class VolunteerImportAnswer(BaseModel):
    """What an import did, or with ``dry_run`` would do."""

    dry_run: bool
    added: int
    changed: int
    unchanged: int
    refused: int
    rows: list[RowAnswer]


@router.get("", summary="The volunteers, page by page")
def list_page(
    session: SessionDep,
    identity: IdentityDep,
    now: NowDep,
    slug: str,
    locale: Annotated[str | None, Query(max_length=20)] = None,
    state: VolunteerState | None = None,
    after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> VolunteersAnswer:
    """Return the volunteers in the order of their registration."""
    deployment = open_volunteers(session, identity, slug, changing=False)
    views = [
        view
        for view in list_volunteers(session, deployment.id or 0, now)
        if view.id > after and locale in (None, *view.languages) and state in (None, view.state)
    ]
    shown = views[:limit]
    following = None
    if len(views) > limit:
        kept = "".join(f"&{name}={value}" for name, value in (("locale", locale), ("state", state)) if value)
        following = f"/api/v1/deployments/{slug}/volunteers?after={shown[-1].id}&limit={limit}{kept}"
    return VolunteersAnswer(volunteers=[_answer(view) for view in shown], next=following)


def _answer(view: Any) -> VolunteerAnswer:
    return VolunteerAnswer.model_validate(volunteer_data(view))


@router.post("", status_code=201, summary="Register a volunteer")
def add(
    session: SessionDep, identity: IdentityDep, now: NowDep, resources: ResourcesDep, slug: str, body: VolunteerBody
) -> VolunteerAnswer:
    """Register somebody, or tell more of somebody who is registered: found by address or username."""
    deployment = open_volunteers(session, identity, slug)
    cells = {**body.model_dump(mode="json"), "languages": ",".join(body.languages)}
    _, view = add_volunteer(session, deployment, cells, actor=identity.actor, now=now, new_id=resources.new_id)
    return _answer(view)


@router.get("/file", summary="The volunteers as CSV or XLSX", response_class=Response)
def download(
    session: SessionDep,
    identity: IdentityDep,
    now: NowDep,
    slug: str,
    kind: Annotated[Literal["csv", "xlsx"], Query(alias="format")] = "csv",
) -> Response:
    """Return the volunteers as a file for a spreadsheet. It holds addresses: keep it like them."""
    deployment = open_volunteers(session, identity, slug, changing=False)
    rows = [volunteer_row(view) for view in list_volunteers(session, deployment.id or 0, now)]
    data = write_csv(HEAD, rows) if kind == "csv" else write_xlsx("Volunteers", HEAD, rows)
    return Response(
        data,
        media_type=CSV_TYPE if kind == "csv" else XLSX_TYPE,
        headers={"Content-Disposition": f'attachment; filename="volunteers-{slug}.{kind}"'},
    )


@router.post("/file", summary="Register volunteers from CSV or XLSX")
def upload(
    session: SessionDep,
    identity: IdentityDep,
    now: NowDep,
    resources: ResourcesDep,
    slug: str,
    source: Annotated[UploadFile, File(description="Columns: name, email, transifex, languages, role, note.")],
    dry_run: Annotated[bool, Form()] = False,
) -> VolunteerImportAnswer:
    """Register them, or with ``dry_run`` say what that would do. Every row is answered, nobody is taken out."""
    deployment = open_volunteers(session, identity, slug)
    report = import_volunteers(
        session, deployment, source.file.read(), dry_run=dry_run, actor=identity.actor, now=now, new_id=resources.new_id
    )
    return VolunteerImportAnswer.model_validate(import_data(report))


@router.get("/candidates", summary="Who works on Transifex and is not registered")
def show_candidates(
    session: SessionDep, identity: IdentityDep, resources: ResourcesDep, page: PageDep, slug: str
) -> list[CandidateAnswer]:
    """Return who was seen in the team or as an author; whoever wrote last first."""
    deployment = open_volunteers(session, identity, slug, changing=False)
    found = page.cut(find_candidates(session, deployment, resources.settings), lambda each: each.username)
    return [CandidateAnswer(**candidate_data(candidate)) for candidate in found]


@router.post("/candidates", summary="Say who a Transifex user is")
def confirm(session: SessionDep, identity: IdentityDep, now: NowDep, slug: str, body: ConfirmBody) -> VolunteerAnswer:
    """Let a Transifex user be a registered volunteer, or a new one."""
    deployment = open_volunteers(session, identity, slug)
    view = confirm_candidate(
        session, deployment, body.username, volunteer_id=body.volunteer, languages=body.languages,
        actor=identity.actor, now=now,
    )  # fmt: skip
    return _answer(view)


@router.post("/reconcile", status_code=202, summary="Compare with the team on Transifex")
def start_reconcile(session: SessionDep, identity: IdentityDep, now: NowDep, slug: str) -> JobAnswer:
    """Queue a look at the team, which puts in whoever has a username; ask for the job until it is done."""
    deployment = open_volunteers(session, identity, slug)
    if deployment.transifex_project is None:
        raise BadInput(f"The deployment {slug!r} has no Transifex project: connect it first.")
    job = enqueue_job(
        session, KIND, deployment_id=deployment.id or 0, arguments={"slug": slug}, person_id=identity.person_id, now=now
    )
    return job_answer(job)


@router.get("/{volunteer_id}", summary="One volunteer")
def show(
    session: SessionDep, identity: IdentityDep, now: NowDep, slug: str, volunteer_id: VolunteerId
) -> VolunteerAnswer:
    """Return one volunteer."""
    deployment = open_volunteers(session, identity, slug, changing=False)
    return _answer(find_volunteer(session, deployment, volunteer_id, now))


@router.put("/{volunteer_id}/languages", summary="Say for which languages somebody volunteers")
def change_languages(
    session: SessionDep, identity: IdentityDep, now: NowDep, slug: str, volunteer_id: VolunteerId, body: LanguagesBody
) -> VolunteerAnswer:
    """Write the languages anew as a whole; those that are not named end here, not on Transifex."""
    deployment = open_volunteers(session, identity, slug)
    set_languages(session, deployment, volunteer_id, body.languages, actor=identity.actor, now=now)
    return _answer(find_volunteer(session, deployment, volunteer_id, now))


@router.post("/{volunteer_id}/leave", summary="Note that somebody volunteers no more")
def leave(
    session: SessionDep, identity: IdentityDep, now: NowDep, slug: str, volunteer_id: VolunteerId
) -> VolunteerAnswer:
    """End it here: no message goes there any more, and no look puts the person in again."""
    deployment = open_volunteers(session, identity, slug)
    end_volunteer(session, deployment, volunteer_id, actor=identity.actor, now=now)
    return _answer(find_volunteer(session, deployment, volunteer_id, now))
