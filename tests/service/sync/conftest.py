"""What the tests of push and pull share."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from service.db import Database
from tests.support.people import MovableClock
from tests.support.syncing import World


@pytest.fixture
def make_world(database: Database, clock: MovableClock) -> Callable[..., World]:
    """Make a deployment with a Transifex of its own; arguments as for :class:`World`."""

    def make(**options: object) -> World:
        return World(database, clock, **options)  # type: ignore[arg-type]

    return make


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    """A deployment translated into French, with a Transifex of its own."""
    return make_world()
