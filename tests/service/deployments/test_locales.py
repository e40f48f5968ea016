"""Adding locales to a deployment, and mapping them to other Transifex languages."""

import pytest
from sqlmodel import Session

from service.audit.service import Actor
from service.db import Database
from service.deployments.models import Deployment
from service.deployments.service import create_deployment, find_deployment, list_locales, set_locales
from service.errors import BadInput
from tests.support.people import START

KNOWN = {"en", "fr", "ar", "ku-IQ"}
ACTOR = Actor("operator@test")


@pytest.fixture
def deployment(database: Database) -> str:
    """A deployment into French and Arabic."""
    with database.write() as session:
        create_deployment(
            session, slug="iraq", name="Iraq", locales={"fr": "fr", "ar": "ar"}, known_locales=KNOWN,
            transifex_project=None, source_locale="en", actor=ACTOR, now=START,
        )  # fmt: skip
    return "iraq"


def _set(session: Session, slug: str, locales: dict[str, str | None]) -> Deployment:
    deployment = find_deployment(session, slug)
    set_locales(session, deployment, locales, known_locales=KNOWN, actor=ACTOR, now=START)
    return deployment


def _mapping(database: Database, slug: str) -> dict[str, str | None]:
    with database.read() as session:
        rows = list_locales(session, find_deployment(session, slug))
    return {row.locale: row.transifex_language for row in rows}


def test_a_locale_is_added_and_the_others_stay(database: Database, deployment: str) -> None:
    """A new locale comes with its language; those that were not named keep theirs."""
    with database.write() as session:
        _set(session, deployment, {"ku-IQ": "ku_IQ"})
    assert _mapping(database, deployment) == {"fr": "fr", "ar": "ar", "ku-IQ": "ku_IQ"}


def test_two_locales_may_swap_their_languages(database: Database, deployment: str) -> None:
    """A language that moves from one locale to another is free before it is taken."""
    with database.write() as session:
        _set(session, deployment, {"fr": "ar", "ar": "fr"})
    assert _mapping(database, deployment) == {"fr": "ar", "ar": "fr"}


@pytest.mark.parametrize("locales", [{"xx": "xx"}, {"en": "en"}, {"ku-IQ": "fr"}])
def test_what_cannot_be_mapped_changes_nothing(
    database: Database, deployment: str, locales: dict[str, str | None]
) -> None:
    """An unknown locale, the source locale, and a language that serves another locale are refused."""
    with pytest.raises(BadInput), database.write() as session:
        _set(session, deployment, locales)
    assert _mapping(database, deployment) == {"fr": "fr", "ar": "ar"}
