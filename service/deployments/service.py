"""Making, finding, connecting and archiving deployments."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from pydantic import SecretStr
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from service.audit.service import Actor, write_audit
from service.deployments.models import ConflictPolicy, Deployment, DeploymentLocale
from service.deployments.rules import ResourceFormat, check_languages, check_locales, parse_project, parse_slug
from service.errors import BadInput, NotFound, Refused
from service.web.secrets import SecretBox


def find_deployment(session: Session, slug: str) -> Deployment:
    """Return the deployment.

    Raises:
        NotFound: there is none with this slug.
    """
    deployment = session.exec(select(Deployment).where(Deployment.slug == slug)).first()
    if deployment is None:
        raise NotFound(f"There is no deployment {slug!r}; `primero-bridge deployment list` names them.")
    return deployment


def find_active_deployment(session: Session, slug: str) -> Deployment:
    """Return the deployment if it may be changed.

    Raises:
        NotFound: there is none with this slug.
        Refused: it is archived.
    """
    deployment = find_deployment(session, slug)
    if deployment.archived_at is not None:
        raise Refused(f"The deployment {slug!r} is archived: it can be read, not changed.")
    return deployment


def list_deployments(session: Session, ids: Collection[int] | None = None) -> Sequence[Deployment]:
    """Return the deployments by slug, those of ``ids`` alone unless it is None."""
    query = select(Deployment).order_by(col(Deployment.slug))
    if ids is not None:
        query = query.where(col(Deployment.id).in_(ids))
    return session.exec(query).all()


def list_locales(session: Session, deployment: Deployment) -> Sequence[DeploymentLocale]:
    """Return the deployment's locales by code."""
    query = select(DeploymentLocale).where(DeploymentLocale.deployment_id == deployment.id)
    return session.exec(query.order_by(col(DeploymentLocale.locale))).all()


def list_locales_of(session: Session, deployment_ids: Collection[int]) -> Sequence[DeploymentLocale]:
    """Return the locales of these deployments by code."""
    query = select(DeploymentLocale).where(col(DeploymentLocale.deployment_id).in_(deployment_ids))
    return session.exec(query.order_by(col(DeploymentLocale.locale))).all()


def find_locale(session: Session, deployment: Deployment, locale: str) -> DeploymentLocale:
    """Return one locale of the deployment.

    Raises:
        NotFound: the deployment is not translated into it.
    """
    for row in list_locales(session, deployment):
        if row.locale == locale:
            return row
    raise NotFound(f"The deployment {deployment.slug!r} has no locale {locale!r}.")


def create_deployment(
    session: Session,
    *,
    slug: str,
    name: str,
    locales: Mapping[str, str | None],
    known_locales: Collection[str],
    transifex_project: str | None,
    transifex_format: ResourceFormat = ResourceFormat.YML,
    source_locale: str,
    actor: Actor,
    now: datetime,
) -> Deployment:
    """Make a deployment with its locales.

    Raises:
        BadInput: slug, name, project or a locale cannot be used.
        Refused: the slug is taken.
    """
    try:
        parse_slug(slug)
        if transifex_project is not None:
            parse_project(transifex_project)
        check_languages(locales)
        check_locales(locales, source_locale=source_locale, known=known_locales)
    except ValueError as error:
        raise BadInput(f"{error}.") from error
    if source_locale not in known_locales:
        raise BadInput(f"Primero has no locale {source_locale!r}, so it cannot be the source locale.")
    name = _check_name(name)
    if session.exec(select(Deployment.id).where(Deployment.slug == slug)).first() is not None:
        raise Refused(f"There is a deployment {slug!r} already.")
    deployment = Deployment(
        slug=slug,
        name=name,
        source_locale=source_locale,
        transifex_project=transifex_project,
        transifex_format=transifex_format,
        created_at=now,
    )
    try:
        with session.begin_nested():
            session.add(deployment)
            session.flush()
    except IntegrityError as error:
        # Somebody else took it in the same moment.
        raise Refused(f"There is a deployment {slug!r} already.") from error
    assert deployment.id is not None
    for locale, language in locales.items():
        session.add(
            DeploymentLocale(deployment_id=deployment.id, locale=locale, transifex_language=language, created_at=now)
        )
    session.flush()
    detail = {
        "locales": dict(locales),
        "transifex_project": transifex_project,
        "transifex_format": transifex_format.value,
    }
    write_audit(session, actor, "deployment.add", now, deployment_id=deployment.id, subject=slug, detail=detail)
    return deployment


