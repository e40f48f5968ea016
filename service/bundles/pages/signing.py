"""Signing a language off: what one would vouch for, the statement, the sign-offs made, and the certificate."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlmodel import Session
from starlette.responses import Response

from service.auth.dependencies import FormIdentityDep, IdentityDep
from service.auth.models import Person
from service.auth.rules import Identity, Permission
from service.bundles.queries import Candidate
from service.bundles.rules.signoff import SignOffState
from service.bundles.service.signing_off import (
    LIMITS,
    Statement,
    get_voucher,
    list_vouchers,
    load_overview,
    revoke,
    sign_off,
)
from service.bundles.vouching import Voucher
from service.review.cards import name_persons
from service.review.pages.card import SENTENCES
from service.review.pages.places import PREFIX, Place, open_place
from service.web.content import answer_content
from service.web.languages import ENGLISH, LANGUAGES, N_, Interface, Words, interface_of, words_in, words_of
from service.web.pdf import NO_PDF, can_make_pdf, make_pdf
from service.web.resources import NowDep, ResourcesDep, SessionDep
from service.web.templating import lead_back, render, render_document
from service.web.trying import do_or_draw

router = APIRouter(prefix=PREFIX)

SHOWN = 30
"""How many texts of a kind the page lists before it only counts them."""

# Each state has a sign and a word: colour never tells alone.
STATES = {
    SignOffState.VALID: ("✓", N_("valid"), "good"),
    SignOffState.INCOMPLETE: ("◐", N_("incomplete"), "warn"),
    SignOffState.INVALID: ("✗", N_("invalid"), "bad"),
    SignOffState.REVOKED: ("⊘", N_("revoked"), ""),
}
_SIGNED = N_("The language is signed off.")
_REVOKED = N_("The sign-off is revoked.")


@router.get("/sign-off")
def show_sign_off(request: Request, session: SessionDep, identity: IdentityDep, slug: str, locale: str) -> HTMLResponse:
    """Show what a sign-off would cover now, the form to sign, and the sign-offs made."""
    place = open_place(session, identity, slug, locale)
    return _draw(request, session, place, Statement("", "", "", ""))


def _draw(
    request: Request, session: Session, place: Place, typed: Statement, error: str = "", status: int = 200
) -> HTMLResponse:
    overview = load_overview(session, place.deployment, place.locale)
    vouchers = list_vouchers(session, place.deployment, place.locale)
    persons = {row.person_id for row in overview.waived}
    persons |= {each.person for rows in (overview.exceptions, overview.sensitive) for row in rows[:SHOWN]
                for each in row.approvals}  # fmt: skip
    context = {
        "place": place,
        "overview": overview,
        "counts": overview.counts(),
        "lists": list(_lists(overview.exceptions, overview.sensitive, overview.blocked, overview.conflicting)),
        "vouchers": [_view(row, words_of(request)) for row in vouchers],
        "persons": name_persons(session, persons),
        "may_sign": place.identity.may(Permission.SIGN_OFF, place.deployment.id, place.locale)
        and place.deployment.archived_at is None,
        "limits": LIMITS,
        "checks": SENTENCES,
        "shown": SHOWN,
        "typed": typed,
        "error": error,
    }
    return render(request, "bundles/sign_off.html", context, status=status)


@dataclass(frozen=True, slots=True)
class TextList:
    """Texts of one kind that whoever signs should know of; ``id`` names its place on the page."""

    id: str
    title: str
    rows: tuple[Candidate, ...]
    show_approvers: bool


def _lists(
    exceptions: tuple[Candidate, ...],
    sensitive: tuple[Candidate, ...],
    blocked: tuple[Candidate, ...],
    conflicting: tuple[Candidate, ...],
) -> Iterator[TextList]:
    yield TextList("exceptions", N_("Approved by an exception"), exceptions, True)
    yield TextList("sensitive", N_("Sensitive, approved by two persons"), sensitive, True)
    yield TextList("blocked", N_("Approved, but a check blocks them now: in no bundle"), blocked, False)
    yield TextList("conflicts", N_("Approved, but in conflict with Transifex: in no bundle"), conflicting, False)


@dataclass(frozen=True, slots=True)
class SignOffView:
    """A sign-off as the page shows it."""

    voucher: Voucher
    sign: str
    state: str
    tone: str
    signed: str
    revoked: str


def _view(voucher: Voucher, words: Words) -> SignOffView:
    row = voucher.sign_off
    sign, state, tone = STATES[voucher.verdict.state]
    revoked = words.moment(row.revoked_at) if row.revoked_at else ""
    return SignOffView(voucher, sign, state, tone, words.moment(row.created_at), revoked)


@router.post("/sign-off")
def send_sign_off(
    request: Request,
    session: SessionDep,
    resources: ResourcesDep,
    identity: FormIdentityDep,
    now: NowDep,
    slug: str,
    locale: str,
    digest: Annotated[str, Form(max_length=64)],
    name: Annotated[str, Form(max_length=10_000)] = "",
    role: Annotated[str, Form(max_length=10_000)] = "",
    organisation: Annotated[str, Form(max_length=10_000)] = "",
    statement: Annotated[str, Form(max_length=50_000)] = "",
) -> Response:
    """Sign, or show the page again with what was wrong and what was typed."""
    place = open_place(session, identity, slug, locale, Permission.SIGN_OFF, changing=True)
    typed = Statement(name, role, organisation, statement)
    again = do_or_draw(
        session,
        lambda: sign_off(session, place.deployment, locale, typed, actor=identity.actor, now=now, seen=digest),
        partial(_draw, request, session, place, typed),
    )
    return again or _lead_back(resources, place, _SIGNED)


@router.post("/sign-offs/{number}/revoke")
def send_revoke(
    request: Request,
    session: SessionDep,
    resources: ResourcesDep,
    identity: FormIdentityDep,
    now: NowDep,
    slug: str,
    locale: str,
    number: int,
    reason: Annotated[str, Form(max_length=10_000)] = "",
) -> Response:
    """Take a sign-off back, or show the page again with what was wrong."""
    place = open_place(session, identity, slug, locale, Permission.SIGN_OFF, changing=True)
    again = do_or_draw(
        session,
        lambda: revoke(session, place.deployment, locale, number, reason=reason, actor=identity.actor, now=now),
        partial(_draw, request, session, place, Statement("", "", "", "")),
    )
    return again or _lead_back(resources, place, _REVOKED)


def _lead_back(resources: ResourcesDep, place: Place, sentence: str) -> RedirectResponse:
    return lead_back(f"{place.path}/sign-off", resources.settings, sentence)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The certificate in one language: a title, facts with their labels, and what stands below."""

    interface: Interface
    title: str
    facts: tuple[tuple[str, str], ...]
    statement_label: str
    note: str


