"""Commands of whoever runs the service: database, backup, server, worker."""

import contextlib
import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from service import clock
from service.backup import restore_backup, write_backup
from service.db import Database
from service.errors import BadInput, NotReady, Refused
from service.home.command_line import CommandLine, JsonOption, get_command_line
from service.migrations import copy_sqlite_file, current_revision, head_revision, upgrade
from service.version import VERSION

db_app = typer.Typer(no_args_is_help=True, help="The database's schema.")


@db_app.command("upgrade")
def db_upgrade(ctx: typer.Context, as_json: JsonOption = False) -> None:
    """Bring the database to the schema of this version; make a backup first."""
    command_line = get_command_line(ctx)
    settings = command_line.settings
    if settings.embedded:
        try:
            settings.make_data_dir()
        except OSError as error:
            raise NotReady(
                f"The data folder {settings.data_dir} (BRIDGE_DATA_DIR) cannot be used: {error.strerror}."
            ) from error
    database = Database(settings.effective_database_url)
    try:
        before, head = current_revision(database), head_revision()
        copy = None
        if before != head:
            if settings.embedded and before is not None:
                copy = copy_sqlite_file(database, clock.now())
            upgrade(database)
    finally:
        database.close()
    lines = [f"the database is at {head}" if before == head else f"upgraded from {before or 'nothing'} to {head}"]
    if copy is not None:
        lines.append(f"a copy of what it was lies at {copy}")
    command_line.show({"before": before, "now": head, "copy": str(copy) if copy else None}, lines, as_json=as_json)


def _require_operator(command_line: CommandLine) -> None:
    # A backup holds every deployment's texts and people: it belongs to whoever runs the machine.
    if command_line.settings.token is not None:
        raise Refused("Backups are the operator's: unset BRIDGE_TOKEN and run this on the service's machine.")


def backup(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="The file to write; it must not exist.")],
    as_json: JsonOption = False,
) -> None:
    """Write the whole database into one file that any of its databases can be restored from."""
    command_line = get_command_line(ctx)
    _require_operator(command_line)
    resources = command_line.resources
    summary = write_backup(resources.database, file, resources.clock(), VERSION)
    key = resources.settings.data_dir / "secret.key"
    lines = [
        f"{sum(summary['rows'].values()):,} rows of {len(summary['rows'])} tables written to {file}",
        f"Stored Transifex tokens open with {key} alone: keep that file too, and elsewhere.",
    ]
    command_line.show(summary, lines, as_json=as_json)


def restore(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="A file that `primero-bridge backup` wrote.")],
    as_json: JsonOption = False,
) -> None:
    """Fill an empty database from a backup."""
    command_line = get_command_line(ctx)
    _require_operator(command_line)
    if not file.is_file():
        raise BadInput(f"There is no file {file}.")
    summary = restore_backup(command_line.resources.database, file)
    lines = [
        f"{sum(summary['rows'].values()):,} rows of {len(summary['rows'])} tables restored from {file}",
        "Nothing is pushed to Transifex by itself until you say so for each deployment: "
        "`primero-bridge deployment set NAME --push-by-itself yes`.",
    ]
    command_line.show(summary, lines, as_json=as_json)


def serve(
    ctx: typer.Context,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 for a free one.", min=0, max=65535)] = 8000,
    as_json: JsonOption = False,
) -> None:
    """Run the service until it is stopped: pages, API, and a worker of its own."""
    from service.serving import serve as serve_service

    command_line = get_command_line(ctx)

    def announce(url: str) -> None:
        command_line.show({"url": url, "version": VERSION}, [f"serving on {url}"], as_json=as_json, one_line=True)

    serve_service(command_line.resources, host, port, announce=announce)


def worker(ctx: typer.Context, as_json: JsonOption = False) -> None:
    """Run jobs from the ledger until it is stopped; any number of workers may run on PostgreSQL."""
    from service.worker import run_worker

    command_line = get_command_line(ctx)
    resources = command_line.resources
    line = "waiting for jobs; stop with Ctrl-C"
    with ended_by_signals() as stop:
        command_line.show({"working": True, "version": VERSION}, [line], as_json=as_json, one_line=True)
        run_worker(resources, stop)


@contextlib.contextmanager
def ended_by_signals() -> Iterator[threading.Event]:
    """Yield an event that SIGTERM and SIGINT set, from a thread of its own. For the main thread.

    A handler runs in the main thread wherever that happens to be: inside of the event's own lock, when it is about to
    wait for it, and setting the event there would wait for that lock for ever.
    """
    stop = threading.Event()
    hearing, telling = socket.socketpair()
    telling.setblocking(False)

    def listen() -> None:
        # Nothing at all is read when the other end closes.
        if hearing.recv(1):
            stop.set()

    thread = threading.Thread(target=listen, name="signals", daemon=True)
    before = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGTERM, signal.SIGINT)}
    told_before = signal.set_wakeup_fd(telling.fileno(), warn_on_full_buffer=False)
    thread.start()
    try:
        yield stop
    finally:
        signal.set_wakeup_fd(told_before)
        for number, handler in before.items():
            signal.signal(number, handler)
        telling.close()
        thread.join()
        hearing.close()


def mount(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.add_typer(db_app, name="db")
    app.command("backup")(backup)
    app.command("restore")(restore)
    app.command("serve")(serve)
    app.command("worker")(worker)
