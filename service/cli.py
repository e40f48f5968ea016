"""The command ``primero-bridge``: builds what the commands need, mounts them, maps trouble to exit codes.

Exit codes: 0 done · 1 refused or a required level not met · 2 bad input or usage · 3 remote unreachable ·
4 not permitted · 70 our bug; 130 after Ctrl-C.
"""

import contextlib
import json
import logging
import os
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.errors import BadInput, NotReady, ServiceError
from service.home.command_line import CommandLine, JsonOption, get_command_line
from service.version import VERSION

if TYPE_CHECKING:
    from service.db import Database
    from service.settings import Settings
    from service.web.resources import Resources

# What a command needs is imported when that command is asked for, in this file and in `_PARTS`: the web framework, the
# database layer and the sandbox cost more than a second of CPU together, and `extract` needs none of them.

BUG = 70
STOPPED = 130

_COMMANDS = "service.home.commands"
_PARTS = {
    "extract": f"{_COMMANDS}.files",
    "check": f"{_COMMANDS}.checking",
    "checks": f"{_COMMANDS}.checks",
    "deployment": f"{_COMMANDS}.deployments",
    "source": f"{_COMMANDS}.sources",
    "scope": f"{_COMMANDS}.scope",
    "translations": f"{_COMMANDS}.texts",
    "conflict": f"{_COMMANDS}.conflicts",
    "glossary": f"{_COMMANDS}.glossary",
    "wording": f"{_COMMANDS}.glossary",
    "suggestions": f"{_COMMANDS}.glossary",
    "push": f"{_COMMANDS}.sync",
    "pull": f"{_COMMANDS}.sync",
    "job": f"{_COMMANDS}.jobs",
    "questions": f"{_COMMANDS}.questions",
    "sync": f"{_COMMANDS}.sync",
    "status": f"{_COMMANDS}.status",
    "progress": f"{_COMMANDS}.progress",
    "deadline": f"{_COMMANDS}.progress",
    "signoff": f"{_COMMANDS}.signoffs",
    "release": f"{_COMMANDS}.releases",
    "bundle": f"{_COMMANDS}.bundles",
    "signing-key": f"{_COMMANDS}.releases",
    "instance": f"{_COMMANDS}.instances",
    "diff": f"{_COMMANDS}.comparing",
    "apply": f"{_COMMANDS}.applying",
    "rollback": f"{_COMMANDS}.applying",
    "user": f"{_COMMANDS}.people",
    "token": f"{_COMMANDS}.people",
    "volunteer": f"{_COMMANDS}.letters",
    "mail": f"{_COMMANDS}.letters",
    "webhook": f"{_COMMANDS}.webhooks",
    "audit": f"{_COMMANDS}.audit",
    "db": "service.operating",
    "backup": "service.operating",
    "restore": "service.operating",
    "serve": "service.operating",
    "worker": "service.operating",
    "demo": "service.cli",
    "sandbox": "service.sandboxes",
}
"""Each command, in the order of the help, and the module whose ``mount(app)`` adds it."""


def make_app(arguments: Sequence[str] | None = None) -> typer.Typer:
    """Return the command line with every command, or with what these arguments ask for alone."""
    app = typer.Typer(
        name="primero-bridge",
        no_args_is_help=True,
        rich_markup_mode=None,
        add_completion=False,
        pretty_exceptions_enable=False,
        help="The bridge between Transifex and Primero.",
        epilog=(
            "Exit codes: 0 done, 1 refused or level missed, 2 bad input, 3 remote unreachable, 4 not permitted, 70 bug."
        ),
    )
    app.callback(invoke_without_command=True)(_options)
    for module in dict.fromkeys(_asked_for(arguments)):
        mount_part: Callable[[typer.Typer], None] = mount if module == __name__ else import_module(module).mount
        mount_part(app)
    return app


def _asked_for(arguments: Sequence[str] | None) -> Sequence[str]:
    """Return the modules to mount: all of them for help, and where it takes knowing all to say what was meant."""
    first = next(iter(arguments or ()), "")
    if first == "--version":
        return ()
    return (_PARTS[first],) if first in _PARTS else tuple(_PARTS.values())


