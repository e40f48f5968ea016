"""The tables of sign-offs, releases and the keys that sign them."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field

from service.db import Table


class SigningKey(Table, table=True):
    """A key that signs bundles, named by the beginning of the SHA-256 of its public half. One is current.

    ``public_key`` is PEM; ``private_key`` is PEM, encrypted with the key outside of the database. Keys that were
    replaced stay, so that what they signed can be verified.
    """

    __tablename__ = "signing_key"
    __table_args__ = (
        Index(
            "ix_signing_key_one_current",
            "is_current",
            unique=True,
            sqlite_where=text("is_current"),
            postgresql_where=text("is_current"),
        ),
    )

    id: str = Field(primary_key=True, max_length=16)
    public_key: str = Field(max_length=2000)
    private_key: str = Field(max_length=4000)
    is_current: bool
    created_at: datetime
    replaced_at: datetime | None = None


class SignOff(Table, table=True):
    """One person's statement that the approved texts of a locale are fit for go-live.

    What it covers stands in :class:`SignOffPair`, and is never changed; ``digest`` is the SHA-256 over it. ``counts``
    are the numbers that the person saw.
    """

    __tablename__ = "sign_off"
    __table_args__ = (
        UniqueConstraint("deployment_id", "locale", "number", name="uq_sign_off_number"),
        CheckConstraint("(revoked_at IS NULL) = (revoke_reason IS NULL)", name="revoked_with_reason"),
    )

    id: int | None = Field(default=None, primary_key=True)
    deployment_id: int = Field(foreign_key="deployment.id")
    locale: str = Field(max_length=20)
    number: int
    snapshot_id: int = Field(foreign_key="snapshot.id")
    person_id: str = Field(foreign_key="person.id", index=True)
    name: str = Field(max_length=200)
    role: str = Field(max_length=200)
    organisation: str = Field(max_length=200)
    statement: str = Field(max_length=4000)
    digest: str = Field(max_length=64)
    counts: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    created_at: datetime
    revoked_at: datetime | None = None
    revoked_by: str | None = Field(default=None, foreign_key="person.id")
    revoke_reason: str | None = Field(default=None, max_length=2000)


class SignOffPair(Table, table=True):
    """One pair of texts that a sign-off covers."""

    __tablename__ = "sign_off_pair"

    sign_off_id: int = Field(foreign_key="sign_off.id", primary_key=True)
    unit_id: int = Field(foreign_key="unit.id", primary_key=True)
    source_hash: str = Field(max_length=64)
    text_hash: str = Field(max_length=64)


class Release(Table, table=True):
    """A frozen, numbered set of approved pairs of one locale, and everything its bundle is made of but the texts.

    ``documents`` are the zlib-compressed papers of the bundle (manifest, what was left out, instructions); the texts
    are found by the hashes of :class:`ReleasePair`. ``sha256`` is that of the archive, ``signature`` the signature file
    over it. ``job_id`` is the job that made it: a job that is run again after its worker died makes no second one.
    """

    __tablename__ = "release"
    __table_args__ = (
        UniqueConstraint("deployment_id", "locale", "number", name="uq_release_number"),
        UniqueConstraint("job_id", name="uq_release_job_id"),
        CheckConstraint("number > 0", name="number_positive"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdraw_reason IS NULL)", name="withdrawn_with_reason"),
    )

    id: int | None = Field(default=None, primary_key=True)
    deployment_id: int = Field(foreign_key="deployment.id")
    locale: str = Field(max_length=20)
    number: int
    policy: str = Field(max_length=20)
    snapshot_id: int = Field(foreign_key="snapshot.id")
    sign_off_id: int | None = Field(default=None, foreign_key="sign_off.id")
    job_id: int | None = Field(default=None, foreign_key="job.id")
    person_id: str | None = Field(default=None, foreign_key="person.id")
    created_at: datetime
    name: str = Field(max_length=200)
    sha256: str = Field(max_length=64)
    size: int
    documents: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    signature: str = Field(max_length=1000)
    key_id: str = Field(foreign_key="signing_key.id", max_length=16)
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = Field(default=None, foreign_key="person.id")
    withdraw_reason: str | None = Field(default=None, max_length=2000)


class ReleasePair(Table, table=True):
    """One pair of texts that a release ships, in the order of the source."""

    __tablename__ = "release_pair"

    release_id: int = Field(foreign_key="release.id", primary_key=True)
    unit_id: int = Field(foreign_key="unit.id", primary_key=True)
    position: int
    source_hash: str = Field(max_length=64)
    text_hash: str = Field(max_length=64)


class ReleaseFetch(Table, table=True):
    """Who fetched a release, when and with what; ``person_id`` is None for the operator of the machine."""

    __tablename__ = "release_fetch"

    id: int | None = Field(default=None, primary_key=True)
    release_id: int = Field(foreign_key="release.id", index=True)
    person_id: str | None = Field(default=None, foreign_key="person.id")
    actor: str = Field(max_length=200)
    client: str = Field(default="", max_length=200)
    fetched_at: datetime
