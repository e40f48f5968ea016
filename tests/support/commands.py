"""Commands run as a user of this role or that, over a test's own resources."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import typer
from pydantic import SecretStr
from typer.testing import CliRunner

from service.errors import ServiceError
from service.home.command_line import CommandLine
from service.web.resources import Resources
from tests.support.people import UserMaker

Say = Callable[..., Any]


def make_say(
    resources: Resources, make_user: UserMaker, deployment_id: int | None, *mounts: Callable[[typer.Typer], None]
) -> Say:
    """Return a function that runs a command of these parts: ``say("conflict", "list", "test", role="reviewer")``.

    It acts as a user of the role in the deployment, None for the operator; returns the JSON that is printed, or with
    ``plain`` the text; raises what the command raises.
    """
    app = typer.Typer()
    for mount in mounts:
        mount(app)
    app.callback()(lambda: None)

    def say(*arguments: str, role: str | None = None, plain: bool = False) -> Any:
        token = SecretStr(make_user(role, deployment_id)[1]) if role else None
        settings = resources.settings.model_copy(update={"token": token})
        command_line = CommandLine(lambda: settings, lambda _settings: resources)
        ended = CliRunner().invoke(app, [*arguments, *([] if plain else ["--json"])], obj=command_line)
        if isinstance(ended.exception, ServiceError):
            raise ended.exception
        assert ended.exit_code == 0, ended.output
        return ended.output if plain else json.loads(ended.output)

    return say
