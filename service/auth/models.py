"""Persons and what they may do. Names and addresses stand in ``person`` alone, where they can be erased."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, Column, Index, text
from sqlmodel import Field

from service.db import Table, enum_type


class Role(StrEnum):
    """What a membership allows; the table of permissions stands in ``rules.py``."""

    ADMINISTRATOR = "administrator"
    SPECIALIST = "specialist"
    REVIEWER = "reviewer"
    RELEASE_ENGINEER = "release-engineer"
    OBSERVER = "observer"


class Person(Table, table=True):
    """Whoever acts or translates, by a random id. Authors and approvers are compared as persons."""

    __tablename__ = "person"

    id: str = Field(primary_key=True, max_length=36)
    name: str | None = Field(default=None, max_length=200)
    email: str | None = Field(default=None, max_length=320)
    transifex_username: str | None = Field(default=None, max_length=200, unique=True)
    created_at: datetime
    erased_at: datetime | None = None


class Account(Table, table=True):
    """A way to sign in; one person each. Without a password hash nobody can sign in yet.

    ``language`` is the one that the person last read the pages in; None until the first look at one.
    """

    __tablename__ = "account"

    id: int | None = Field(default=None, primary_key=True)
    person_id: str = Field(foreign_key="person.id", unique=True)
    username: str = Field(max_length=150, unique=True)
    password_hash: str | None = Field(default=None, max_length=500)
    failed_tries: int = Field(default=0)
    locked_until: datetime | None = None
    disabled_at: datetime | None = None
    language: str | None = Field(default=None, max_length=20)
    created_at: datetime


class Membership(Table, table=True):
    """A person's role in one deployment or all (``deployment_id`` NULL), for some locales or all (``locales`` NULL)."""

    __tablename__ = "membership"
    __table_args__ = (
        Index("ix_membership_one_role", "person_id", "deployment_id", "role", unique=True),
        # NULLs are distinct in a unique index: the memberships for all deployments need one of their own.
        Index(
            "ix_membership_one_global_role",
            "person_id",
            "role",
            unique=True,
            sqlite_where=text("deployment_id IS NULL"),
            postgresql_where=text("deployment_id IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    deployment_id: int | None = Field(default=None, foreign_key="deployment.id", index=True)
    role: Role = Field(sa_column=Column(enum_type(Role, "role"), nullable=False))
    locales: list[str] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
    created_at: datetime


class ApiToken(Table, table=True):
    """An API token, kept as the SHA-256 of its value; the value is shown once."""

    __tablename__ = "api_token"

    id: int | None = Field(default=None, primary_key=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    token_hash: str = Field(max_length=64, unique=True)
    created_at: datetime
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None


class LoginSession(Table, table=True):
    """A signed-in browser, kept as the SHA-256 of its cookie. ``csrf_secret`` is what its forms must carry."""

    __tablename__ = "login_session"

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id", index=True)
    token_hash: str = Field(max_length=64, unique=True)
    csrf_secret: str = Field(max_length=64)
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime = Field(index=True)
    user_agent: str = Field(default="", max_length=300)


class PasswordLink(Table, table=True):
    """A one-time link to set a password, kept as the SHA-256 of its secret part."""

    __tablename__ = "password_link"
    __table_args__ = (CheckConstraint("expires_at > created_at", name="expires_later"),)

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id", index=True)
    token_hash: str = Field(max_length=64, unique=True)
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None


class PasswordRequest(Table, table=True):
    """Somebody asked for a link by letter: a row for each request, with the account that was meant or none.

    Nothing in it opens anything, and who asked for whom stands in it as keyed hashes alone: ``name_hash`` of what was
    typed ("" where that was asked too often), ``caller_hash`` of the network it came from. ``by_address``: an address
    was typed, so every account with it is meant. ``ended_at``: nothing is to be done any more; ``sent_at``: a letter
    went out.
    """

    __tablename__ = "password_request"
    __table_args__ = (Index("ix_password_request_waiting", "ended_at", "due_at"),)

    id: int | None = Field(default=None, primary_key=True)
    account_id: int | None = Field(default=None, foreign_key="account.id", index=True)
    by_address: bool = Field(default=False)
    name_hash: str = Field(default="", max_length=64)
    caller_hash: str = Field(default="", max_length=64)
    language: str = Field(max_length=20)
    created_at: datetime = Field(index=True)
    due_at: datetime
    attempts: int = Field(default=0)
    sent_at: datetime | None = None
    ended_at: datetime | None = None
