"""Kills ``primero-bridge apply`` and ``rollback`` at random points, and compares the end with an undisturbed one.

``python -m tools.kill_applies --kills 100 --seed 1``. A sandbox of Primero in this process kills the command before,
in the middle of or after a request drawn at random, or a clock kills it at a moment drawn at random; the same command
is then given again until it ends, or the half of an apply that was done is taken back. Afterwards the sandbox must hold
what it holds after an apply that nobody disturbed, after the rollback what it held at first, and our own record of the
run must say the same of every form and lookup. A line tells of every kill.
"""

import argparse
import difflib
import json
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from sqlmodel import col, select

from service.db import Database
from service.primero.models import InstanceRun, InstanceRunKind, InstanceRunRecord, InstanceRunState
from service.primero.sandbox.core import Account, Sandbox
from service.primero.sandbox.http import Request, Response
from service.primero.sandbox.server import serve
from service.sample import sample_path
from tools.nursery import Nursery, Process

LOCALES = ("en", "fr", "ar", "es")
PASSWORD = "a password of the sandbox"  # noqa: S105  # the sandbox in this process has no other
WHEN = ("before", "between", "after", "second")
Say = Callable[[str], None]
_TRIES = 10
_PATIENCE = 300.0
_HALF = 0.25
"""How many of the applies that were killed are taken back as they are."""
_SLUG, _NAME = "lakes", "main"
_APPLY, _ROLLBACK = InstanceRunKind.APPLY, InstanceRunKind.ROLLBACK


@dataclass(frozen=True, slots=True)
class Point:
    """Where to kill: at a request, counted from 1, or so many seconds after the start.

    ``between``: what was asked for is done, and the answer is lost. ``after``: ``seconds`` after the answer left.
    """

    when: str
    request: int = 0
    seconds: float = 0.0

    def __str__(self) -> str:
        match self.when:
            case "between":
                return f"between request {self.request} and its answer"
            case "after":
                return f"{self.seconds * 1000:.1f} ms after request {self.request}"
            case "second":
                return f"{self.seconds * 1000:.0f} ms after the start"
        return f"before request {self.request}"


class Deadly(Sandbox):
    """A sandbox that kills the process which asks."""

    point: Point | None = None
    process: Process | None = None
    seen: int = 0
    killed: bool = False

    def arm(self, point: Point | None) -> None:
        """Kill at a point from now on, None for never."""
        self.point, self.seen, self.process, self.killed = point, 0, None, False
        self._reached = threading.Event()
        self._counting, self._started = threading.Lock(), threading.Event()

    def watch(self, process: Process) -> None:
        """Take a process that was just started for the one to kill."""
        self.process = process
        self._started.set()

    def handle(self, request: Request) -> Response:
        """Answer, and kill where that is due."""
        with self._counting:
            self.seen += 1
            due = self.point is not None and self.seen == self.point.request
        if due and self.point is not None and self.point.when == "before":
            self.kill()
        response = super().handle(request)
        if due and self.point is not None and self.point.when == "between":
            self.kill()
        if due:
            self._reached.set()
        return response

    def wait_for(self, seconds: float) -> bool:
        """Return whether the request of the point came within so many seconds."""
        return self._reached.wait(seconds)

    def kill(self) -> None:
        """Kill the process, and see it gone."""
        self._started.wait()
        assert self.process is not None
        self.killed = True
        self.process.kill()
        # Nobody hears the answer: the process is gone before it leaves.
        self.process.is_gone(30)


@dataclass(frozen=True, slots=True)
class Course:
    """How a command goes that nobody kills: requests, seconds, what is there at its end, and what we have on record."""

    requests: int
    seconds: float
    there: str
    records: Sequence[str]


