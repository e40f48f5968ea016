"""Where a deployment goes: another project starts anew, new languages take what the source holds."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlmodel import Session

from service.catalog.models import State
from service.catalog.queries import count_states
from service.catalog.service.snapshots import import_snapshot
from service.db import Database
from service.deployments.models import Deployment
from service.deployments.service import find_deployment, list_locales
from service.home.connecting import add_locales, connect_to_transifex
from service.web.secrets import SecretBox
from tests.support.workshop import OPERATOR, SLUG, Workshop

Connect = Callable[..., None]


@pytest.fixture
def workshop(database: Database) -> Workshop:
    """A deployment whose source holds Spanish, a language that it is not translated into."""
    made = Workshop(database)
    catalog = made.catalog({"agree": "I agree"}, texts={"es": {"agree": "Acepto"}})
    made.act(
        lambda s, d, now: import_snapshot(
            s, d, catalog, origin="configuration.json", allow_removals=False, actor=OPERATOR, now=now
        )
    )
    return made


@pytest.fixture
def connect(workshop: Workshop, tmp_path: Path) -> Connect:
    """Connect the deployment to a project, or give it a token."""

    def do(project: str | None = None, token: str | None = None) -> None:
        def act(session: Session, deployment: Deployment, now: datetime) -> None:
            connect_to_transifex(
                session,
                deployment,
                project=project,
                token=SecretStr(token) if token else None,
                secrets=SecretBox(tmp_path / "key"),
                actor=OPERATOR,
                now=now,
            )

        workshop.act(act)

    return do


def test_another_project_starts_anew(workshop: Workshop, connect: Connect) -> None:
    """What the old project had from us is forgotten, so that its blanks erase nothing; texts and approvals stay."""
    connect("o:org:p:old")
    workshop.push_source()
    workshop.pull({"agree": "J'accepte"})
    workshop.approve("reem", "agree")
    connect("o:org:p:new")
    unit, translation = workshop.unit("agree"), workshop.translation("agree")
    assert (unit.pushed_source_hash, unit.pushed_at) == (None, None)
    assert (translation.our_synced_hash, translation.their_synced_hash, translation.synced_at) == (None, None, None)
    assert workshop.pull({"agree": ""}).counts() == {"kept-ours": 1, "unknown": 0}
    assert workshop.state("agree") is State.APPROVED


@pytest.mark.parametrize(("project", "token"), [("o:org:p:old", None), (None, "t0ken")])
def test_the_same_project_keeps_the_memory(
    workshop: Workshop, connect: Connect, project: str | None, token: str | None
) -> None:
    """Naming the same project again, or a new token for it, changes nothing of what was exchanged."""
    connect("o:org:p:old")
    workshop.push_source()
    workshop.pull({"agree": "J'accepte"})
    connect(project, token)
    assert workshop.unit("agree").pushed_source_hash is not None
    assert workshop.translation("agree").synced_at is not None


def test_a_new_token_is_somebody_elses_perhaps(workshop: Workshop, connect: Connect) -> None:
    """Whom the service writes as is learnt anew with each token; naming a project changes nothing of it."""
    workshop.configure(service_username="bot")
    connect("o:org:p:old")
    assert workshop.act(lambda _s, deployment, _now: deployment.service_username) == "bot"
    connect(token="t0ken")
    assert workshop.act(lambda _s, deployment, _now: deployment.service_username) is None


def test_a_new_language_takes_the_texts_the_source_holds(workshop: Workshop) -> None:
    """Spanish, added later, starts with what Primero shows already; French is untouched."""
    workshop.act(lambda s, d, now: add_locales(s, d, {"es": "es"}, actor=OPERATOR, now=now))
    with workshop.database.read() as session:
        deployment = find_deployment(session, SLUG)
        assert [row.locale for row in list_locales(session, deployment)] == ["ar", "es", "fr"]
        assert deployment.id is not None
        assert count_states(session, deployment.id, ["es"])["es"].translated == 1
