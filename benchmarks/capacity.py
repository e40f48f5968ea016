"""How many deployments one Transifex token can serve: the costs of a sync in requests, and a simulated day.

The costs are those of the code (``tests/benchmarks/test_capacity.py`` compares them with what real runs send), the
limit and the schedule are the service's own. Nothing is sent anywhere. ``python -m benchmarks.capacity`` prints the
tables of ``docs/reference/capacity.md``; ``--write`` writes them there.
"""

import argparse
import random
import sys
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from heapq import heapify, heapreplace
from math import ceil
from pathlib import Path

from service.deployments.limits import A_SLOT, BLOCK, SLOT
from service.sync.service.schedule import WHOLE_EVERY
from transifex_client.client.texts import BULK_LIMIT

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "capacity.md"
BEGIN, END = "<!-- made by benchmarks.capacity -->\n", "<!-- end -->\n"

RESOURCES, LANGUAGES = 65, 10
STATISTICS_PAGE = 150
"""Rows of a page of Transifex's statistics."""

MOVED_A_DAY = 40
"""Assumed: how many (resource, language) pairs of a deployment somebody moves in a day, as a busy roll-out does."""

WORKERS = 1
"""Worker processes; each runs one job at a time."""

MINUTES = (15, 30, 60)
DEPLOYMENTS = 200
_DAY = int(WHOLE_EVERY / timedelta(seconds=SLOT))
_A_MINUTE = 60 // SLOT


def idle_pull(resources: int = RESOURCES, languages: int = LANGUAGES) -> int:
    """Return the requests of a pull that finds nothing moved: the pages of the statistics, source language included."""
    return ceil(resources * (languages + 1) / STATISTICS_PAGE)


def pull(moved: int, resources: int = RESOURCES, languages: int = LANGUAGES) -> int:
    """Return the requests of a pull in which so many pairs moved: a listing each, and one look for questions."""
    return idle_pull(resources, languages) + (moved + 1 if moved else 0)


def whole_pull(resources: int = RESOURCES, languages: int = LANGUAGES) -> int:
    """Return the requests of the daily pull of everything."""
    return pull(resources * languages, resources, languages)


def push(changed: int, strings: int = 20, languages: int = LANGUAGES, polls: int = 1) -> int:
    """Return the requests of a push that updates so many resources.

    The list of resources, the project and its languages; for each resource its strings, a listing in each language of
    what the upload drops, the upload and its polls, a look at what became of it, its strings again, and their notes.

    Args:
        changed: how many resources; 0 costs the list alone.
        strings: how many strings of each get other notes.
        languages: of the project.
        polls: how often Transifex is asked until it has taken a file.
    """
    return 1 + (2 + changed * (5 + languages + polls - 1 + ceil(strings / BULK_LIMIT)) if changed else 0)


@dataclass(frozen=True, slots=True)
class Load:
    """A simulated day: requests in each minute, seconds from being due to the end of each pull that was not whole.

    ``whole_hours``: from the first whole pull's start to the last one's end.
    """

    minutes: tuple[int, ...]
    waits: tuple[float, ...]
    whole_hours: float


@dataclass(slots=True)
class _Pull:
    deployment: int
    due: int
    left: int
    whole: bool


def simulate(deployments: int, minutes: int, *, together: bool = False, seed: int = 1) -> Load:
    """Return the second day of so many deployments that are pulled every so many minutes with one token.

    A step is a slot of the limiter, which gives out its requests in blocks to the pulls under way in turn. Transifex is
    taken to answer fast enough, which four listings at a time of up to half a second each are: the limit is full first.

    Args:
        deployments: how many, each of 65 resources in 10 languages.
        minutes: between two pulls of each, give or take a tenth, as the service does.
        together: all were first seen in the same minute, so their whole pulls fall due together; else over the day.
        seed: of chance.
    """
    chance = random.Random(seed)  # a simulation, no secret
    every = minutes * _A_MINUTE
    due = [(int(every * (0.5 + 0.5 * chance.random())), number) for number in range(deployments)]
    heapify(due)
    whole_at = [0 if together else -int(_DAY * chance.random()) for _ in range(deployments)]
    busy: set[int] = set()
    waiting: deque[_Pull] = deque()
    running: deque[_Pull] = deque()
    used, waits, spans = [0] * (2 * _DAY), [], []
    now = 0
    while now < 2 * _DAY or any(one.whole for one in (*waiting, *running)):
        while due[0][0] <= now < 2 * _DAY:
            number = due[0][1]
            heapreplace(due, (now + int(every * (0.9 + 0.2 * chance.random())), number))
            if number in busy:
                continue
            whole = now - whole_at[number] >= _DAY
            whole_at[number] = now if whole else whole_at[number]
            busy.add(number)
            waiting.append(_Pull(number, now, whole_pull() if whole else pull(_moved(chance, minutes)), whole))
        given = 0
        for done in _give(waiting, running):
            given += done[0]
            if done[1] is not None:
                busy.discard(done[1].deployment)
                if now >= _DAY:
                    (spans if done[1].whole else waits).append((done[1].due, now + 1))
        if now < 2 * _DAY:
            used[now] = given
        now += 1
    day = used[_DAY:]
    return Load(
        tuple(sum(day[start : start + _A_MINUTE]) for start in range(0, _DAY, _A_MINUTE)),
        tuple((end - start) * float(SLOT) for start, end in waits),
        (max(end for _, end in spans) - min(start for start, _ in spans)) * SLOT / 3600,
    )