@dataclass
class Stage:
    """A data folder, a sandbox and the commands that are killed."""

    folder: Path
    sandbox: Deadly
    nursery: Nursery
    environment: Mapping[str, str]
    database: Database = field(init=False)

    def __post_init__(self) -> None:
        """Open the database that the commands write to."""
        self.database = Database(f"sqlite:///{self.folder / 'data' / 'bridge.sqlite3'}")

    def run(self, arguments: Sequence[str], point: Point | None = None) -> tuple[float, bool]:
        """Run one command to its end, or to its death; return how many seconds it took, and whether it was killed."""
        self.sandbox.arm(point)
        began = time.monotonic()
        process = self.nursery.start(arguments, self.environment)
        self.sandbox.watch(process)
        if point is not None and point.when in ("after", "second"):
            while point.when == "after" and not self.sandbox.wait_for(0.02) and not process.is_gone():
                pass
            if not process.is_gone(point.seconds):
                # Wherever the command is by then.
                self.sandbox.kill()
        if not process.is_gone(_PATIENCE):
            process.close()
            raise NoEnd(f"`{' '.join(arguments)}` did not end within {_PATIENCE:.0f} s.")
        seconds = time.monotonic() - began
        process.close()
        return seconds, self.sandbox.killed

    def there(self) -> str:
        """Return everything that the sandbox holds, blanks left out."""
        document = _without_blanks(self.sandbox.store.configuration())
        return json.dumps(document, sort_keys=True, ensure_ascii=False, indent=1)

    def last_run(self) -> tuple[InstanceRun | None, list[str]]:
        """Return the last run of the instance, and a line for each of its records."""
        with self.database.read() as session:
            row = session.exec(select(InstanceRun).order_by(col(InstanceRun.id).desc()).limit(1)).first()
            if row is None:
                return None, []
            query = select(InstanceRunRecord).where(InstanceRunRecord.run_id == row.id)
            records = session.exec(query.order_by(col(InstanceRunRecord.position))).all()
        return row, [f"{record.record_key} {record.state} {len(record.keys)}" for record in records]

    def log(self, lines: int = 20) -> str:
        """Return the end of what the commands said on their error streams."""
        log = self.folder / "commands.log"
        return "\n".join(log.read_text("utf-8", "replace").splitlines()[-lines:]) if log.exists() else ""


class NoEnd(Exception):
    """A command neither ended nor could be brought to its end."""


def _without_blanks(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_blanks(entry) for name, entry in value.items() if entry not in (None, "")}
    return [_without_blanks(entry) for entry in value] if isinstance(value, list) else value


def set_up(stage: Stage, configuration: Mapping[str, Any], url: str) -> None:
    """Give a stage an instance and a bundle."""
    source, bundle = stage.folder / "configuration.json", stage.folder / "b.zip"
    source.write_text(json.dumps(configuration), "utf-8")
    for command in (
        ("deployment", "add", _SLUG, "--name", "Lakes", "--locales", "fr", "--source", str(source)),
        ("translations", "import", _SLUG, "fr", str(sample_path() / "fr")),
        ("bundle", "build", _SLUG, "fr", "--policy", "preview", "-o", str(bundle)),
        ("instance", "add", _SLUG, _NAME, "--url", url, "--user", "bridge", "--training"),
    ):
        stage.run(command)
    if not bundle.exists():
        raise NoEnd("No bundle came of the sample.")


class Play:
    """Applies and rollbacks that are killed, one round after another."""

    def __init__(self, stage: Stage, chance: random.Random, wanted: int, say: Say) -> None:
        self._stage, self._chance, self._wanted, self._say = stage, chance, wanted, say
        self.kills = self.rounds = self.halves = 0
        self.points: Counter[str] = Counter()
        self.differences: list[str] = []
        self._before = stage.there()

    def run(self) -> None:
        """Play until enough kills struck a command at work.

        Raises:
            NoEnd: a command cannot be brought to its end.
        """
        given = self._watch(self._command(_APPLY))
        taken = self._watch(self._command(_ROLLBACK))
        if taken.there != self._before:
            raise NoEnd("An undisturbed rollback did not lead back.")
        self._say(f"undisturbed: {given.requests} and {taken.requests} requests, {given.seconds:.2f} s for an apply")
        while self.kills < self._wanted and not self.differences:
            self.rounds += 1
            half = self._chance.random() < _HALF
            if half and self._kill(_APPLY, given):
                self.halves += 1
                self._play(_ROLLBACK, taken, whole=False)
                continue
            self._play(_APPLY, given)
            self._play(_ROLLBACK, taken)

    def _is_done(self, kind: InstanceRunKind) -> bool:
        row, _ = self._stage.last_run()
        return row is not None and row.kind is kind and row.state is InstanceRunState.DONE

    def _command(self, kind: InstanceRunKind) -> tuple[str, ...]:
        if kind is _APPLY:
            return ("apply", _SLUG, _NAME, str(self._stage.folder / "b.zip"))
        row, _ = self._stage.last_run()
        assert row is not None
        return ("rollback", _SLUG, _NAME, str(row.of_run_id or row.id))

    def _watch(self, command: tuple[str, ...]) -> Course:
        seconds, _ = self._stage.run(command)
        row, records = self._stage.last_run()
        if row is None or row.state is not InstanceRunState.DONE:
            raise NoEnd(f"`{' '.join(command)}` is not done:\n{self._stage.log()}")
        return Course(self._stage.sandbox.seen, seconds, self._stage.there(), records)

    def _point(self, course: Course) -> Point:
        when = self._chance.choice(WHEN)
        if when == "second":
            return Point(when, seconds=self._chance.uniform(0, course.seconds))
        # As long as a command is busy with itself between two requests.
        return Point(when, self._chance.randint(1, course.requests), self._chance.uniform(0, 0.02))

    def _kill(self, kind: InstanceRunKind, course: Course) -> bool:
        """Give a command and kill it; return whether it left a run that is not done."""
        point, before = self._point(course), self._stage.last_run()[0]
        _, killed = self._stage.run(self._command(kind), point)
        row, records = self._stage.last_run()
        if not killed:
            # What is left of a run takes fewer requests than all of it: it ended before its moment came.
            return False
        self.kills += 1
        self.points[point.when] += 1
        began = row is not None and (before is None or row.id != before.id or row.state is InstanceRunState.RUNNING)
        states = Counter(line.split()[-2] for line in records)
        told = ", ".join(f"{count} {state}" for state, count in states.items()) or "nothing to write"
        left = f"run {row.id} {row.state}, {told}" if row is not None and began else "no run began"
        self._say(f"kill {self.kills}: {kind}, {point}; {left}")
        return row is not None and row.kind is kind and row.state is InstanceRunState.RUNNING

    def _play(self, kind: InstanceRunKind, course: Course, *, whole: bool = True) -> None:
        """Give a command until it ends, killed again and again; the fewer kills came, the likelier is the next one."""
        command, tries = self._command(kind), 0
        # An apply may have ended before the moment came at which it was to be killed.
        while not self._is_done(kind):
            if self.kills < self._wanted and (not tries or self._chance.random() < 0.7 / (1 + tries)):
                self._kill(kind, course)
            elif tries > _TRIES:
                break
            else:
                self._stage.run(command)
            tries += 1
        self._judge(kind, course, whole=whole)

    def _judge(self, kind: InstanceRunKind, course: Course, *, whole: bool) -> None:
        row, records = self._stage.last_run()
        state = "no run" if row is None else f"run {row.id} {row.kind} {row.state}"
        found = list(_compare(course.there, self._stage.there()))
        if row is None or row.kind is not kind or row.state is not InstanceRunState.DONE or row.notes:
            found.append(f"the {kind} is not done: {state} {row.message if row else ''} {row.notes if row else ''}")
            found += self._stage.log().splitlines()
        elif whole:
            found += _compare("\n".join(course.records), "\n".join(records))
        how = "DIFFERENT" if found else "equal"
        self._say(f"round {self.rounds}: {kind}{'' if whole else ' of a half'} ended, {state}: {how}")
        self.differences += found


