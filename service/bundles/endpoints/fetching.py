"""The API of releases: what there is, and fetching it by machine."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session

from service.auth.dependencies import IdentityDep
from service.auth.rules import Identity, Permission
from service.bundles.archive import pack
from service.bundles.endpoints.building import ZIP
from service.bundles.models import Release, ReleaseFetch
from service.bundles.service.giving import (
    find_latest,
    find_sign_off_number,
    get_release,
    list_fetches,
    list_releases,
    record_fetch,
    require_served,
    withdraw,
)
from service.bundles.service.releasing import read_documents, rebuild
from service.bundles.signing import SUFFIX
from service.catalog.access import open_deployment
from service.errors import BadInput
from service.web.content import answer_content, gives_out
from service.web.paging import PageDep
from service.web.resources import NowDep, Resources, ResourcesDep, SessionDep

router = APIRouter(tags=["releases"], prefix="/deployments/{slug}")

MAX_LOCALES = 50
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {ZIP: _BINARY},
        "description": "The bundle. ETag is its SHA-256, Repr-Digest the same as RFC 9530 writes it, X-Bundle-Number "
        "the release's number.",
    },
    206: {"content": {ZIP: _BINARY}, "description": "The part asked for with Range."},
    304: {"description": "It is the one that If-None-Match names."},
    416: {"description": "There is no such part."},
}


class FetchAnswer(BaseModel):
    """Who fetched a release: the person's random id, null for the operator; and with what program."""

    person: str | None
    actor: str
    client: str
    at: datetime


class ReleaseAnswer(BaseModel):
    """One release. ``key`` is the id of the key that signed it."""

    locale: str
    number: int
    policy: str
    sign_off: int | None
    created_at: datetime
    person: str | None
    name: str
    sha256: str
    size: int
    key: str
    counts: dict[str, Any]
    allowed: list[dict[str, str]]
    reconciled_at: str | None
    withdrawn_at: datetime | None
    withdraw_reason: str | None
    fetches: list[FetchAnswer]


