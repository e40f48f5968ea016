"""The languages Primero ships, one row each.

A table of our own, because public ones are wrong where it hurts: CLDR knows ``ku`` as left-to-right Latin script, while
Primero means Sorani in Arabic script, and does not know ``ku-IQ``, ``aeb`` or ``tet`` at all. Codes and direction are
those of Primero's locale initializer (2026-08); names, plural categories and digits are CLDR's wherever CLDR is right.
What the checks need beside that (letters that give a language away, wrong twins of letters) no public table has.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Direction = Literal["ltr", "rtl"]


class UnknownLocale(LookupError):
    """Primero does not ship this locale."""


@dataclass(frozen=True, slots=True)
class LocaleInfo:
    """What the service knows of one locale.

    Attributes:
        code: Primero's code, the name of the locale everywhere in the service.
        tag: the BCP 47 language tag for ``lang`` attributes.
        script: ISO 15924 code of the script it is written in here.
        direction: ``ltr`` or ``rtl``.
        name: in English.
        native_name: in itself.
        plurals: CLDR cardinal categories, in CLDR's order.
        digits: the ten decimal digits of its own, 0 to 9; ASCII where it has none.
        markers: letters so common in it that of many texts hardly one is without any; "" where it has none.
        strangers: letters that it does not write, and that languages mistaken for it do.
        twins: letters that look like its own and are not, with the right one: ``{"ي": "ی"}``.
        reduplicates: whether saying a word twice is ordinary in it ("ልዩ ልዩ", "various").
        bare_ends: whether its sentences and questions may end without a mark.
    """

    code: str
    tag: str
    script: str
    direction: Direction
    name: str
    native_name: str
    plurals: tuple[str, ...]
    digits: str
    markers: frozenset[str] = frozenset()
    strangers: frozenset[str] = frozenset()
    twins: Mapping[str, str] = field(default_factory=dict, hash=False)
    reduplicates: bool = False
    bare_ends: bool = False

    @property
    def cased(self) -> bool:
        """Return whether its script has capital letters."""
        return self.script in _CASED_SCRIPTS

    @property
    def transifex_code(self) -> str:
        """Return the code Transifex uses by default; a deployment may map another one."""
        return self.code.replace("-", "_")


_ASCII = "0123456789"
_ARABIC = "٠١٢٣٤٥٦٧٨٩"
_EXTENDED_ARABIC = "۰۱۲۳۴۵۶۷۸۹"
_DEVANAGARI = "०१२३४५६७८९"
_BENGALI = "০১২৩৪৫৬৭৮৯"
_KHMER = "០១២៣៤៥៦៧៨៩"
_BURMESE = "၀၁၂၃၄၅၆၇၈၉"
_THAI = "๐๑๒๓๔๕๖๗๘๙"

_OTHER = ("other",)
_TWO = ("one", "other")
_ROMANCE = ("one", "many", "other")
_SLAVIC = ("one", "few", "many", "other")
_SIX = ("zero", "one", "two", "few", "many", "other")

_RTL_SCRIPTS = frozenset({"Arab"})
_CASED_SCRIPTS = frozenset({"Latn", "Cyrl", "Armn"})

# Letters by which the languages of Arabic script tell themselves apart.
_PASHTO = "ټډړږښڼۍې"
_PERSIAN = "پچژگ"
_SORANI = "ڕڵۆێە"
_KURDISH = "ۆێەڤ"
_NOT_KURDISH = "ثذضظ"
# Arabic keyboards give these; in Persian and Kurdish they are other letters, so that a search does not find the word.
_YEH_AND_KAF = {"ي": "ی", "ك": "ک"}
_KAF = {"ك": "ک"}


def _row(
    code: str,
    name: str,
    native_name: str,
    plurals: tuple[str, ...] = _TWO,
    *,
    script: str = "Latn",
    digits: str = _ASCII,
    tag: str = "",
    letters: tuple[str, str] = ("", ""),
    twins: Mapping[str, str] | None = None,
    twice: bool = False,
    bare: bool = False,
) -> LocaleInfo:
    direction: Direction = "rtl" if script in _RTL_SCRIPTS else "ltr"
    markers, strangers = map(frozenset, letters)
    return LocaleInfo(
        code, tag or code, script, direction, name, native_name, plurals, digits,
        markers, strangers, twins or {}, twice, bare,
    )  # fmt: skip


def _arabic(code: str, name: str, native_name: str, *, digits: str = _ARABIC) -> LocaleInfo:
    letters = ("", f"{_PASHTO}{_PERSIAN}{_SORANI}{_KURDISH}یک")
    return _row(code, name, native_name, _SIX, script="Arab", digits=digits, letters=letters)


def _spanish(code: str, name: str, native_name: str) -> LocaleInfo:
    return _row(code, name, native_name, _ROMANCE, letters=("áéíóúñ¿", "ãõçâêô"))


def _portuguese(code: str, name: str, native_name: str) -> LocaleInfo:
    return _row(code, name, native_name, _ROMANCE, letters=("ãõçáéíóúâêôà", "ñ¿"))


ALL_LOCALES: tuple[LocaleInfo, ...] = (
    _row("en", "English", "English"),
    _arabic("ar", "Arabic", "العربية"),
    _arabic("ar-IQ", "Arabic (Iraq)", "العربية (العراق)"),
    _arabic("ar-JO", "Arabic (Jordan)", "العربية (الأردن)"),
    _arabic("ar-LB", "Arabic (Lebanon)", "العربية (لبنان)"),
    _arabic("ar-SD", "Arabic (Sudan)", "العربية (السودان)"),
    _row("bn", "Bangla", "বাংলা", script="Beng", digits=_BENGALI, twice=True),
    _spanish("es", "Spanish", "español"),
    _spanish("es-GT", "Spanish (Guatemala)", "español (Guatemala)"),
    _row(
        "fa-AF",
        "Dari",
        "دری",
        script="Arab",
        digits=_EXTENDED_ARABIC,
        letters=(_PERSIAN, f"{_PASHTO}{_SORANI}{_KURDISH}"),
        twins=_YEH_AND_KAF,
        twice=True,
    ),
    _row("fr", "French", "français", _ROMANCE, letters=("éèêàçùâîôœ’'", "ñãõ¿")),
    _row("id", "Indonesian", "Indonesia", _OTHER, twice=True),
    _row("km", "Khmer", "ខ្មែរ", _OTHER, script="Khmr", digits=_KHMER, twice=True, bare=True),
    _row(
        "ku",
        "Kurdish (Sorani)",
        "کوردی (سۆرانی)",
        script="Arab",
        digits=_ARABIC,
        tag="ckb",
        # Sorani has ڤ in a few words only; in Badini every third text of a form holds one.
        letters=(_SORANI, f"{_PASHTO}ڤ{_NOT_KURDISH}"),
        twins=_YEH_AND_KAF,
        twice=True,
    ),
    _row(
        "ku-IQ",
        "Kurdish (Badini)",
        "کوردی (بادینی)",
        script="Arab",
        digits=_ARABIC,
        tag="kmr-Arab-IQ",
        letters=(_KURDISH, f"{_PASHTO}ڵ{_NOT_KURDISH}"),
        twins=_YEH_AND_KAF,
        twice=True,
    ),
    _row("my", "Burmese", "မြန်မာ", _OTHER, script="Mymr", digits=_BURMESE, twice=True, bare=True),
    _row(
        "ps-AF",
        "Pashto",
        "پښتو",
        script="Arab",
        digits=_EXTENDED_ARABIC,
        letters=(_PASHTO, f"{_SORANI}{_KURDISH}"),
        twins=_KAF,
        twice=True,
    ),
    _portuguese("pt", "Portuguese", "português"),
    _portuguese("pt-BR", "Portuguese (Brazil)", "português (Brasil)"),
    _row("so", "Somali", "Soomaali", twice=True),
    _row("sw-KE", "Swahili (Kenya)", "Kiswahili (Kenya)", twice=True),
    _row("sw-TZ", "Swahili (Tanzania)", "Kiswahili (Tanzania)", twice=True),
    _row("th", "Thai", "ไทย", _OTHER, script="Thai", digits=_THAI, twice=True, bare=True),
    _row("ne", "Nepali", "नेपाली", script="Deva", digits=_DEVANAGARI, twice=True),
    _row("ro", "Romanian", "română", ("one", "few", "other"), letters=("ăâîșțşţ", "")),
    _row("ru", "Russian", "русский", _SLAVIC, script="Cyrl", letters=("ыэюя", "іїєґўө")),
    _row("uk", "Ukrainian", "українська", _SLAVIC, script="Cyrl", letters=("іїєґ", "ыэъё")),
    _row("pl", "Polish", "polski", _SLAVIC, letters=("ąćęłńóśźż", "")),
    _row("sk", "Slovak", "slovenčina", _SLAVIC, letters=("áäčďéíľňóôšťúýž", "")),
    _row("hu", "Hungarian", "magyar", letters=("áéíóöőúüű", "")),
    _spanish("es-ES", "Spanish (Spain)", "español (España)"),
    _row("om", "Oromo", "Oromoo", twice=True),
    _row("am-ET", "Amharic", "አማርኛ", script="Ethi", twice=True),
    _row("tr", "Turkish", "Türkçe", letters=("ığşçöü", ""), twice=True),
    _row("cmn", "Chinese (Mandarin, Simplified)", "中文（简体）", _OTHER, script="Hans", tag="zh-Hans", twice=True),
    _row("tet", "Tetum", "Tetun", _OTHER, twice=True),
    # Tunisia writes the digits of the West; CLDR agrees for ar-TN.
    _arabic("aeb", "Arabic (Tunisian)", "العربية التونسية", digits=_ASCII),
    _arabic("ar-SY", "Arabic (Syria)", "العربية (سوريا)"),
    _row("it", "Italian", "italiano", _ROMANCE),
    _row("ti", "Tigrinya", "ትግርኛ", script="Ethi", twice=True),
    _row("mn", "Mongolian", "монгол", script="Cyrl", letters=("өү", "іїєґ"), twice=True),
    _row("hy", "Armenian", "հայերեն", script="Armn", twice=True, bare=True),
    _portuguese("pt-AO", "Portuguese (Angola)", "português (Angola)"),
    _portuguese("pt-MZ", "Portuguese (Mozambique)", "português (Moçambique)"),
    _row("hi-IN", "Hindi", "हिन्दी", script="Deva", digits=_DEVANAGARI, twice=True),
    _row("mr", "Marathi", "मराठी", script="Deva", digits=_DEVANAGARI, twice=True),
)
"""In the order of Primero's own list."""

