"""Use cases that change where a deployment goes: its Transifex project, its languages."""

from collections.abc import Mapping
from datetime import datetime

from pydantic import SecretStr
from sqlmodel import Session

from service.audit.service import Actor
from service.catalog.service.snapshots import find_current_snapshot, read_catalog
from service.checks.locales import ALL_LOCALES
from service.deployments.models import Deployment
from service.deployments.rules import ResourceFormat
from service.deployments.service import connect_deployment, set_format, set_locales
from service.errors import Refused
from service.review.service.policies import enter_source_texts
from service.sync.queries import list_pushed_resources
from service.sync.service.holding import refuse_while_running
from service.sync.service.memory import forget_project
from service.web.secrets import SecretBox


def connect_to_transifex(
    session: Session,
    deployment: Deployment,
    *,
    project: str | None,
    token: SecretStr | None,
    secrets: SecretBox,
    actor: Actor,
    now: datetime,
) -> None:
    """Set the project, the token, or both. Another project starts anew: what the old one had from us is forgotten."""
    before = deployment.transifex_project
    connect_deployment(
        session, deployment, project=project, token=token, secrets=secrets, actor=actor, now=now
    )  # fmt: skip
    if before is not None and deployment.transifex_project != before:
        assert deployment.id is not None
        forget_project(session, deployment.id)


def choose_format(
    session: Session, deployment: Deployment, wanted: ResourceFormat, *, actor: Actor, now: datetime
) -> None:
    """Set the format in which the deployment's texts go to Transifex.

    Raises:
        Refused: texts lie there in the other format already, or are on their way.
    """
    if wanted is deployment.transifex_format:
        return
    refuse_while_running(session, deployment, now)
    assert deployment.id is not None
    pushed = len(list_pushed_resources(session, deployment.id))
    if pushed:
        raise Refused(
            f"{pushed} resources of {deployment.slug!r} were pushed as {deployment.transifex_format.value}, and a "
            "resource on Transifex keeps its format: make a new project there, and connect the deployment to it with "
            f"`primero-bridge deployment connect {deployment.slug} --transifex o:ORG:p:NEW-PROJECT --format "
            f"{wanted.value}`."
        )
    set_format(session, deployment, wanted, actor=actor, now=now)


def add_locales(
    session: Session, deployment: Deployment, locales: Mapping[str, str | None], *, actor: Actor, now: datetime
) -> None:
    """Add languages or map them anew, and let in the texts of the new ones that the current source holds."""
    set_locales(
        session,
        deployment,
        locales,
        known_locales={info.code for info in ALL_LOCALES},
        actor=actor,
        now=now,
    )
    assert deployment.id is not None
    snapshot = find_current_snapshot(session, deployment.id)
    if snapshot is None:
        return
    catalog = read_catalog(snapshot)
    for locale in locales:
        if locale in catalog.locales:
            enter_source_texts(session, deployment, catalog, locale, now=now)
