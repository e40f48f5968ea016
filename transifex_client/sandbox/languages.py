"""The languages that the sandbox knows, with their plural categories (from CLDR through Babel)."""

from dataclasses import dataclass
from functools import cache

from babel import Locale
from babel.core import UnknownLocaleError

CLDR_CATEGORIES = ("zero", "one", "two", "few", "many", "other")

_CODES = """
aa af ak am ar ar_DZ ar_EG ar_IQ ar_JO ar_LB ar_LY ar_MA ar_SA ar_SD ar_SY ar_TN ar_YE as az be bg bm bn bn_BD bs ca
ckb cmn cs cy da de de_AT de_CH dv el en en_AU en_CA en_GB en_US es es_AR es_CL es_CO es_EC es_GT es_HN es_MX es_NI
es_PE es_SV es_VE et eu fa fa_AF fa_IR ff fi fil fr fr_BE fr_CA fr_CH ga gl gu guc ha he hi hi_IN hr ht hu hy id ig is
it ja jv ka kk km kn ko ku ku_IQ kmr ky lg ln lo lt lv mg mk ml mn mr ms mt my nb ne nl nn ny om or pa pl ps pt pt_BR
pt_PT qu ro ru rw sd si sk sl sn so so_SO sq sr sr@latin ss st sv sw sw_KE sw_TZ ta te tet tg th ti tk tl tn tr ts ug
uk ur uz vi wo xh yo zh zh_CN zh_TW zh-Hans zh-Hant zu
"""
_RIGHT_TO_LEFT = {"ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "ku_IQ"}
_MODIFIERS = {"sr@latin": "sr_Latn", "ku_IQ": "ku", "fil": "fil"}


@dataclass(frozen=True, slots=True)
class KnownLanguage:
    """A language: its code on Transifex, English name, direction and plural categories in CLDR's order."""

    code: str
    name: str
    rtl: bool
    categories: tuple[str, ...]


@cache
def known_languages() -> dict[str, KnownLanguage]:
    """Return every language the sandbox knows, by code."""
    return {code: _describe(code) for code in sorted(_CODES.split())}


def categories_of(code: str) -> tuple[str, ...]:
    """Return the plural categories of a known language; a language that Babel does not know has ``other`` alone."""
    return known_languages()[code].categories


def _describe(code: str) -> KnownLanguage:
    rtl = code in _RIGHT_TO_LEFT or code.partition("_")[0] in _RIGHT_TO_LEFT
    try:
        locale = Locale.parse(_MODIFIERS.get(code, code).replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return KnownLanguage(code, code, rtl, ("other",))
    present = {*locale.plural_form.tags, "other"}
    categories = tuple(category for category in CLDR_CATEGORIES if category in present)
    return KnownLanguage(code, locale.english_name or code, rtl, categories)
