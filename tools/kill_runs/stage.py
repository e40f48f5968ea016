"""Where a story plays: a database and a sandbox of its own, and the people at both ends."""

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url
from sqlmodel import Session, col, select

from extractors.texts import text_hash
from extractors.units import Catalog, UnitKey
from service.audit.service import Actor
from service.auth.models import Person
from service.catalog.models import Conflict, ConflictResolution, Decision, DecisionKind, RejectReason, Unit
from service.catalog.service.snapshots import import_snapshot
from service.db import Database
from service.deployments.models import Deployment
from service.deployments.service import create_deployment
from service.jobs.models import Job
from service.jobs.service import UNDER_WAY, enqueue_job
from service.migrations import upgrade
from service.review.service.deciding import approve, correct, find_pair, reject, reopen, resolve_conflict
from service.review.service.policies import import_translations
from service.sync.keys import resource_slug
from service.sync.models import RunState, SyncRun
from service.sync.rules.formats.rails_yaml import RailsYaml
from transifex_client import Configuration, TransifexClient
from transifex_client.ids import resource_id
from transifex_client.resources import NewResource
from transifex_client.sandbox.core import Settings
from transifex_client.sandbox.http import Request, Response
from transifex_client.sandbox.server import RunningSandbox, serve

SLUG = "northern-lakes"
TOKEN = "sandbox-token"  # noqa: S105  # it opens nothing but the sandbox
BOT = "bridge"
LOCALES = {"fr": "fr", "ar": "ar"}
_TEAM = Actor("team")


def now() -> datetime:
    """Return the time, as the processes of the service see it."""
    return datetime.now(UTC)


class Databases:
    """Fresh databases: copies of one SQLite file, or of one database of a PostgreSQL server."""

    def __init__(self, folder: Path, server: str | None) -> None:
        self._folder, self._server = folder, server
        self._prefix = f"bridge_kill_{uuid4().hex[:8]}"

    @contextmanager
    def template(self, prepare: Callable[[Database], object]) -> Iterator[None]:
        """Make, for as long as the block lasts, the database that the others are copies of."""
        if self._server is not None:
            self._tell("CREATE DATABASE {}", self._prefix)
        database = Database(self._url(self._prefix))
        try:
            upgrade(database)
            prepare(database)
            database.close()
            yield
        finally:
            database.close()
            if self._server is not None:
                self._tell("DROP DATABASE {} WITH (FORCE)", self._prefix)

    @contextmanager
    def fresh(self, name: str) -> Iterator[tuple[Database, dict[str, str]]]:
        """Yield a copy and the settings that lead a process of the service to it."""
        place = self._folder / name
        place.mkdir(mode=0o700)
        settings = {"BRIDGE_DATA_DIR": str(place)}
        named = f"{self._prefix}_{name}"
        if self._server is None:
            shutil.copy(self._folder / f"{self._prefix}.sqlite3", place / "bridge.sqlite3")
            url = f"sqlite:///{place / 'bridge.sqlite3'}"
        else:
            self._tell("CREATE DATABASE {} TEMPLATE {}", named, self._prefix)
            url = settings["BRIDGE_DATABASE_URL"] = self._url(named)
        database = Database(url)
        try:
            yield database, settings
        finally:
            database.close()
            if self._server is not None:
                self._tell("DROP DATABASE {} WITH (FORCE)", named)

    def _url(self, name: str) -> str:
        if self._server is None:
            return f"sqlite:///{self._folder / name}.sqlite3"
        return make_url(self._server).set(database=name).render_as_string(hide_password=False)

    def _tell(self, statement: str, *names: str) -> None:
        assert self._server is not None
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


