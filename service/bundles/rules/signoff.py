"""Whether a sign-off still holds: a pure function of what it covers and how the texts stand now."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class SignOffState(StrEnum):
    """How a sign-off stands.

    ``valid``: everything it covers that is still to be translated is approved as it was signed, and it covers all that
    is to be translated. ``incomplete``: the same, but texts came that it does not cover. ``invalid``: a text that it
    covers is not approved as it was signed. ``revoked``: a person took it back.
    """

    VALID = "valid"
    INCOMPLETE = "incomplete"
    INVALID = "invalid"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Pair:
    """The hashes of a source text and its translation."""

    source_hash: str
    text_hash: str


@dataclass(frozen=True, slots=True)
class SignOffVerdict:
    """How a sign-off stands, and which units say so.

    Attributes:
        state: the state.
        broken: units whose covered pair is not approved any more.
        uncovered: units in scope that it does not cover.
    """

    state: SignOffState
    broken: tuple[int, ...] = ()
    uncovered: tuple[int, ...] = ()


def judge_sign_off(
    covered: Mapping[int, Pair], current: Mapping[int, Pair | None], *, revoked: bool = False
) -> SignOffVerdict:
    """Return how a sign-off stands.

    Args:
        covered: the pair that was signed, by unit.
        current: every unit of the current snapshot that is to be translated, in the order of the source, with its pair
            of texts where that is approved, else None. Retired and excluded units are not in it, and do not count.
        revoked: whether a person took the sign-off back.
    """
    broken = tuple(unit for unit, pair in current.items() if unit in covered and covered[unit] != pair)
    uncovered = tuple(unit for unit in current if unit not in covered)
    if revoked:
        return SignOffVerdict(SignOffState.REVOKED, broken, uncovered)
    if broken:
        return SignOffVerdict(SignOffState.INVALID, broken, uncovered)
    return SignOffVerdict(SignOffState.INCOMPLETE if uncovered else SignOffState.VALID, broken, uncovered)


def digest_pairs(pairs: Iterable[tuple[str, Pair]]) -> str:
    """Return the SHA-256 that names a set of pairs: what a person saw is compared with it, and it stands printed.

    Args:
        pairs: unit key and pair, in any order.
    """
    lines = sorted(f"{key} {pair.source_hash} {pair.text_hash}\n" for key, pair in pairs)
    return hashlib.sha256("".join(lines).encode()).hexdigest()
