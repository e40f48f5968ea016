"""A deployment that was pushed an hour ago and translated since, and a Transifex for it in a process of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import httpx

from benchmarks.configurations import make_spread_configuration
from extractors.load import load_source
from extractors.reading import read_path
from service.audit.service import Actor
from service.catalog.service.snapshots import import_snapshot
from service.db import Database
from service.deployments.service import create_deployment
from service.migrations import upgrade
from service.sync.service import RunReport, pull, push
from transifex_client import Configuration, TransifexClient
from transifex_client.sandbox.core import Sandbox
from transifex_client.sandbox.state import write_state
from transifex_client.sandbox.transport import sandbox_transport

SLUG = "bench"
LANGUAGES = ("ar", "bn", "es", "fr", "km", "ku", "ne", "pt", "sw", "th")
TOKEN = "bench"
BOT = "bridge"
_ACTOR = Actor("bench")
_ASK_SECONDS = 30.0
_STOP_SECONDS = 10.0


@dataclass(frozen=True)
class World:
    """The deployment and the state of its Transifex, before the first pull: ``keys`` of its strings by resource."""

    database: Database
    project: str
    state: Path
    texts: int
    keys: dict[str, list[str]]
    ids: Iterator[int]

    def push(self, client: TransifexClient) -> RunReport:
        """Push as the service does."""
        return push(self.database, client, deployment_slug=SLUG, actor=_ACTOR, clock=_now, new_id=self._new_id,
                    own_user=BOT)  # fmt: skip

    def pull(self, client: TransifexClient) -> RunReport:
        """Pull as the service does."""
        return pull(self.database, client, deployment_slug=SLUG, actor=_ACTOR, clock=_now, new_id=self._new_id,
                    own_user=BOT)  # fmt: skip

    def _new_id(self) -> str:
        return f"bench-{next(self.ids)}"


def _now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def made_world(folder: Path, *, forms: int, units: int, languages: Sequence[str]) -> Iterator[World]:
    """Yield a deployment in an SQLite file in the folder, everything translated but nothing pulled yet."""
    database = Database(f"sqlite:///{folder / 'bench.sqlite3'}")
    try:
        upgrade(database)
        yield _fill(database, folder, forms, units, languages)
    finally:
        database.close()


def _fill(database: Database, folder: Path, forms: int, units: int, languages: Sequence[str]) -> World:
    # An hour ago: what changed within the last minute is pulled once more, since dates there are whole seconds.
    then = _now() - timedelta(hours=1)
    sandbox = Sandbox(tokens={TOKEN: BOT}, clock=lambda: then)
    project = sandbox.add_project(SLUG)
    source = folder / "configuration.json"
    source.write_text(json.dumps(make_spread_configuration(forms, units), ensure_ascii=False), "utf-8")
    with database.write() as session:
        deployment = create_deployment(
            session, slug=SLUG, name=SLUG, locales={code: code for code in languages},
            known_locales={"en", *languages}, transifex_project=project, source_locale="en", actor=_ACTOR, now=then,
        )  # fmt: skip
        catalog = load_source(read_path(source)).catalog
        import_snapshot(session, deployment, catalog, origin="bench", allow_removals=True, actor=_ACTOR, now=then)
    ids = count()
    with TransifexClient(
        Configuration(TOKEN, poll_waits=(0.0,)), transport=sandbox_transport(sandbox), sleep=lambda _: None
    ) as client:
        push(database, client, deployment_slug=SLUG, actor=_ACTOR, clock=lambda: then,
             new_id=lambda: f"bench-{next(ids)}", own_user=BOT)  # fmt: skip
    texts = 0
    for resource in sandbox.state.resources.values():
        for language in languages:
            wanted = {string.key: f"{string.strings['other']} ({language})" for string in resource.strings.values()}
            texts += sandbox.translate(resource.id, language, wanted, by="amina")
    state = folder / "transifex.json"
    write_state(sandbox.dump(), state)
    keys = {
        resource.slug: [string.key for string in resource.strings.values()]
        for resource in sandbox.state.resources.values()
    }
    return World(database, project, state, texts, keys, ids)


@dataclass(frozen=True)
class Remote:
    """A Transifex that runs in another process."""

    url: str
    controls: httpx.Client

    def requests(self) -> int:
        """Return how many requests it has answered, counted by itself, whoever sent them."""
        return int(self.controls.get("/_sandbox/requests").raise_for_status().json()["requests"])

    def distance(self, seconds: float) -> None:
        """Let every answer come so many seconds later."""
        self.controls.post("/_sandbox/faults", json={"latency": seconds}).raise_for_status()

    def translate(self, resource: str, language: str, texts: dict[str, str]) -> None:
        """Translate as a volunteer, without a request of the API."""
        body = {"project": SLUG, "resource": resource, "language": language, "user": "amina", "texts": texts}
        self.controls.post("/_sandbox/translate", json=body).raise_for_status()


@contextmanager
def running_transifex(world: World, folder: Path) -> Iterator[Remote]:
    """Start ``primero-bridge sandbox transifex`` on the world's state and yield it; it is ended whatever happens.

    Raises:
        SystemExit: it does not start.
    """
    command = [str(Path(sys.executable).with_name("primero-bridge")), "sandbox", "transifex", "--json",
               "--state", str(world.state)]  # fmt: skip
    environment = os.environ | {"BRIDGE_TRANSIFEX_TOKEN": TOKEN, "BRIDGE_DATA_DIR": str(folder)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line:
                raise SystemExit("The sandbox of Transifex did not start.")
            url = json.loads(line)["url"]
            headers = {"Authorization": f"Bearer {TOKEN}"}
            with httpx.Client(base_url=url, headers=headers, timeout=_ASK_SECONDS, trust_env=False) as controls:
                yield Remote(url, controls)
        finally:
            process.terminate()
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
