"""The commands that stand in for the systems at both ends: Transifex and Primero, on this machine alone."""

import contextlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.errors import BadInput
from service.home.command_line import JsonOption, get_command_line
from service.sample import sample_path

if TYPE_CHECKING:
    from service.settings import Settings
    from transifex_client.sandbox.server import RunningSandbox

PRIMERO_USER, PRIMERO_PASSWORD = "bridge", "sandbox-password"
"""Who may use the sandbox of Primero where nothing else is said: it lies open to this machine alone."""


def sandbox_transifex(
    ctx: typer.Context,
    port: Annotated[int, typer.Option(help="Port to listen on; 0 for a free one.", min=0, max=65535)] = 0,
    project: Annotated[str | None, typer.Option(help="Make a project with this slug in the organization.")] = None,
    state: Annotated[Path | None, typer.Option(help="File to remember everything in; else it is forgotten.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Answer as Transifex does, on this machine alone, until Ctrl-C.

    It takes the token in BRIDGE_TRANSIFEX_TOKEN, or one that it shows.
    """
    from service import demo
    from transifex_client.sandbox.server import serve as serve_sandbox

    command_line = get_command_line(ctx)
    given = _transifex_token(command_line.settings)
    token = given or demo.TOKEN
    try:
        running = serve_sandbox(port, token=token, state_file=state)
    except (OSError, ValueError) as error:
        raise BadInput(f"The sandbox cannot start: {_said(error)}.") from error
    with running:
        if project is not None:
            _make_project(running, token, project)
        named = f"o:sandbox:p:{project}" if project else None
        lines = [
            f"sandbox of Transifex at {running.url}, organization o:sandbox{f', project {named}' if named else ''}"
        ]
        if given is None:
            lines.append(f"token: {token}")
        data = {"url": running.url, "organization": "o:sandbox", "project": named, "token": None if given else token}
        command_line.show(data, lines, as_json=as_json, one_line=True)
        with contextlib.suppress(KeyboardInterrupt):
            running.wait()


def _transifex_token(settings: "Settings") -> str | None:
    try:
        token = settings.read_transifex_token()
    except OSError as error:
        raise BadInput(f"BRIDGE_TRANSIFEX_TOKEN_FILE cannot be read: {_said(error)}.") from error
    return token.get_secret_value() if token else None


def _make_project(running: "RunningSandbox", token: str, slug: str) -> None:
    from transifex_client import Configuration, TransifexClient
    from transifex_client.errors import TransifexError
    from transifex_client.resources import NewProject

    try:
        with TransifexClient(Configuration(token=token, base_url=running.url)) as client:
            if not client.list_projects("o:sandbox", slug=slug):
                client.create_project(NewProject(organization="o:sandbox", name=slug, slug=slug))
    except TransifexError as error:
        raise BadInput(f"The project {slug!r} cannot be made: {error}") from error


def sandbox_primero(
    ctx: typer.Context,
    port: Annotated[int, typer.Option(help="Port to listen on; 0 for a free one.", min=0, max=65535)] = 0,
    configuration: Annotated[
        Path | None, typer.Option(help="Configuration JSON to start from; else the sample's.")
    ] = None,
    locales: Annotated[str, typer.Option(help="Languages that are enabled, the default one first.")] = "en,fr,ar",
    as_json: JsonOption = False,
) -> None:
    """Answer as Primero does, on this machine alone, until Ctrl-C; what it is told is forgotten then.

    It takes the user and password in BRIDGE_PRIMERO_USER and BRIDGE_PRIMERO_PASSWORD, or those that it shows.
    """
    from service.primero.sandbox.core import Account, Sandbox
    from service.primero.sandbox.server import serve

    command_line = get_command_line(ctx)
    enabled = [locale.strip() for locale in locales.split(",") if locale.strip()]
    if not enabled:
        raise BadInput("Name at least one language, for example: --locales en,fr.")
    document = _read_configuration(configuration or sample_path() / "configuration.json")
    user, password, given = _primero_account(command_line.settings)
    try:
        running = serve(Sandbox(document, enabled, [Account(user, password)]), port)
    except OSError as error:
        raise BadInput(f"The sandbox cannot start: {_said(error)}.") from error
    with running:
        counts = {
            name: len(document.get(kind) or []) for name, kind in (("forms", "FormSection"), ("lookups", "Lookup"))
        }
        lines = [
            f"sandbox of Primero at {running.url}, {counts['forms']} forms, {counts['lookups']} lookups, "
            f"languages {', '.join(enabled)}",
            f"user: {user}{'' if given else f', password: {password}'}",
        ]
        data = {"url": running.url, **counts, "locales": enabled, "user": user, "password": None if given else password}
        command_line.show(data, lines, as_json=as_json, one_line=True)
        with contextlib.suppress(KeyboardInterrupt):
            running.wait()


def _primero_account(settings: "Settings") -> tuple[str, str, bool]:
    """Return user and password, and whether the password was given."""
    try:
        password = settings.read_primero_password()
    except OSError as error:
        raise BadInput(f"BRIDGE_PRIMERO_PASSWORD_FILE cannot be read: {_said(error)}.") from error
    secret = password.get_secret_value() if password else PRIMERO_PASSWORD
    return settings.primero_user or PRIMERO_USER, secret, password is not None


def _read_configuration(file: Path) -> dict[str, Any]:
    try:
        document = json.loads(file.read_bytes())
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise BadInput(f"{file} is not JSON: give a configuration JSON.") from error
    lists = [document.get(kind) or [] for kind in ("FormSection", "Lookup")] if isinstance(document, dict) else [[]]
    named = all(isinstance(one, dict) and isinstance(one.get("unique_id"), str) for rows in lists for one in rows)
    if not any(lists) or not named:
        raise BadInput(f"{file} holds no forms or lookups as a configuration JSON does (FormSection, Lookup).")
    return dict(document)


def _said(error: Exception) -> str:
    """Return what an error says, without its number."""
    said = error.strerror if isinstance(error, OSError) else None
    return (said or str(error)).rstrip(".")


def mount(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    sandbox = typer.Typer(no_args_is_help=True, help="Stand-ins for the systems at both ends, for trying out.")
    sandbox.command("transifex")(sandbox_transifex)
    sandbox.command("primero")(sandbox_primero)
    app.add_typer(sandbox, name="sandbox")
