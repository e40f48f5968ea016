"""What happens to every request before and after its endpoint. Pure ASGI, so that nothing is buffered or cancelled."""

import logging
import re
from collections.abc import Callable
from urllib.parse import urlsplit

from fastapi import FastAPI
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.settings import Settings
from service.web.problems import MAX_BODY, ProblemAnswer, answer_problem, problem_of_status
from service.web.resources import SAFE_METHODS, Resources
from service.web.tags import Tags

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
HTTPS_HEADERS = {"Strict-Transport-Security": "max-age=31536000"}

LARGEST_NUMBER = 2**31 - 1
"""The largest number of a row on every database."""

_log = logging.getLogger("service.web")
_HOST = re.compile(r"(?P<name>\[[0-9A-Fa-f:.]+\]|[^\[\]:/?#@\s]+)(:[0-9]{1,5})?")

Check = Callable[[Request], ProblemAnswer | None]


class Envelope:
    """Outermost: gives each request an id, each answer its headers, and each unexpected error a clean ending."""

    def __init__(self, app: ASGIApp, resources: Resources) -> None:
        self.app = app
        self.new_id = resources.new_id
        https = resources.settings.public_url.startswith("https://")
        self.headers = SECURITY_HEADERS | (HTTPS_HEADERS if https else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = self.new_id()
        scope.setdefault("state", {})["request_id"] = request_id
        started = False

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
                headers["X-Request-ID"] = request_id
            await send(message)

        try:
            await self.app(scope, receive, send_with_headers)
        except Exception:
            # The address may hold a secret (a one-time link); the route's pattern never does.
            route = getattr(scope.get("route"), "path", "no route")
            _log.exception("unexpected error in request %s: %s %s", request_id, scope["method"], route)
            if started:
                raise
            problem = problem_of_status(500)
            await answer_problem(Request(scope), problem)(scope, receive, send_with_headers)


WAS_HEAD = "bridge.was_head"
"""Stands in the scope of a request for the head alone."""


class HeadAsGet:
    """Answers HEAD like GET without the body, so that every page and every problem has a HEAD."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return
        scope["method"], scope[WAS_HEAD] = "GET", True

        async def send_without_body(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        await self.app(scope, receive, send_without_body)


class Gate:
    """Lets a request pass a check that needs its headers alone, or answers with the problem the check returns."""

    def __init__(self, app: ASGIApp, check: Check) -> None:
        self.app = app
        self.check = check

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http":
            request = Request(scope)
            problem = self.check(request)
            if problem is not None:
                await answer_problem(request, problem)(scope, receive, send)
                return
        await self.app(scope, receive, send)


def check_host(settings: Settings) -> Check:
    """Return the check that the request names a host of ``BRIDGE_ALLOWED_HOSTS``; ``*.example.org`` means any below."""
    allowed = {host.lower() for host in settings.allowed_hosts}
    below = tuple(host[1:] for host in allowed if host.startswith("*."))

    def check(request: Request) -> ProblemAnswer | None:
        match = _HOST.fullmatch(request.headers.get("host", ""))
        name = match["name"].lower() if match else ""
        if name and (name in allowed or "*" in allowed or (below and name.endswith(below))):
            return None
        return ProblemAnswer(
            "wrong-host",
            400,
            "The service does not answer to this host name: whoever runs it can add the name to BRIDGE_ALLOWED_HOSTS.",
        )

    return check


def check_length(request: Request) -> ProblemAnswer | None:
    """Return a problem for a body that says it is over the limit."""
    length = request.headers.get("content-length", "0")
    return problem_of_status(413) if not length.isdecimal() or int(length) > MAX_BODY else None


def check_numbers(request: Request) -> ProblemAnswer | None:
    """Return a problem for a number in the path that no row has: the databases refuse to look for it."""
    path = request.scope["path"]
    # What stands there is no number but the beginning of a hash.
    for segment in () if path.startswith("/static/") else path.split("/"):
        digits = segment.removeprefix("-").removeprefix("+")
        if digits.isdecimal() and (len(digits) > 10 or int(digits) > LARGEST_NUMBER):
            return problem_of_status(404)
    return None


def check_origin(settings: Settings) -> Check:
    """Return the check that a change which rides on a cookie was sent by a page of this service.

    Browsers tell by themselves, in ``Sec-Fetch-Site`` (over https and on loopback) or ``Origin``. A request with a
    token in its header rides on no cookie: no foreign page can make a browser send one.
    """
    public = urlsplit(settings.public_url)

    def check(request: Request) -> ProblemAnswer | None:
        headers = request.headers
        if request.method in SAFE_METHODS or "cookie" not in headers or "authorization" in headers:
            return None
        return None if _same_site(headers, (public.scheme, public.netloc)) else _foreign()

    return check


def _same_site(headers: Headers, public: tuple[str, str]) -> bool:
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = urlsplit(headers.get("origin", ""))
    # Behind a proxy the scheme is not known here, the host is.
    return origin.netloc != "" and ((origin.scheme, origin.netloc) == public or origin.netloc == headers.get("host"))


def _foreign() -> ProblemAnswer:
    return ProblemAnswer(
        "foreign-origin",
        403,
        "This change was not sent by a page of this service: open the page itself and do it there.",
    )


class BodyLimit:
    """Stops reading a body that grows over the limit without having said its length."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        read = 0

        async def receive_bounded() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > MAX_BODY:
                raise HTTPException(413)
            return message

        await self.app(scope, receive_bounded, send)


def install_middleware(app: FastAPI, resources: Resources) -> None:
    """Put the middleware around the application, the innermost first."""
    app.add_middleware(BodyLimit)
    app.add_middleware(Tags)
    app.add_middleware(GZipMiddleware, minimum_size=1000)
    app.add_middleware(Gate, check=check_origin(resources.settings))
    app.add_middleware(Gate, check=check_length)
    app.add_middleware(Gate, check=check_numbers)
    app.add_middleware(Gate, check=check_host(resources.settings))
    app.add_middleware(HeadAsGet)
    app.add_middleware(Envelope, resources=resources)
