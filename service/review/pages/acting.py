"""What a reviewer does on the pages: decide, write, skip, take back, take a form, approve a list."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse
from sqlmodel import Session, col, select
from starlette.responses import Response

from extractors.texts import text_hash
from service.auth.dependencies import FormIdentityDep
from service.auth.rules import Permission
from service.catalog.models import ConflictResolution, DecisionKind, RejectReason, Translation, Unit
from service.catalog.queries import find_unit
from service.catalog.service.states import find_decisions
from service.errors import BadInput, NotFound, Outdated, ServiceError
from service.review.cards import load_card
from service.review.pages.card import Typed, draw_card, to_next
from service.review.pages.places import PREFIX, FilterDep, Place, open_place
from service.review.queries import QueueFilter
from service.review.service import deciding
from service.review.service.bulk import approve_listed
from service.review.service.queueing import (
    give_form,
    leave_form,
    skip_text,
    stay_on_form,
    take_form,
    unskip_all,
)
from service.web.kept import keep
from service.web.resources import NowDep, SessionDep
from service.web.templating import render

router = APIRouter(prefix=PREFIX)

_MOST_LISTED = 200
_KINDS = {"approve": DecisionKind.APPROVE, "reject": DecisionKind.REJECT}


@dataclass(frozen=True, slots=True)
class CardForm:
    """What a card sends: which text, as it was seen, and what is to be done with it."""

    do: str
    key: str
    source_hash: str
    text_hash: str
    version: int
    text: str
    seen: str
    reason: str
    comment: str
    their_hash: str
    decision: int
    also: bool
    sure: bool

    def fields(self) -> list[tuple[str, str]]:
        """Return the fields that were filled in, as a form sends them."""
        found = [(field.name, getattr(self, field.name)) for field in fields(self)]
        return [(name, "1" if value is True else str(value)) for name, value in found if value]

    def typed(self, mode: str, error: str) -> Typed:
        """Return what was typed, to be shown again with what is wrong."""
        return Typed(mode, self.text or None, self.reason, self.comment, self.also, error, self.seen)


def read_card_form(
    request: Request,
    do: Annotated[Literal["approve", "reject", "correct", "skip", "ours", "theirs", "undo"], Form()],
    key: Annotated[str, Form(max_length=2000)],
    source_hash: Annotated[str, Form(max_length=64)] = "",
    text_hash: Annotated[str, Form(max_length=64)] = "",
    version: Annotated[int, Form()] = 0,
    text: Annotated[str, Form(max_length=20_000)] = "",
    seen: Annotated[str, Form(max_length=20_000)] = "",
    reason: Annotated[str, Form(max_length=20)] = "",
    comment: Annotated[str, Form(max_length=4000)] = "",
    their_hash: Annotated[str, Form(max_length=64)] = "",
    decision: Annotated[int, Form()] = 0,
    also: Annotated[bool, Form()] = False,
    sure: Annotated[bool, Form()] = False,
) -> CardForm:
    """Dependency: the fields of a card's form, kept in case the session has ended."""
    sent = CardForm(
        do, key, source_hash, text_hash, version, text, seen, reason, comment, their_hash, decision, also, sure
    )
    keep(request, sent.fields())
    return sent


CardFormDep = Annotated[CardForm, Depends(read_card_form)]


@dataclass(frozen=True, slots=True)
class _Work:
    """One action under way: where, by whom, with what."""

    session: Session
    place: Place
    wanted: QueueFilter
    sent: CardForm
    now: datetime


@router.post("/card")
def send_card(
    request: Request,
    session: SessionDep,
    sent: CardFormDep,
    identity: FormIdentityDep,
    now: NowDep,
    wanted: FilterDep,
    slug: str,
    locale: str,
) -> Response:
    """Do what the form says and lead to the next card; show the card again, with all that was typed, where it fails."""
    place = open_place(session, identity, slug, locale, Permission.REVIEW_DECIDE, changing=True)
    work = _Work(session, place, wanted, sent, now)
    try:
        return _ACTIONS[sent.do](work)
    except NotFound:
        raise
    except _Unsure as question:
        return _again(request, work, "confirm", str(question), 200)
    except Outdated as error:
        return _done_before(work) or _again(request, work, _mode(sent), error.message, error.status)
    except ServiceError as error:
        return _again(request, work, _mode(sent), error.message, error.status)


def _mode(sent: CardForm) -> str:
    return sent.do if sent.do in {"reject", "correct"} else "read"


