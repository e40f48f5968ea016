"""A person's own account: where messages go, where one is signed in, and signing out elsewhere."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from sqlmodel import Session
from starlette.responses import HTMLResponse, Response

from service.auth.browsers import name_browser
from service.auth.dependencies import SESSION_COOKIE, FormIdentityDep, IdentityDep
from service.auth.models import Person
from service.auth.rules import Identity
from service.auth.service import end_sessions, find_session, list_sessions
from service.errors import Refused
from service.web.cookies import read_cookie
from service.web.languages import Nn_
from service.web.resources import NowDep, Resources, ResourcesDep, SessionDep
from service.web.templating import lead_back, render

_ENDED = Nn_("%(num)s session elsewhere was ended.", "%(num)s sessions elsewhere were ended.")

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/account")
def show_account(
    request: Request, resources: ResourcesDep, session: SessionDep, identity: IdentityDep, now: NowDep
) -> Response:
    """Show where messages to the person go, and where the person is signed in."""
    person = session.get_one(Person, _person(identity))
    context = {
        "address": person.email or "",
        "by_mail": resources.settings.smtp_url is not None,
        "sessions": [(row, name_browser(row.user_agent)) for row in list_sessions(session, person.id, now)],
        "current": _find_current(request, resources, session, now),
    }
    return render(request, "auth/account.html", context)


@router.post("/account/sessions")
def send_end_sessions(
    request: Request,
    resources: ResourcesDep,
    session: SessionDep,
    identity: FormIdentityDep,
    now: NowDep,
    number: Annotated[int | None, Form(alias="session")] = None,
) -> Response:
    """End one session of the person, or every one but this."""
    current = _find_current(request, resources, session, now)
    person_id = _person(identity)
    if number is None:
        ended = end_sessions(session, identity.actor, person_id, now, but=current)
    else:
        ended = end_sessions(session, identity.actor, person_id, now, only=number)
    return lead_back("/account", resources.settings, _ENDED, ended)


def _person(identity: Identity) -> str:
    if identity.person_id is None:
        raise Refused("Only a person has an account: sign in.")
    return identity.person_id


def _find_current(request: Request, resources: Resources, session: Session, now: NowDep) -> int | None:
    login = find_session(session, read_cookie(request, resources.settings, SESSION_COOKIE) or "", now)
    return login.session_id if login else None
