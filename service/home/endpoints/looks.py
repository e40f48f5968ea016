"""What a release would change: since another one, on a live Primero, or in an export; and the requests of dry runs."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, File, Query, Response, UploadFile
from pydantic import BaseModel, Field

from service.auth.dependencies import IdentityDep
from service.auth.rules import Permission
from service.bundles.service.giving import get_release
from service.catalog.access import open_deployment
from service.home.endpoints.jobs import job_answer
from service.home.instance_jobs import diff_with_export, queue_diff
from service.home.look_files import look_data, look_text
from service.home.schemas import JobAnswer, Shape
from service.primero.models import LookKind
from service.primero.service.instances import find_instance
from service.primero.service.looks import diff_data, diff_lines, diff_releases, get_look
from service.web.middleware import LARGEST_NUMBER
from service.web.resources import NowDep, SessionDep

router = APIRouter(tags=["differences"], prefix="/deployments/{slug}")

TEXT = "text/plain; charset=utf-8"


class Writing(StrEnum):
    """How an answer is written."""

    JSON = "json"
    TEXT = "text"


class ChangeAnswer(BaseModel):
    """One text: what is or was there, what is given; null for nothing. ``words`` shows both as one."""

    key: str
    change: str
    before: str | None
    after: str | None
    words: str


class DiffAnswer(BaseModel):
    """What a release changes; texts that are the same are only counted."""

    locale: str
    counts: dict[str, int]
    texts: list[ChangeAnswer]


class LookAnswer(BaseModel):
    """What somebody was shown. A ``diff`` has ``texts``; the dry run of an apply or rollback has ``requests``."""

    id: int
    kind: LookKind
    locale: str
    release: int | None
    of_run: int | None
    against: str
    at: datetime
    counts: dict[str, int]
    texts: list[ChangeAnswer] | None = None
    requests: list[dict[str, Any]] | None = None
    unchanged: int | None = None
    left_out: list[dict[str, str]] | None = None


class DiffBody(Shape):
    """The Primero server to compare with, by its name."""

    instance: str = Field(max_length=60)


WritingQuery = Annotated[Writing, Query(description="JSON, or text for people.")]
_RESPONSES: dict[int | str, dict[str, Any]] = {200: {"content": {"text/plain": {"schema": {"type": "string"}}}}}


@router.get(
    "/locales/{locale}/releases/{number}/diff",
    summary="What changed since another release",
    response_model=DiffAnswer,
    responses=_RESPONSES,
)
def show_difference(
    session: SessionDep,
    identity: IdentityDep,
    slug: str,
    locale: str,
    number: int,
    against: Annotated[int, Query(ge=1, le=LARGEST_NUMBER, description="The number of the other release.")],
    form: WritingQuery = Writing.JSON,
) -> DiffAnswer | Response:
    """Return the texts in which the release differs from the other one."""
    deployment = open_deployment(session, identity, slug, Permission.DEPLOYMENT_VIEW, locale, changing=False)
    new, old = (get_release(session, deployment, locale, one) for one in (number, against))
    rows, counts = diff_releases(session, old, new)
    if form is Writing.TEXT:
        return Response("".join(f"{line}\n" for line in diff_lines(rows, counts)), media_type=TEXT)
    return DiffAnswer.model_validate(diff_data(locale, rows, counts))


@router.post(
    "/locales/{locale}/releases/{number}/diff", status_code=202, summary="Compare a release with a Primero server"
)
def start_diff(
    session: SessionDep, identity: IdentityDep, now: NowDep, slug: str, locale: str, number: int, body: DiffBody
) -> JobAnswer:
    """Queue it; nothing is written there. The job's result names the look that holds the outcome."""
    deployment = open_deployment(session, identity, slug, Permission.INSTANCE_MANAGE, locale)
    release = get_release(session, deployment, locale, number)
    instance = find_instance(session, deployment, body.instance)
    return job_answer(queue_diff(session, identity, deployment, release, instance, now))


@router.post("/locales/{locale}/releases/{number}/diff/export", summary="Compare a release with an export")
def compare_export(
    session: SessionDep,
    identity: IdentityDep,
    now: NowDep,
    slug: str,
    locale: str,
    number: int,
    source: Annotated[UploadFile, File(description="Configuration JSON, saved API answers or translation YAML.")],
) -> LookAnswer:
    """Return what the release would change in a Primero that looks as the export does."""
    deployment = open_deployment(session, identity, slug, Permission.INSTANCE_MANAGE, locale)
    release = get_release(session, deployment, locale, number)
    look = diff_with_export(
        session, release, source.file.read(), source.filename or "upload", actor=identity.actor, now=now
    )
    return LookAnswer(**look_data(look))


@router.get(
    "/looks/{look_id}",
    summary="What a comparison or a dry run showed",
    response_model=LookAnswer,
    responses=_RESPONSES,
)
def show_look(
    session: SessionDep, identity: IdentityDep, slug: str, look_id: int, form: WritingQuery = Writing.JSON
) -> LookAnswer | Response:
    """Return it, as long as it is among the latest of the deployment."""
    deployment = open_deployment(session, identity, slug, Permission.INSTANCE_MANAGE, changing=False)
    look = get_look(session, deployment, look_id)
    if form is Writing.TEXT:
        return Response(look_text(look), media_type=TEXT)
    return LookAnswer(**look_data(look))
