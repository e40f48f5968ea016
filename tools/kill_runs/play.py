"""Playing a story: with a worker that nobody kills, or with one that is killed again and again."""

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from service.jobs.models import Job, JobState
from service.jobs.service import ACTIVE
from tools.kill_runs.dump import dump_ours, dump_theirs
from tools.kill_runs.stage import SLUG, Stage
from tools.kill_runs.story import QUIET, Scene
from tools.nursery import Nursery, Process
from transifex_client.sandbox.http import Request, Response

PATIENCE = 90.0
"""Seconds after which a job that does not end is our fault."""

_BROKEN = Response(500, {}, b"")
_BY_HAND = 0.25
_TRIES = 12
_POLL = 0.01


class NoEnd(Exception):
    """A job neither ended nor died: its log says why."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Whom to kill, a worker or a run by hand, and when.

    That is before or after the sandbox carries out a request (counted from 1), or so many seconds in.
    """

    when: str
    request: int = 0
    seconds: float = 0.0
    by_hand: bool = False

    def __str__(self) -> str:
        whom = "by hand, " if self.by_hand else ""
        if self.when == "second":
            return f"{whom}{self.seconds:.2f} s after its start"
        return f"{whom}{self.when} request {self.request}"


@dataclass(slots=True)
class Course:
    """How one scene went when nobody was killed: how many requests it took, how many seconds before and at work."""

    requests: int = 30
    starting: float = 0.3
    working: float = 1.0


@dataclass(slots=True)
class Played:
    """What came of a story: both sides as lines, and how each scene went."""

    lines: list[str] = field(default_factory=list)
    courses: list[Course] = field(default_factory=list)
    kills: int = 0
    failed_jobs: int = 0


class Killer:
    """Chooses the moments, and counts the kills that struck somebody at work.

    Args:
        chance: where the moments come from.
        wanted: how many kills there are to be at most.
        most: how many of them in one scene.
        say: is told a line a kill.
    """

    def __init__(self, chance: random.Random, wanted: int, say: Callable[[str], None], *, most: int = 6) -> None:
        self._chance, self.wanted, self._say, self._most = chance, wanted, say, most
        self.done = 0

    def count_for_scene(self) -> int:
        """Return how many kills the next scene is to see."""
        return min(self.wanted - self.done, self._chance.randint(1, self._most))

    def choose(self, course: Course) -> Moment:
        """Return a moment of a scene that goes like this."""
        when = self._chance.choice(("before", "after", "second"))
        by_hand = self._chance.random() < _BY_HAND
        if when == "second":
            # From the first line of the process on, as far as it could get.
            seconds = self._chance.uniform(course.starting * 0.5, course.starting + course.working)
            return Moment("second", seconds=seconds, by_hand=by_hand)
        return Moment(when, request=self._chance.randint(1, max(1, course.requests)), by_hand=by_hand)

    def note(self, scene: str, moment: Moment, last: str, job: Job, *, at_work: bool) -> None:
        """Note a kill; one that struck nobody at work does not count."""
        self.done += at_work
        struck = f"kill {self.done}" if at_work else "idle kill"
        self._say(f"{struck}: {scene}, {moment}{f' ({last})' if last else ''}; attempt {job.attempts}")


class _Watch:
    """Sees the requests of one worker, and kills it at its moment. Requests after its death reach nobody."""

    def __init__(self, process: Process, moment: Moment | None) -> None:
        self._process, self._moment = process, moment
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        self.requests = 0
        self.last = ""
        self.began = time.monotonic()
        self.first: float | None = None
        if moment is not None and moment.when == "second":
            self._timer = threading.Timer(moment.seconds, process.kill)
            self._timer.daemon = True
            self._timer.start()

    def __call__(self, request: Request, go: Callable[[Request], Response]) -> Response:
        with self._lock:
            self.first = self.first or time.monotonic()
            self.requests += 1
            number = self.requests
            self.last = f"{request.method} {request.path}"
        if self._moment is None or number != self._moment.request:
            return go(request)
        if self._moment.when == "before":
            self._process.kill()
            return _BROKEN
        answer = go(request)
        self._process.kill()
        return answer

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()


