"""The releases of a deployment: what each contains, who signed it, where it was fetched, what changed in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse
from sqlmodel import Session
from starlette.responses import Response

from service.auth.dependencies import FormIdentityDep, IdentityDep
from service.auth.rules import Identity, Permission
from service.bundles.models import Release, ReleaseFetch, SignOff
from service.bundles.rules.gate import Policy
from service.bundles.schemas import Manifest
from service.bundles.service import BuildOptions
from service.bundles.service.giving import (
    TextChange,
    compare,
    find_previous,
    get_release,
    list_fetches,
    list_releases,
    withdraw,
)
from service.bundles.service.releasing import read_documents
from service.catalog.access import open_deployment
from service.catalog.rules.drift import Change, diff_words
from service.checks.locales import LocaleInfo, get_locale
from service.deployments.models import Deployment
from service.deployments.service import list_locales
from service.errors import BadInput
from service.home.pages.work import EVERY_SECONDS, find_failed, view_jobs
from service.home.releasing import LONGEST_REASON, RELEASE, queue_release
from service.jobs.models import Job
from service.jobs.service import list_jobs
from service.primero.models import PrimeroInstance
from service.primero.service.instances import list_instances
from service.primero.service.saved import find_applied
from service.review.cards import name_persons
from service.web.languages import N_, Words, words_of
from service.web.resources import NowDep, ResourcesDep, SessionDep
from service.web.templating import lead_back, render
from service.web.trying import do_or_draw

router = APIRouter()

SHOWN = 100
"""How many changed texts the page of a release shows."""

_QUEUED = N_("The release is being made; it goes on when you leave this page.")
_WITHDRAWN = N_("The release is withdrawn: it is served no more. Tell those who fetched it.")


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody typed into the form that makes a release."""

    locale: str = ""
    policy: str = Policy.APPROVED.value
    partial_options: bool = False
    require_complete: bool = False
    allow: str = ""

    def options(self) -> BuildOptions:
        """Return what is to be built.

        Raises:
            BadInput: no language is chosen, the policy is none of a release, or the reason is too long.
        """
        if not self.locale:
            raise BadInput("Choose the language of the release.")
        if self.policy not in (Policy.APPROVED.value, Policy.SIGNED_OFF.value):
            raise BadInput("Choose what the release takes: what is approved, or what is signed off.")
        if len(self.allow.strip()) > LONGEST_REASON:
            raise BadInput("The reason is too long: shorten it to 500 characters.")
        return BuildOptions(Policy(self.policy), self.partial_options, self.require_complete, self.allow.strip())


@dataclass(frozen=True, slots=True)
class FetchView:
    """Who fetched a release, when and with what."""

    who: str
    when: str
    client: str


@dataclass(frozen=True, slots=True)
class ReleaseView:
    """One release as the pages show it."""

    row: Release
    language: LocaleInfo
    manifest: Manifest
    sign_off: SignOff | None
    made: str
    maker: str
    withdrawn: str
    fetches: Sequence[FetchView]


@dataclass(frozen=True, slots=True)
class ChangeView:
    """One text that differs from the release before: the words that went and came."""

    key: str
    kind: str
    runs: Sequence[tuple[Change, str]]


@router.get("/deployments/{slug}/releases")
def show_releases(
    request: Request, session: SessionDep, identity: IdentityDep, now: NowDep, slug: str, watch: bool = False
) -> HTMLResponse:
    """Show the releases, the newest first, how the making of one stands, and the form to make one."""
    deployment = open_deployment(session, identity, slug, Permission.DEPLOYMENT_VIEW, changing=False)
    return _draw(request, session, identity, now, deployment, Order(), watch=watch)


def _draw(
    request: Request,
    session: Session,
    identity: Identity,
    now: datetime,
    deployment: Deployment,
    typed: Order,
    *,
    error: str = "",
    status: int = 200,
    watch: bool = False,
) -> HTMLResponse:
    words = words_of(request)
    assert deployment.id is not None
    changing = deployment.archived_at is None
    jobs = list_jobs(session, deployment.id, kinds=[RELEASE], limit=1)
    active = view_jobs(jobs, identity, now, words, changing=changing)
    languages = [get_locale(row.locale) for row in list_locales(session, deployment)]
    context = {
        "deployment": deployment,
        "releases": [_view(session, row, words) for row in list_releases(session, deployment)],
        "languages": languages,
        "makes": [
            each for each in languages if changing and identity.may(Permission.BUNDLE_BUILD, deployment.id, each.code)
        ],
        "jobs": active,
        "failed": _failed(jobs),
        "watching": watch and bool(active),
        "every": EVERY_SECONDS,
        "typed": typed,
        "error": error,
    }
    return render(request, "home/releases.html", context, status=status)


def _failed(jobs: Sequence[Job]) -> tuple[LocaleInfo, str] | None:
    job = find_failed(jobs)
    return None if job is None else (get_locale(str(job.arguments["locale"])), job.message)


