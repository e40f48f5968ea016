"""Capital letters, in scripts that have them."""

import re
from collections.abc import Iterable

from service.checks.findings import Finding, Severity, TextCheck, TextPair
from service.checks.locales import find_locale
from service.checks.signs import LOWER, UPPER
from service.web.telling import of_target, say

_FIRST_LETTER = re.compile(r"[^\W\d_]")
_WORD = re.compile(r"[^\W\d_]+")
_ODD = re.compile(r"\b[A-ZÀ-ÖØ-ÞА-ЯЁЄІЇҐԱ-Ֆ]{2,}[a-zß-öø-ÿа-яёєіїґա-և]{2,}")
_MANY = 10


def _find_caps(pair: TextPair) -> Iterable[Finding]:
    source, target = pair.source, pair.target
    if pair.source_signs & UPPER and target[0].islower() and source[0].isupper():
        word = _WORD.match(target)
        if word and word[0] not in source and not (len(target) > word.end() and target[word.end()] in "._@"):
            told = say("The source text begins with a capital letter, the translation does not.")
            return (CAPS.finding(0, 1, told),)
    if not pair.signs & UPPER or target[1:].islower():
        return ()
    if not pair.signs & LOWER:
        return _shouting(pair)
    return _odd(pair)


def _shouting(pair: TextPair) -> Iterable[Finding]:
    letters = _FIRST_LETTER.findall(pair.target)
    if len(letters) <= _MANY or not pair.source_signs & LOWER:
        return ()
    told = say("The translation is written in capital letters throughout, the source text is not.")
    return (CAPS.finding(0, len(pair.target), told),)


def _odd(pair: TextPair) -> Iterable[Finding]:
    return [
        CAPS.finding(
            *match.span(), say("%(word)s has capital letters where a word has none.", word=of_target(match[0]))
        )
        for match in _ODD.finditer(pair.target)
        if match[0] not in pair.source
    ]


def _speaks(locale: str) -> bool:
    info = find_locale(locale)
    return info is not None and info.cased


CAPS = TextCheck(
    "caps",
    "Capital letters stand where none belong, or one is missing at the beginning.",
    Severity.INFORMS,
    "punctuation",
    _find_caps,
    UPPER,
    _speaks,
)
