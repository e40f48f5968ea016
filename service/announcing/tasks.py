"""Delivering: one event after another to each address, no transaction open while it is spoken to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlmodel import Session, col, select

from service.announcing.models import Announcement, TargetState, WebhookTarget
from service.announcing.rules import EVENT_ID, PING, SIGNATURE, is_to_end, make_body, sign, wait_after
from service.audit.service import Actor, write_audit
from service.db import Database
from service.deployments.models import Deployment
from service.errors import NotReady, RemoteUnreachable
from service.web.secrets import SecretBox

_AT_ONCE = 100
"""Events for one address in one round: a backlog keeps the deployment's other jobs waiting no longer."""


class Sender(Protocol):
    """What takes events away."""

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Hand one over; raises :class:`RemoteUnreachable`."""
        ...


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is to be posted; ``event_id`` is None for a greeting."""

    url: str
    secret: str
    key: str
    body: bytes
    event_id: int | None


def deliver_due(
    database: Database,
    deployment_id: int,
    sender: Sender,
    *,
    secrets: SecretBox,
    clock: Callable[[], datetime],
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> dict[str, int]:
    """Deliver what waits for each address of a deployment; return how many arrived, and how many addresses failed.

    An event goes out until the address took it: one that takes it and whose answer is lost gets it twice, with the
    same id. An address that fails keeps no other one waiting.
    """
    with database.read() as session:
        query = select(WebhookTarget.id).where(
            WebhookTarget.deployment_id == deployment_id, WebhookTarget.state == TargetState.ON
        )
        ids = session.exec(query.order_by(col(WebhookTarget.id))).all()
    counts = {"delivered": 0, "failed": 0}
    for done, target_id in enumerate(ids):
        for _ in range(_AT_ONCE):
            progress(done, len(ids))
            parcel = _claim(database, target_id or 0, secrets, clock())
            if parcel is None:
                break
            headers = {SIGNATURE: sign(parcel.secret, parcel.body, clock()), EVENT_ID: parcel.key}
            try:
                sender.post(parcel.url, parcel.body, headers)
            except RemoteUnreachable as error:
                _record_failure(database, target_id or 0, error.message, clock())
                counts["failed"] += 1
                break
            _record_arrival(database, target_id or 0, parcel, clock())
            counts["delivered"] += 1
    return counts


def _claim(database: Database, target_id: int, secrets: SecretBox, now: datetime) -> Parcel | None:
    """Count a try and return what is to be posted; None where nothing is, or it is not its turn."""
    with database.write() as session:
        row = session.get(WebhookTarget, target_id, with_for_update=True)
        if row is None or row.state is not TargetState.ON or row.next_at > now:
            return None
        deployment = session.get_one(Deployment, row.deployment_id)
        event = None if row.ping else _next_event(session, row)
        if row.ping is None and event is None:
            return None
        row.attempts += 1
        row.next_at = now + wait_after(row.attempts)
        try:
            secret = secrets.decrypt(row.secret)
        except NotReady as error:
            row.problem, row.failing_since = error.message[:500], row.failing_since or now
            return None
        if event is None:
            key = row.ping or ""
            return Parcel(row.url, secret, key, make_body(key, PING, deployment.slug, row.created_at, {}), None)
        more = {"locale": event.locale, "number": event.number, "counts": event.counts}
        body = make_body(event.key, event.kind.value, deployment.slug, event.at, more)
        return Parcel(row.url, secret, event.key, body, event.id)


def _next_event(session: Session, row: WebhookTarget) -> Announcement | None:
    query = select(Announcement).where(
        Announcement.deployment_id == row.deployment_id, col(Announcement.id) > row.last_id
    )
    return session.exec(query.order_by(col(Announcement.id)).limit(1)).first()


def _record_arrival(database: Database, target_id: int, parcel: Parcel, now: datetime) -> None:
    with database.write() as session:
        row = session.get(WebhookTarget, target_id, with_for_update=True)
        if row is None:
            return
        if parcel.event_id is None:
            row.ping = None if row.ping == parcel.key else row.ping
        else:
            row.last_id = max(row.last_id, parcel.event_id)
        row.attempts, row.next_at, row.delivered_at = 0, now, now
        row.failing_since, row.problem = None, ""


def _record_failure(database: Database, target_id: int, problem: str, now: datetime) -> None:
    with database.write() as session:
        row = session.get(WebhookTarget, target_id, with_for_update=True)
        if row is None or row.state is not TargetState.ON:
            return
        row.problem = problem[:500]
        row.failing_since = row.failing_since or now
        if is_to_end(row.failing_since, now):
            row.state = TargetState.FAILED
            write_audit(
                session, Actor("worker"), "webhook.off", now, deployment_id=row.deployment_id,
                subject=f"webhook/{row.id}", detail={"since": row.failing_since.isoformat()},
            )  # fmt: skip
