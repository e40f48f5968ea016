"""Where a deployment goes: another project starts anew, new languages take what the source holds."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from service.audit.models import AuditEntry
from service.catalog.models import State
from service.catalog.queries import count_states
from service.catalog.service.snapshots import import_snapshot
from service.db import Database
from service.deployments.models import Deployment
from service.deployments.rules import ResourceFormat
from service.deployments.service import find_deployment, list_locales
from service.errors import Refused
from service.home.connecting import add_locales, choose_format, connect_to_transifex
from service.sync.models import PushedResource, RunKind, RunState, SyncRun
from service.sync.service.holding import start_run
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


def choose(workshop: Workshop, wanted: ResourceFormat) -> None:
    workshop.act(lambda s, d, now: choose_format(s, d, wanted, actor=OPERATOR, now=now))


def chosen(workshop: Workshop) -> ResourceFormat:
    return workshop.act(lambda _s, deployment, _now: deployment.transifex_format)


def push_one(session: Session, deployment: Deployment, now: datetime) -> None:
    session.add(
        PushedResource(
            deployment_id=deployment.id or 0, slug="f", record_key="form/f", content_hash="", string_count=0,
            pushed_at=now,
        )
    )  # fmt: skip


def test_the_format_is_chosen_once_and_on_the_record(workshop: Workshop) -> None:
    """It is YML until somebody says otherwise; each change is in the audit, none for the same again."""
    assert chosen(workshop) is ResourceFormat.YML
    choose(workshop, ResourceFormat.PO)
    choose(workshop, ResourceFormat.PO)
    assert chosen(workshop) is ResourceFormat.PO
    with workshop.database.read() as session:
        found = session.exec(select(AuditEntry).where(AuditEntry.action == "deployment.format")).all()
        assert [entry.detail for entry in found] == [{"before": "YML", "format": "PO"}]


def test_the_format_of_what_was_pushed_stays(workshop: Workshop, connect: Connect) -> None:
    """A change is refused with a sentence that says what to do, and with another project it goes through."""
    connect("o:org:p:old")
    workshop.act(push_one)
    choose(workshop, ResourceFormat.YML)
    with pytest.raises(Refused, match=r"pushed as YML.*connect .*--transifex o:ORG:p:NEW-PROJECT --format PO"):
        choose(workshop, ResourceFormat.PO)
    assert chosen(workshop) is ResourceFormat.YML
    connect("o:org:p:new")
    choose(workshop, ResourceFormat.PO)
    assert chosen(workshop) is ResourceFormat.PO


def test_the_format_is_not_changed_under_a_push(workshop: Workshop) -> None:
    """While a run is under way a change is refused: it would file some texts in one format and some in the other."""

    def run(session: Session, deployment: Deployment, now: datetime) -> None:
        made = SyncRun(deployment_id=deployment.id or 0, kind=RunKind.PUSH, state=RunState.RUNNING, started_at=now)
        start_run(session, deployment, made, None, now)

    workshop.act(run)
    with pytest.raises(Refused, match=r"push .* is running"):
        choose(workshop, ResourceFormat.PO)


@pytest.mark.parametrize("wrong", ["", "po", "KEYVALUEJSON"])
def test_the_database_takes_no_other_format(workshop: Workshop, wrong: str) -> None:
    """What the code could forget the table keeps."""
    with pytest.raises(IntegrityError), workshop.database.write() as session:
        session.connection().execute(text("UPDATE deployment SET transifex_format = :wrong"), {"wrong": wrong})


def test_a_new_language_takes_the_texts_the_source_holds(workshop: Workshop) -> None:
    """Spanish, added later, starts with what Primero shows already; French is untouched."""
    workshop.act(lambda s, d, now: add_locales(s, d, {"es": "es"}, actor=OPERATOR, now=now))
    with workshop.database.read() as session:
        deployment = find_deployment(session, SLUG)
        assert [row.locale for row in list_locales(session, deployment)] == ["ar", "es", "fr"]
        assert deployment.id is not None
        assert count_states(session, deployment.id, ["es"])["es"].translated == 1
