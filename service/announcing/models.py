"""What is announced, up to where each locale was, and who is told."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, Index, UniqueConstraint
from sqlmodel import Field

from service.db import Table, enum_type


class EventKind(StrEnum):
    """What happened in a locale."""

    TRANSLATED = "translated"
    APPROVED = "approved"
    SIGNED_OFF = "signed-off"
    RELEASED = "released"


class Announcement(Table, table=True):
    """One event. ``key`` is its random id, the same however often it is delivered.

    ``number`` is that of the sign-off or release, None else. ``counts`` are how the locale stood: texts, and how many
    of them are translated and approved.
    """

    __tablename__ = "announcement"
    __table_args__ = (Index("ix_announcement_place", "deployment_id", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    deployment_id: int = Field(foreign_key="deployment.id")
    key: str = Field(max_length=36, unique=True)
    kind: EventKind = Field(sa_column=Column(enum_type(EventKind, "announcement_kind"), nullable=False))
    locale: str = Field(max_length=20)
    number: int | None = None
    counts: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    at: datetime


class AnnouncementMark(Table, table=True):
    """Up to where a locale was announced: texts that have a translation, approved ones, sign-off and release."""

    __tablename__ = "announcement_mark"

    deployment_id: int = Field(foreign_key="deployment.id", primary_key=True)
    locale: str = Field(primary_key=True, max_length=20)
    translated: int
    approved: int
    translated_at: datetime | None = None
    approved_at: datetime | None = None
    sign_off: int
    release: int


class TargetState(StrEnum):
    """Whether somebody is told. ``failed``: switched off by the service, as nothing arrived for days."""

    ON = "on"
    FAILED = "failed"
    STOPPED = "stopped"


class WebhookTarget(Table, table=True):
    """An address that is told of a deployment's events, in their order, the last one that arrived being ``last_id``.

    ``secret`` is encrypted with the key outside of the database. ``ping``: the id of a greeting that is to arrive
    before anything else, None once it did. ``attempts`` grows before each try, and ``next_at`` is when it is tried
    again; ``failing_since`` is None where the last try arrived.
    """

    __tablename__ = "webhook_target"
    __table_args__ = (UniqueConstraint("deployment_id", "url", name="uq_webhook_target_url"),)

    id: int | None = Field(default=None, primary_key=True)
    deployment_id: int = Field(foreign_key="deployment.id")
    url: str = Field(max_length=1000)
    secret: str = Field(max_length=1000)
    state: TargetState = Field(sa_column=Column(enum_type(TargetState, "webhook_target_state"), nullable=False))
    person_id: str | None = Field(default=None, foreign_key="person.id")
    created_at: datetime
    last_id: int
    ping: str | None = Field(default=None, max_length=36)
    attempts: int = Field(default=0)
    next_at: datetime
    delivered_at: datetime | None = None
    failing_since: datetime | None = None
    problem: str = Field(default="", max_length=500)
