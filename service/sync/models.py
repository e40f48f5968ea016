"""What each sync did, what Transifex last got from us, and what volunteers ask there."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, Index, UniqueConstraint
from sqlmodel import Field

from service.db import Table, enum_type


class RunKind(StrEnum):
    """Which way texts travelled."""

    PUSH = "push"
    PULL = "pull"


class RunState(StrEnum):
    """How a run stands or ended."""

    RUNNING = "running"
    DONE = "done"
    NO_CHANGES = "no-changes"
    PARTLY = "partly"
    FAILED = "failed"
    CANCELLED = "cancelled"


class SyncRun(Table, table=True):
    """One push or pull: what it did in counts and per-item outcomes, what it cost in requests.

    ``owner`` names the process, or the job's worker, that has the run until ``lease_until`` unless it is renewed.
    ``locale`` is the one that alone was pulled, as before a release; None for all.
    """

    __tablename__ = "sync_run"

    id: int | None = Field(default=None, primary_key=True)
    deployment_id: int = Field(foreign_key="deployment.id", index=True)
    kind: RunKind = Field(sa_column=Column(enum_type(RunKind, "run_kind"), nullable=False))
    locale: str | None = Field(default=None, max_length=20)
    state: RunState = Field(sa_column=Column(enum_type(RunState, "run_state"), nullable=False))
    person_id: str | None = Field(default=None, foreign_key="person.id")
    started_at: datetime
    ended_at: datetime | None = None
    requests: int = Field(default=0)
    outcome: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    message: str = Field(default="", max_length=2000)
    owner: str | None = Field(default=None, max_length=200)
    lease_until: datetime | None = None


class SyncRunItem(Table, table=True):
    """One outcome of a run under way, written with what it tells of; the run takes them all over when it ends."""

    __tablename__ = "sync_run_item"

    id: int | None = Field(default=None, primary_key=True)
    run_id: int = Field(foreign_key="sync_run.id", index=True)
    outcome: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


class PushedResource(Table, table=True):
    """The content hash of what a Transifex resource last got from us: unchanged content is not sent again.

    ``escaped``: its texts were seen there as they stand in the file, with the backslashes that the format needs.
    """

    __tablename__ = "pushed_resource"
    __table_args__ = (UniqueConstraint("deployment_id", "slug", name="uq_pushed_resource_slug"),)

    id: int | None = Field(default=None, primary_key=True)
    deployment_id: int = Field(foreign_key="deployment.id")
    slug: str = Field(max_length=200)
    record_key: str = Field(max_length=1000)
    content_hash: str = Field(max_length=64)
    string_count: int
    escaped: bool = Field(default=False)
    pushed_at: datetime


class PulledPair(Table, table=True):
    """How Transifex's statistics stood when a (resource, language) was last pulled: while they stay, nothing is asked.

    ``last_update`` NULL: unsure, so the pair is pulled again whatever the statistics say.
    """

    __tablename__ = "pulled_pair"
    __table_args__ = (UniqueConstraint("deployment_id", "slug", "language", name="uq_pulled_pair_place"),)

    id: int | None = Field(default=None, primary_key=True)
    deployment_id: int = Field(foreign_key="deployment.id")
    slug: str = Field(max_length=200)
    language: str = Field(max_length=40)
    last_update: datetime | None = None
    total: int
    translated: int
    reviewed: int
    pulled_at: datetime


class SyncSchedule(Table, table=True):
    """When a deployment is next pulled by itself, and when it was last pulled whole."""

    __tablename__ = "sync_schedule"

    deployment_id: int = Field(foreign_key="deployment.id", primary_key=True)
    next_at: datetime
    everything_at: datetime


class QuestionState(StrEnum):
    """Whether a volunteer still waits."""

    OPEN = "open"
    RESOLVED = "resolved"


class Question(Table, table=True):
    """An issue that somebody else than this service opened on Transifex, on a string in a language.

    ``unit_id`` is NULL where no unit of ours has the string; ``key`` is the unit's key, else Transifex's of the string.
    ``locale`` is NULL where the language is none of the deployment's. ``seen_at``: when its comments were last looked
    for. ``closed_at``: when we sent or saw that it is resolved.
    """

    __tablename__ = "question"
    __table_args__ = (
        UniqueConstraint("deployment_id", "remote_id", name="uq_question_remote_id"),
        Index("ix_question_inbox", "deployment_id", "state"),
    )

    id: int | None = Field(default=None, primary_key=True)
    deployment_id: int = Field(foreign_key="deployment.id")
    remote_id: str = Field(max_length=600)
    string: str = Field(max_length=600)
    language: str = Field(max_length=40)
    locale: str | None = Field(default=None, max_length=20)
    unit_id: int | None = Field(default=None, foreign_key="unit.id", index=True)
    key: str
    author_id: str | None = Field(default=None, foreign_key="person.id")
    text: str
    state: QuestionState = Field(sa_column=Column(enum_type(QuestionState, "question_state"), nullable=False))
    opened_at: datetime
    seen_at: datetime
    closed_at: datetime | None = None


class QuestionComment(Table, table=True):
    """What somebody else than this service said on Transifex after a question was opened."""

    __tablename__ = "question_comment"
    __table_args__ = (UniqueConstraint("question_id", "remote_id", name="uq_question_comment_remote_id"),)

    id: int | None = Field(default=None, primary_key=True)
    question_id: int = Field(foreign_key="question.id")
    remote_id: str = Field(max_length=600)
    author_id: str | None = Field(default=None, foreign_key="person.id")
    text: str
    written_at: datetime


class ReplyKind(StrEnum):
    """What a reply to a question does."""

    ANSWER = "answer"
    RESOLVE = "resolve"


class QuestionReply(Table, table=True):
    """One thing that Transifex has to hear about a question: an outbox, as that of decisions is.

    ``person_id`` is whoever answered here, NULL for the operator; Transifex never hears of it. ``done_at`` NULL: still
    to be sent. ``attempts`` grows before each try. ``problem`` says why the last try did not work, or why it was closed
    without being sent. ``comment_id`` is Transifex's id of an answer.
    """

    __tablename__ = "question_reply"
    id: int | None = Field(default=None, primary_key=True)
    question_id: int = Field(foreign_key="question.id", index=True)
    kind: ReplyKind = Field(sa_column=Column(enum_type(ReplyKind, "reply_kind"), nullable=False))
    person_id: str | None = Field(default=None, foreign_key="person.id")
    text: str = Field(default="", max_length=4000)
    created_at: datetime
    done_at: datetime | None = None
    attempts: int = Field(default=0)
    problem: str = Field(default="", max_length=2000)
    comment_id: str | None = Field(default=None, max_length=600)
