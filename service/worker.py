"""What runs queued jobs: embedded in the service, or in processes of their own. Makes the handlers of every kind."""

import logging
import os
import random
import socket
import threading
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from service.audit.service import Actor
from service.deployments.client import open_transifex
from service.deployments.models import Deployment
from service.errors import RemoteUnreachable
from service.jobs.models import Job
from service.jobs.runner import Handler, Progress, Runner
from service.sync.models import RunState
from service.sync.service import RunReport, pull, push
from service.sync.service.schedule import queue_due_pulls
from service.web.resources import Resources

log = logging.getLogger(__name__)


def make_handlers(resources: Resources) -> dict[str, Handler]:
    """Return what runs a job of each kind."""

    def run_push(job: Job, progress: Progress) -> Mapping[str, Any]:
        work = partial(
            push,
            new_id=resources.new_id,
            own_user=resources.settings.transifex_user,
            allow_removals=bool(job.arguments.get("allow_removals")),
            limits=resources.settings.character_limits,
        )
        return _exchange(resources, job, progress, work)

    def run_pull(job: Job, progress: Progress) -> Mapping[str, Any]:
        work = partial(
            pull,
            new_id=resources.new_id,
            own_user=resources.settings.transifex_user,
            everything=bool(job.arguments.get("everything")),
        )
        return _exchange(resources, job, progress, work)

    return {"push": run_push, "pull": run_pull}


def _exchange(resources: Resources, job: Job, progress: Progress, work: Callable[..., RunReport]) -> Mapping[str, Any]:
    with resources.database.read() as session:
        deployment = session.get_one(Deployment, job.deployment_id)
    with open_transifex(
        resources.settings, deployment, resources.secrets, resources.transifex_transport, database=resources.database
    ) as client:
        report = work(
            resources.database,
            client,
            deployment_slug=deployment.slug,
            actor=Actor("worker", job.person_id),
            clock=resources.clock,
            on_progress=lambda done, total, _what: progress(done, total),
            job=job,
        )
    if report.state is RunState.FAILED:
        raise RemoteUnreachable(f"Nothing could be exchanged: {report.message}")
    return {
        "run": report.run_id,
        "state": report.state.value,
        "message": report.message,
        "requests": report.requests,
    }


def make_runner(resources: Resources) -> Runner:
    """Return a runner that carries this process in its name, and an id: numbers of processes come again."""
    owner = f"{socket.gethostname()}:{os.getpid()}:{resources.new_id()}"
    return Runner(resources.database, make_handlers(resources), owner, resources.clock)


def run_worker(resources: Resources, stop: threading.Event) -> None:
    """Run jobs until ``stop`` is set; a job under way then stops between two steps and is queued again.

    Meanwhile deployments are pulled by themselves, by one of all workers.
    """
    runner = make_runner(resources)
    schedule = threading.Thread(
        target=keep_schedule, args=(resources, runner.owner, stop), name="schedule", daemon=True
    )  # fmt: skip
    schedule.start()
    runner.run_until(stop)
    schedule.join()


def keep_schedule(resources: Resources, owner: str, stop: threading.Event, *, pause: float = 20.0) -> None:
    """Look every ``pause`` seconds whether a deployment is to be pulled by itself, until ``stop`` is set."""
    every = timedelta(minutes=resources.settings.sync_minutes)
    while every and not stop.wait(pause):
        try:
            queue_due_pulls(
                resources.database,
                owner=owner,
                now=resources.clock(),
                every=every,
                shared_token=_has_shared_token(resources),
                chance=random.random,
            )
        except SQLAlchemyError as error:
            log.error("pulls by themselves wait: the database cannot be used (%s)", type(error).__name__)


def _has_shared_token(resources: Resources) -> bool:
    try:
        token = resources.settings.read_transifex_token()
    except (OSError, UnicodeDecodeError):
        # Whoever pulls by hand is told.
        return False
    return token is not None and bool(token.get_secret_value())


def start_worker(resources: Resources, stop: threading.Event) -> threading.Thread:
    """Run jobs in a thread of this process until ``stop`` is set; return the thread."""
    thread = threading.Thread(target=run_worker, args=(resources, stop), name="worker", daemon=True)
    thread.start()
    return thread
