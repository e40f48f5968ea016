"""Measure the checks, and print one table: ``python -m benchmarks.checks``.

Each row is a number of pairs of texts in six languages, checked as single texts, and whole: with the checks over
groups. Both begin with the texts as they are stored; CPU time, the best of some rounds. With ``--peer PYTHON``, an
interpreter of yours that has translate-toolkit, its ``StandardChecker`` runs all its filters over the same pairs in a
process of its own. It is GPL and for this comparison alone: nothing here depends on it.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.texts import Stored, make_pairs
from extractors.units import UnitKey
from service.checks.engine import Scope, TextPair, check_groups, check_text, run_checks

SIZES = (5_000, 15_000, 45_000)
ROUNDS = 3
CARD = 20
ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Measure what the arguments name, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.checks", description="Measure the checks.")
    parser.add_argument("sizes", nargs="*", type=int, default=list(SIZES), help="numbers of pairs")
    parser.add_argument("--peer", metavar="PYTHON", help="an interpreter that has translate-toolkit")
    arguments = parser.parse_args()
    table = Table("texts", "pairs", "pairs/s", "µs/pair", "single texts/s", "peer texts/s", "ratio", "findings")
    for name, pairs in [*_real_pairs(), *((f"generated {size:,}", make_pairs(size)) for size in arguments.sizes)]:
        table.add_row(name, *_row(pairs, arguments.peer))
    console = Console(width=110)
    console.print(table)
    console.print(f"one text with its list of {CARD} options: {1000 * measure_card():.2f} ms")
    if not arguments.peer:
        print("no peer: give an interpreter that has translate-toolkit with --peer", file=sys.stderr)


def _real_pairs() -> list[tuple[str, list[Stored]]]:
    corpus = Path(os.environ.get("BRIDGE_TEST_CORPUS") or ROOT.parent / "shared" / "corpus") / "gbv"
    if not corpus.is_dir():
        print("the real translations are not here: set BRIDGE_TEST_CORPUS", file=sys.stderr)
        return []
    from extractors.load import load, load_source
    from extractors.reading import read_path
    from service.checks.pairing import pair_catalogues

    sources = load_source(read_path(corpus / "en")).catalog
    paired = pair_catalogues(sources, load(read_path(corpus / "fr")).catalog, "fr")
    return [("GBV forms, French", [Stored(pair.key, "fr", pair.source, pair.target) for pair in paired.pairs])]


def _row(stored: Sequence[Stored], peer: str | None) -> list[str]:
    seconds, findings = _best(lambda: check_everything(stored))
    alone, _ = _best(lambda: check_alone(stored))
    other = _measure_peer(peer, stored) if peer else None
    number = len(stored)
    return [
        f"{number:,}",
        f"{number / seconds:,.0f}",
        f"{1e6 * seconds / number:.1f}",
        f"{number / alone:,.0f}",
        f"{number / other:,.0f}" if other else "-",
        f"{other / alone:.1f}" if other else "-",
        f"{findings:,}",
    ]


def _best(run: Callable[[], int]) -> tuple[float, int]:
    best, result = float("inf"), 0
    for _ in range(ROUNDS):
        start = time.process_time()
        result = run()
        best = min(best, time.process_time() - start)
    return best, result


def as_pairs(stored: Sequence[Stored]) -> dict[str, list[TextPair]]:
    """Return the pairs by locale, as they are made of stored rows whose keys are parsed already."""
    pairs: dict[str, list[TextPair]] = defaultdict(list)
    for row in stored:
        pairs[row.locale].append(
            TextPair(row.key, row.source, row.target, row.locale,
                     prop=row.prop, option_set=row.option_set, record=row.record, limit=row.limit)
        )  # fmt: skip
    return pairs


def check_everything(stored: Sequence[Stored]) -> int:
    """Return how many findings the whole catalogue has."""
    found = (run_checks(pairs, locale) for locale, pairs in as_pairs(stored).items())
    return sum(len(findings) for by_key in found for findings in by_key.values())


def check_alone(stored: Sequence[Stored]) -> int:
    """Return how many findings the checks of single texts have."""
    return sum(len(check_text(pair)) for pairs in as_pairs(stored).values() for pair in pairs)


def measure_card() -> float:
    """Return the seconds that one text with its option set takes, from the stored texts on."""
    rows = [(f"Option number {place}", f"الخيار رقم {place}") for place in range(CARD)]

    def check_card() -> int:
        members = [
            TextPair.of(UnitKey.parse(f"form/f/q/option_strings_text/{place}"), source, target, "ar")
            for place, (source, target) in enumerate(rows)
        ]
        return len(check_text(members[0])) + len(check_groups(members, Scope))

    return _best(check_card)[0]


def _measure_peer(python: str, stored: Sequence[Stored]) -> float:
    texts = json.dumps([(row.source, row.target) for row in stored])
    command = [python, str(ROOT / "benchmarks" / "checks_peer.py"), str(ROUNDS)]
    done = subprocess.run(command, check=False, input=texts, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"the peer did not run: {done.stderr.strip().splitlines()[-1:]}")
    return float(done.stdout)


if __name__ == "__main__":
    main()
