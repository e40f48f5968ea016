"""The audit table: append-only, persons by id alone."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field

from service.db import Table


class AuditEntry(Table, table=True):
    """One thing that was done: who, when, what, on what. Never updated, never deleted."""

    __tablename__ = "audit_entry"

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(index=True)
    person_id: str | None = Field(default=None, foreign_key="person.id", index=True)
    actor: str = Field(max_length=200)
    action: str = Field(max_length=80, index=True)
    deployment_id: int | None = Field(default=None, foreign_key="deployment.id", index=True)
    subject: str = Field(default="", max_length=1000)
    detail: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