_BY_CODE = {info.code: info for info in ALL_LOCALES}


def get_locale(code: str) -> LocaleInfo:
    """Return the row of a locale.

    Raises:
        UnknownLocale: Primero does not ship it; the message says what to write instead where that can be told.
    """
    try:
        return _BY_CODE[code]
    except KeyError:
        raise UnknownLocale(_unknown(code)) from None


def parent_locale(code: str) -> str | None:
    """Return the locale of which ``code`` is the country variant: ``ar`` of ``ar-IQ``; None where there is none.

    ``ku-IQ`` is none of ``ku``: Badini and Sorani are two languages.
    """
    head, _, country = code.partition("-")
    if not country or head not in _BY_CODE or code not in _BY_CODE:
        return None
    here, there = _BY_CODE[code], _BY_CODE[head]
    same = here.tag.split("-")[0] == there.tag.split("-")[0] and here.script == there.script
    return head if same else None


def _unknown(code: str) -> str:
    wanted = code.replace("_", "-").casefold()
    near = next((known for known in _BY_CODE if known.casefold() == wanted), None)
    if near:
        return f"{code!r} is not written as Primero writes it; write {near}."
    return f"Primero does not ship the locale {code!r}; use one of {', '.join(_BY_CODE)}."


def find_locale(code: str) -> LocaleInfo | None:
    """Return the row of a locale, None where Primero does not ship it."""
    return _BY_CODE.get(code)
