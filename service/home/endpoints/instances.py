"""The Primero servers of a deployment: what stands on each, giving it a release, and taking that back."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field, SecretStr

from service.auth.dependencies import IdentityDep
from service.auth.rules import Permission
from service.bundles.service.giving import get_release
from service.catalog.access import open_deployment
from service.errors import NotFound
from service.home.endpoints.jobs import job_answer
from service.home.instance_jobs import queue_apply, queue_check, queue_rollback
from service.home.instance_places import open_rollback
from service.home.schemas import JobAnswer, Shape
from service.primero.client import SignIn
from service.primero.service.applying import ApplyOptions
from service.primero.service.instances import (
    InstanceChanges,
    add_instance,
    change_instance,
    find_instance,
    instance_data,
    list_instances,
    remove_instance,
)
from service.primero.service.runs import find_run, list_runs, report_of
from service.primero.service.saved import find_applied, run_data, saved_state
from service.web.content import answer_content
from service.web.paging import PageDep
from service.web.resources import NowDep, ResourcesDep, SessionDep

router = APIRouter(tags=["instances"], prefix="/deployments/{slug}")

JSON = "application/json"


class InstanceAnswer(BaseModel):
    """One Primero server, without its password. ``training``: it holds no real cases."""

    name: str
    url: str
    user: str
    sign_in: str
    training: bool
    password_refused_at: datetime | None


class AppliedAnswer(BaseModel):
    """The bundle that was last given to the server in a language, and by which run."""

    locale: str
    run: int
    bundle: str
    sha256: str
    release: int | None
    preview: bool
    at: datetime
    taken_back_in_part: bool


class InstanceRunLine(BaseModel):
    """One apply or rollback. ``of_run``: of a rollback, the apply that it takes back."""

    run: int
    kind: str
    state: str
    locale: str
    bundle: str
    sha256: str
    release: int | None
    of_run: int | None
    started_at: datetime
    ended_at: datetime | None
    message: str


class OneInstanceAnswer(InstanceAnswer):
    """One server with what stands there in each language, and its runs, the newest first."""

    applied: list[AppliedAnswer]
    runs: list[InstanceRunLine]


class RecordAnswer(BaseModel):
    """One form or lookup of a run."""

    record: str
    state: str
    texts: int
    differences: list[str]


class LeftOutAnswer(BaseModel):
    """A text that was not given to the server, why, and the way on."""

    key: str
    why: str
    mend: str


class InstanceRunAnswer(BaseModel):
    """How a run stands: every form and lookup, what was left out, what else was seen."""

    run: int
    kind: str
    state: str
    locale: str
    texts: int
    counts: dict[str, int]
    requests: int
    message: str
    records: list[RecordAnswer]
    left_out: list[LeftOutAnswer]
    notes: list[str]


class ApplyBody(Shape):
    """Where the release goes, and how.

    ``dry_run``: only show the exact requests. ``trust_account``: the account may not look itself up, and somebody made
    sure of its language and rights. ``partial_options``: write lists of options too of which only a part has a text.
    """

    instance: str = Field(max_length=60)
    dry_run: bool = False
    partial_options: bool = False
    trust_account: bool = False


class RollbackBody(Shape):
    """What is taken back: ``only`` what matches one of these patterns of keys, everything where it is empty."""

    only: list[Annotated[str, Field(max_length=1000)]] = Field(default_factory=list, max_length=500)
    dry_run: bool = False
    trust_account: bool = False


class NewInstanceBody(Shape):
    """A Primero server. ``password``: the service account's, or the identity provider's token with ``bearer``.

    It is kept encrypted, and no answer ever holds it. ``user`` may be left out with ``bearer`` alone.
    """

    name: str = Field(max_length=60)
    url: str = Field(max_length=1000)
    user: str = Field(default="", max_length=200)
    password: SecretStr = Field(max_length=10_000)
    sign_in: SignIn = SignIn.BASIC
    training: bool = False


class InstanceBody(Shape):
    """What is to change; what is not named stays. Another ``url`` needs the ``password`` too."""

    url: str | None = Field(default=None, max_length=1000)
    user: str | None = Field(default=None, max_length=200)
    password: SecretStr | None = Field(default=None, max_length=10_000)
    sign_in: SignIn | None = None
    training: bool | None = None


@router.get("/instances", summary="The Primero servers of a deployment")
def show_instances(session: SessionDep, identity: IdentityDep, page: PageDep, slug: str) -> list[InstanceAnswer]:
    """Return those in use, by name."""
    deployment = open_deployment(session, identity, slug, Permission.DEPLOYMENT_VIEW, changing=False)
    found = page.cut(list_instances(session, deployment), lambda each: each.name)
    return [InstanceAnswer(**instance_data(row)) for row in found]


@router.post("/instances", status_code=201, summary="Add a Primero server")
def create_instance(
    session: SessionDep, resources: ResourcesDep, identity: IdentityDep, now: NowDep, slug: str, body: NewInstanceBody
) -> InstanceAnswer:
    """Keep it; nothing is sent to it yet."""
    deployment = open_deployment(session, identity, slug, Permission.INSTANCE_MANAGE)
    wanted = InstanceChanges(body.url, body.user, body.password, body.sign_in, body.training)
    row = add_instance(
        session, deployment, body.name, wanted,
        settings=resources.settings, secrets=resources.secrets, actor=identity.actor, now=now,
    )  # fmt: skip
    return InstanceAnswer(**instance_data(row))


@router.patch("/instances/{name}", summary="Change a Primero server")
def set_instance(
    session: SessionDep,
    resources: ResourcesDep,
    identity: IdentityDep,
    now: NowDep,
    slug: str,
    name: str,
    body: InstanceBody,
) -> InstanceAnswer:
    """Change what is named; a new password ends the memory of a refused one."""
    deployment = open_deployment(session, identity, slug, Permission.INSTANCE_MANAGE)
    row = find_instance(session, deployment, name)
    wanted = InstanceChanges(body.url, body.user, body.password, body.sign_in, body.training)
    change_instance(
        session, row, wanted, settings=resources.settings, secrets=resources.secrets, actor=identity.actor, now=now
    )  # fmt: skip
    return InstanceAnswer(**instance_data(row))


@router.delete("/instances/{name}", status_code=204, summary="Forget a Primero server and its password")
def forget_instance(session: SessionDep, identity: IdentityDep, now: NowDep, slug: str, name: str) -> None:
    """What was written to it stays on record."""
    deployment = open_deployment(session, identity, slug, Permission.INSTANCE_MANAGE)
    remove_instance(session, find_instance(session, deployment, name), actor=identity.actor, now=now)


@router.post("/instances/{name}/check", status_code=202, summary="Sign in to a Primero server and look around")
def start_check(session: SessionDep, identity: IdentityDep, now: NowDep, slug: str, name: str) -> JobAnswer:
    """Queue it; the job's result says which languages are enabled, and what would keep an apply from beginning."""
    deployment = open_deployment(session, identity, slug, Permission.INSTANCE_MANAGE)
    return job_answer(queue_check(session, identity, deployment, find_instance(session, deployment, name), now))


