"""Reads and writes told apart, and one queue for the writers of SQLite."""

import fcntl
import multiprocessing
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, select

from service.auth.models import Person
from service.db import Database
from service.errors import BadInput

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def add(database: Database, person: str) -> None:
    with database.write() as session:
        session.add(Person(id=person, created_at=NOW))


def persons(database: Database) -> list[str]:
    with database.read() as session:
        return sorted(session.exec(select(Person.id)))


def test_a_write_is_committed_when_its_block_ends(database: Database) -> None:
    """Not before, and visible to every later read; times come back aware, in UTC."""
    with database.write() as session:
        session.add(Person(id="reem", created_at=NOW))
        session.flush()
        assert persons(database) == []
    assert persons(database) == ["reem"]
    with database.read() as session:
        assert session.exec(select(Person.created_at)).one() == NOW


def test_a_write_is_rolled_back_when_its_block_raises(database: Database) -> None:
    """All of it, whatever was raised; the next writer is not kept waiting."""
    for error in (ValueError, KeyboardInterrupt):

        def write(error: type[BaseException] = error) -> None:
            with database.write() as session:
                session.add(Person(id="reem", created_at=NOW))
                session.flush()
                raise error

        with pytest.raises(error):
            write()
    assert persons(database) == []
    add(database, "omar")
    assert persons(database) == ["omar"]


def test_a_commit_that_fails_is_rolled_back_too(database: Database) -> None:
    """A row that the database refuses at the end leaves nothing behind, and the queue open."""
    add(database, "reem")
    with pytest.raises(DBAPIError):
        add(database, "reem")
    add(database, "omar")
    assert persons(database) == ["omar", "reem"]


def _write(session: Session) -> None:
    session.add(Person(id="reem", created_at=NOW))
    session.flush()


def test_a_read_session_cannot_write(database: Database) -> None:
    """The database itself refuses it; the connection can write again for the next writer."""
    with database.read() as session, pytest.raises(DBAPIError, match=r"(?i)read-?only"):
        _write(session)
    add(database, "omar")
    with database.read() as session, pytest.raises(DBAPIError, match=r"(?i)read-?only"):
        session.connection().execute(text("DELETE FROM person"))
    assert persons(database) == ["omar"]


def test_a_read_session_does_not_write_what_was_forgotten_in_it(database: Database) -> None:
    """Nothing is flushed by a query or at its end."""
    with database.read() as session:
        session.add(Person(id="reem", created_at=NOW))
        assert list(session.exec(select(Person.id))) == []
    assert persons(database) == []


def test_a_read_sees_one_moment_of_the_database(database: Database) -> None:
    """What is committed meanwhile is not seen until the next read."""
    with database.read() as session:
        assert list(session.exec(select(Person.id))) == []
        add(database, "reem")
        assert list(session.exec(select(Person.id))) == []
    assert persons(database) == ["reem"]


def test_readers_are_never_blocked_by_a_writer(database: Database) -> None:
    """While a write is open, reads answer at once."""
    add(database, "reem")
    with database.write() as session:
        session.add(Person(id="omar", created_at=NOW))
        session.flush()
        found: list[list[str]] = []
        readers = [threading.Thread(target=lambda: found.append(persons(database))) for _ in range(4)]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join(timeout=10)
        assert found == [["reem"]] * 4


def test_texts_keep_every_character_that_may_be_stored(database: Database) -> None:
    """Beyond the basic plane, right-to-left marks, line breaks."""
    odd = "\U0001f600 \u200f\u200b \r\n\t \u0995\u09cd\u09b7 '\"\\%"
    with database.write() as session:
        session.add(Person(id="reem", name=odd, created_at=NOW))
    with database.read() as session:
        assert session.exec(select(Person.name)).one() == odd


def test_a_text_with_nul_is_neither_stored_nor_looked_for(database: Database) -> None:
    """On neither database, so that a backup of the one fits the other; what else was written is undone."""
    with pytest.raises(BadInput, match="NUL"), database.write() as session:
        session.add_all([Person(id="amal", created_at=NOW), Person(id="re\0em", created_at=NOW)])
    with pytest.raises(BadInput, match="NUL"), database.write() as session:
        session.execute(text("INSERT INTO person (id) VALUES (:id)"), [{"id": "amal"}, {"id": "a\0"}])
    with pytest.raises(BadInput, match="NUL"), database.read() as session:
        session.exec(select(Person.id).where(Person.id == "re\0em")).all()
    assert persons(database) == []


