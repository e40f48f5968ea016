"""A client that openapi-python-client makes of the API's description works with the running service.

The generator wants an older typer than the command line does, so ``tools/setup.sh dev`` puts it into an environment of
its own, ``.venv/client``, and neither is imported here: one process generates, another one runs what was generated.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from service.checks.catalogue import CHECKS
from service.serving import running_server
from tests.service.home.conftest import SOURCES, add, api

if TYPE_CHECKING:
    from service.web.resources import Resources
    from tests.service.home.conftest import Api

__all__ = ["add", "api"]

PYTHON = Path(sys.prefix) / "client" / "bin" / "python"
WORK = Path(__file__).with_name("generated_client.py")


def run(*command: str | Path) -> str:
    """Return what a command prints, or fail with all it said."""
    done = subprocess.run([str(each) for each in command], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
def test_a_generated_client_works(api: Api, resources: Resources, tmp_path: Path) -> None:
    """It lists deployments, reads lists of both kinds page by page, is told that nothing changed, reads a problem."""
    if not PYTHON.is_file():
        pytest.skip("openapi-python-client is not here: tools/setup.sh dev installs it into .venv/client")
    description, settings, made = tmp_path / "openapi.json", tmp_path / "settings.yml", tmp_path / "made"
    asking = api("specialist")
    description.write_bytes(asking.get("/openapi.json").content)
    # What it made would be formatted by tools that are not there.
    settings.write_text("post_hooks: []\n", "utf-8")
    made.mkdir()
    run(
        PYTHON, "-m", "openapi_python_client", "generate", "--path", description, "--config", settings,
        "--meta", "none", "--output-path", made / "bridge_api",
    )  # fmt: skip
    token = asking.headers["Authorization"].removeprefix("Bearer ")
    with running_server(resources) as address:
        found: dict[str, Any] = json.loads(run(PYTHON, WORK, made, address, token))
    assert found.pop("problem")[:3] == [404, "Problem", "not-found"]
    assert found == {
        "deployments": [["iraq", ["ar", "fr"]]],
        "units": list(SOURCES),
        "checks": [check.id for check in CHECKS],
        "again": [304, ""],
    }
