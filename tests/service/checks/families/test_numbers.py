import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.checks.engine import TextPair, check_text
from service.checks.locales import ALL_LOCALES


@pytest.mark.parametrize(
    ("source", "target", "locale"),
    [
        ("5 boys", "٥ أولاد", "ar"),
        ("Under 18 years", "تر ۱۸ کلونو کم", "ps-AF"),
        ("Under 18 years", "کمتر از ۱۸ سال", "fa-AF"),
        ("Under 18 years", "لە خوار ١٨ ساڵ", "ku"),
        ("12-17 years", "១២-១៧ឆ្នាំ", "km"),
        ("12-17 years", "১২-১৭ বছর", "bn"),
        ("3 months", "3 ወር", "am-ET"),
        ("3 months", "፫ ወር", "am-ET"),
        ("2 years", "سنتان", "ar-SY"),
        ("1 child", "طفل", "aeb"),
        ("10,000 or more", "10 000 ou plus.", "fr"),
        ("10,000 or more", "10.000 o más.", "es"),
        ("1,234,567.50", "1 234 567,50", "fr"),
        ("100,000", "১,০০,০০০", "bn"),
        ("1.5 kg", "1,5 kg", "fr"),
        ("1.50", "١٫٥", "ar"),
        ("05", "5", "fr"),
        ("12/31/2020", "31/12/2020", "fr"),
        ("31.12.2020", "2020/12/31", "hu"),
        ("1. Name", "Nom", "fr"),
        ("Name", "١. ناو", "ku"),
        ("1) A\n2) B", "A\nB", "fr"),
        ("5 p.m.", "17 h", "fr"),
        ("1st child", "Premier enfant", "fr"),
        ("Third person", "Tierce personne", "fr"),
        ("%{a1} x", "%{b2} y", "fr"),
        ("COVID-19", "كوفيد-١٩", "ar"),
        ("Call", "Appelez le 079 555 0100", "fr"),
        ("10 children", "十名儿童", "cmn"),
    ],
)
def test_the_same_numbers_in_the_way_of_the_language_are_left_alone(found, source, target, locale):
    """Digits, separators, order, list numbers, duals and ordinals differ by language, and that is right."""
    assert found("numbers", source, target, locale) == ()


@pytest.mark.parametrize(
    ("source", "target", "locale", "place"),
    [
        ("Under 5", "Moins de 6", "fr", "6"),
        ("0-11 years", "۰-۱۲ کاله", "ps-AF", "۱۲"),
        ("Under 18", "أقل من سنة", "ar", "أقل من سنة"),
        ("Name", "Nom 2", "fr", "2"),
        ("10,000", "1 000", "fr", "1 000"),
        ("1.5 kg", "15 kg", "fr", "15"),
        ("1. Name", "2. Nom", "fr", "2"),
        ("5 and 5", "5", "fr", "5"),
        ("2 years", "ans", "fr", "ans"),
        ("3 days", "يومان", "ar", "يومان"),
        ("12-17", "১২-১৬", "bn", "১৬"),
        ("0.125 g", "125 g", "fr", "125"),
        ("1.2.3", "12.3", "fr", "12.3"),
        ("1,234.567", "1234567", "fr", "1234567"),
        ("1234.567", "1 234 567", "fr", "1 234 567"),
        ("1. Name\n2. Age", "1. Nom\nÂge", "fr", "1. Nom\nÂge"),
    ],
)
def test_a_different_number_is_pointed_at(marked, source, target, locale, place):
    """A changed number is marked; a missing one marks the whole text."""
    assert marked("numbers", source, target, locale) == [place]


def test_the_message_names_both_numbers(found):
    """The reviewer sees what to write and what to take out."""
    (finding,) = found("numbers", "Under 5", "Moins de 6")
    assert finding.message == "The numbers differ. Missing: 5. Not in the source text: 6."


@given(st.integers(0, 10**9), st.sampled_from(ALL_LOCALES))
def test_a_number_in_the_digits_of_the_locale_is_the_same_number(number, locale):
    """Whatever the number and the locale, writing it in the locale's own digits changes nothing."""
    written = str(number).translate(str.maketrans("0123456789", locale.digits))
    pair = TextPair("k", f"Up to {number:,} x", f"x {written}", locale.code)
    assert "numbers" not in [finding.check_id for finding in check_text(pair)]


@given(st.integers(3, 10**6), st.integers(3, 10**6))
def test_two_different_numbers_are_never_the_same(one, other):
    """Whatever two numbers, the check tells them apart exactly when they differ."""
    pair = TextPair("k", f"Up to {one} x", f"Jusque {other} x", "fr")
    assert ("numbers" in [finding.check_id for finding in check_text(pair)]) == (one != other)