def play(
    stage: Stage, scenes: Sequence[Scene], nursery: Nursery, killer: Killer | None, courses: Sequence[Course] = ()
) -> Played:
    """Play the scenes and the quiet that follows; return how it ended.

    Args:
        stage: where.
        scenes: what.
        nursery: starts the workers.
        killer: None for a story in which nobody dies.
        courses: how the scenes went undisturbed.

    Raises:
        NoEnd: a job hangs.
    """
    played = Played()
    for number, scene in enumerate((*scenes, *QUIET)):
        _wait_for_next_second()
        scene.before(stage)
        stage.queue(scene.kind)
        quiet = number >= len(scenes)
        if killer is None or quiet:
            played.courses.append(_run_to_end(stage, nursery, played))
            scene.meanwhile(stage)
            continue
        before = killer.done
        _run_killed(stage, scene, f"scene {number + 1} ({scene.kind})", nursery, killer, courses[number], played)
        played.kills += killer.done - before
    played.lines = [*dump_ours(stage.database), *dump_theirs(stage.sandbox.state)]
    return played


def _wait_for_next_second() -> None:
    """Transifex tells whole seconds: what people do next must not look as old as what the service did last."""
    time.sleep(1.0 - time.time() % 1.0)


def _run_killed(
    stage: Stage, scene: Scene, name: str, nursery: Nursery, killer: Killer, course: Course, played: Played
) -> None:
    left = killer.count_for_scene()
    told = False
    for _ in range(_TRIES):
        if not left:
            break
        moment = killer.choose(course)
        with _process(stage, nursery, scene.kind, moment) as (process, watch):
            # It may be done before its moment comes; then it dies with nothing at hand.
            _await_end(stage, process, by_hand=moment.by_hand)
        stage.finish_uploads()
        at_work = stage.is_at_work(process.pid)
        stage.let_leases_end()
        job = stage.last_job()
        killer.note(name, moment, watch.last, job, at_work=at_work)
        left -= at_work
        if not told:
            scene.meanwhile(stage)
            told = True
        if job.state is JobState.DONE:
            break
        if job.state not in ACTIVE:
            _ask_again(stage, scene.kind, job, played)
    if stage.last_job().state in ACTIVE:
        _run_to_end(stage, nursery, played)
    if not told:
        scene.meanwhile(stage)


def _ask_again(stage: Stage, kind: str, job: Job, played: Played) -> None:
    if "given up" not in job.message:
        raise NoEnd(f"The job {job.id} ({kind}) is {job.state}: {job.message}")
    played.failed_jobs += 1
    stage.queue(kind)


def _run_to_end(stage: Stage, nursery: Nursery, played: Played) -> Course:
    """Let a worker run until the job is done, asking for it anew where too many died on it."""
    while True:
        with _process(stage, nursery, "", None) as (process, watch):
            job = _await_end(stage, process)
            ended = time.monotonic()
        if job.state is JobState.DONE:
            first = watch.first or ended
            return Course(watch.requests, first - watch.began, ended - first)
        _ask_again(stage, job.kind, job, played)


@contextmanager
def _process(stage: Stage, nursery: Nursery, kind: str, moment: Moment | None) -> Iterator[tuple[Process, _Watch]]:
    arguments = ["worker"]
    if moment is not None and moment.by_hand:
        arguments = [kind, SLUG, *(["--allow-removals"] if kind == "push" else [])]
    process = nursery.start(arguments, stage.settings)
    watch = _Watch(process, moment)
    stage.watch = watch
    try:
        yield process, watch
    finally:
        watch.close()
        process.close()


def _await_end(stage: Stage, process: Process, *, by_hand: bool = False) -> Job:
    """Return the job as it is once it has ended, or its worker has; of a run by hand only its own end counts."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        gone = process.is_gone(_POLL)
        job = stage.last_job()
        if gone or (job.state not in ACTIVE and not by_hand):
            return job
    raise NoEnd(f"The job {job.id} ({job.kind}) did not end within {PATIENCE:.0f} s.")


def log_tail(log: Path, lines: int = 20) -> str:
    """Return the end of what the workers said on their error streams."""
    return "\n".join(log.read_text("utf-8", "replace").splitlines()[-lines:]) if log.exists() else ""
