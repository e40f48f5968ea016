"""The queue of a language: forms with what is left in each, and lists of texts by a filter."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from sqlmodel import Session

from service.auth.dependencies import IdentityDep
from service.auth.queries import list_persons_who_may
from service.auth.rules import Permission
from service.catalog.models import State
from service.catalog.queries import LocaleCounts, count_states
from service.checks.engine import CHECKS
from service.review.cards import name_persons
from service.review.models import FormClaim
from service.review.pages.places import PREFIX, FilterDep, Place, open_place
from service.review.queries import (
    QueueFilter,
    RecordRow,
    Show,
    count_queue,
    count_skipped,
    list_claims,
    list_queue,
    list_record_keys,
    list_records,
    record_names,
)
from service.web.resources import NowDep, SessionDep
from service.web.templating import render

router = APIRouter(prefix=PREFIX)

PAGE = 50
"""Texts on one page of a list."""


@router.get("/queue")
def show_queue(
    request: Request, session: SessionDep, identity: IdentityDep, now: NowDep, slug: str, locale: str
) -> HTMLResponse:
    """Show the forms and lookups with what waits in each for the person who looks."""
    place = open_place(session, identity, slug, locale)
    reader = place.reader
    rows = list_records(session, reader)
    counts = count_states(session, reader.deployment_id, [locale])[locale]
    claims = list_claims(session, reader, now)
    context = {
        "place": place,
        "rows": rows,
        "counts": counts,
        "names": record_names(session, reader.deployment_id, [row.record_key for row in rows]),
        "claims": claims,
        "persons": name_persons(session, _people(claims)),
        "reviewers": _reviewers(session, place),
        "skipped": count_skipped(session, reader, now),
        "left": sum(row.texts_left for row in rows),
        "words_left": sum(row.words_left for row in rows),
        "first": _first(rows, claims, reader.person_id),
        "everything": QueueFilter(show=Show.ALL),
        "states": _states(counts),
    }
    return render(request, "review/queue.html", context)


def _states(counts: LocaleCounts) -> list[tuple[QueueFilter, int]]:
    """Return the filters that find the texts of each state, of an error and of a conflict, with how many there are."""
    found = [(QueueFilter(show=Show(state.value)), getattr(counts, state.value)) for state in State]
    found += [(QueueFilter(show=Show.ALL, blocked=True), counts.blocked)]
    found += [(QueueFilter(show=Show.ALL, conflict=True), counts.conflicts)]
    return [(wanted, number) for wanted, number in found if number]


def _people(claims: Mapping[str, FormClaim]) -> set[str]:
    given_by = {claim.given_by for claim in claims.values() if claim.given_by}
    return given_by | {claim.person_id for claim in claims.values()}


def _reviewers(session: Session, place: Place) -> list[tuple[str, str]]:
    """Return to whom whoever looks may give a form: nobody, where they may not."""
    if not place.may_manage or place.deployment.archived_at is not None:
        return []
    return list_persons_who_may(session, Permission.REVIEW_DECIDE, place.reader.deployment_id, place.locale)


def _first(rows: Sequence[RecordRow], claims: Mapping[str, FormClaim], person_id: str | None) -> RecordRow | None:
    """Return where to begin: a form that is the reader's already, else the first that nobody is on."""
    left = [row for row in rows if row.texts_left]
    mine = [row for row in left if row.record_key in claims and claims[row.record_key].person_id == person_id]
    return next(iter(mine or [row for row in left if row.record_key not in claims]), None)


@router.get("/texts")
def show_texts(
    request: Request,
    session: SessionDep,
    identity: IdentityDep,
    now: NowDep,
    wanted: FilterDep,
    slug: str,
    locale: str,
    after: Annotated[int, Query(ge=-1, le=2**31 - 1)] = -1,
) -> HTMLResponse:
    """Show the texts that a filter finds, with a way to approve together those that pass."""
    place = open_place(session, identity, slug, locale)
    reader = place.reader
    rows = list_queue(session, reader, wanted, now, after=after, limit=PAGE + 1)
    names = record_names(session, reader.deployment_id, [unit.record_key for unit, _ in rows])
    context = {
        "place": place,
        "wanted": wanted,
        "rows": rows[:PAGE],
        "names": names,
        "found": count_queue(session, reader, wanted, now),
        "next_after": rows[PAGE - 1][0].position if len(rows) > PAGE else None,
        "after": after,
        "shows": list(Show),
        "checks": [check.id for check in CHECKS],
        "forms": record_names(session, reader.deployment_id, list_record_keys(session, reader)),
    }
    return render(request, "review/texts.html", context)
