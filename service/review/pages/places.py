"""Where a page of a reviewer stands: the deployment, the language, and the filter in the address."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import Depends, Query
from sqlmodel import Session

from service.auth.rules import Identity, Permission
from service.catalog.access import open_deployment
from service.checks.locales import LocaleInfo, get_locale
from service.deployments.models import Deployment
from service.errors import BadInput
from service.review.queries import QueueFilter, Reader, Show

PREFIX = "/deployments/{slug}/locales/{locale}"


@dataclass(frozen=True, slots=True)
class Place:
    """The deployment and language of a page, and what the person who looks may do there.

    ``source`` and ``target`` are the rows of the locale table for the two languages.
    """

    deployment: Deployment
    locale: str
    source: LocaleInfo
    target: LocaleInfo
    identity: Identity

    @property
    def reader(self) -> Reader:
        """Return whose queue it is."""
        return Reader(self.deployment, self.locale, self.identity.person_id if self.may_decide else None)

    @property
    def may_decide(self) -> bool:
        """Return whether the person may decide here."""
        return self.identity.may(Permission.REVIEW_DECIDE, self.deployment.id, self.locale)

    @property
    def may_comment(self) -> bool:
        """Return whether the person may say something about a text, and answer volunteers."""
        open_here = self.deployment.archived_at is None
        return open_here and self.identity.may(Permission.QUESTION_ANSWER, self.deployment.id, self.locale)

    @property
    def may_waive(self) -> bool:
        """Return whether the person may waive findings that block."""
        return self.identity.may(Permission.CHECKS_MANAGE, self.deployment.id, self.locale)

    @property
    def may_manage(self) -> bool:
        """Return whether the person is a specialist here, who may reopen, give forms out and take them back."""
        return self.identity.may(Permission.BASELINE_ACCEPT, self.deployment.id, self.locale)

    @property
    def path(self) -> str:
        """Return the beginning of every address of this language."""
        return f"/deployments/{self.deployment.slug}/locales/{self.locale}"

    def address(self, page: str, wanted: QueueFilter | None = None, **more: str | int) -> str:
        """Return the address of one of its pages with a filter."""
        query = (wanted or QueueFilter()).query(**more)
        return f"{self.path}/{page}" + (f"?{query}" if query else "")


def open_place(
    session: Session,
    identity: Identity,
    slug: str,
    locale: str,
    permission: Permission = Permission.DEPLOYMENT_VIEW,
    *,
    changing: bool = False,
) -> Place:
    """Return the place if the person may do this there; as :func:`~service.catalog.access.open_deployment`."""
    deployment = open_deployment(session, identity, slug, permission, locale, changing=changing)
    return Place(deployment, locale, get_locale(deployment.source_locale), get_locale(locale), identity)


def read_filter(
    show: Show = Show.WAITING,
    form: Annotated[str, Query(max_length=1000)] = "",
    check: Annotated[str, Query(max_length=60)] = "",
    search: Annotated[str, Query(max_length=200)] = "",
    since: Annotated[str, Query(max_length=10)] = "",
    sensitive: bool = False,
    conflict: bool = False,
    blocked: bool = False,
    mine: bool = False,
) -> QueueFilter:
    """Dependency: the filter in the address; a field that a form sent empty asks for nothing.

    Raises:
        BadInput: ``since`` is no date.
    """
    return QueueFilter(show, form, check, search.strip(), _moment(since), sensitive, conflict, blocked, mine)


def _moment(day: str) -> datetime | None:
    if not day.strip():
        return None
    try:
        found = date.fromisoformat(day.strip())
    except ValueError as error:
        raise BadInput("The day must be written as year-month-day, such as 2026-05-31.") from error
    return datetime(found.year, found.month, found.day, tzinfo=UTC)


FilterDep = Annotated[QueueFilter, Depends(read_filter)]
