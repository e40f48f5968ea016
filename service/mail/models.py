"""The outbox of mail, and who wants none. Addresses stand in ``person`` alone."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Column, Index
from sqlmodel import Field

from service.db import Table, enum_type


class MailState(StrEnum):
    """How a message stands or ended. ``by-hand``: a person copied it and sent it."""

    WAITING = "waiting"
    SENT = "sent"
    BY_HAND = "by-hand"
    FAILED = "failed"
    CANCELLED = "cancelled"


class MailMessage(Table, table=True):
    """One message to one person. ``key`` names what it is about: nobody is told the same thing twice.

    ``locale`` is the language that subject and text are written in. It is not sent before ``due_at``; ``attempts``
    grows before each try, and ``problem`` says why the last one did not work.
    """

    __tablename__ = "mail_message"
    __table_args__ = (Index("ix_mail_message_due", "state", "due_at"),)

    id: int | None = Field(default=None, primary_key=True)
    deployment_id: int = Field(foreign_key="deployment.id", index=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    kind: str = Field(max_length=40)
    key: str = Field(max_length=200, unique=True)
    locale: str = Field(max_length=20)
    subject: str = Field(max_length=300)
    text: str
    state: MailState = Field(sa_column=Column(enum_type(MailState, "mail_state"), nullable=False))
    created_at: datetime
    due_at: datetime
    sent_at: datetime | None = None
    attempts: int = Field(default=0)
    problem: str = Field(default="", max_length=1000)


class MailStop(Table, table=True):
    """Somebody wants no mail from this service."""

    __tablename__ = "mail_stop"

    person_id: str = Field(foreign_key="person.id", primary_key=True)
    stopped_at: datetime
