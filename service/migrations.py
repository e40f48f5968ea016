"""Bringing a database to the schema of this version, by alembic."""

import shutil
import sqlite3
from datetime import datetime
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from service.db import Database
from service.errors import NotReady
from service.tables import metadata


def migrations_folder() -> Path:
    """Return the folder of migrations: inside the installed package, or the checkout's ``alembic/``."""
    inside = Path(__file__).parent / "_migrations"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "alembic"


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def head_revision() -> str:
    """Return the revision this version of the service needs."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if head is None:
        raise NotReady(f"There are no migrations in {migrations_folder()}: install the service anew.")
    return head


def current_revision(database: Database) -> str | None:
    """Return the revision of the database, or None for an empty one."""
    with database.read() as session:
        return MigrationContext.configure(session.connection()).get_current_revision()


def upgrade(database: Database, revision: str = "head") -> None:
    """Bring the database up to ``revision`` in one transaction, at once or not at all."""
    with database.change_schema() as connection:
        command.upgrade(_config(connection), revision)


def downgrade(database: Database, revision: str) -> None:
    """Take the database back to ``revision`` ("base" for an empty one) in one transaction."""
    with database.change_schema() as connection:
        command.downgrade(_config(connection), revision)


def schema_differences(database: Database) -> list[object]:
    """Return what ``alembic check`` would report: how the tables differ from the code; empty when they agree."""
    with database.read() as session:
        context = MigrationContext.configure(session.connection(), opts={"compare_type": True})
        return list(compare_metadata(context, metadata))


def prepare(database: Database, *, embedded: bool, now: datetime) -> None:
    """Make sure that the database fits this version, before anything else uses it.

    The embedded database is upgraded by itself, after a copy of its file was put beside it; any other is left alone.

    Raises:
        NotReady: the database needs an upgrade that somebody has to ask for, or is of a newer version.
    """
    current, head = current_revision(database), head_revision()
    if current == head:
        return
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if current is not None and current not in known:
        raise NotReady(
            f"The database is of a newer version of primero-bridge (revision {current}): install that version, "
            "or restore a backup of this one."
        )
    if not embedded:
        raise NotReady(
            "The database is not of this version: make a backup with the version it is of, then run "
            "`primero-bridge db upgrade` "
            f"(it is at {current or 'nothing'}, this version needs {head})."
        )
    if current is not None:
        copy_sqlite_file(database, now)
    upgrade(database)


def copy_sqlite_file(database: Database, now: datetime) -> Path:
    """Copy the embedded database beside itself, consistently even while it is in use, and return the copy's path."""
    file = Path(database.url.database or "")
    folder = file.parent / "backups"
    folder.mkdir(mode=0o700, exist_ok=True)
    target = folder / f"{file.stem}-before-upgrade-{now:%Y%m%dT%H%M%S}.sqlite3"
    partial = target.with_suffix(".part")
    with sqlite3.connect(file) as source, sqlite3.connect(partial) as copy:
        source.backup(copy)
    copy.close()
    source.close()
    partial.chmod(0o600)
    shutil.move(partial, target)
    return target
