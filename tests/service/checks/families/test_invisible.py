import pytest


@pytest.mark.parametrize(
    ("target", "locale", "right"),
    [
        ("Pro\u200btection", "fr", "Protection"),
        ("Pro\u00adtection", "es", "Protection"),
        ("الح\u200bماية", "ar", "الحماية"),
        ("সুর\u200bক্ষা", "bn", "সুরক্ষা"),
        ("Име\u200dна", "ru", "Имена"),
        ("ስም\u200c", "am-ET", "ስም"),
        ("ชื\u200cอ", "th", "ชือ"),
    ],
)
def test_an_invisible_sign_is_found_and_removed(found, mended, target, locale, right):
    """Zero-width spaces and soft hyphens where words are spaced, joiners where letters do not join."""
    assert len(found("zero_width", "Protection", target, locale)) == 1
    assert mended("zero_width", "Protection", target, locale) == [right]


@pytest.mark.parametrize(
    ("target", "locale"),
    [
        ("កុមារ\u200bអាយុ", "km"),
        ("ကလေး\u200bများ", "my"),
        ("เด็ก\u200bและ", "th"),
        ("می\u200cخواهم", "fa-AF"),
        ("ناو\u200cەکان", "ku"),
        ("র\u200d্যা", "bn"),
        ("क्\u200dष", "hi-IN"),
        ("Famille \U0001f468\u200d\U0001f469", "fr"),
        ("%{na\u200bme}", "fr"),
        ("Nom", "fr"),
    ],
)
def test_signs_that_a_script_needs_are_left_alone(found, target, locale):
    """Khmer, Burmese and Thai part words so; Persian, Kurdish, Bengali and Hindi join letters so."""
    assert found("zero_width", "Protection", target, locale) == ()


def test_a_sign_that_the_source_has_too_is_left_alone(found):
    """It was copied."""
    assert found("zero_width", "a\u200bb", "c\u200bd") == ()


def test_a_locale_unknown_to_primero_is_not_judged(found):
    """Nothing is known of its script."""
    assert found("zero_width", "ab", "c\u200bd", "xx") == ()


@pytest.mark.parametrize(
    ("target", "wrong"), [("\u200fاسم", ["\u200f"]), ("(SMS)\u200e\u200f", ["\u200e\u200f"]), ("اس\u200fم", [])]
)
def test_direction_marks_at_the_ends_are_shown(marked, target, wrong):
    """Inside a text they may be needed."""
    assert marked("bidi_marks", "Name", target, "ar") == wrong
