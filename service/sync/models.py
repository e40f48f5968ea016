"""What each sync did, and what Transifex last got from us."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, UniqueConstraint
from sqlmodel import Field

from service.db import Table, enum_type


class RunKind(StrEnum):
    """Which way texts travelled."""

    PUSH = "push"
    PULL = "pull"


class RunState(StrEnum):
    """How a run stands or ended."""

    RUNNING = "running"
    DONE = "done"
    NO_CHANGES = "no-changes"
    PARTLY = "partly"
    FAILED = "failed"
    CANCELLED = "cancelled"


class SyncRun(Table, table=True):
    """One push or pull: what it did in counts and per-item outcomes, what it cost in requests."""

    __tablename__ = "sync_run"

    id: int | None = Field(default=None, primary_key=True)
    deployment_id: int = Field(foreign_key="deployment.id", index=True)
    kind: RunKind = Field(sa_column=Column(enum_type(RunKind, "run_kind"), nullable=False))
    state: RunState = Field(sa_column=Column(enum_type(RunState, "run_state"), nullable=False))
    person_id: str | None = Field(default=None, foreign_key="person.id")
    started_at: datetime
    ended_at: datetime | None = None
    requests: int = Field(default=0)
    outcome: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    message: str = Field(default="", max_length=2000)


class PushedResource(Table, table=True):
    """The content hash of what a Transifex resource last got from us: unchanged content is not sent again."""

    __tablename__ = "pushed_resource"
    __table_args__ = (UniqueConstraint("deployment_id", "slug", name="uq_pushed_resource_slug"),)

    id: int | None = Field(default=None, primary_key=True)
    deployment_id: int = Field(foreign_key="deployment.id")
    slug: str = Field(max_length=200)
    record_key: str = Field(max_length=1000)
    content_hash: str = Field(max_length=64)
    string_count: int
    pushed_at: datetime


class PulledPair(Table, table=True):
    """How Transifex's statistics stood when a (resource, language) was last pulled: while they stay, nothing is asked.

    ``last_update`` NULL: unsure, so the pair is pulled again whatever the statistics say.
    """

    __tablename__ = "pulled_pair"
    __table_args__ = (UniqueConstraint("deployment_id", "slug", "language", name="uq_pulled_pair_place"),)

    id: int | None = Field(default=None, primary_key=True)
    deployment_id: int = Field(foreign_key="deployment.id")
    slug: str = Field(max_length=200)
    language: str = Field(max_length=40)
    last_update: datetime | None = None
    total: int
    translated: int
    reviewed: int
    pulled_at: datetime


class SyncSchedule(Table, table=True):
    """When a deployment is next pulled by itself, and when it was last pulled whole."""

    __tablename__ = "sync_schedule"

    deployment_id: int = Field(foreign_key="deployment.id", primary_key=True)
    next_at: datetime
    everything_at: datetime
