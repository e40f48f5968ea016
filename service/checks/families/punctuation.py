"""Punctuation: how a text ends, marks of the right script, brackets in pairs."""

import re
from collections.abc import Iterable, Iterator

from service.checks.families.folding import PLACEHOLDER, blank_out
from service.checks.findings import Finding, Severity, TextCheck, TextPair
from service.checks.locales import find_locale
from service.checks.signs import BRACKET, END_MARK, LATIN_PUNCT
from service.web.telling import code, of_target, say, word

_CLASSES = {
    "full stop": ".。．។။۔።։।॥",
    "question mark": "?？؟፧",
    "exclamation mark": "!！",
    "colon": ":：៖፦፥",
    "semicolon": ";；؛፤",
    "ellipsis": "…",
}
_NAMED = {
    "": word("no mark"),
    "full stop": word("a full stop"),
    "question mark": word("a question mark"),
    "exclamation mark": word("an exclamation mark"),
    "colon": word("a colon"),
    "semicolon": word("a semicolon"),
    "ellipsis": word("an ellipsis"),
}
_CLASS_OF = {mark: name for name, marks in _CLASSES.items() for mark in marks}
# Armenian puts these inside the last word.
_ARMENIAN = {"՞": "question mark", "՜": "exclamation mark", "՝": "colon"}
_BEHIND = " \u00a0\u202f\u200e\u200f\u061c*\"'»”’"
_ELLIPSIS = re.compile(r"\.{2,}$|…$|။{2,}$")
# Among short labels a full stop is a matter of taste; in sentences a lost one is seen.
_WORDS_OF_A_SENTENCE = 4
_LABELS = frozenset({"name", "display_name", "tick_box_label", "option_strings_text", "lookup_values"})
_ASKS = re.compile(
    r"(?:wh(?:at|ich|o|om|ose|ere|en|y)|how|is|are|was|were|do|does|did|has|have|had|can|could|will|would|should)\b",
    re.IGNORECASE,
)
_NOTE = re.compile(r"[?？؟]{3,}$")


def _find_end(pair: TextPair) -> Iterable[Finding]:
    ours, theirs = _end(pair.source), _end(pair.target, armenian=pair.locale == "hy")
    if ours == theirs or _is_forgiven(pair, ours, theirs):
        return ()
    place = len(pair.target.rstrip(_BEHIND)) or len(pair.target)
    told = say(
        "The source text ends with %(ours)s, the translation with %(theirs)s.",
        ours=_NAMED[ours],
        theirs=_NAMED[theirs],
    )
    return (END_PUNCTUATION.finding(place - 1, place, told),)


def _end(text: str, *, armenian: bool = False) -> str:
    text = text.rstrip(_BEHIND)
    if not text:
        return ""
    if armenian and (mark := next((mark for mark in _ARMENIAN if mark in text.rpartition(" ")[2]), "")):
        return _ARMENIAN[mark]
    return "ellipsis" if _ELLIPSIS.search(text) else _CLASS_OF.get(text[-1], "")


def _is_forgiven(pair: TextPair, ours: str, theirs: str) -> bool:
    info = find_locale(pair.locale)
    if info is not None and info.bare_ends and theirs in ("", "full stop"):
        return True
    if not ours:
        return _may_be_added(pair, theirs)
    if {ours, theirs} <= {"full stop", ""}:
        return pair.prop in _LABELS or len(pair.source.split()) < _WORDS_OF_A_SENTENCE or pair.source.endswith("etc.")
    # A Greek question mark aside, these stand for each other in lists and headings.
    return {ours, theirs} <= {"full stop", "semicolon", ""} or {ours, theirs} <= {"ellipsis", "full stop", "colon"}


def _may_be_added(pair: TextPair, theirs: str) -> bool:
    """Say whether the translation may end with a mark of this class where the source text has none."""
    match theirs:
        case "colon":
            return True  # a label may have one
        case "full stop":
            return pair.prop in _LABELS or len(pair.source.split()) < _WORDS_OF_A_SENTENCE
        case "question mark":
            # The source text forgot its own, or a note of the translator stands there, which translator_note names.
            return bool(_ASKS.match(pair.source) or _NOTE.search(pair.target))
    return theirs == "semicolon"


