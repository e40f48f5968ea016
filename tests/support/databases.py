"""Databases for tests: a migrated SQLite file to copy, and a PostgreSQL database of our own."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import Connection, text
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
    """Yield a PostgreSQL database and empty it afterwards."""
    database = Database(url)
    try:
        yield database
    finally:
        with database.write() as session:
            empty(session.connection())
        database.close()


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
