"""Making, finding, connecting and archiving deployments."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from pydantic import SecretStr
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from service.audit.service import Actor, write_audit
from service.deployments.models import Deployment, DeploymentLocale
from service.deployments.rules import check_languages, check_locales, parse_project, parse_slug
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
    if not name.strip() or len(name) > 200:
        raise BadInput("Give the deployment a name of 1 to 200 characters.")
    if session.exec(select(Deployment.id).where(Deployment.slug == slug)).first() is not None:
        raise Refused(f"There is a deployment {slug!r} already.")
    deployment = Deployment(
        slug=slug,
        name=name.strip(),
        source_locale=source_locale,
        transifex_project=transifex_project,
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
    detail = {"locales": dict(locales), "transifex_project": transifex_project}
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


def archive_deployment(session: Session, deployment: Deployment, *, actor: Actor, now: datetime) -> None:
    """Archive the deployment: it stays readable, nothing in it is lost, nothing changes it any more."""
    deployment.archived_at = now
    session.add(deployment)
    session.flush()
    write_audit(session, actor, "deployment.archive", now, deployment_id=deployment.id, subject=deployment.slug)
