"""Words that slipped in: notes that translators write to themselves, and a word said twice."""

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from service.checks.findings import Finding, Severity, TextCheck, TextPair
from service.checks.locales import find_locale
from service.checks.signs import NEWLINE, NOTE, ODD_SPACE, SPACE
from service.web.telling import of_target, say

_TRANSLATION = """
    translation traduction traducción tradução traduzione traducere tłumaczenie preklad fordítás çeviri terjemahan
    tafsiri turjumaad hiika tradusaun
    перевод переклад орчуулга թարգմանություն ترجمة ترجمه ژباړه وەرگێڕان وەرگێران অনুবাদ अनुवाद
    भाषांतर การแปล คำแปล ការបកប្រែ ဘာသာပြန် ትርጉም 译文 翻译
"""
_NOTE = re.compile(
    r"\b(?:TODO|FIXME|TBD)\b|[?？؟]{3,}"
    r"|[\[(]\s*(?:translator|note|nota|remarque|ملاحظة|یادداشت|يادداشت|примечание|примітка)\b"
    r"|\b(?:translator['’]?s? note|note du traducteur|n\.?\s?d\.?\s?t\.?\s?:|nota del traductor|nota do tradutor)"
    r"|ملاحظة المترجم"
    rf"|^\s*(?:{'|'.join(_TRANSLATION.split())})\s*[:：]",
    re.IGNORECASE,
)
_ABOUT_TRANSLATION = re.compile(r"\b(?:translat|note|interpret)", re.IGNORECASE)
_UPPER_MARK = re.compile(r"\b(?:TODO|FIXME|TBD)\b")
_TWICE_IS_RIGHT = frozenset({"nous", "vous", "non", "no", "sí", "да", "нет"})


def _find_note(pair: TextPair) -> Iterable[Finding]:
    target = pair.target
    if not pair.signs & NOTE:
        return ()
    match = _NOTE.search(target)
    if match is None or match[0].casefold() in pair.source.casefold():
        return ()
    word = match[0][0].isalpha()
    if word and not _UPPER_MARK.fullmatch(match[0]) and match[0].casefold() in ("todo", "fixme", "tbd"):
        return ()  # "todo" is Spanish and Portuguese for "all"
    if not _UPPER_MARK.match(match[0]) and match[0][0] not in "?？؟" and _ABOUT_TRANSLATION.search(pair.source):
        return ()
    told = say(
        "%(words)s looks like a note of the translator; the people who fill in the form would read it.",
        words=of_target(match[0].strip()),
    )
    return (TRANSLATOR_NOTE.finding(*match.span(), told),)


def _find_repeated(pair: TextPair) -> Iterable[Finding]:
    words = pair.target.split()
    if len(set(words)) == len(words):
        return ()
    return _repeated(pair, words)


def _repeated(pair: TextPair, words: list[str]) -> Iterator[Finding]:
    before = {first for first, second in pairwise(pair.source.split()) if first == second}
    place = 0
    for first, second in pairwise(words):
        start = pair.target.index(first, place)
        place = start + len(first)
        if first == second and not before and first.isalpha() and len(first) > 1 and first not in _TWICE_IS_RIGHT:
            second_at = pair.target.index(second, place)
            told = say("“%(word)s” stands here twice; take one out unless it is meant.", word=of_target(first))
            yield REPEATED_WORD.finding(start, second_at + len(second), told)


def _speaks(locale: str) -> bool:
    info = find_locale(locale)
    return info is not None and not info.reduplicates


TRANSLATOR_NOTE = TextCheck(
    "translator_note",
    "A note that the translator wrote to somebody was left in the text.",
    Severity.WARNS,
    "content",
    _find_note,
    NOTE,
)
REPEATED_WORD = TextCheck(
    "repeated_word",
    "The same word stands twice in a row.",
    Severity.INFORMS,
    "content",
    _find_repeated,
    SPACE | ODD_SPACE | NEWLINE,
    _speaks,
)
