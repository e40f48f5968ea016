"""The audit as a chain: what it is over, and what a change, a removal or another order does to it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from service.audit.models import AuditEntry
from service.audit.queries import AuditFilter, count_unsealed, find_end, list_entries, read_chain
from service.audit.rules import BEGINNING, BreakKind, Entry, Mark, check_chain, hash_entry, parse_mark
from service.audit.service import Actor, write_audit
from service.migrations import downgrade, upgrade

if TYPE_CHECKING:
    from service.db import Database

NOW = datetime(2026, 3, 2, 9, 0, 0, 123456, tzinfo=UTC)
OPERATOR = Actor("operator@host")
VECTOR = "01cf5e034c5aae466c76273be7d3d855c2cfd529391b622f92a85cc2ec6324cc"


def make_chain(length: int) -> list[Entry]:
    """Return a chain of so many entries."""
    chain: list[Entry] = []
    for number in range(1, length + 1):
        entry = Entry(number, NOW, None, "operator@host", f"thing.{number}", None, "", {"n": number}, "")
        previous = chain[-1].hash if chain else BEGINNING
        chain.append(replace(entry, hash=hash_entry(entry, previous)))
    return chain


def write(database: Database, *actions: str, **values: object) -> None:
    """Write entries, in one transaction."""
    with database.write() as session:
        for action in actions:
            write_audit(session, OPERATOR, action, NOW, **values)  # type: ignore[arg-type]


def write_and_fail(database: Database) -> None:
    """Write an entry in a transaction that is then given up."""
    with database.write() as session:
        write_audit(session, OPERATOR, "a.lost", NOW)
        session.flush()
        raise ZeroDivisionError


def breaks(database: Database) -> list[BreakKind]:
    """Return what is wrong with the chain in a database."""
    with database.read() as session:
        return [found.kind for found in check_chain(read_chain(session), end=find_end(session))]


def tamper(database: Database, statement: str) -> None:
    """Change rows as somebody would who owns the database."""
    with database.write() as session:
        connection = session.connection()
        if database.is_sqlite:
            connection.execute(text("DROP TRIGGER IF EXISTS audit_entry_stays"))
            connection.execute(text("DROP TRIGGER IF EXISTS audit_entry_is_kept"))
        else:
            connection.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER USER"))
        connection.exec_driver_sql(statement)
        if not database.is_sqlite:
            connection.execute(text("ALTER TABLE audit_entry ENABLE TRIGGER USER"))


def test_the_hash_is_the_same_for_ever() -> None:
    """A hash that was noted years ago can still be compared: the vector was computed by hand with sha256sum."""
    entry = Entry(1, NOW, "p1", "person", "a.b", 3, "x", {"é": 1, "a": [None, True]}, "")
    assert hash_entry(entry, BEGINNING) == VECTOR


def test_the_hash_knows_no_time_zones() -> None:
    """The same moment in another zone is the same entry."""
    entry = make_chain(1)[0]
    there = replace(entry, at=NOW.astimezone(timezone(timedelta(hours=3))))
    assert hash_entry(there, BEGINNING) == entry.hash


@given(st.integers(1, 8), st.data())
def test_every_kind_of_tampering_is_found(length: int, data: st.DataObject) -> None:
    """Whatever is changed, removed or put elsewhere in a whole chain, the check says so; untouched, it says nothing."""
    chain = make_chain(length)
    end = Mark(length, chain[-1].hash)
    assert list(check_chain(chain, end=end)) == []
    place = data.draw(st.integers(0, length - 1))
    changed = [*chain[:place], replace(chain[place], subject="other"), *chain[place + 1 :]]
    assert [found.kind for found in check_chain(changed, end=end)] == [BreakKind.CHANGED]
    removed = [*chain[:place], *chain[place + 1 :]]
    assert [found.kind for found in check_chain(removed, end=end)] == [BreakKind.MISSING]
    other = data.draw(st.integers(0, length - 1))
    if other != place:
        swapped = list(chain)
        swapped[place], swapped[other] = swapped[other], swapped[place]
        assert list(check_chain(swapped, end=end))
        # The numbers exchanged, so that they stand in order again.
        renumbered = list(chain)
        renumbered[place] = replace(chain[other], number=place + 1)
        renumbered[other] = replace(chain[place], number=other + 1)
        assert list(check_chain(renumbered, end=end))


def test_a_chain_that_was_written_anew_is_found_by_a_place_noted_elsewhere() -> None:
    """Whoever can compute every hash again cannot change the one that somebody wrote down."""
    chain = make_chain(5)
    known = Mark(3, chain[2].hash)
    assert list(check_chain(chain, known=known)) == []
    anew: list[Entry] = []
    for entry in chain:
        other = replace(entry, subject="other") if entry.number == 2 else entry
        anew.append(replace(other, hash=hash_entry(other, anew[-1].hash if anew else BEGINNING)))
    assert list(check_chain(anew)) == []
    assert [found.kind for found in check_chain(anew, known=known)] == [BreakKind.OTHER_CHAIN]
    assert BreakKind.MISSING in [found.kind for found in check_chain(chain[:2], known=known)]


@pytest.mark.parametrize("wrong", ["", "3", "3:abc", "x:" + "0" * 64, "3:" + "G" * 64, "٣:" + "0" * 64])
def test_a_place_is_a_number_and_a_hash(wrong: str) -> None:
    """Anything else is said to be no place."""
    with pytest.raises(ValueError, match="NUMBER:HASH"):
        parse_mark(wrong)
    assert str(parse_mark(f" 3:{BEGINNING}\n")) == f"3:{BEGINNING}"


def test_entries_are_chained_when_the_transaction_commits(database: Database) -> None:
    """Numbers without gaps, each hash over the one before; what was rolled back took no number."""
    write(database, "a.one", "a.two", detail={"half": "\ud83d", "list": [1, 2.5, None]}, subject="الاسم")
    with pytest.raises(ZeroDivisionError):
        write_and_fail(database)
    write(database, "a.three")
    with database.read() as session:
        assert [(entry.number, entry.action) for entry in read_chain(session)] == [
            (1, "a.one"), (2, "a.two"), (3, "a.three"),
        ]  # fmt: skip
        assert find_end(session) == Mark(3, list(read_chain(session))[-1].hash)
        assert count_unsealed(session) == 0
    assert breaks(database) == []


def test_many_writers_at_once_make_one_chain(database: Database) -> None:
    """However their transactions overlap, there is one order without gaps."""
    trouble: list[Exception] = []

    def work(name: int) -> None:
        try:
            for turn in range(10):
                write(database, f"w{name}.{turn}", f"w{name}.more")
        except Exception as error:  # noqa: BLE001 - shown below
            trouble.append(error)

    threads = [threading.Thread(target=work, args=(name,)) for name in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert trouble == []
    with database.read() as session:
        assert [entry.number for entry in read_chain(session)] == list(range(1, 161))
    assert breaks(database) == []


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_entry SET subject = 'x' WHERE number = 2", "DELETE FROM audit_entry WHERE number = 2"]
)
def test_the_database_refuses_to_change_an_entry(database: Database, statement: str) -> None:
    """Neither the service's own code nor a slip at the database's prompt changes what stands in the audit."""
    write(database, "a.one", "a.two", "a.three")
    with pytest.raises(DBAPIError, match="append-only"), database.write() as session:
        session.connection().execute(text(statement))
    assert breaks(database) == []


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        (["UPDATE audit_entry SET detail = '{\"n\":7}' WHERE number = 2"], [BreakKind.CHANGED]),
        (["UPDATE audit_entry SET at = '2020-01-01 00:00:00+00:00' WHERE number = 2"], [BreakKind.CHANGED]),
        (["UPDATE audit_entry SET actor = 'somebody' WHERE number = 3"], [BreakKind.CHANGED]),
        (["DELETE FROM audit_entry WHERE number = 2"], [BreakKind.MISSING]),
        (["DELETE FROM audit_entry WHERE number = 3"], [BreakKind.MISSING]),
        (
            [
                "UPDATE audit_entry SET number = 100 WHERE number = 1",
                "UPDATE audit_entry SET number = 1 WHERE number = 2",
                "UPDATE audit_entry SET number = 2 WHERE number = 100",
            ],
            [BreakKind.CHANGED, BreakKind.CHANGED, BreakKind.CHANGED],
        ),
    ],
)
def test_what_is_done_behind_the_service_is_found(
    database: Database, statements: Sequence[str], expected: list[BreakKind]
) -> None:
    """Somebody who owns the database can change rows, remove them or reorder them, but not unseen."""
    write(database, "a.one", "a.two", "a.three")
    for statement in statements:
        tamper(database, statement)
    assert breaks(database) == expected


def test_an_entry_put_in_beside_the_service_is_counted(database: Database) -> None:
    """It has no place in the chain until the next transaction seals it: then it stands there as what it is, late."""
    write(database, "a.one")
    with database.write() as session:
        session.add(AuditEntry(at=NOW, actor="x", action="a.odd"))
    with database.read() as session:
        assert count_unsealed(session) == 1
    write(database, "a.two")
    with database.read() as session:
        assert count_unsealed(session) == 0
    assert breaks(database) == []


def test_entries_that_were_there_before_are_chained_by_the_upgrade(database: Database) -> None:
    """In the order of their ids, by the same rule as new ones; going back and forth loses none."""
    write(database, "a.one", "a.two", detail={"é": 1.5}, subject="الاسم")
    downgrade(database, "0007")
    upgrade(database)
    write(database, "a.three")
    with database.read() as session:
        assert [entry.action for entry in read_chain(session)] == ["a.one", "a.two", "a.three"]
    assert breaks(database) == []


def test_entries_are_found_by_what_is_known_of_them(database: Database) -> None:
    """By the thing or the whole action, by words of the subject, by time; the newest first, page by page."""
    write(database, "deployment.set", subject="iraq")
    write(database, "deployment.add", subject="other 100%")
    write(database, "deployments.odd", subject="iraq")
    with database.read() as session:

        def found(**values: object) -> list[str]:
            return [entry.action for entry in list_entries(session, AuditFilter(**values))]  # type: ignore[arg-type]

        assert found(action="deployment") == ["deployment.add", "deployment.set"]
        assert found(action="deployment.set") == ["deployment.set"]
        assert found(words="IRAQ") == ["deployments.odd", "deployment.set"]
        assert found(words="0%") == ["deployment.add"]
        assert found(since=NOW, until=NOW + timedelta(seconds=1)) == [
            "deployments.odd", "deployment.add", "deployment.set",
        ]  # fmt: skip
        assert found(until=NOW) == found(deployment_ids=[]) == found(person_ids=["p"]) == []
        first = list_entries(session, AuditFilter(), limit=2)
        rest = list_entries(session, AuditFilter(), before=first[-1].number, limit=2)
        assert [entry.number for entry in [*first, *rest]] == [3, 2, 1]


def test_the_rows_of_one_moment_are_what_was_hashed(database: Database) -> None:
    """A subject that is longer than the column is cut before it is hashed."""
    write(database, "a.long", subject="x" * 3000)
    with database.read() as session:
        assert len(session.exec(select(AuditEntry)).one().subject) == 1000
    assert breaks(database) == []
