"""`primero-bridge job cancel` from one process ends what `primero-bridge worker` does in another."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import service.tables  # noqa: F401  # the session follows foreign keys of every table
from service.db import Database
from service.deployments.service import find_deployment
from service.jobs.models import Job
from service.jobs.service import enqueue_job, get_job
from service.sample import sample_path
from service.sync.models import RunState
from service.sync.queries import list_pushed_resources, list_runs
from transifex_client import Configuration, TransifexClient
from transifex_client.resources import NewProject
from transifex_client.sandbox.server import RunningSandbox
from transifex_client.sandbox.server import serve as serve_sandbox

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-c", "from service.cli import main; main()"]
TOKEN = "sandbox-token"  # it opens nothing but the sandbox
PROJECT = "o:sandbox:p:lakes"
QUICK, SLOW = 0.1, 2.0
"""Seconds that each answer of Transifex takes: before and while the command is run. A resource takes a few answers."""


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    """A Transifex of our own with a project in it."""
    with serve_sandbox(0, token=TOKEN) as running:
        with TransifexClient(Configuration(token=TOKEN, base_url=running.url)) as client:
            client.create_project(NewProject(organization="o:sandbox", name="Lakes", slug="lakes"))
        yield running


class Machine:
    """One machine on which every command is a process of its own, over one SQLite database."""

    def __init__(self, folder: Path, transifex: str) -> None:
        assert transifex.startswith("http://127.0.0.1:")
        self.database_url = f"sqlite:///{folder / 'bridge.sqlite3'}"
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("BRIDGE_")} | {
            "BRIDGE_DATA_DIR": str(folder),
            "BRIDGE_TRANSIFEX_URL": transifex,
            "BRIDGE_TRANSIFEX_TOKEN": TOKEN,
            "BRIDGE_SYNC_MINUTES": "0",
        }

    def run(self, *arguments: str) -> Any:
        """Run a command to its end and return the JSON that it prints."""
        ended = subprocess.run(
            [*COMMAND, *arguments, "--json"], env=self.environment, cwd=ROOT, capture_output=True, text=True,
            timeout=120, check=False,
        )  # fmt: skip
        assert ended.returncode == 0, ended.stderr
        return json.loads(ended.stdout)

    @contextmanager
    def worker(self) -> Iterator[subprocess.Popen[str]]:
        """Run a worker, and kill it at the end."""
        with subprocess.Popen(
            [*COMMAND, "worker"], env=self.environment, cwd=ROOT,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        ) as process:  # fmt: skip
            try:
                assert process.stdout is not None
                assert "waiting for jobs" in process.stdout.readline()
                yield process
            finally:
                process.kill()


@pytest.fixture
def machine(tmp_path: Path, sandbox: RunningSandbox) -> Machine:
    """A machine with the sample as a deployment, of which nothing was pushed yet."""
    machine = Machine(tmp_path / "data", sandbox.url)
    machine.run(
        "deployment", "add", "lakes", "--name", "Lakes", "--source", str(sample_path() / "configuration.json"),
        "--locales", "fr,ar", "--transifex", PROJECT,
    )  # fmt: skip
    return machine


@pytest.fixture
def database(machine: Machine) -> Iterator[Database]:
    """The machine's database, to queue jobs in and to look at."""
    opened = Database(machine.database_url)
    yield opened
    opened.close()


def queue_push(database: Database) -> int:
    with database.write() as session:
        deployment = find_deployment(session, "lakes")
        assert deployment.id is not None
        job = enqueue_job(
            session, "push", deployment_id=deployment.id, arguments={}, person_id=None, now=datetime.now(UTC)
        )
        assert job.id is not None
        return job.id


def look(database: Database, job_id: int) -> Job:
    with database.read() as session:
        return get_job(session, job_id)


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 90
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def strings_there(sandbox: RunningSandbox) -> dict[str, int]:
    with TransifexClient(Configuration(token=TOKEN, base_url=sandbox.url)) as client:
        return {found.slug: found.string_count for found in client.list_resources(PROJECT)}


@pytest.mark.slow
def test_a_push_in_a_worker_is_cancelled_by_a_command(
    machine: Machine, database: Database, sandbox: RunningSandbox
) -> None:
    """It ends between two resources: what is there is whole and on the record, and the next push does the rest."""
    job_id = queue_push(database)
    sandbox.sandbox.settings.latency = QUICK
    with machine.worker() as worker:
        wait_until(lambda: look(database, job_id).done >= 2)
        # However long the command takes to start, the push is still under way.
        sandbox.sandbox.settings.latency = SLOW
        told = machine.run("job", "cancel", str(job_id))
        sandbox.sandbox.settings.latency = 0.0
        assert (told["state"], told["id"]) == ("cancelling", job_id)
        wait_until(lambda: look(database, job_id).ended_at is not None)
        worker.send_signal(signal.SIGTERM)
        out, err = worker.communicate(timeout=30)
    assert (worker.returncode, out, err) == (0, "", "")

    # The worker also has the texts checked again, which nobody asked for.
    (job,) = (row for row in machine.run("job", "list", "lakes") if row["id"] == job_id)
    assert (job["state"], "kept" in job["message"]) == ("cancelled", True)
    assert 2 <= job["done"] < job["total"]
    with database.read() as session:
        (run,) = list_runs(session, look(database, job_id).deployment_id)
        pushed = {row.slug: row.content_hash for row in list_pushed_resources(session, run.deployment_id)}
    assert run.state is RunState.CANCELLED
    sent = {item["resource"]: item["strings"] for item in run.outcome["items"] if item["result"] == "created"}
    missing = {item["resource"]: item["strings"] for item in run.outcome["items"] if item["result"] == "not-reached"}
    assert (len(sent), len(sent) + len(missing)) == (job["done"], job["total"])
    assert (strings_there(sandbox), set(pushed)) == (sent, set(sent))
    assert all(pushed.values())

    again = machine.run("push", "lakes")
    assert (again["state"], again["outcome"]["counts"]["created"]) == ("done", len(missing))
    assert again["outcome"]["counts"]["unchanged"] == len(sent)
    assert strings_there(sandbox) == {**sent, **missing}
