"""Measure writing a bundle's translation files beside PyYAML's C emitter on the same documents.

``python -m benchmarks.bundles [TEXTS]``; the best of five rounds, CPU time.
"""

import argparse
import time
from collections.abc import Callable
from typing import Any

import yaml
from rich.console import Console
from rich.table import Table

from extractors.units import RecordKind, UnitKey
from extractors.writing import translation_documents, yaml_members

ROUNDS = 5
FIELDS = 40


def make_texts(number: int) -> list[tuple[UnitKey, str | None]]:
    """Return texts of forms with forty fields each, some with options."""
    texts: list[tuple[UnitKey, str | None]] = []
    for index in range(number):
        form, field = f"form_{index // FIELDS}", f"field_{index % FIELDS}"
        text = f"Question {index} : l’enfant a-t-il besoin d’aide ?"
        if index % 4:
            texts.append((UnitKey(RecordKind.FORM, form, "display_name", field=field), text))
        else:
            texts.append((UnitKey(RecordKind.FORM, form, "option_strings_text", field=field, option=f"o{index}"), text))
    return texts


def best(work: Callable[[], Any]) -> float:
    """Return the CPU seconds of the fastest round."""
    seconds = []
    for _ in range(ROUNDS):
        start = time.process_time()
        work()
        seconds.append(time.process_time() - start)
    return min(seconds)


def main() -> None:
    """Measure and print one row for each way."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bundles", description="Measure writing bundles.")
    parser.add_argument("texts", nargs="?", type=int, default=5_000, help="how many texts")
    number = parser.parse_args().texts
    texts = make_texts(number)
    documents = translation_documents(texts, "fr")
    ours = best(lambda: yaml_members(texts, "fr"))
    emitted = best(
        lambda: [
            yaml.dump(
                tree, Dumper=yaml.CSafeDumper, default_style='"', allow_unicode=True, sort_keys=False, width=2**31 - 1
            )
            for tree in documents.values()
        ]
    )
    table = Table("way", "texts", "files", "CPU ms", "ratio")
    table.add_row(
        "bundle: placed, quoted, written",
        f"{number:,}",
        str(len(documents)),
        f"{ours * 1000:.1f}",
        f"{ours / emitted:.2f}",
    )
    table.add_row("PyYAML CSafeDumper", f"{number:,}", str(len(documents)), f"{emitted * 1000:.1f}", "1.00")
    Console().print(table)


if __name__ == "__main__":
    main()
