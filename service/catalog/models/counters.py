"""Counters beside the rows they count, so that how far a language is costs no look at its texts."""

from sqlmodel import Field

from service.db import Table


class TextCounter(Table, table=True):
    """How many texts of one form or lookup stand how in one locale, among those that are to be translated.

    The row with ``locale`` "" counts the source: ``units`` and ``words``; these two are 0 in every other row. What is
    untranslated follows from it. A row that is not there counts nothing. Rows are written by
    :mod:`service.catalog.models.counting` alone.
    """

    __tablename__ = "text_counter"

    deployment_id: int = Field(foreign_key="deployment.id", primary_key=True)
    locale: str = Field(max_length=20, primary_key=True)
    record_key: str = Field(max_length=1000, primary_key=True)
    units: int = Field(default=0)
    words: int = Field(default=0)
    translated: int = Field(default=0)
    translated_words: int = Field(default=0)
    stale: int = Field(default=0)
    stale_words: int = Field(default=0)
    rejected: int = Field(default=0)
    rejected_words: int = Field(default=0)
    approved: int = Field(default=0)
    approved_words: int = Field(default=0)
    waiting: int = Field(default=0)
    waiting_words: int = Field(default=0)
    blocked: int = Field(default=0)
    warned: int = Field(default=0)
    with_findings: int = Field(default=0)
    conflicts: int = Field(default=0)