@router.get("/instances/{name}", summary="What stands on a Primero server, and every run that wrote to it")
def show_instance(session: SessionDep, identity: IdentityDep, slug: str, name: str) -> OneInstanceAnswer:
    """Return the server with the bundle that it was given in each language."""
    deployment = open_deployment(session, identity, slug, Permission.DEPLOYMENT_VIEW, changing=False)
    row = find_instance(session, deployment, name)
    return OneInstanceAnswer(
        **instance_data(row),
        applied=[AppliedAnswer(**one.as_json()) for one in find_applied(session, row)],
        runs=[InstanceRunLine(**run_data(run)) for run in list_runs(session, row)],
    )


@router.get("/instances/{name}/runs/{run}", summary="How an apply or a rollback stands or ended")
def show_run(session: SessionDep, identity: IdentityDep, slug: str, name: str, run: int) -> InstanceRunAnswer:
    """Return every form and lookup of it, also while it is under way."""
    deployment = open_deployment(session, identity, slug, Permission.DEPLOYMENT_VIEW, changing=False)
    row = find_run(session, find_instance(session, deployment, name), run)
    data = report_of(session, row).as_json()
    data.pop("resumed")
    return InstanceRunAnswer(**data)


@router.get(
    "/instances/{name}/runs/{run}/saved",
    summary="What stood on a Primero server before a run",
    response_class=Response,
    responses={200: {"content": {JSON: {"schema": {"type": "object"}}}}},
)
def send_saved(
    request: Request, session: SessionDep, identity: IdentityDep, slug: str, name: str, run: int
) -> Response:
    """Answer with the forms and lookups that it touched, as answers of Primero's API."""
    deployment = open_deployment(session, identity, slug, Permission.INSTANCE_MANAGE, changing=False)
    row = find_run(session, find_instance(session, deployment, name), run)
    count, data = saved_state(session, row)
    if not count:
        raise NotFound(f"Run {run} touched nothing: nothing was saved.")
    return answer_content(request, data, media_type=JSON, name=f"{slug}-{name}-before-run-{run}.json")


@router.post("/locales/{locale}/releases/{number}/apply", status_code=202, summary="Give a release to a Primero server")
def start_apply(
    session: SessionDep, identity: IdentityDep, now: NowDep, slug: str, locale: str, number: int, body: ApplyBody
) -> JobAnswer:
    """Queue it; the job's result names the run, or with ``dry_run`` the look that shows the requests.

    The same again goes on with one that was left unfinished.
    """
    deployment = open_deployment(session, identity, slug, Permission.BUNDLE_APPLY, locale)
    release = get_release(session, deployment, locale, number)
    instance = find_instance(session, deployment, body.instance)
    options = ApplyOptions(body.partial_options, body.trust_account)
    job = queue_apply(session, identity, deployment, release, instance, options, dry_run=body.dry_run, now=now)
    return job_answer(job)


@router.post("/instances/{name}/runs/{run}/rollback", status_code=202, summary="Take an apply back")
def start_rollback(
    session: SessionDep,
    identity: IdentityDep,
    now: NowDep,
    slug: str,
    name: str,
    run: int,
    body: RollbackBody | None = None,
) -> JobAnswer:
    """Queue it; the job's result names the run, or with ``dry_run`` the look that shows the requests."""
    wanted = body or RollbackBody()
    deployment, instance, row = open_rollback(session, identity, slug, name, run)
    job = queue_rollback(
        session, identity, deployment, instance, row, wanted.only,
        trust_account=wanted.trust_account, dry_run=wanted.dry_run, now=now,
    )  # fmt: skip
    return job_answer(job)
