"""Who is told of a deployment's events, and the same events as a feed."""

from datetime import datetime

from fastapi import APIRouter, Request
from starlette.responses import Response

from service.announcing.client import check_url
from service.announcing.feed import MEDIA_TYPE, write_feed
from service.announcing.models import TargetState, WebhookTarget
from service.announcing.service import (
    add_target,
    find_target,
    list_announcements,
    list_targets,
    remove_target,
    resume_target,
)
from service.auth.dependencies import IdentityDep
from service.auth.rules import Permission
from service.catalog.access import open_deployment
from service.home.schemas import Shape
from service.web.content import answer_content
from service.web.paging import PageDep
from service.web.resources import NowDep, ResourcesDep, SessionDep

router = APIRouter(prefix="/deployments/{slug}", tags=["webhooks"])


class WebhookBody(Shape):
    """The address that is to be told: https."""

    url: str


class WebhookAnswer(Shape):
    """One address that is told. ``failed``: the service gave up after days; ``stopped``: it was restored."""

    id: int
    url: str
    state: TargetState
    created_at: datetime
    delivered_at: datetime | None
    failing_since: datetime | None
    next_at: datetime
    attempts: int
    problem: str


class NewWebhookAnswer(WebhookAnswer):
    """The same with its secret, which is told this once."""

    secret: str


def webhook_data(row: WebhookTarget) -> dict[str, object]:
    """Return an address that is told as plain values, without its secret."""
    return {name: getattr(row, name) for name in WebhookAnswer.model_fields}


@router.get("/webhooks", summary="Who is told of the deployment's events")
def list_all(session: SessionDep, identity: IdentityDep, page: PageDep, slug: str) -> list[WebhookAnswer]:
    """Return the addresses that are told, in the order they were added, and how the last tries went."""
    deployment = open_deployment(session, identity, slug, Permission.DEPLOYMENT_MANAGE, changing=False)
    rows = page.cut(list_targets(session, deployment.id or 0), lambda each: each.id)
    return [WebhookAnswer.model_validate(webhook_data(row)) for row in rows]


@router.post("/webhooks", status_code=201, summary="Have an address told")
def add(
    session: SessionDep, identity: IdentityDep, now: NowDep, resources: ResourcesDep, slug: str, body: WebhookBody
) -> NewWebhookAnswer:
    """Have an address told of what happens from now on; a greeting comes first. The secret is shown this once."""
    deployment = open_deployment(session, identity, slug, Permission.DEPLOYMENT_MANAGE)
    row, secret = add_target(
        session, deployment, check_url(body.url), secrets=resources.secrets, actor=identity.actor, now=now,
        new_id=resources.new_id,
    )  # fmt: skip
    return NewWebhookAnswer.model_validate({**webhook_data(row), "secret": secret})


@router.delete("/webhooks/{webhook_id}", status_code=204, summary="Tell an address no more")
def remove(session: SessionDep, identity: IdentityDep, now: NowDep, slug: str, webhook_id: int) -> None:
    """Tell an address no more, and forget its secret."""
    deployment = open_deployment(session, identity, slug, Permission.DEPLOYMENT_MANAGE)
    remove_target(session, find_target(session, deployment.id or 0, webhook_id), actor=identity.actor, now=now)


@router.post("/webhooks/{webhook_id}/resume", summary="Tell an address again")
def resume(
    session: SessionDep, identity: IdentityDep, now: NowDep, resources: ResourcesDep, slug: str, webhook_id: int
) -> WebhookAnswer:
    """Tell an address again that was given up, or try one at once that waits: a greeting, then what it missed."""
    deployment = open_deployment(session, identity, slug, Permission.DEPLOYMENT_MANAGE)
    row = find_target(session, deployment.id or 0, webhook_id)
    resume_target(session, row, actor=identity.actor, now=now, new_id=resources.new_id)
    return WebhookAnswer.model_validate(webhook_data(row))


@router.get(
    "/feed.atom",
    summary="The deployment's events as an Atom feed",
    response_class=Response,
    responses={200: {"content": {MEDIA_TYPE: {"schema": {"type": "string"}}}}},
)
def send_feed(
    request: Request, session: SessionDep, identity: IdentityDep, resources: ResourcesDep, slug: str
) -> Response:
    """Return the last events, the newest first: translated, approved, signed off, released, with counts alone."""
    deployment = open_deployment(session, identity, slug, Permission.DEPLOYMENT_VIEW, changing=False)
    data = write_feed(deployment, list_announcements(session, deployment.id or 0), resources.settings.public_url)
    return answer_content(request, data, media_type=MEDIA_TYPE, name=f"{slug}.atom")
