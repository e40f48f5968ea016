"""The instances of a deployment: added, changed, removed, and signed in to."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pydantic import SecretStr
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from service.audit.service import Actor, write_audit
from service.db import Database
from service.deployments.models import Deployment
from service.deployments.rules import parse_slug
from service.errors import BadInput, NotFound, Refused
from service.primero.client import PrimeroClient, SignIn
from service.primero.client.wire import BaseTransport
from service.primero.models import PrimeroInstance
from service.primero.service.connecting import open_primero
from service.settings import Settings
from service.web.secrets import SecretBox

_MOST_SECRET = 10_000


@dataclass(frozen=True, slots=True)
class InstanceChanges:
    """What is to be changed about an instance; None stays as it is."""

    url: str | None = None
    username: str | None = None
    secret: SecretStr | None = None
    sign_in: SignIn | None = None
    training: bool | None = None


def add_instance(
    session: Session,
    deployment: Deployment,
    name: str,
    wanted: InstanceChanges,
    *,
    settings: Settings,
    secrets: SecretBox,
    actor: Actor,
    now: datetime,
) -> PrimeroInstance:
    """Make an instance. Nothing is sent to it.

    Raises:
        BadInput: the name, the address or the secret cannot be.
        Refused: the deployment has one of this name.
    """
    try:
        parse_slug(name)
    except ValueError:
        raise BadInput(
            "The name of a Primero server has 1 to 60 small letters, digits and hyphens: change it, and try again."
        ) from None
    assert deployment.id is not None
    row = PrimeroInstance(
        deployment_id=deployment.id,
        name=name,
        url=_checked(wanted, settings),
        sign_in=wanted.sign_in or SignIn.BASIC,
        username=wanted.username or "",
        secret=secrets.encrypt(_secret(wanted)),
        training=bool(wanted.training),
        created_at=now,
    )
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError as error:
        raise Refused("There is a Primero server of this name already: change that one, or choose a name.") from error
    _audit(session, row, "instance.add", actor, now, {"url": row.url, "training": row.training})
    return row


def change_instance(
    session: Session,
    row: PrimeroInstance,
    wanted: InstanceChanges,
    *,
    settings: Settings,
    secrets: SecretBox,
    actor: Actor,
    now: datetime,
) -> None:
    """Change an instance; a new secret ends the memory of a refused one.

    Raises:
        BadInput: the address or the secret cannot be; or the address changes and no secret comes with it, which would
            tell the old password to somebody else.
    """
    wanted = _without_the_same(wanted, row)
    if wanted.url is not None and not wanted.url.strip():
        raise BadInput("Give the address of the server.")
    if wanted.url is not None and wanted.secret is None:
        raise BadInput("Give the password with a new address: the old one is not sent to another server.")
    secret = wanted.secret or SecretStr(secrets.decrypt(row.secret))
    whole = InstanceChanges(
        wanted.url or row.url,
        row.username if wanted.username is None else wanted.username,
        secret,
        wanted.sign_in or row.sign_in,
        row.training if wanted.training is None else wanted.training,
    )
    row.url = _checked(whole, settings)
    row.username, row.training = whole.username or "", bool(whole.training)
    row.sign_in = whole.sign_in or row.sign_in
    if wanted.secret is not None or wanted.username is not None or wanted.sign_in is not None:
        row.secret, row.refused_at = secrets.encrypt(_secret(whole)), None
    session.add(row)
    session.flush()
    changed = [
        name for name in ("url", "username", "secret", "sign_in", "training") if getattr(wanted, name) is not None
    ]
    if changed:
        _audit(session, row, "instance.change", actor, now, {"changed": changed, "training": row.training})


def _without_the_same(wanted: InstanceChanges, row: PrimeroInstance) -> InstanceChanges:
    """Return what really changes: a form sends all of it, and a refused secret stays so until another one comes."""
    return replace(
        wanted,
        url=None if wanted.url is None or wanted.url.strip().rstrip("/") == row.url else wanted.url,
        username=None if wanted.username == row.username else wanted.username,
        sign_in=None if wanted.sign_in == row.sign_in else wanted.sign_in,
        training=None if wanted.training == row.training else wanted.training,
    )


def remove_instance(session: Session, row: PrimeroInstance, *, actor: Actor, now: datetime) -> None:
    """Forget an instance and its secret; what was written to it stays on record."""
    row.removed_at, row.secret = now, ""
    session.add(row)
    session.flush()
    _audit(session, row, "instance.remove", actor, now, {})


def list_instances(session: Session, deployment: Deployment) -> Sequence[PrimeroInstance]:
    """Return the instances in use, by name."""
    query = select(PrimeroInstance).where(
        PrimeroInstance.deployment_id == deployment.id, col(PrimeroInstance.removed_at).is_(None)
    )
    return session.exec(query.order_by(col(PrimeroInstance.name))).all()


def find_instance(session: Session, deployment: Deployment, name: str) -> PrimeroInstance:
    """Return the instance.

    Raises:
        NotFound: the deployment has none of this name.
    """
    found = next((row for row in list_instances(session, deployment) if row.name == name), None)
    if found is None:
        raise NotFound(
            f"{deployment.slug!r} has no instance {name!r}: see `primero-bridge instance list {deployment.slug}`."
        )
    return found


def find_instance_at(session: Session, deployment: Deployment, url: str) -> PrimeroInstance | None:
    """Return the instance with this address, None where there is none."""
    return next((row for row in list_instances(session, deployment) if row.url == url.rstrip("/")), None)


def open_instance(
    row: PrimeroInstance, *, settings: Settings, secrets: SecretBox, transport: BaseTransport | None = None
) -> PrimeroClient:
    """Return a client for an instance; the caller closes it.

    Raises:
        Refused: its secret was refused before.
        BadInput: its address may not be used any more.
    """
    if row.refused_at is not None:
        raise Refused(
            f"Primero refused the password of {row.name!r} on {row.refused_at:%Y-%m-%d %H:%M} UTC, and it is not tried "
            "again, because six wrong ones lock the account: give the right one on the page of the server, or with "
            "`primero-bridge instance set`."
        )
    return open_primero(
        row.url,
        user=row.username,
        secret=secrets.decrypt(row.secret),
        sign_in=row.sign_in,
        allowed_hosts=settings.primero_hosts or (),
        transport=transport,
    )


def note_refusal(database: Database, instance_id: int, now: datetime) -> None:
    """Remember that the instance's secret was refused, so that nobody tries it again."""
    with database.write() as session:
        row = session.get_one(PrimeroInstance, instance_id)
        row.refused_at = now
        session.add(row)


