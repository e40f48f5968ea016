"""The page of the audit: who did what, with filters in the address and the same as a file."""

from datetime import date
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, Response

from service.audit.queries import count_entries, find_end, list_actions, list_entries
from service.auth.dependencies import IdentityDep
from service.errors import BadInput
from service.home.auditing import (
    MOST_EXPORTED,
    PAGE,
    AuditQuery,
    audited_deployments,
    describe_entries,
    open_audit,
    read_lines,
    write_audit_csv,
)
from service.web.languages import words_of
from service.web.resources import SessionDep
from service.web.spreadsheets import CSV_TYPE
from service.web.templating import render

router = APIRouter(include_in_schema=False)


def read_query(
    deployment: str = "", who: str = "", action: str = "", words: str = "", since: str = "", until: str = ""
) -> AuditQuery:
    """Dependency: what the form of the page asks for; an empty field asks for nothing."""
    return AuditQuery(deployment, who, action, words, _day(since), _day(until))


def _day(text: str) -> date | None:
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise BadInput(f"{text[:40]!r} is no day: write it as 2026-03-31.") from error


QueryDep = Annotated[AuditQuery, Depends(read_query)]


@router.get("/audit")
def show_audit(
    request: Request, session: SessionDep, identity: IdentityDep, asked: QueryDep, before: str = ""
) -> HTMLResponse:
    """Show entries, the newest first; ``before`` is the number that an earlier page ended with."""
    wanted = open_audit(session, identity, asked)
    number = int(before) if before.isascii() and before.isdigit() and len(before) < 10 else None
    entries = list_entries(session, wanted, before=number, limit=PAGE)
    filters = {
        name: str(value)
        for name in ("deployment", "who", "action", "words", "since", "until")
        if (value := getattr(asked, name))
    }
    words = words_of(request)
    context = {
        "asked": asked,
        "lines": [(line, words.moment(line.at)) for line in describe_entries(session, entries)],
        "total": count_entries(session, wanted),
        "deployments": audited_deployments(session, identity),
        "actions": list_actions(session),
        "end": find_end(session),
        "file": f"/audit/file?{urlencode(filters)}",
        "newest": f"/audit?{urlencode(filters)}" if number is not None else None,
        "older": f"/audit?{urlencode({**filters, 'before': entries[-1].number})}" if len(entries) == PAGE else None,
        "filtered": bool(filters),
    }
    return render(request, "home/audit.html", context)


@router.get("/audit/file")
def send_file(session: SessionDep, identity: IdentityDep, asked: QueryDep) -> Response:
    """Send what the page shows, all of it, as CSV."""
    data = write_audit_csv(read_lines(session, open_audit(session, identity, asked), most=MOST_EXPORTED))
    return Response(data, media_type=CSV_TYPE, headers={"Content-Disposition": 'attachment; filename="audit.csv"'})
