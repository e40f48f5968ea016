"""Fails when a Python file is longer than a reader can hold: such a file becomes a folder of the same name."""

import sys
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from tools.repository import ROOT, list_files

LIMIT = 400
# Tests are lists rather than designs.
LONGER = 800
LONGER_FOLDERS = ("tests",)
# A migration is written by a tool, and is one step whatever its length.
FREE_FOLDERS = ("alembic/versions",)


def limit_of(file: PurePosixPath) -> int:
    """Return how many lines the file may have."""
    return LONGER if any(file.is_relative_to(folder) for folder in LONGER_FOLDERS) else LIMIT


def find_long_files(root: Path, files: Iterable[PurePosixPath]) -> list[str]:
    """Return a sentence for every Python file over its limit."""
    sentences = []
    for file in files:
        if file.suffix != ".py" or any(file.is_relative_to(folder) for folder in FREE_FOLDERS):
            continue
        lines = len((root / file).read_bytes().splitlines())
        if lines > limit_of(file):
            sentences.append(f"{file} has {lines} lines, {limit_of(file)} are allowed: make it a folder of that name.")
    return sentences


def main() -> int:
    """Print what is too long and return the exit code."""
    sentences = find_long_files(ROOT, list_files())
    print("\n".join(sentences) or f"No Python file is over {LIMIT} lines (tests: {LONGER}).")
    return 1 if sentences else 0


if __name__ == "__main__":
    sys.exit(main())