class Stage:
    """One deployment, its project in a sandbox, volunteers there and reviewers here.

    ``watch`` is given every request to the sandbox and what answers it.
    """

    def __init__(self, database: Database, settings: Mapping[str, str], sandbox: RunningSandbox) -> None:
        self.database, self.sandbox = database, sandbox.sandbox
        self.watch: Callable[[Request, Callable[[Request], Response]], Response] = lambda request, go: go(request)
        self.settings = {
            **settings, "BRIDGE_TRANSIFEX_URL": sandbox.url, "BRIDGE_TRANSIFEX_TOKEN": TOKEN,
            "BRIDGE_TRANSIFEX_USER": BOT, "BRIDGE_SYNC_MINUTES": "0", "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1",
        }  # fmt: skip
        self.project = self.sandbox.add_project(SLUG, languages=["fr"])
        self._url, self._arrive = sandbox.url, self.sandbox.handle
        # Everything that comes in over the port passes here.
        self.sandbox.handle = lambda request: self.watch(request, self._arrive)  # type: ignore[method-assign]

    # There

    def place(self, key: str) -> str:
        """Return the id of the resource that the unit's text lies in."""
        return resource_id(self.project, resource_slug(UnitKey.parse(key)))

    def translate(self, texts: Mapping[str, str | None], language: str, by: str) -> None:
        """Have a volunteer write texts, by canonical key; None empties one."""
        for key, text in texts.items():
            self.sandbox.translate(self.place(key), language, {RailsYaml().string_key(UnitKey.parse(key)): text}, by=by)

    def make_resource(self, key: str, content: bytes) -> None:
        """Have somebody else make the resource that the unit's text will lie in, with these source texts."""
        new = NewResource(self.project, resource_slug(UnitKey.parse(key)), "Made by somebody", "YML")
        with TransifexClient(Configuration(token=TOKEN, base_url=self._url)) as client:
            client.create_resource(new)
            client.upload_source(self.place(key), content, keep_translations=False, replace_edited_strings=True)

    def finish_uploads(self) -> None:
        """Have Transifex finish the files that it took, whether or not somebody asks for the outcome."""
        headers = {"authorization": f"Bearer {TOKEN}"}
        for job in list(self.sandbox.state.jobs.values()):
            while job.kind.endswith("_uploads") and job.status in ("pending", "processing"):
                self._arrive(Request("GET", f"/{job.kind}/{job.id}", headers))

    # Here

    def bring(self, catalog: Catalog) -> None:
        """Import a source."""
        with self.database.write() as session:
            import_snapshot(
                session, _deployment(session), catalog, origin="story", allow_removals=True, actor=_TEAM, now=now()
            )

    def bring_texts(self, texts: Mapping[str, str], locale: str) -> None:
        """Import a file of translations."""
        with self.database.write() as session:
            import_translations(
                session, _deployment(session), locale, texts, replace_approved=False, actor=_TEAM, now=now()
            )

    def approve(self, keys: Sequence[str], locale: str, by: str) -> None:
        """Have a reviewer approve texts as they stand."""
        for key in keys:
            self._decide(approve, key, locale, by, comment="", with_warnings=True)

    def correct(self, keys: Sequence[str], locale: str, by: str) -> None:
        """Have a reviewer write other texts."""
        for key in keys:
            self._decide(correct, key, locale, by, text=f"{by}: {_last(key)} {locale}")

    def reject(self, keys: Sequence[str], locale: str, by: str, reason: RejectReason = RejectReason.TERM) -> None:
        """Have a reviewer reject texts."""
        for key in keys:
            self._decide(reject, key, locale, by, reason=reason, comment=f"Not so: {_last(key)}.")

    def reopen(self, key: str, locale: str, by: str) -> None:
        """Have a reviewer take the last rejection of a text back."""
        with self.database.read() as session:
            query = select(Decision).join(Unit, col(Unit.id) == Decision.unit_id)
            query = query.where(Unit.key == key, Decision.locale == locale, Decision.kind == DecisionKind.REJECT)
            last = session.exec(query.order_by(col(Decision.id).desc())).first()
        assert last is not None
        self._decide(reopen, key, locale, by, decision_id=last.id, may_reopen_others=True, comment="")

    def choose(self, key: str, locale: str, keep: ConflictResolution, by: str) -> None:
        """Have a reviewer choose a side of a conflict."""
        with self.database.read() as session:
            query = select(Conflict).join(Unit, col(Unit.id) == Conflict.unit_id).where(Unit.key == key)
            conflict = session.exec(query.where(Conflict.locale == locale, col(Conflict.resolved_at).is_(None))).one()
        self._decide(resolve_conflict, key, locale, by, keep=keep, their_hash=text_hash(conflict.their_text))

    def _decide(self, act: Callable[..., object], key: str, locale: str, by: str, **more: object) -> None:
        with self.database.write() as session:
            deployment = _deployment(session)
            act(
                session, deployment, find_pair(session, deployment, locale, key), actor=Actor(by, by), now=now(), **more
            )

    # Jobs

    def queue(self, kind: str) -> None:
        """Ask for a push or a pull, as a person does."""
        with self.database.write() as session:
            arguments: dict[str, Any] = {"allow_removals": True} if kind == "push" else {}
            deployment = _deployment(session)
            enqueue_job(session, kind, deployment_id=deployment.id or 0, arguments=arguments, person_id=None, now=now())

    def last_job(self) -> Job:
        """Return the job that was queued last."""
        with self.database.read() as session:
            return session.exec(select(Job).order_by(col(Job.id).desc()).limit(1)).one()

    def is_at_work(self, pid: int) -> bool:
        """Return whether the process, a worker or a run by hand, had something at hand when it died."""
        with self.database.read() as session:
            jobs = session.exec(select(Job.owner).where(col(Job.state).in_(UNDER_WAY))).all()
            runs = session.exec(select(SyncRun.owner).where(SyncRun.state == RunState.RUNNING)).all()
        # Both names hold the process's number: HOST:NUMBER:ID and HOST/NUMBER/PLACE/START.
        return any(str(pid) in (owner or "").replace("/", ":").split(":") for owner in (*jobs, *runs))

    def let_leases_end(self) -> None:
        """Do to the leases of dead workers what a minute would."""
        with self.database.write() as session:
            for job in session.exec(select(Job).where(col(Job.state).in_(UNDER_WAY))):
                job.lease_until = now() - timedelta(seconds=1)
                session.add(job)


def _deployment(session: Session) -> Deployment:
    return session.exec(select(Deployment)).one()


def _last(key: str) -> str:
    return key.rpartition("/")[2]


def prepare(database: Database, catalog: Catalog, reviewers: Sequence[str]) -> None:
    """Fill a database with the deployment and its people."""
    with database.write() as session:
        deployment = create_deployment(
            session, slug=SLUG, name=SLUG, locales=LOCALES, known_locales={"en", *LOCALES},
            transifex_project=f"o:sandbox:p:{SLUG}", source_locale="en", actor=_TEAM, now=now(),
        )  # fmt: skip
        session.add_all(Person(id=name, name=name, created_at=now()) for name in reviewers)
        import_snapshot(
            session, deployment, catalog, origin="story", allow_removals=False, actor=_TEAM, now=now()
        )  # fmt: skip


@contextmanager
def set_up(databases: Databases, name: str, *, pending_polls: int) -> Iterator[Stage]:
    """Yield a stage with nothing on it but the deployment; ``pending_polls``: how long Transifex takes with files."""
    settings = Settings(pending_polls=pending_polls)
    with databases.fresh(name) as (database, found), serve(0, token=TOKEN, user=BOT, settings=settings) as sandbox:
        yield Stage(database, found, sandbox)