def _compare(wanted: str, found: str) -> Sequence[str]:
    lines = difflib.unified_diff(wanted.splitlines(), found.splitlines(), n=2, lineterm="")
    return [] if wanted == found else list(lines)


def main(arguments: Sequence[str] | None = None, say: Say = partial(print, flush=True)) -> int:
    """Kill as often as was asked for; return 0 when every end was the same."""
    parser = argparse.ArgumentParser(prog="python -m tools.kill_applies", description=__doc__)
    parser.add_argument("--kills", type=int, default=100, help="how many kills")
    parser.add_argument("--seed", type=int, default=None, help="repeats the draws of a run; printed when not given")
    parser.add_argument("--forms", type=int, default=6, help="how many forms and lookups of the sample to take")
    given = parser.parse_args(arguments)
    seed = given.seed if given.seed is not None else random.SystemRandom().randrange(10**6)
    say(f"seed {seed}")
    configuration = _some(given.forms)
    sandbox = Deadly(configuration, LOCALES, [Account("bridge", PASSWORD)])
    with tempfile.TemporaryDirectory() as name, serve(sandbox) as running:
        folder, began = Path(name), time.monotonic()
        environment = {"BRIDGE_DATA_DIR": str(folder / "data"), "BRIDGE_PRIMERO_HOSTS": "127.0.0.1"}
        environment |= {"BRIDGE_PRIMERO_PASSWORD": PASSWORD, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
        with Nursery(folder / "commands.log") as nursery:
            stage = Stage(folder, sandbox, nursery, environment)
            set_up(stage, configuration, running.url)
            # Draws that can be repeated, not secrets.
            play = Play(stage, random.Random(seed), given.kills, say)  # noqa: S311
            try:
                play.run()
            except NoEnd as trouble:
                say(str(trouble))
                return 1
            finally:
                stage.database.close()
    for line in play.differences:
        say(line)
    points = ", ".join(f"{count} {when}" for when, count in sorted(play.points.items()))
    end = "DIFFERENT ends" if play.differences else "the same end"
    say(
        f"{play.kills} kills ({points}) in {play.rounds} rounds and {time.monotonic() - began:.0f} s, {play.halves} "
        f"applies taken back half-way: {end}"
    )
    return 1 if play.differences else 0


def _some(count: int) -> dict[str, Any]:
    document = json.loads((sample_path() / "configuration.json").read_text("utf-8"))
    return {kind: document[kind][:count] for kind in ("FormSection", "Lookup")}


if __name__ == "__main__":
    sys.exit(main())
