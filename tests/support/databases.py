"""Databases for tests: a migrated SQLite file to copy, and a PostgreSQL database of our own."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import Connection, insert, select, text
from sqlalchemy.engine import make_url

from service.db import Database
from service.migrations import upgrade
from service.tables import metadata

SERVER = "postgresql://postgres@127.0.0.1:5432/postgres"


def selected_databases() -> list[str]:
    """Return what BRIDGE_TEST_DATABASES asks for, from "sqlite" (default) and "postgresql"."""
    names = [name.strip() for name in os.environ.get("BRIDGE_TEST_DATABASES", "sqlite").split(",") if name.strip()]
    unknown = set(names) - {"sqlite", "postgresql"}
    if unknown or not names:
        raise pytest.UsageError("BRIDGE_TEST_DATABASES must name sqlite, postgresql or both, separated by a comma")
    return names


def make_sqlite_template(folder: Path) -> Path:
    """Return a closed SQLite file with the current schema."""
    file = folder / "template.sqlite3"
    database = Database(f"sqlite:///{file}")
    upgrade(database)
    database.close()
    return file


_FIRST: dict[str, Database] = {}


def opened_again(url: str) -> Database:
    """Return a new database over the engine of the first one with this address.

    SQLAlchemy keeps with an engine what it made of a statement: with an engine of its own each test would have it make
    the same again, which takes longer than most tests.
    """
    made = Database(url)
    first = _FIRST.setdefault(url, made)
    made.engine, made._write_engine = first.engine, first._write_engine
    return made


@contextmanager
def sqlite_renewed(template: Path, file: Path) -> Iterator[Database]:
    """Yield a database in a fresh copy of the template under a name that earlier tests used too."""
    for left in file.parent.glob(f"{file.name}*"):
        left.unlink()
    shutil.copy(template, file)
    database = opened_again(f"sqlite:///{file}")
    try:
        yield database
    finally:
        database.close()


@contextmanager
def sqlite_copy(template: Path, folder: Path) -> Iterator[Database]:
    """Yield a database in a fresh copy of the template."""
    file = folder / "bridge.sqlite3"
    shutil.copy(template, file)
    database = Database(f"sqlite:///{file}")
    try:
        yield database
    finally:
        database.close()


@contextmanager
def postgresql_database() -> Iterator[str]:
    """Yield the address of a database made for this run, dropped at the end; skip (fail in CI) without a server."""
    server = os.environ.get("BRIDGE_TEST_POSTGRESQL", SERVER)
    name = f"bridge_test_{uuid4().hex[:12]}"
    try:
        with psycopg.connect(server, autocommit=True, connect_timeout=5) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
            # What a crash of the machine would lose is of no use to a test, and waiting for the disk is dear.
            connection.execute(sql.SQL("ALTER DATABASE {} SET synchronous_commit = off").format(sql.Identifier(name)))
    except psycopg.OperationalError as error:
        sentence = f"no PostgreSQL answers at BRIDGE_TEST_POSTGRESQL: {str(error).strip()}"
        if os.environ.get("CI"):
            pytest.fail(sentence)
        pytest.skip(sentence)
    try:
        url = make_url(server).set(database=name).render_as_string(hide_password=False)
        database = Database(url)
        upgrade(database)
        database.close()
        yield url
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def emptied_afterwards(url: str) -> Iterator[Database]:
    """Yield a PostgreSQL database and empty it afterwards.

    Its connections stay open for the next test: what a server's process has learned of the tables is dear.
    """
    database = opened_again(url)
    try:
        yield database
    finally:
        with database.write() as session:
            empty(session.connection())


Rows = dict[str, list[dict[str, Any]]]


def rows_of(database: Database) -> Rows:
    """Return every row there is, by table, in an order in which they can be put back."""
    with database.read() as session:
        found = {
            table.name: [dict(row) for row in session.connection().execute(select(table)).mappings()]
            for table in metadata.sorted_tables
        }
    return {name: rows for name, rows in found.items() if rows}


def put_back(database: Database, rows: Rows) -> None:
    """Put rows that :func:`rows_of` returned into an empty database; numbers go on after theirs."""
    with database.write() as session:
        connection = session.connection()
        for name, those in rows.items():
            connection.execute(insert(metadata.tables[name]), those)
        if not database.is_sqlite:
            connection.execute(_COUNT_ON)


# Of each count that belongs to a column: its next value is one above the column's highest.
_COUNT_ON = text("""
    DO $$ DECLARE of record; BEGIN
        FOR of IN SELECT s.seqrelid::regclass AS sequence, t.relname AS table_name, a.attname AS column_name
            FROM pg_sequence s JOIN pg_depend d ON d.objid = s.seqrelid AND d.deptype IN ('a', 'i')
            JOIN pg_class t ON t.oid = d.refobjid AND t.relnamespace = 'public'::regnamespace
            JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
        LOOP
            EXECUTE format('SELECT setval(%L, max(%I)) FROM %I HAVING max(%I) IS NOT NULL',
                of.sequence, of.column_name, of.table_name, of.column_name);
        END LOOP;
    END $$
""")


# Triggers refuse to delete from it; emptying a table whole goes past them.
_KEPT_BY_TRIGGERS = "audit_entry"


def empty(connection: Connection) -> None:
    """Empty the tables that have rows, and let every count begin at 1 again.

    TRUNCATE makes new files for a table and each of its indexes: for all of them that takes longer than most tests.
    """
    names = [table.name for table in reversed(metadata.sorted_tables)]
    question = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT FROM \"{name}\")" for name in names)
    filled = set(connection.scalars(text(question)))
    if _KEPT_BY_TRIGGERS in filled:
        connection.execute(text(f'TRUNCATE "{_KEPT_BY_TRIGGERS}"'))
        filled.remove(_KEPT_BY_TRIGGERS)
    for name in names:
        if name in filled:
            connection.execute(text(f'DELETE FROM "{name}"'))
    connection.execute(
        text("SELECT setval(seqrelid::regclass, seqstart, false) FROM pg_sequence JOIN pg_class ON oid = seqrelid "
             "WHERE relnamespace = 'public'::regnamespace")
    )  # fmt: skip
