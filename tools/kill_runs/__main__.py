"""``python -m tools.kill_runs``: kill workers again and again, and see both sides end as if nobody had died.

A story of pushes, pulls, volunteers and reviewers is played once undisturbed, then over and over, each time on a fresh
copy of everything, with a worker that is killed (SIGKILL) at random moments: before, in the middle of and after
requests. Both sides must end as in the undisturbed story. Exit code 0: they do; 1: they do not, and here is how.
"""

import argparse
import difflib
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from tools.kill_runs.play import Killer, NoEnd, Played, log_tail, play
from tools.kill_runs.stage import Databases, prepare, set_up
from tools.kill_runs.story import REVIEWERS, Cast
from tools.nursery import Nursery

Say = Callable[[str], None]
_SHOWN = 60


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the arguments, do it, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.kill_runs", description=__doc__)
    parser.add_argument("--runs", type=int, default=200, help="how many workers to kill at work")
    parser.add_argument("--seed", type=int, default=None, help="where the moments come from; printed when not given")
    parser.add_argument("--database-url", default=None, help="a PostgreSQL server to make databases on; else SQLite")
    parser.add_argument("--keep", action="store_true", help="leave the folder with the databases and the log")
    given = parser.parse_args(arguments)
    seed = given.seed if given.seed is not None else random.SystemRandom().randrange(1_000_000)
    return run(given.runs, seed, server=given.database_url, keep=given.keep, say=partial(print, flush=True))


def run(
    runs: int,
    seed: int,
    *,
    server: str | None = None,
    keep: bool = False,
    scenes: int | None = None,
    most: int = 6,
    say: Say = print,
) -> int:
    """Kill so many workers at work; return 0 if every story ended as the undisturbed one, else 1.

    Args:
        runs: how many.
        seed: where the moments come from.
        server: a PostgreSQL server to make databases on; None for SQLite.
        keep: leave the folder with databases and log.
        scenes: play only so many of the story.
        most: how many kills a scene sees at most.
        say: is told a line a kill and a story.
    """
    say(f"seed {seed}")
    folder = Path(tempfile.mkdtemp(prefix="primero-bridge-kills-"))
    try:
        killer = Killer(random.Random(seed), runs, say, most=most)  # noqa: S311  # it protects nothing
        return _run(killer, folder, server, scenes, say)
    finally:
        if keep:
            say(f"everything lies in {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


def _run(killer: Killer, folder: Path, server: str | None, scenes: int | None, say: Say) -> int:
    cast, log = Cast(), folder / "workers.log"
    told = cast.tell()[:scenes]
    databases = Databases(folder, server)
    started = time.monotonic()
    stories = different = failed = 0
    with databases.template(partial(prepare, catalog=cast.first, reviewers=REVIEWERS)), Nursery(log) as nursery:
        with set_up(databases, "undisturbed", pending_polls=1) as stage:
            wanted = play(stage, told, nursery, None)
        say(f"undisturbed: {len(wanted.lines)} facts, {sum(course.requests for course in wanted.courses)} requests")
        while killer.done < killer.wanted:
            stories += 1
            with set_up(databases, f"story{stories}", pending_polls=stories % 3) as stage:
                try:
                    played = play(stage, told, nursery, killer, wanted.courses)
                except NoEnd as trouble:
                    say(f"story {stories}: {trouble}\n{log_tail(log)}")
                    return 1
            failed += played.failed_jobs
            differs = compare(wanted, played)
            different += bool(differs)
            say(f"story {stories}: {played.kills} kills, {'DIFFERENT' if differs else 'the same end'}")
            for line in differs[:_SHOWN]:
                say(line)
    seconds = time.monotonic() - started
    say(
        f"{killer.done} workers killed at work in {stories} stories and {seconds:.0f} s, {failed} jobs given up and "
        f"asked for anew; {different} stories ended differently"
    )
    return 1 if different else 0


def compare(wanted: Played, played: Played) -> list[str]:
    """Return how a story ended differently, "-" before what is missing and "+" before what is too much."""
    found = difflib.unified_diff(wanted.lines, played.lines, n=0, lineterm="")
    return [line for line in found if not line.startswith(("---", "+++", "@@"))]


if __name__ == "__main__":
    sys.exit(main())
