"""Who asks: from the token in the header, else from the session's cookie.

An endpoint names one of two: :data:`IdentityDep` (the API, and pages that show), :data:`FormIdentityDep` (pages that
take a form). Without any of them a route is public and stands in ``service.web.public``.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from hmac import compare_digest
from typing import Annotated

from fastapi import Depends, Form, Header, Request
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer
from sqlmodel import Session

from service.auth.rules import Identity
from service.auth.service import find_session, find_token_use, touch_session, touch_token
from service.errors import NotPermitted, NotSignedIn
from service.web.cookies import read_cookie
from service.web.languages import interface_of
from service.web.resources import SAFE_METHODS, NowDep, Resources, ResourcesDep, SessionDep
from service.web.templating import Viewer

SESSION_COOKIE = "bridge_session"
FORM_TOKEN_HEADER = "X-Form-Token"  # noqa: S105 - a header's name

# One request at a time notes a last use; the others need not wait for that, the next one will note it.
_noting = threading.Lock()


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a request showed: a token, else a cookie."""

    token: str | None = None
    cookie: str | None = None


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who asks, and the secret that a form of this session must carry; None where a token was shown."""

    identity: Identity
    form_secret: str | None


# They describe the two ways in to readers of the API's description; the rules stand in get_credentials.
_bearer = HTTPBearer(auto_error=False, scheme_name="token", description="A token, such as ptb_….")
_cookie = APIKeyCookie(name=SESSION_COOKIE, auto_error=False, scheme_name="session", description="A browser's session.")


def get_credentials(
    request: Request,
    resources: ResourcesDep,
    _token: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    _session: Annotated[str | None, Depends(_cookie)],
) -> Credentials:
    """Dependency: what the request shows, found without the database. A token counts before a cookie.

    Raises:
        NotSignedIn: it shows nothing, or a header that is no bearer token.
    """
    header = request.headers.get("authorization")
    if header is not None:
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise NotSignedIn("The Authorization header must be `Bearer` and a token, such as ptb_….")
        return Credentials(token=token.strip())
    cookie = read_cookie(request, resources.settings, SESSION_COOKIE)
    if not cookie:
        raise NotSignedIn("Sign in, or send a token in the Authorization header.")
    return Credentials(cookie=cookie)


def get_signed_in(
    request: Request,
    credentials: Annotated[Credentials, Depends(get_credentials)],
    resources: ResourcesDep,
    session: SessionDep,
    now: NowDep,
) -> SignedIn:
    """Dependency: who asks, without any check of form tokens; for the two dependencies below.

    Raises:
        NotSignedIn: the token or the session is not valid (any more).
    """
    if credentials.token is not None:
        use = find_token_use(session, credentials.token, now)
        if use is None:
            raise NotSignedIn(
                "This token is not valid: it was revoked, or its account was disabled, or it never was one."
            )
        if use.touch:
            _note(request, resources, session, lambda writing: touch_token(writing, use.token_id, now))
        return SignedIn(use.identity, None)
    login = find_session(session, credentials.cookie or "", now)
    if login is None:
        raise NotSignedIn("Your session is over: sign in again.")
    if login.touch:
        language = interface_of(request).lang
        _note(
            request,
            resources,
            session,
            lambda writing: touch_session(writing, login.session_id, now, language=language),
        )
    request.state.viewer = Viewer(login.identity.actor.label, login.form_secret)
    return SignedIn(login.identity, login.form_secret)


def _note(request: Request, resources: Resources, session: Session, write: Callable[[Session], None]) -> None:
    if request.method not in SAFE_METHODS:
        write(session)
    elif _noting.acquire(blocking=False):
        try:
            with resources.database.write() as writing:
                write(writing)
        finally:
            _noting.release()


SignedInDep = Annotated[SignedIn, Depends(get_signed_in)]


def get_identity(
    request: Request,
    signed_in: SignedInDep,
    form_token: Annotated[str, Header(alias=FORM_TOKEN_HEADER, include_in_schema=False)] = "",
) -> Identity:
    """Dependency: who asks. A change that rides on a cookie needs the session's form token in ``X-Form-Token``.

    Raises:
        NotSignedIn: nobody is signed in.
        NotPermitted: the form token is missing or wrong.
    """
    if request.method not in SAFE_METHODS:
        _check_form_token(signed_in, form_token)
    return signed_in.identity


def require_form_token(
    signed_in: SignedInDep,
    form_token: Annotated[str, Form()] = "",
    header: Annotated[str, Header(alias=FORM_TOKEN_HEADER, include_in_schema=False)] = "",
) -> Identity:
    """Dependency: who sends a form, which carries the session's token as ``form_token`` (or ``X-Form-Token``).

    Raises:
        NotSignedIn: nobody is signed in.
        NotPermitted: the form token is missing or wrong.
    """
    _check_form_token(signed_in, form_token or header)
    return signed_in.identity


def _check_form_token(signed_in: SignedIn, form_token: str) -> None:
    if signed_in.form_secret is not None and not same_value(signed_in.form_secret, form_token):
        raise NotPermitted("This form belongs to an earlier session or another page: load the page again and repeat.")


def same_value(expected: str, given: str) -> bool:
    """Return whether two secrets are equal, in a time that does not tell where they differ."""
    return compare_digest(expected.encode(), given.encode("utf-8", "surrogatepass"))


IdentityDep = Annotated[Identity, Depends(get_identity)]
FormIdentityDep = Annotated[Identity, Depends(require_form_token)]