def set_locales(
    session: Session,
    deployment: Deployment,
    locales: Mapping[str, str | None],
    *,
    known_locales: Collection[str],
    actor: Actor,
    now: datetime,
) -> None:
    """Add locales to the deployment, and give those it has the Transifex language named (None for none).

    Raises:
        BadInput: Primero does not know a locale, it is the source locale, or a language would serve two locales.
    """
    try:
        check_locales(locales, source_locale=deployment.source_locale, known=known_locales)
    except ValueError as error:
        raise BadInput(f"{error}.") from error
    assert deployment.id is not None
    rows = {row.locale: row for row in list_locales(session, deployment)}
    wanted = {locale: row.transifex_language for locale, row in rows.items()} | dict(locales)
    languages = [language for language in wanted.values() if language is not None]
    twice = sorted({language for language in languages if languages.count(language) > 1})
    if twice:
        raise BadInput(f"The Transifex language {', '.join(twice)} would serve two locales: map one to one.")
    # A language that moves from one locale to another must be free before it is taken.
    for locale in locales:
        if locale in rows:
            rows[locale].transifex_language = None
            session.add(rows[locale])
    session.flush()
    for locale, language in locales.items():
        row = rows.get(locale) or DeploymentLocale(deployment_id=deployment.id, locale=locale, created_at=now)
        row.transifex_language = language
        session.add(row)
    session.flush()
    write_audit(
        session, actor, "deployment.locales", now,
        deployment_id=deployment.id, subject=deployment.slug, detail={"locales": dict(locales)},
    )  # fmt: skip


def connect_deployment(
    session: Session,
    deployment: Deployment,
    *,
    project: str | None,
    token: SecretStr | None,
    secrets: SecretBox,
    actor: Actor,
    now: datetime,
) -> None:
    """Set the deployment's Transifex project, its own token (stored encrypted), or both; None leaves one as it is.

    Raises:
        BadInput: the project is not an id such as ``o:ORG:p:PROJECT``, or the token is empty.
    """
    if project is not None:
        try:
            deployment.transifex_project = parse_project(project)
        except ValueError as error:
            raise BadInput(f"{error}.") from error
    if token is not None:
        if not token.get_secret_value().strip():
            raise BadInput("The Transifex token is empty: give it on standard input.")
        deployment.transifex_token = secrets.encrypt(token.get_secret_value().strip())
        # Whose token it is has to be learnt anew, from the first thing it writes.
        deployment.service_username = None
    session.add(deployment)
    session.flush()
    detail = {"project": project, "token": "changed" if token else "unchanged"}
    write_audit(
        session, actor, "deployment.connect", now,
        deployment_id=deployment.id, subject=deployment.slug, detail=detail,
    )  # fmt: skip


def set_format(
    session: Session, deployment: Deployment, wanted: ResourceFormat, *, actor: Actor, now: datetime
) -> None:
    """Set the format in which the deployment's resources on Transifex are made."""
    before = deployment.transifex_format
    deployment.transifex_format = wanted
    session.add(deployment)
    session.flush()
    write_audit(
        session, actor, "deployment.format", now,
        deployment_id=deployment.id, subject=deployment.slug, detail={"before": before.value, "format": wanted.value},
    )  # fmt: skip


def archive_deployment(session: Session, deployment: Deployment, *, actor: Actor, now: datetime) -> None:
    """Archive the deployment: it stays readable, nothing in it is lost, nothing changes it any more."""
    deployment.archived_at = now
    session.add(deployment)
    session.flush()
    write_audit(session, actor, "deployment.archive", now, deployment_id=deployment.id, subject=deployment.slug)


@dataclass(frozen=True, slots=True)
class DeploymentChanges:
    """What of a deployment is to be another; None leaves it as it is.

    ``lone_reviewer`` lets a reviewer approve an own text, recorded as an exception; it never counts on sensitive units.
    ``push_by_itself`` sends what changed here to Transifex without anybody asking.
    """

    name: str | None = None
    lone_reviewer: bool | None = None
    conflict_policy: ConflictPolicy | None = None
    push_by_itself: bool | None = None


def change_deployment(
    session: Session, deployment: Deployment, changes: DeploymentChanges, *, actor: Actor, now: datetime
) -> None:
    """Change the deployment's settings; what is told to be as it is already is not in the audit.

    Raises:
        BadInput: nothing is to be changed, or the name cannot be used.
    """
    wanted = {name: value for name, value in asdict(changes).items() if value is not None}
    if not wanted:
        raise BadInput(
            "Say what to change: the name, whether a lone reviewer may approve, the policy of conflicts, or whether "
            "pushes are made by themselves."
        )
    if changes.name is not None:
        wanted["name"] = _check_name(changes.name)
    # Two people may change it at once: each entry of the audit holds what was there before.
    session.refresh(deployment, with_for_update={"key_share": True})
    before = {name: getattr(deployment, name) for name in wanted if getattr(deployment, name) != wanted[name]}
    if not before:
        return
    for name in before:
        setattr(deployment, name, wanted[name])
    session.add(deployment)
    session.flush()
    write_audit(
        session, actor, "deployment.set", now, deployment_id=deployment.id, subject=deployment.slug,
        detail={"before": before, "after": {name: wanted[name] for name in before}},
    )  # fmt: skip


def _check_name(name: str) -> str:
    if not name.strip() or len(name) > 200:
        raise BadInput("Give the deployment a name of 1 to 200 characters.")
    return name.strip()
