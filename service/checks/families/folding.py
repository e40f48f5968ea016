"""Ways to see two texts as the same, shared by the families. All but :func:`look` keep the length, so positions stay
true."""

import re
import unicodedata

PLACEHOLDER = re.compile(r"%\{([A-Za-z0-9_]+)\}")
"""A placeholder as Primero's translation library (Ruby's i18n) reads it: ASCII letters, digits and underscore."""

FORMAT_CHAR = re.compile(
    "[\u00ad\u0600-\u0605\u061c\u06dd\u070f\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]"
)
"""A format character (Unicode category Cf) of the Basic Multilingual Plane: it is in the text, and nobody sees it."""

_FOREIGN_DIGIT = re.compile(r"[^\D0-9]")
_FULL_WIDTH_SIGN = re.compile("[\uff01-\uff5e]")
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


def fold_digits(text: str) -> str:
    """Return the text with every Unicode decimal digit (``٣``, ``۳``, ``৩``, ``៣`` …) as ASCII."""
    if text.isascii():
        return text
    return _FOREIGN_DIGIT.sub(lambda match: str(unicodedata.decimal(match[0])), text)


def fold_full_width(text: str) -> str:
    """Return the text with full-width forms (``＜``, ``＠``, ``％`` …) as the ASCII signs they look like."""
    if text.isascii() or not _FULL_WIDTH_SIGN.search(text):
        return text
    return text.translate(_FULL_WIDTH)


def blank_out(pattern: re.Pattern[str], text: str) -> str:
    """Return the text with every match of ``pattern`` overwritten with spaces."""
    return pattern.sub(lambda match: " " * len(match[0]), text)


# Spaces that nobody sees and direction marks. Joiners stay: in Persian and Kurdish they change how a word looks.
_UNSEEN = re.compile("[\u00ad\u200b\u200e\u200f\u2060\ufeff]")


def look(text: str) -> str:
    """Return the form in which two texts that look alike are equal: NFC, case folded, spaces and ends evened."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", unicodedata.normalize("NFC", _UNSEEN.sub("", text)).casefold())
        return " ".join(text.split())
    return " ".join(text.casefold().split())


_TOKEN = re.compile(r"\S+")
_BRACED = re.compile(r"%\{[^{}\n]*\}")


def blank_tokens(text: str, pattern: re.Pattern[str]) -> str:
    """Return the text with every run of signs between spaces in which ``pattern`` is found overwritten with spaces."""
    if not pattern.search(text):
        return text
    return _TOKEN.sub(lambda match: " " * len(match[0]) if pattern.search(match[0]) else match[0], text)


def placeholder_places(text: str) -> frozenset[int]:
    """Return the positions inside of anything like ``%{name}``, which no replacement may touch."""
    return frozenset(place for match in _BRACED.finditer(text) for place in range(*match.span()))
