"""The languages Primero ships, one row each.

A table of our own, because public ones are wrong where it hurts: CLDR knows ``ku`` as left-to-right Latin script, while
Primero means Sorani in Arabic script, and does not know ``ku-IQ``, ``aeb`` or ``tet`` at all. Codes and direction are
those of Primero's locale initializer (2026-08); names, plural categories and digits are CLDR's wherever CLDR is right.
"""

from dataclasses import dataclass
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
    """

    code: str
    tag: str
    script: str
    direction: Direction
    name: str
    native_name: str
    plurals: tuple[str, ...]
    digits: str

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


def _row(
    code: str,
    name: str,
    native_name: str,
    plurals: tuple[str, ...] = _TWO,
    *,
    script: str = "Latn",
    digits: str = _ASCII,
    tag: str = "",
) -> LocaleInfo:
    direction: Direction = "rtl" if script in _RTL_SCRIPTS else "ltr"
    return LocaleInfo(code, tag or code, script, direction, name, native_name, plurals, digits)


def _arabic(code: str, name: str, native_name: str, *, digits: str = _ARABIC) -> LocaleInfo:
    return _row(code, name, native_name, _SIX, script="Arab", digits=digits)


ALL_LOCALES: tuple[LocaleInfo, ...] = (
    _row("en", "English", "English"),
    _arabic("ar", "Arabic", "العربية"),
    _arabic("ar-IQ", "Arabic (Iraq)", "العربية (العراق)"),
    _arabic("ar-JO", "Arabic (Jordan)", "العربية (الأردن)"),
    _arabic("ar-LB", "Arabic (Lebanon)", "العربية (لبنان)"),
    _arabic("ar-SD", "Arabic (Sudan)", "العربية (السودان)"),
    _row("bn", "Bangla", "বাংলা", script="Beng", digits=_BENGALI),
    _row("es", "Spanish", "español", _ROMANCE),
    _row("es-GT", "Spanish (Guatemala)", "español (Guatemala)", _ROMANCE),
    _row("fa-AF", "Dari", "دری", script="Arab", digits=_EXTENDED_ARABIC),
    _row("fr", "French", "français", _ROMANCE),
    _row("id", "Indonesian", "Indonesia", _OTHER),
    _row("km", "Khmer", "ខ្មែរ", _OTHER, script="Khmr", digits=_KHMER),
    _row("ku", "Kurdish (Sorani)", "کوردی (سۆرانی)", script="Arab", digits=_ARABIC, tag="ckb"),
    _row("ku-IQ", "Kurdish (Badini)", "کوردی (بادینی)", script="Arab", digits=_ARABIC, tag="kmr-Arab-IQ"),
    _row("my", "Burmese", "မြန်မာ", _OTHER, script="Mymr", digits=_BURMESE),
    _row("ps-AF", "Pashto", "پښتو", script="Arab", digits=_EXTENDED_ARABIC),
    _row("pt", "Portuguese", "português", _ROMANCE),
    _row("pt-BR", "Portuguese (Brazil)", "português (Brasil)", _ROMANCE),
    _row("so", "Somali", "Soomaali"),
    _row("sw-KE", "Swahili (Kenya)", "Kiswahili (Kenya)"),
    _row("sw-TZ", "Swahili (Tanzania)", "Kiswahili (Tanzania)"),
    _row("th", "Thai", "ไทย", _OTHER, script="Thai", digits=_THAI),
    _row("ne", "Nepali", "नेपाली", script="Deva", digits=_DEVANAGARI),
    _row("ro", "Romanian", "română", ("one", "few", "other")),
    _row("ru", "Russian", "русский", _SLAVIC, script="Cyrl"),
    _row("uk", "Ukrainian", "українська", _SLAVIC, script="Cyrl"),
    _row("pl", "Polish", "polski", _SLAVIC),
    _row("sk", "Slovak", "slovenčina", _SLAVIC),
    _row("hu", "Hungarian", "magyar"),
    _row("es-ES", "Spanish (Spain)", "español (España)", _ROMANCE),
    _row("om", "Oromo", "Oromoo"),
    _row("am-ET", "Amharic", "አማርኛ", script="Ethi"),
    _row("tr", "Turkish", "Türkçe"),
    _row("cmn", "Chinese (Mandarin, Simplified)", "中文（简体）", _OTHER, script="Hans", tag="zh-Hans"),
    _row("tet", "Tetum", "Tetun", _OTHER),
    # Tunisia writes the digits of the West; CLDR agrees for ar-TN.
    _arabic("aeb", "Arabic (Tunisian)", "العربية التونسية", digits=_ASCII),
    _arabic("ar-SY", "Arabic (Syria)", "العربية (سوريا)"),
    _row("it", "Italian", "italiano", _ROMANCE),
    _row("ti", "Tigrinya", "ትግርኛ", script="Ethi"),
    _row("mn", "Mongolian", "монгол", script="Cyrl"),
    _row("hy", "Armenian", "հայերեն", script="Armn"),
    _row("pt-AO", "Portuguese (Angola)", "português (Angola)", _ROMANCE),
    _row("pt-MZ", "Portuguese (Mozambique)", "português (Moçambique)", _ROMANCE),
    _row("hi-IN", "Hindi", "हिन्दी", script="Deva", digits=_DEVANAGARI),
    _row("mr", "Marathi", "मराठी", script="Deva", digits=_DEVANAGARI),
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


def _unknown(code: str) -> str:
    wanted = code.replace("_", "-").casefold()
    near = next((known for known in _BY_CODE if known.casefold() == wanted), None)
    if near:
        return f"{code!r} is not written as Primero writes it; write {near}."
    return f"Primero does not ship the locale {code!r}; use one of {', '.join(_BY_CODE)}."
