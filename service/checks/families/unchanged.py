"""Texts left in the source language."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from babel import Locale, UnknownLocaleError

from service.checks.families.folding import PLACEHOLDER, blank_out
from service.checks.findings import Finding, Severity, TextCheck, TextPair
from service.checks.locales import UnknownLocale, get_locale
from service.web.telling import say

_ADDRESS = re.compile(r"\S{0,99}(?:://|@|www\.)\S*", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_CODE = re.compile(r"\b[A-Z0-9]{1,5}(?:[-/][A-Z0-9]{1,5})*\b")
_ENOUGH_LETTERS = 3

_INTERNATIONAL = """
    ok sms mms id e-mail email mail internet web wi-fi wifi online app pdf gps qr covid x-ray taxi radio video audio
    whatsapp telegram viber signal facebook skype zoom kobo primero transifex rapidpro rapidftr cpims gbvims
    unicef unhcr iom undp unfpa icrc payam boma
"""
_COGNATES = {
    "fr": """
        accident action adolescent age agent agents assistance audience client clients code commission
        communication communications commune communes condition conditions confirmation consultation consultations
        contact contacts date dates description destination direction discrimination distribution document documents
        education evaluation exploitation format information intervention interventions justification
        migration mission missions module mutilation note notes nation notification observation observations option
        options orientation page pages parent parents participation phase photo photos population position prefecture
        sub-prefecture prevention profession professions protection province provinces question questions
        region religion religions restriction restrictions rural sanction section sections service services session
        sessions signature simple situation site sites solution source sources suggestion suggestions table total
        transition transitions transport type types urgent village villages violence zone zones camp camps
        cousin cousins nature orange palestine timor-leste myanmar swaziland vietnam
    """,
    "es": """
        animal audio capital central civil color control doctor error final general hospital legal local manual
        material mental menor moral normal oral personal plan regional religion rural sexual social similar total
        verbal visual
    """,
    "pt": """
        animal capital central civil data general hospital legal local manual material mental moral normal oral rural
        sexual social total verbal visual
    """,
    "it": "area data email file hotel password privacy",
    "ro": """
        accident adolescent animal capital central civil contact document general hotel legal local manual material
        mental minor moral normal oral personal plan program rural sexual social special student total transport tutor
        urban verbal
    """,
    "id": "data formal hotel legal media mental modern moral normal program radio status total trauma verbal visual",
    "sk": "hotel transport",
    "pl": "hotel plan program status transport",
    "hu": "hotel program",
    "tr": "normal plan program transfer",
}
"""By language: words of forms, and second spellings of countries, that are written as in English: leaving them is
translating them."""


def _find_unchanged(pair: TextPair) -> Iterable[Finding]:
    return _unchanged(pair) if pair.target == pair.source else ()


def _unchanged(pair: TextPair) -> Iterator[Finding]:
    target = pair.target
    if _language(pair.locale) == _language(pair.source_locale):
        return
    words = _WORD.findall(_CODE.sub(" ", blank_out(_ADDRESS, blank_out(PLACEHOLDER, target))))
    international = _words(_INTERNATIONAL)
    left = [word for word in words if word.casefold() not in international and len(word) > 1]
    if sum(map(len, left)) <= _ENOUGH_LETTERS:
        return
    cognates = _words(_COGNATES.get(_language(pair.locale), ""))
    if all(word.casefold() in cognates for word in left) or target.casefold() in _proper_names(pair.locale):
        return
    yield UNCHANGED.finding(0, len(target), say("The translation is the same as the source text."))


def _language(locale: str) -> str:
    return locale.partition("-")[0]


@lru_cache
def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


@lru_cache
def _proper_names(locale: str) -> frozenset[str]:
    """Return the names of countries and languages in a locale, from CLDR: many are spelt as in English."""
    try:
        data = Locale.parse(get_locale(locale).tag, sep="-")
    except (UnknownLocale, UnknownLocaleError):
        return frozenset()
    return frozenset(name.casefold() for name in (*data.territories.values(), *data.languages.values()))


UNCHANGED = TextCheck(
    "unchanged",
    "The translation is the same as the source text, so it may have been left untranslated.",
    Severity.WARNS,
    "content",
    _find_unchanged,
)