@router.post("/deployments/{slug}/releases")
def send_order(
    request: Request,
    session: SessionDep,
    resources: ResourcesDep,
    identity: FormIdentityDep,
    now: NowDep,
    slug: str,
    locale: Annotated[str, Form(max_length=20)] = "",
    policy: Annotated[str, Form(max_length=20)] = Policy.APPROVED.value,
    partial_options: Annotated[bool, Form()] = False,
    require_complete: Annotated[bool, Form()] = False,
    allow: Annotated[str, Form(max_length=10_000)] = "",
) -> Response:
    """Queue the making of a release, or show the page again with what is wrong and what was typed."""
    deployment = open_deployment(session, identity, slug, Permission.BUNDLE_BUILD, locale or None)
    typed = Order(locale, policy, partial_options, require_complete, allow)
    again = do_or_draw(
        session,
        lambda: queue_release(session, identity, deployment, locale, typed.options(), now),
        partial(_draw, request, session, identity, now, deployment, typed),
    )
    if again is not None:
        return again
    return lead_back(f"/deployments/{slug}/releases?watch=1", resources.settings, _QUEUED)


@router.get("/deployments/{slug}/locales/{locale}/releases/{number}")
def show_release(
    request: Request, session: SessionDep, identity: IdentityDep, slug: str, locale: str, number: int
) -> HTMLResponse:
    """Show one release, and the texts in which it differs from the one before, word by word."""
    deployment = open_deployment(session, identity, slug, Permission.DEPLOYMENT_VIEW, locale, changing=False)
    return _draw_one(request, session, identity, deployment, locale, number)


def _draw_one(
    request: Request,
    session: Session,
    identity: Identity,
    deployment: Deployment,
    locale: str,
    number: int,
    *,
    reason: str = "",
    error: str = "",
    status: int = 200,
) -> HTMLResponse:
    release = get_release(session, deployment, locale, number)
    previous = find_previous(session, release)
    changes = compare(session, previous, release) if previous is not None else []
    may_build = identity.may(Permission.BUNDLE_BUILD, deployment.id, locale)
    changing = deployment.archived_at is None
    instances = list_instances(session, deployment)
    context = {
        "deployment": deployment,
        "release": _view(session, release, words_of(request)),
        "language": get_locale(locale),
        "previous": previous,
        "changes": [_change(row) for row in changes[:SHOWN]],
        "changed": len(changes),
        "may_fetch": may_build,
        "may_withdraw": may_build and changing,
        "others": [row for row in list_releases(session, deployment, locale) if row.id != release.id],
        "instances": instances,
        "standing": [row for row in instances if _stands_on(session, release, row)],
        "may_read": identity.may(Permission.INSTANCE_MANAGE, deployment.id) and changing,
        "may_apply": identity.may(Permission.BUNDLE_APPLY, deployment.id, locale) and changing,
        "reason": reason,
        "error": error,
    }
    return render(request, "home/release.html", context, status=status)


def _stands_on(session: Session, release: Release, instance: PrimeroInstance) -> bool:
    applied = find_applied(session, instance)
    return any((one.locale, one.sha256) == (release.locale, release.sha256) for one in applied)


@router.post("/deployments/{slug}/locales/{locale}/releases/{number}/withdraw")
def send_withdraw(
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
    """Withdraw a release, or show its page again with what is wrong and what was typed."""
    deployment = open_deployment(session, identity, slug, Permission.BUNDLE_BUILD, locale)
    release = get_release(session, deployment, locale, number)
    again = do_or_draw(
        session,
        lambda: withdraw(session, release, reason=reason, actor=identity.actor, now=now),
        partial(_draw_one, request, session, identity, deployment, locale, number, reason=reason),
    )
    if again is not None:
        return again
    return lead_back(f"/deployments/{slug}/locales/{locale}/releases/{number}", resources.settings, _WITHDRAWN)


def _view(session: Session, release: Release, words: Words) -> ReleaseView:
    manifest, _, _ = read_documents(release)
    fetches = list_fetches(session, release)
    persons = {row.person_id for row in fetches if row.person_id}
    if release.person_id:
        persons.add(release.person_id)
    names = name_persons(session, persons)
    return ReleaseView(
        row=release,
        language=get_locale(release.locale),
        manifest=manifest,
        sign_off=None if release.sign_off_id is None else session.get(SignOff, release.sign_off_id),
        made=words.moment(release.created_at),
        maker=names.get(release.person_id or "", ""),
        withdrawn=words.moment(release.withdrawn_at) if release.withdrawn_at else "",
        fetches=[_fetch(row, names.get(row.person_id or "", row.actor), words) for row in fetches],
    )


def _fetch(row: ReleaseFetch, who: str, words: Words) -> FetchView:
    return FetchView(who, words.moment(row.fetched_at), row.client)


def _change(row: TextChange) -> ChangeView:
    kind = "added" if row.before is None else "gone" if row.after is None else "changed"
    return ChangeView(row.key, kind, list(diff_words(row.before or "", row.after or "")))
