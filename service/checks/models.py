"""What checks find, what people said about it, and what a deployment chose: switches and the glossary."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, UniqueConstraint, text
from sqlmodel import Field

from service.db import Table


class StoredFinding(Table, table=True):
    """A finding on a pair of texts. A dismissal or waiver keeps who and why, and lasts while the pair lasts.

    ``said`` is the message as it can be told in another language; None where an earlier version found it.
    """

    __tablename__ = "finding"
    __table_args__ = (Index("ix_finding_translation", "translation_id", "check_id"),)

    id: int | None = Field(default=None, primary_key=True)
    translation_id: int = Field(foreign_key="translation.id")
    source_hash: str = Field(max_length=64)
    text_hash: str = Field(max_length=64)
    check_id: str = Field(max_length=60)
    severity: str = Field(max_length=10)
    start: int
    end: int
    message: str
    said: list[Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
    replacement: str | None = None
    dismissed_by: str | None = Field(default=None, foreign_key="person.id")
    dismissed_at: datetime | None = None
    dismissed_reason: str | None = Field(default=None, max_length=2000)


class Dismissal(Table, table=True):
    """A person's word that a finding on a pair of texts does not count: a dismissal, or of a blocking one a waiver.

    Kept apart from the finding, which goes and comes with the texts and the checks: when the pair is there again and
    the finding too, the word holds again. ``withdrawn_at`` ends it; rows are never deleted.
    """

    __tablename__ = "finding_dismissal"
    __table_args__ = (Index("ix_finding_dismissal_pair", "translation_id", "source_hash", "text_hash"),)

    id: int | None = Field(default=None, primary_key=True)
    translation_id: int = Field(foreign_key="translation.id")
    source_hash: str = Field(max_length=64)
    text_hash: str = Field(max_length=64)
    check_id: str = Field(max_length=60)
    start: int
    end: int
    message: str
    said: list[Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
    person_id: str = Field(foreign_key="person.id", index=True)
    reason: str = Field(max_length=2000)
    created_at: datetime
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = Field(default=None, foreign_key="person.id")


class CheckSwitch(Table, table=True):
    """Whether a check is on in a deployment; ``locale`` "" is for every locale without a row of its own.

    Without any row a check is on.
    """

    __tablename__ = "check_switch"
    __table_args__ = (UniqueConstraint("deployment_id", "locale", "check_id", name="uq_check_switch_check"),)

    id: int | None = Field(default=None, primary_key=True)
    deployment_id: int = Field(foreign_key="deployment.id")
    locale: str = Field(default="", max_length=20)
    check_id: str = Field(max_length=60)
    is_on: bool
    reason: str = Field(default="", max_length=2000)
    person_id: str | None = Field(default=None, foreign_key="person.id")
    changed_at: datetime


class CheckChoice(Table, table=True):
    """What a deployment chose of a check beside whether it is on; ``locale`` "" is for every locale without its own.

    ``value`` "" means: as it is shipped.
    """

    __tablename__ = "check_choice"
    __table_args__ = (UniqueConstraint("deployment_id", "locale", "check_id", name="uq_check_choice_check"),)

    id: int | None = Field(default=None, primary_key=True)
    deployment_id: int = Field(foreign_key="deployment.id")
    locale: str = Field(default="", max_length=20)
    check_id: str = Field(max_length=60)
    value: str = Field(max_length=100)
    reason: str = Field(default="", max_length=2000)
    person_id: str | None = Field(default=None, foreign_key="person.id")
    changed_at: datetime


class GlossaryEntry(Table, table=True):
    """One version of a glossary term of a deployment and locale. Append-only but for ``superseded_at``.

    ``term_key`` is the term as two spellings of it are the same. The current version has no ``superseded_at``; one
    with ``removed`` says that the term is gone.
    """

    __tablename__ = "glossary_entry"
    __table_args__ = (
        Index(
            "ix_glossary_entry_current",
            "deployment_id",
            "locale",
            "term_key",
            unique=True,
            sqlite_where=text("superseded_at IS NULL"),
            postgresql_where=text("superseded_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    deployment_id: int = Field(foreign_key="deployment.id", index=True)
    locale: str = Field(max_length=20)
    term_key: str = Field(max_length=200)
    version: int
    term: str = Field(max_length=200)
    inflections: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    accepted: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    forbidden: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    reason: str = Field(default="", max_length=1000)
    owner: str = Field(default="", max_length=100)
    removed: bool = Field(default=False)
    person_id: str | None = Field(default=None, foreign_key="person.id")
    created_at: datetime
    superseded_at: datetime | None = None


class RecheckMark(Table, table=True):
    """What all texts of a deployment were last checked with: while it is in force nothing needs another look."""

    __tablename__ = "recheck_mark"

    deployment_id: int = Field(foreign_key="deployment.id", primary_key=True)
    fingerprint: str = Field(max_length=64)
    checked_at: datetime
