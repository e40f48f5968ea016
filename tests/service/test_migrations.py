"""Bringing a database to the schema of this version."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import inspect, text
from sqlmodel import select

from service.auth.models import Person
from service.db import Database
from service.errors import NotReady
from service.migrations import (
    copy_sqlite_file,
    current_revision,
    downgrade,
    head_revision,
    prepare,
    schema_differences,
    upgrade,
)
from service.tables import metadata
from tests.support.workshop import Workshop

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def empty(tmp_path: Path) -> Database:
    """A SQLite database without a schema."""
    made = Database(f"sqlite:///{tmp_path / 'bridge.sqlite3'}")
    yield made  # type: ignore[misc]
    made.close()


def set_revision(database: Database, revision: str) -> None:
    with database.write() as session:
        session.connection().execute(text("UPDATE alembic_version SET version_num = :it"), {"it": revision})


def table_names(database: Database) -> set[str]:
    with database.read() as session:
        return set(inspect(session.connection()).get_table_names()) - {"alembic_version"}


def test_the_migrations_make_exactly_the_tables_of_the_code(database: Database) -> None:
    """Nothing is missing, nothing is left over, on both databases."""
    assert current_revision(database) == head_revision()
    assert schema_differences(database) == []
    assert table_names(database) == set(metadata.tables)


def test_down_and_up_again_works_with_rows_present(database: Database) -> None:
    """Back to nothing and up again gives the schema as it was, empty."""
    workshop = Workshop(database)
    workshop.import_source({"agree": "I agree"})
    workshop.import_texts({"agree": "J'accepte"})
    workshop.reopen("reem", "agree", workshop.approve("reem", "agree").id)
    downgrade(database, "base")
    assert table_names(database) == set()
    assert current_revision(database) is None
    upgrade(database)
    assert schema_differences(database) == []
    with database.read() as session:
        assert session.exec(select(Person)).all() == []


def test_upgrading_what_is_current_changes_nothing(database: Database) -> None:
    """Rows stay."""
    with database.write() as session:
        session.add(Person(id="reem", created_at=NOW))
    upgrade(database)
    with database.read() as session:
        assert [person.id for person in session.exec(select(Person))] == ["reem"]


def test_an_empty_embedded_database_is_made_by_itself(empty: Database, tmp_path: Path) -> None:
    """There is nothing to back up; a second time there is nothing to do."""
    prepare(empty, embedded=True, now=NOW)
    prepare(empty, embedded=True, now=NOW)
    assert current_revision(empty) == head_revision()
    assert not (tmp_path / "backups").exists()


def test_the_embedded_database_is_copied_before_an_upgrade(
    empty: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The copy stands beside it, readable by its owner alone, and holds what was there before."""
    upgrade(empty)
    with empty.write() as session:
        session.add(Person(id="reem", created_at=NOW))
    # An older version's revision: one that is known, and not the newest.
    older = _with_an_older_revision(empty, tmp_path, monkeypatch)
    prepare(empty, embedded=True, now=NOW)
    assert current_revision(empty) == head_revision() != older
    (copy,) = (tmp_path / "backups").iterdir()
    assert copy.name == "bridge-before-upgrade-20260302T090000.sqlite3"
    assert copy.stat().st_mode & 0o777 == 0o600
    with sqlite3.connect(copy) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(older,)]
        assert connection.execute("SELECT id FROM person").fetchall() == [("reem",)]
    connection.close()


def _with_an_older_revision(database: Database, folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Let the service's migrations have one more, and return the revision the database is at."""
    import shutil

    import service.migrations

    migrations = folder / "migrations"
    shutil.copytree(service.migrations.migrations_folder(), migrations)
    older = head_revision()
    (migrations / "versions" / "9999_one_more.py").write_text(
        "from alembic import op\n"
        f"revision, down_revision, branch_labels, depends_on = '9999', {older!r}, None, None\n"
        "def upgrade():\n    op.execute('CREATE TABLE one_more (id INTEGER)')\n"
        "def downgrade():\n    op.execute('DROP TABLE one_more')\n"
    )
    monkeypatch.setattr(service.migrations, "migrations_folder", lambda: migrations)
    assert current_revision(database) == older
    return older


def test_a_migration_that_fails_changes_nothing(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All at once or not at all, on both databases."""
    older = _with_an_older_revision(database, tmp_path, monkeypatch)
    file = tmp_path / "migrations" / "versions" / "9999_one_more.py"
    file.write_text(file.read_text().replace("INTEGER)')", "INTEGER)'); op.execute('SELECT * FROM nowhere')"))
    with pytest.raises(Exception, match="nowhere"):
        upgrade(database)
    assert current_revision(database) == older
    assert "one_more" not in table_names(database)


def test_a_database_of_a_newer_version_is_refused(database: Database) -> None:
    """Embedded or not, and left as it is."""
    head = head_revision()
    set_revision(database, "newer")
    try:
        for embedded in (True, False):
            with pytest.raises(NotReady, match=r"of a newer version of primero-bridge \(revision newer\)"):
                prepare(database, embedded=embedded, now=NOW)
        assert current_revision(database) == "newer"
    finally:
        set_revision(database, head)


def test_another_database_is_not_upgraded_by_itself(empty: Database) -> None:
    """The refusal says: make a backup, then which command."""
    with pytest.raises(
        NotReady,
        match=r"make a backup with the version it is of, then run `primero-bridge db upgrade` \(it is at nothing",
    ):
        prepare(empty, embedded=False, now=NOW)
    assert current_revision(empty) is None
    upgrade(empty)
    prepare(empty, embedded=False, now=NOW)


def test_the_copy_is_whole_while_the_database_is_in_use(empty: Database) -> None:
    """What is committed is in it, what is being written is not."""
    upgrade(empty)
    with empty.write() as session:
        session.add(Person(id="reem", created_at=NOW))
    with empty.write() as session:
        session.add(Person(id="omar", created_at=NOW))
        session.flush()
        copy = copy_sqlite_file(empty, NOW)
    with sqlite3.connect(copy) as connection:
        assert connection.execute("SELECT id FROM person").fetchall() == [("reem",)]
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
