"""Noting events, and who is told of them."""

import secrets as random_secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func
from sqlmodel import Session, col, select

from service.announcing.models import Announcement, AnnouncementMark, TargetState, WebhookTarget
from service.announcing.plan import Mark, Standing, begin, plan_events
from service.audit.service import Actor, write_audit
from service.bundles.models import Release, SignOff
from service.catalog.queries import LocaleCounts, count_deployments
from service.db import Database
from service.deployments.models import Deployment
from service.deployments.service import list_locales_of
from service.errors import BadInput, NotFound, Refused
from service.jobs.leases import hold_lease
from service.jobs.service import enqueue_job
from service.web.secrets import SecretBox

KIND = "webhook"
"""The kind of job that delivers."""
MOST = 5
"""Addresses of a deployment: each delays its other work by a few seconds at worst."""
KEPT = timedelta(days=90)
FEED = 50
_LEASE = timedelta(minutes=2)

Places = dict[tuple[int, str], Standing]


def announce_due(database: Database, *, owner: str, now: datetime, new_id: Callable[[], str]) -> int:
    """Note what moved in each deployment since the last look, and have it delivered; return how many events.

    To be called every now and then; one process at a time does it for all. A look that finds nothing writes nothing.
    """
    with database.read() as session:
        if not _plan(session, now) and not _find_waiting(session, now):
            return 0
    with database.write() as session:
        if not hold_lease(session, "announce", owner, now=now, span=_LEASE):
            return 0
        noted = sum(_note(session, place, now, new_id) for place in _plan(session, now))
        if noted:
            session.execute(delete(Announcement).where(col(Announcement.at) < now - KEPT))
        for deployment_id in _find_waiting(session, now):
            enqueue_job(session, KIND, deployment_id=deployment_id, arguments={}, person_id=None, now=now)
        return noted


def _plan(session: Session, now: datetime) -> list[tuple[int, str, Standing, Mark | None]]:
    """Return each locale in which something is to be noted, with how it stands and up to where it was announced."""
    rows = {(row.deployment_id, row.locale): row for row in session.exec(select(AnnouncementMark))}
    found: list[tuple[int, str, Standing, Mark | None]] = []
    for (deployment_id, locale), standing in _standings(session).items():
        row = rows.get((deployment_id, locale))
        mark = None if row is None else _mark(row)
        if mark is None or plan_events(mark, standing, now)[1] != mark:
            found.append((deployment_id, locale, standing, mark))
    return found


def _standings(session: Session) -> Places:
    ids = [found for found in session.exec(select(Deployment.id).where(col(Deployment.archived_at).is_(None))) if found]
    counts = count_deployments(session, ids)
    signed = _last_numbers(session, SignOff)
    released = _last_numbers(session, Release)
    found: Places = {}
    for row in list_locales_of(session, ids):
        place = (row.deployment_id, row.locale)
        each = counts[row.deployment_id].get(row.locale, LocaleCounts())
        texts = each.total - each.untranslated
        found[place] = Standing(each.total, texts, each.approved, signed.get(place, 0), released.get(place, 0))
    return found


def _last_numbers(session: Session, table: type[SignOff] | type[Release]) -> dict[tuple[int, str], int]:
    query = select(table.deployment_id, table.locale, func.max(table.number)).group_by(
        col(table.deployment_id), col(table.locale)
    )
    return {(deployment_id, locale): number for deployment_id, locale, number in session.exec(query)}


def _mark(row: AnnouncementMark) -> Mark:
    return Mark(row.translated, row.approved, row.sign_off, row.release, row.translated_at, row.approved_at)


def _note(
    session: Session,
    place: tuple[int, str, Standing, Mark | None],
    now: datetime,
    new_id: Callable[[], str],
) -> int:
    deployment_id, locale, standing, mark = place
    events, after = ([], begin(standing)) if mark is None else plan_events(mark, standing, now)
    counts = {"texts": standing.texts, "translated": standing.translated, "approved": standing.approved}
    for event in events:
        session.add(
            Announcement(
                deployment_id=deployment_id, key=new_id(), kind=event.kind, locale=locale, number=event.number,
                counts=counts, at=now,
            )
        )  # fmt: skip
    row = session.get(AnnouncementMark, (deployment_id, locale))
    values = {name: getattr(after, name) for name in Mark.__slots__}
    if row is None:
        session.add(AnnouncementMark(deployment_id=deployment_id, locale=locale, **values))
    else:
        for name, value in values.items():
            setattr(row, name, value)
    session.flush()
    return len(events)


