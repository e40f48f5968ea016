"""Is it the right language? Its script, its letters, and the wrong twins that another keyboard gives."""

import re
from collections.abc import Callable, Iterable, Iterator

from service.checks.families.folding import blank_out, blank_tokens, placeholder_places
from service.checks.findings import Finding, GroupCheck, Scope, Severity, TextCheck, TextGroup, TextPair
from service.checks.locales import LocaleInfo, find_locale
from service.checks.signs import ANY_SCRIPT, ARABIC_FORM, SCRIPTS, TATWEEL, kinds_of_sign
from service.web.telling import Said, language, listed, of_target, say, share, word

_ENOUGH = 0.6
SCRIPT_WORDS = {
    "Latn": word("Latin script"),
    "Arab": word("Arabic script"),
    "Beng": word("Bengali script"),
    "Khmr": word("Khmer script"),
    "Thai": word("Thai script"),
    "Mymr": word("Burmese script"),
    "Deva": word("Devanagari script"),
    "Cyrl": word("Cyrillic script"),
    "Ethi": word("Ethiopic script"),
    "Armn": word("Armenian script"),
    "Hans": word("Chinese script"),
}
"""The scripts of Primero's locales by ISO 15924 code, as a reviewer calls them."""
_ADDRESS = re.compile(r"://|@|www\.")
_LATIN_WORD = re.compile(r"[A-Za-z]+")
# The name in a placeholder is Latin in every language, also where the placeholder is damaged.
_BRACED = re.compile(r"%\s{0,3}\{[^{}\n]{0,60}\}?")


def _find_script(pair: TextPair) -> Iterable[Finding]:
    info = find_locale(pair.locale)
    if info is None:
        return ()
    present = pair.signs & ANY_SCRIPT
    if present == SCRIPTS[info.script] or not present or pair.target == pair.source:
        return ()
    own, letters = _count(pair, SCRIPTS[info.script])
    if not letters or own >= _ENOUGH * letters:
        return ()
    script, name = SCRIPT_WORDS[info.script], language(info)
    told = say("No letter is in %(script)s, in which %(language)s is written.", script=script, language=name)
    if own:
        told = say(
            "%(share)s of the letters are in %(script)s, in which %(language)s is written.",
            share=share(round(100 * own / letters)),
            script=script,
            language=name,
        )
    return (SCRIPT_MISMATCH.finding(0, len(pair.target), told),)


def _count(pair: TextPair, script: int) -> tuple[int, int]:
    """Return how many letters are of the script, and how many there are, but for names kept as they are."""
    known = set(_LATIN_WORD.findall(pair.source))
    text = blank_tokens(blank_out(_BRACED, pair.target), _ADDRESS)
    text = _LATIN_WORD.sub(lambda match: "" if _is_kept(match[0], known) else match[0], text)
    kinds = [kinds_of_sign(char) & ANY_SCRIPT for char in text]
    own = sum(1 for kind in kinds if kind == script)
    letters = sum(1 for kind in kinds if kind)
    return own, letters


def _is_kept(word: str, known: set[str]) -> bool:
    """Say whether a Latin word is an acronym, the letter of a list, or a name that the source text has too."""
    return len(word) == 1 or word.isupper() or (word in known and word[0].isupper())


_BATCH = 30
_MARKED, _STRANGE = 0.05, 0.25


def _find_language(group: TextGroup) -> Iterator[tuple[str, Finding]]:
    info = find_locale(group.members[0].locale)
    if info is None or not (info.markers or info.strangers) or len(group.members) < _BATCH:
        return
    script = SCRIPTS[info.script]
    texts = [pair for pair in group.members if pair.signs & script and pair.target != pair.source]
    if len(texts) < _BATCH:
        return
    trouble = _trouble(info, [set(pair.target.lower()) for pair in texts])
    if trouble:
        # Said once for all of them, at the first: the trouble is with the lot.
        first = texts[0]
        yield first.key, WRONG_LANGUAGE.finding(0, len(first.target), trouble)


