"""The audit table: append-only, chained by hash, persons by id alone."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, Index, text
from sqlmodel import Field

from service.db import Table


class AuditEntry(Table, table=True):
    """One thing that was done: who, when, what, on what. Never updated, never deleted: triggers refuse both.

    ``number`` is its place in the chain, counted from 1 without gaps, and ``hash`` is over everything here and the
    hash of the entry before it (``rules.hash_entry``); both are NULL only until its transaction commits.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        CheckConstraint("(number IS NULL) = (hash IS NULL)", name="sealed_as_a_whole"),
        Index(
            "ix_audit_entry_unsealed",
            "id",
            sqlite_where=text("number IS NULL"),
            postgresql_where=text("number IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(index=True)
    person_id: str | None = Field(default=None, foreign_key="person.id", index=True)
    actor: str = Field(max_length=200)
    action: str = Field(max_length=80, index=True)
    deployment_id: int | None = Field(default=None, foreign_key="deployment.id", index=True)
    subject: str = Field(default="", max_length=1000)
    detail: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    number: int | None = Field(default=None, unique=True)
    hash: str | None = Field(default=None, max_length=64)


class AuditHead(Table, table=True):
    """The end of the chain: one row, which whoever adds to the chain locks until the commit."""

    __tablename__ = "audit_head"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: int = Field(default=1, primary_key=True)
    number: int
    hash: str = Field(max_length=64)
