"""What an error looks like from outside: an RFC 9457 problem for programs, a page for people, no internals for either.

Every way out of the service that is not an answer ends here: expected errors (:class:`~service.errors.ServiceError`),
requests that do not validate, unknown addresses and methods, and errors nobody expected.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import orjson
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from service.errors import ServiceError
from service.web.addresses import page_address
from service.web.kept import KeptForm, find_kept
from service.web.languages import N_
from service.web.templating import render

PROBLEM_TYPE = "urn:primero-bridge:problem:"
PROBLEM_MEDIA_TYPE = "application/problem+json"
LOGIN_PATH = "/login"

MAX_BODY = 20 * 2**20
"""The largest request body, in bytes."""

#: Code and sentence of what the framework itself refuses.
_OF_STATUS = {
    400: ("bad-request", N_("The request cannot be read: send it again as the documentation says.")),
    404: ("not-found", N_("There is nothing at this address.")),
    405: ("method-not-allowed", N_("This address does not take that method.")),
    413: ("too-large", f"A request may have {MAX_BODY // 2**20} MB at most: send less at a time."),
    500: ("unexpected", N_("Something went wrong that should not have.")),
}

_TITLES = {
    "bad-input": N_("The request is not right"),
    "bad-request": N_("The request is not right"),
    "not-signed-in": N_("Sign in first"),
    "not-permitted": N_("You may not do this"),
    "not-found": N_("Not found"),
    "method-not-allowed": N_("Not possible here"),
    "refused": N_("Not done"),
    "outdated": N_("Something changed meanwhile"),
    "too-large": N_("Too large"),
    "too-many-tries": N_("Too many tries"),
    "remote-unreachable": N_("The other side does not answer"),
    "not-ready": N_("The service is not ready"),
    "unexpected": N_("Something went wrong"),
}


class Problem(BaseModel):
    """An RFC 9457 problem, as programs get it with the content type ``application/problem+json``."""

    type: str = Field(description=f"`{PROBLEM_TYPE}` and the code.")
    title: str = Field(description="The same for every problem of one code.")
    status: int
    detail: str = Field(description="One sentence: what is wrong, and what to do.")
    code: str = Field(description="What to tell problems apart by; stable.")
    instance: str = Field(description="The path of the request.")
    request_id: str = Field(description="The number of the request in the service's log.")
    details: dict[str, Any] = Field(
        default_factory=dict, description="Facts for programs; missing where there are none."
    )


@dataclass(frozen=True, slots=True)
class ProblemAnswer:
    """One problem before it is put into a form. ``detail`` is one sentence for the person who asked."""

    code: str
    status: int
    detail: str
    details: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """Return what is shown above the sentence, the same for every problem of one code."""
        return _TITLES.get(self.code) or HTTPStatus(self.status).phrase


def request_id(request: Request) -> str:
    """Return the id that this request has in the log and in its answer's ``X-Request-ID``."""
    found: str = request.scope.get("state", {}).get("request_id", "")
    return found


def wants_json(request: Request) -> bool:
    """Return whether a program asks: under /api, with a token, or accepting JSON but no HTML."""
    accept = request.headers.get("accept", "")
    by_program = "authorization" in request.headers or request.scope["path"].startswith("/api/")
    return by_program or ("json" in accept and "text/html" not in accept)


def answer_problem(request: Request, problem: ProblemAnswer) -> Response:
    """Return the problem in the form the asker understands; a page that needs a sign-in leads to the sign-in."""
    if wants_json(request):
        return _problem_json(request, problem)
    kept = find_kept(request)
    if kept is not None and problem.status == HTTPStatus.UNAUTHORIZED:
        show_again: Callable[[Request, KeptForm], Response] = request.app.state.sign_in_again
        return show_again(request, kept)
    if problem.status == HTTPStatus.UNAUTHORIZED:
        return RedirectResponse(f"{LOGIN_PATH}?next={quote(page_address(request), safe='/')}", status_code=303)
    response = render(
        request, "web/error.html", {"problem": problem, "request_id": request_id(request)}, status=problem.status
    )
    response.headers.update(problem.headers)
    return response


def _problem_json(request: Request, problem: ProblemAnswer) -> Response:
    body = Problem(
        type=PROBLEM_TYPE + problem.code,
        title=problem.title,
        status=problem.status,
        detail=problem.detail,
        code=problem.code,
        instance=request.scope["path"],
        request_id=request_id(request),
        details=dict(problem.details),
    ).model_dump(exclude=None if problem.details else {"details"})
    response = Response(orjson.dumps(body, default=str), status_code=problem.status, media_type=PROBLEM_MEDIA_TYPE)
    response.headers.update(problem.headers)
    if problem.status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def problem_of(error: ServiceError) -> ProblemAnswer:
    """Return the problem of an expected error."""
    headers = {"Retry-After": str(error.details["retry_after"])} if "retry_after" in error.details else {}
    return ProblemAnswer(error.code, error.status, error.message, error.details, headers)


def problem_of_status(status: int, headers: Mapping[str, str] | None = None) -> ProblemAnswer:
    """Return the problem of a bare HTTP status: an unknown address or method, a body that cannot be read."""
    code, detail = _OF_STATUS.get(status) or ("http-error", f"{HTTPStatus(status).phrase}.")
    return ProblemAnswer(code, status, detail, headers=headers or {})


def problem_of_validation(errors: Sequence[Mapping[str, Any]]) -> ProblemAnswer:
    """Return the problem of a request that does not validate: where and what for each fault, never the values sent."""
    faults = [
        {"where": ".".join(str(part) for part in error["loc"]), "what": str(error["msg"]), "type": error["type"]}
        for error in errors
    ]
    first = f" ({faults[0]['where']}: {faults[0]['what']})" if faults else ""
    return ProblemAnswer("bad-input", 422, f"The request is not as it should be{first}.", {"errors": faults})


def _on_service_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, ServiceError)
    return answer_problem(request, problem_of(error))


def _on_validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return answer_problem(request, problem_of_validation(error.errors()))


def _on_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return answer_problem(request, problem_of_status(error.status_code, error.headers))


def problem_responses() -> dict[int | str, dict[str, Any]]:
    """Return what the API's description says of every error."""
    content = {PROBLEM_MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"4XX": {"description": "A problem", "content": content, "model": Problem}}


def install_problem_handlers(app: FastAPI) -> None:
    """Have every expected error answered as a problem; the unexpected ones are caught by the middleware."""
    app.add_exception_handler(ServiceError, _on_service_error)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
    app.add_exception_handler(HTTPException, _on_http_error)
