"""The card: one text, read where it will stand, and decided on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from sqlmodel import Session, col, select
from starlette.responses import RedirectResponse, Response

from service.auth.dependencies import IdentityDep
from service.catalog.models import Decision, DecisionKind, RejectReason, Translation, Unit
from service.catalog.queries import find_unit
from service.checks.engine import CHECKS, WAIVABLE
from service.errors import NotFound
from service.review.cards import load_card, name_persons
from service.review.models import FormClaim, TextComment
from service.review.pages.places import PREFIX, FilterDep, Place, open_place
from service.review.pieces import cut_pieces
from service.review.queries import (
    QueueFilter,
    count_queue,
    count_record,
    count_skipped,
    find_next,
    list_claims,
    list_records,
    record_names,
)
from service.review.service.commenting import list_comments
from service.review.threads import FindThreads
from service.web.resources import NowDep, SessionDep
from service.web.templating import render

router = APIRouter(prefix=PREFIX)

MODES = ("read", "correct", "reject", "confirm")
"""What the lower part of a card shows: the buttons, a form to write, a form for the reason, a question."""

SENTENCES = {check.id: check.sentence for check in CHECKS}
"""What each check is about, by its id."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed or chose on a card before it could not be sent or done; shown again, never lost."""

    mode: str = "read"
    text: str | None = None
    reason: str = ""
    comment: str = ""
    also: bool = False
    error: str = ""
    seen: str | None = None
    said: str = ""


@router.get("/card")
def show_card(
    request: Request,
    session: SessionDep,
    identity: IdentityDep,
    now: NowDep,
    wanted: FilterDep,
    slug: str,
    locale: str,
    key: Annotated[str, Query(max_length=2000)] = "",
    after: Annotated[int, Query(ge=-1, le=2**31 - 1)] = -1,
    mode: str = "read",
    did: int = 0,
    skipped: int = 0,
    corrected: str = "",
    also: int = 0,
    commented: int = 0,
) -> Response:
    """Show one text by its key, or the next one of the filter; at the end say what comes next."""
    place = open_place(session, identity, slug, locale)
    said = _what_was_done(session, place, did, skipped, corrected, also) or _what_was_said(session, place, commented)
    if key:
        row = find_unit(session, place.reader.deployment_id, locale, key)
        if row is None:
            raise NotFound(f"The deployment {slug!r} has no unit {key!r}.")
    else:
        found = find_next(session, place.reader, wanted, now, after=after)
        if found is None:
            return _show_end(request, session, place, wanted, now, said)
        row = found
    typed = Typed(mode=mode if mode in MODES else "read")
    return draw_card(request, session, place, wanted, row, now, typed=typed, said=said)


def draw_card(
    request: Request,
    session: Session,
    place: Place,
    wanted: QueueFilter,
    row: tuple[Unit, Translation | None],
    now: datetime,
    *,
    typed: Typed,
    said: Mapping[str, Any] | None = None,
    status: int = 200,
) -> Response:
    """Return the page of one card."""
    unit, translation = row
    reader = place.reader
    card = load_card(session, place.deployment, place.locale, unit, translation)
    in_form = wanted.with_form(unit.record_key)
    claim = list_claims(session, reader, now).get(unit.record_key)
    assert unit.id is not None
    comments = list_comments(session, unit.id, place.locale)
    find_threads: FindThreads = request.app.state.find_threads
    names = record_names(session, reader.deployment_id, [unit.record_key, *(u.record_key for u in card.elsewhere)])
    context = {
        "place": place,
        "wanted": wanted,
        "card": card,
        "typed": typed,
        "said": said,
        "names": names,
        "source_pieces": cut_pieces(card.source),
        "text_pieces": cut_pieces(
            card.text or "", [(row.start, row.end) for row in card.findings if not row.dismissed_at]
        ),
        "left": count_queue(session, reader, in_form, now),
        "total": count_record(session, reader, unit.record_key),
        "comments": comments,
        "speakers": name_persons(session, [row.person_id for row in comments]),
        "threads": find_threads(session, place.identity, place.deployment.slug, unit.id, place.locale),
        "waivable": WAIVABLE,
        "checks": SENTENCES,
        "reasons": [reason.value for reason in RejectReason],
        "own": translation is not None and translation.author_id == identity_person(place),
        "someone": _someone_else(session, place, claim),
        "undoable": [
            step
            for step in card.steps
            if step.stands and (step.person_id == identity_person(place) or place.may_manage)
        ],
    }
    return render(request, "review/card.html", context, status=status)


