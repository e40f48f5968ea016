"""One measurement, in a process of its own so that its peak memory is its own."""

import json
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

ROUNDS = 3


@dataclass(frozen=True)
class Measurement:
    """What one way of reading one file took: texts found, best CPU seconds of three rounds, peak memory in MB."""

    texts: int
    seconds: float
    megabytes: float


def extract(file: Path) -> int:
    """Read the file as the bridge does, and return how many texts it found in the source locale."""
    from extractors.load import load_source
    from extractors.reading import read_path

    return sum(1 for unit in load_source(read_path(file)).catalog.units if unit.source)


def walk(file: Path) -> int:
    """Collect the same texts by orjson and a plain walk: no keys, no context, no checks. The peer to compare with."""
    import orjson

    found: list[str] = []
    _collect(orjson.loads(file.read_bytes()), found)
    return len(found)


def _collect(node: Any, found: list[str]) -> None:
    if isinstance(node, list):
        for item in node:
            _collect(item, found)
    elif isinstance(node, dict):
        for name, value in node.items():
            if isinstance(value, dict) and (name.endswith("_i18n") or name == "display_text"):
                text = value.get("en")
                if text:
                    found.append(text)
            else:
                _collect(value, found)


WAYS: dict[str, Callable[[Path], int]] = {"extract": extract, "walk": walk}


def measure(way: str, file: Path) -> Measurement:
    """Return what reading the file that way takes in this process."""
    read, best, texts = WAYS[way], float("inf"), 0
    for _ in range(ROUNDS):
        start = time.process_time()
        texts = read(file)
        best = min(best, time.process_time() - start)
    return Measurement(texts, best, peak_megabytes())


def peak_megabytes() -> float:
    """Return the most memory this process ever held, in MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak / 1e3


if __name__ == "__main__":
    print(json.dumps(asdict(measure(sys.argv[1], Path(sys.argv[2])))))
