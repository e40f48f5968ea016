"""What a configuration brought: snapshots, units, the rules of scope over them, and words that make units sensitive."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field

from service.db import Table, enum_type


class Snapshot(Table, table=True):
    """One import of the source, kept whole, so that it can be made current again.

    ``catalog`` is the zlib-compressed catalog JSON of :mod:`extractors.catalog_json`; ``source_hash`` is the SHA-256 of
    the uncompressed bytes. At most one snapshot of a deployment is current.
    """

    __tablename__ = "snapshot"
    __table_args__ = (
        UniqueConstraint("deployment_id", "number", name="uq_snapshot_number"),
        Index(
            "ix_snapshot_one_current",
            "deployment_id",
            unique=True,
            sqlite_where=text("is_current"),
            postgresql_where=text("is_current"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    deployment_id: int = Field(foreign_key="deployment.id", index=True)
    number: int
    is_current: bool = Field(default=False)
    origin: str = Field(max_length=500)
    format: str = Field(max_length=40)
    source_hash: str = Field(max_length=64)
    catalog: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    unit_count: int
    problems: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    imported_at: datetime
    person_id: str | None = Field(default=None, foreign_key="person.id")


class Unit(Table, table=True):
    """One translatable text of a deployment. A retired unit keeps everything and revives with its key.

    ``position`` orders units as the source does. The scope columns are what the deployment's rules make of the key;
    they are written by one use case only. ``pushed_*`` say which source text Transifex last got from us, and when.
    """

    __tablename__ = "unit"
    __table_args__ = (
        UniqueConstraint("deployment_id", "key", name="uq_unit_key"),
        Index("ix_unit_in_order", "deployment_id", "retired", "position"),
        Index("ix_unit_record", "deployment_id", "record_key"),
        Index("ix_unit_option_set", "deployment_id", "option_set"),
        CheckConstraint("priority BETWEEN -9 AND 9", name="priority_range"),
    )

    id: int | None = Field(default=None, primary_key=True)
    deployment_id: int = Field(foreign_key="deployment.id")
    key: str = Field(max_length=2000)
    record_key: str = Field(max_length=1000)
    option_set: str | None = Field(default=None, max_length=1500)
    position: int
    source: str
    source_hash: str = Field(max_length=64, index=True)
    context: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    words: int
    characters: int
    carrier: str = Field(default="both", max_length=10)
    retired: bool = Field(default=False)
    excluded: bool = Field(default=False)
    do_not_translate: bool = Field(default=False)
    sensitive: bool = Field(default=False)
    priority: int = Field(default=0)
    pushed_source_hash: str | None = Field(default=None, max_length=64)
    pushed_at: datetime | None = None
    created_at: datetime
    changed_at: datetime


class ScopeAction(StrEnum):
    """What a rule of scope does to the units whose key it matches."""

    EXCLUDE = "exclude"
    INCLUDE = "include"
    TAG = "tag"
    UNTAG = "untag"


class ScopeRule(Table, table=True):
    """One rule of scope. Rules apply in the order of their ids, also to units of later snapshots; the last match wins.

    ``tag`` is ``sensitive``, ``do-not-translate`` or ``priority=N`` for tag and untag, else empty.
    """

    __tablename__ = "scope_rule"

    id: int | None = Field(default=None, primary_key=True)
    deployment_id: int = Field(foreign_key="deployment.id", index=True)
    action: ScopeAction = Field(sa_column=Column(enum_type(ScopeAction, "scope_action"), nullable=False))
    pattern: str = Field(max_length=2000)
    tag: str = Field(default="", max_length=40)
    reason: str = Field(default="", max_length=2000)
    person_id: str | None = Field(default=None, foreign_key="person.id")
    created_at: datetime


class WordingRule(Table, table=True):
    """A change of a deployment to the sensitive-wording pack: a term of its own, or one of the pack's that is out.

    Append-only: of several rules on one term the last one counts. ``forms`` and ``exceptions`` only where it adds.
    """

    __tablename__ = "wording_rule"

    id: int | None = Field(default=None, primary_key=True)
    deployment_id: int = Field(foreign_key="deployment.id", index=True)
    term: str = Field(max_length=200)
    added: bool
    forms: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    exceptions: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    reason: str = Field(default="", max_length=2000)
    person_id: str | None = Field(default=None, foreign_key="person.id")
    created_at: datetime
