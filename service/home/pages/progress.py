"""The pages of progress: a deployment, one of its languages, a sheet for partners, and the same as files."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse
from sqlmodel import Session
from starlette.responses import Response

from service.auth.dependencies import FormIdentityDep, IdentityDep
from service.auth.rules import Identity, Permission
from service.catalog.access import open_deployment
from service.catalog.queries import LocaleCounts, count_records
from service.catalog.service.snapshots import find_current_snapshots
from service.checks.locales import LocaleInfo, get_locale
from service.deployments.models import Deployment
from service.errors import BadInput
from service.home.deadlines import change_deadline
from service.home.pages.telling import say_forecast, say_limit, say_need
from service.home.pages.wording import say_age
from service.home.progress import YEAR, LanguageProgress, describe_languages, list_needs
from service.home.progress_files import FileFormat, Table, TableFile, language_file, languages_file
from service.progress.drawing import Activity, BurnUp, draw_activity, draw_burn_up
from service.progress.rules.history import Span, last_weeks
from service.progress.rules.needs import is_at_risk
from service.review.queries import record_names
from service.review.service.inheriting import find_parent, inherit_translations
from service.sync.queries import find_last_runs
from service.web.languages import N_, Nn_, Words, interface_of, words_of
from service.web.resources import NowDep, ResourcesDep, SessionDep
from service.web.templating import lead_back, render

router = APIRouter(include_in_schema=False, prefix="/deployments/{slug}")

_FILLED = Nn_(
    "%(num)s text was filled in and waits for a reviewer.", "%(num)s texts were filled in and wait for a reviewer."
)
_CHARTED = 182
_WEEKS = 12
_LANGUAGE = "/locales/{locale}/progress"


@dataclass(frozen=True, slots=True)
class LanguageRow:
    """One language of the table: its numbers, and its forecast in words."""

    info: LocaleInfo
    progress: LanguageProgress
    forecast: str
    limit: str
    at_risk: bool

    @property
    def counts(self) -> LocaleCounts:
        """Return how it stands."""
        return self.progress.counts


def _row(language: LanguageProgress, words: Words, today: date) -> LanguageRow:
    deadline = language.deadline
    left = language.counts.total > language.counts.approved
    return LanguageRow(
        info=get_locale(language.locale),
        progress=language,
        forecast=say_forecast(language.forecast, words),
        limit=say_limit(language.forecast, words),
        at_risk=deadline is not None
        and left
        and (deadline.day < today or is_at_risk(language.forecast, deadline.day, today)),
    )


@router.get("")
def show_deployment(
    request: Request, session: SessionDep, identity: IdentityDep, now: NowDep, slug: str
) -> HTMLResponse:
    """Show where the languages of a deployment stand, and what needs someone."""
    deployment = open_deployment(session, identity, slug, Permission.DEPLOYMENT_VIEW, changing=False)
    assert deployment.id is not None
    words = words_of(request)
    languages = describe_languages(session, deployment, now=now)
    snapshot = find_current_snapshots(session, [deployment.id]).get(deployment.id)
    run = find_last_runs(session, [deployment.id]).get(deployment.id)
    context = {
        "deployment": deployment,
        "rows": [_row(language, words, now.date()) for language in languages],
        "needs": [say_need(need, slug, words) for need in list_needs(session, deployment, languages, today=now.date())],
        "source_age": say_age(snapshot.imported_at, now, words) if snapshot else None,
        "run": run,
        "run_age": say_age(run.ended_at or run.started_at, now, words) if run else None,
        "may_tell": identity.may(Permission.DEPLOYMENT_MANAGE, deployment.id),
        "may_bring": identity.may(Permission.VOLUNTEERS_MANAGE, deployment.id),
        "may_see_questions": identity.may_somewhere(Permission.QUESTION_ANSWER, deployment.id),
    }
    return render(request, "home/deployment.html", context)


@dataclass(frozen=True, slots=True)
class Charts:
    """What is drawn of one language, each with the numbers for the table beside it."""

    burn_up: BurnUp | None
    activity: Activity | None
    months: tuple[Span, Span] | None


def _charts(language: LanguageProgress, *, from_right: bool) -> Charts:
    return Charts(
        draw_burn_up(language.days[-_CHARTED:], from_right=from_right),
        draw_activity(last_weeks(language.days, _WEEKS), from_right=from_right),
        language.months,
    )


@router.get(_LANGUAGE)
def show_language(
    request: Request, session: SessionDep, identity: IdentityDep, now: NowDep, slug: str, locale: str
) -> HTMLResponse:
    """Show one language: its numbers, charts, forms and deadline."""
    deployment, language = _open_language(session, identity, slug, locale, _CHARTED, now)
    assert deployment.id is not None
    words = words_of(request)
    records = count_records(session, deployment.id, locale)
    context = {
        "deployment": deployment,
        "row": _row(language, words, now.date()),
        "charts": _charts(language, from_right=interface_of(request).direction == "rtl"),
        "records": sorted(records.items(), key=lambda item: (item[1].total == item[1].approved, item[0])),
        "names": record_names(session, deployment.id, list(records)),
        "today": now.date(),
        "parent": _parent(session, deployment, locale, identity),
        "may_manage": deployment.archived_at is None and identity.may(Permission.DEPLOYMENT_MANAGE, deployment.id),
    }
    return render(request, "home/language.html", context)


def _open_language(
    session: Session, identity: Identity, slug: str, locale: str, days: int, now: datetime
) -> tuple[Deployment, LanguageProgress]:
    deployment = open_deployment(session, identity, slug, Permission.DEPLOYMENT_VIEW, locale, changing=False)
    (language,) = describe_languages(session, deployment, now=now, locales=[locale], days=days)
    return deployment, language


def _parent(session: Session, deployment: Deployment, locale: str, identity: Identity) -> LocaleInfo | None:
    """Return the language that this one can be filled from by whoever looks; None where there is none."""
    if deployment.archived_at is not None or not identity.may(Permission.TRANSLATIONS_IMPORT, deployment.id, locale):
        return None
    parent = find_parent(session, deployment, locale)
    return get_locale(parent) if parent else None


@router.post("/locales/{locale}/inherit")
def fill_from_parent(
    session: SessionDep,
    identity: FormIdentityDep,
    resources: ResourcesDep,
    now: NowDep,
    slug: str,
    locale: str,
) -> Response:
    """Fill a country variant from what is approved in its parent."""
    deployment = open_deployment(session, identity, slug, Permission.TRANSLATIONS_IMPORT, locale)
    inherited = inherit_translations(session, deployment, locale, actor=identity.actor, now=now)
    return lead_back(
        f"/deployments/{slug}/locales/{locale}/progress",
        resources.settings,
        _FILLED,
        inherited.filled + inherited.renewed,
    )


@router.post("/locales/{locale}/deadline")
def send_deadline(
    session: SessionDep,
    identity: FormIdentityDep,
    resources: ResourcesDep,
    now: NowDep,
    slug: str,
    locale: str,
    day: Annotated[str, Form()] = "",
    note: Annotated[str, Form()] = "",
    drop: Annotated[bool, Form()] = False,
) -> Response:
    """Set the deadline of a language, or take it away."""
    deployment = open_deployment(session, identity, slug, Permission.DEPLOYMENT_MANAGE, locale)
    change_deadline(
        session, deployment, locale, None if drop else _day(day), note=note, actor=identity.actor, now=now,
        public_url=resources.settings.public_url,
    )  # fmt: skip
    said = N_("The deadline is taken away.") if drop else N_("The deadline is set.")
    return lead_back(f"/deployments/{slug}/locales/{locale}/progress", resources.settings, said)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise BadInput(f"{text[:40]!r} is no day: write it as 2026-06-30.") from error


@router.get("/status")
def show_sheet(request: Request, session: SessionDep, identity: IdentityDep, now: NowDep, slug: str) -> HTMLResponse:
    """Show one page for partners, to be printed: where each language stands and when it may be done."""
    deployment = open_deployment(session, identity, slug, Permission.DEPLOYMENT_VIEW, changing=False)
    words = words_of(request)
    languages = describe_languages(session, deployment, now=now)
    rows: Sequence[LanguageRow] = [_row(language, words, now.date()) for language in languages]
    total = languages[0].counts if languages else LocaleCounts()
    return render(
        request, "home/sheet.html", {"deployment": deployment, "rows": rows, "total": total, "today": now.date()}
    )


@router.get("/progress/file")
def send_languages(
    session: SessionDep, identity: IdentityDep, now: NowDep, slug: str, kind: FileFormat = FileFormat.CSV
) -> Response:
    """Send the languages of a deployment as a file."""
    deployment = open_deployment(session, identity, slug, Permission.DEPLOYMENT_VIEW, changing=False)
    languages = describe_languages(session, deployment, now=now)
    return _send(languages_file(deployment, languages, kind, today=now.date()))


@router.get(f"{_LANGUAGE}/file")
def send_language(
    session: SessionDep,
    identity: IdentityDep,
    now: NowDep,
    slug: str,
    locale: str,
    kind: FileFormat = FileFormat.CSV,
    what: Table = Table.FORMS,
) -> Response:
    """Send the forms or the days of a language as a file."""
    deployment, language = _open_language(session, identity, slug, locale, YEAR, now)
    return _send(language_file(session, deployment, language, what, kind, today=now.date()))


def _send(file: TableFile) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"'}
    return Response(file.data, media_type=file.media_type, headers=headers)
