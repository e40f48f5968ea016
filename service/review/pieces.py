"""Cutting a text into the pieces that a page draws: plain words, placeholders, and what a finding is about. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

_PLACEHOLDER = re.compile(r"%\{[^{}\s]*\}")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of characters. A placeholder is drawn left to right by itself; marked: a finding is about it."""

    text: str
    placeholder: bool = False
    marked: bool = False


def cut_pieces(text: str, ranges: Iterable[tuple[int, int]] = ()) -> tuple[Piece, ...]:
    """Return the text cut where findings begin and end, and around placeholders; joined they are the text again.

    Args:
        text: the normalised text.
        ranges: begin and end of each finding, in code points; one over the whole text marks nothing, since there is
            no single place to show.
    """
    marks = [(start, end) for start, end in ranges if 0 <= start < end <= len(text) and (start, end) != (0, len(text))]
    holders = [match.span() for match in _PLACEHOLDER.finditer(text)]
    edges = sorted({0, len(text), *(edge for span in (*marks, *holders) for edge in span)})
    return tuple(
        Piece(
            text[start:end],
            any(first <= start and end <= last for first, last in holders),
            any(first <= start and end <= last for first, last in marks),
        )
        for start, end in pairwise(edges)
    )
