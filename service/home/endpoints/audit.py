"""The audit: who did what, when."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel

from service.audit.queries import find_end, list_entries
from service.auth.dependencies import IdentityDep
from service.home.auditing import (
    MOST_EXPORTED,
    PAGE,
    AuditQuery,
    describe_entries,
    open_audit,
    read_lines,
    write_audit_csv,
)
from service.web.resources import SessionDep
from service.web.spreadsheets import CSV_TYPE

router = APIRouter(prefix="/audit", tags=["audit"])

Deployment = Annotated[str, Query(description="Of this deployment alone.")]
Who = Annotated[str, Query(description="By or on this user, Transifex user or person's id, or by `operator@host`.")]
Action = Annotated[str, Query(description="Such as `deployment.set`, or `deployment` for all of these.")]
Words = Annotated[str, Query(description="Words in what it was done on.")]
Since = Annotated[date | None, Query(description="From this day on, UTC.")]
Until = Annotated[date | None, Query(description="To this day, UTC.")]


class AuditEntryAnswer(BaseModel):
    """One thing that was done. ``hash`` is over the entry and the hash of the one before it."""

    number: int
    at: datetime
    who: str
    person: str | None
    action: str
    deployment: str | None
    subject: str
    detail: dict[str, Any]
    hash: str


class AuditAnswer(BaseModel):
    """One page of entries, the newest first. ``end`` is the last place of the chain, NUMBER:HASH."""

    entries: list[AuditEntryAnswer]
    end: str | None
    next: str | None


@router.get("", summary="Who did what, page by page")
def list_page(
    request: Request,
    session: SessionDep,
    identity: IdentityDep,
    deployment: Deployment = "",
    who: Who = "",
    action: Action = "",
    words: Words = "",
    since: Since = None,
    until: Until = None,
    before: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = PAGE,
) -> AuditAnswer:
    """Return entries of the deployments whose audit you may read; those of no deployment take a role in all."""
    wanted = open_audit(session, identity, AuditQuery(deployment, who, action, words, since, until))
    entries = list_entries(session, wanted, before=before, limit=limit)
    following = None
    if len(entries) == limit:
        query = {name: value for name, value in request.query_params.items() if name != "before"}
        following = f"{request.url.path}?{urlencode({**query, 'before': entries[-1].number})}"
    end = find_end(session)
    lines = [AuditEntryAnswer(**line.as_json()) for line in describe_entries(session, entries)]
    return AuditAnswer(entries=lines, end=str(end) if end else None, next=following)


@router.get("/file", summary="The audit as a file", response_class=Response)
def download(
    session: SessionDep,
    identity: IdentityDep,
    kind: Annotated[Literal["csv", "json"], Query(alias="format")] = "csv",
    deployment: Deployment = "",
    who: Who = "",
    action: Action = "",
    words: Words = "",
    since: Since = None,
    until: Until = None,
) -> Response:
    """Return what is looked for as CSV or JSON, at most 100,000 entries."""
    wanted = open_audit(session, identity, AuditQuery(deployment, who, action, words, since, until))
    lines = read_lines(session, wanted, most=MOST_EXPORTED)
    if kind == "csv":
        data, media_type = write_audit_csv(lines), CSV_TYPE
    else:
        data, media_type = orjson.dumps([line.as_json() for line in lines]), "application/json"
    headers = {"Content-Disposition": f'attachment; filename="audit.{kind}"'}
    return Response(data, media_type=media_type, headers=headers)
