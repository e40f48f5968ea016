"""Hidden direction controls: they can make a text read differently from what it says ("Trojan Source")."""

import re
import unicodedata
from collections.abc import Iterator

from service.checks.findings import Finding, Severity, TextCheck, TextPair
from service.checks.signs import BIDI_CONTROL
from service.web.telling import Put, code, say

_CONTROL = re.compile("[\u202a-\u202e\u2066-\u2069]")
_ISOLATES, _EMBEDDINGS = "\u2066\u2067\u2068", "\u202a\u202b\u202d\u202e"
_POP_ISOLATE, _POP_EMBEDDING = "\u2069", "\u202c"


def _find_bidi(pair: TextPair) -> Iterator[Finding]:
    target = pair.target
    if target.isascii() or not _CONTROL.search(target):
        return
    unbalanced = _unbalanced(target)
    for match in _CONTROL.finditer(target):
        char, place = match[0], match.start()
        if place in unbalanced:
            told = say(
                "A hidden direction control (%(sign)s) is never closed, or closes nothing; "
                "it can make the text read differently from what it says, so remove it.",
                sign=_named(char),
            )
        elif char not in pair.allowed_bidi:
            told = say(
                "A hidden direction control (%(sign)s) is not allowed here; "
                "it can make the text read differently from what it says, so remove it.",
                sign=_named(char),
            )
        else:
            continue
        yield BIDI_UNBALANCED.finding(place, place + 1, told, "")


def _named(char: str) -> Put:
    return code(f"{unicodedata.name(char).lower()}, U+{ord(char):04X}")


def _unbalanced(text: str) -> set[int]:
    """Return the positions of controls without a partner. A paragraph's end closes nothing: controls end with a line.

    Rules X5 to X7 of the Unicode Bidirectional Algorithm: an isolate's end also ends the embeddings opened inside it.
    """
    bad: set[int] = set()
    opened: list[tuple[str, int]] = []
    for place, char in enumerate(text):
        if char == "\n":
            bad.update(position for _, position in opened)
            opened = []
        elif char in _ISOLATES or char in _EMBEDDINGS:
            opened.append((char, place))
        elif char in (_POP_ISOLATE, _POP_EMBEDDING):
            bad.update(_close(char, place, opened))
    return bad | {position for _, position in opened}


def _close(char: str, place: int, opened: list[tuple[str, int]]) -> set[int]:
    """Take what ``char`` closes off the stack; return the positions that this leaves without a partner."""
    if char == _POP_EMBEDDING:
        if not opened or opened[-1][0] in _ISOLATES:
            return {place}
        opened.pop()
        return set()
    if not any(control in _ISOLATES for control, _ in opened):
        return {place}
    left_open: set[int] = set()
    while opened[-1][0] not in _ISOLATES:
        left_open.add(opened.pop()[1])
    opened.pop()
    return left_open


BIDI_UNBALANCED = TextCheck(
    "bidi_unbalanced",
    "A hidden direction control is left open, or is not allowed here; the text may read differently from what it says.",
    Severity.BLOCKS,
    "direction",
    _find_bidi,
    BIDI_CONTROL,
)
