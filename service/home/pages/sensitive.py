"""The words that make texts sensitive, on a page: what is shipped, what was changed, and what a change would do."""

from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from service.auth.dependencies import FormIdentityDep, IdentityDep
from service.auth.rules import Identity, Permission
from service.catalog.access import open_deployment
from service.catalog.rules.wording import WordingChange, WordingTerm, term_key
from service.catalog.service import wording
from service.catalog.service.wording import WordingEffect
from service.catalog.service.wording_terms import list_wording_rules, load_pack, load_wording
from service.checks.locales import get_locale
from service.checks.service.rechecking import queue_recheck
from service.deployments.models import Deployment
from service.errors import BadInput, NotFound, Outdated
from service.home.pages.terms import cut_page, has_form
from service.home.words import describe_wording
from service.web.languages import N_
from service.web.resources import NowDep, ResourcesDep, SessionDep
from service.web.templating import lead_back, render

router = APIRouter(prefix="/deployments/{slug}/wording", include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the form: a term, each form on a line of its own, and the change of it that was last seen.

    ``off``: the term is to make no text sensitive any more.
    """

    term: str = ""
    forms: str = ""
    exceptions: str = ""
    reason: str = ""
    seen: int = 0
    off: bool = False

    def as_change(self) -> WordingChange:
        """Return the change that was typed.

        Raises:
            BadInput: it is none; the message says why.
        """
        lists = ([line for line in text.splitlines() if line.strip()] for text in (self.forms, self.exceptions))
        clean = wording.clean_term(self.term, *lists)
        if not self.reason.strip():
            raise BadInput("Say why: it is shown to reviewers and kept.")
        return WordingChange(replace(clean, reason=self.reason.strip()), added=not self.off)


@dataclass(frozen=True, slots=True)
class Shown:
    """What one look at the page shows beside the terms.

    ``editing``: the term in the form is a known one. ``effect``: what saving would do. ``theirs``: somebody changed
    the term meanwhile, and this is in force now; None where it makes nothing sensitive.
    """

    typed: Typed = Typed()
    editing: bool = False
    effect: WordingEffect | None = None
    outdated: bool = False
    theirs: WordingTerm | None = None
    error: str = ""
    in_force: bool = True
    search: str = ""
    page: int = 1


@router.get("")
def show_wording(
    request: Request,
    session: SessionDep,
    identity: IdentityDep,
    slug: str,
    term: str = "",
    off: bool = False,
    search: str = "",
    page: int = 1,
) -> HTMLResponse:
    """Show the sensitive terms, those with ``search`` in a form alone.

    ``term`` is the one that stands in the form, with ``off`` to be switched off.
    """
    deployment = open_deployment(session, identity, slug, Permission.DEPLOYMENT_VIEW, changing=False)
    shown = Shown(search=search[:200], page=page)
    if term:
        now = _find(session, deployment, term)
        known = now or _shipped(term)
        if known is None:
            raise NotFound(f"{term[:200]!r} is not among the sensitive terms of {slug!r}.")
        shown = replace(
            shown, typed=_typed(session, deployment, known, off=off), editing=True, in_force=now is not None
        )
    return _show(request, session, identity, deployment, shown)


@router.post("")
def save_wording(
    request: Request,
    session: SessionDep,
    identity: FormIdentityDep,
    now: NowDep,
    resources: ResourcesDep,
    slug: str,
    term: Annotated[str, Form()] = "",
    forms: Annotated[str, Form()] = "",
    exceptions: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
    seen: Annotated[int, Form()] = 0,
    off: Annotated[bool, Form()] = False,
    really: Annotated[bool, Form()] = False,
) -> Response:
    """Say how many texts a change would make sensitive or free; with ``really`` make it."""
    deployment = open_deployment(session, identity, slug, Permission.CHECKS_MANAGE)
    assert deployment.id is not None
    typed = Typed(term, forms, exceptions, reason, seen, off)
    editing = seen > 0 or _find(session, deployment, term) is not None
    try:
        change = typed.as_change()
        if not really:
            if seen != wording.last_change(session, deployment.id, term):
                raise Outdated("Somebody changed this term meanwhile: nothing was overwritten.")
            effect = wording.preview_change(session, deployment, change)
            return _show(request, session, identity, deployment, Shown(typed, editing, effect))
        effect = _make(session, identity, deployment, change, now, seen)
    except BadInput as fault:
        return _show(request, session, identity, deployment, Shown(typed, editing, error=fault.message), status=422)
    except Outdated as fault:
        mine = replace(typed, seen=wording.last_change(session, deployment.id, term))
        shown = Shown(mine, editing, None, outdated=True, theirs=_find(session, deployment, term), error=fault.message)
        return _show(request, session, identity, deployment, shown, status=409)
    return lead_back(
        f"/deployments/{slug}/wording",
        resources.settings,
        N_("The term is switched off.") if off else N_("The term is saved."),
    )


def _make(
    session: Session, identity: Identity, deployment: Deployment, change: WordingChange, now: NowDep, seen: int
) -> WordingEffect:
    term = change.term
    if change.added:
        effect = wording.add_term(
            session, deployment, term=term.term, forms=term.forms, exceptions=term.exceptions, reason=term.reason,
            actor=identity.actor, now=now, seen=seen,
        )  # fmt: skip
    else:
        effect = wording.remove_term(
            session, deployment, term=term.term, reason=term.reason, actor=identity.actor, now=now, seen=seen
        )
    queue_recheck(session, deployment.id or 0, person_id=identity.person_id, now=now)
    return effect


def _find(session: Session, deployment: Deployment, term: str) -> WordingTerm | None:
    return _named(load_wording(session, deployment.id or 0).terms, term)


def _shipped(term: str) -> WordingTerm | None:
    return _named(load_pack().terms, term)


def _named(terms: tuple[WordingTerm, ...], term: str) -> WordingTerm | None:
    return next((each for each in terms if term_key(each.term) == term_key(term)), None)


def _typed(session: Session, deployment: Deployment, known: WordingTerm, *, off: bool) -> Typed:
    forms = [form for form in known.forms if form != known.term]
    seen = wording.last_change(session, deployment.id or 0, known.term)
    reason = "" if off else known.reason
    return Typed(known.term, "\n".join(forms), "\n".join(known.exceptions), reason, seen, off)


def _show(
    request: Request, session: Session, identity: Identity, deployment: Deployment, shown: Shown, *, status: int = 200
) -> HTMLResponse:
    assert deployment.id is not None
    facts = describe_wording(session, deployment)
    found = [
        each for each in facts["terms"] if has_form(shown.search, (each["term"], *each["forms"], *each["exceptions"]))
    ]
    found.sort(key=lambda each: (-each["units"], term_key(each["term"])))
    cut = cut_page(found, f"/deployments/{deployment.slug}/wording", shown.search, shown.page, at="#in-force")
    last = {term_key(rule.term): rule for rule in list_wording_rules(session, deployment.id)}
    context = {
        "deployment": deployment,
        "source": get_locale(deployment.source_locale),
        "facts": facts,
        "found": len(found),
        "terms": cut.rows,
        "before": cut.before,
        "behind": cut.behind,
        "search": shown.search,
        "own": {rule.term for rule in last.values() if rule.added},
        "off": [rule for rule in last.values() if not rule.added],
        "shown": shown,
        "may_change": identity.may(Permission.CHECKS_MANAGE, deployment.id) and deployment.archived_at is None,
    }
    return render(request, "home/sensitive.html", context, status=status)
