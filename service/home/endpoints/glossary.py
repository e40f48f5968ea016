"""The glossary and the sensitive wording of a deployment, and suggestions for a text."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, File, Form, UploadFile
from fastapi.responses import Response

from service.auth.dependencies import IdentityDep
from service.auth.rules import Permission
from service.catalog.access import open_deployment
from service.catalog.queries import find_unit
from service.catalog.service import wording
from service.checks.rules import GlossaryTerm
from service.checks.service import glossary
from service.checks.service.conditions import list_terms
from service.checks.service.rechecking import queue_recheck
from service.errors import NotFound
from service.home.check_schemas import (
    GlossaryImportAnswer,
    OutcomeAnswer,
    SuggestionAnswer,
    SuggestionsAnswer,
    TermAnswer,
    TermNameBody,
    TermShape,
    WordingAnswer,
    WordingBody,
    WordingChangeAnswer,
    WordingRemovalBody,
)
from service.home.words import describe_wording, import_data, visible_deployments
from service.review.service.suggesting import find_suggestions
from service.web.paging import PageDep
from service.web.resources import NowDep, SessionDep

router = APIRouter(prefix="/deployments/{slug}", tags=["glossary"])
_GLOSSARY = "/locales/{locale}/glossary"


@router.get(_GLOSSARY, summary="The glossary of a language")
def show_terms(session: SessionDep, identity: IdentityDep, page: PageDep, slug: str, locale: str) -> list[TermAnswer]:
    """Return the terms in force."""
    deployment = open_deployment(session, identity, slug, Permission.DEPLOYMENT_VIEW, locale, changing=False)
    return [
        TermAnswer(**asdict(glossary.as_term(row)), version=row.version)
        for row in page.cut(list_terms(session, deployment.id or 0, locale), lambda each: each.id)
    ]


@router.post(_GLOSSARY, summary="Add or change a term")
def add_term(
    session: SessionDep, identity: IdentityDep, now: NowDep, slug: str, locale: str, body: TermShape
) -> OutcomeAnswer:
    """Write one term; a job then checks the texts again."""
    deployment = open_deployment(session, identity, slug, Permission.CHECKS_MANAGE, locale)
    term = GlossaryTerm(
        body.term, tuple(body.inflections), tuple(body.accepted), tuple(body.forbidden), body.reason, body.owner
    )
    outcome = glossary.write_term(session, deployment, locale, term, actor=identity.actor, now=now)
    return OutcomeAnswer.model_validate({"outcome": outcome})


@router.post(f"{_GLOSSARY}/remove", summary="Take a term out")
def remove_term(
    session: SessionDep, identity: IdentityDep, now: NowDep, slug: str, locale: str, body: TermNameBody
) -> OutcomeAnswer:
    """Take one term out; its versions are kept."""
    deployment = open_deployment(session, identity, slug, Permission.CHECKS_MANAGE, locale)
    glossary.remove_term(session, deployment, locale, body.term, actor=identity.actor, now=now)
    return OutcomeAnswer(outcome="removed")


@router.get(f"{_GLOSSARY}/file", summary="The glossary as CSV", response_class=Response)
def download(session: SessionDep, identity: IdentityDep, slug: str, locale: str) -> Response:
    """Return the terms as a file for a spreadsheet."""
    deployment = open_deployment(session, identity, slug, Permission.DEPLOYMENT_VIEW, locale, changing=False)
    return Response(
        glossary.export_terms(session, deployment, locale),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="glossary-{slug}-{locale}.csv"'},
    )


@router.post(f"{_GLOSSARY}/file", summary="Import terms from CSV")
def upload(
    session: SessionDep,
    identity: IdentityDep,
    now: NowDep,
    slug: str,
    locale: str,
    source: Annotated[UploadFile, File(description="CSV with the columns of the file that the glossary gives.")],
    dry_run: Annotated[bool, Form()] = False,
) -> GlossaryImportAnswer:
    """Take terms in, or with ``dry_run`` say what that would do. No term is removed."""
    deployment = open_deployment(session, identity, slug, Permission.CHECKS_MANAGE, locale)
    rows = glossary.import_terms(
        session, deployment, locale, source.file.read(), dry_run=dry_run, actor=identity.actor, now=now
    )
    return GlossaryImportAnswer.model_validate(import_data(rows, dry_run=dry_run))


@router.get("/wording", summary="The words that make texts sensitive")
def show_wording(session: SessionDep, identity: IdentityDep, slug: str) -> WordingAnswer:
    """Return the sensitive terms in force, and how many units each concerns."""
    deployment = open_deployment(session, identity, slug, Permission.DEPLOYMENT_VIEW, changing=False)
    return WordingAnswer.model_validate(describe_wording(session, deployment))


@router.post("/wording", summary="Add a sensitive term")
def add_wording(
    session: SessionDep, identity: IdentityDep, now: NowDep, slug: str, body: WordingBody
) -> WordingChangeAnswer:
    """Make units with a term sensitive: they need two approvals at once."""
    deployment = open_deployment(session, identity, slug, Permission.CHECKS_MANAGE)
    effect = wording.add_term(
        session, deployment, term=body.term, forms=body.forms, exceptions=body.exceptions, reason=body.reason,
        actor=identity.actor, now=now,
    )  # fmt: skip
    queue_recheck(session, deployment.id or 0, person_id=identity.person_id, now=now)
    return WordingChangeAnswer(tagged=effect.tagged, untagged=effect.untagged)


@router.post("/wording/remove", summary="Take a sensitive term out")
def remove_wording(
    session: SessionDep, identity: IdentityDep, now: NowDep, slug: str, body: WordingRemovalBody
) -> WordingChangeAnswer:
    """Let a term make no unit of this deployment sensitive any more."""
    deployment = open_deployment(session, identity, slug, Permission.CHECKS_MANAGE)
    effect = wording.remove_term(session, deployment, term=body.term, reason=body.reason, actor=identity.actor, now=now)
    queue_recheck(session, deployment.id or 0, person_id=identity.person_id, now=now)
    return WordingChangeAnswer(tagged=effect.tagged, untagged=effect.untagged)


@router.get("/locales/{locale}/suggestions", summary="Approved texts of the same or similar source texts")
def suggest(session: SessionDep, identity: IdentityDep, slug: str, locale: str, key: str) -> SuggestionsAnswer:
    """Return approved texts to start from, of this deployment and of others that you may see."""
    deployment = open_deployment(session, identity, slug, Permission.DEPLOYMENT_VIEW, locale, changing=False)
    row = find_unit(session, deployment.id or 0, locale, key)
    if row is None:
        raise NotFound(f"The deployment {slug!r} has no unit {key!r}.")
    found = find_suggestions(session, deployment, locale, row[0], visible=visible_deployments(session, identity))
    return SuggestionsAnswer(suggestions=[SuggestionAnswer(**asdict(one)) for one in found])
