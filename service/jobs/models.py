"""The job ledger: the truth about long work, whoever runs it."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, Index, text
from sqlmodel import Field

from service.db import Table, enum_type


class JobState(StrEnum):
    """How a job stands or ended. Cancelling: it runs, and stops before its next step."""

    QUEUED = "queued"
    RUNNING = "running"
    CANCELLING = "cancelling"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Job(Table, table=True):
    """One piece of long work. Whoever runs it holds a lease; when the lease ends without renewal, another may.

    At most one job of a kind is queued or running for a deployment.
    """

    __tablename__ = "job"
    __table_args__ = (
        Index("ix_job_due", "state", "lease_until"),
        Index(
            "ix_job_one_active",
            "deployment_id",
            "kind",
            unique=True,
            sqlite_where=text("state IN ('queued', 'running', 'cancelling')"),
            postgresql_where=text("state IN ('queued', 'running', 'cancelling')"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    kind: str = Field(max_length=40)
    deployment_id: int = Field(foreign_key="deployment.id", index=True)
    arguments: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    person_id: str | None = Field(default=None, foreign_key="person.id")
    state: JobState = Field(sa_column=Column(enum_type(JobState, "job_state"), nullable=False))
    attempts: int = Field(default=0)
    owner: str | None = Field(default=None, max_length=200)
    lease_until: datetime | None = None
    done: int = Field(default=0)
    total: int = Field(default=0)
    result: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
    message: str = Field(default="", max_length=2000)
    created_at: datetime
    ended_at: datetime | None = None


class Lease(Table, table=True):
    """Who alone does something that is done once for all processes, and until when unless it is renewed."""

    __tablename__ = "process_lease"

    name: str = Field(primary_key=True, max_length=40)
    owner: str = Field(max_length=200)
    until: datetime
