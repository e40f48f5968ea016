"""Backup and restore, on every database and from each to each."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlmodel import col, select

from service import cli
from service.announcing.models import TargetState, WebhookTarget
from service.auth.models import Person
from service.backup import LEFT_OUT, restore_backup, write_backup
from service.catalog.models import Decision, State
from service.db import Database
from service.deployments.models import Deployment
from service.errors import BadInput, NotReady, Refused
from service.jobs.models import Job, JobState
from service.migrations import downgrade, upgrade
from service.tables import metadata
from service.web.resources import Resources
from tests.support.databases import (
    emptied_afterwards,
    make_sqlite_template,
    postgresql_database,
    selected_databases,
    sqlite_copy,
)
from tests.support.ledger import NOW, dump, fill, is_empty
from tests.support.queries import noted_statements
from tests.support.workshop import Workshop

ROOT = Path(__file__).resolve().parents[2]

MAKE_AND_HANG = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
from sqlalchemy import event
from service import backup
from service.db import Database

what, url, file, mark = sys.argv[1:]
database = Database(url)

def hang(_connection, _cursor, statement, *_):
    if mark in statement:
        print("in the middle", flush=True)
        time.sleep(600)

event.listen(database.engine, "before_cursor_execute", hang)
if what == "write":
    backup.write_backup(database, Path(file), datetime.now(UTC), "1")
else:
    backup.restore_backup(database, Path(file))
"""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Restore into every selected database."""
    if "target_kind" in metafunc.fixturenames:
        metafunc.parametrize("target_kind", selected_databases(), scope="module")


@pytest.fixture(scope="module")
def target_source(target_kind: str, sqlite_template: Path) -> Iterator[str]:
    if target_kind == "sqlite":
        yield str(sqlite_template)
    else:
        with postgresql_database() as url:
            yield url


@pytest.fixture
def target(target_kind: str, target_source: str, tmp_path: Path) -> Iterator[Database]:
    """Another database than the test's, empty, of the current schema."""
    folder = tmp_path / "target"
    folder.mkdir()
    made = sqlite_copy(Path(target_source), folder) if target_kind == "sqlite" else emptied_afterwards(target_source)
    with made as database:
        yield database


