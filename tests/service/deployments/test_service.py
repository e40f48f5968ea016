"""Making, finding, connecting and archiving deployments."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlmodel import Session, select

from service.audit.models import AuditEntry
from service.audit.service import Actor
from service.db import Database
from service.deployments.models import Deployment
from service.deployments.service import (
    archive_deployment,
    connect_deployment,
    create_deployment,
    find_active_deployment,
    find_deployment,
    find_locale,
    list_deployments,
    list_locales,
)
from service.errors import BadInput, NotFound, Refused
from service.web.secrets import SecretBox

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
OPERATOR = Actor("operator@host")


def create(session: Session, **changes: Any) -> Deployment:
    values: dict[str, Any] = {
        "slug": "iraq",
        "name": " Iraq CPIMS+ ",
        "locales": {"ku-IQ": "ku_IQ", "ar": None},
        "known_locales": ("en", "fr", "ar", "ku-IQ"),
        "transifex_project": "o:unicef:p:iraq",
        "source_locale": "en",
    }
    return create_deployment(session, **(values | changes), actor=OPERATOR, now=NOW)


def audit(session: Session) -> list[tuple[str, str, dict[str, Any]]]:
    return [(entry.action, entry.subject, entry.detail) for entry in session.exec(select(AuditEntry))]


def test_a_deployment_is_made_with_its_locales(database: Database) -> None:
    """Found by its slug, its locales by code; the audit says who made it of what."""
    with database.write() as session:
        create(session)
    with database.read() as session:
        found = find_deployment(session, "iraq")
        assert (found.name, found.transifex_project, found.source_locale, found.lone_reviewer) == (
            "Iraq CPIMS+", "o:unicef:p:iraq", "en", False,
        )  # fmt: skip
        assert [(row.locale, row.transifex_language) for row in list_locales(session, found)] == [
            ("ar", None),
            ("ku-IQ", "ku_IQ"),
        ]
        assert find_locale(session, found, "ar").transifex_language is None
        with pytest.raises(NotFound, match="has no locale 'fr'"):
            find_locale(session, found, "fr")
        assert audit(session) == [
            (
                "deployment.add",
                "iraq",
                {
                    "locales": {"ku-IQ": "ku_IQ", "ar": None},
                    "transifex_project": "o:unicef:p:iraq",
                    "transifex_format": "YML",
                },
            )
        ]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"slug": "Iraq"}, "cannot name a deployment"),
        ({"name": "  "}, "a name of 1 to 200 characters"),
        ({"name": "x" * 201}, "a name of 1 to 200 characters"),
        ({"transifex_project": "iraq"}, "is not a Transifex project"),
        ({"locales": {"xx": None}}, "Primero has no locale 'xx'"),
        ({"locales": {"en": "en"}}, "is the source locale"),
        ({"locales": {"ar": "ar", "fr": "ar"}}, "the mapping is one to one"),
        ({"source_locale": "xx"}, "cannot be the source locale"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_sentence(
    database: Database, changes: dict[str, Any], sentence: str
) -> None:
    """Nothing is made."""
    with database.write() as session:
        with pytest.raises(BadInput, match=sentence):
            create(session, **changes)
        assert list_deployments(session) == []


def test_a_slug_is_taken_once(database: Database) -> None:
    """Also when the deployment that has it is archived."""
    with database.write() as session:
        archive_deployment(session, create(session), actor=OPERATOR, now=NOW)
        with pytest.raises(Refused, match="There is a deployment 'iraq' already"):
            create(session)


def test_a_deployment_that_is_not_there_is_not_found(database: Database) -> None:
    """The answer says which command names those there are."""
    with database.read() as session, pytest.raises(NotFound, match="`primero-bridge deployment list` names them"):
        find_deployment(session, "iraq")


def test_deployments_are_listed_by_slug_those_one_may_see(database: Database) -> None:
    """None means all of them, an empty list none."""
    with database.write() as session:
        second = create(session)
        create(session, slug="chad")
        assert [row.slug for row in list_deployments(session)] == ["chad", "iraq"]
        assert [row.slug for row in list_deployments(session, [second.id or 0])] == ["iraq"]
        assert list_deployments(session, []) == []


def test_a_token_is_stored_encrypted_and_never_in_the_audit(database: Database, tmp_path: Path) -> None:
    """Only the service's key opens it; connecting the project alone leaves it as it is."""
    secrets = SecretBox(tmp_path / "secret.key")
    with database.write() as session:
        deployment = create(session)
        connect_deployment(
            session, deployment, project=None, token=SecretStr(" 1/abc\n"), secrets=secrets, actor=OPERATOR, now=NOW
        )
        connect_deployment(
            session, deployment, project="o:unicef:p:new", token=None, secrets=secrets, actor=OPERATOR, now=NOW
        )
    with database.read() as session:
        found = find_deployment(session, "iraq")
        assert found.transifex_project == "o:unicef:p:new"
        assert found.transifex_token is not None
        assert "abc" not in found.transifex_token
        assert secrets.decrypt(found.transifex_token) == "1/abc"
        assert [entry[2] for entry in audit(session)[1:]] == [
            {"project": None, "token": "changed"},
            {"project": "o:unicef:p:new", "token": "unchanged"},
        ]


def test_a_connection_that_cannot_be_is_refused(database: Database, tmp_path: Path) -> None:
    """A wrong project, an empty token."""
    secrets = SecretBox(tmp_path / "secret.key")
    with database.write() as session:
        deployment = create(session)
        for project, token, sentence in (("iraq", None, "not a Transifex project"), (None, " ", "token is empty")):
            with pytest.raises(BadInput, match=sentence):
                connect_deployment(
                    session, deployment, project=project, token=SecretStr(token) if token else None,
                    secrets=secrets, actor=OPERATOR, now=NOW,
                )  # fmt: skip
        assert (deployment.transifex_project, deployment.transifex_token) == ("o:unicef:p:iraq", None)


def test_an_archived_deployment_is_read_not_changed(database: Database) -> None:
    """It is found, listed, and refused to whoever wants to change it."""
    with database.write() as session:
        archive_deployment(session, create(session), actor=OPERATOR, now=NOW)
    with database.read() as session:
        assert find_deployment(session, "iraq").archived_at == NOW
        assert len(list_deployments(session)) == 1
        with pytest.raises(Refused, match="is archived: it can be read, not changed"):
            find_active_deployment(session, "iraq")
        assert audit(session)[-1][0] == "deployment.archive"
