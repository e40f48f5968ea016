import re
import unicodedata

import pytest
from babel import Locale, UnknownLocaleError
from babel.core import get_global

from service.checks.locales import ALL_LOCALES, UnknownLocale, find_locale, get_locale

SHIPPED = """
    en ar ar-IQ ar-JO ar-LB ar-SD bn es es-GT fa-AF fr id km ku ku-IQ my ps-AF pt pt-BR so sw-KE sw-TZ th ne ro ru uk pl
    sk hu es-ES om am-ET tr cmn tet aeb ar-SY it ti mn hy pt-AO pt-MZ hi-IN mr
"""
RIGHT_TO_LEFT = {"ar", "ar-IQ", "ar-JO", "ar-LB", "ar-SD", "fa-AF", "ku", "ku-IQ", "ps-AF", "aeb", "ar-SY"}
OURS = {"ku", "ku-IQ", "aeb", "tet"}
OWN_NAMES = OURS | {"fa-AF", "ps-AF", "am-ET", "cmn", "hi-IN"}
BY_CODE = [pytest.param(info, id=info.code) for info in ALL_LOCALES]
IN_CLDR = [pytest.param(info, id=info.code) for info in ALL_LOCALES if info.code not in OURS]
CLDR_DIGITS = {"arab": "٠١٢٣٤٥٦٧٨٩", "arabext": "۰۱۲۳۴۵۶۷۸۹", "hanidec": "0123456789", "latn": "0123456789"}


def cldr(info):
    return Locale.parse(info.tag, sep="-")


def test_the_table_holds_what_primero_ships():
    """All 46 locales, in Primero's order, each once."""
    assert [info.code for info in ALL_LOCALES] == SHIPPED.split()
    assert len(ALL_LOCALES) == 46


def test_the_right_to_left_locales_are_primeros():
    """Direction is as in Primero's own list, not as in CLDR."""
    assert {info.code for info in ALL_LOCALES if info.direction == "rtl"} == RIGHT_TO_LEFT


@pytest.mark.parametrize(
    ("code", "tag", "script", "name", "native_name", "plurals"),
    [
        ("ku", "ckb", "Arab", "Kurdish (Sorani)", "کوردی (سۆرانی)", ("one", "other")),
        ("ku-IQ", "kmr-Arab-IQ", "Arab", "Kurdish (Badini)", "کوردی (بادینی)", ("one", "other")),
        ("fa-AF", "fa-AF", "Arab", "Dari", "دری", ("one", "other")),
        ("ps-AF", "ps-AF", "Arab", "Pashto", "پښتو", ("one", "other")),
        ("aeb", "aeb", "Arab", "Arabic (Tunisian)", "العربية التونسية", ("zero", "one", "two", "few", "many", "other")),
        ("tet", "tet", "Latn", "Tetum", "Tetun", ("other",)),
        ("cmn", "zh-Hans", "Hans", "Chinese (Mandarin, Simplified)", "中文（简体）", ("other",)),
    ],
)
def test_rows_that_public_tables_get_wrong_are_our_own(code, tag, script, name, native_name, plurals):
    """What Primero means by these codes is not what CLDR says of them."""
    info = get_locale(code)
    assert (info.tag, info.script, info.name, info.native_name, info.plurals) == (
        tag,
        script,
        name,
        native_name,
        plurals,
    )


@pytest.mark.parametrize("code", sorted(OURS - {"ku"}))
def test_cldr_still_does_not_know_our_own_rows(code):
    """The day this fails, the row can be compared with CLDR."""
    with pytest.raises(UnknownLocaleError):
        Locale.parse(get_locale(code).tag, sep="-")


@pytest.mark.parametrize("info", IN_CLDR)
def test_plurals_direction_and_script_agree_with_cldr(info):
    """Where CLDR knows the language, the row says the same."""
    locale = cldr(info)
    assert set(info.plurals) == locale.plural_form.tags | {"other"}
    assert info.direction == locale.text_direction
    likely = get_global("likely_subtags")[info.tag.partition("-")[0]]
    assert info.script == likely.split("_")[1]


@pytest.mark.parametrize("info", [p for p in IN_CLDR if p.values[0].code not in OWN_NAMES])
def test_names_agree_with_cldr(info):
    """Names are CLDR's, in English and in the language itself."""
    locale = cldr(info)
    assert info.name == locale.get_display_name("en")
    assert info.native_name == locale.get_display_name()


@pytest.mark.parametrize("info", IN_CLDR)
def test_digits_agree_with_cldr(info):
    """The digits are those of the native numbering system, ASCII where that has no ten digits."""
    native = cldr(info).other_numbering_systems["native"]
    names = {"beng": "BENGALI", "deva": "DEVANAGARI", "khmr": "KHMER", "mymr": "MYANMAR", "thai": "THAI"}
    expected = CLDR_DIGITS.get(native) or "".join(unicodedata.lookup(f"{names[native]} DIGIT {word}") for word in WORDS)
    assert info.digits == expected