def instance_data(row: PrimeroInstance) -> dict[str, Any]:
    """Return an instance as plain values, without its secret."""
    return {
        "name": row.name,
        "url": row.url,
        "user": row.username,
        "sign_in": row.sign_in.value,
        "training": row.training,
        "password_refused_at": row.refused_at.isoformat() if row.refused_at else None,
    }


def _secret(wanted: InstanceChanges) -> str:
    return wanted.secret.get_secret_value() if wanted.secret else ""


def _checked(wanted: InstanceChanges, settings: Settings) -> str:
    """Return the address as it is kept, after what a client would say of address and secret."""
    if len(_secret(wanted)) > _MOST_SECRET:
        raise BadInput("The password or token is longer than 10,000 characters: check what was given.")
    sign_in = wanted.sign_in or SignIn.BASIC
    if not wanted.username and sign_in is not SignIn.BEARER:
        raise BadInput("Name the service account.")
    client = open_primero(
        wanted.url or "",
        user=wanted.username or "",
        secret=_secret(wanted),
        sign_in=sign_in,
        allowed_hosts=settings.primero_hosts or (),
    )
    with client:
        return client.url


def _audit(
    session: Session, row: PrimeroInstance, action: str, actor: Actor, now: datetime, detail: dict[str, object]
) -> None:
    write_audit(session, actor, action, now, deployment_id=row.deployment_id, subject=row.name, detail=detail)
