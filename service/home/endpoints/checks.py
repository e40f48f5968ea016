"""Checks of a deployment: switches, findings, and what people say about them."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from sqlmodel import Session

from extractors.texts import text_hash
from service.auth.dependencies import IdentityDep
from service.auth.rules import Identity, Permission
from service.catalog.access import open_deployment
from service.checks.engine import WAIVABLE, Severity
from service.checks.models import StoredFinding
from service.checks.service.listing import PAGE, FindingFilter, count_by_check, list_by_check
from service.checks.service.rechecking import queue_recheck
from service.checks.service.source_report import SourceRow, report_source
from service.checks.service.switches import CheckStatus, choose, list_checks, may_be_off, switch_check
from service.deployments.models import Deployment
from service.deployments.service import find_locale
from service.home.check_schemas import (
    CheckAnswer,
    ChoiceBody,
    FindingCountAnswer,
    FindingsAnswer,
    PairBody,
    PlacedFinding,
    SayingBody,
    SourceRowAnswer,
    SwitchBody,
)
from service.home.endpoints.jobs import job_answer
from service.home.schemas import JobAnswer, UnitAnswer
from service.home.source_reporting import source_csv, source_data
from service.home.units import one_unit_answer, placed_data
from service.review.service import findings
from service.review.service.deciding import Pair
from service.web.paging import PageDep
from service.web.resources import NowDep, SessionDep

router = APIRouter(prefix="/deployments/{slug}", tags=["checks"])
_FINDING = "/locales/{locale}/findings/{finding_id}"


@router.get("/checks", summary="The checks, and where they are off")
def list_all(session: SessionDep, identity: IdentityDep, page: PageDep, slug: str) -> list[CheckAnswer]:
    """Return every check in the order of the catalogue."""
    deployment = open_deployment(session, identity, slug, Permission.DEPLOYMENT_VIEW, changing=False)
    found = page.cut(list_checks(session, deployment), lambda each: each.check.id)
    return [_check_answer(status) for status in found]


@router.post("/checks", summary="Switch a check off or on")
def switch(session: SessionDep, identity: IdentityDep, now: NowDep, slug: str, body: SwitchBody) -> CheckAnswer:
    """Switch one check, and have the texts checked again by a job."""
    deployment = open_deployment(session, identity, slug, Permission.CHECKS_MANAGE, body.locale)
    switch_check(
        session, deployment, body.check, on=body.on, locale=body.locale, reason=body.reason,
        actor=identity.actor, now=now,
    )  # fmt: skip
    return next(_check_answer(row) for row in list_checks(session, deployment) if row.check.id == body.check)


@router.post("/checks/choices", summary="Choose how a check looks at texts")
def make_choice(session: SessionDep, identity: IdentityDep, now: NowDep, slug: str, body: ChoiceBody) -> CheckAnswer:
    """Choose digits, allowed direction controls or lengths, and have the texts checked again by a job."""
    deployment = open_deployment(session, identity, slug, Permission.CHECKS_MANAGE, body.locale)
    choose(
        session, deployment, body.check, body.value, locale=body.locale, reason=body.reason,
        actor=identity.actor, now=now,
    )  # fmt: skip
    return next(_check_answer(row) for row in list_checks(session, deployment) if row.check.id == body.check)


def _check_answer(status: CheckStatus) -> CheckAnswer:
    return CheckAnswer(
        check=status.check.id,
        sentence=status.check.sentence,
        severity=status.check.severity.value,
        may_be_off=may_be_off(status.check),
        waivable=status.check.id in WAIVABLE,
        off=status.off,
        locales=status.locales,
        reason=status.reason,
        chosen=status.chosen,
    )


@router.post("/recheck", status_code=202, summary="Check again what was checked with something else")
def start_recheck(session: SessionDep, identity: IdentityDep, now: NowDep, slug: str) -> JobAnswer:
    """Queue a job; it is also queued by itself when checks, switches, the glossary or the wording change."""
    deployment = open_deployment(session, identity, slug, Permission.CHECKS_MANAGE)
    return job_answer(queue_recheck(session, deployment.id or 0, person_id=identity.person_id, now=now))


@router.get("/findings", summary="Findings, counted and page by page")
def list_findings(
    request: Request,
    session: SessionDep,
    identity: IdentityDep,
    slug: str,
    check: str | None = None,
    locale: str | None = None,
    severity: Severity | None = None,
    dismissed: bool | None = None,
    after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
    limit: Annotated[int, Query(ge=1, le=PAGE)] = PAGE,
) -> FindingsAnswer:
    """Return how many findings each check has in each locale, and one page of them."""
    deployment = open_deployment(session, identity, slug, Permission.DEPLOYMENT_VIEW, changing=False)
    assert deployment.id is not None
    if locale is not None:
        find_locale(session, deployment, locale)
    wanted = FindingFilter(check, locale, severity, dismissed)
    rows = list_by_check(session, deployment.id, wanted, after=after, limit=limit)
    following = None
    if len(rows) == limit:
        query = {name: value for name, value in request.query_params.items() if name != "after"}
        following = f"{request.url.path}?{urlencode({**query, 'after': rows[-1][0].id})}"
    return FindingsAnswer(
        counts=[
            FindingCountAnswer(
                check=row.check, locale=row.locale, severity=row.severity, number=row.number, dismissed=row.dismissed
            )
            for row in count_by_check(session, deployment.id, wanted)
        ],
        findings=[PlacedFinding(**placed_data(*row)) for row in rows],
        next=following,
    )


@router.get("/source-report", summary="What is wrong with the source texts")
def report_on_source(
    session: SessionDep, identity: IdentityDep, page: PageDep, now: NowDep, slug: str
) -> list[SourceRowAnswer]:
    """Return what whoever keeps the configuration should know of its texts; what Primero refuses comes first."""
    deployment = open_deployment(session, identity, slug, Permission.DEPLOYMENT_VIEW, changing=False)
    found = page.cut(report_source(session, deployment, now=now), _name_of)
    return [SourceRowAnswer(**source_data(row)) for row in found]


def _name_of(row: SourceRow) -> str:
    return text_hash(f"{row.check} {row.start} {row.end} {row.keys[0]} {row.message}")[:16]


@router.get("/source-report/file", summary="The same as CSV", response_class=Response)
def download_source_report(session: SessionDep, identity: IdentityDep, now: NowDep, slug: str) -> Response:
    """Return the report as a file for a spreadsheet."""
    deployment = open_deployment(session, identity, slug, Permission.DEPLOYMENT_VIEW, changing=False)
    return Response(
        source_csv(report_source(session, deployment, now=now)),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="source-{slug}.csv"'},
    )


@router.post(f"{_FINDING}/dismissal", summary="Dismiss a finding that does not block")
def dismiss(
    session: SessionDep, identity: IdentityDep, now: NowDep, slug: str, locale: str, finding_id: int, body: SayingBody
) -> UnitAnswer:
    """Say that a warning or a note is none on exactly these two texts; it lasts while both do."""
    deployment, pair, finding = _open(
        session, identity, slug, locale, finding_id, Permission.REVIEW_DECIDE, (body.source_hash, body.text_hash)
    )
    findings.dismiss(session, deployment, pair, finding, actor=identity.actor, reason=body.reason, now=now)
    return one_unit_answer(session, deployment, locale, pair.unit.key)


@router.delete(f"{_FINDING}/dismissal", summary="Take a dismissal back")
def take_back_dismissal(
    session: SessionDep, identity: IdentityDep, now: NowDep, slug: str, locale: str, finding_id: int
) -> UnitAnswer:
    """Let the finding count again."""
    return _take_back(session, identity, now, slug, locale, finding_id, Permission.REVIEW_DECIDE)


@router.post(f"{_FINDING}/waiver", summary="Waive a blocking finding")
def waive(
    session: SessionDep, identity: IdentityDep, now: NowDep, slug: str, locale: str, finding_id: int, body: SayingBody
) -> UnitAnswer:
    """Let exactly these two texts pass with it. Whoever waives cannot also approve."""
    deployment, pair, finding = _open(
        session, identity, slug, locale, finding_id, Permission.CHECKS_MANAGE, (body.source_hash, body.text_hash)
    )
    findings.waive(session, deployment, pair, finding, actor=identity.actor, reason=body.reason, now=now)
    return one_unit_answer(session, deployment, locale, pair.unit.key)


@router.delete(f"{_FINDING}/waiver", summary="Take a waiver back")
def take_back_waiver(
    session: SessionDep, identity: IdentityDep, now: NowDep, slug: str, locale: str, finding_id: int
) -> UnitAnswer:
    """Let the finding block again."""
    return _take_back(session, identity, now, slug, locale, finding_id, Permission.CHECKS_MANAGE)


@router.post(f"{_FINDING}/fix", summary="Put a finding's replacement in")
def fix(
    session: SessionDep, identity: IdentityDep, now: NowDep, slug: str, locale: str, finding_id: int, body: PairBody
) -> UnitAnswer:
    """Correct the text by the finding's own replacement; it then waits for another person."""
    deployment, pair, finding = _open(
        session, identity, slug, locale, finding_id, Permission.REVIEW_DECIDE, (body.source_hash, body.text_hash)
    )
    findings.fix(session, deployment, pair, finding, actor=identity.actor, now=now)
    return one_unit_answer(session, deployment, locale, pair.unit.key)


def _take_back(
    session: Session, identity: Identity, now: NowDep, slug: str, locale: str, finding_id: int, permission: Permission
) -> UnitAnswer:
    deployment, pair, finding = _open(session, identity, slug, locale, finding_id, permission, None)
    findings.require_kind(finding, blocking=permission is Permission.CHECKS_MANAGE)
    findings.withdraw(session, deployment, pair, finding, actor=identity.actor, now=now)
    return one_unit_answer(session, deployment, locale, pair.unit.key)


def _open(
    session: Session,
    identity: Identity,
    slug: str,
    locale: str,
    finding_id: int,
    permission: Permission,
    pair_hashes: tuple[str, str] | None,
) -> tuple[Deployment, Pair, StoredFinding]:
    deployment = open_deployment(session, identity, slug, permission, locale)
    find_locale(session, deployment, locale)
    return deployment, *findings.find_finding(session, deployment, locale, finding_id, pair_hashes=pair_hashes)
