"""Measure a full apply of a bundle beside the bare PATCH requests, against a sandbox of Primero in another process.

The sandbox answers a change after 41 ms, as a real Primero was measured to take for one (2 cores, its database beside
it), and a read after so long as is said: that was not measured. A bare request only sends; an apply saves, looks,
sends, looks again, compares, and notes each step in the database. ``python -m benchmarks.applying --texts 500`` for
less.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table

from benchmarks.configurations import make_spread_configuration
from extractors.load import load
from extractors.reading import Member
from service.audit.service import Actor
from service.db import Database
from service.deployments.models import Deployment
from service.migrations import upgrade
from service.primero.client import SignIn
from service.primero.models import PrimeroInstance
from service.primero.plan import Plan
from service.primero.service.applying import ApplyOptions, apply_bundle, plan_apply
from service.settings import Settings
from service.web.resources import Resources
from service.web.secrets import KEY_FILE, SecretBox
from tests.support.primero import PASSWORD, USER, in_french, make_bundle

TEXTS, RECORDS = 1_430, 124
CHANGE_SECONDS = 0.041
ROUNDS = 3
OPTIONS = ApplyOptions(partial_options=True)

_SERVER = """
import json, sys
from service.primero.sandbox.core import Account, Sandbox
from service.primero.sandbox.server import serve
configuration = json.load(open(sys.argv[1]))
sandbox = Sandbox(configuration, ["en", "fr", "ar", "es"], [Account(sys.argv[2], sys.argv[3])])
sandbox.latency = {"PATCH": float(sys.argv[4]), "GET": float(sys.argv[5])}
with serve(sandbox) as running:
    print(running.url, flush=True)
    sys.stdin.read()
"""


def main() -> int:
    """Measure what the arguments name, and print it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.applying", description="Measure an apply.")
    parser.add_argument("--texts", type=int, default=TEXTS, help=f"texts, spread over {RECORDS} forms")
    given = parser.parse_args()
    configuration = _configuration(given.texts)
    table = Table(title=f"apply beside the bare requests ({given.texts:,} texts, 41 ms for each change)")
    for title in ("a read takes", "bare requests", "apply", "times", "CPU of the apply"):
        table.add_column(title, justify="right")
    for read_seconds in (0.0, 0.01, 0.02):
        bare, full, cpu = measure(configuration, read_seconds)
        table.add_row(
            f"{read_seconds * 1000:.0f} ms", f"{bare:.2f} s", f"{full:.2f} s", f"{full / bare:.2f}", f"{cpu:.2f} s"
        )
    Console().print(table)
    return 0


def _configuration(texts: int) -> dict[str, Any]:
    """Return Primero's default configuration where the corpus is and it has as many texts, else a generated one."""
    corpus = Path(os.environ.get("BRIDGE_TEST_CORPUS") or Path(__file__).resolve().parents[2] / "shared" / "corpus")
    file = corpus / "primero-default" / "configuration.json"
    if texts == TEXTS and file.is_file():
        document: dict[str, Any] = json.loads(file.read_text("utf-8"))
        return document
    return make_spread_configuration(min(RECORDS, texts), texts)


def measure(configuration: dict[str, Any], read_seconds: float, *, rounds: int = ROUNDS) -> tuple[float, float, float]:
    """Return the medians of bare requests and of an apply in seconds, and the CPU time of the apply."""
    bare, full, cpu = [], [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "configuration.json").write_text(json.dumps(configuration), "utf-8")
        for number in range(rounds):
            with _world(folder, number, read_seconds) as (resources, instance, bundle):
                plan = plan_apply(resources, instance, bundle, OPTIONS)
                bare.append(_send_bare(instance.url, plan))
            with _world(folder, number + rounds, read_seconds) as (resources, instance, bundle):
                start, used = time.perf_counter(), time.process_time()
                report = apply_bundle(
                    resources, instance, "b.zip", bundle, OPTIONS, actor=Actor("bench"), on_progress=lambda *_: None
                )
                full.append(time.perf_counter() - start)
                cpu.append(time.process_time() - used)
                if not report.is_whole or len(report.records) != len(plan.records):
                    raise RuntimeError("the apply did not write what the bare requests did")
    return median(bare), median(full), median(cpu)


def _send_bare(url: str, plan: Plan) -> float:
    with httpx.Client(base_url=url, auth=(USER, PASSWORD), timeout=60, trust_env=False) as client:
        start = time.perf_counter()
        for one in plan.records:
            client.patch(f"/api/v2/{one.kind.value}s/{one.number}", json={"data": one.body}).raise_for_status()
        return time.perf_counter() - start


@contextmanager
def _world(folder: Path, number: int, read_seconds: float) -> Iterator[tuple[Resources, PrimeroInstance, Any]]:
    """Yield resources with a database of their own, an instance whose sandbox is fresh, and the bundle for it."""
    configuration = folder / "configuration.json"
    arguments = [str(configuration), USER, PASSWORD, str(CHANGE_SECONDS), str(read_seconds)]
    with subprocess.Popen(
        [sys.executable, "-c", _SERVER, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        url = server.stdout.readline().strip()
        data = folder / str(number)
        settings = Settings(data_dir=data, primero_hosts=("127.0.0.1",))
        secrets = SecretBox(settings.make_data_dir() / KEY_FILE)
        database = Database(f"sqlite:///{data / 'bridge.sqlite3'}")
        try:
            upgrade(database)
            resources = Resources(settings, database, lambda: datetime.now(UTC), secrets)
            yield resources, _instance(resources, url), _bundle(configuration)
        finally:
            database.close()
            server.kill()


def _bundle(configuration: Path) -> Any:
    catalog = load((Member("configuration.json", configuration.read_bytes()),)).catalog
    return make_bundle(catalog, in_french)


def _instance(resources: Resources, url: str) -> PrimeroInstance:
    with resources.database.write() as session:
        deployment = Deployment(slug="lakes", name="Lakes", created_at=resources.clock())
        session.add(deployment)
        session.flush()
        assert deployment.id is not None
        row = PrimeroInstance(
            deployment_id=deployment.id, name="main", url=url, sign_in=SignIn.BASIC, username=USER,
            secret=resources.secrets.encrypt(PASSWORD), created_at=resources.clock(),
        )  # fmt: skip
        session.add(row)
        session.flush()
        return row


if __name__ == "__main__":
    sys.exit(main())
