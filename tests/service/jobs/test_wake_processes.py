"""Workers as processes: what one was killed in another finishes, and many jobs run once each."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from service.db import Database
from service.jobs.models import Job, JobState
from service.jobs.wake import make_queue
from service.settings import Settings

ROOT = Path(__file__).resolve().parents[3]
Enqueue = Callable[..., int]
Look = Callable[[int], Job]

WORKER = """
import os, sys, threading, time
from datetime import timedelta
from pathlib import Path
import service.jobs.service, service.worker
from service.building import build_resources
from service.settings import Settings

log, steps, pause = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])

def work(job, progress):
    for step in range(job.done, steps):
        with log.open("a") as file:
            file.write(f"{job.id} {step} {os.getpid()}\\n")
        time.sleep(pause)
        progress(step + 1, steps)
    return {}

service.jobs.service.LEASE = timedelta(seconds=3)
service.worker.make_handlers = lambda resources: {"push": work, "pull": work}
print("ready", flush=True)
service.worker.run_worker(build_resources(Settings()), threading.Event())
"""


@pytest.fixture
def environment(database: Database, tmp_path: Path) -> dict[str, str]:
    """The settings of every process of the test."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("BRIDGE_")}
    url = database.url.render_as_string(hide_password=False)
    return others | {"BRIDGE_DATABASE_URL": url, "BRIDGE_DATA_DIR": str(tmp_path / "data"), "BRIDGE_SYNC_MINUTES": "0"}


@pytest.fixture
def sending(database: Database, environment: dict[str, str]) -> Iterator[None]:
    """Have what the test queues wake the processes."""
    settings = Settings(data_dir=Path(environment["BRIDGE_DATA_DIR"]), database_url=environment["BRIDGE_DATABASE_URL"])
    settings.make_data_dir()
    queue = make_queue(settings.effective_queue_url, lambda: None, threading.Event())
    with database.listening(queue.send):
        yield
    queue.close()


@contextmanager
def two_workers(
    environment: dict[str, str], log: Path, *, steps: int, pause: float
) -> Iterator[dict[int, subprocess.Popen[str]]]:
    """Run two workers whose jobs write a line for each step; yield them by their number, and kill them at the end."""
    with ExitStack() as stack:
        processes = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", WORKER, str(log), str(steps), str(pause)],
                    env=environment,
                    cwd=ROOT,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            for _ in range(2)
        ]
        for process in processes:
            stack.callback(process.kill)
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        yield {process.pid: process for process in processes}


def lines(log: Path) -> list[list[int]]:
    """Return what was written: job, step, process."""
    return [[int(part) for part in line.split()] for line in log.read_text().splitlines()] if log.exists() else []


def wait_until(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Return when the condition holds; fail when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


@pytest.mark.slow
@pytest.mark.usefixtures("sending")
def test_a_worker_killed_in_a_job_is_followed_by_another(
    environment: dict[str, str], make_deployment: Callable[..., int], enqueue: Enqueue, look: Look, tmp_path: Path
) -> None:
    """SIGKILL takes the wake-up with it: the other worker finds the job when the lease has ended, and goes on."""
    log = tmp_path / "log"
    with two_workers(environment, log, steps=8, pause=0.5) as workers:
        job_id = enqueue(make_deployment())
        wait_until(lambda: len(lines(log)) >= 3)
        killed = lines(log)[0][2]
        workers[killed].kill()
        wait_until(lambda: look(job_id).ended_at is not None)
        job = look(job_id)
        assert (job.state, job.attempts, job.done) == (JobState.DONE, 2, 8)
        assert {process for _, _, process in lines(log)} == set(workers)
        assert {step for _, step, _ in lines(log)} == set(range(8))
        # The step in which it was killed is done again, nothing else.
        assert len(lines(log)) <= 9


@pytest.mark.slow
@pytest.mark.usefixtures("sending")
def test_two_workers_do_twenty_jobs_once_each(
    environment: dict[str, str], make_deployment: Callable[..., int], enqueue: Enqueue, look: Look, tmp_path: Path
) -> None:
    """Each job runs once, and both workers have a share."""
    log = tmp_path / "log"
    deployments = [make_deployment(f"d{number}") for number in range(20)]
    with two_workers(environment, log, steps=1, pause=0.1) as workers:
        ids = [enqueue(deployment) for deployment in deployments]
        wait_until(lambda: all(look(job_id).ended_at is not None for job_id in ids))
        assert sorted(job_id for job_id, _, _ in lines(log)) == ids
        assert {process for _, _, process in lines(log)} == set(workers)
        assert {(look(job_id).state, look(job_id).attempts) for job_id in ids} == {(JobState.DONE, 1)}