_ARABIC = "\u0620-\u064a\u064b-\u0652\u066e-\u06d3\u06d5-\u06ed\u06fa-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc"
_LATIN_MARK = re.compile(rf"(?<=[{_ARABIC}\u200c)\]»”٠-٩۰-۹])(?P<gap> ?)(?P<mark>[,;?])(?=[\s{_ARABIC}()\[\]«»“”?!]|$)")
_ARABIC_MARKS = {",": "،", ";": "؛", "?": "؟"}


def _find_latin_marks(pair: TextPair) -> Iterator[Finding]:
    for match in _LATIN_MARK.finditer(pair.target):
        mark = match["mark"]
        if match["gap"] and mark != "?":
            continue
        right = _ARABIC_MARKS[mark]
        told = say(
            "%(mark)s is the Latin mark; in this script it is written %(right)s.",
            mark=code(mark),
            right=of_target(right),
        )
        yield LATIN_PUNCT_RTL.finding(*match.span("mark"), told, right)


_BRACKETS = str.maketrans("（）［］【】「」", "()[][][]")
_NOT_BRACKET = re.compile(r"[^()\[\]（）［］【】「」]+")
# Taken out: "a)" before an item, unless it closes a bracket, and faces made of signs.
_ENUMERATOR = re.compile(r"(\([^()\n]*\))|(?:^|(?<=\s))[^\W_]{1,3}\)|[:;]-?[()](?=\s|$)", re.MULTILINE)
_PARTNER = {")": "(", "]": "["}


def _find_brackets(pair: TextPair) -> Iterable[Finding]:
    if _NOT_BRACKET.sub("", pair.source) == _NOT_BRACKET.sub("", pair.target):
        return ()
    ours, theirs = _brackets(pair.source), _brackets(pair.target)
    if ours == theirs:
        return ()
    balanced = _is_balanced(theirs)
    if balanced and (theirs or not ours):
        return ()  # another number of pairs is a matter of style
    if not balanced and not _is_balanced(ours):
        return ()
    if balanced:
        told = say("The brackets of the source text are missing in the translation, perhaps with what stands in them.")
        return (BRACKETS.finding(0, len(pair.target), told),)
    told = say("A bracket is missing or stands the wrong way round.")
    if _is_balanced(theirs.translate(str.maketrans("()[]", ")(]["))):
        told = say("The brackets stand the wrong way round: the opening one comes first, also from right to left.")
    place = next((at for at, char in enumerate(pair.target) if char in "()[]（）［］【】「」"), 0)
    return (BRACKETS.finding(place, place + 1, told),)


def _brackets(text: str) -> str:
    plain = blank_out(PLACEHOLDER, text).translate(_BRACKETS)
    return _NOT_BRACKET.sub("", _ENUMERATOR.sub(lambda match: match[1] or "", plain))


def _is_balanced(brackets: str) -> bool:
    opened: list[str] = []
    for bracket in brackets:
        if bracket in "([":
            opened.append(bracket)
        elif not opened or opened.pop() != _PARTNER[bracket]:
            return False
    return not opened


def _is_arabic(locale: str) -> bool:
    info = find_locale(locale)
    return info is not None and info.script == "Arab"


END_PUNCTUATION = TextCheck(
    "end_punctuation",
    "The translation does not end with the same kind of mark as the source text.",
    Severity.INFORMS,
    "punctuation",
    _find_end,
    END_MARK,
)
LATIN_PUNCT_RTL = TextCheck(
    "latin_punct_rtl",
    "A Latin comma, semicolon or question mark stands in a text of Arabic script.",
    Severity.INFORMS,
    "punctuation",
    _find_latin_marks,
    LATIN_PUNCT,
    _is_arabic,
)
BRACKETS = TextCheck(
    "brackets",
    "Brackets are not closed, stand the wrong way round, or are missing.",
    Severity.INFORMS,
    "punctuation",
    _find_brackets,
    BRACKET,
)
