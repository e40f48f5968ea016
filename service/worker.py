"""What runs queued jobs: embedded in the service, or in processes of their own. Makes the handlers of every kind."""

import os
import socket
import threading
from collections.abc import Callable, Mapping
from typing import Any

from service.audit.service import Actor
from service.deployments.client import open_transifex
from service.deployments.service import find_active_deployment
from service.errors import RemoteUnreachable
from service.jobs.models import Job
from service.jobs.runner import Handler, Runner
from service.sync.models import RunState
from service.sync.service import RunReport, pull, push
from service.web.resources import Resources


def make_handlers(resources: Resources) -> dict[str, Handler]:
    """Return what runs a job of each kind."""

    def run_push(job: Job, progress: Callable[[int, int], None]) -> Mapping[str, Any]:
        return _exchange(resources, job, progress, push, allow_removals=bool(job.arguments.get("allow_removals")))

    def run_pull(job: Job, progress: Callable[[int, int], None]) -> Mapping[str, Any]:
        return _exchange(resources, job, progress, pull, new_id=resources.new_id)

    return {"push": run_push, "pull": run_pull}


def _exchange(
    resources: Resources,
    job: Job,
    progress: Callable[[int, int], None],
    work: Callable[..., RunReport],
    **options: Any,
) -> Mapping[str, Any]:
    slug = str(job.arguments["slug"])
    with resources.database.read() as session:
        deployment = find_active_deployment(session, slug)
    with open_transifex(resources.settings, deployment, resources.secrets, resources.transifex_transport) as client:
        report = work(
            resources.database,
            client,
            deployment_slug=slug,
            actor=Actor("worker", job.person_id),
            clock=resources.clock,
            on_progress=lambda done, total, _what: progress(done, total),
            **options,
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
    """Return a runner that carries this process and thread in its name."""
    owner = f"{socket.gethostname()}:{os.getpid()}:{threading.get_ident()}"
    return Runner(resources.database, make_handlers(resources), owner, resources.clock)


def run_worker(resources: Resources, stop: threading.Event) -> None:
    """Run jobs until ``stop`` is set; a job under way is ended first."""
    make_runner(resources).run_until(stop)


def start_worker(resources: Resources, stop: threading.Event) -> threading.Thread:
    """Run jobs in a thread of this process until ``stop`` is set; return the thread."""
    thread = threading.Thread(target=run_worker, args=(resources, stop), name="worker", daemon=True)
    thread.start()
    return thread
