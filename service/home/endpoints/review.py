"""Units with their texts, and decisions on them."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, File, Form, Query, Request, UploadFile

from service.auth.dependencies import IdentityDep
from service.auth.rules import Permission
from service.catalog.access import open_deployment
from service.catalog.models import ConflictResolution, DecisionKind, State
from service.catalog.queries import PAGE, UnitFilter, list_units
from service.deployments.service import find_locale
from service.errors import BadInput
from service.home.reading import read_uploaded_translations
from service.home.schemas import (
    BulkAnswer,
    BulkBody,
    ConflictBody,
    CorrectionBody,
    DecisionBody,
    ImportAnswer,
    InheritedAnswer,
    UnitAnswer,
    UnitsAnswer,
)
from service.home.sources import entry_data
from service.home.units import one_unit_answer, unit_answers
from service.review.service import deciding
from service.review.service.bulk import approve_all_passing
from service.review.service.inheriting import inherit_translations
from service.review.service.policies import import_translations
from service.web.resources import NowDep, SessionDep

router = APIRouter(prefix="/deployments/{slug}/locales/{locale}", tags=["review"])


@router.get("/units", summary="Units with their texts, page by page")
def list_page(
    request: Request,
    session: SessionDep,
    identity: IdentityDep,
    slug: str,
    locale: str,
    state: State | None = None,
    record: str = "",
    search: str = "",
    sensitive: bool | None = None,
    blocked: bool | None = None,
    conflict: bool | None = None,
    after: Annotated[int, Query(ge=-1, le=2**31 - 1)] = -1,
    limit: Annotated[int, Query(ge=1, le=PAGE)] = PAGE,
) -> UnitsAnswer:
    """Return units in scope in the order of the source; ``record`` is ``form/ID`` or ``lookup/ID``."""
    deployment = open_deployment(session, identity, slug, Permission.DEPLOYMENT_VIEW, locale, changing=False)
    assert deployment.id is not None
    wanted = UnitFilter(state, record, search, sensitive, blocked, conflict)
    rows = list_units(session, deployment.id, locale, wanted, after=after, limit=limit)
    following = None
    if len(rows) == limit:
        query = {name: value for name, value in request.query_params.items() if name != "after"}
        following = f"{request.url.path}?{urlencode({**query, 'after': rows[-1][0].position})}"
    return UnitsAnswer(units=unit_answers(session, rows, locale), next=following)


@router.get("/unit", summary="One unit with its text, findings and decisions")
def show_unit(session: SessionDep, identity: IdentityDep, slug: str, locale: str, key: str) -> UnitAnswer:
    """Return one unit, named by its canonical key."""
    deployment = open_deployment(session, identity, slug, Permission.DEPLOYMENT_VIEW, locale, changing=False)
    return one_unit_answer(session, deployment, locale, key)


@router.post("/decisions", summary="Approve, reject or reopen one text")
def decide(
    session: SessionDep, identity: IdentityDep, now: NowDep, slug: str, locale: str, body: DecisionBody
) -> UnitAnswer:
    """Decide on exactly the two texts whose hashes are given; on other ones the answer is 409 with both texts."""
    deployment = open_deployment(session, identity, slug, Permission.REVIEW_DECIDE, locale)
    pair = deciding.find_pair(session, deployment, locale, body.key)
    deciding.require_current(pair, source_hash=body.source_hash, target_hash=body.text_hash)
    if body.kind is DecisionKind.APPROVE:
        deciding.approve(
            session, deployment, pair, actor=identity.actor, comment=body.comment, with_warnings=body.with_warnings,
            now=now,
        )  # fmt: skip
    elif body.kind is DecisionKind.REJECT:
        if body.reason is None:
            raise BadInput("Name one of the reasons: meaning, tone, dialect, term, typo, safety.")
        deciding.reject(
            session, deployment, pair, actor=identity.actor, reason=body.reason, comment=body.comment, now=now
        )
    else:
        if body.reopens is None:
            raise BadInput("Name the decision to reopen by its id, in `reopens`.")
        deciding.reopen(
            session,
            deployment,
            pair,
            actor=identity.actor,
            decision_id=body.reopens,
            may_reopen_others=identity.may(Permission.BASELINE_ACCEPT, deployment.id, locale),
            comment=body.comment,
            now=now,
        )
    return one_unit_answer(session, deployment, locale, body.key)


@router.post("/corrections", summary="Write another text")
def correct(
    session: SessionDep, identity: IdentityDep, now: NowDep, slug: str, locale: str, body: CorrectionBody
) -> UnitAnswer:
    """Replace the text by one's own; it then waits for another person."""
    deployment = open_deployment(session, identity, slug, Permission.REVIEW_DECIDE, locale)
    pair = deciding.find_pair(session, deployment, locale, body.key)
    deciding.require_current(pair, source_hash=body.source_hash, target_hash=body.text_hash)
    deciding.correct(session, deployment, pair, actor=identity.actor, text=body.text, now=now)
    return one_unit_answer(session, deployment, locale, body.key)


