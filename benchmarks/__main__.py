"""Measure extraction and print one table.

Each row is one file, read by the bridge and by the peer (orjson and a plain walk that collects the same texts), each in
a process of its own, the best of three rounds. CPU time, so that other work on the machine does not count.
``python -m benchmarks 10000`` measures that size alone.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.configurations import make_configuration
from benchmarks.measuring import Measurement

SIZES = (10_000, 30_000, 100_000)
ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Measure what the arguments name, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure extraction.")
    parser.add_argument("sizes", nargs="*", type=int, default=list(SIZES), help="units of the generated configurations")
    sizes = parser.parse_args().sizes
    table = Table(
        "configuration",
        "units",
        "file MB",
        "CPU s",
        "units/s",
        "µs/unit",
        "peer µs/unit",
        "ratio",
        "peak MB",
        "peer MB",
    )
    with tempfile.TemporaryDirectory() as folder:
        for name, file in _files(sizes, Path(folder)):
            table.add_row(name, *_row(file))
    Console(width=120).print(table)


def _files(sizes: list[int], folder: Path) -> Iterator[tuple[str, Path]]:
    corpus = Path(os.environ.get("BRIDGE_TEST_CORPUS") or ROOT.parent / "shared" / "corpus")
    default = corpus / "primero-default" / "configuration.json"
    if default.is_file():
        yield "Primero's default", default
    else:
        print("Primero's default configuration is not here: set BRIDGE_TEST_CORPUS", file=sys.stderr)
    for size in sizes:
        file = folder / f"{size}.json"
        file.write_text(json.dumps(make_configuration(size), ensure_ascii=False), "utf-8")
        yield "generated", file


def _row(file: Path) -> list[str]:
    ours, peer = _measure("extract", file), _measure("walk", file)
    if ours.texts != peer.texts:
        raise SystemExit(
            f"{file.name}: {ours.texts} texts by the bridge, {peer.texts} by the plain walk: not comparable"
        )
    each, peer_each = (1e6 * one.seconds / one.texts for one in (ours, peer))
    return [
        *(
            f"{ours.texts:,}",
            f"{file.stat().st_size / 1e6:.1f}",
            f"{ours.seconds:.2f}",
            f"{ours.texts / ours.seconds:,.0f}",
        ),
        *(
            f"{each:.1f}",
            f"{peer_each:.1f}",
            f"{each / peer_each:.1f}",
            f"{ours.megabytes:.0f}",
            f"{peer.megabytes:.0f}",
        ),
    ]


def _measure(way: str, file: Path) -> Measurement:
    command = [sys.executable, "-m", "benchmarks.measuring", way, str(file)]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE)
    return Measurement(**json.loads(done.stdout))


if __name__ == "__main__":
    main()
