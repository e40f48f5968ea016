"""What the tests of the job ledger share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from typing import Any

import pytest

from service.db import Database
from service.jobs.models import Job
from service.jobs.runner import Handler, Runner
from service.jobs.service import enqueue_job, get_job
from tests.support.people import MovableClock


@pytest.fixture
def enqueue(database: Database, clock: MovableClock) -> Callable[..., int]:
    """Queue jobs: ``enqueue(deployment_id, kind="push") -> id``."""

    def do(deployment_id: int, kind: str = "push", **arguments: Any) -> int:
        with database.write() as session:
            job = enqueue_job(
                session, kind, deployment_id=deployment_id, arguments=arguments, person_id=None, now=clock()
            )
            assert job.id is not None
            return job.id

    return do


@pytest.fixture
def look(database: Database) -> Callable[[int], Job]:
    """Return jobs as they stand: ``look(job_id)``."""

    def do(job_id: int) -> Job:
        with database.read() as session:
            return get_job(session, job_id)

    return do


@pytest.fixture
def make_runner(database: Database, clock: MovableClock) -> Iterator[Callable[..., Runner]]:
    """Make runners, each with connections of its own: ``make_runner({"push": handler}, owner="a")``."""
    with ExitStack() as stack:

        def make(handlers: Mapping[str, Handler], owner: str = "runner", **options: Any) -> Runner:
            own = Database(database.url.render_as_string(hide_password=False))
            stack.callback(own.close)
            return Runner(own, handlers, owner, options.pop("clock", clock), **options)

        yield make
