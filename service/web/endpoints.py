"""What needs nobody signed in: the health of the service, and its static files."""

import logging
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import FileResponse, RedirectResponse

from service.errors import NotFound, NotReady
from service.web.addresses import local_path
from service.web.cookies import write_cookie
from service.web.languages import LANGUAGE_COOKIE, LANGUAGE_SECONDS, LANGUAGES
from service.web.resources import ResourcesDep
from service.web.templating import Static

router = APIRouter()

_log = logging.getLogger("service.web")


class Health(BaseModel):
    """Whether the service works."""

    status: Literal["ok"] = "ok"


@router.get("/healthz", summary="Whether the service and its database work")
def show_health(resources: ResourcesDep) -> Health:
    """Ask the database a trivial question: 200 when it answers, 503 when not."""
    try:
        with resources.database.read() as session:
            session.connection().execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        _log.warning("the database does not answer: %s", type(error).__name__)
        raise NotReady("The database does not answer.") from error
    return Health()


@router.get("/static/{version}/{name:path}", include_in_schema=False)
def send_static(version: str, name: str, request: Request) -> FileResponse:
    """Send a file that never changes under its address, so that browsers may keep it for a year."""
    static: Static = request.app.state.static
    file = static.find(version, name)
    if file is None:
        raise NotFound("There is no such file in this version of the service: load the page again.")
    return FileResponse(file, headers={"Cache-Control": "public, max-age=31536000, immutable"})


@router.post("/language", include_in_schema=False)
def send_language(
    resources: ResourcesDep, lang: Annotated[str, Form()] = "", next: Annotated[str, Form()] = "/"
) -> RedirectResponse:
    """Have the pages speak another language in this browser, and lead back; a language they do not speak is ignored."""
    response = RedirectResponse(local_path(next), status_code=303)
    if lang in LANGUAGES:
        write_cookie(response, resources.settings, LANGUAGE_COOKIE, lang, LANGUAGE_SECONDS)
    return response
