"""Webhooks: Transifex tells that a language moved, and the next pull looks at it.

A delivery is never believed: it only makes us look. So a replay, a delivery twice or one that lies costs a look, and
one that gets lost costs time until the next pull by itself.
"""

import logging
import secrets as random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlmodel import Session, col, delete, select

from service.audit.service import Actor, write_audit
from service.db import Database
from service.deployments.client import find_project, translate_errors
from service.deployments.models import Deployment, DeploymentWebhook
from service.errors import NotFound, NotReady, Refused
from service.jobs.service import enqueue_job
from service.sync.models import PulledPair, PushedResource
from service.web.secrets import SecretBox
from transifex_client import TransifexClient
from transifex_client import errors as transifex
from transifex_client.addresses import is_loopback
from transifex_client.ids import organization_id, parse_place
from transifex_client.resources import EventType, NewProjectWebhook, ProjectWebhook, ProjectWebhookChange
from transifex_client.webhooks import Delivery, parse_delivery, verify

PATH = "/hooks/transifex/"
LONGEST_AGE = timedelta(minutes=15)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Registered:
    """The webhook on Transifex: its id, the address it calls, and whether it was made or changed."""

    remote_id: str
    address: str
    created: bool


def hook_address(public_url: str, slug: str) -> str:
    """Return the address that Transifex calls for a deployment."""
    return f"{public_url}{PATH}{slug}"


def take_delivery(
    database: Database,
    slug: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    public_url: str,
    secrets: SecretBox,
    now: datetime,
) -> None:
    """Note what a delivery says has moved, and queue a pull; do nothing for what needs none.

    Args:
        slug: the deployment that the address names; it may not exist.
        headers: those of the request.
        body: its bytes, untouched.
        public_url: where Transifex was told to call us.
        secrets: opens the webhook's secret.

    Raises:
        NotFound: there is no such webhook, or the delivery is not proven to be its; which of both is not said.
    """
    with database.read() as session:
        secret = _find_secret(session, slug, secrets)
    try:
        # Without a webhook the same work is done with a secret that nobody has.
        verify(
            headers, body, secret=secret or random.token_hex(32), url=hook_address(public_url, slug), now=now,
            longest_age=LONGEST_AGE,
        )  # fmt: skip
    except transifex.DeliveryRefused as error:
        raise NotFound("There is no such webhook, or this delivery is not proven to be for it.") from error
    try:
        delivery = parse_delivery(body)
    except transifex.UnexpectedAnswer:
        return
    if delivery.event_type is not None:
        with database.write() as session:
            _note(session, slug, delivery, now)


def _find_secret(session: Session, slug: str, secrets: SecretBox) -> str | None:
    query = select(DeploymentWebhook.secret).join(Deployment).where(Deployment.slug == slug)
    sealed = session.exec(query).first()
    if sealed is None:
        return None
    try:
        return secrets.decrypt(sealed)
    except NotReady as error:
        # Whoever calls must not learn from it that the deployment exists.
        _log.error("no delivery for %s can be verified: %s", slug, error.message)
        return None


def _note(session: Session, slug: str, delivery: Delivery, now: datetime) -> None:
    deployment = session.exec(select(Deployment).where(Deployment.slug == slug)).one()
    if deployment.archived_at is not None or not deployment.transifex_project or deployment.id is None:
        return
    if delivery.project != parse_place(deployment.transifex_project).project:
        return
    pushed = select(PushedResource.id).where(PushedResource.deployment_id == deployment.id)
    if delivery.resource is not None:
        pushed = pushed.where(PushedResource.slug == delivery.resource)
    if session.exec(pushed.limit(1)).first() is None:
        return
    if delivery.resource is not None:
        pairs = delete(PulledPair).where(
            col(PulledPair.deployment_id) == deployment.id, col(PulledPair.slug) == delivery.resource
        )
        if delivery.language is not None:
            pairs = pairs.where(col(PulledPair.language) == delivery.language)
        session.exec(pairs)
    enqueue_job(
        session, "pull", deployment_id=deployment.id, arguments={"slug": slug}, person_id=None, now=now, again=True
    )


def register_webhook(
    database: Database,
    client: TransifexClient,
    deployment: Deployment,
    *,
    public_url: str,
    secrets: SecretBox,
    actor: Actor,
    now: datetime,
) -> Registered:
    """Have Transifex tell us about the deployment's project, signed with a fresh secret; change the webhook it has.

    Raises:
        Refused: the deployment has no project, or Transifex cannot or should not reach ``public_url``.
        ServiceError: what Transifex answered, in our words.
    """
    _require_safe(public_url)
    project = find_project(deployment)
    address, secret = hook_address(public_url, deployment.slug), random.token_hex(32)
    with translate_errors():
        existing = _find_remote(client, project, address)
        if existing:
            change = ProjectWebhookChange(event_type=EventType.ALL_EVENTS, active=True, secret_key=secret)
            hook = client.update_project_webhook(existing[0].id, change)
        else:
            hook = client.create_project_webhook(NewProjectWebhook(project, address, secret_key=secret), now=now)
        # Others with the same address would sign with secrets that nobody knows any more.
        for other in existing[1:]:
            client.delete_project_webhook(other.id)
    assert deployment.id is not None
    with database.write() as session:
        row = session.get(DeploymentWebhook, deployment.id) or DeploymentWebhook(
            deployment_id=deployment.id, remote_id="", secret="", created_at=now
        )
        row.remote_id, row.secret, row.created_at = hook.id, secrets.encrypt(secret), now
        session.add(row)
        write_audit(
            session, actor, "deployment.webhook", now,
            deployment_id=deployment.id, subject=deployment.slug, detail={"webhook": hook.id, "address": address},
        )  # fmt: skip
    return Registered(hook.id, address, created=not existing)


def remove_webhook(
    database: Database,
    client: TransifexClient,
    deployment: Deployment,
    *,
    public_url: str,
    actor: Actor,
    now: datetime,
) -> int:
    """Have Transifex tell us nothing any more; return how many webhooks it had for this.

    Raises:
        Refused: the deployment has no project.
        ServiceError: what Transifex answered, in our words.
    """
    project = find_project(deployment)
    with translate_errors():
        existing = _find_remote(client, project, hook_address(public_url, deployment.slug))
        for hook in existing:
            client.delete_project_webhook(hook.id)
    with database.write() as session:
        session.exec(delete(DeploymentWebhook).where(col(DeploymentWebhook.deployment_id) == deployment.id))
        write_audit(
            session, actor, "deployment.webhook-remove", now,
            deployment_id=deployment.id, subject=deployment.slug, detail={"webhooks": [hook.id for hook in existing]},
        )  # fmt: skip
    return len(existing)


def _find_remote(client: TransifexClient, project: str, address: str) -> list[ProjectWebhook]:
    organization = organization_id(parse_place(project).organization)
    found = client.list_project_webhooks(organization, project=project)
    return [hook for hook in found if hook.callback_url == address]


def _require_safe(public_url: str) -> None:
    parts = urlsplit(public_url)
    if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
        raise Refused(
            f"Transifex would call {public_url} in the clear: set BRIDGE_PUBLIC_URL to the https address at which the "
            "service is reached."
        )
