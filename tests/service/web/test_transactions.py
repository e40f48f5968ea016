"""A request's session: reading or writing, committed before the answer leaves, never blocking the others."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, select
from starlette.background import BackgroundTask
from starlette.responses import JSONResponse

from service.app import create_app
from service.auth.models import Person
from service.errors import Refused
from service.web.resources import NowDep, Resources, ResourcesDep, SessionDep
from service.web.transactions import in_own_thread

router = APIRouter()


@router.post("/people/{number}")
def add_person(number: int, session: SessionDep, now: NowDep, resources: ResourcesDep) -> JSONResponse:
    session.add(Person(id=f"p{number}", created_at=now))
    session.flush()
    if number == 13:
        raise Refused("Not this one.")

    def look() -> None:
        with resources.database.read() as other:
            SEEN[number] = other.get(Person, f"p{number}") is not None

    # A background task runs after the answer was sent: by then the commit must long be done.
    return JSONResponse({}, background=BackgroundTask(look))


@router.get("/people")
def list_people(session: SessionDep) -> list[str]:
    return list(session.exec(select(Person.id)))


@router.get("/write-while-reading")
def write_while_reading(session: SessionDep, now: NowDep) -> None:
    session.add(Person(id="sneaky", created_at=now))
    session.flush()


SEEN: dict[int, bool] = {}


@pytest.fixture
def client(resources: Resources) -> Iterator[TestClient]:
    SEEN.clear()
    app = create_app(resources, routers=[router])
    with TestClient(app, base_url="http://localhost", raise_server_exceptions=False) as made:
        yield made


def test_a_change_is_committed(client: TestClient) -> None:
    """What a POST wrote is there for the next request and for a background task."""
    assert client.post("/people/1").status_code == 200
    assert client.get("/people").json() == ["p1"]
    assert SEEN == {1: True}


def test_a_refused_change_is_rolled_back(client: TestClient) -> None:
    """What a POST wrote before it was refused is gone, and the next change works."""
    assert client.post("/people/13").status_code == 409
    assert client.get("/people").json() == []
    assert client.post("/people/1").status_code == 200


def test_reading_cannot_write(client: TestClient) -> None:
    """A GET that tries to write fails and leaves nothing."""
    assert client.get("/write-while-reading").status_code == 500
    assert client.get("/people").json() == []


def test_more_changes_at_once_than_threads(client: TestClient) -> None:
    """Far more changes and readings at the same moment than there are threads all get through."""

    def act(number: int) -> int:
        answer = client.post(f"/people/{number + 100}") if number % 2 else client.get("/people")
        return int(answer.status_code)

    with ThreadPoolExecutor(120) as pool:
        assert set(pool.map(act, range(240))) == {200}
    assert len(client.get("/people").json()) == 120


class Witness:
    """Notes in which threads a transaction was entered and left, and with what."""

    def __init__(self, session: Session, before: Callable[[], None] = lambda: None) -> None:
        self.session, self.before = session, before
        self.threads: list[int] = []
        self.errors: list[BaseException | None] = []
        self.left = threading.Event()

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        self.before()
        self.threads.append(threading.get_ident())
        try:
            yield self.session
        except BaseException as error:
            self.errors.append(error)
            raise
        finally:
            self.threads.append(threading.get_ident())
            self.left.set()


@pytest.fixture
def witness(resources: Resources) -> Iterator[Witness]:
    with resources.database.read() as session:
        yield Witness(session)


def run_alone(use: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run it in a thread without an event loop: a browser that other tests keep open has one in this."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: asyncio.run(use())).result()


def test_one_thread_of_its_own(witness: Witness) -> None:
    """A transaction is entered and left in one thread, which is not the caller's."""

    async def use() -> None:
        async with in_own_thread(witness.transaction()) as session:
            assert session is witness.session

    run_alone(use)
    assert len(set(witness.threads)) == 1
    assert threading.get_ident() not in witness.threads
    assert witness.errors == []


def test_errors_reach_the_transaction(witness: Witness) -> None:
    """An error of the request goes through the transaction, which rolls back, and on."""
    error = Refused("no")

    async def use() -> None:
        async with in_own_thread(witness.transaction()):
            raise error

    with pytest.raises(Refused):
        run_alone(use)
    assert witness.errors == [error]


def test_a_database_that_cannot_be_reached(witness: Witness) -> None:
    """A connection that fails leaves the transaction again before anybody waits for it."""

    class Broken:
        def connection(self) -> Any:
            raise DBAPIError("SELECT 1", None, OSError("gone"))

    witness.session = Broken()  # type: ignore[assignment]

    async def use() -> None:
        async with in_own_thread(witness.transaction()):
            pytest.fail("there is no session to use")

    with pytest.raises(DBAPIError):
        run_alone(use)
    assert witness.left.is_set()


def test_given_up_while_waiting(resources: Resources) -> None:
    """A request that is given up while it waits for its turn gives the turn back when it comes."""
    turn = threading.Event()
    with resources.database.read() as session:
        witness = Witness(session, before=lambda: turn.wait(10) and None)

        async def use() -> None:
            async def request() -> None:
                async with in_own_thread(witness.transaction()):
                    pytest.fail("nobody is there any more")

            task = asyncio.create_task(request())
            await asyncio.sleep(0.05)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

        run_alone(use)
        assert not witness.left.is_set()
        turn.set()
        assert witness.left.wait(10)
        assert [type(error) for error in witness.errors] == [asyncio.CancelledError]