def _done_before(work: _Work) -> Response | None:
    """Return the way on where the same was done by this person before: its answer was lost, and it is sent again."""
    sent, person = work.sent, work.place.identity.person_id
    pair = deciding.find_pair(work.session, work.place.deployment, work.place.locale, sent.key)
    text = text_hash(sent.text) if sent.do == "correct" else sent.text_hash
    if person is None or (pair.unit.source_hash, pair.translation.text_hash) != (sent.source_hash, text):
        return None
    if sent.do == "correct":
        return _next(work, pair.unit, corrected=sent.key) if pair.translation.author_id == person else None
    assert pair.unit.id is not None
    for last in find_decisions(work.session, [pair.unit.id])[pair.unit.id, work.place.locale][-1:]:
        seen = (last.person_id, last.kind, last.source_hash, last.text_hash)
        if seen == (person, _KINDS.get(sent.do), sent.source_hash, text):
            return _next(work, pair.unit, did=last.id or 0)
    return None


class _Unsure(Exception):
    """A warning stands: the person is asked once more."""


def _again(request: Request, work: _Work, mode: str, error: str, status: int) -> Response:
    # Nothing half-done may be committed with this page.
    work.session.rollback()
    assert work.place.deployment.id is not None
    row = find_unit(work.session, work.place.deployment.id, work.place.locale, work.sent.key)
    assert row is not None
    typed = work.sent.typed(mode, error)
    return draw_card(request, work.session, work.place, work.wanted, row, work.now, typed=typed, status=status)


def _pair(work: _Work) -> deciding.Pair:
    pair = deciding.find_pair(work.session, work.place.deployment, work.place.locale, work.sent.key)
    deciding.require_current(
        pair, source_hash=work.sent.source_hash, target_hash=work.sent.text_hash, version=work.sent.version
    )
    return pair


def _approve(work: _Work) -> Response:
    pair = _pair(work)
    card = load_card(work.session, work.place.deployment, work.place.locale, pair.unit, pair.translation)
    if card.warnings and not work.sent.sure and not card.blocking:
        raise _Unsure
    decision = deciding.approve(
        work.session, work.place.deployment, pair, actor=work.place.identity.actor, comment=work.sent.comment,
        now=work.now, with_warnings=work.sent.sure,
    )  # fmt: skip
    also = _approve_elsewhere(work, card.elsewhere, card.unit.key) if work.sent.also else 0
    return _next(work, pair.unit, did=decision.id or 0, **({"also": also} if also else {}))


def _approve_elsewhere(work: _Work, units: tuple[Unit, ...], key: str) -> int:
    """Approve the identical pairs that stood on the card, as far as each passes by itself."""
    if not units:
        return 0
    query = select(Translation.id, Translation.version).where(
        col(Translation.unit_id).in_([unit.id for unit in units]), Translation.locale == work.place.locale
    )
    versions = {number: version for number, version in work.session.exec(query) if number is not None}
    report = approve_listed(
        work.session, work.place.deployment, work.place.locale, versions, with_warnings=True,
        reason=f"The same pair of texts was approved at {key}.", actor=work.place.identity.actor, now=work.now,
    )  # fmt: skip
    return report.approved


def _reject(work: _Work) -> Response:
    pair = _pair(work)
    try:
        reason = RejectReason(work.sent.reason)
    except ValueError as error:
        raise BadInput("Choose a reason first.") from error
    decision = deciding.reject(
        work.session, work.place.deployment, pair, actor=work.place.identity.actor, reason=reason,
        comment=work.sent.comment, now=work.now,
    )  # fmt: skip
    return _next(work, pair.unit, did=decision.id or 0)


def _correct(work: _Work) -> Response:
    pair = _pair(work)
    deciding.correct(
        work.session, work.place.deployment, pair, actor=work.place.identity.actor, text=work.sent.text, now=work.now
    )
    return _next(work, pair.unit, corrected=pair.unit.key)


def _skip(work: _Work) -> Response:
    pair = deciding.find_pair(work.session, work.place.deployment, work.place.locale, work.sent.key)
    person = work.place.identity.person_id
    if person is not None:
        skip_text(work.session, pair.translation, person, work.now)
    return _next(work, pair.unit, skipped=pair.unit.id or 0)


def _choose(work: _Work) -> Response:
    pair = _pair(work)
    deciding.resolve_conflict(
        work.session, work.place.deployment, pair, actor=work.place.identity.actor,
        keep=ConflictResolution(work.sent.do), their_hash=work.sent.their_hash, now=work.now,
    )  # fmt: skip
    # The text that was chosen still waits for a decision: stay on it.
    return RedirectResponse(work.place.address("card", work.wanted, key=pair.unit.key), status_code=303)