def _moved(chance: random.Random, minutes: int) -> int:
    """Return how many pairs moved since the last pull: of the day's so many as fall into these minutes by chance."""
    share = minutes / (24 * 60)
    return sum(chance.random() < share for _ in range(MOVED_A_DAY))


def _give(waiting: deque[_Pull], running: deque[_Pull]) -> Iterator[tuple[int, _Pull | None]]:
    """Give out one slot's requests; yield how many each block took, with the pull that ended by it."""
    left = A_SLOT
    while left > 0:
        while waiting and len(running) < WORKERS:
            running.append(waiting.popleft())
        if not running:
            return
        one = running.popleft()
        took = min(one.left, BLOCK, left)
        # What is left of a block at the slot's end is lost; within a slot the next pull of the process uses it.
        left -= took
        one.left -= took
        if one.left:
            running.append(one)
        yield took, None if one.left else one


def full_at(minutes: int) -> int:
    """Return the number of deployments whose requests in a day are all that one token may send."""
    cycles = 24 * 60 / minutes
    quiet = (1 - minutes / (24 * 60)) ** MOVED_A_DAY
    a_day = cycles * (idle_pull() + 1 - quiet) + MOVED_A_DAY + whole_pull() - idle_pull() + push(2)
    return int(A_SLOT * _A_MINUTE * 24 * 60 / a_day)


def tables() -> str:
    """Return the costs, and the days of 200 deployments, as the page shows them."""
    lines = ["| what | requests |", "| --- | ---: |"]
    lines += [f"| {what} | {number:,} |" for what, number in (
        ("a pull in which nothing moved", idle_pull()),
        ("a pull in which 1 pair moved", pull(1)),
        ("a pull in which 20 pairs moved", pull(20)),
        ("the daily pull of everything", whole_pull()),
        ("a push in which nothing changed", push(0)),
        ("a push of 1 changed resource", push(1)),
        ("a push of 10 changed resources", push(10)),
    )]  # fmt: skip
    lines += ["", "| every | requests a minute: mean | 95 % | most | a pull ends after: mean | 95 % | most "
              "| everything, all due at once | a pull then, most | full at |",
              "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"]  # fmt: skip
    for minutes in MINUTES:
        load, herd = simulate(DEPLOYMENTS, minutes), simulate(DEPLOYMENTS, minutes, together=True)
        sent, waits = sorted(load.minutes), sorted(load.waits)
        lines.append(
            f"| {minutes} min | {sum(sent) / len(sent):.0f} | {sent[len(sent) * 95 // 100]} | {sent[-1]} "
            f"| {sum(waits) / len(waits):.0f} s | {waits[len(waits) * 95 // 100]:.0f} s | {waits[-1]:.0f} s "
            f"| {herd.whole_hours:.1f} h | {max(herd.waits) / 3600:.1f} h | {full_at(minutes)} deployments |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    """Print the tables, or write them into the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.capacity", description="Capacity of one token.")
    parser.add_argument("--write", action="store_true", help="write the tables into docs/reference/capacity.md")
    made = tables()
    if not parser.parse_args().write:
        sys.stdout.write(made)
        return
    text = PAGE.read_text("utf-8")
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    PAGE.write_text(f"{before}{BEGIN}{made}{END}{after}", "utf-8")


if __name__ == "__main__":
    main()
