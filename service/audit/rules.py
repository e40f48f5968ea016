"""The chain that holds the audit together: what an entry's hash is over, and what a broken chain tells."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

FORMAT = "primero-bridge-audit/1"
BEGINNING = "0" * 64
"""What stands for the hash of the entry before the first one."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the audit with its place in the chain; ``at`` is aware."""

    number: int
    at: datetime
    person_id: str | None
    actor: str
    action: str
    deployment_id: int | None
    subject: str
    detail: Mapping[str, Any]
    hash: str


@dataclass(frozen=True, slots=True)
class Mark:
    """One place in the chain: kept elsewhere it proves later that nothing before it was written anew."""

    number: int
    hash: str

    def __str__(self) -> str:
        return f"{self.number}:{self.hash}"


class BreakKind(StrEnum):
    """What is wrong at one place of the chain."""

    CHANGED = "changed"
    MISSING = "missing"
    ORDER = "order"
    UNSEALED = "unsealed"
    OTHER_CHAIN = "other-chain"


@dataclass(frozen=True, slots=True)
class Break:
    """One place where the chain does not hold; ``number`` is the entry's."""

    kind: BreakKind
    number: int
    message: str


def parse_mark(text: str) -> Mark:
    """Return the place that ``NUMBER:HASH`` names.

    Raises:
        ValueError: it is not written so.
    """
    number, _, value = text.strip().partition(":")
    if not (number.isascii() and number.isdigit()) or len(value) != 64 or set(value) - set("0123456789abcdef"):
        raise ValueError(f"{text!r} is no place in the audit: write NUMBER:HASH as `audit verify` prints it")
    return Mark(int(number), value)


def hash_entry(entry: Entry, previous: str) -> str:
    """Return the SHA-256 in hexadecimal digits that the entry has after one with the hash ``previous``.

    It is over the JSON list of format, number, moment (UTC, microseconds), person, actor, action, deployment, subject,
    detail and ``previous``, in ASCII, without spaces, members in order of their names. This never changes.
    """
    moment = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    parts = [
        FORMAT, entry.number, moment, entry.person_id, entry.actor, entry.action, entry.deployment_id, entry.subject,
        entry.detail, previous,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(parts, separators=(",", ":"), sort_keys=True).encode("ascii")).hexdigest()


def check_chain(entries: Iterable[Entry], *, end: Mark | None = None, known: Mark | None = None) -> Iterator[Break]:
    """Yield every place where a chain does not hold.

    Args:
        entries: all of them, in the order they stand.
        end: where the chain ends as far as the service knows; None where nobody tells.
        known: a place that was noted earlier, elsewhere.
    """
    last = Mark(0, BEGINNING)
    seen = known is None
    for entry in entries:
        found = _check_entry(entry, last)
        if found is not None:
            yield found
        if known is not None and entry.number == known.number:
            seen = True
            if entry.hash != known.hash:
                yield Break(BreakKind.OTHER_CHAIN, entry.number, _other(entry.number))
        if found is None or found.kind is not BreakKind.ORDER:
            last = Mark(entry.number, entry.hash)
    if end is not None and last.number < end.number:
        yield Break(BreakKind.MISSING, last.number + 1, _missing(last.number + 1, end.number))
    elif end is not None and end != last:
        yield Break(BreakKind.OTHER_CHAIN, last.number, f"The chain does not end with entry {end.number} as it should.")
    if not seen and known is not None:
        yield Break(BreakKind.MISSING, known.number, f"Entry {known.number}, which was noted, is not there.")


def _check_entry(entry: Entry, last: Mark) -> Break | None:
    if entry.number <= last.number:
        return Break(
            BreakKind.ORDER,
            entry.number,
            f"Entry {entry.number} stands after entry {last.number}: they were reordered.",
        )
    if entry.number > last.number + 1:
        return Break(BreakKind.MISSING, last.number + 1, _missing(last.number + 1, entry.number - 1))
    if hash_entry(entry, last.hash) != entry.hash:
        return Break(
            BreakKind.CHANGED,
            entry.number,
            f"Entry {entry.number} is not what was written, or the one before it is another one.",
        )
    return None


def _missing(first: int, last: int) -> str:
    if first == last:
        return f"Entry {first} is missing."
    return f"The entries {first} to {last} are missing."


def _other(number: int) -> str:
    return f"Entry {number} has another hash than the one that was noted: everything up to it may be written anew."
