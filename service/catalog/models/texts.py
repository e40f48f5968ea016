"""What people wrote and decided: translations, decisions, conflicts."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Column, Index, UniqueConstraint, text
from sqlmodel import Field

from service.db import Table, enum_type


class State(StrEnum):
    """The state of a (unit, locale): a pure function of texts, author, tags and decisions; never set by hand."""

    UNTRANSLATED = "untranslated"
    TRANSLATED = "translated"
    STALE = "stale"
    REJECTED = "rejected"
    APPROVED = "approved"


class Origin(StrEnum):
    """How a text came in. ``live``: it was found in a source, so Primero shows it already."""

    LIVE = "live"
    IMPORT = "import"
    TRANSIFEX = "transifex"
    CORRECTION = "correction"
    INHERITED = "inherited"


class DecisionKind(StrEnum):
    """What a reviewer can say of a pair of texts."""

    APPROVE = "approve"
    REJECT = "reject"
    REOPEN = "reopen"


class DecisionException(StrEnum):
    """Why an approval counts although a rule would not let it."""

    LONE_REVIEWER = "lone-reviewer"
    BASELINE = "baseline"


class RejectReason(StrEnum):
    """The six reasons a rejection may have."""

    MEANING = "meaning"
    TONE = "tone"
    DIALECT = "dialect"
    TERM = "term"
    TYPO = "typo"
    SAFETY = "safety"


class ConflictResolution(StrEnum):
    """How a conflict ended. ``agreed``: both sides came to hold the same text by themselves."""

    OURS = "ours"
    THEIRS = "theirs"
    AGREED = "agreed"


class StoredText(Table, table=True):
    """A normalised text by its hash, so that what a decision was made on can be shown after the texts moved on."""

    __tablename__ = "stored_text"

    hash: str = Field(primary_key=True, max_length=64)
    text: str


class Translation(Table, table=True):
    """The text of a unit in a locale. No row: there never was one. ``text`` NULL: there is none any more.

    ``text`` is the original, ``text_hash`` the hash of its normalised form. ``written_on`` is the hash of the source
    text it was last written on. ``our_synced_hash`` and ``their_synced_hash`` are what each side held at the end of the
    last sync ("" for no text, NULL before the first), ``synced_source_hash`` the source Transifex then had from us, and
    ``synced_at`` when that was. ``checked_on`` is the hash of the source text that the stored findings were made on;
    NULL: the checks have to look at it again. ``checked_with`` names the checks, switches and glossary they were made
    with.
    ``version`` grows with every change of text or decisions: a decision says which version it was made on.
    """

    __tablename__ = "translation"
    __table_args__ = (
        UniqueConstraint("unit_id", "locale", name="uq_translation_unit_locale"),
        Index("ix_translation_locale_state", "locale", "state"),
        CheckConstraint("(text IS NULL) = (text_hash IS NULL)", name="text_has_hash"),
        CheckConstraint("(text IS NULL) = (state = 'untranslated')", name="untranslated_has_no_text"),
    )

    id: int | None = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="unit.id")
    locale: str = Field(max_length=20)
    text: str | None = None
    text_hash: str | None = Field(default=None, max_length=64, index=True)
    author_id: str | None = Field(default=None, foreign_key="person.id", index=True)
    origin: Origin | None = Field(default=None, sa_column=Column(enum_type(Origin, "origin"), nullable=True))
    written_at: datetime | None = None
    written_on: str | None = Field(default=None, max_length=64)
    state: State = Field(
        default=State.UNTRANSLATED, sa_column=Column(enum_type(State, "state"), nullable=False, index=True)
    )
    approvals: int = Field(default=0)
    approvals_needed: int = Field(default=1)
    blocked: bool = Field(default=False)
    warnings: int = Field(default=0)
    checked_on: str | None = Field(default=None, max_length=64)
    checked_with: str | None = Field(default=None, max_length=64)
    reviewed_on_transifex: bool = Field(default=False)
    our_synced_hash: str | None = Field(default=None, max_length=64)
    their_synced_hash: str | None = Field(default=None, max_length=64)
    synced_source_hash: str | None = Field(default=None, max_length=64)
    synced_at: datetime | None = None
    version: int = Field(default=1)
    changed_at: datetime


class Contribution(Table, table=True):
    """A text that a person wrote for a unit: kept when the text is replaced, so that thanks and reasons reach them.

    ``words`` are the source's. ``corrected_at`` is when a reviewer replaced the text by another one.
    """

    __tablename__ = "contribution"
    __table_args__ = (
        UniqueConstraint("unit_id", "locale", "text_hash", "author_id", name="uq_contribution_text"),
        Index("ix_contribution_author", "author_id", "deployment_id", "locale"),
    )

    id: int | None = Field(default=None, primary_key=True)
    deployment_id: int = Field(foreign_key="deployment.id", index=True)
    unit_id: int = Field(foreign_key="unit.id")
    locale: str = Field(max_length=20)
    text_hash: str = Field(max_length=64)
    author_id: str = Field(foreign_key="person.id")
    words: int
    written_at: datetime
    corrected_at: datetime | None = None


class Decision(Table, table=True):
    """One person's approve, reject or reopen on a pair of texts. Append-only.

    ``sensitive`` says whether the unit was sensitive then, ``bulk`` whether the text was approved together with others
    without a look at each: such an approval never counts on a sensitive unit. ``reopens_id`` names the earlier decision
    that a reopen makes as if never made; no decision is reopened twice.
    """

    __tablename__ = "decision"
    __table_args__ = (
        Index("ix_decision_pair", "unit_id", "locale", "source_hash", "text_hash"),
        Index(
            "ix_decision_reopens_once",
            "reopens_id",
            unique=True,
            sqlite_where=text("reopens_id IS NOT NULL"),
            postgresql_where=text("reopens_id IS NOT NULL"),
        ),
        CheckConstraint("(kind = 'reopen') = (reopens_id IS NOT NULL)", name="reopen_names_one"),
        CheckConstraint("(kind = 'reject') = (reason IS NOT NULL)", name="reject_has_reason"),
    )

    id: int | None = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="unit.id")
    locale: str = Field(max_length=20)
    source_hash: str = Field(max_length=64)
    text_hash: str = Field(max_length=64)
    kind: DecisionKind = Field(sa_column=Column(enum_type(DecisionKind, "decision_kind"), nullable=False))
    person_id: str = Field(foreign_key="person.id", index=True)
    reopens_id: int | None = Field(default=None, foreign_key="decision.id")
    reason: RejectReason | None = Field(
        default=None, sa_column=Column(enum_type(RejectReason, "reject_reason"), nullable=True)
    )
    comment: str = Field(default="", max_length=4000)
    exception: DecisionException | None = Field(
        default=None, sa_column=Column(enum_type(DecisionException, "decision_exception"), nullable=True)
    )
    sensitive: bool = Field(default=False)
    bulk: bool = Field(default=False)
    created_at: datetime


class Conflict(Table, table=True):
    """Both sides changed: an open record beside the state. At most one is open for a (unit, locale)."""

    __tablename__ = "conflict"
    __table_args__ = (
        Index(
            "ix_conflict_one_open",
            "unit_id",
            "locale",
            unique=True,
            sqlite_where=text("resolved_at IS NULL"),
            postgresql_where=text("resolved_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="unit.id", index=True)
    locale: str = Field(max_length=20)
    our_text: str
    their_text: str
    their_author_id: str | None = Field(default=None, foreign_key="person.id")
    their_written_at: datetime | None = None
    opened_at: datetime
    resolved_at: datetime | None = None
    resolution: ConflictResolution | None = Field(
        default=None, sa_column=Column(enum_type(ConflictResolution, "conflict_resolution"), nullable=True)
    )
    resolved_by: str | None = Field(default=None, foreign_key="person.id")
