"""Signing in, signing out, and setting a password: plain forms that need no script."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from service.auth.dependencies import SESSION_COOKIE, FormIdentityDep, same_value
from service.auth.passwords import MIN_LENGTH
from service.auth.service import (
    SESSION_LIFETIME,
    check_password_link,
    find_session,
    set_password_by_link,
    sign_in,
    sign_out,
)
from service.auth.values import new_value
from service.errors import BadInput, NotPermitted, Refused
from service.settings import Settings
from service.web.addresses import local_path
from service.web.cookies import drop_cookie, read_cookie, write_cookie
from service.web.kept import MAX_KEPT, KeptForm, unpack_kept
from service.web.languages import N_
from service.web.resources import NowDep, Resources, ResourcesDep, SessionDep
from service.web.templating import Viewer, lead_back, render

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

#: Before anybody is signed in, a form proves that it came from the browser it was shown in by repeating this cookie.
BROWSER_COOKIE = "bridge_browser"
BROWSER_SECONDS = 24 * 3600

SIGN_IN_FAILED = N_(
    "The username and the password do not fit together. After five wrong tries an account rests for 15 minutes, "
    "then works again."
)


def require_browser_token(request: Request, resources: ResourcesDep, form_token: Annotated[str, Form()] = "") -> None:
    """Dependency: the form was shown in the browser that sends it.

    Raises:
        NotPermitted: it was not, or the browser keeps no cookies.
    """
    cookie = read_cookie(request, resources.settings, BROWSER_COOKIE)
    if not cookie or not same_value(cookie, form_token):
        raise NotPermitted("This form is too old, or your browser keeps no cookies: load the page again and repeat.")


@router.get("/login")
def show_login(request: Request, resources: ResourcesDep, next: str = "/") -> Response:
    """Show the form to sign in."""
    return show_form(
        request, resources.settings, "auth/login.html", {"next": local_path(next), "username": "", "kept": None}
    )


def show_sign_in_again(request: Request, kept: KeptForm) -> Response:
    """Show the form to sign in to somebody whose session ended while they typed, with what they sent."""
    resources: Resources = request.app.state.resources
    context = {"next": local_path(kept.action), "username": "", "kept": kept}
    return show_form(request, resources.settings, "auth/login.html", context, status=401)


def _show_kept(request: Request, resources: Resources, cookie: str, kept: KeptForm, now: datetime) -> Response:
    """Show what was sent before the sign-in, ready to be sent in the new session."""
    with resources.database.read() as session:
        login = find_session(session, cookie, now)
    assert login is not None
    request.state.viewer = Viewer(login.identity.actor.label, login.form_secret)
    context = {"kept": kept, "action": local_path(kept.action), "token": login.form_secret}
    return render(request, "auth/send_again.html", context)


@router.post("/login", dependencies=[Depends(require_browser_token)])
def send_login(
    request: Request,
    resources: ResourcesDep,
    now: NowDep,
    username: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",
    kept: Annotated[str, Form(max_length=MAX_KEPT)] = "",
) -> Response:
    """Sign in and lead to where the person wanted to go; otherwise show the form again, with the username kept.

    A form that was sent after the session had ended comes along, and can be sent again once the person is signed in.
    """
    settings, target, kept_form = resources.settings, local_path(next), unpack_kept(kept)
    agent = request.headers.get("user-agent", "")
    started = sign_in(resources.database, username, password, now, user_agent=agent)
    if started is None:
        context = {"next": target, "username": username[:150], "error": SIGN_IN_FAILED, "kept": kept_form}
        return show_form(request, settings, "auth/login.html", context, status=422)
    response: Response = RedirectResponse(target, status_code=303)
    if kept_form is not None:
        response = _show_kept(request, resources, started.value, kept_form, now)
    write_cookie(response, settings, SESSION_COOKIE, started.value, int(SESSION_LIFETIME.total_seconds()))
    drop_cookie(response, settings, BROWSER_COOKIE)
    return response


@router.post("/logout")
def send_logout(
    request: Request, resources: ResourcesDep, session: SessionDep, now: NowDep, _: FormIdentityDep
) -> Response:
    """End the session and lead to the form to sign in."""
    sign_out(session, read_cookie(request, resources.settings, SESSION_COOKIE) or "", now)
    response = lead_back("/login", resources.settings, N_("You are signed out."))
    drop_cookie(response, resources.settings, SESSION_COOKIE)
    return response


@router.get("/set-password/{secret}")
def show_set_password(
    secret: str, request: Request, resources: ResourcesDep, session: SessionDep, now: NowDep
) -> Response:
    """Show the form to choose a password, or that the link no longer works."""
    try:
        username = check_password_link(session, secret, now)
    except Refused as refusal:
        return _show_bad_link(request, refusal)
    return show_form(request, resources.settings, "auth/set_password.html", _password_form(secret, username))


@router.post("/set-password/{secret}", dependencies=[Depends(require_browser_token)])
def send_set_password(
    secret: str,
    request: Request,
    resources: ResourcesDep,
    session: SessionDep,
    now: NowDep,
    password: Annotated[str, Form()] = "",
    repeated: Annotated[str, Form()] = "",
) -> Response:
    """Set the password and lead to the form to sign in; otherwise say what is wrong with it."""
    settings = resources.settings
    try:
        username = check_password_link(session, secret, now)
        if password != repeated:
            raise BadInput("The two passwords differ: type the same one twice.")
        set_password_by_link(session, secret, password, now)
    except Refused as refusal:
        return _show_bad_link(request, refusal)
    except BadInput as fault:
        context = _password_form(secret, username) | {"error": fault.message}
        return show_form(request, settings, "auth/set_password.html", context, status=422)
    response = lead_back("/login", settings, N_("Your password is set. Sign in with it now."))
    drop_cookie(response, settings, SESSION_COOKIE)
    return response


def _password_form(secret: str, username: str) -> dict[str, object]:
    return {"secret": secret, "username": username, "min_length": MIN_LENGTH}


def _show_bad_link(request: Request, refusal: Refused) -> Response:
    return render(request, "auth/bad_link.html", {"sentence": refusal.message}, status=410)


def show_form(
    request: Request, settings: Settings, template: str, context: Mapping[str, object], *, status: int = 200
) -> Response:
    """Return the page of a form that somebody sends who is not signed in; the browser gets the cookie it repeats."""
    known = read_cookie(request, settings, BROWSER_COOKIE)
    token = known or new_value()
    response = render(request, template, {"error": None, **context, "form_token": token}, status=status)
    write_cookie(response, settings, BROWSER_COOKIE, token, BROWSER_SECONDS)
    return response
