"""Kills ``primero-bridge apply`` and ``rollback`` at random points, and compares the end with an undisturbed one.

``python -m tools.kill_applies --kills 100 --seed 1``. A sandbox of Primero in this process kills the command before,
in the middle of or after a request drawn at random; the same command is then given again until it ends. Afterwards the
sandbox must hold what it holds after an apply that nobody disturbed, and after the rollback what it held at first.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from service.primero.sandbox.core import Account, Sandbox
from service.primero.sandbox.http import Request, Response
from service.primero.sandbox.server import RunningSandbox, serve
from service.sample import sample_path

LOCALES = ("en", "fr", "ar", "es")
PASSWORD = "a password of the sandbox"  # noqa: S105  # the sandbox in this process has no other
WHEN = ("before", "between", "after")
_TRIES = 30
_SLUG, _NAME = "lakes", "main"


class Deadly(Sandbox):
    """A sandbox that kills the process which asks."""

    fatal: int = 0
    when: str = ""
    process: "subprocess.Popen[bytes] | None" = None
    seen: int = 0

    def arm(self, fatal: int, when: str) -> None:
        """Kill at a request from now on, counted from 1; 0 for never."""
        self.fatal, self.when, self.seen = fatal, when, 0

    def handle(self, request: Request) -> Response:
        """Answer, and kill where that is due. ``between``: what was asked for is done, and the answer is lost."""
        self.seen += 1
        due = self.seen == self.fatal
        if due and self.when == "before":
            self._kill()
        response = super().handle(request)
        if due and self.when == "between":
            self._kill()
        return response

    def _kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        # Nobody hears the answer: the process is gone before it leaves.
        self.process.wait()


@dataclass
class Stage:
    """A data folder, a sandbox and the commands that are killed."""

    folder: Path
    running: RunningSandbox
    sandbox: Deadly
    chance: random.Random
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, *arguments: str, check: bool = True) -> Any:
        """Run one command to its end, or to its death; return what it printed, None where it printed nothing."""
        command = [sys.executable, "-c", "from service.cli import main; main()", *arguments, "--json"]
        process = subprocess.Popen(
            command, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )  # fmt: skip
        self.sandbox.process = process
        if self.sandbox.when == "after" and self.sandbox.fatal:
            self._kill_after(process)
        out, err = process.communicate(timeout=600)
        if check and process.returncode != 0:
            raise SystemExit(f"{' '.join(arguments)} ended with {process.returncode}: {err.decode()}")
        return json.loads(out) if out else None

    def _kill_after(self, process: "subprocess.Popen[bytes]") -> None:
        """Kill a moment after the answer to the fatal request left, wherever the command is by then."""
        while process.poll() is None and self.sandbox.seen < self.sandbox.fatal:
            time.sleep(0.001)
        time.sleep(self.chance.random() * 0.01)
        process.kill()

    def state(self) -> str:
        """Return everything that the sandbox holds, blanks left out."""
        return json.dumps(_without_blanks(self.sandbox.store.configuration()), sort_keys=True, ensure_ascii=False)


def _without_blanks(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_blanks(entry) for name, entry in value.items() if entry not in (None, "")}
    return [_without_blanks(entry) for entry in value] if isinstance(value, list) else value


def set_up(folder: Path, configuration: Mapping[str, Any], chance: random.Random) -> Stage:
    """Return a stage with an instance and a bundle, its sandbox running."""
    sandbox = Deadly(configuration, LOCALES, [Account("bridge", PASSWORD)])
    running = serve(sandbox)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BRIDGE_")}
    stage = Stage(folder, running, sandbox, chance, {**kept, "BRIDGE_DATA_DIR": str(folder / "data")})
    stage.environment |= {"BRIDGE_PRIMERO_HOSTS": "127.0.0.1", "BRIDGE_PRIMERO_PASSWORD": PASSWORD}
    (folder / "configuration.json").write_text(json.dumps(configuration), "utf-8")
    stage.run("deployment", "add", _SLUG, "--name", "Lakes", "--locales", "fr",
              "--source", str(folder / "configuration.json"))  # fmt: skip
    stage.run("translations", "import", _SLUG, "fr", str(sample_path() / "fr"))
    stage.run("bundle", "build", _SLUG, "fr", "--policy", "preview", "-o", str(folder / "b.zip"))
    stage.run("instance", "add", _SLUG, _NAME, "--url", running.url, "--user", "bridge", "--training")
    return stage


def play(stage: Stage, requests: int, arguments: tuple[str, ...]) -> tuple[int, int]:
    """Give a command until it ends, killed again and again; return how often it was, and the number of its run."""
    for kills in range(_TRIES):
        # The fewer kills came, the likelier is the next one; at last it is let through.
        fatal = stage.chance.randint(1, requests) if stage.chance.random() < 0.7 / (1 + kills) or not kills else 0
        stage.sandbox.arm(fatal, stage.chance.choice(WHEN))
        done = stage.run(*arguments, check=False)
        if done is not None and done.get("state") == "done":
            return kills, int(done["run"])
    raise SystemExit(f"{' '.join(arguments)} did not end after {_TRIES} tries")


def main(arguments: list[str] | None = None) -> int:
    """Kill as often as was asked for; return 0 when every end was the same."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--kills", type=int, default=100, help="how many kills at least")
    parser.add_argument("--seed", type=int, default=None, help="repeats the draws of a run")
    parser.add_argument("--forms", type=int, default=6, help="how many forms and lookups of the sample to take")
    given = parser.parse_args(arguments)
    seed = given.seed if given.seed is not None else random.SystemRandom().randrange(10**6)
    configuration = _some(given.forms)
    with tempfile.TemporaryDirectory() as folder:
        # Draws that can be repeated, not secrets.
        stage = set_up(Path(folder), configuration, random.Random(seed))  # noqa: S311
        with stage.running:
            return _compare(stage, given.kills, seed)


def _some(count: int) -> dict[str, Any]:
    document = json.loads((sample_path() / "configuration.json").read_text("utf-8"))
    return {kind: document[kind][:count] for kind in ("FormSection", "Lookup")}


def _compare(stage: Stage, wanted: int, seed: int) -> int:
    apply = ("apply", _SLUG, _NAME, str(stage.folder / "b.zip"))
    before = stage.state()
    stage.sandbox.arm(0, "")
    run = stage.run(*apply)["run"]
    requests, after = stage.sandbox.seen, stage.state()
    stage.sandbox.arm(0, "")
    stage.run("rollback", _SLUG, _NAME, str(run))
    if stage.state() != before:
        raise SystemExit("an undisturbed rollback did not lead back")
    kills = rounds = 0
    while kills < wanted:
        killed, run = play(stage, requests, apply)
        if stage.state() != after:
            print(f"seed {seed}, round {rounds}: the end of the apply is another one")
            return 1
        killed_back, _ = play(stage, requests, ("rollback", _SLUG, _NAME, str(run)))
        if stage.state() != before:
            print(f"seed {seed}, round {rounds}: the end of the rollback is another one")
            return 1
        kills, rounds = kills + killed + killed_back, rounds + 1
    print(
        f"{kills} kills in {rounds} rounds of apply and rollback, {requests} requests each: the same end (seed {seed})"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
