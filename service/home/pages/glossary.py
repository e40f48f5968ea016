"""The glossary of a language on a page: its terms, one to be changed, and the file that brings many."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from service.auth.dependencies import FormIdentityDep, IdentityDep
from service.auth.rules import Identity, Permission
from service.catalog.access import open_deployment
from service.checks.locales import get_locale
from service.checks.models import GlossaryEntry
from service.checks.rules import GlossaryTerm
from service.checks.service import glossary
from service.checks.service.conditions import list_terms
from service.checks.service.glossary import RowAnswer
from service.deployments.models import Deployment
from service.errors import BadInput, NotFound, Outdated
from service.home.pages.terms import cut_page, has_form
from service.web.languages import N_
from service.web.resources import NowDep, ResourcesDep, SessionDep
from service.web.spreadsheets import CSV_TYPE
from service.web.templating import lead_back, render

router = APIRouter(prefix="/deployments/{slug}/locales/{locale}/glossary", include_in_schema=False)

TROUBLES = (
    N_("There is no term."),
    N_("Name a form that is accepted, or one that is forbidden."),
    N_("There are more than 40 forms."),
    N_("The term and each form need a letter, and have at most 200 characters."),
    N_("Say why these forms are forbidden: the reason is shown with each finding."),
    N_("A reason has at most 1,000 characters, an owner 100."),
    N_("The term stands in an earlier row already."),
)
"""What the rules say of a term that is none, for the catalogs of the pages."""
OUTCOMES = {
    "added": N_("added"),
    "changed": N_("changed"),
    "unchanged": N_("unchanged"),
    "refused": N_("refused"),
}
_SAVED = {
    "added": N_("The term is added. The texts are being checked again."),
    "changed": N_("The term is changed. The texts are being checked again."),
    "unchanged": N_("The term was so already: nothing changed."),
}


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the form: a term with each form on a line of its own, and the version that it was made from."""

    term: str = ""
    inflections: str = ""
    accepted: str = ""
    forbidden: str = ""
    reason: str = ""
    owner: str = ""
    seen: int = 0

    @classmethod
    def of(cls, row: GlossaryEntry) -> "Typed":
        """Return the stored term as the form shows it."""
        return cls(
            row.term, "\n".join(row.inflections), "\n".join(row.accepted), "\n".join(row.forbidden), row.reason,
            row.owner, row.version,
        )  # fmt: skip

    def as_term(self) -> GlossaryTerm:
        """Return the term as the rules see it, not looked at yet."""
        inflections, accepted, forbidden = (
            tuple(forms.splitlines()) for forms in (self.inflections, self.accepted, self.forbidden)
        )
        return GlossaryTerm(self.term, inflections, accepted, forbidden, self.reason, self.owner)


@dataclass(frozen=True, slots=True)
class Shown:
    """What one look at the page shows beside the terms.

    ``editing``: the term in the form is one of the glossary. ``theirs``: what somebody else made of it meanwhile.
    """

    search: str = ""
    page: int = 1
    typed: Typed = Typed()
    editing: bool = False
    versions: Sequence[GlossaryEntry] = ()
    theirs: GlossaryEntry | None = None
    error: str = ""
    rows: Sequence[RowAnswer] | None = None
    dry_run: bool = True
    file_error: str = ""


@router.get("")
def show_glossary(
    request: Request,
    session: SessionDep,
    identity: IdentityDep,
    slug: str,
    locale: str,
    search: str = "",
    page: int = 1,
    term: str = "",
) -> HTMLResponse:
    """Show the terms, those with ``search`` in any form alone; ``term`` is the one that stands in the form."""
    deployment = open_deployment(session, identity, slug, Permission.DEPLOYMENT_VIEW, locale, changing=False)
    shown = Shown(search=search[:200], page=max(page, 1))
    if term:
        versions = glossary.list_versions(session, deployment.id or 0, locale, term)
        if not versions or versions[-1].removed:
            raise NotFound(f"The glossary of {slug!r} has no term {term[:200]!r} in {locale}.")
        shown = Shown(search, max(page, 1), Typed.of(versions[-1]), editing=True, versions=versions[-2::-1])
    return _show(request, session, identity, deployment, locale, shown)


