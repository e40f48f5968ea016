"""Primero instances, and what was written to each: every request with what stood there before it."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field

from service.db import Table, enum_type
from service.primero.client.configuration import SignIn


class PrimeroInstance(Table, table=True):
    """One Primero server of a deployment.

    ``secret`` is encrypted: the service account's password, or the identity provider's token. ``training`` marks an
    instance without real cases, which may be given previews. ``refused_at``: the secret was refused then, and is not
    tried again until it is set anew. ``removed_at``: nobody uses it any more; what was written to it stays on record.
    """

    __tablename__ = "primero_instance"
    __table_args__ = (
        Index(
            "uq_primero_instance_name",
            "deployment_id",
            "name",
            unique=True,
            sqlite_where=text("removed_at IS NULL"),
            postgresql_where=text("removed_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    deployment_id: int = Field(foreign_key="deployment.id", index=True)
    name: str = Field(max_length=60)
    url: str = Field(max_length=1000)
    sign_in: SignIn = Field(sa_column=Column(enum_type(SignIn, "sign_in"), nullable=False))
    username: str = Field(max_length=200)
    secret: str = Field(max_length=20_000)
    training: bool = Field(default=False)
    refused_at: datetime | None = None
    created_at: datetime
    removed_at: datetime | None = None


class InstanceRunKind(StrEnum):
    """Whether texts were given to an instance or taken back."""

    APPLY = "apply"
    ROLLBACK = "rollback"


class InstanceRunState(StrEnum):
    """How a run stands or ended.

    ``running``: also a run whose process died; the same command goes on with it. ``stopped``: something was not as it
    had to be. ``given-up``: it was left unfinished, and rolled back or replaced.
    """

    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    GIVEN_UP = "given-up"


class InstanceRun(Table, table=True):
    """One apply or rollback.

    Attributes:
        bundle: the archive's name, ``sha256`` its hash; ``release`` the release's number, None where it has none.
        of_run_id: of a rollback: the apply that is undone.
        options: what was asked for, so that a killed run goes on as it began.
        outside: SHA-256 of each form and lookup that is not to be touched, as it was at the start.
        left_out: ``{key, why}`` of the texts that were not given to the instance.
        notes: what else was seen, in sentences.
        owner: names the process that has the run until ``lease_until`` unless it is renewed.
    """

    __tablename__ = "instance_run"

    id: int | None = Field(default=None, primary_key=True)
    instance_id: int = Field(foreign_key="primero_instance.id", index=True)
    kind: InstanceRunKind = Field(sa_column=Column(enum_type(InstanceRunKind, "instance_run_kind"), nullable=False))
    state: InstanceRunState = Field(sa_column=Column(enum_type(InstanceRunState, "instance_run_state"), nullable=False))
    locale: str = Field(max_length=20)
    bundle: str = Field(max_length=300)
    sha256: str = Field(max_length=64)
    release: int | None = None
    preview: bool = Field(default=False)
    of_run_id: int | None = Field(default=None, foreign_key="instance_run.id")
    person_id: str | None = Field(default=None, foreign_key="person.id")
    started_at: datetime
    ended_at: datetime | None = None
    requests: int = Field(default=0)
    options: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    outside: dict[str, str] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    left_out: list[dict[str, str]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    notes: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    message: str = Field(default="", max_length=2000)
    owner: str | None = Field(default=None, max_length=200)
    lease_until: datetime | None = None


class WriteState(StrEnum):
    """How one form or lookup of a run stands.

    ``sending``: it may have been written, and whoever goes on looks first. ``written``: it is as it was to be.
    ``changed-there``: somebody else changed it after it was read, and it was left. ``refused``: Primero refused it,
    and it is as it was. ``differs``: it is not as it was to be.
    """

    PLANNED = "planned"
    SENDING = "sending"
    WRITTEN = "written"
    CHANGED_THERE = "changed-there"
    REFUSED = "refused"
    DIFFERS = "differs"


class InstanceRunRecord(Table, table=True):
    """One form or lookup of a run: ``before`` and ``after`` simplified, ``body`` the request, ``keys`` its texts."""

    __tablename__ = "instance_run_record"
    __table_args__ = (UniqueConstraint("run_id", "position", name="uq_instance_run_record_position"),)

    id: int | None = Field(default=None, primary_key=True)
    run_id: int = Field(foreign_key="instance_run.id")
    position: int
    record_key: str = Field(max_length=1000)
    kind: str = Field(max_length=10)
    number: int
    state: WriteState = Field(sa_column=Column(enum_type(WriteState, "write_state"), nullable=False))
    before: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    after: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    body: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    keys: list[str] = Field(sa_column=Column(JSON, nullable=False))
    differences: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))


class LookKind(StrEnum):
    """What was looked at: what a bundle would change, or the requests that an apply or a rollback would send."""

    DIFF = "diff"
    APPLY = "apply"
    ROLLBACK = "rollback"


class InstanceLook(Table, table=True):
    """What somebody was shown before anything was sent; the latest of a deployment are kept.

    Attributes:
        instance_id: the instance that was read, None for an export that was handed in.
        against: the instance's name, or the file's.
        release: the number of the release that it is about.
        of_run_id: of a rollback: the apply that would be undone.
        counts: how many texts or requests of each kind there are.
        content: all of it as packed JSON.
    """

    __tablename__ = "instance_look"

    id: int | None = Field(default=None, primary_key=True)
    deployment_id: int = Field(foreign_key="deployment.id", index=True)
    instance_id: int | None = Field(default=None, foreign_key="primero_instance.id")
    kind: LookKind = Field(sa_column=Column(enum_type(LookKind, "look_kind"), nullable=False))
    locale: str = Field(max_length=20)
    release: int | None = None
    of_run_id: int | None = Field(default=None, foreign_key="instance_run.id")
    against: str = Field(max_length=300)
    person_id: str | None = Field(default=None, foreign_key="person.id")
    created_at: datetime
    counts: dict[str, int] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
