"""What belongs to reviewers' own work: texts put aside, forms taken, and what they say to each other."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from service.db import Table


class QueueSkip(Table, table=True):
    """A text that one person put aside. It is a mark in that person's queue and nothing else, and no state.

    It lasts while the translation has the ``version`` it had then: a new text or decision brings the text back.
    """

    __tablename__ = "queue_skip"
    __table_args__ = (UniqueConstraint("person_id", "translation_id", name="uq_queue_skip_one"),)

    id: int | None = Field(default=None, primary_key=True)
    person_id: str = Field(foreign_key="person.id")
    translation_id: int = Field(foreign_key="translation.id", index=True)
    version: int
    created_at: datetime


class FormClaim(Table, table=True):
    """Who is on a form (or a lookup) in one locale, so that two people do not read the same texts.

    ``until`` moves on with each action of that person; after it the claim counts no more. ``given_by`` is who gave the
    form to the person, None where the person took it; a form that was given stays given until it is taken back.
    """

    __tablename__ = "form_claim"
    __table_args__ = (
        UniqueConstraint("deployment_id", "locale", "record_key", name="uq_form_claim_one"),
        Index("ix_form_claim_person", "person_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    deployment_id: int = Field(foreign_key="deployment.id")
    locale: str = Field(max_length=20)
    record_key: str = Field(max_length=1000)
    person_id: str = Field(foreign_key="person.id")
    given_by: str | None = Field(default=None, foreign_key="person.id")
    taken_at: datetime
    until: datetime


class TextComment(Table, table=True):
    """What a person said about a text in one locale, for those who review it; it is never sent anywhere."""

    __tablename__ = "text_comment"
    __table_args__ = (Index("ix_text_comment_text", "unit_id", "locale"),)

    id: int | None = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="unit.id")
    locale: str = Field(max_length=20)
    person_id: str = Field(foreign_key="person.id")
    text: str = Field(max_length=4000)
    created_at: datetime
