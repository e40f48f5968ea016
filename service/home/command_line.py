"""What every command shares: the settings and resources it may use, who it acts as, how it prints."""

import json
import socket
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.errors import BadInput, NotPermitted, NotReady, NotSignedIn

# Imported where they are used: a command that needs no database must not wait for the whole of it.
if TYPE_CHECKING:
    from sqlmodel import Session

    from extractors.units import Problem
    from service.auth.rules import Identity, Permission
    from service.deployments.models import Deployment
    from service.settings import Settings
    from service.web.resources import Resources

#: The option that every command has.
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON, and nothing else.")]

#: Arguments that many commands have.
Slug = Annotated[str, typer.Argument(help="The deployment's short name.")]
Locale = Annotated[str, typer.Argument(help="Primero's code of the language, such as fr or ku-IQ.")]


@dataclass
class CommandLine:
    """Handed to each command as ``ctx.obj``. Nothing real is built before a command asks for it.

    Attributes:
        load_settings: reads the environment.
        build: makes the resources, the database prepared.
    """

    load_settings: "Callable[[], Settings]"
    build: "Callable[[Settings], Resources]"

    @cached_property
    def settings(self) -> "Settings":
        """Return the settings."""
        return self.load_settings()

    @cached_property
    def resources(self) -> "Resources":
        """Return the resources; the database is prepared when they are first asked for."""
        return self.build(self.settings)

    def identity(self, session: "Session") -> "Identity":
        """Return who acts: the user of ``BRIDGE_TOKEN``, or the operator of this machine.

        Raises:
            NotSignedIn: the token is not valid.
        """
        from service.auth.rules import operator
        from service.auth.service import find_identity_by_token

        token = self.settings.token
        if token is None:
            return operator(socket.gethostname())
        identity = find_identity_by_token(session, token.get_secret_value(), now=self.resources.clock())
        if identity is None:
            raise NotSignedIn("BRIDGE_TOKEN is not a valid token: make one with `primero-bridge token create NAME`.")
        return identity

    def deployment(
        self,
        session: "Session",
        slug: str,
        permission: "Permission",
        locale: str | None = None,
        *,
        changing: bool = True,
    ) -> "tuple[Deployment, Identity]":
        """Return the deployment and who acts, if they may do this to it; ``changing`` refuses archived ones."""
        from service.auth.rules import Permission
        from service.catalog.access import open_deployment

        identity = self.identity(session)
        if permission in (Permission.REVIEW_DECIDE, Permission.SIGN_OFF) and identity.person_id is None:
            raise NotPermitted(
                "The operator may administer but not review: set BRIDGE_TOKEN to the token of a reviewer, made with "
                "`primero-bridge token create NAME`."
            )
        return open_deployment(session, identity, slug, permission, locale, changing=changing), identity

    def show(
        self, data: Mapping[str, Any] | list[Any], lines: Iterable[str], *, as_json: bool, one_line: bool = False
    ) -> None:
        """Print the result: as JSON for machines (on one line where more will follow), else as lines for people."""
        text = "\n".join(lines)
        if as_json:
            # Where the terminal is not UTF-8, numbers stand for characters it may not have.
            ascii_only = (getattr(sys.stdout, "encoding", None) or "utf-8").lower().replace("-", "") != "utf8"
            indent = None if one_line else 2
            text = json.dumps(data, ensure_ascii=ascii_only, indent=indent, default=_plain)
        self.write(text)

    def write(self, text: str) -> None:
        """Print a result, at once.

        Raises:
            BrokenPipeError: whoever read it went away.
            NotReady: it cannot be printed.
        """
        try:
            if text:
                typer.echo(text)
            sys.stdout.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise NotReady(f"The result cannot be printed: {error.strerror}.") from error

    def note(self, problems: "Iterable[Problem]", *, as_json: bool) -> None:
        """Print what is odd in an input to the error stream, where it never mixes with results.

        As JSON it is not printed: each result that can have problems carries them.
        """
        if as_json:
            return
        for problem in problems:
            place = ": ".join(part for part in (problem.file, problem.path) if part)
            typer.echo(f"note: {place + ': ' if place else ''}{problem.message} [{problem.code}]", err=True)

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
    if sys.stdin.isatty():
        typer.echo(f"Type the {what}, then Enter; it is not shown.", err=True)
        from getpass import getpass

        secret = getpass("").strip()
    else:
        secret = sys.stdin.readline().strip()
    if not secret:
        raise BadInput(f"Give the {what} on standard input, for example: primero-bridge … --token-stdin < token.txt")
    return secret


def table(rows: Iterable[Iterable[object]]) -> list[str]:
    """Return lines in which columns line up; numbers stand at the right, and so do their heads."""
    cells = [[str(cell) for cell in row] for row in rows]
    if not cells:
        return []
    columns = range(len(cells[0]))
    widths = [max(len(row[column]) for row in cells) for column in columns]
    right = [len(cells) > 1 and all(_is_number(row[column]) for row in cells[1:]) for column in columns]
    return [
        "  ".join(row[c].rjust(widths[c]) if right[c] else row[c].ljust(widths[c]) for c in columns).rstrip()
        for row in cells
    ]


def _is_number(cell: str) -> bool:
    return cell.replace(".", "").replace(",", "").replace("%", "").strip().isdigit()


def _plain(value: object) -> str:
    """Return how JSON carries what it has no type for."""
    return value.isoformat() if isinstance(value, date) else str(value)
