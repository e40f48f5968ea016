"""Making a release, as a job."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from service.auth.dependencies import IdentityDep
from service.auth.rules import Permission
from service.bundles.rules.gate import Policy
from service.bundles.service import BuildOptions
from service.catalog.access import open_deployment
from service.errors import BadInput
from service.home.endpoints.jobs import job_answer
from service.home.releasing import LONGEST_REASON, queue_release
from service.home.schemas import JobAnswer, Shape
from service.web.resources import NowDep, SessionDep

router = APIRouter(tags=["releases"])


class ReleaseBody(Shape):
    """What the release takes. ``allow``: why an incomplete sign-off, or an unreachable Transifex, may pass."""

    policy: Policy = Policy.APPROVED
    partial_options: bool = False
    require_complete: bool = False
    allow: Annotated[str, Field(max_length=LONGEST_REASON)] = ""


@router.post("/deployments/{slug}/locales/{locale}/releases", status_code=202, summary="Make a release")
def start_release(
    session: SessionDep,
    identity: IdentityDep,
    now: NowDep,
    slug: str,
    locale: str,
    body: ReleaseBody | None = None,
) -> JobAnswer:
    """Queue it: the language is compared with Transifex, then what is approved is frozen and numbered.

    Ask for the job until it is done; its result names the release. One of a deployment is made at a time.
    """
    deployment = open_deployment(session, identity, slug, Permission.BUNDLE_BUILD, locale)
    wanted = body or ReleaseBody()
    if wanted.policy is Policy.PREVIEW:
        raise BadInput("A preview is never a release: build it as a bundle.")
    options = BuildOptions(wanted.policy, wanted.partial_options, wanted.require_complete, wanted.allow.strip())
    return job_answer(queue_release(session, identity, deployment, locale, options, now))