def identity_person(place: Place) -> str | None:
    """Return the person who looks."""
    return place.identity.person_id


def _someone_else(session: Session, place: Place, claim: FormClaim | None) -> str | None:
    if claim is None or claim.person_id == place.identity.person_id:
        return None
    return name_persons(session, [claim.person_id])[claim.person_id]


def _what_was_done(
    session: Session, place: Place, did: int, skipped: int, corrected: str, also: int
) -> dict[str, Any] | None:
    """Return what the person just did, from the address, where it is true: anybody can write an address."""
    person = place.identity.person_id
    if did:
        query = (
            select(Decision, Unit)
            .join(Unit, col(Unit.id) == Decision.unit_id)
            .where(
                Decision.id == did,
                Decision.person_id == person,
                Decision.locale == place.locale,
                Unit.deployment_id == place.deployment.id,
            )
        )
        found = session.exec(query).first()
        if found is None:
            return None
        decision, unit = found
        again = select(Decision.id).where(Decision.reopens_id == did)
        undone = session.exec(again).first() is not None
        undo = None if undone or decision.kind is DecisionKind.REOPEN else decision.id
        return {"what": decision.kind.value, "unit": unit, "undo": undo, "also": max(0, also)}
    if skipped or corrected:
        query_unit = select(Unit).where(Unit.deployment_id == place.deployment.id)
        unit_row = session.exec(
            query_unit.where(Unit.id == skipped) if skipped else query_unit.where(Unit.key == corrected)
        ).first()
        if unit_row is not None:
            return {"what": "skip" if skipped else "correct", "unit": unit_row, "undo": None, "also": 0}
    return None


def _what_was_said(session: Session, place: Place, comment_id: int) -> dict[str, Any] | None:
    query = (
        select(Unit)
        .join(TextComment, col(TextComment.unit_id) == Unit.id)
        .where(TextComment.id == comment_id, TextComment.person_id == place.identity.person_id)
    )
    unit = session.exec(query.where(Unit.deployment_id == place.deployment.id)).first() if comment_id else None
    return None if unit is None else {"what": "comment", "unit": unit, "undo": None, "also": 0}


def _show_end(
    request: Request, session: Session, place: Place, wanted: QueueFilter, now: datetime, said: Mapping[str, Any] | None
) -> Response:
    """Say that nothing is left here, and where something is."""
    reader = place.reader
    claims = list_claims(session, reader, now)
    rows = [
        row
        for row in list_records(session, reader)
        if row.texts_left and ((claim := claims.get(row.record_key)) is None or claim.person_id == reader.person_id)
    ]
    keys = [*([wanted.form] if wanted.form else []), *(row.record_key for row in rows[:1])]
    context = {
        "place": place,
        "wanted": wanted,
        "said": said,
        "next": rows[0] if rows else None,
        "names": record_names(session, reader.deployment_id, keys),
        "skipped": count_skipped(session, reader, now),
    }
    return render(request, "review/end.html", context)


def to_next(place: Place, wanted: QueueFilter, unit: Unit, **done: str | int) -> RedirectResponse:
    """Return the way to the next card after this unit, carrying what was just done."""
    return RedirectResponse(place.address("card", wanted, after=unit.position, **done), status_code=303)
