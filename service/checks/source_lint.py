"""What is wrong with a source text itself: told to whoever keeps the configuration, never to reviewers. Pure.

A translator cannot mend a source text, so nothing here blocks a translation or stands on a card.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from service.checks.families.folding import PLACEHOLDER, blank_out
from service.checks.findings import Check, Finding, Severity
from service.web.telling import code, of_source, say

FAMILY = "source"


@dataclass(frozen=True, slots=True)
class SourceText:
    """A normalised source text and what its unit is: the property, such as ``display_name``."""

    source: str
    prop: str = ""
    source_locale: str = "en"


@dataclass(frozen=True, slots=True)
class SourceCheck(Check):
    """A check of a source text alone. ``find`` is pure and gives findings in text order."""

    find: Callable[[SourceText], Iterable[Finding]]


# Primero refuses to save a form's field, so the importer stops at it.
_REFUSED = re.compile(r"[*!@#%$^]+")
_LABELS = frozenset({"display_name"})


def _find_refused(text: SourceText) -> Iterator[Finding]:
    if text.prop in _LABELS and text.source_locale == "en":
        for match in _REFUSED.finditer(text.source):
            told = say(
                "Primero does not save a label with %(signs)s: its importer stops there. Take it out in Primero.",
                signs=code(match[0]),
            )
            yield NAME_CHARS.finding(*match.span(), told)


_OPTIONAL_PLURAL = re.compile(r"[A-Za-z]\((?:s|es|ies|en)\)(?![A-Za-z])")


def _find_plural(text: SourceText) -> Iterator[Finding]:
    for match in _OPTIONAL_PLURAL.finditer(text.source):
        told = say(
            "%(ending)s stands for one or many; many languages cannot write both at once. "
            "Write the plural, or ask for one.",
            ending=of_source(match[0][1:]),
        )
        yield PLURAL.finding(match.start() + 1, match.end(), told)


_ELLIPSIS = re.compile(r"\.{3,}|…")


def _find_ellipsis(text: SourceText) -> Iterator[Finding]:
    for match in _ELLIPSIS.finditer(text.source):
        told = say(
            "%(dots)s leaves open how the text goes on, so each translator guesses. Say it in words.",
            dots=of_source(match[0]),
        )
        yield ELLIPSIS.finding(*match.span(), told)


_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_MOST_OF_A_SHORT_FORM = 6


def _find_capitals(text: SourceText) -> Iterator[Finding]:
    """Find stretches of capital words that are no short forms: two words or more, or one that is too long for one."""
    plain = blank_out(PLACEHOLDER, text.source)
    words = list(_WORD.finditer(plain))
    start = 0
    while start < len(words):
        end = start
        while end < len(words) and _is_shouted(words[end][0]):
            end += 1
        stretch = [match[0] for match in words[start:end]]
        if any(len(word) > _MOST_OF_A_SHORT_FORM for word in stretch) or sum(len(word) > 3 for word in stretch) > 1:
            span = words[start].start(), words[end - 1].end()
            told = say(
                "%(words)s is written in capitals: most scripts have none, so the stress is lost. Write small letters.",
                words=of_source(plain[slice(*span)]),
            )
            yield CAPITALS.finding(*span, told)
        start = max(end, start + 1)


def _is_shouted(word: str) -> bool:
    return len(word) > 1 and word.isupper()


# Short forms that people who fill in a form know, or that stand as they are in every language.
_KNOWN = frozenset(
    """
    ID IDs UN UNICEF UNHCR SMS MMS GPS QR HIV AIDS AM PM USD EUR OK FAQ URL HTML NGO NGOs TV DVD SIM PIN IT
    PDF CSV TXT DOC DOCX XLS XLSX JPG JPEG PNG GIF
    """.split()  # noqa: SIM905
)
_SHORT_FORM = re.compile(r"(?<![\w-])[A-Z][A-Za-z]*[A-Z](?:s\b)?(?![\w-])")
_EXPLAINED = re.compile(r"\(([^()]*)\)")


def _find_jargon(text: SourceText) -> Iterator[Finding]:
    plain = blank_out(PLACEHOLDER, text.source)
    for match in _SHORT_FORM.finditer(plain):
        word = match[0]
        if word in _KNOWN or not _is_short_form(word) or _is_explained(word, plain):
            continue
        told = say(
            "%(word)s is not written out: who does not know it translates it wrongly, or not at all. "
            "Write it out, or put the words behind it in brackets.",
            word=of_source(word),
        )
        yield JARGON.finding(*match.span(), told)


def _is_short_form(word: str) -> bool:
    bare = word.removesuffix("s")
    return bare.isupper() and 2 <= len(bare) <= _MOST_OF_A_SHORT_FORM


def _is_explained(word: str, text: str) -> bool:
    """Say whether the words stand beside it in brackets, or it stands in brackets behind its words."""
    bare = word.removesuffix("s")
    letters = re.escape(bare[0]) + "".join(rf".*?\b(?i:{re.escape(letter)})" for letter in bare[1:])
    outside = text.replace(word, " ")
    return re.search(rf"\b(?i:{letters})", outside, re.DOTALL) is not None


NAME_CHARS = SourceCheck(
    "source_name_chars", "Primero refuses a label with one of * ! @ # % $ ^.", Severity.BLOCKS, FAMILY, _find_refused
)
PLURAL = SourceCheck(
    "source_plural", "One or many are asked for at once, as in child(ren) or name(s).", Severity.INFORMS, FAMILY,
    _find_plural,
)  # fmt: skip
ELLIPSIS = SourceCheck(
    "source_ellipsis", "Three dots stand where words should.", Severity.INFORMS, FAMILY, _find_ellipsis
)
CAPITALS = SourceCheck(
    "source_capitals", "Words are written in capital letters.", Severity.INFORMS, FAMILY, _find_capitals
)
JARGON = SourceCheck("source_jargon", "A short form is not written out.", Severity.INFORMS, FAMILY, _find_jargon)

SOURCE_CHECKS = (NAME_CHARS, PLURAL, ELLIPSIS, CAPITALS, JARGON)


def lint_source(text: SourceText) -> tuple[Finding, ...]:
    """Return what is wrong with one source text."""
    return tuple(finding for check in SOURCE_CHECKS for finding in check.find(text))
