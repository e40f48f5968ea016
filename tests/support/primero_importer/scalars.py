"""What Ruby's Psych makes of an unquoted YAML scalar.

Psych follows the type rules of YAML 1.1 with habits of its own: commas in numbers, 12:30 as 45000 (the places of a
sexagesimal number are counted from the left), :sym as a symbol, `y` and `n` as texts. The same in Psych 4 and 5.
"""

from __future__ import annotations

import math
import re

from tests.support.primero_importer.ruby import RubyError, Symbol

_NULL = frozenset({"null"})
_TRUE = frozenset({"yes", "true", "on"})
_FALSE = frozenset({"no", "false", "off"})
_FIRST_LETTERS_OF_WORDS = "ytonf~"
_LONGEST_WORD = 5
_NOT_A_WORD = object()

_CLOCK = r"\d{1,2}:\d\d:\d\d(?:\.\d*)?"
_ZONE = r"(?:\s*(?:Z|[-+]\d{1,2}:?(?:\d\d)?))?"
_TIME = re.compile(rf"-?\d{{4}}-\d{{1,2}}-\d{{1,2}}(?:[Tt]|\s+){_CLOCK}{_ZONE}", re.ASCII)
_DATE = re.compile(r"\d{4}-(?:1[0-2]|0?\d)-(?:3[01]|[12]\d|0?\d)", re.ASCII)
_SYMBOL_IN_QUOTES = re.compile(r":([\"'])(.*)\1")
_SEXAGESIMAL = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9]){1,2}")
_SEXAGESIMAL_FLOAT = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9]){1,2}\.[0-9_]*")
_FLOAT = re.compile(r"[-+]?(?:[0-9][0-9_,]*)?\.[0-9]*(?:[eE][-+][0-9]+)?")
_INTEGERS = (
    (2, re.compile(r"[-+]?0b[01_,]+")),
    (8, re.compile(r"[-+]?0[0-7_,]+")),
    (10, re.compile(r"[-+]?(?:0|[1-9](?:[,_]?[0-9])*)")),
    (16, re.compile(r"[-+]?0x[0-9a-fA-F_,]+")),
)
_LEADING_NUMBER = re.compile(r"[-+]?[0-9]+(?:_[0-9]+)*(?:\.[0-9]+(?:_[0-9]+)*)?")


def disallowed(ruby_class: str) -> RubyError:
    """Make the error of `safe_load` for a class that the importer does not permit."""
    return RubyError("Psych::DisallowedClass", f"Tried to load unspecified class: {ruby_class}")


def resolve_plain(text: str) -> object:
    """Return the Ruby value of an unquoted, untagged scalar: None, bool, int, float, Symbol or str.

    Raises RubyError: Psych::DisallowedClass for dates and times (also impossible ones, the class is asked for first),
    ArgumentError for the few texts that look like numbers and are none (`0x_`, `.e+3`).
    """
    if text == "":
        return None
    word = _resolve_word(text)
    if word is not _NOT_A_WORD:
        return word
    if "\n" in text:
        return text
    if _TIME.fullmatch(text):
        raise disallowed("Time")
    if _DATE.fullmatch(text):
        raise disallowed("Date")
    if text.startswith(":") and len(text) > 1:
        return _resolve_symbol(text)
    return _resolve_number(text)


def _resolve_word(text: str) -> object:
    """Recognise null and the booleans, in any case.

    Psych looks at the lines one by one: a folded text of at most five characters ("no", line break, "on") is a boolean.
    """
    if len(text) > _LONGEST_WORD:
        return _NOT_A_WORD
    if text == "~":
        return None
    lines = [line.casefold() for line in text.split("\n")]
    if lines[-1] == "":
        lines.pop()
    if any(line == "" or line[0] not in _FIRST_LETTERS_OF_WORDS for line in lines):
        return _NOT_A_WORD
    for words, value in ((_NULL, None), (_TRUE, True), (_FALSE, False)):
        if words.intersection(lines):
            return value
    return _NOT_A_WORD


def _resolve_symbol(text: str) -> Symbol:
    quoted = _SYMBOL_IN_QUOTES.match(text)
    return Symbol(quoted[2].removeprefix(":") if quoted else text[1:])


def _resolve_number(text: str) -> object:
    special = {".inf": math.inf, "+.inf": math.inf, "-.inf": -math.inf, ".nan": math.nan}.get(text.lower())
    if special is not None:
        return special
    if _SEXAGESIMAL.fullmatch(text):
        return sum(int(_leading_number(part)) * 60 ** (2 - place) for place, part in enumerate(text.split(":")))
    if _SEXAGESIMAL_FLOAT.fullmatch(text):
        return sum(float(_leading_number(part)) * 60 ** (2 - place) for place, part in enumerate(text.split(":")))
    if _FLOAT.fullmatch(text):
        return text if text.strip("+-") == "." else _to_float(text)
    for base, pattern in _INTEGERS:
        if pattern.fullmatch(text):
            return _to_integer(text, base)
    return text


def _leading_number(text: str) -> str:
    """Return what Ruby's `to_i` and `to_f` read at the start of a text: digits and single underscores between them."""
    found = _LEADING_NUMBER.match(text)
    return found[0].replace("_", "") if found else "0"


def _to_float(text: str) -> float:
    digits = re.sub(r"\.([Ee]|$)", r"\1", text.replace(",", "").replace("_", ""))
    return to_float(digits)


def to_float(digits: str) -> float:
    """Convert as Ruby's `Float()`. Raises RubyError (ArgumentError) when the text is no number."""
    try:
        return float(digits)
    except ValueError:
        raise RubyError("ArgumentError", f'invalid value for Float(): "{digits}"') from None


def _to_integer(text: str, base: int) -> int:
    digits = text.replace(",", "").replace("_", "")
    try:
        return int(digits, base)
    except ValueError:
        raise RubyError("ArgumentError", f'invalid value for Integer(): "{digits}"') from None
