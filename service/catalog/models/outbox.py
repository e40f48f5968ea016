"""What was decided here and Transifex has to hear: written with the decision, sent later."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Column, Index, text
from sqlmodel import Field

from service.db import Table, enum_type


class OutboxKind(StrEnum):
    """What Transifex has to hear. ``reviewed`` and ``unreviewed`` set and clear its mark of a reviewed text."""

    TEXT = "text"
    REVIEWED = "reviewed"
    UNREVIEWED = "unreviewed"
    ISSUE = "issue"
    RESOLVE_ISSUE = "resolve-issue"


class OutboxRow(Table, table=True):
    """One thing that Transifex has to hear about a (unit, locale).

    ``source_hash`` and ``text_hash`` name the pair of texts it is about: once others stand there, it is closed unsent.
    ``decision_id`` is the rejection that an issue tells of, the last one of its pair else, where there is one.
    ``done_at`` NULL: still to be sent. ``attempts`` grows before each try, so that a row with none was surely never
    sent. ``problem`` says why the last try did not work, or why the row was closed without being sent. ``comment_id``
    is Transifex's id of the issue.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_pair", "unit_id", "locale"),
        Index(
            "ix_outbox_open",
            "unit_id",
            "locale",
            sqlite_where=text("done_at IS NULL"),
            postgresql_where=text("done_at IS NULL"),
        ),
        CheckConstraint("kind NOT IN ('issue', 'resolve-issue') OR decision_id IS NOT NULL", name="issue_has_decision"),
    )

    id: int | None = Field(default=None, primary_key=True)
    kind: OutboxKind = Field(sa_column=Column(enum_type(OutboxKind, "outbox_kind"), nullable=False))
    unit_id: int = Field(foreign_key="unit.id")
    locale: str = Field(max_length=20)
    decision_id: int | None = Field(default=None, foreign_key="decision.id", index=True)
    source_hash: str = Field(max_length=64)
    text_hash: str = Field(max_length=64)
    created_at: datetime
    done_at: datetime | None = None
    attempts: int = Field(default=0)
    problem: str = Field(default="", max_length=2000)
    comment_id: str | None = Field(default=None, max_length=600)
