"""Commands about the Primero servers of a deployment."""

import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import SecretStr

from service.auth.rules import Permission
from service.deployments.service import list_locales
from service.errors import BadInput
from service.home.command_line import CommandLine, JsonOption, Slug, get_command_line, read_secret, table
from service.home.commands.applying import saved
from service.primero.client import SignIn
from service.primero.service.checking import Checked, check_instance
from service.primero.service.instances import (
    InstanceChanges,
    add_instance,
    change_instance,
    find_instance,
    instance_data,
    list_instances,
    remove_instance,
)
from service.primero.service.runs import list_runs
from service.primero.service.saved import find_applied, run_data

instance_app = typer.Typer(
    no_args_is_help=True, help="The Primero servers of a deployment, and what was given to each."
)

Name = Annotated[str, typer.Argument(help="The instance's short name.")]
Url = Annotated[str | None, typer.Option(help="Its address, such as https://primero.example.org.")]
User = Annotated[str | None, typer.Option(help="Name of the service account there.")]
SignInOption = Annotated[
    SignIn | None,
    typer.Option(help="How it signs in: basic, session, or bearer with an identity provider's token."),
]
PasswordStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password, or the token, from standard input.")
]
PasswordFile = Annotated[Path | None, typer.Option(help="Read the password, or the token, from this file.")]
Training = Annotated[
    bool | None,
    typer.Option("--training/--production", help="Whether it holds no real cases; only then it may be given previews."),
]


@instance_app.command("add")
def add(
    ctx: typer.Context,
    slug: Slug,
    name: Name,
    url: Url = None,
    user: User = None,
    sign_in: SignInOption = None,
    password_stdin: PasswordStdin = False,
    password_file: PasswordFile = None,
    training: Training = None,
    as_json: JsonOption = False,
) -> None:
    """Add a Primero server; its password is stored encrypted, and nothing is sent to it yet."""
    command_line = get_command_line(ctx)
    if url is None:
        raise BadInput("Name the server's address with --url.")
    with command_line.resources.database.read() as session:
        command_line.deployment(session, slug, Permission.INSTANCE_MANAGE)
    secret = _read_password(command_line, password_stdin, password_file)
    if secret is None:
        raise BadInput("Give the password with --password-stdin, --password-file or BRIDGE_PRIMERO_PASSWORD.")
    wanted = InstanceChanges(url, user, secret, sign_in, training)
    with command_line.resources.database.write() as session:
        deployment, identity = command_line.deployment(session, slug, Permission.INSTANCE_MANAGE)
        row = add_instance(session, deployment, name, wanted, **_about(command_line), actor=identity.actor)
        data = instance_data(row)
    lines = [f"added {name}: {data['url']}", f"look at it with: primero-bridge instance check {slug} {name}"]
    command_line.show(data, lines, as_json=as_json)


@instance_app.command("set")
def change(
    ctx: typer.Context,
    slug: Slug,
    name: Name,
    url: Url = None,
    user: User = None,
    sign_in: SignInOption = None,
    password_stdin: PasswordStdin = False,
    password_file: PasswordFile = None,
    training: Training = None,
    as_json: JsonOption = False,
) -> None:
    """Change a Primero server; what is not named stays."""
    command_line = get_command_line(ctx)
    with command_line.resources.database.read() as session:
        command_line.deployment(session, slug, Permission.INSTANCE_MANAGE)
    secret = _read_password(command_line, password_stdin, password_file, or_settings=False)
    wanted = InstanceChanges(url, user, secret, sign_in, training)
    with command_line.resources.database.write() as session:
        deployment, identity = command_line.deployment(session, slug, Permission.INSTANCE_MANAGE)
        row = find_instance(session, deployment, name)
        change_instance(session, row, wanted, **_about(command_line), actor=identity.actor)
        data = instance_data(row)
    command_line.show(data, [f"changed {name}: {data['url']}"], as_json=as_json)


@instance_app.command("list")
def list_all(ctx: typer.Context, slug: Slug, as_json: JsonOption = False) -> None:
    """List the Primero servers of a deployment."""
    command_line = get_command_line(ctx)
    with command_line.resources.database.read() as session:
        deployment, _ = command_line.deployment(session, slug, Permission.DEPLOYMENT_VIEW, changing=False)
        rows = [instance_data(row) for row in list_instances(session, deployment)]
    lines = table(
        [("instance", "address", "user", "kind"), *((row["name"], row["url"], row["user"], _kind(row)) for row in rows)]
    )
    nobody = [f"There is no instance yet: `primero-bridge instance add {slug} NAME --url https://…`."]
    command_line.show(rows, lines if rows else nobody, as_json=as_json)


