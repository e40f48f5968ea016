"""Queueing mail, and what people say about it: that they sent it themselves, that they want no more."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, select

from service.audit.service import Actor, write_audit
from service.auth.models import Person
from service.errors import NotFound, Refused
from service.jobs.service import enqueue_job
from service.mail.models import MailMessage, MailState, MailStop
from service.mail.rules import one_line

KIND = "mail"
"""The kind of job that sends."""


@dataclass(frozen=True, slots=True)
class NewMail:
    """A message to be sent. ``key`` names what it is about: a second one with the same key is never queued.

    ``locale`` is Primero's code of the language that it is written in.
    """

    person_id: str
    deployment_id: int
    kind: str
    key: str
    locale: str
    subject: str
    text: str
    due_at: datetime | None = None


def queue_mail(session: Session, mail: NewMail, now: datetime) -> bool:
    """Queue a message; it goes out when its turn comes, with what tells the person how to get no more.

    Nobody gets two messages within a day: a later one waits. Without an SMTP server it waits to be copied by hand.

    Returns:
        False where nothing is queued: the same was told before, the person wants no mail, or has no address.
    """
    person = session.get(Person, mail.person_id)
    if person is None or not person.email or is_stopped(session, mail.person_id):
        return False
    if session.exec(select(MailMessage.id).where(MailMessage.key == mail.key)).first() is not None:
        return False
    session.add(
        MailMessage(
            deployment_id=mail.deployment_id,
            person_id=mail.person_id,
            kind=mail.kind,
            key=mail.key,
            locale=mail.locale,
            subject=one_line(mail.subject),
            text=mail.text,
            state=MailState.WAITING,
            created_at=now,
            due_at=mail.due_at or now,
        )
    )
    session.flush()
    if mail.due_at is None or mail.due_at <= now:
        enqueue_job(session, KIND, deployment_id=mail.deployment_id, arguments={}, person_id=None, now=now, again=True)
    return True


def list_mail(
    session: Session,
    deployment_id: int,
    *,
    person_id: str | None = None,
    states: Collection[MailState] = (),
    before: int | None = None,
    limit: int | None = None,
) -> list[tuple[MailMessage, Person]]:
    """Return the messages of a deployment with whom they are for, the newest first; those ``before`` an id alone."""
    query = (
        select(MailMessage, Person)
        .join(Person, col(Person.id) == MailMessage.person_id)
        .where(MailMessage.deployment_id == deployment_id)
        .order_by(col(MailMessage.id).desc())
    )
    if person_id is not None:
        query = query.where(MailMessage.person_id == person_id)
    if states:
        query = query.where(col(MailMessage.state).in_(list(states)))
    if before is not None:
        query = query.where(col(MailMessage.id) < before)
    return list(session.exec(query.limit(limit)))


def get_mail(session: Session, deployment_id: int, message_id: int) -> MailMessage:
    """Return a message, locked.

    Raises:
        NotFound: the deployment has no such message.
    """
    row = session.get(MailMessage, message_id, with_for_update=True)
    if row is None or row.deployment_id != deployment_id:
        raise NotFound(f"There is no message {message_id}.")
    return row


def end_waiting(
    session: Session, deployment_id: int, message_id: int, *, sent: bool, actor: Actor, now: datetime
) -> MailMessage:
    """Note that a person sent a message that waits, or (``sent`` false) that it is not to be sent.

    Raises:
        NotFound: there is no such message.
        Refused: it waits no more.
    """
    row = get_mail(session, deployment_id, message_id)
    if row.state not in (MailState.WAITING, MailState.FAILED):
        raise Refused("This message has gone out, or was taken back.")
    row.state = MailState.BY_HAND if sent else MailState.CANCELLED
    row.sent_at = now if sent else None
    session.add(row)
    session.flush()
    write_audit(
        session, actor, "mail.by-hand" if sent else "mail.cancel", now,
        deployment_id=deployment_id, subject=f"person/{row.person_id}", detail={"kind": row.kind},
    )  # fmt: skip
    return row


def take_back_waiting(session: Session, deployment_id: int, kind: str) -> list[str]:
    """Take back what waits of a kind in a deployment, as it is true no more; return for whom it was."""
    query = select(MailMessage).where(
        MailMessage.deployment_id == deployment_id, MailMessage.kind == kind, MailMessage.state == MailState.WAITING
    )
    rows = session.exec(query.with_for_update()).all()
    for row in rows:
        row.state = MailState.CANCELLED
    session.flush()
    return [row.person_id for row in rows]


def stop_mail(session: Session, person_id: str, *, now: datetime) -> None:
    """Note that a person wants no mail; what waits for them is taken back."""
    if session.get(MailStop, person_id) is None:
        session.add(MailStop(person_id=person_id, stopped_at=now))
    session.execute(
        update(MailMessage)
        .where(col(MailMessage.person_id) == person_id, col(MailMessage.state) == MailState.WAITING)
        .values(state=MailState.CANCELLED)
    )
    session.flush()
    write_audit(session, Actor("unsubscribe", person_id), "mail.stop", now, subject=f"person/{person_id}")


def allow_mail(session: Session, person_id: str, *, now: datetime) -> None:
    """Note that a person who wanted no mail wants it again."""
    row = session.get(MailStop, person_id)
    if row is not None:
        session.delete(row)
        session.flush()
        write_audit(session, Actor("unsubscribe", person_id), "mail.allow", now, subject=f"person/{person_id}")


def is_stopped(session: Session, person_id: str) -> bool:
    """Return whether a person wants no mail."""
    return session.get(MailStop, person_id) is not None


def find_stopped(session: Session, person_ids: Sequence[str]) -> set[str]:
    """Return which of these persons want no mail."""
    return set(session.exec(select(MailStop.person_id).where(col(MailStop.person_id).in_(list(person_ids)))))
