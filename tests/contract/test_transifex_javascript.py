"""Transifex's own JavaScript client (@transifex/api) does a project's whole work against the sandbox, through a socket.

What it does stands in ``javascript/work.mjs``; ``tools/setup.sh dev`` installs the client where node and npm are. Its
ways: brackets of filters raw, uploads as JSON, and it breaks where an answer to a POST lacks a relationship it sent.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from transifex_client.sandbox.server import serve

TOKEN = "1/0123456789abcdef0123456789abcdef01234567"
FOLDER = Path(__file__).parent / "javascript"
STEPS = (
    "a project is made",
    "its languages are added, replaced and removed",
    "a resource is made and changed",
    "a long list is read page by page",
    "a source is uploaded, as text and as base64",
    "translations are uploaded and listed with their strings",
    "a translation is written, reviewed and emptied",
    "translations are written in bulk",
    "strings are changed singly and in bulk",
    "statistics are listed",
    "files are downloaded from the storage",
    "refusals are read",
    "a project is changed, and deleted with its resources",
)

Outcome = dict[str, str | None]


def run_client(*, absolute_links: bool) -> Outcome:
    """Let the client work against a sandbox of its own; files lie at a second origin, jobs take a poll."""
    with serve(0, token=TOKEN, storage_apart=True) as server:
        server.sandbox.settings.absolute_links = absolute_links
        server.sandbox.settings.pending_polls = 1
        # Nothing else of the environment: a proxy for the internet would be asked for this machine too.
        environment = {"PATH": os.environ["PATH"], "BRIDGE_CONTRACT_URL": server.url, "BRIDGE_CONTRACT_TOKEN": TOKEN}
        done = subprocess.run(
            ["node", "work.mjs"], cwd=FOLDER, env=environment, capture_output=True, text=True, timeout=120, check=False
        )
    assert done.returncode == 0, done.stderr
    outcome: Outcome = json.loads(done.stdout)
    assert set(outcome) == set(STEPS)
    return outcome


@pytest.fixture(scope="module", params=["relative links", "absolute links"])
def outcome(request: pytest.FixtureRequest) -> Outcome:
    """What became of each step. Which links the real API writes is not known: both must do."""
    if shutil.which("node") is None or not (FOLDER / "node_modules").is_dir():
        pytest.skip("Transifex's JavaScript client is not here: install node and npm, then `sh tools/setup.sh dev`")
    return run_client(absolute_links=request.param == "absolute links")


@pytest.mark.slow
@pytest.mark.parametrize("step", STEPS)
def test_the_javascript_client_does_its_work(outcome: Outcome, step: str) -> None:
    """Each step succeeds, as the client's manual says that it is done."""
    assert outcome[step] is None


def test_the_lock_names_what_is_installed_and_no_registry() -> None:
    """Each package has its hash, and none an address: which registry a machine uses is that machine's business."""
    lock = json.loads((FOLDER / "package-lock.json").read_text("utf-8"))
    packages = [package for place, package in lock["packages"].items() if place]
    assert packages
    assert all(package["integrity"].startswith("sha512-") and "resolved" not in package for package in packages)
