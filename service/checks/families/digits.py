"""Digits: of one kind in a text, and of a kind that the language uses."""

import re
from collections import Counter
from collections.abc import Iterator

from service.checks.families.folding import PLACEHOLDER, blank_out, blank_tokens
from service.checks.findings import Finding, Severity, TextCheck, TextPair
from service.checks.locales import find_locale
from service.checks.signs import DIGIT, FOREIGN_DIGIT
from service.web.telling import code, listed, say

_DIGITS = re.compile(r"\d+")
# COVID-19, Form 5a, H1N1, 2G, an address: figures of a name stay as they are, whatever digits the sentence has.
_NAME = re.compile(r"[A-Za-z@]|://")
_LATIN_NAME = re.compile(r"\b[A-Z][A-Za-z]*[ -][0-9]+")


def _find_mixed(pair: TextPair) -> Iterator[Finding]:
    if not pair.signs & FOREIGN_DIGIT:
        return
    if len(_kinds(pair.target)) < 2:
        return
    text = _without_names(pair.target)
    runs = [(match.span(), _kind(char)) for match in _DIGITS.finditer(text) for char in match[0]]
    counts = Counter(kind for _, kind in runs)
    if len(counts) < 2:
        return
    rare = counts.most_common()[-1][0]
    start, end = next(span for span, kind in runs if kind == rare)
    told = say(
        "%(number)s has other digits than the rest of the text; write all numbers alike.",
        number=code(pair.target[start:end]),
    )
    yield DIGITS_MIXED.finding(start, end, told)


def _without_names(text: str) -> str:
    return blank_tokens(blank_out(_LATIN_NAME, blank_out(PLACEHOLDER, text)), _NAME)


def _kinds(text: str) -> set[int]:
    return {_kind(digit) for digit in set("".join(_DIGITS.findall(text)))}


def _kind(digit: str) -> int:
    """Return the code point of the zero that the digit belongs to."""
    return ord(digit) - int(digit)


def _find_policy(pair: TextPair) -> Iterator[Finding]:
    if not pair.signs & (DIGIT if pair.digits else FOREIGN_DIGIT):
        return
    info = find_locale(pair.locale)
    if info is None:
        return
    own, latin = ord(info.digits[0]), ord("0")
    allowed = {"own": {own}, "latin": {latin}}.get(pair.digits, {own, latin})
    if _kinds(pair.target) <= allowed:
        return
    text = _without_names(pair.target)
    wrong = next((match for match in _DIGITS.finditer(text) if any(_kind(d) not in allowed for d in match[0])), None)
    if wrong is not None and wrong[0] not in pair.source:
        wanted = [code(chr(zero) + "-" + chr(zero + 9)) for zero in sorted(allowed)]
        told = say(
            "%(number)s is not written with the digits of this language (%(wanted)s).",
            number=code(wrong[0]),
            wanted=listed(wanted, "or"),
        )
        yield DIGITS_POLICY.finding(*wrong.span(), told)


DIGITS_MIXED = TextCheck(
    "digits_mixed",
    "Numbers of one text are written with digits of different kinds.",
    Severity.WARNS,
    "numbers",
    _find_mixed,
    FOREIGN_DIGIT,
)
DIGITS_POLICY = TextCheck(
    "digits_policy",
    "The digits are neither those of this language nor the Latin ones, or not those that were chosen for it.",
    Severity.INFORMS,
    "numbers",
    _find_policy,
    DIGIT,
)
