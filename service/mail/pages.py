"""The page behind the link at the end of each mail: no more of them, and yes after all. Nobody signs in for it.

And where messages to a person who signs in go, which stands on that person's account page.
"""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from sqlmodel import Session
from starlette.responses import HTMLResponse, Response

from service.auth.dependencies import FormIdentityDep
from service.auth.models import Person
from service.errors import NotFound, Refused
from service.mail.addresses import write_address
from service.mail.sending import is_stop_link
from service.mail.service import allow_mail, is_stopped, stop_mail
from service.web.languages import N_
from service.web.resources import NowDep, Resources, ResourcesDep, SessionDep
from service.web.templating import lead_back, render

router = APIRouter(prefix="/unsubscribe", include_in_schema=False, default_response_class=HTMLResponse)
account_router = APIRouter(include_in_schema=False)


@router.get("/{person}/{signature}")
def show_unsubscribe(
    request: Request, session: SessionDep, resources: ResourcesDep, person: str, signature: str
) -> HTMLResponse:
    """Ask whether the person wants no more mail: programs that look at links must not decide that."""
    person_id = _person(session, resources, person, signature)
    return render(request, "mail/unsubscribe.html", {"stopped": is_stopped(session, person_id)})


@router.post("/{person}/{signature}")
def send_unsubscribe(
    request: Request,
    session: SessionDep,
    resources: ResourcesDep,
    now: NowDep,
    person: str,
    signature: str,
    again: Annotated[bool, Form()] = False,
) -> HTMLResponse:
    """Send no more mail to the person, or with ``again`` send it again. Mail programs do this by one press, too."""
    person_id = _person(session, resources, person, signature)
    if again:
        allow_mail(session, person_id, now=now)
    else:
        stop_mail(session, person_id, now=now)
    return render(request, "mail/unsubscribe.html", {"stopped": not again})


@account_router.post("/account/address")
def send_address(
    session: SessionDep,
    identity: FormIdentityDep,
    resources: ResourcesDep,
    now: NowDep,
    address: Annotated[str, Form()] = "",
) -> Response:
    """Say where messages to the person who is signed in go; left empty, nowhere."""
    if identity.person_id is None:
        raise Refused("Only a person has an account: sign in.")
    write_address(session, identity.person_id, address, actor=identity.actor, now=now)
    return lead_back("/account", resources.settings, N_("The address for messages is noted."))


def _person(session: Session, resources: Resources, person: str, signature: str) -> str:
    if not is_stop_link(resources.secrets, person, signature) or session.get(Person, person) is None:
        raise NotFound("This link is not valid: take it whole from the message.")
    return person
