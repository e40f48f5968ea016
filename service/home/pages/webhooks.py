"""The page about who is told of a deployment's events: add, remove, try again, and what was announced lately."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlmodel import Session
from starlette.responses import Response

from service.announcing.client import check_url
from service.announcing.models import EventKind, TargetState, WebhookTarget
from service.announcing.service import (
    add_target,
    find_target,
    list_announcements,
    list_targets,
    remove_target,
    resume_target,
)
from service.auth.dependencies import FormIdentityDep, IdentityDep
from service.auth.rules import Identity, Permission
from service.catalog.access import open_deployment
from service.checks.locales import LocaleInfo, get_locale
from service.errors import ServiceError
from service.home.pages.wording import say_age
from service.web.languages import N_, Words, words_of
from service.web.resources import NowDep, ResourcesDep, SessionDep
from service.web.templating import render, set_flash

router = APIRouter(include_in_schema=False, prefix="/deployments/{slug}/webhooks")

_STATES = {TargetState.ON: N_("told"), TargetState.FAILED: N_("given up"), TargetState.STOPPED: N_("stopped")}
_SIGNS = {TargetState.ON: "✓", TargetState.FAILED: "✗", TargetState.STOPPED: "■"}
_EVENTS = {
    EventKind.TRANSLATED: N_("%(translated)s of %(texts)s texts translated"),
    EventKind.APPROVED: N_("%(approved)s of %(texts)s texts approved"),
    EventKind.SIGNED_OFF: N_("signed off, number %(number)s"),
    EventKind.RELEASED: N_("release %(number)s"),
}


@dataclass(frozen=True, slots=True)
class TargetLine:
    """One address on the page."""

    row: WebhookTarget
    state: str
    sign: str
    arrived: str
    failing: str
    again: str


@dataclass(frozen=True, slots=True)
class EventLine:
    """One event on the page."""

    info: LocaleInfo
    text: str
    at: str


@router.get("")
def show(request: Request, session: SessionDep, identity: IdentityDep, now: NowDep, slug: str) -> HTMLResponse:
    """Show who is told, and the last events."""
    return _show(request, session, identity, now, slug)


@router.post("")
def add(
    request: Request,
    session: SessionDep,
    identity: FormIdentityDep,
    now: NowDep,
    resources: ResourcesDep,
    slug: str,
    url: Annotated[str, Form()] = "",
) -> Response:
    """Have an address told, and show its secret this once; what was typed stays if it cannot be."""
    deployment = open_deployment(session, identity, slug, Permission.DEPLOYMENT_MANAGE)
    try:
        _, secret = add_target(
            session, deployment, check_url(url), secrets=resources.secrets, actor=identity.actor, now=now,
            new_id=resources.new_id,
        )  # fmt: skip
    except ServiceError as fault:
        return _show(request, session, identity, now, slug, typed=url, error=fault.message, status=fault.status)
    return _show(request, session, identity, now, slug, secret=secret, status=201)


@router.post("/{number}/{what}")
def change(
    session: SessionDep,
    identity: FormIdentityDep,
    now: NowDep,
    resources: ResourcesDep,
    slug: str,
    number: int,
    what: str,
) -> Response:
    """Tell an address no more (``remove``), or again (anything else)."""
    deployment = open_deployment(session, identity, slug, Permission.DEPLOYMENT_MANAGE)
    row = find_target(session, deployment.id or 0, number)
    if what == "remove":
        remove_target(session, row, actor=identity.actor, now=now)
        sentence = N_("The address is told no more.")
    else:
        resume_target(session, row, actor=identity.actor, now=now, new_id=resources.new_id)
        sentence = N_("The address is told again, a greeting first.")
    response = RedirectResponse(f"/deployments/{slug}/webhooks", status_code=303)
    set_flash(response, resources.settings, sentence)
    return response


def _show(
    request: Request,
    session: Session,
    identity: Identity,
    now: datetime,
    slug: str,
    *,
    typed: str = "",
    error: str = "",
    secret: str = "",
    status: int = 200,
) -> HTMLResponse:
    deployment = open_deployment(session, identity, slug, Permission.DEPLOYMENT_MANAGE, changing=False)
    words = words_of(request)
    events = [
        EventLine(
            get_locale(event.locale),
            words.gettext(_EVENTS[event.kind])
            % {name: words.number(value) for name, value in {**event.counts, "number": event.number or 0}.items()},
            words.moment(event.at),
        )
        for event in list_announcements(session, deployment.id or 0, limit=20)
    ]
    context = {
        "deployment": deployment,
        "targets": [_line(row, now, words) for row in list_targets(session, deployment.id or 0)],
        "events": events,
        "changing": deployment.archived_at is None,
        "typed": typed,
        "error": error,
        "secret": secret,
    }
    return render(request, "home/webhooks.html", context, status=status)


def _line(row: WebhookTarget, now: datetime, words: Words) -> TargetLine:
    return TargetLine(
        row=row,
        state=_STATES[row.state],
        sign=_SIGNS[row.state],
        arrived=say_age(row.delivered_at, now, words) or "" if row.delivered_at else "",
        failing=words.moment(row.failing_since) if row.failing_since else "",
        again=words.moment(row.next_at) if row.problem and row.state is TargetState.ON else "",
    )