# --- SQLite's queue ------------------------------------------------------------------------------------------------


@pytest.fixture
def sqlite(tmp_path: Path) -> Any:
    """A small SQLite database of our own."""
    made = Database(f"sqlite:///{tmp_path / 'small.sqlite3'}")
    with made.write() as session:
        session.connection().execute(text("CREATE TABLE tally (number INTEGER NOT NULL)"))
        session.connection().execute(text("INSERT INTO tally VALUES (0)"))
    yield made
    made.close()


def raise_tally(database: Database, times: int) -> None:
    """Read, wait a moment, write back: only a queue keeps others from writing in between."""
    for _ in range(times):
        with database.write() as session:
            number = session.connection().execute(text("SELECT number FROM tally")).scalar_one()
            time.sleep(0.002)
            session.connection().execute(text("UPDATE tally SET number = :number"), {"number": number + 1})


def tally(database: Database) -> int:
    with database.read() as session:
        return int(session.connection().execute(text("SELECT number FROM tally")).scalar_one())


def _in_another_process(url: str) -> None:
    database = Database(url)
    raise_tally(database, 20)
    database.close()


def test_a_write_inside_a_write_is_refused_with_a_clear_error(sqlite: Database) -> None:
    """Instead of waiting for itself for ever; the outer one goes on, and so does the queue."""
    with sqlite.write() as session:
        with pytest.raises(RuntimeError, match="opened inside another one in the same thread"), sqlite.write():
            pass
        session.connection().execute(text("UPDATE tally SET number = 7"))
    assert tally(sqlite) == 7
    raise_tally(sqlite, 1)
    assert tally(sqlite) == 8


def test_threads_write_one_after_another(sqlite: Database) -> None:
    """No write is lost, none fails because the database is busy."""
    threads = [threading.Thread(target=raise_tally, args=(sqlite, 10)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert tally(sqlite) == 60


def test_processes_write_one_after_another(sqlite: Database) -> None:
    """A web server and a worker on one file lose nothing to each other."""
    context = multiprocessing.get_context("spawn")
    url = str(sqlite.url)
    processes = [context.Process(target=_in_another_process, args=(url,)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(timeout=60)
    assert [process.exitcode for process in processes] == [0, 0]
    assert tally(sqlite) == 40


def test_a_writer_waits_in_the_queue_of_other_processes(sqlite: Database) -> None:
    """It takes no part in SQLite's own polling: while another process stands at the gate, it waits there."""
    with Path(f"{sqlite.url.database}.gate").open("ab") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        writer = threading.Thread(target=raise_tally, args=(sqlite, 1))
        writer.start()
        writer.join(timeout=0.3)
        assert writer.is_alive()
        assert tally(sqlite) == 0
        fcntl.flock(gate, fcntl.LOCK_UN)
        writer.join(timeout=10)
    assert tally(sqlite) == 1


def test_foreign_keys_are_kept_on_both_databases(database: Database) -> None:
    """SQLite keeps them only when asked to, on every connection."""
    for _ in range(2):
        with pytest.raises(DBAPIError), database.write() as session:
            session.connection().execute(
                text("INSERT INTO audit_entry (at, person_id, actor, action, subject, detail)"
                     " VALUES ('2026-03-02 09:00:00', 'nobody', 'x', 'x', '', '{}')")
            )  # fmt: skip


def test_a_broken_foreign_key_undoes_a_change_of_the_schema(sqlite: Database) -> None:
    """SQLite's tables are copied without looking at foreign keys, which are looked at before the commit."""

    def break_it() -> None:
        with sqlite.change_schema() as connection:
            connection.execute(text("CREATE TABLE parent (id INTEGER PRIMARY KEY)"))
            connection.execute(text("CREATE TABLE child (parent INTEGER REFERENCES parent(id))"))
            connection.execute(text("INSERT INTO child VALUES (1)"))

    with pytest.raises(RuntimeError, match="broke a foreign key; nothing was changed"):
        break_it()
    with sqlite.read() as session:
        tables = session.connection().execute(text("SELECT name FROM sqlite_master WHERE type = 'table'"))
        assert tables.scalars().all() == ["tally"]
