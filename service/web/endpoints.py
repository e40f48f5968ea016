"""What needs nobody signed in: the health of the service, and its static files."""

import logging
from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import FileResponse

from service.errors import NotFound, NotReady
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
