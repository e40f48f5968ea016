"""Signs that nobody sees and that do not belong: they break searches and split words in odd places."""

import re
from collections.abc import Iterator

from service.checks.families.folding import placeholder_places
from service.checks.findings import Finding, Severity, TextCheck, TextPair
from service.checks.locales import find_locale
from service.checks.signs import BIDI_MARK, BREAK, JOINER
from service.web.telling import say, word

# Scripts written without spaces, whose words a zero-width space parts.
_UNSPACED = frozenset({"Khmr", "Mymr", "Thai"})
# Scripts in which a joiner changes how letters look.
_JOINING = frozenset({"Arab", "Beng", "Deva", "Khmr", "Mymr"})
_BREAKS = re.compile("[\u200b\u00ad\u2060\u180e]+")
_BREAKS_AND_JOINERS = re.compile("[\u200b\u00ad\u2060\u180e\u200c\u200d]+")
_JOINERS = re.compile("[\u200c\u200d]+")
_NAMES = {
    "\u200b": word("zero-width space"),
    "\u00ad": word("soft hyphen"),
    "\u2060": word("word joiner"),
    "\u180e": word("Mongolian vowel separator"),
    "\u200c": word("zero-width non-joiner"),
    "\u200d": word("zero-width joiner"),
}
_MARKS = "\u200e\u200f\u061c"


def _find_zero_width(pair: TextPair) -> Iterator[Finding]:
    pattern = _unwanted(pair.locale)
    if pattern is None or not pattern.search(pair.target):
        return
    inside = placeholder_places(pair.target)
    for match in pattern.finditer(pair.target):
        if match[0] in pair.source or match.start() in inside:  # a damaged placeholder is another check's
            continue
        if "\u200d" in match[0] and _between_pictures(pair.target, *match.span()):
            continue
        told = say(
            "An invisible sign (%(sign)s) stands here and keeps a search from finding the word; remove it.",
            sign=_NAMES[match[0][0]],
        )
        yield ZERO_WIDTH.finding(*match.span(), told, "")


def _unwanted(locale: str) -> re.Pattern[str] | None:
    info = find_locale(locale)
    if info is None:
        return None
    if info.script in _UNSPACED:
        return None if info.script in _JOINING else _JOINERS
    return _BREAKS if info.script in _JOINING else _BREAKS_AND_JOINERS


def _between_pictures(text: str, start: int, end: int) -> bool:
    """Tell an emoji made of several, whose parts a joiner holds together."""
    return start > 0 and text[start - 1] >= "\u2600" and text[end : end + 1] >= "\u2600"


def _find_marks(pair: TextPair) -> Iterator[Finding]:
    target = pair.target
    start, end = len(target) - len(target.lstrip(_MARKS)), len(target.rstrip(_MARKS))
    if start:
        told = say("The translation begins with an invisible direction mark; Primero sets the direction itself.")
        yield BIDI_MARKS.finding(0, start, told)
    if end < len(target):
        told = say("The translation ends with an invisible direction mark; Primero sets the direction itself.")
        yield BIDI_MARKS.finding(end, len(target), told)


ZERO_WIDTH = TextCheck(
    "zero_width",
    "An invisible sign that this language does not need stands inside the text.",
    Severity.WARNS,
    "direction",
    _find_zero_width,
    BREAK | JOINER,
)
BIDI_MARKS = TextCheck(
    "bidi_marks",
    "The translation begins or ends with an invisible direction mark.",
    Severity.INFORMS,
    "direction",
    _find_marks,
    BIDI_MARK,
)