def _undo(work: _Work) -> Response:
    pair = deciding.find_pair(work.session, work.place.deployment, work.place.locale, work.sent.key)
    deciding.reopen(
        work.session, work.place.deployment, pair, actor=work.place.identity.actor, decision_id=work.sent.decision,
        may_reopen_others=work.place.may_manage, comment=work.sent.comment, now=work.now,
    )  # fmt: skip
    return RedirectResponse(work.place.address("card", work.wanted, key=pair.unit.key), status_code=303)


_ACTIONS: dict[str, Callable[[_Work], Response]] = {
    "approve": _approve,
    "reject": _reject,
    "correct": _correct,
    "skip": _skip,
    "ours": _choose,
    "theirs": _choose,
    "undo": _undo,
}


def _next(work: _Work, unit: Unit, **done: str | int) -> Response:
    person = work.place.identity.person_id
    if person is not None:
        stay_on_form(
            work.session, work.place.deployment, work.place.locale, unit.record_key, person_id=person, now=work.now
        )
    return to_next(work.place, work.wanted, unit, **done)


@router.post("/forms")
def send_form_claim(
    session: SessionDep,
    identity: FormIdentityDep,
    now: NowDep,
    slug: str,
    locale: str,
    do: Annotated[Literal["take", "leave", "give"], Form()],
    form: Annotated[str, Form(max_length=1000)],
    person: Annotated[str, Form(max_length=36)] = "",
) -> Response:
    """Take a form or leave it; a specialist may give one to a reviewer, and take one back from anybody."""
    place = open_place(session, identity, slug, locale, changing=True)
    if do == "give":
        place.identity.require(Permission.SCOPE_MANAGE, place.deployment.id, locale)
        give_form(session, place.deployment, locale, form, to_person=person, actor=identity.actor, now=now)
        return RedirectResponse(place.address("queue"), status_code=303)
    if do == "take":
        place.identity.require(Permission.REVIEW_DECIDE, place.deployment.id, locale)
        take_form(session, place.deployment, locale, form, actor=identity.actor, now=now)
        return RedirectResponse(place.address("card", QueueFilter(form=form)), status_code=303)
    leave_form(session, place.deployment, locale, form, actor=identity.actor, may_take_back=place.may_manage)
    return RedirectResponse(place.address("queue"), status_code=303)


@router.post("/skipped")
def send_skipped(session: SessionDep, identity: FormIdentityDep, slug: str, locale: str) -> Response:
    """Bring every text that was put aside back into the queue."""
    place = open_place(session, identity, slug, locale, Permission.REVIEW_DECIDE, changing=True)
    if identity.person_id is not None:
        unskip_all(session, place.deployment, locale, identity.person_id)
    return RedirectResponse(place.address("card"), status_code=303)


@router.post("/approvals")
def send_approvals(
    request: Request,
    session: SessionDep,
    identity: FormIdentityDep,
    now: NowDep,
    wanted: FilterDep,
    slug: str,
    locale: str,
    listed: Annotated[list[str] | None, Form()] = None,
    reason: Annotated[str, Form(max_length=4000)] = "",
) -> Response:
    """Approve exactly the texts that were listed and ticked, and say how many really changed."""
    place = open_place(session, identity, slug, locale, Permission.REVIEW_DECIDE, changing=True)
    versions = _read_listed(listed or [])
    try:
        report = approve_listed(
            session, place.deployment, locale, versions, with_warnings=False, reason=reason,
            actor=identity.actor, now=now,
        )  # fmt: skip
    except (BadInput, Outdated) as error:
        session.rollback()
        context = {"place": place, "wanted": wanted, "error": error.message, "report": None}
        return render(request, "review/approved.html", context, status=error.status)
    context = {"place": place, "wanted": wanted, "error": "", "report": report}
    return render(request, "review/approved.html", context)


def _read_listed(listed: list[str]) -> dict[int, int]:
    """Return version by id of what was ticked, each written as ``ID-VERSION``."""
    if len(listed) > _MOST_LISTED:
        raise BadInput(f"At most {_MOST_LISTED} texts can be approved at once.")
    found = {}
    for item in listed:
        number, _, version = item.partition("-")
        if not (number.isdecimal() and version.isdecimal()) or len(item) > 40:
            raise BadInput("The list cannot be read: load the page again and repeat.")
        found[int(number)] = int(version)
    return found
