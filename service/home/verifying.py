"""Looking for the texts of a bundle in an export of the instance that it was brought into."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from service.primero.rules.diffing import Verdict, VerifiedText

_SHOWN = 50


def is_verified(rows: Sequence[VerifiedText]) -> bool:
    """Return whether nothing differs; what such an export does not show counts neither way."""
    return all(row.verdict is not Verdict.DIFFERS for row in rows)


def verified_data(rows: Sequence[VerifiedText]) -> dict[str, Any]:
    """Return the answer as plain values; texts that are there are only counted."""
    counts = Counter(row.verdict for row in rows)
    return {
        "counts": {verdict.value: counts[verdict] for verdict in Verdict},
        "texts": [
            {"key": row.key, "verdict": row.verdict.value, "given": row.given, "found": row.found}
            for row in rows
            if row.verdict is not Verdict.VERIFIED
        ],
    }


def verified_lines(rows: Sequence[VerifiedText]) -> Iterable[str]:
    """Return the answer for people."""
    counts = Counter(row.verdict for row in rows)
    yield ", ".join(f"{counts[verdict]:,} {words}" for verdict, words in _WORDS.items())
    differing = [row for row in rows if row.verdict is Verdict.DIFFERS]
    for row in differing[:_SHOWN]:
        yield f"  differs {row.key}: {_said(row.found)} is there, {_said(row.given)} was given"
    if len(differing) > _SHOWN:
        yield f"  … and {len(differing) - _SHOWN:,} more; --json lists all"
    if counts[Verdict.NOT_VISIBLE]:
        yield "hidden fields, tallies and forms in no module are shown by the API or a configuration JSON alone"


_WORDS = {
    Verdict.VERIFIED: "verified",
    Verdict.DIFFERS: "differ",
    Verdict.NOT_VISIBLE: "not visible by this route",
}


def _said(text: str | None) -> str:
    return "nothing" if text is None else repr(text)
