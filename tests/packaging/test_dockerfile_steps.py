"""The Dockerfile's promises, and its steps run as a script under another root where no engine is."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.dockerfile import Stage, parse_dockerfile
from tools.repository import ROOT, list_files

STAGES = parse_dockerfile((ROOT / "Dockerfile").read_text("utf-8"))
BUILD, FINAL = STAGES
# What an operator has to say before the service listens to more than its own machine.
PUBLIC = {"BRIDGE_PUBLIC_URL": "https://bridge.example.org", "BRIDGE_ALLOWED_HOSTS": "bridge.example.org"}
# Stands in for what would change the machine: writes down how it was called.
RECORDER = '#!/bin/sh\necho "$(basename "$0") $*" >> "$RECORD"\n'


def test_the_image_is_never_root_and_never_latest() -> None:
    """Both stages name their base by version, and the last USER is the numbered one that owns the data folder."""
    assert {stage.image for stage in STAGES} == {"python:3.12-slim"}
    assert FINAL.rests("USER") == ["10001:10001"]
    assert "chown 10001:10001 /data" in " ".join(FINAL.rests("RUN"))
    keywords = [keyword for keyword, _ in FINAL.instructions]
    assert not {"RUN", "COPY"} & set(keywords[keywords.index("USER") :]), "nothing is changed after USER"


def test_everything_installed_is_hashed_and_the_build_stays_behind() -> None:
    """Only the locks are fetched, with hashes; the final stage takes one folder and fetches nothing."""
    installs = re.findall(r"pip install[^&]*", " ".join(BUILD.rests("RUN")))
    assert installs
    assert all("--require-hashes -r requirements" in line or "--no-index" in line for line in installs)
    assert FINAL.rests("COPY") == ["--from=build /opt/bridge /opt/bridge"]
    assert not re.search(r"pip|apt|curl|wget", " ".join(FINAL.rests("RUN")))


def test_no_secret_and_no_remote_file_is_baked_in() -> None:
    """No ADD, and no variable that carries a token or a password."""
    for stage in STAGES:
        assert not stage.rests("ADD")
        assert not re.search(r"(?i)token|password|secret|key", " ".join(stage.rests("ENV") + stage.rests("ARG")))


def test_the_build_context_holds_only_what_the_wheel_is_made_of() -> None:
    """.dockerignore leaves everything out but what it names, so that no .env or database slips in."""
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert "*" in lines
    assert _context_roots() == {
        *("LICENSE", "README.md", "pyproject.toml", "requirements.lock", "requirements-build.lock"),
        *("service", "extractors", "transifex_client", "alembic"),
    }


def _context_roots() -> set[str]:
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    return {line[1:] for line in lines if line.startswith("!")}


class Machine:
    """A folder that plays the image's root: the stages' steps run in it, with a virtual environment as its Python."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.workdir = root
        self.record = root / "record"
        self.environment = {
            **{name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_", "HTTP"))},
            "PATH": f"{root}/python/bin:{os.environ['PATH']}",
            "HOME": str(root),
            "RECORD": str(self.record),
            # The packages that are at hand already need no second download.
            "PIP_CACHE_DIR": os.environ.get("PIP_CACHE_DIR", str(Path.home() / ".cache" / "pip")),
        }
        subprocess.run([sys.executable, "-m", "venv", root / "python"], check=True)
        for name in ("useradd", "chown"):
            (root / "python" / "bin" / name).write_text(RECORDER, "utf-8")
            (root / "python" / "bin" / name).chmod(0o755)

    def here(self, text: str) -> str:
        """Return the text with the image's absolute paths moved under this root."""
        return re.sub(r"(?<![\w./])/(opt|data|build)\b", rf"{self.root}/\1", text)

    def run(self, stage: Stage) -> None:
        """Do what every instruction of the stage says."""
        actions = {"WORKDIR": self._workdir, "COPY": self._copy, "ENV": self._env, "RUN": self._run}
        for keyword, rest in stage.instructions:
            if keyword in actions:
                actions[keyword](rest)

    def _workdir(self, rest: str) -> None:
        self.workdir = Path(self.here(rest))
        self.workdir.mkdir(parents=True, exist_ok=True)

    def _copy(self, rest: str) -> None:
        *sources, target = rest.split()
        if sources[0].startswith("--from"):
            assert sources[1] == target, "both stages share this root, so only a copy to the same place can be played"
            return
        for file in list_files():
            if file.parts[0] in _context_roots() and (sources == ["."] or str(file) in sources):
                (self.workdir / target / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / file, self.workdir / target / file)

    def _env(self, rest: str) -> None:
        for assignment in rest.split():
            name, _, value = assignment.partition("=")
            if name == "PIP_NO_CACHE_DIR":
                continue
            self.environment[name] = self.here(value).replace("$PATH", self.environment["PATH"])

    def _run(self, rest: str) -> None:
        done = subprocess.run(
            ["sh", "-ec", self.here(rest)], cwd=self.workdir, env=self.environment, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{rest}\n{done.stdout}\n{done.stderr}"

    @contextmanager
    def service(self, port: int) -> Iterator[subprocess.Popen[bytes]]:
        """Run CMD on that port as long as the block lasts."""
        with (self.root / "log").open("w") as log:
            command = [*FINAL.exec_form("CMD"), "--port", str(port)]
            environment = self.environment | PUBLIC
            process = subprocess.Popen(command, cwd=self.workdir, env=environment, stdout=log, stderr=log)
            try:
                yield process
            finally:
                process.terminate()
                process.wait(timeout=30)

    def healthy(self, port: int) -> bool:
        """Return whether HEALTHCHECK calls what answers on that port healthy."""
        command = [word.replace(":8000/", f":{port}/") for word in FINAL.exec_form("HEALTHCHECK")]
        return subprocess.run(command, env=self.environment | PUBLIC, capture_output=True).returncode == 0


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """The root after both stages; skips unless told that packages may be fetched, as `make check` does."""
    if not os.environ.get("BRIDGE_TEST_DOCKERFILE"):
        pytest.skip("the Dockerfile's steps fetch packages: set BRIDGE_TEST_DOCKERFILE=1 to run them")
    made = Machine(tmp_path_factory.mktemp("machine"))
    for stage in STAGES:
        made.run(stage)
    return made


@pytest.mark.slow
def test_the_steps_make_a_service_that_its_own_health_check_finds(machine: Machine) -> None:
    """After the steps CMD serves from the built folder; HEALTHCHECK passes then and only then."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert not machine.healthy(port)
    with machine.service(port) as process:
        deadline = time.monotonic() + 60
        while not machine.healthy(port):
            log = (machine.root / "log").read_text("utf-8")
            assert process.poll() is None, log
            assert time.monotonic() < deadline, log
            time.sleep(0.2)
    assert (machine.root / "data" / "bridge.sqlite3").is_file()


@pytest.mark.slow
def test_the_data_folder_belongs_to_the_numbered_user_alone(machine: Machine) -> None:
    """/data has mode 0700 and goes to uid 10001, the uid that useradd was given."""
    data = machine.root / "data"
    calls = machine.record.read_text("utf-8").splitlines()
    assert data.stat().st_mode & 0o777 == 0o700
    assert f"chown 10001:10001 {data}" in calls
    assert any(call.startswith("useradd --uid 10001 ") for call in calls)
