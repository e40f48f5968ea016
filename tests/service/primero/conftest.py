"""What tests about Primero instances share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from service.primero.sandbox.core import Sandbox
from service.primero.sandbox.transport import sandbox_transport
from service.web.resources import Resources
from tests.support.applying import World
from tests.support.commands import Say, make_say
from tests.support.people import UserMaker
from tests.support.primero import PASSWORD, URL, USER, make_sandbox


@pytest.fixture
def sandbox() -> Sandbox:
    """A Primero that holds the sample."""
    return make_sandbox()


@pytest.fixture
def primero(resources: Resources, sandbox: Sandbox) -> Resources:
    """Resources whose way to every Primero ends at the sandbox."""
    return replace(resources, primero_transport=sandbox_transport(sandbox))


@pytest.fixture
def say(primero: Resources, make_user: UserMaker, make_deployment: Callable[..., int]) -> Say:
    """Run commands in the deployment "lakes"; see ``make_say``."""
    from service.home.commands import instances, sources

    return make_say(primero, make_user, make_deployment("lakes"), instances.mount, sources.mount)


@pytest.fixture
def password(primero: Resources) -> str:
    """A file with the password of the sandbox's account."""
    file = primero.settings.data_dir / "password.txt"
    file.write_text(f"{PASSWORD}\n")
    return str(file)


@pytest.fixture
def main(say: Say, password: str) -> Say:
    """The commands, with an instance "main" that exists."""
    say("instance", "add", "lakes", "main", "--url", URL, "--user", USER, "--password-file", password)
    return say


@pytest.fixture
def make_world(resources: Resources, make_deployment: Callable[..., int]) -> Callable[..., World]:
    deployment_id = make_deployment("lakes")

    def make(configuration: dict[str, Any] | None = None, **more: Any) -> World:
        return World(resources, make_sandbox(configuration, **more), deployment_id)

    return make


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    """An instance with the sample."""
    return make_world()