_TITLE = N_("Sign-off of a translation")
_LABELS = {
    "deployment": N_("Deployment"),
    "language": N_("Language"),
    "number": N_("Sign-off"),
    "name": N_("Signed by"),
    "role": N_("In the role of"),
    "organisation": N_("For"),
    "day": N_("Signed on"),
    "covered": N_("Texts covered"),
    "in_scope": N_("Texts to be translated then"),
    "sensitive": N_("Sensitive texts, approved by two persons"),
    "exceptions": N_("Texts approved by an exception"),
    "waived": N_("Findings of the checks set aside by a person"),
    "state": N_("How it stands today"),
    "digest": N_("Covers exactly this set"),
}
_STATEMENT = N_("Statement")
_NOTE = N_("It holds while every text that it covers stays approved as it was signed.")
_ERASED = N_("(erased)")


@router.get("/sign-offs/{number}/certificate")
def show_certificate(
    request: Request, session: SessionDep, identity: IdentityDep, slug: str, locale: str, number: int
) -> HTMLResponse:
    """Show the sheet to print, in English and in the language itself where the pages speak it."""
    place, voucher, sheets = _open_sheets(request, session, identity, slug, locale, number)
    context = {"place": place, "voucher": voucher, "sheets": sheets, "pdf": can_make_pdf(), "no_pdf": NO_PDF}
    return render(request, "bundles/certificate.html", context)


@router.get("/sign-offs/{number}/certificate.pdf", response_class=Response)
def send_certificate(
    request: Request, session: SessionDep, identity: IdentityDep, slug: str, locale: str, number: int
) -> Response:
    """Answer with the same sheets as a PDF, a page for each language.

    Raises:
        NotReady: the operator has not installed what makes PDFs.
    """
    place, voucher, sheets = _open_sheets(request, session, identity, slug, locale, number)
    html = render_document(
        request, "bundles/certificate_sheet.html", {"place": place, "voucher": voucher, "sheets": sheets}
    )
    name = f"{place.deployment.slug}-{locale}-sign-off-{number}.pdf"
    return answer_content(request, make_pdf(html), media_type="application/pdf", name=name)


def _open_sheets(
    request: Request, session: Session, identity: Identity, slug: str, locale: str, number: int
) -> tuple[Place, Voucher, list[Sheet]]:
    place = open_place(session, identity, slug, locale)
    voucher = get_voucher(session, place.deployment, locale, number)
    person = session.get(Person, voucher.sign_off.person_id)
    erased = person is not None and person.erased_at is not None
    interfaces = dict.fromkeys((ENGLISH, _own_language(place.target.tag) or interface_of(request)))
    return place, voucher, [_sheet(place, voucher, words_in(each), erased=erased) for each in interfaces]


def _own_language(tag: str) -> Interface | None:
    return LANGUAGES.get(tag) or LANGUAGES.get(tag.partition("-")[0])


def _sheet(place: Place, voucher: Voucher, words: Words, *, erased: bool) -> Sheet:
    row = voucher.sign_off
    counts: Mapping[str, int] = row.counts
    values = {
        "deployment": place.deployment.name,
        "language": f"{words.language(place.target)} ({place.target.native_name}, {place.locale})",
        "number": words.number(row.number),
        "name": words.gettext(_ERASED) if erased else row.name,
        "role": row.role,
        "organisation": row.organisation,
        "day": words.moment(row.created_at),
        "covered": words.number(len(voucher.covered)),
        "in_scope": words.number(counts["in_scope"]),
        "sensitive": words.number(counts["sensitive"]),
        "exceptions": words.number(counts["exceptions"]),
        "waived": words.number(counts["waived"]),
        "state": words.gettext(STATES[voucher.verdict.state][1]),
        "digest": row.digest,
    }
    return Sheet(
        interface=words.interface,
        title=words.gettext(_TITLE),
        facts=tuple((words.gettext(label), values[name]) for name, label in _LABELS.items()),
        statement_label=words.gettext(_STATEMENT),
        note=words.gettext(_NOTE),
    )
