"""Fixtures that every test may use."""

from __future__ import annotations

import gc
import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from tests.support.network import guarded

if TYPE_CHECKING:
    from fastapi import FastAPI
    from fastapi.testclient import TestClient

    from service.db import Database
    from service.web.resources import Resources
    from tests.support.browsing import Browser
    from tests.support.people import MovableClock, UserMaker


# Files of a few long tests, longest first: begun last, they would keep one process busy when the others are done.
_LONG = (
    "tests/browser/test_accessibility.py", "tests/tools/", "tests/browser/test_card.py",
    "tests/service/test_cancelling.py", "tests/packaging/", "tests/browser/", "tests/service/test_demo.py",
    "tests/service/test_serving.py", "tests/benchmarks/", "tests/service/sync/test_faults.py",
)  # fmt: skip


_KINDS = frozenset({"database_kind", "target_kind"})


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a run on the second database leave out what ran with the first."""
    parser.addoption(
        "--databases-only", action="store_true", help="only the tests that run once for each of BRIDGE_TEST_DATABASES"
    )


def pytest_configure() -> None:
    """Let Ctrl-C reach the processes that tests start, and the collector of garbage look less often.

    A shell that runs the tests in the background ignores the signal for all it starts, and what is ignored is ignored
    by their children too. The collector takes a seventh of the time otherwise: there is much in memory that stays.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    gc.set_threshold(50_000, 20, 50)


def pytest_xdist_auto_num_workers() -> int:
    """Run in one process more than there are cores: the long tests wait for browsers and other processes."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the files of long tests; with --databases-only, leave out what uses no database."""
    if config.getoption("--databases-only"):
        using = {item: not _KINDS.isdisjoint(getattr(item, "fixturenames", ())) for item in items}
        config.hook.pytest_deselected(items=[item for item in items if not using[item]])
        items[:] = [item for item in items if using[item]]
    items.sort(key=lambda item: next((n for n, part in enumerate(_LONG) if item.nodeid.startswith(part)), len(_LONG)))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test that uses a database once for every database in BRIDGE_TEST_DATABASES."""
    if "database_kind" in metafunc.fixturenames:
        from tests.support.databases import selected_databases

        metafunc.parametrize("database_kind", selected_databases(), scope="session")


@pytest.fixture(autouse=True)
def _stay_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection that would leave this machine."""
    monkeypatch.setattr(socket.socket, "connect", guarded(socket.socket.connect))
    monkeypatch.setattr(socket.socket, "connect_ex", guarded(socket.socket.connect_ex))


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of real data (env BRIDGE_TEST_CORPUS, else ../shared/corpus); skips the test when absent."""
    repository = Path(__file__).resolve().parent.parent
    folder = Path(os.environ.get("BRIDGE_TEST_CORPUS") or repository.parent / "shared" / "corpus")
    if not folder.is_dir():
        pytest.skip("the corpus is not here: set BRIDGE_TEST_CORPUS")
    return folder


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed SQLite file of the current schema, to copy: making one takes longer than most tests."""
    from tests.support import databases

    return databases.make_sqlite_template(tmp_path_factory.mktemp("template"))


@pytest.fixture(scope="session")
def database_source(database_kind: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """A migrated database of this run: the path of an SQLite file to copy, or a PostgreSQL address."""
    from tests.support import databases

    if database_kind == "sqlite":
        yield str(request.getfixturevalue("sqlite_template"))
    else:
        with databases.postgresql_database() as url:
            yield url


@pytest.fixture(scope="session")
def database_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the SQLite file of each test in turn lies."""
    return tmp_path_factory.mktemp("database")


@pytest.fixture
def database(database_kind: str, database_source: str, database_folder: Path) -> Iterator[Database]:
    """An empty database of the current schema, on each kind in BRIDGE_TEST_DATABASES."""
    from tests.support import databases

    if database_kind == "sqlite":
        with databases.sqlite_renewed(Path(database_source), database_folder / "bridge.sqlite3") as made:
            yield made
    else:
        with databases.emptied_afterwards(database_source) as made:
            yield made


@pytest.fixture
def clock() -> MovableClock:
    """A clock that stands at Monday, 2 March 2026, 09:00 UTC until ``clock.move(minutes=5)``."""
    from tests.support.people import MovableClock

    return MovableClock()


@pytest.fixture
def resources(database: Database, clock: MovableClock, tmp_path: Path) -> Resources:
    """Everything real, over the test's database, a data folder of its own and the clock that tests move."""
    from service.settings import Settings
    from service.web.resources import Resources
    from service.web.secrets import KEY_FILE, SecretBox

    settings = Settings(data_dir=tmp_path / "data", public_url="http://localhost")
    return Resources(
        settings=settings,
        database=database,
        clock=clock,
        secrets=SecretBox(settings.make_data_dir() / KEY_FILE),
    )


_APPLICATIONS: dict[object, FastAPI] = {}


@pytest.fixture
def application(resources: Resources) -> FastAPI:
    """The whole application over the test's resources.

    One serves all tests of a process: making its routes takes longer than what most tests ask of it. Of the settings
    it keeps no more than the key names; add no routes to it.
    """
    from service.app import create_app

    key = (resources.settings.public_url, *sorted(resources.settings.allowed_hosts))
    if key not in _APPLICATIONS:
        _APPLICATIONS[key] = create_app(resources)
    _APPLICATIONS[key].state.resources = resources
    return _APPLICATIONS[key]


@pytest.fixture
def client(application: FastAPI) -> Iterator[TestClient]:
    """A client of the whole application that follows no redirects: anonymous until a test signs it in."""
    from fastapi.testclient import TestClient

    with TestClient(application, base_url="http://localhost", follow_redirects=False) as made:
        yield made


@pytest.fixture
def make_user(database: Database, clock: MovableClock) -> UserMaker:
    """Make users with a token each: ``make_user(role, deployment_id, locales) -> (person_id, token)``."""
    from tests.support.people import UserMaker

    return UserMaker(database, clock)


@pytest.fixture
def make_deployment(database: Database, clock: MovableClock) -> Callable[..., int]:
    """Make deployments straight in the database: ``make_deployment("iraq") -> id``."""
    from service.deployments.models import Deployment

    def make(slug: str = "iraq", **values: Any) -> int:
        with database.write() as session:
            row = Deployment(slug=slug, name=slug.title(), created_at=clock(), **values)
            session.add(row)
            session.flush()
            assert row.id is not None
            return row.id

    return make


@pytest.fixture
def make_browser(application: FastAPI, resources: Resources, make_user: UserMaker) -> Iterator[Callable[..., Browser]]:
    """Make a browser signed in as a new user: ``make_browser(role, deployment_id, locales)``; see its ``post``."""
    from fastapi.testclient import TestClient

    from tests.support.browsing import Browser

    with ExitStack() as stack:

        def make(role: str | None, deployment: int | None = None, locales: list[str] | None = None) -> Browser:
            username = f"browsing-{role or 'nobody'}-{uuid4().hex[:6]}"
            make_user(role, deployment, locales, username=username)
            client = TestClient(application, base_url="http://localhost", follow_redirects=False)
            return Browser(stack.enter_context(client), resources, username)

        yield make
