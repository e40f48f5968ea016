"""What every command shares: the settings and resources it may use, who it acts as, how it prints."""

import json
import socket
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Any

import typer
from sqlmodel import Session

from service.auth.rules import Identity, Permission, operator
from service.auth.service import find_identity_by_token
from service.deployments.models import Deployment
from service.deployments.service import find_active_deployment, find_deployment
from service.errors import BadInput, NotSignedIn
from service.settings import Settings
from service.web.resources import Resources

#: The option that every command has.
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as one JSON document.")]


@dataclass
class CommandLine:
    """Handed to each command as ``ctx.obj``. Nothing real is built before a command asks for it.

    Attributes:
        load_settings: reads the environment.
        build: makes the resources, the database prepared.
    """

    load_settings: Callable[[], Settings]
    build: Callable[[Settings], Resources]
    as_json: bool = field(default=False)

    @cached_property
    def settings(self) -> Settings:
        """Return the settings."""
        return self.load_settings()

    @cached_property
    def resources(self) -> Resources:
        """Return the resources; the database is prepared when they are first asked for."""
        return self.build(self.settings)

    def identity(self, session: Session) -> Identity:
        """Return who acts: the user of ``BRIDGE_TOKEN``, or the operator of this machine.

        Raises:
            NotSignedIn: the token is not valid.
        """
        token = self.settings.token
        if token is None:
            return operator(socket.gethostname())
        identity = find_identity_by_token(session, token.get_secret_value(), now=self.resources.clock())
        if identity is None:
            raise NotSignedIn("BRIDGE_TOKEN is not a valid token: make one with `primero-bridge token create NAME`.")
        return identity

    def deployment(
        self,
        session: Session,
        slug: str,
        permission: Permission,
        locale: str | None = None,
        *,
        changing: bool = True,
    ) -> tuple[Deployment, Identity]:
        """Return the deployment and who acts, if they may do this to it; ``changing`` refuses archived ones."""
        identity = self.identity(session)
        deployment = find_deployment(session, slug)
        identity.require(permission, deployment.id, locale)
        return (find_active_deployment(session, slug) if changing else deployment), identity

    def show(self, data: Mapping[str, Any] | list[Any], lines: Iterable[str], *, as_json: bool) -> None:
        """Print the result: as JSON for machines, else as lines for people."""
        if as_json:
            typer.echo(json.dumps(data, ensure_ascii=False, indent=2, default=str))
        else:
            for line in lines:
                typer.echo(line)

    def warn(self, lines: Iterable[str]) -> None:
        """Print lines for people to the error stream, where they never mix with results."""
        for line in lines:
            typer.echo(line, err=True)

    def progress(self, what: str) -> Callable[..., None]:
        """Return a callback ``(done, total, item)`` that draws progress on a terminal, and is silent elsewhere."""
        if not sys.stderr.isatty():
            return lambda *_: None

        def draw(done: int, total: int, item: str = "") -> None:
            end = "\n" if done >= total else ""
            typer.echo(f"\r\x1b[K{what}: {done} of {total} {item}{end}", err=True, nl=False)

        return draw


def get_command_line(ctx: typer.Context) -> CommandLine:
    """Return what ``cli.py`` handed over."""
    command_line: CommandLine = ctx.obj
    return command_line


def read_secret(what: str) -> str:
    """Return a secret from standard input, without the line's end.

    Raises:
        BadInput: nothing came.
    """
    secret = sys.stdin.readline().strip()
    if not secret:
        raise BadInput(f"Give the {what} on standard input, for example: primero-bridge … --token-stdin < token.txt")
    return secret


def table(rows: Iterable[Iterable[object]]) -> list[str]:
    """Return lines in which columns line up; numbers stand at the right."""
    cells = [[str(cell) for cell in row] for row in rows]
    if not cells:
        return []
    widths = [max(len(row[column]) for row in cells) for column in range(len(cells[0]))]
    return ["  ".join(_pad(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]


def _pad(cell: str, width: int) -> str:
    return cell.rjust(width) if cell.replace(".", "").replace("%", "").strip().isdigit() else cell.ljust(width)