@router.post("/conflicts", summary="Choose one side where both changed")
def resolve(
    session: SessionDep, identity: IdentityDep, now: NowDep, slug: str, locale: str, body: ConflictBody
) -> UnitAnswer:
    """End a conflict with our text or Transifex's; nothing is approved by that."""
    deployment = open_deployment(session, identity, slug, Permission.REVIEW_DECIDE, locale)
    pair = deciding.find_pair(session, deployment, locale, body.key)
    deciding.require_current(pair, source_hash=body.source_hash, target_hash=body.text_hash)
    keep = ConflictResolution(body.keep)
    deciding.resolve_conflict(
        session, deployment, pair, actor=identity.actor, keep=keep, their_hash=body.their_hash, now=now
    )
    return one_unit_answer(session, deployment, locale, body.key)


@router.post("/approvals", summary="Approve every waiting text that passes")
def approve_all(
    session: SessionDep, identity: IdentityDep, now: NowDep, slug: str, locale: str, body: BulkBody
) -> BulkAnswer:
    """Approve what is waiting, clean, not sensitive and not one's own."""
    deployment = open_deployment(session, identity, slug, Permission.REVIEW_DECIDE, locale)
    report = approve_all_passing(
        session,
        deployment,
        locale,
        with_warnings=body.with_warnings,
        reason=body.reason,
        actor=identity.actor,
        now=now,
    )
    return BulkAnswer(approved=report.approved, passed_over=dict(report.passed_over))


@router.post("/translations", summary="Import translations from a file")
def send_translations(
    session: SessionDep,
    identity: IdentityDep,
    now: NowDep,
    slug: str,
    locale: str,
    source: Annotated[UploadFile, File(description="YAML, PO, or a zip of either.")],
    replace_approved: Annotated[bool, Form()] = False,
) -> ImportAnswer:
    """Import texts; those that are approved or in conflict are listed and kept."""
    deployment = open_deployment(session, identity, slug, Permission.TRANSLATIONS_IMPORT, locale)
    language = find_locale(session, deployment, locale).transifex_language
    names = [locale, *([language] if language else [])]
    texts = read_uploaded_translations(source.file.read(), source.filename or "upload", names, deployment.source_locale)
    report = import_translations(
        session, deployment, locale, texts, replace_approved=replace_approved, actor=identity.actor, now=now
    )
    return ImportAnswer(**entry_data(report))


@router.post("/translations/inherit", summary="Fill a country variant from its parent's approved texts")
def inherit(session: SessionDep, identity: IdentityDep, now: NowDep, slug: str, locale: str) -> InheritedAnswer:
    """Fill the texts that ``ar-IQ`` lacks with what is approved in ``ar``, for reviewers in country to decide on."""
    deployment = open_deployment(session, identity, slug, Permission.TRANSLATIONS_IMPORT, locale)
    inherited = inherit_translations(session, deployment, locale, actor=identity.actor, now=now)
    return InheritedAnswer(parent=inherited.parent, **inherited.counts())
