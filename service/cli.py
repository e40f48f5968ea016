"""The command ``primero-bridge``: builds what the commands need, mounts them, maps trouble to exit codes.

Exit codes: 0 done · 1 refused or a required level not met · 2 bad input or usage · 3 remote unreachable ·
4 not permitted · 70 our bug.
"""

import contextlib
import json
import logging
import sys
import threading
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError

from service import clock, demo, operating
from service.app import build_resources
from service.db import Database
from service.errors import BadInput, NotReady, ServiceError
from service.home.command_line import CommandLine
from service.home.commands import bundles, deployments, files, people, sync, texts
from service.migrations import prepare
from service.settings import Settings
from service.version import VERSION
from service.web.resources import Resources
from transifex_client import Configuration, TransifexClient
from transifex_client.resources import NewProject
from transifex_client.sandbox.server import RunningSandbox
from transifex_client.sandbox.server import serve as serve_sandbox

BUG = 70

app = typer.Typer(
    name="primero-bridge",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="The bridge between Transifex and Primero.",
    epilog="Exit codes: 0 done, 1 refused or level missed, 2 bad input, 3 remote unreachable, 4 not permitted, 70 bug.",
)
app.command("extract")(files.extract)
app.command("check")(files.check)
app.add_typer(deployments.deployment_app, name="deployment")
app.add_typer(deployments.source_app, name="source")
app.add_typer(deployments.scope_app, name="scope")
app.add_typer(texts.translations_app, name="translations")
app.command("push")(sync.push)
app.command("pull")(sync.pull)
app.command("status")(deployments.status)
app.add_typer(bundles.bundle_app, name="bundle")
app.add_typer(people.user_app, name="user")
app.add_typer(people.token_app, name="token")
operating.mount(app)
sandbox_app = typer.Typer(no_args_is_help=True, help="Stand-ins for the systems at both ends, for trying out.")
app.add_typer(sandbox_app, name="sandbox")


@sandbox_app.command("transifex")
def sandbox_transifex(
    port: Annotated[int, typer.Option(help="Port to listen on; 0 for a free one.", min=0, max=65535)] = 0,
    project: Annotated[str | None, typer.Option(help="Make a project with this slug in the organization.")] = None,
    state: Annotated[Path | None, typer.Option(help="File to remember everything in; else it is forgotten.")] = None,
) -> None:
    """Answer as Transifex does, on this machine alone. It takes BRIDGE_TRANSIFEX_TOKEN, or a token that it shows."""
    settings = load_settings()
    given = settings.read_transifex_token()
    token = given.get_secret_value() if given else demo.TOKEN
    try:
        running = serve_sandbox(port, token=token, state_file=state)
    except (OSError, ValueError) as error:
        raise BadInput(f"The sandbox cannot start: {error}.") from error
    with running:
        if project is not None:
            _make_project(running, token, project)
        typer.echo(f"sandbox of Transifex at {running.url}, organization o:sandbox{_project_line(project)}")
        if given is None:
            typer.echo(f"token: {token}")
        sys.stdout.flush()
        with contextlib.suppress(KeyboardInterrupt):
            running.wait()


def _make_project(running: RunningSandbox, token: str, slug: str) -> None:
    with TransifexClient(Configuration(token=token, base_url=running.url)) as client:
        if not client.list_projects("o:sandbox", slug=slug):
            client.create_project(NewProject(organization="o:sandbox", name=slug, slug=slug))


def _project_line(slug: str | None) -> str:
    return f", project o:sandbox:p:{slug}" if slug else ""


@app.command("demo")
def show_demo(
    keep: Annotated[bool, typer.Option(help="Leave the service running; print its address and logins.")] = False,
) -> None:
    """Show the whole job on sample data: extract, push, translate, pull, check, review, bundle."""
    demo.run_demo(run, lambda: build(load_settings()), typer.echo, keep=keep, wait=threading.Event().wait)


@app.callback(invoke_without_command=True)
def options(
    version: Annotated[bool, typer.Option("--version", help="Print the version and end.")] = False,
) -> None:
    """Options before any command."""
    if version:
        typer.echo(f"primero-bridge {VERSION}")
        raise typer.Exit


def load_settings() -> Settings:
    """Read the settings from the environment.

    Raises:
        BadInput: a setting cannot be used; the message names it, never its value.
    """
    try:
        return Settings()
    except ValidationError as error:
        problems = "; ".join(
            f"{'BRIDGE_' + str(item['loc'][0]).upper() if item['loc'] else 'BRIDGE_*'}: {item['msg']}"
            for item in error.errors(include_input=False, include_url=False)
        )
        raise BadInput(f"The settings cannot be used: {problems}.") from None


def build(settings: Settings) -> Resources:
    """Make the resources, with the database prepared for this version."""
    resources = build_resources(settings)
    prepare_database(resources.database, settings)
    return resources


def prepare_database(database: Database, settings: Settings) -> None:
    """Upgrade the embedded database by itself; refuse any other that is not of this version."""
    prepare(database, embedded=settings.embedded, now=clock.now())


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and end the process with its exit code."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code; trouble is one sentence on the error stream."""
    as_json = "--json" in arguments
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    command_line = CommandLine(load_settings, build)
    try:
        code = app(list(arguments), standalone_mode=False, obj=command_line)
    except typer.Exit as end:
        return end.exit_code
    except ServiceError as error:
        return _fail(error, as_json=as_json)
    except typer.Abort:
        return _fail(BadInput("Stopped."), as_json=as_json)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except SQLAlchemyError as error:
        # Its own text can hold rows of the database: the kind of error is enough to act on.
        return _fail(NotReady(f"The database cannot be used: {_reason(error)}."), as_json=as_json)
    except Exception as error:  # noqa: BLE001  # the outermost handler: a bug too ends with a sentence and a code
        return _handle_other(error, as_json=as_json)
    finally:
        if "resources" in command_line.__dict__:
            command_line.resources.database.close()
    return code if isinstance(code, int) else 0


def _reason(error: SQLAlchemyError) -> str:
    cause = getattr(error, "orig", None)
    return " ".join(str(cause).split()) if cause is not None else type(error).__name__


def _handle_other(error: Exception, *, as_json: bool) -> int:
    usage = getattr(error, "format_message", None)
    if usage is not None:
        # A usage error of the command line library: it knows the command and how to ask for help.
        return _fail(BadInput(f"{usage()} Try --help."), as_json=as_json)
    traceback.print_exception(error, file=sys.stderr)
    message = f"This is a bug in primero-bridge {VERSION} ({type(error).__name__}): please report the lines above."
    typer.echo(f"error: {message}", err=True)
    return BUG


def _fail(error: ServiceError, *, as_json: bool) -> int:
    if as_json:
        problem = {"code": error.code, "detail": error.message, **error.details}
        typer.echo(json.dumps({"error": problem}, ensure_ascii=False, default=str), err=True)
    else:
        typer.echo(f"error: {error.message}", err=True)
    return error.exit_code