class WithdrawBody(BaseModel):
    """Why nobody shall fetch it any more."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(max_length=10_000)


@router.get("/releases", summary="The releases of a deployment")
def show_releases(
    session: SessionDep,
    identity: IdentityDep,
    page: PageDep,
    slug: str,
    locale: Annotated[str | None, Query(max_length=20, description="Of this language alone.")] = None,
) -> list[ReleaseAnswer]:
    """Return them, the newest first, withdrawn ones too."""
    deployment = open_deployment(session, identity, slug, Permission.DEPLOYMENT_VIEW, locale, changing=False)
    found = page.cut(list_releases(session, deployment, locale), lambda each: each.id)
    return [release_answer(session, row) for row in found]


@router.get("/locales/{locale}/releases/{number}", summary="One release")
def show_release(session: SessionDep, identity: IdentityDep, slug: str, locale: str, number: int) -> ReleaseAnswer:
    """Return what it is and who fetched it."""
    deployment = open_deployment(session, identity, slug, Permission.DEPLOYMENT_VIEW, locale, changing=False)
    return release_answer(session, get_release(session, deployment, locale, number))


@router.post("/locales/{locale}/releases/{number}/withdraw", summary="Withdraw a release")
def take_out(
    session: SessionDep, identity: IdentityDep, now: NowDep, slug: str, locale: str, number: int, body: WithdrawBody
) -> ReleaseAnswer:
    """Have it served no more, with a reason; the answer names who fetched it."""
    deployment = open_deployment(session, identity, slug, Permission.BUNDLE_BUILD, locale)
    release = get_release(session, deployment, locale, number)
    withdraw(session, release, reason=body.reason, actor=identity.actor, now=now)
    return release_answer(session, release)


@router.get(
    "/locales/{locale}/bundles/latest",
    summary="The bundle of the latest release",
    response_class=Response,
    responses=_RESPONSES,
)
def send_latest(
    request: Request, resources: ResourcesDep, session: SessionDep, identity: IdentityDep, slug: str, locale: str
) -> Response:
    """Answer with the release that has the highest number and is not withdrawn."""
    deployment = open_deployment(session, identity, slug, Permission.BUNDLE_BUILD, locale, changing=False)
    return _send(request, resources, session, identity, find_latest(session, deployment, locale))


@router.get(
    "/locales/{locale}/bundles/{number}",
    summary="The bundle of one release",
    response_class=Response,
    responses=_RESPONSES,
)
def send_one(
    request: Request,
    resources: ResourcesDep,
    session: SessionDep,
    identity: IdentityDep,
    slug: str,
    locale: str,
    number: int,
) -> Response:
    """Answer with exactly the bytes that were made when it was frozen; 409 where it was withdrawn."""
    deployment = open_deployment(session, identity, slug, Permission.BUNDLE_BUILD, locale, changing=False)
    release = require_served(get_release(session, deployment, locale, number))
    return _send(request, resources, session, identity, release)


@router.get(
    "/locales/{locale}/bundles/{number}/signature",
    summary="The signature of one release",
    response_class=Response,
    responses={200: {"content": {"application/json": {"schema": {"type": "object"}}}}},
)
def send_signature(
    request: Request, session: SessionDep, identity: IdentityDep, slug: str, locale: str, number: int
) -> Response:
    """Answer with the signature file that belongs beside the bundle."""
    deployment = open_deployment(session, identity, slug, Permission.BUNDLE_BUILD, locale, changing=False)
    release = require_served(get_release(session, deployment, locale, number))
    return answer_content(
        request, release.signature.encode(), media_type="application/json", name=f"{release.name}{SUFFIX}"
    )


@router.get(
    "/bundles/latest", summary="The latest bundles of several languages", response_class=Response, responses=_RESPONSES
)
def send_several(
    request: Request,
    resources: ResourcesDep,
    session: SessionDep,
    identity: IdentityDep,
    slug: str,
    locale: Annotated[list[str], Query(description="A language; name each.", min_length=1, max_length=MAX_LOCALES)],
) -> Response:
    """Answer with one archive that holds each language's latest bundle and, beside it, its signature.

    It is all or nothing: 404 where a language has no release.
    """
    if len(set(locale)) != len(locale):
        raise BadInput("A language is named twice: name each once.")
    releases = []
    for one in locale:
        deployment = open_deployment(session, identity, slug, Permission.BUNDLE_BUILD, one, changing=False)
        releases.append(find_latest(session, deployment, one))
    files = {release.name: rebuild(session, release) for release in releases}
    files |= {f"{release.name}{SUFFIX}": release.signature.encode() for release in releases}
    answer = answer_content(request, pack(files), media_type=ZIP, name=f"{slug}-bundles.zip")
    if gives_out(request, answer):
        _record(request, resources, identity, releases)
    return answer


def _send(request: Request, resources: Resources, session: Session, identity: Identity, release: Release) -> Response:
    headers = {"X-Bundle-Number": str(release.number)}
    answer = answer_content(request, rebuild(session, release), media_type=ZIP, name=release.name, headers=headers)
    if gives_out(request, answer):
        _record(request, resources, identity, [release])
    return answer


def _record(request: Request, resources: Resources, identity: Identity, releases: Sequence[Release]) -> None:
    # Asking for it is a GET, whose session only reads; that somebody took it has to be kept all the same.
    with resources.database.write() as session:
        for release in releases:
            record_fetch(
                session,
                release,
                actor=identity.actor,
                client=request.headers.get("user-agent", ""),
                now=resources.clock(),
            )


def release_answer(session: Session, release: Release) -> ReleaseAnswer:
    """Return a release as API and command line show it."""
    manifest, _, _ = read_documents(release)
    record = manifest.release
    return ReleaseAnswer(
        locale=release.locale,
        number=release.number,
        policy=release.policy,
        sign_off=find_sign_off_number(session, release),
        created_at=release.created_at,
        person=release.person_id,
        name=release.name,
        sha256=release.sha256,
        size=release.size,
        key=release.key_id,
        counts=manifest.counts.model_dump(mode="json"),
        allowed=[row.model_dump() for row in manifest.allowed],
        reconciled_at=record.reconciled_at if record else None,
        withdrawn_at=release.withdrawn_at,
        withdraw_reason=release.withdraw_reason,
        fetches=[_fetch_answer(row) for row in list_fetches(session, release)],
    )


def _fetch_answer(row: ReleaseFetch) -> FetchAnswer:
    return FetchAnswer(person=row.person_id, actor=row.actor, client=row.client, at=row.fetched_at)
