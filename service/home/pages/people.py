"""The people page of a deployment: volunteers with how each stands, whoever is not registered, and ways to bring in."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import HTMLResponse
from sqlmodel import Session
from starlette.responses import Response

from service.auth.dependencies import FormIdentityDep, IdentityDep
from service.auth.rules import Identity
from service.checks.locales import get_locale
from service.deployments.models import Deployment
from service.deployments.service import list_locales
from service.errors import BadInput
from service.home.pages.wording import say_age
from service.home.volunteering import HEAD, find_candidates, invitation, open_volunteers, volunteer_row
from service.jobs.models import Job
from service.jobs.service import ACTIVE, enqueue_job, list_jobs
from service.volunteers.models import VolunteerRole
from service.volunteers.numbers import count_by_person
from service.volunteers.plan import Outcome
from service.volunteers.queries import VolunteerView, find_look, list_volunteers
from service.volunteers.rules import ROLES, VolunteerState
from service.volunteers.service import (
    ImportReport,
    add_volunteer,
    confirm_candidate,
    end_volunteer,
    find_volunteer,
    import_volunteers,
    set_languages,
)
from service.volunteers.tasks import KIND
from service.web.languages import N_, Words, words_of
from service.web.resources import NowDep, Resources, ResourcesDep, SessionDep
from service.web.spreadsheets import CSV_TYPE, XLSX_TYPE, write_csv, write_xlsx
from service.web.templating import lead_back, render

router = APIRouter(prefix="/deployments/{slug}/people", include_in_schema=False)

STATES = {
    VolunteerState.REGISTERED: ("○", N_("registered")),
    VolunteerState.INSTRUCTED: ("✉", N_("instructed")),
    VolunteerState.JOINED: ("◐", N_("joined")),
    VolunteerState.ACTIVE: ("●", N_("active")),
    VolunteerState.QUIET: ("◌", N_("quiet")),
    VolunteerState.LEFT: ("✕", N_("left")),
}
"""A sign and a word for each state."""
_NOTHING_TYPED: dict[str, object] = {
    "name": "", "email": "", "transifex": "", "role": "", "note": "", "languages": [], "error": "",
}  # fmt: skip
OUTCOMES = {
    Outcome.ADDED: N_("added"),
    Outcome.CHANGED: N_("changed"),
    Outcome.UNCHANGED: N_("unchanged"),
    Outcome.REFUSED: N_("refused"),
}


@dataclass(frozen=True, slots=True)
class Person:
    """One volunteer on the page. ``todo`` is what a person has to do on Transifex, "" for nothing."""

    view: VolunteerView
    sign: str
    state: str
    age: str | None
    todo: str


@router.get("")
def show_people(
    request: Request,
    session: SessionDep,
    identity: IdentityDep,
    now: NowDep,
    resources: ResourcesDep,
    slug: str,
    state: str = "",
    locale: str = "",
) -> HTMLResponse:
    """Show the volunteers, those of a state or a language alone where the address says so."""
    return _show(request, session, identity, now, resources, slug, state=state, locale=locale)


@router.post("")
def send_add(
    request: Request,
    session: SessionDep,
    identity: FormIdentityDep,
    now: NowDep,
    resources: ResourcesDep,
    slug: str,
    name: Annotated[str, Form()] = "",
    email: Annotated[str, Form()] = "",
    transifex: Annotated[str, Form()] = "",
    languages: Annotated[list[str] | None, Form()] = None,
    role: Annotated[str, Form()] = "",
    note: Annotated[str, Form()] = "",
) -> Response:
    """Register a volunteer; what was typed stays where it cannot be taken."""
    deployment = open_volunteers(session, identity, slug)
    cells = {"name": name, "email": email, "transifex": transifex, "role": role, "note": note}
    try:
        add_volunteer(
            session, deployment, {**cells, "languages": ",".join(languages or [])}, actor=identity.actor, now=now,
            new_id=resources.new_id,
        )  # fmt: skip
    except BadInput as fault:
        typed: dict[str, object] = {**cells, "languages": languages or [], "error": fault.message}
        return _show(request, session, identity, now, resources, slug, typed=typed, status=422)
    return _back(slug, resources, N_("The volunteer is registered."))


@router.post("/file")
def send_file(
    request: Request,
    session: SessionDep,
    identity: FormIdentityDep,
    now: NowDep,
    resources: ResourcesDep,
    slug: str,
    source: Annotated[UploadFile | None, File()] = None,
    really: Annotated[bool, Form()] = False,
) -> Response:
    """Say what a file of volunteers would do, or do it where that was ticked; each row is answered."""
    deployment = open_volunteers(session, identity, slug)
    data = source.file.read() if source is not None else b""
    try:
        report = import_volunteers(
            session, deployment, data, dry_run=not really, actor=identity.actor, now=now, new_id=resources.new_id
        )
    except BadInput as fault:
        return _show(request, session, identity, now, resources, slug, file_error=fault.message, status=422)
    return _show(request, session, identity, now, resources, slug, report=report)


@router.get("/file")
def download(session: SessionDep, identity: IdentityDep, now: NowDep, slug: str, format: str = "csv") -> Response:
    """Send the volunteers as CSV, or as XLSX."""
    deployment = open_volunteers(session, identity, slug, changing=False)
    rows = [volunteer_row(view) for view in list_volunteers(session, deployment.id or 0, now)]
    excel = format == "xlsx"
    data = write_xlsx("Volunteers", HEAD, rows) if excel else write_csv(HEAD, rows)
    name = f"volunteers-{slug}.{'xlsx' if excel else 'csv'}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(data, media_type=XLSX_TYPE if excel else CSV_TYPE, headers=headers)


@router.post("/reconcile")
def start(session: SessionDep, identity: FormIdentityDep, now: NowDep, resources: ResourcesDep, slug: str) -> Response:
    """Queue a look at the team on Transifex."""
    deployment = open_volunteers(session, identity, slug)
    if deployment.transifex_project is None:
        raise BadInput(f"The deployment {slug!r} has no Transifex project: connect it first.")
    enqueue_job(
        session, KIND, deployment_id=deployment.id or 0, arguments={"slug": slug}, person_id=identity.person_id, now=now
    )
    return _back(slug, resources, N_("The team on Transifex is being looked at; load this page again in a moment."))


@router.post("/confirm")
def confirm(
    session: SessionDep,
    identity: FormIdentityDep,
    now: NowDep,
    resources: ResourcesDep,
    slug: str,
    username: Annotated[str, Form()],
    volunteer: Annotated[str, Form()] = "",
    languages: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """Say who a Transifex user is: somebody registered, or a new volunteer."""
    deployment = open_volunteers(session, identity, slug)
    number = int(volunteer) if volunteer.isascii() and volunteer.isdigit() and len(volunteer) < 10 else None
    confirm_candidate(
        session, deployment, username, volunteer_id=number,
        languages=dict.fromkeys(languages or [], VolunteerRole.TRANSLATOR) if number is None else {},
        actor=identity.actor, now=now,
    )  # fmt: skip
    return _back(slug, resources, N_("Noted who that is."))


@router.get("/{volunteer_id}")
def show_one(
    request: Request, session: SessionDep, identity: IdentityDep, now: NowDep, slug: str, volunteer_id: int
) -> HTMLResponse:
    """Show one volunteer."""
    return _show_one(request, session, identity, now, slug, volunteer_id)


@router.post("/{volunteer_id}/languages")
def change_languages(
    request: Request,
    session: SessionDep,
    identity: FormIdentityDep,
    now: NowDep,
    resources: ResourcesDep,
    slug: str,
    volunteer_id: int,
    roles: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """Say for which languages somebody volunteers: ``roles`` are such as ``ar=translator``, "" for none."""
    deployment = open_volunteers(session, identity, slug)
    try:
        set_languages(session, deployment, volunteer_id, _roles(roles or []), actor=identity.actor, now=now)
    except BadInput as fault:
        return _show_one(request, session, identity, now, slug, volunteer_id, error=fault.message, status=422)
    return _back(slug, resources, N_("The languages are noted."), f"/{volunteer_id}")


def _roles(given: list[str]) -> dict[str, VolunteerRole]:
    found = {}
    for item in given:
        locale, _, role = item.partition("=")
        if role in set(VolunteerRole):
            found[locale] = VolunteerRole(role)
    return found


@router.post("/{volunteer_id}/leave")
def leave(
    session: SessionDep, identity: FormIdentityDep, now: NowDep, resources: ResourcesDep, slug: str, volunteer_id: int
) -> Response:
    """Note that somebody volunteers no more."""
    deployment = open_volunteers(session, identity, slug)
    end_volunteer(session, deployment, volunteer_id, actor=identity.actor, now=now)
    return _back(slug, resources, N_("Noted: no message goes there any more."))


def _back(slug: str, resources: Resources, sentence: str, place: str = "") -> Response:
    return lead_back(f"/deployments/{slug}/people{place}", resources.settings, sentence)


def _show(
    request: Request,
    session: Session,
    identity: Identity,
    now: datetime,
    resources: Resources,
    slug: str,
    *,
    state: str = "",
    locale: str = "",
    typed: dict[str, object] | None = None,
    report: ImportReport | None = None,
    file_error: str = "",
    status: int = 200,
) -> HTMLResponse:
    deployment = open_volunteers(session, identity, slug, changing=False)
    words = words_of(request)
    views = list_volunteers(session, deployment.id or 0, now)
    look = find_look(session, deployment.id or 0)
    languages = {row.locale: row.transifex_language for row in list_locales(session, deployment)}
    people = [
        _person(view, now, words, look.team if look else None, languages)
        for view in views
        if state in ("", view.state) and (not locale or locale in view.languages)
    ]
    context = {
        "deployment": deployment,
        "people": people,
        "counts": [(each.value, *STATES[each], sum(view.state is each for view in views)) for each in VolunteerState],
        "state": state,
        "locale": locale,
        "languages": [get_locale(code) for code in languages],
        "roles": ROLES,
        "candidates": [
            (each, say_age(each.wrote_at, now, words))
            for each in find_candidates(session, deployment, resources.settings)
        ],
        "nameless": [view for view in views if not view.transifex],
        "looked": say_age(look.looked_at, now, words) if look else None,
        "job": _team_job(session, deployment),
        "connected": deployment.transifex_project is not None,
        "changing": deployment.archived_at is None,
        "typed": typed or _NOTHING_TYPED,
        "report": report,
        "outcomes": [(OUTCOMES[each], report.count(each)) for each in Outcome] if report else [],
        "outcome_words": OUTCOMES,
        "file_error": file_error,
    }
    return render(request, "home/people.html", context, status=status)


def _team_job(session: Session, deployment: Deployment) -> Job | None:
    """Return the look at the team that is under way, or that ended in trouble with none after it."""
    looks = [job for job in list_jobs(session, deployment.id or 0) if job.kind == KIND]
    return looks[0] if looks and (looks[0].state in ACTIVE or looks[0].message) else None


def _person(
    view: VolunteerView, now: datetime, words: Words, team: str | None, languages: dict[str, str | None]
) -> Person:
    sign, state = STATES[view.state]
    todo = ""
    if not view.transifex and view.state is not VolunteerState.LEFT:
        known = {locale: language for locale, language in languages.items() if language}
        todo = invitation(view, team, known)
    return Person(view, sign, state, say_age(view.facts.wrote_at, now, words), todo)


def _show_one(
    request: Request,
    session: Session,
    identity: Identity,
    now: datetime,
    slug: str,
    volunteer_id: int,
    *,
    error: str = "",
    status: int = 200,
) -> HTMLResponse:
    deployment = open_volunteers(session, identity, slug, changing=False)
    view = find_volunteer(session, deployment, volunteer_id, now)
    words = words_of(request)
    look = find_look(session, deployment.id or 0)
    languages = {row.locale: row.transifex_language for row in list_locales(session, deployment)}
    facts = (
        (N_("registered"), view.registered_at),
        (N_("instructions sent"), view.facts.instructed_at),
        (N_("reminded"), view.reminded_at),
        (N_("first seen in the team"), view.facts.joined_at),
        (N_("last text"), view.facts.wrote_at),
        (N_("left"), view.facts.left_at),
    )
    context = {
        "deployment": deployment,
        "person": _person(view, now, words, look.team if look else None, languages),
        "languages": [get_locale(code) for code in languages],
        "roles": ROLES,
        "facts": [(what, words.moment(at)) for what, at in facts if at],
        "changing": deployment.archived_at is None,
        "error": error,
        "numbers": count_by_person(session, deployment.id or 0, [view.person_id])[view.person_id],
    }
    return render(request, "home/person.html", context, status=status)