def _trouble(info: LocaleInfo, texts: list[set[str]]) -> Said:
    strange = sum(not info.strangers.isdisjoint(letters) for letters in texts)
    if strange > _STRANGE * len(texts):
        return say(
            "%(some)s of the %(all)s texts of this form or list hold letters that %(language)s does not have; "
            "they may be in another language.",
            some=strange,
            all=len(texts),
            language=language(info),
        )
    marked = sum(not info.markers.isdisjoint(letters) for letters in texts)
    if info.markers and marked < _MARKED * len(texts):
        return say(
            "Only %(some)s of the %(all)s texts of this form or list hold any of the letters "
            "%(letters)s, which %(language)s cannot do without; they may be in another language.",
            some=marked,
            all=len(texts),
            letters=of_target(" ".join(sorted(info.markers))),
            language=language(info),
        )
    return []


def _find_twins(pair: TextPair) -> Iterable[Finding]:
    info = find_locale(pair.locale)
    if info is None:
        return ()
    inside = placeholder_places(pair.target)
    places = [place for place, char in enumerate(pair.target) if char in info.twins and place not in inside]
    if not places:
        return ()
    start, end = places[0], places[-1] + 1
    wrong = set(places)
    right = "".join(info.twins[char] if place in wrong else char for place, char in enumerate(pair.target))[start:end]
    used = [(bad, good) for bad, good in info.twins.items() if bad in pair.target]
    told = say(
        "An Arabic keyboard was used: %(wrong)s instead of %(right)s. "
        "They look alike, but a search does not find the word.",
        wrong=listed([of_target(bad) for bad, _ in used]),
        right=listed([of_target(good) for _, good in used]),
    )
    return (ARABIC_YEH_KAF.finding(start, end, told, right),)


_ARABIC_SIGN = "[\u0620-\u063f\u0641-\u064a\u064b-\u065f\u0670-\u06d3\u06d5\u06fa-\u06ff\u0750-\u077f]"
# ب, ك and ل before a name or a number, and ه as the short form of a word, are written with it.
_KASHIDA = re.compile(rf"(?<={_ARABIC_SIGN})(?<![بكلکه])\u0640+(?={_ARABIC_SIGN})|(?<={_ARABIC_SIGN})\u0640{{2,}}")


def _find_kashida(pair: TextPair) -> Iterator[Finding]:
    if pair.source_signs & TATWEEL:
        return
    inside = placeholder_places(pair.target)
    for match in _KASHIDA.finditer(pair.target):
        if match.start() not in inside:
            told = say("A stretching line stands inside the word; a search does not find a word with it, so remove it.")
            yield KASHIDA.finding(*match.span(), told, "")


def _for_rows(wanted: Callable[[LocaleInfo], bool]) -> Callable[[str], bool]:
    def speaks(locale: str) -> bool:
        info = find_locale(locale)
        return info is not None and wanted(info)

    return speaks


SCRIPT_MISMATCH = TextCheck(
    "script_mismatch",
    "Most letters are not of the script in which this language is written.",
    Severity.WARNS,
    "language",
    _find_script,
    ANY_SCRIPT,
)
WRONG_LANGUAGE = GroupCheck(
    "wrong_language",
    "The texts of a whole form or list lack the letters of this language, or have those of another.",
    Severity.WARNS,
    "language",
    Scope.RECORD,
    _find_language,
)
ARABIC_YEH_KAF = TextCheck(
    "arabic_yeh_kaf",
    "Arabic letters stand where this language has its own, which look the same.",
    Severity.WARNS,
    "language",
    _find_twins,
    ARABIC_FORM,
    _for_rows(lambda info: bool(info.twins)),
)
KASHIDA = TextCheck(
    "kashida",
    "A word of Arabic script is stretched with a line.",
    Severity.INFORMS,
    "language",
    _find_kashida,
    TATWEEL,
    _for_rows(lambda info: info.script == "Arab"),
)