def _options(
    ctx: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and end.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Options before any command."""
    if version:
        get_command_line(ctx).show({"version": VERSION}, [f"primero-bridge {VERSION}"], as_json=as_json)
        raise typer.Exit
    if ctx.invoked_subcommand is None:
        raise BadInput("Name a command; `primero-bridge --help` lists them.")


def show_demo(
    ctx: typer.Context,
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave the service running; print its address and logins.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Show the whole job on sample data: extract, push, translate, pull, check, review, bundle.

    Nothing but a temporary folder is touched. With --keep the service stays until Ctrl-C.
    """
    from service import demo

    command_line = get_command_line(ctx)

    def say(line: str, facts: dict[str, Any]) -> None:
        command_line.show(facts, [line], as_json=as_json, one_line=True)

    demo.run_demo(run, lambda: build(load_settings()), say, keep=keep, wait=threading.Event().wait)


def mount(app: typer.Typer) -> None:
    """Add the demo."""
    app.command("demo")(show_demo)


def _said(error: Exception) -> str:
    """Return what an error says, without its number."""
    said = error.strerror if isinstance(error, OSError) else None
    return (said or str(error)).rstrip(".")


def load_settings() -> "Settings":
    """Read the settings from the environment.

    Raises:
        BadInput: a setting cannot be used; the message names it, never its value.
    """
    from pydantic import ValidationError
    from pydantic_settings import SettingsError

    from service.settings import Settings

    try:
        return Settings()
    except ValidationError as error:
        problems = "; ".join(
            f"{'BRIDGE_' + str(item['loc'][0]).upper() if item['loc'] else 'BRIDGE_*'}: {_without_kind(item['msg'])}"
            for item in error.errors(include_input=False, include_url=False)
        )
        raise BadInput(_ended(f"The settings cannot be used: {problems}")) from None
    except SettingsError as error:
        raise BadInput(_ended(f"The settings cannot be used: {error}")) from None


def build(settings: "Settings") -> "Resources":
    """Make the resources, with the database prepared for this version."""
    from service.building import build_resources

    try:
        resources = build_resources(settings)
    except OSError as error:
        raise NotReady(
            f"The data folder {settings.data_dir} (BRIDGE_DATA_DIR) cannot be used: {_said(error)}."
        ) from error
    prepare_database(resources.database, settings)
    return resources


def prepare_database(database: "Database", settings: "Settings") -> None:
    """Upgrade the embedded database by itself; refuse any other that is not of this version."""
    from service import clock
    from service.migrations import prepare

    prepare(database, embedded=settings.embedded, now=clock.now())


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and end the process with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character gets its number instead of a traceback.
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    code = run(sys.argv[1:] if arguments is None else arguments)
    try:
        sys.stdout.flush()
    except OSError:
        # Said already, or nobody reads it any more.
        _forget_output()
    sys.exit(code)


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code; trouble is one sentence on the error stream."""
    as_json = "--json" in arguments
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    command_line = CommandLine(load_settings, build)
    try:
        code = make_app(arguments)(list(arguments), prog_name="primero-bridge", standalone_mode=False, obj=command_line)
    except typer.Exit as end:
        return end.exit_code
    except ServiceError as error:
        return _fail(error, as_json=as_json)
    except (typer.Abort, KeyboardInterrupt):
        return STOPPED
    except BrokenPipeError:
        _forget_output()
        return 0
    except SystemExit as end:
        # The command line library's own answer to a reader that went away, as in `| head`.
        _forget_output()
        return 0 if end.code == 1 else int(end.code or 0)
    except Exception as error:  # noqa: BLE001  # the outermost handler: a bug too ends with a sentence and a code
        return _handle_other(error, as_json=as_json)
    finally:
        if "resources" in command_line.__dict__:
            command_line.resources.database.close()
    return code if isinstance(code, int) else 0


def _without_kind(message: str) -> str:
    """Return a message of the validation library without the kind of error it begins with."""
    return message.replace("Value error, ", "")


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith((".", "?", "!")) else f"{sentence}."


def _forget_output() -> None:
    """Send what is left to print nowhere: nobody reads it any more, and the interpreter's last flush must not fail."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _handle_other(error: Exception, *, as_json: bool) -> int:
    usage = getattr(error, "format_message", None)
    if usage is not None:
        # A usage error of the command line library: it knows the command and how to ask for help. Without a message
        # it was a group without a command, whose help was shown.
        sentence = _without_kind(usage())
        return _fail(BadInput(f"{_ended(sentence)} Try --help."), as_json=as_json) if sentence else 2
    database_trouble = _describe_database_error(error)
    if database_trouble is not None:
        return _fail(NotReady(database_trouble), as_json=as_json)
    traceback.print_exception(error, file=sys.stderr)
    message = f"This is a bug in primero-bridge {VERSION} ({type(error).__name__}): please report the lines above."
    _print_error("unexpected", message, {}, as_json=as_json)
    return BUG


def _describe_database_error(error: Exception) -> str | None:
    from sqlalchemy.exc import SQLAlchemyError

    if not isinstance(error, SQLAlchemyError):
        return None
    # Its own text can hold rows of the database: the kind of error is enough to act on.
    cause = getattr(error, "orig", None)
    reason = " ".join(str(cause).split()) if cause is not None else type(error).__name__
    return _ended(f"The database cannot be used: {reason}")


def _fail(error: ServiceError, *, as_json: bool) -> int:
    _print_error(error.code, error.message, error.details, as_json=as_json)
    return error.exit_code


def _print_error(code: str, message: str, details: dict[str, Any], *, as_json: bool) -> None:
    line = f"error: {message}"
    if as_json:
        line = json.dumps({"error": {"code": code, "detail": message, **details}}, default=str)
    with contextlib.suppress(OSError):
        typer.echo(line, err=True)