WORDS = ("ZERO", "ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX", "SEVEN", "EIGHT", "NINE")


@pytest.mark.parametrize("info", BY_CODE)
def test_every_row_is_complete(info):
    """Ten digits worth 0 to 9, CLDR plural names in order, a well-formed tag, names in the right script."""
    assert [unicodedata.decimal(digit) for digit in info.digits] == list(range(10))
    order = ["zero", "one", "two", "few", "many", "other"]
    assert list(info.plurals) == sorted(info.plurals, key=order.index)
    assert info.plurals[-1] == "other"
    assert re.fullmatch(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?", info.tag)
    words = {"Arab": "ARABIC", "Beng": "BENGALI", "Khmr": "KHMER", "Mymr": "MYANMAR", "Deva": "DEVANAGARI"} | {
        "Thai": "THAI",
        "Cyrl": "CYRILLIC",
        "Ethi": "ETHIOPIC",
        "Armn": "ARMENIAN",
        "Hans": "CJK",
        "Latn": "LATIN",
    }
    assert unicodedata.name(info.native_name[0]).startswith(words[info.script])


def test_codes_tags_and_names_are_unique():
    """No two rows can be mistaken for each other by machine or by eye."""
    for attribute in ("code", "transifex_code", "tag", "name", "native_name"):
        values = [getattr(info, attribute) for info in ALL_LOCALES]
        assert len(set(values)) == len(values), attribute


def test_transifex_codes_use_underscores():
    """The default Transifex code is Primero's with an underscore."""
    assert [get_locale(code).transifex_code for code in ("ku-IQ", "fa-AF", "fr")] == ["ku_IQ", "fa_AF", "fr"]


@pytest.mark.parametrize(
    ("code", "message"),
    [("ku_IQ", "write ku-IQ"), ("AR-iq", "write ar-IQ"), ("ur", "does not ship the locale 'ur'; use one of en, ar,")],
)
def test_an_unknown_locale_is_a_clear_lookup_error(code, message):
    """The message says how Primero writes the code, or which ones there are."""
    with pytest.raises(UnknownLocale, match=message) as caught:
        get_locale(code)
    assert isinstance(caught.value, LookupError)


@pytest.mark.parametrize("info", BY_CODE)
def test_letters_of_a_row_are_of_its_script(info):
    """Markers and the right twins belong to the language; no letter is both its own and a stranger."""
    ours = info.markers | set(info.twins.values())
    name = {"Arab": "ARABIC", "Cyrl": "CYRILLIC", "Latn": "LATIN"}.get(info.script, "")
    signs = set("¿’'")
    assert all(unicodedata.name(letter).startswith(name) for letter in ours - signs)
    assert not ours & info.strangers
    assert not set(info.twins) & set(info.twins.values())


@pytest.mark.parametrize(
    ("code", "name", "letters"),
    [
        ("ku", "کوردی سۆرانی منداڵەکە پێویستە", "ڕڵۆێە"),
        ("ku-IQ", "کوردی بادینی ناڤێ زارۆکی", "ۆێەڤ"),
        ("ps-AF", "ایا ماشوم اوس خوندي دی د ښځې نوم", "ټډړږښڼۍې"),
        ("fa-AF", "چه می خواهید آیا طفل پدر دارد", "پچژگ"),
    ],
)
def test_letters_that_no_public_table_has_are_our_own(code, name, letters):
    """The rows of Arabic script, letter by letter, and a sentence of each that holds no stranger."""
    info = get_locale(code)
    assert info.markers == set(letters)
    assert info.markers & set(name)
    assert not (info.strangers | set(info.twins)) & set(name) - {"ي"}


def test_twins_are_those_of_an_arabic_keyboard():
    """Pashto writes the Arabic yeh, so only its kaf is wrong."""
    twins = {info.code: dict(info.twins) for info in ALL_LOCALES if info.twins}
    both = {"ي": "ی", "ك": "ک"}
    assert twins == {"ku": both, "ku-IQ": both, "fa-AF": both, "ps-AF": {"ك": "ک"}}


def test_only_latin_cyrillic_and_armenian_have_capitals():
    """As Unicode says of the languages' own names."""
    for info in ALL_LOCALES:
        assert info.cased == (info.native_name.upper() != info.native_name.lower()), info.code


def test_a_locale_may_be_looked_up_without_an_error():
    """None for one that Primero does not ship."""
    assert find_locale("ku") is get_locale("ku")
    assert find_locale("ur") is None
