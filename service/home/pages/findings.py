"""What the checks find in a deployment, in its translations and in the source texts themselves."""

from collections import defaultdict
from dataclasses import dataclass, field

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from service.auth.dependencies import IdentityDep
from service.auth.rules import Permission
from service.catalog.access import open_deployment
from service.checks.engine import CHECKS, Check, Severity
from service.checks.locales import get_locale
from service.checks.service.listing import FindingFilter, count_by_check
from service.checks.service.source_report import SourceRow, report_source
from service.checks.source_lint import SOURCE_CHECKS
from service.deployments.service import list_locales
from service.home.source_reporting import source_csv
from service.web.resources import NowDep, SessionDep
from service.web.templating import render

router = APIRouter(include_in_schema=False)

_MOST_SHOWN = 100
"""Texts of one kind on the page; the file has all."""


@dataclass(slots=True)
class CheckRow:
    """One check with a finding: in how many texts of each locale one is open, and how many were dismissed."""

    check: Check
    severity: Severity
    texts: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    dismissed: int = 0


@router.get("/deployments/{slug}/findings")
def show_findings(request: Request, session: SessionDep, identity: IdentityDep, slug: str) -> HTMLResponse:
    """Show the findings of a deployment, what blocks first."""
    deployment = open_deployment(session, identity, slug, Permission.DEPLOYMENT_VIEW, changing=False)
    assert deployment.id is not None
    checks = {check.id: (place, check) for place, check in enumerate(CHECKS)}
    rows: dict[tuple[int, int], CheckRow] = {}
    ranks = {severity: rank for rank, severity in enumerate(Severity)}
    for count in count_by_check(session, deployment.id, FindingFilter()):
        if count.check not in checks:
            # Found by an earlier version; the job that checks again will take it away.
            continue
        place, check = checks[count.check]
        severity = Severity(count.severity)
        row = rows.setdefault((ranks[severity], place), CheckRow(check, severity))
        row.texts[count.locale] += count.open_texts
        row.dismissed += count.dismissed
    locales = [row.locale for row in list_locales(session, deployment)]
    context = {
        "deployment": deployment,
        "languages": [get_locale(locale) for locale in locales],
        "rows": [row for _, row in sorted(rows.items(), key=lambda item: item[0])],
    }
    return render(request, "home/findings.html", context)


@router.get("/deployments/{slug}/source-report")
def show_source_report(
    request: Request, session: SessionDep, identity: IdentityDep, now: NowDep, slug: str
) -> HTMLResponse:
    """Show what is to be said of the source texts, what Primero refuses first, each kind with its texts."""
    deployment = open_deployment(session, identity, slug, Permission.DEPLOYMENT_VIEW, changing=False)
    rows = report_source(session, deployment, now=now)
    kinds: dict[str, list[SourceRow]] = {}
    for row in rows:
        kinds.setdefault(row.check, []).append(row)
    sentences = {check.id: check.sentence for check in SOURCE_CHECKS}
    source = get_locale(deployment.source_locale)
    context = {
        "deployment": deployment, "source": source, "kinds": kinds, "sentences": sentences, "most": _MOST_SHOWN,
    }  # fmt: skip
    return render(request, "home/source_report.html", context)


@router.get("/deployments/{slug}/source-report.csv")
def download_source_report(session: SessionDep, identity: IdentityDep, now: NowDep, slug: str) -> Response:
    """Send all of the report as a file for a spreadsheet."""
    deployment = open_deployment(session, identity, slug, Permission.DEPLOYMENT_VIEW, changing=False)
    return Response(
        source_csv(report_source(session, deployment, now=now)),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="source-{slug}.csv"'},
    )
