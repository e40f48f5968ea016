"""Findings, stored beside the translation they are about."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from service.db import Table


class StoredFinding(Table, table=True):
    """A finding on a pair of texts. A dismissal or waiver keeps who and why, and lasts while the pair lasts."""

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
    replacement: str | None = None
    dismissed_by: str | None = Field(default=None, foreign_key="person.id")
    dismissed_at: datetime | None = None
    dismissed_reason: str | None = Field(default=None, max_length=2000)