@pytest.fixture
def another(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """An empty SQLite database."""
    folder = tmp_path / "another"
    folder.mkdir()
    with sqlite_copy(sqlite_template, folder) as database:
        yield database


@pytest.fixture
def file(tmp_path: Path) -> Path:
    folder = tmp_path / "backups"
    folder.mkdir()
    return folder / "bridge.backup"


@pytest.fixture
def backup(database: Database, file: Path) -> Path:
    """A backup of a filled database."""
    fill(database)
    write_backup(database, file, NOW, "1.2.3")
    return file


def read_lines(file: Path) -> list[bytes]:
    """Return the content's lines."""
    with gzip.open(file, "rb") as packed:
        return packed.read().splitlines(keepends=True)


def write_lines(file: Path, lines: list[bytes]) -> Path:
    """Replace the content."""
    with gzip.open(file, "wb") as packed:
        packed.write(b"".join(lines))
    return file


# Whole, and the same everywhere


def test_what_is_restored_is_what_was_backed_up_from_each_database_to_each(
    backup: Path, database: Database, target: Database, another: Database, tmp_path: Path
) -> None:
    """Every table is equal row by row in the restored database, and after one more backup in a third."""
    expected = dump(database)
    assert not [name for name, rows in expected.items() if not rows], "a table without rows proves nothing"
    restore_backup(target, backup)
    assert dump(target) == expected
    write_backup(target, tmp_path / "second", NOW, "1.2.3")
    restore_backup(another, tmp_path / "second")
    assert dump(another) == expected


def test_decisions_and_states_hold_and_work_goes_on(database: Database, target: Database, file: Path) -> None:
    """Restored states are those the decisions make; the next decisions get ids of their own."""
    workshop = Workshop(database)
    workshop.import_source({"agree": "I agree", "name": "Name"})
    workshop.pull({"agree": "J'accepte", "name": "Nom"})
    workshop.approve("reem", "agree")
    approved = workshop.approve("reem", "name")
    workshop.reopen("reem", "name", approved.id)
    write_backup(database, file, NOW, "1")
    restore_backup(target, file)
    restored = Workshop.__new__(Workshop)
    restored.database, restored.now = target, workshop.now
    assert (restored.state("agree"), restored.state("name")) == (State.APPROVED, State.TRANSLATED)
    with pytest.raises(Refused):
        restored.approve("reem", "agree")
    again = restored.approve("omar", "name")
    assert again.id == max(decision.id or 0 for decision in workshop.decisions("name")) + 1
    assert restored.state("name") is State.APPROVED
    restored.import_source({"agree": "I agree", "name": "Name", "age": "Age"})
    restored.reject("omar", "agree")
    assert restored.state("agree") is State.REJECTED


def test_tables_that_were_empty_start_at_one(database: Database, target: Database, file: Path) -> None:
    """An id restored into nothing does not skip a number."""
    write_backup(database, file, NOW, "1")
    restore_backup(target, file)
    with target.write() as session:
        row = Deployment(slug="first", name="First", created_at=NOW)
        session.add(row)
        session.flush()
        assert row.id == 1


def test_the_same_database_gives_the_same_content(backup: Path, database: Database, tmp_path: Path) -> None:
    """Two backups made at the same moment are the same bytes."""
    write_backup(database, tmp_path / "second", NOW, "1.2.3")
    assert (tmp_path / "second").read_bytes() == backup.read_bytes()


def test_jobs_under_way_are_ended_by_a_restore(database: Database, target: Database, file: Path) -> None:
    """Nothing goes to Transifex or a webhook because somebody restored a database in which that was soon due."""
    fill(database)
    with database.write() as session:
        session.get_one(Deployment, 3).push_by_itself = True
        session.get_one(WebhookTarget, 71).state = TargetState.ON
        for number, state in enumerate((JobState.QUEUED, JobState.RUNNING)):
            session.add(
                Job(id=20 + number, kind=f"k{number}", deployment_id=3, state=state, owner="w", lease_until=NOW,
                    created_at=NOW)
            )  # fmt: skip
    write_backup(database, file, NOW, "1")
    restore_backup(target, file)
    with target.read() as session:
        jobs = session.exec(select(Job).order_by(col(Job.id))).all()
        assert not session.get_one(Deployment, 3).push_by_itself
        assert session.get_one(WebhookTarget, 71).state is TargetState.STOPPED
    assert [(job.id, job.state) for job in jobs] == [
        (12, JobState.DONE), (20, JobState.FAILED), (21, JobState.FAILED),
    ]  # fmt: skip
    assert (jobs[2].lease_until, jobs[2].ended_at) == (None, NOW)
    assert "restored" in jobs[2].message


def test_a_backup_is_one_moment(database: Database, another: Database, file: Path) -> None:
    """What somebody commits while the backup is being written is not in it, not even in the tables still to come."""
    fill(database)
    expected = dump(database)
    busy = Database(database.url.render_as_string(hide_password=False))

    def interfere(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "FROM decision" in statement and not written:
            written.append(True)
            with busy.write() as session:
                session.delete(session.get_one(Decision, 44))

    written: list[bool] = []
    event.listen(database.engine, "before_cursor_execute", interfere)
    write_backup(database, file, NOW, "1")
    event.remove(database.engine, "before_cursor_execute", interfere)
    busy.close()
    assert written
    assert len(dump(database)["decision"]) == len(expected["decision"]) - 1
    restore_backup(another, file)
    assert dump(another) == expected


@pytest.mark.slow
def test_rows_are_not_gathered_in_memory(database: Database, target: Database, file: Path) -> None:
    """Both ways take a small part of the memory that all rows together would."""
    rows = [{"hash": f"{number:064}", "text": f"{number} " + "x" * 2000} for number in range(12_000)]
    with database.write() as session:
        session.connection().execute(metadata.tables["stored_text"].insert(), rows)
    tracemalloc.start()
    write_backup(database, file, NOW, "1")
    restore_backup(target, file)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 12_000_000
    assert len(dump(target)["stored_text"]) == 12_000


# What is in the file, and where it is


def test_only_its_owner_can_read_it(backup: Path) -> None:
    """The file holds texts, people and hashes of passwords."""
    assert backup.stat().st_mode & 0o777 == 0o600
    assert list(backup.parent.iterdir()) == [backup]


def test_the_key_and_what_ends_anyway_are_left_out(resources: Resources, backup: Path) -> None:
    """Neither the key of stored secrets nor sessions nor password links are in it; stored secrets stay encrypted."""
    resources.secrets.encrypt("x")
    content = b"".join(read_lines(backup))
    assert resources.secrets.key_file.read_bytes().strip() not in content
    assert b"gAAAA-encrypted" in content
    names = {"login_session", "password_link", "password_request", "process_lease", "request_allowance", "tally"}
    assert names == LEFT_OUT
    assert b"session-secret" not in content
    assert not any(name.encode() in content for name in LEFT_OUT)


@pytest.mark.parametrize("link", [False, True])
def test_it_never_overwrites(database: Database, file: Path, link: bool) -> None:
    """What lies at the name stays as it is, even a link that leads nowhere."""
    if link:
        file.symlink_to("nowhere")
    else:
        file.write_text("precious")
    with pytest.raises(BadInput, match="exists already"):
        write_backup(database, file, NOW, "1")
    assert file.is_symlink() if link else file.read_text() == "precious"
    assert list(file.parent.iterdir()) == [file]


def test_a_file_that_appears_meanwhile_stays(database: Database, file: Path) -> None:
    """Somebody else's file under the same name is not replaced, however late it came."""

    def appear(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "FROM decision" in statement:
            file.write_text("precious")

    event.listen(database.engine, "before_cursor_execute", appear)
    try:
        with pytest.raises(BadInput, match="exists already"):
            write_backup(database, file, NOW, "1")
    finally:
        event.remove(database.engine, "before_cursor_execute", appear)
    assert file.read_text() == "precious"
    assert list(file.parent.iterdir()) == [file]


def test_a_disk_without_links_takes_it_too(
    database: Database, another: Database, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory sticks know no hard links."""

    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    write_backup(database, file, NOW, "1")
    assert list(file.parent.iterdir()) == [file]
    restore_backup(another, file)


def test_a_folder_that_is_not_there_is_a_sentence(database: Database, tmp_path: Path) -> None:
    """The message names the file and the reason."""
    with pytest.raises(BadInput, match=r"nowhere/b cannot be written: No such file or directory\."):
        write_backup(database, tmp_path / "nowhere" / "b", NOW, "1")


def test_a_database_of_another_revision_is_not_backed_up(tmp_path: Path) -> None:
    """This version cannot know what columns another one has."""
    database = Database(f"sqlite:///{tmp_path / 'old.sqlite3'}")
    with pytest.raises(NotReady, match="at revision nothing"):
        write_backup(database, tmp_path / "b", NOW, "1")
    database.close()
    assert not (tmp_path / "b").exists()


# What is refused


def refused(database: Database, file: Path) -> str:
    """Restore, which must be refused and leave the database empty; return the sentence."""
    with pytest.raises((BadInput, Refused)) as caught:
        restore_backup(database, file)
    assert is_empty(database)
    assert str(file) in caught.value.message
    return caught.value.message


@pytest.mark.parametrize("part", [0.02, 0.3, 0.7, 0.999])
def test_a_truncated_file_is_refused(backup: Path, another: Database, part: float) -> None:
    """A copy that broke off is never taken for a backup."""
    content = backup.read_bytes()
    backup.write_bytes(content[: max(1, int(len(content) * part))])
    refused(another, backup)


@pytest.mark.parametrize("part", [0.01, 0.2, 0.5, 0.8, 0.999])
def test_a_damaged_byte_is_found(backup: Path, another: Database, part: float) -> None:
    """Any changed byte of the packed content refuses the file."""
    content = bytearray(backup.read_bytes())
    content[max(10, int(len(content) * part))] ^= 0xFF
    backup.write_bytes(bytes(content))
    refused(another, backup)


def _without_a_row(lines: list[bytes]) -> list[bytes]:
    return [*lines[:5], *lines[6:]]


def _other_text(lines: list[bytes]) -> list[bytes]:
    return [line.replace(b"Consentement", b"consentement") for line in lines]


def _wrong_count(lines: list[bytes]) -> list[bytes]:
    end = json.loads(lines[-1])
    end["rows"]["person"] += 1
    return [*lines[:-1], json.dumps(end).encode() + b"\n"]


def _no_end(lines: list[bytes]) -> list[bytes]:
    return lines[:-1]


def _two_ends(lines: list[bytes]) -> list[bytes]:
    return [*lines, lines[-1]]


def _end_of_another_kind(lines: list[bytes]) -> list[bytes]:
    return [*lines[:-1], b'{"sha256": 7}\n']


def _row_of_no_table(lines: list[bytes]) -> list[bytes]:
    return [*lines[:-1], b'["nowhere",[1]]\n', lines[-1]]


def _short_row(lines: list[bytes]) -> list[bytes]:
    return [*lines[:-1], b'["person",[1]]\n', lines[-1]]


def _no_json(lines: list[bytes]) -> list[bytes]:
    return [*lines[:-1], b'["person",[1\n', lines[-1]]


@pytest.mark.parametrize(
    "change",
    [
        _without_a_row, _other_text, _wrong_count, _no_end, _two_ends, _end_of_another_kind, _row_of_no_table,
        _short_row, _no_json,
    ],
)  # fmt: skip
def test_changed_content_is_refused_before_anything_is_written(
    backup: Path, another: Database, change: Callable[[list[bytes]], list[bytes]]
) -> None:
    """Also where the packing is whole, checksum and counts find what is missing, added or altered."""
    lines = read_lines(backup)
    changed = change(lines)
    assert changed != lines
    with noted_statements(another.engine) as statements:
        assert "is not a whole backup" in refused(another, write_lines(backup, changed))
    assert not any(statement.startswith("INSERT") for statement in statements)


def _sqlite(file: Path) -> None:
    shutil.copy(make_sqlite_template(file.parent), file)


@pytest.mark.parametrize(
    "make",
    [
        lambda file: file.write_text("hello"),
        lambda file: file.write_bytes(b""),
        lambda file: write_lines(file, [b""]),
        lambda file: write_lines(file, [b"hello\n"]),
        lambda file: write_lines(file, [b"[" * 100_000]),
        lambda file: write_lines(file, [b"x" * 3_000_000]),
        lambda file: write_lines(file, [b'{"format": "something-else/1"}\n']),
        lambda file: write_lines(file, [b'{"format": "primero-bridge-backup/1"}\n']),
        lambda file: file.mkdir(),
        _sqlite,
    ],
)
def test_a_file_of_another_kind_is_refused(another: Database, file: Path, make: Callable[[Path], object]) -> None:
    """Whatever it is, the answer is a sentence with its name."""
    make(file)
    assert re.search(r"is not a|cannot be read", refused(another, file))


def test_a_database_with_rows_is_not_restored_into(backup: Path, target: Database) -> None:
    """Nothing is mixed: even one person keeps a database from being restored into, and stays."""
    with target.write() as session:
        session.add(Person(id="somebody", created_at=NOW))
    before = dump(target)
    with pytest.raises(Refused, match=r"not empty \(there are rows in person\)"):
        restore_backup(target, backup)
    assert dump(target) == before


def test_a_backup_of_another_revision_is_refused(backup: Path, another: Database) -> None:
    """The sentence names both revisions and the version that would do."""
    lines = read_lines(backup)
    header = json.loads(lines[0]) | {"revision": "0000"}
    header["columns"]["a_table_of_then"] = ["id"]
    lines[0] = json.dumps(header).encode() + b"\n"
    end = json.loads(lines[-1])
    end["rows"]["a_table_of_then"] = 0
    end["sha256"] = hashlib.sha256(b"".join(lines[:-1])).hexdigest()
    lines[-1] = json.dumps(end).encode()
    with pytest.raises(Refused, match=r"of revision 0000 \(primero-bridge 1\.2\.3\), this database is of"):
        restore_backup(another, write_lines(backup, lines))
    assert is_empty(another)


def test_a_database_without_a_schema_is_refused(backup: Path, another: Database) -> None:
    """There is nothing to fill."""
    downgrade(another, "base")
    with pytest.raises(NotReady, match="has not the schema of this version"):
        restore_backup(another, backup)
    upgrade(another)
    restore_backup(another, backup)


def test_a_row_that_the_other_database_does_not_take_restores_nothing(
    another: Database, target_kind: str, target: Database, file: Path
) -> None:
    """SQLite holds longer names than PostgreSQL: the sentence names the table, never the row."""
    fill(another)
    with another.write() as session:
        session.get_one(Person, "p1").name = "x" * 300
    write_backup(another, file, NOW, "1")
    if target_kind == "sqlite":
        restore_backup(target, file)
        return
    with pytest.raises(Refused, match="does not take a row of the table person") as caught:
        restore_backup(target, file)
    assert "xxx" not in caught.value.message
    assert is_empty(target)


# Killed in the middle


def kill_in_the_middle(what: str, database: Database, file: Path, mark: str) -> None:
    """Run a backup or a restore in a process of its own and kill it at a statement with this mark."""
    url = database.url.render_as_string(hide_password=False)
    with subprocess.Popen(
        [sys.executable, "-c", MAKE_AND_HANG, what, url, str(file), mark], stdout=subprocess.PIPE, cwd=ROOT, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "in the middle\n"
        process.kill()
        assert process.wait() == -signal.SIGKILL


@pytest.mark.slow
def test_a_killed_backup_leaves_nothing_under_its_name(database: Database, another: Database, file: Path) -> None:
    """The name is free for the next try, and what is left over is not readable to others."""
    fill(database)
    kill_in_the_middle("write", database, file, "FROM decision")
    assert not file.exists()
    assert [left.suffix for left in file.parent.iterdir()] == [".part"]
    assert [left.stat().st_mode & 0o777 for left in file.parent.iterdir()] == [0o600]
    write_backup(database, file, NOW, "1")
    restore_backup(another, file)
    assert dump(another) == dump(database)


@pytest.mark.slow
def test_a_killed_restore_leaves_the_database_empty(backup: Path, database: Database, target: Database) -> None:
    """All or nothing: the next try succeeds."""
    kill_in_the_middle("restore", target, backup, "INSERT INTO decision")
    assert is_empty(target)
    restore_backup(target, backup)
    assert dump(target) == dump(database)


# The commands


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder of a service with a filled embedded database."""
    monkeypatch.setenv("BRIDGE_DATA_DIR", str(tmp_path / "place"))
    for name in ("BRIDGE_DATABASE_URL", "BRIDGE_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    assert cli.run(["db", "upgrade"]) == 0
    database = Database(f"sqlite:///{tmp_path / 'place' / 'bridge.sqlite3'}")
    fill(database)
    database.close()
    return tmp_path / "place"


def test_the_commands_back_up_and_restore(
    place: Path, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`backup FILE` and, in a new place, `restore FILE`; both say what they did, and where the key is."""
    capsys.readouterr()
    assert cli.run(["backup", str(file)]) == 0
    said = capsys.readouterr().out
    assert f"written to {file}" in said
    assert str(place / "secret.key") in said
    monkeypatch.setenv("BRIDGE_DATA_DIR", str(tmp_path / "new"))
    assert cli.run(["restore", str(file), "--json"]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert summary["rows"]["decision"] == 3
    assert cli.run(["restore", str(file)]) == 1
    assert "not empty" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["backup"], 2, "Missing argument 'file'"),
        (["restore"], 2, "Missing argument 'file'"),
        (["backup", "{file}", "more"], 2, "unexpected extra argument"),
        (["backup", "{folder}"], 2, "exists already"),
        (["restore", "{file}"], 2, "There is no file"),
        (["restore", "{folder}"], 2, "There is no file"),
    ],
)
def test_wrong_arguments_are_a_sentence(
    place: Path, file: Path, arguments: list[str], code: int, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each has exit code 2 and says what is wrong; nothing is written."""
    capsys.readouterr()
    assert cli.run([given.format(file=file, folder=file.parent) for given in arguments]) == code
    assert sentence in capsys.readouterr().err
    assert list(file.parent.iterdir()) == []


@pytest.mark.parametrize("command", ["backup", "restore"])
def test_nobody_but_the_operator_may(
    place: Path, file: Path, command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A user's token does not reach the whole database."""
    monkeypatch.setenv("BRIDGE_TOKEN", "ptb_x")
    assert cli.run([command, str(file)]) == 1
    assert "operator" in capsys.readouterr().err
    assert not file.exists()