@instance_app.command("show")
def show(ctx: typer.Context, slug: Slug, name: Name, as_json: JsonOption = False) -> None:
    """Show which bundle a Primero server was given in each language, and every run that wrote to it."""
    command_line = get_command_line(ctx)
    with command_line.resources.database.read() as session:
        deployment, _ = command_line.deployment(session, slug, Permission.DEPLOYMENT_VIEW, changing=False)
        row = find_instance(session, deployment, name)
        applied = find_applied(session, row)
        runs = [run_data(run) for run in list_runs(session, row)]
    data = {**instance_data(row), "applied": [one.as_json() for one in applied], "runs": runs}
    command_line.show(data, _show_lines(data), as_json=as_json)


def _show_lines(data: dict[str, Any]) -> Iterable[str]:
    yield f"{data['name']}: {data['url']}, {_kind(data)}"
    for one in data["applied"]:
        part = ", taken back in part" if one["taken_back_in_part"] else ""
        yield f"  {one['locale']}: {one['bundle']} since {one['at'][:16]} (run {one['run']}{part})"
    if not data["applied"]:
        yield "  no bundle was given to it yet, or each was taken back"
    rows = [
        (str(run["run"]), run["kind"], run["state"], run["locale"], run["started_at"][:16], run["message"])
        for run in data["runs"]
    ]
    yield from table([("run", "what", "state", "locale", "began", "how it ended"), *rows]) if rows else ()


instance_app.command("saved")(saved)


@instance_app.command("check")
def check(ctx: typer.Context, slug: Slug, name: Name, as_json: JsonOption = False) -> None:
    """Sign in to a Primero server and say what an apply would meet; nothing is written."""
    command_line = get_command_line(ctx)
    resources = command_line.resources
    with resources.database.read() as session:
        deployment, _ = command_line.deployment(session, slug, Permission.INSTANCE_MANAGE, changing=False)
        row = find_instance(session, deployment, name)
        languages = [one.locale for one in list_locales(session, deployment)]
    checked = check_instance(resources, row, languages)
    command_line.show(checked.as_json(), _check_lines(name, checked), as_json=as_json)
    if checked.obstacles:
        raise typer.Exit(1)


@instance_app.command("remove")
def remove(ctx: typer.Context, slug: Slug, name: Name, as_json: JsonOption = False) -> None:
    """Forget a Primero server and its password; what was written to it stays on record."""
    command_line = get_command_line(ctx)
    with command_line.resources.database.write() as session:
        deployment, identity = command_line.deployment(session, slug, Permission.INSTANCE_MANAGE)
        row = find_instance(session, deployment, name)
        remove_instance(session, row, actor=identity.actor, now=command_line.resources.clock())
    command_line.show({"name": name, "removed": True}, [f"removed {name}"], as_json=as_json)


def _kind(row: dict[str, Any]) -> str:
    kind = "training" if row["training"] else "production"
    return f"{kind}, password refused" if row["password_refused_at"] else kind


def _check_lines(name: str, checked: Checked) -> Iterable[str]:
    locales = "languages unknown" if checked.locales is None else f"languages {', '.join(checked.locales)}"
    yield f"{name}: Primero {checked.version or '(version not said)'}, {locales}"
    yield f"{checked.forms:,} forms and {checked.lookups:,} lookups are seen by the account"
    yield from (f"  obstacle: {sentence}" for sentence in checked.obstacles)
    yield from (f"  note: {sentence}" for sentence in checked.notes)


def _about(command_line: CommandLine) -> dict[str, Any]:
    resources = command_line.resources
    return {"settings": resources.settings, "secrets": resources.secrets, "now": resources.clock()}


def _read_password(
    command_line: CommandLine, from_stdin: bool, file: Path | None, *, or_settings: bool = True
) -> SecretStr | None:
    if from_stdin and file is not None:
        raise BadInput("Give the password once: with --password-stdin or with --password-file.")
    if from_stdin:
        return SecretStr(read_secret("password"))
    with _reading(file):
        if file is not None:
            return SecretStr(file.read_text("utf-8").strip())
        return command_line.settings.read_primero_password() if or_settings else None


@contextlib.contextmanager
def _reading(file: Path | None) -> Iterator[None]:
    try:
        yield
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise BadInput(f"{file or 'BRIDGE_PRIMERO_PASSWORD_FILE'} cannot be read: {reason}.") from error


def mount(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.add_typer(instance_app, name="instance")