@router.post("")
def save_term(
    request: Request,
    session: SessionDep,
    identity: FormIdentityDep,
    now: NowDep,
    resources: ResourcesDep,
    slug: str,
    locale: str,
    term: Annotated[str, Form()] = "",
    inflections: Annotated[str, Form()] = "",
    accepted: Annotated[str, Form()] = "",
    forbidden: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
    owner: Annotated[str, Form()] = "",
    seen: Annotated[int, Form()] = 0,
    remove: Annotated[bool, Form()] = False,
) -> Response:
    """Add, change or take out a term; what was typed stays where it cannot be taken, beside what another made of it."""
    deployment = open_deployment(session, identity, slug, Permission.CHECKS_MANAGE, locale)
    typed = Typed(term, inflections, accepted, forbidden, reason, owner, seen)
    try:
        if remove:
            glossary.remove_term(session, deployment, locale, term, actor=identity.actor, now=now, seen=seen)
            sentence = N_("The term is taken out; its versions are kept. The texts are being checked again.")
        else:
            actor = identity.actor
            outcome = glossary.write_term(session, deployment, locale, typed.as_term(), actor=actor, now=now, seen=seen)
            sentence = _SAVED[outcome]
    except BadInput as fault:
        shown = Shown(typed=typed, editing=seen > 0, error=fault.message)
        return _show(request, session, identity, deployment, locale, shown, status=422)
    except Outdated as fault:
        versions = glossary.list_versions(session, deployment.id or 0, locale, term)
        theirs = versions[-1] if versions else None
        version = theirs.version if theirs and not theirs.removed else 0
        mine = Typed(term, inflections, accepted, forbidden, reason, owner, version)
        shown = Shown(typed=mine, editing=version > 0, theirs=theirs, error=fault.message)
        return _show(request, session, identity, deployment, locale, shown, status=409)
    return lead_back(f"{_path(slug, locale)}", resources.settings, sentence)


@router.get("/file")
def download(session: SessionDep, identity: IdentityDep, slug: str, locale: str) -> Response:
    """Send the terms as a file for a spreadsheet."""
    deployment = open_deployment(session, identity, slug, Permission.DEPLOYMENT_VIEW, locale, changing=False)
    headers = {"Content-Disposition": f'attachment; filename="glossary-{slug}-{locale}.csv"'}
    return Response(glossary.export_terms(session, deployment, locale), media_type=CSV_TYPE, headers=headers)


@router.post("/file")
def send_file(
    request: Request,
    session: SessionDep,
    identity: FormIdentityDep,
    now: NowDep,
    slug: str,
    locale: str,
    source: Annotated[UploadFile | None, File()] = None,
    really: Annotated[bool, Form()] = False,
    seen: Annotated[int | None, Form()] = None,
) -> Response:
    """Say what each row of a file would do; do it where that was ticked and nothing changed since the look."""
    deployment = open_deployment(session, identity, slug, Permission.CHECKS_MANAGE, locale)
    data = source.file.read() if source is not None else b""
    error, status, dry_run = "", 200, not really
    try:
        rows = glossary.import_terms(
            session, deployment, locale, data, dry_run=dry_run, actor=identity.actor, now=now, seen=seen
        )
    except Outdated as fault:
        error, status, dry_run = fault.message, 409, True
        rows = glossary.import_terms(session, deployment, locale, data, dry_run=True, actor=identity.actor, now=now)
    except BadInput as fault:
        return _show(request, session, identity, deployment, locale, Shown(file_error=fault.message), status=422)
    shown = Shown(rows=rows, dry_run=dry_run, file_error=error)
    return _show(request, session, identity, deployment, locale, shown, status=status)


def _path(slug: str, locale: str) -> str:
    return f"/deployments/{quote(slug)}/locales/{quote(locale)}/glossary"


def _show(
    request: Request,
    session: Session,
    identity: Identity,
    deployment: Deployment,
    locale: str,
    shown: Shown,
    *,
    status: int = 200,
) -> HTMLResponse:
    assert deployment.id is not None
    rows = list_terms(session, deployment.id, locale)
    found = [row for row in rows if has_form(shown.search, (row.term, *row.inflections, *row.accepted, *row.forbidden))]
    cut = cut_page(found, _path(deployment.slug, locale), shown.search, shown.page)
    archived = deployment.archived_at is not None
    context = {
        "deployment": deployment,
        "info": get_locale(locale),
        "source": get_locale(deployment.source_locale),
        "total": len(rows),
        "found": len(found),
        "terms": cut.rows,
        "before": cut.before,
        "behind": cut.behind,
        "shown": shown,
        "last_change": glossary.last_change(session, deployment.id, locale),
        "outcomes": OUTCOMES,
        "counts": [(word, sum(row.outcome == name for row in shown.rows or ())) for name, word in OUTCOMES.items()],
        "say": _as_sentence,
        "may_change": identity.may(Permission.CHECKS_MANAGE, deployment.id, locale) and not archived,
    }
    return render(request, "home/glossary.html", context, status=status)


def _as_sentence(why: str) -> str:
    return f"{why[:1].upper()}{why[1:]}." if why else ""
