"""What is remembered of progress: how each language stood, and by when it is to be done."""

from datetime import date, datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from service.db import Table


class ProgressSnapshot(Table, table=True):
    """How one locale stood on a day (UTC), in texts and source words.

    It is taken each day and after each sync; a later one of the same day takes its place, so that the last of a day is
    kept. The numbers are those of :class:`service.catalog.queries.LocaleCounts`.
    """

    __tablename__ = "progress_snapshot"
    __table_args__ = (UniqueConstraint("deployment_id", "locale", "day", name="uq_progress_snapshot_day"),)

    id: int | None = Field(default=None, primary_key=True)
    deployment_id: int = Field(foreign_key="deployment.id")
    locale: str = Field(max_length=20)
    day: date
    taken_at: datetime
    total: int
    words: int
    translated: int
    translated_words: int
    stale: int
    stale_words: int
    rejected: int
    rejected_words: int
    approved: int
    approved_words: int
    waiting: int
    waiting_words: int
    with_findings: int
    conflicts: int


class Deadline(Table, table=True):
    """The day by which a locale of a deployment is to be approved whole, and why that day."""

    __tablename__ = "deadline"
    __table_args__ = (UniqueConstraint("deployment_id", "locale", name="uq_deadline_locale"),)

    id: int | None = Field(default=None, primary_key=True)
    deployment_id: int = Field(foreign_key="deployment.id")
    locale: str = Field(max_length=20)
    day: date
    note: str = Field(default="", max_length=500)
    person_id: str | None = Field(default=None, foreign_key="person.id")
    changed_at: datetime


class DeadlineReminder(Table, table=True):
    """One reminder of a deadline that people were told: ``step`` days before ``day``, or as near as it was seen."""

    __tablename__ = "deadline_reminder"
    __table_args__ = (UniqueConstraint("deployment_id", "locale", "day", "step", name="uq_deadline_reminder_step"),)

    id: int | None = Field(default=None, primary_key=True)
    deployment_id: int = Field(foreign_key="deployment.id")
    locale: str = Field(max_length=20)
    day: date
    step: int
    told_at: datetime