def _find_waiting(session: Session, now: datetime) -> Sequence[int]:
    """Return the deployments in which something is to be delivered now."""
    news = (
        select(Announcement.id)
        .where(Announcement.deployment_id == WebhookTarget.deployment_id, col(Announcement.id) > WebhookTarget.last_id)
        .exists()
    )
    query = select(WebhookTarget.deployment_id).where(
        WebhookTarget.state == TargetState.ON,
        WebhookTarget.next_at <= now,
        news | col(WebhookTarget.ping).is_not(None),
    )
    return session.exec(query.distinct()).all()


def list_announcements(session: Session, deployment_id: int, *, limit: int = FEED) -> Sequence[Announcement]:
    """Return the last events of a deployment, the newest first."""
    query = select(Announcement).where(Announcement.deployment_id == deployment_id)
    return session.exec(query.order_by(col(Announcement.id).desc()).limit(limit)).all()


def list_targets(session: Session, deployment_id: int) -> Sequence[WebhookTarget]:
    """Return who is told of a deployment's events, in the order they were added."""
    query = select(WebhookTarget).where(WebhookTarget.deployment_id == deployment_id)
    return session.exec(query.order_by(col(WebhookTarget.id))).all()


def find_target(session: Session, deployment_id: int, target_id: int) -> WebhookTarget:
    """Return an address that is told, locked.

    Raises:
        NotFound: the deployment has no such one.
    """
    row = session.get(WebhookTarget, target_id, with_for_update=True)
    if row is None or row.deployment_id != deployment_id:
        raise NotFound(f"There is no webhook {target_id}.")
    return row


def add_target(
    session: Session,
    deployment: Deployment,
    url: str,
    *,
    secrets: SecretBox,
    actor: Actor,
    now: datetime,
    new_id: Callable[[], str],
) -> tuple[WebhookTarget, str]:
    """Have an address told from now on, a greeting first; return it with its secret, which is never shown again.

    ``url`` was checked by :func:`service.announcing.client.check_url`.

    Raises:
        Refused: it is told already, or there are too many.
        BadInput: it cannot be stored.
    """
    assert deployment.id is not None
    targets = list_targets(session, deployment.id)
    if any(target.url == url for target in targets):
        raise Refused("This address is told already: remove it first, to get another secret.")
    if len(targets) >= MOST:
        raise Refused(f"A deployment tells {MOST} addresses at most: remove one first.")
    if "\0" in url:
        raise BadInput("A webhook's address is https://HOST/PATH, without a user name.")
    secret = f"whs_{random_secrets.token_urlsafe(32)}"
    last = session.exec(select(func.max(Announcement.id)).where(Announcement.deployment_id == deployment.id)).one()
    row = WebhookTarget(
        deployment_id=deployment.id, url=url, secret=secrets.encrypt(secret), state=TargetState.ON,
        person_id=actor.person_id, created_at=now, last_id=last or 0, ping=new_id(), next_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    write_audit(session, actor, "webhook.add", now, deployment_id=deployment.id, subject=f"webhook/{row.id}")
    enqueue_job(session, KIND, deployment_id=deployment.id, arguments={}, person_id=None, now=now, again=True)
    return row, secret


def remove_target(session: Session, row: WebhookTarget, *, actor: Actor, now: datetime) -> None:
    """Tell an address no more, and forget its secret."""
    deployment_id, number = row.deployment_id, row.id
    session.delete(row)
    session.flush()
    write_audit(session, actor, "webhook.remove", now, deployment_id=deployment_id, subject=f"webhook/{number}")


def resume_target(
    session: Session, row: WebhookTarget, *, actor: Actor, now: datetime, new_id: Callable[[], str]
) -> None:
    """Tell an address again, a greeting first, then what it missed as far as that is kept; at once where it waited."""
    row.state, row.ping, row.attempts, row.next_at = TargetState.ON, row.ping or new_id(), 0, now
    row.failing_since, row.problem = None, ""
    session.add(row)
    session.flush()
    write_audit(
        session, actor, "webhook.resume", now, deployment_id=row.deployment_id, subject=f"webhook/{row.id}"
    )  # fmt: skip
    enqueue_job(session, KIND, deployment_id=row.deployment_id, arguments={}, person_id=None, now=now, again=True)
