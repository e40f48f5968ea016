"""Emptying the outbox: one message after another, no transaction open while the server is spoken to."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Protocol

from sqlalchemy import func
from sqlmodel import Session, col, select

from service.auth.models import Person
from service.db import Database
from service.deployments.models import Deployment
from service.errors import RemoteUnreachable
from service.jobs.leases import hold_lease
from service.jobs.service import enqueue_job
from service.mail.client import MailRefused
from service.mail.models import MailMessage, MailState
from service.mail.rules import MAX_ATTEMPTS, ONE_A, Letter, SmtpAccount, compose, wait_after
from service.mail.service import KIND, is_stopped
from service.tally.service import MAIL, count

LEASE = timedelta(minutes=2)


class Sender(Protocol):
    """What takes messages away."""

    def send(self, message: EmailMessage) -> None:
        """Hand one message over; raises :class:`MailRefused` or :class:`RemoteUnreachable`."""
        ...


@dataclass(frozen=True, slots=True)
class Outgoing:
    """How messages go out.

    ``address_of`` returns the link by which a person gets no more. ``describe`` returns for a locale its BCP 47 tag,
    its direction, and the sentence above that link. ``note_sent`` is told of each message that went out, in the
    transaction that records it.
    """

    account: SmtpAccount
    sender: Sender
    address_of: Callable[[str], str]
    describe: Callable[[str], tuple[str, str, str]]
    note_sent: Callable[[Session, MailMessage, datetime], None] = lambda _session, _message, _now: None


def send_due(
    database: Database,
    deployment_id: int,
    outgoing: Outgoing,
    *,
    clock: Callable[[], datetime],
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> dict[str, int]:
    """Send what is due in a deployment; return how many were sent, failed for good, and wait.

    A server that cannot be reached ends the round; what waits is tried again later. A process that is killed between
    the server's answer and its record sends that one message twice, with the same Message-ID on the same day.
    """
    with database.read() as session:
        ids = session.exec(_due(deployment_id, clock())).all()
    counts = {"sent": 0, "failed": 0, "waiting": 0}
    for done, message_id in enumerate(ids):
        progress(done, len(ids))
        letter = _claim(database, message_id or 0, outgoing, clock())
        if letter is None:
            continue
        try:
            outgoing.sender.send(compose(letter, outgoing.account, clock()))
        except (MailRefused, ValueError) as error:
            # ValueError: the address cannot be written in a header.
            _record(database, message_id or 0, str(error), failed=True)
            counts["failed"] += 1
        except RemoteUnreachable as error:
            counts["failed"] += _record(database, message_id or 0, error.message)
            counts["waiting"] = len(ids) - done
            break
        else:
            _record_sent(database, message_id or 0, outgoing, clock())
            counts["sent"] += 1
    return counts


def _due(deployment_id: int, now: datetime):  # type: ignore[no-untyped-def]
    return (
        select(MailMessage.id)
        .where(
            MailMessage.deployment_id == deployment_id,
            MailMessage.state == MailState.WAITING,
            MailMessage.due_at <= now,
        )
        .order_by(col(MailMessage.id))
    )


def _claim(database: Database, message_id: int, outgoing: Outgoing, now: datetime) -> Letter | None:
    """Count a try and return what is to be sent; None where it is not its turn any more."""
    with database.write() as session:
        row = session.get(MailMessage, message_id, with_for_update=True)
        if row is None or row.state is not MailState.WAITING or row.due_at > now:
            return None
        # Two messages to one person are looked at one after the other.
        person = session.get(Person, row.person_id, with_for_update=True)
        if person is None or not person.email or is_stopped(session, row.person_id):
            row.state = MailState.CANCELLED
            return None
        last = session.exec(select(func.max(MailMessage.sent_at)).where(MailMessage.person_id == row.person_id)).one()
        if last is not None and last + ONE_A > now:
            row.due_at = last + ONE_A
            return None
        row.attempts += 1
        row.due_at = now + wait_after(row.attempts)
        lang, direction, sentence = outgoing.describe(row.locale)
        return Letter(
            message_id, person.email, row.subject, row.text, lang, direction, outgoing.address_of(person.id), sentence
        )


def _record(database: Database, message_id: int, problem: str, *, failed: bool = False) -> bool:
    with database.write() as session:
        row = session.get_one(MailMessage, message_id, with_for_update=True)
        row.problem = problem[:1000]
        failed = failed or row.attempts >= MAX_ATTEMPTS
        if failed and row.state is MailState.WAITING:
            row.state = MailState.FAILED
            count(session, MAIL, result=MailState.FAILED.value)
        return failed


def _record_sent(database: Database, message_id: int, outgoing: Outgoing, now: datetime) -> None:
    with database.write() as session:
        row = session.get_one(MailMessage, message_id, with_for_update=True)
        row.state, row.sent_at, row.problem = MailState.SENT, now, ""
        count(session, MAIL, result=MailState.SENT.value)
        session.flush()
        outgoing.note_sent(session, row, now)


def queue_due_mail(database: Database, *, owner: str, now: datetime) -> int:
    """Queue a job for each deployment in which a message is due; return how many were queued."""
    with database.read() as session:
        if not session.exec(_deployments(now)).first():
            return 0
    with database.write() as session:
        if not hold_lease(session, KIND, owner, now=now, span=LEASE):
            return 0
        found = session.exec(_deployments(now)).all()
        for deployment_id in found:
            enqueue_job(session, KIND, deployment_id=deployment_id, arguments={}, person_id=None, now=now)
        return len(found)


def _deployments(now: datetime):  # type: ignore[no-untyped-def]
    return (
        select(MailMessage.deployment_id)
        .join(Deployment, col(Deployment.id) == MailMessage.deployment_id)
        .where(MailMessage.state == MailState.WAITING, MailMessage.due_at <= now)
        .distinct()
    )
