"""The text as a whole: is there one, and can every sign of it be shown?"""

import unicodedata
from collections.abc import Iterator

from service.checks.findings import Finding, Severity, TextCheck, TextPair
from service.checks.signs import CONTROL, CONTROL_SIGN, is_unseen
from service.web.telling import Said, code, say

_SPECIAL = {
    "\t": (say("A tab stands here; write a space."), " "),
    "\r": (say("A stray carriage return stands here; write a line break."), "\n"),
    "\x85": (say("A next-line control stands here; write a line break."), "\n"),
    "\u2028": (say("A line separator stands here; write a line break."), "\n"),
    "\u2029": (say("A paragraph separator stands here; write a line break."), "\n"),
    "\ufeff": (say("An invisible byte order mark stands here; remove it."), ""),
    "\ufffd": (say("A letter was lost here (�); type it again."), None),
}


def is_invisible(text: str) -> bool:
    """Return whether nothing of the text can be seen: empty, or only spaces, line breaks, marks and fillers."""
    return all(map(is_unseen, text))


def _find_blank(pair: TextPair) -> Iterator[Finding]:
    if is_invisible(pair.target):
        yield BLANK.finding(0, len(pair.target), say("The translation is empty; Primero would draw nothing here."))


def _find_controls(pair: TextPair) -> Iterator[Finding]:
    for match in CONTROL_SIGN.finditer(pair.target):
        char = match[0]
        told, replacement = _SPECIAL.get(char) or _other(char)
        yield CONTROL_CHARS.finding(*match.span(), told, replacement)


def _other(char: str) -> tuple[Said, str | None]:
    sign = code(f"U+{ord(char):04X}")
    if unicodedata.category(char) == "Co":
        # Word writes the bullets of its lists so: only its own font has a picture of them.
        told = say("A sign of one font alone (%(sign)s) stands here, others see a box; type what is meant.", sign=sign)
        return told, None
    return say("An invisible control character (%(sign)s) stands here; remove it.", sign=sign), ""


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
    CONTROL,
)
