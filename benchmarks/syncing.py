"""Measure pulls from a distant Transifex beside a script with Transifex's own client, and print one table.

Three pulls, one after another: the first, of everything; one with nothing changed; one with 20 texts changed in three
resources and languages. Transifex is the sandbox in a process of its own, every answer of which comes 50 ms late, and
which counts the requests. ``python -m benchmarks.syncing --forms 5 --latency 0`` measures something smaller.
"""

import argparse
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from time import perf_counter, process_time

from rich.console import Console
from rich.table import Table

from benchmarks.sync_peer import Peer, make_peer
from benchmarks.sync_world import LANGUAGES, TOKEN, Remote, World, made_world, running_transifex
from service.deployments.limits import A_SLOT, SLOT
from service.sync.models import RunState
from service.sync.service import RunReport
from service.sync.service.pulling import WORKERS
from transifex_client import Configuration, TransifexClient

CHANGED = (8, 7, 5)
"""Texts changed in each of three resources and languages."""

PAGE = 150
ALLOWED = 500


@dataclass(frozen=True)
class Cost:
    """What one pull of one way took: requests as Transifex counted them, seconds, and CPU seconds of this process."""

    requests: int
    seconds: float
    cpu: float


@dataclass(frozen=True)
class Row:
    """One pull: ours, the script's as the client's manual has it, and the script's with as many threads as ours."""

    name: str
    ours: Cost
    script: Cost
    threaded: Cost


def main() -> int:
    """Measure what the arguments name, print it, and return 1 when an unchanged cycle costs more than it may."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.syncing", description="Measure pulls.")
    parser.add_argument("--forms", type=int, default=65, help="forms, each a resource on Transifex; at least 3")
    parser.add_argument("--units", type=int, default=1400, help="texts of all forms together; at least 8 a form")
    parser.add_argument("--languages", type=int, default=len(LANGUAGES), help="languages; at least 3")
    parser.add_argument("--latency", type=float, default=0.05, help="seconds that every answer comes late")
    given = parser.parse_args()
    # A proxy for the internet would be asked for this machine too, by the peer.
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "*"
    try:
        with tempfile.TemporaryDirectory() as name:
            return _measure(Path(name), given.forms, given.units, LANGUAGES[: given.languages], given.latency)
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130


def _measure(folder: Path, forms: int, units: int, languages: tuple[str, ...], latency: float) -> int:
    with (
        made_world(folder, forms=forms, units=units, languages=languages) as world,
        running_transifex(world, folder) as remote,
        TransifexClient(Configuration(TOKEN, base_url=remote.url)) as client,
    ):
        remote.distance(latency)
        peers = [make_peer(remote.url, TOKEN, world.project, threads) for threads in (1, WORKERS)]
        rows = [_row("everything, for the first time", world, remote, client, peers, world.texts)]
        rows.append(_row("nothing changed", world, remote, client, peers, 0))
        cycle, _ = measure(remote, lambda: (world.push(client), world.pull(client)))
        _change(remote, world, languages)
        name = f"{sum(CHANGED)} texts changed, {len(CHANGED)} pairs"
        rows.append(_row(name, world, remote, client, peers, sum(CHANGED)))
    _print(rows)
    return _conclude(rows, cycle.requests, ceil(forms * (len(languages) + 1) / PAGE) + 1, latency)


def _row(name: str, world: World, remote: Remote, client: TransifexClient, peers: list[Peer], changed: int) -> Row:
    """Let each way pull, and make sure that each found the same number of changed texts."""
    costs = []
    for who, work in [
        ("the bridge", lambda: _changed(world.pull(client))),
        *((str(peer), peer.pull) for peer in peers),
    ]:
        cost, found = measure(remote, work)
        if found != changed:
            raise SystemExit(f"{name}: {who} found {found} texts, {changed} were to be found: not comparable")
        costs.append(cost)
    return Row(name, *costs)


def measure(remote: Remote, work: Callable[[], object]) -> tuple[Cost, object]:
    """Return what the work cost, and what it returned."""
    requests, start, cpu = remote.requests(), perf_counter(), process_time()
    result = work()
    seconds, cpu = perf_counter() - start, process_time() - cpu
    return Cost(remote.requests() - requests, seconds, cpu), result


def _changed(report: RunReport) -> int:
    if report.state not in (RunState.DONE, RunState.NO_CHANGES):
        raise SystemExit(f"The pull ended as {report.state.value}: {report.message}")
    texts = report.outcome["texts"]
    return sum(texts.get(outcome, 0) for outcome in ("filled", "replaced"))


def _change(remote: Remote, world: World, languages: tuple[str, ...]) -> None:
    for number, (resource, language) in zip(CHANGED, zip(world.keys, languages, strict=False), strict=False):
        remote.translate(resource, language, {key: f"changed {key}" for key in world.keys[resource][:number]})


def _print(rows: list[Row]) -> None:
    table = Table("pull", "way", "requests", "beside ours", "s", "beside ours", "CPU s")
    for row in rows:
        ways = ("the bridge", "script, as in the manual", f"script, {WORKERS} threads")
        for way, cost in zip(ways, (row.ours, row.script, row.threaded), strict=True):
            table.add_row(
                row.name if cost is row.ours else "",
                way,
                f"{cost.requests:,}",
                f"{cost.requests / row.ours.requests:.1f}",
                f"{cost.seconds:.2f}",
                f"{cost.seconds / row.ours.seconds:.1f}",
                f"{cost.cpu:.2f}",
                end_section=cost is row.threaded,
            )
    Console(width=120).print(table)


def _conclude(rows: list[Row], cycle: int, allowed: int, latency: float) -> int:
    first = rows[0].ours.requests
    least = (ceil(first / A_SLOT) - 1) * SLOT
    refused = "the first refusal would end it" if first > ALLOWED else "it stays below"
    kept = max(cycle, rows[1].ours.requests) <= allowed
    print(
        f"Every answer comes {latency * 1000:.0f} ms late. The script (benchmarks/sync_peer.py) lists the statistics,\n"
        "then what moved; it keeps the texts in memory, the bridge checks them, writes them to SQLite\n"
        "and asks for new comments where something moved.\n"
        "Neither was held to a number of requests, as nothing on this machine is. Transifex allows\n"
        f"{ALLOWED} a minute: the bridge sends it {A_SLOT} in {SLOT} s, so its first pull takes {least} s there at\n"
        f"least, and the others as long as here. The script keeps no limit: in its first pull, {refused}.\n"
        f"A push and a pull with nothing changed cost {cycle} requests, {allowed} are allowed: "
        f"{'kept' if kept else 'BROKEN'}."
    )
    return 0 if kept else 1


if __name__ == "__main__":
    # Ended politely, it still ends the other process and removes its files.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(main())
