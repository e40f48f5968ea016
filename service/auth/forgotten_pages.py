"""The page of whoever lost the password: one form, and the same answer whoever is named."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from service.auth.pages import require_browser_token, show_form
from service.auth.service.forgotten import MAX_ASKED, PURPOSE, Asked, ask_for_link
from service.errors import BadInput
from service.web.languages import interface_of
from service.web.resources import NowDep, Resources, ResourcesDep, SessionDep

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/forgotten-password")
def show_forgotten(request: Request, resources: ResourcesDep, sent: bool = False) -> Response:
    """Show the form to ask for a link, after ``sent`` what comes next; without a mail server who can make a link."""
    return _show(request, resources, sent=sent)


@router.post("/forgotten-password", dependencies=[Depends(require_browser_token)])
def send_forgotten(
    request: Request,
    resources: ResourcesDep,
    session: SessionDep,
    now: NowDep,
    asked: Annotated[str, Form()] = "",
) -> Response:
    """Take the request and say the same whoever is named."""
    if resources.settings.smtp_url is None:
        return _show(request, resources)
    caller = request.client.host if request.client else ""
    question = Asked(asked, caller, interface_of(request).lang)
    try:
        ask_for_link(session, question, now, sign=lambda text: resources.secrets.sign(PURPOSE, text))
    except BadInput as fault:
        return _show(request, resources, error=fault.message, status=422)
    return RedirectResponse("/forgotten-password?sent=true", status_code=303)


def _show(
    request: Request, resources: Resources, *, sent: bool = False, error: str | None = None, status: int = 200
) -> Response:
    context = {
        "sent": sent,
        "error": error,
        "by_mail": resources.settings.smtp_url is not None,
        "longest": MAX_ASKED,
    }
    return show_form(request, resources.settings, "auth/forgotten.html", context, status=status)
