"""Deployments, their locales and webhooks, and how much of Transifex's patience each token has used."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Column, UniqueConstraint
from sqlmodel import Field

from service.db import Table, enum_type
from service.deployments.rules import ResourceFormat


class ConflictPolicy(StrEnum):
    """What a deployment does by itself where both sides changed a text. ``ask``: a person chooses."""

    ASK = "ask"
    KEEP_OURS = "keep-ours"
    TAKE_THEIRS = "take-theirs"


class Deployment(Table, table=True):
    """One Primero instance's translation effort.

    ``transifex_project`` is a full id (``o:ORG:p:PROJECT``). ``transifex_token`` is encrypted; NULL means the
    service's own. ``transifex_format`` is the one that its resources there are made in. ``lone_reviewer`` allows a
    reviewer to approve an own text, recorded as an exception. ``push_by_itself``: what changed here goes to Transifex
    without anybody asking, once a first push was made.
    ``service_username`` is the Transifex user that our own writes were credited to, where it had to be learnt.
    """

    __tablename__ = "deployment"
    __table_args__ = (CheckConstraint("slug <> ''", name="slug_not_empty"),)

    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(max_length=60, unique=True)
    name: str = Field(max_length=200)
    source_locale: str = Field(default="en", max_length=20)
    transifex_project: str | None = Field(default=None, max_length=300)
    transifex_token: str | None = Field(default=None, max_length=2000)
    transifex_format: ResourceFormat = Field(
        default=ResourceFormat.YML,
        sa_column=Column(enum_type(ResourceFormat, "transifex_format"), nullable=False),
    )
    service_username: str | None = Field(default=None, max_length=200)
    lone_reviewer: bool = Field(default=False)
    push_by_itself: bool = Field(default=True)
    conflict_policy: ConflictPolicy = Field(
        default=ConflictPolicy.ASK, sa_column=Column(enum_type(ConflictPolicy, "conflict_policy"), nullable=False)
    )
    created_at: datetime
    archived_at: datetime | None = None


class DeploymentLocale(Table, table=True):
    """A locale to be translated into, and its Transifex language (one to one), or none."""

    __tablename__ = "deployment_locale"
    __table_args__ = (
        UniqueConstraint("deployment_id", "locale", name="uq_deployment_locale_locale"),
        UniqueConstraint("deployment_id", "transifex_language", name="uq_deployment_locale_language"),
    )

    id: int | None = Field(default=None, primary_key=True)
    deployment_id: int = Field(foreign_key="deployment.id", index=True)
    locale: str = Field(max_length=20)
    transifex_language: str | None = Field(default=None, max_length=40)
    created_at: datetime


class DeploymentWebhook(Table, table=True):
    """Where Transifex tells about a deployment's project: ``remote_id`` is Transifex's id of the webhook.

    ``secret`` signs its deliveries, and is encrypted.
    """

    __tablename__ = "deployment_webhook"

    deployment_id: int = Field(foreign_key="deployment.id", primary_key=True)
    remote_id: str = Field(max_length=400)
    secret: str = Field(max_length=2000)
    created_at: datetime


class RequestAllowance(Table, table=True):
    """How far the requests that one Transifex token may send are given out, by all processes together.

    ``fingerprint`` is the beginning of the token's SHA-256 in hexadecimal digits; ``slot`` numbers spans of a few
    seconds since 1970, ``used`` counts the requests given out in that span.
    """

    __tablename__ = "request_allowance"

    fingerprint: str = Field(primary_key=True, max_length=64)
    slot: int = Field(sa_type=BigInteger)
    used: int
