"""The text as a whole: is there one, and can every sign of it be shown?"""

import re
import unicodedata
from collections.abc import Iterator

from service.checks.findings import Finding, Severity, TextCheck, TextPair

# Line break is the one control that form texts need (help texts and guidance keep it).
_CONTROL = re.compile("[\0-\t\v-\x1f\x7f-\x9f\ufeff\ufffd]")
_SPECIAL = {
    "\t": ("A tab stands here; write a space.", " "),
    "\r": ("A stray carriage return stands here; write a line break.", "\n"),
    "\x85": ("A next-line control stands here; write a line break.", "\n"),
    "\ufeff": ("An invisible byte order mark stands here; remove it.", ""),
    "\ufffd": ("A letter was lost here (�); type it again.", None),
}
_UNSEEN = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})


def is_invisible(text: str) -> bool:
    """Return whether nothing of the text can be seen: empty, or only spaces, line breaks and invisible marks."""
    return all(unicodedata.category(char) in _UNSEEN for char in text)


def _find_blank(pair: TextPair) -> Iterator[Finding]:
    if is_invisible(pair.target):
        yield BLANK.finding(0, len(pair.target), "The translation is empty; Primero would draw nothing here.")


def _find_controls(pair: TextPair) -> Iterator[Finding]:
    for match in _CONTROL.finditer(pair.target):
        char = match[0]
        fallback = (f"An invisible control character (U+{ord(char):04X}) stands here; remove it.", "")
        message, replacement = _SPECIAL.get(char, fallback)
        yield CONTROL_CHARS.finding(*match.span(), message, replacement)


BLANK = TextCheck(
    "blank",
    "The translation is empty or holds nothing that can be seen.",
    Severity.BLOCKS,
    "content",
    _find_blank,
)
CONTROL_CHARS = TextCheck(
    "control_chars",
    "The text holds a tab, an invisible control character or the mark of a lost letter.",
    Severity.BLOCKS,
    "content",
    _find_controls,
)
