"""Spaces and line breaks: doubled, left at the ends, or not where the source text has them."""

import re
from collections.abc import Iterable, Iterator

from service.checks.findings import Finding, Severity, TextCheck, TextPair
from service.checks.signs import NEWLINE, ODD_SPACE, SPACE
from service.web.telling import say, say_many

_ANY = "[ \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]"
_DOUBLE = re.compile(f"(?<=\\S){_ANY}{{2,}}(?=\\S)")
# Ruby's strip leaves these at the ends, so they would reach the form.
_EDGES = " \n\u00a0\u1680\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
_UNBROKEN = "\u00a0\u202f"
_BROKEN_PROPERTIES = frozenset({"help_text", "guiding_questions", "description", ""})


def _find_double(pair: TextPair) -> Iterable[Finding]:
    if ("  " not in pair.target and not pair.signs & ODD_SPACE) or _DOUBLE.search(pair.source):
        return ()
    return _doubles(pair.target)


def _doubles(target: str) -> Iterator[Finding]:
    for match in _DOUBLE.finditer(target):
        # One that may not be broken stands before a French colon on purpose: it is the one to keep.
        kept = next((char for char in match[0] if char in _UNBROKEN), " ")
        yield DOUBLE_SPACE.finding(*match.span(), say("More than one space stands here; one is enough."), kept)


def _find_edges(pair: TextPair) -> Iterator[Finding]:
    target = pair.target
    start, end = len(target) - len(target.lstrip(_EDGES)), len(target.rstrip(_EDGES))
    if start:
        told = say("The translation begins with a space of a special kind, which would reach the form; remove it.")
        yield EDGE_WHITESPACE.finding(0, start, told, "")
    if end < len(target):
        told = say("The translation ends with a space of a special kind, which would reach the form; remove it.")
        yield EDGE_WHITESPACE.finding(end, len(target), told, "")


def _find_newlines(pair: TextPair) -> Iterator[Finding]:
    ours, theirs = _lines(pair.source), _lines(pair.target)
    if ours == theirs or (theirs < ours and pair.prop not in _BROKEN_PROPERTIES):
        return  # where Primero draws a line break as a space, a missing one is no loss
    told = say_many("The source text has one line.", "The source text has %(num)s lines.", ours)
    told += say_many("The translation has one line.", "The translation has %(num)s lines.", theirs)
    told += say("Break the lines as the source text does.")
    first = pair.target.find("\n")
    place = (first, first + 1) if theirs > ours else (0, len(pair.target))
    yield NEWLINE_COUNT.finding(*place, told)


def _lines(text: str) -> int:
    return sum(1 for line in text.split("\n") if line.strip())


DOUBLE_SPACE = TextCheck(
    "double_space",
    "Two or more spaces stand together, which the source text does not have.",
    Severity.INFORMS,
    "spaces",
    _find_double,
    SPACE | ODD_SPACE,
)
EDGE_WHITESPACE = TextCheck(
    "edge_whitespace",
    "The translation begins or ends with a space that would reach the form.",
    Severity.INFORMS,
    "spaces",
    _find_edges,
    ODD_SPACE,
)
NEWLINE_COUNT = TextCheck(
    "newline_count",
    "The translation has not as many lines as the source text.",
    Severity.WARNS,
    "spaces",
    _find_newlines,
    NEWLINE,
)
