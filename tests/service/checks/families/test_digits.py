import pytest


@pytest.mark.parametrize(
    ("target", "locale", "wrong"),
    [
        ("من ٦ إلى ٨ أو 9", "ar", ["9"]),
        ("له ۶ تر 11", "ps-AF", None),
        ("٦ و ۴ و ٧", "ku", ["۴"]),
        ("৬ থেকে ৭ বা 8", "bn", ["8"]),
        ("៦ ដល់ ៨ 9", "km", ["9"]),
        ("๖ ถึง ๘ 9", "th", ["9"]),
    ],
)
def test_digits_of_two_kinds_are_found(found, marked, target, locale, wrong):
    """The rarer kind is pointed at."""
    assert len(found("digits_mixed", "6 to 11", target, locale)) == 1
    if wrong:
        assert marked("digits_mixed", "6 to 11", target, locale) == wrong


@pytest.mark.parametrize(
    ("target", "locale"),
    [
        ("من ٦ إلى ١١", "ar"),
        ("6 - 11", "ar"),
        ("COVID-19 في ٢٠٢٠", "ar"),
        ("Form 5 و ٦", "ar"),
        ("%{a1} و ٦", "ar"),
        ("help1@example.org ٦", "ar"),
        ("ከ6 እስከ ፲፩", "am-ET"),
    ],
)
def test_digits_of_one_kind_are_left_alone(found, target, locale):
    """Figures in names, placeholders and addresses are not counted; Ethiopic figures are no digits."""
    assert found("digits_mixed", "6 to 11", target, locale) == ()


@pytest.mark.parametrize(
    ("target", "locale", "chosen", "wrong"),
    [
        ("۶ سال", "ar", "", ["۶"]),
        ("٤ کاله", "ps-AF", "", ["٤"]),
        ("৬ वर्ष", "ne", "", ["৬"]),
        ("6 years", "ar", "own", ["6"]),
        ("٦ سنوات", "ar", "latin", ["٦"]),
        ("6 ans", "fr", "own", []),
        ("٦ سنوات", "ar", "", []),
        ("6 سنوات", "ar", "", []),
        ("៦ ឆ្នាំ", "km", "", []),
        ("٦", "xx", "", []),
    ],
)
def test_digits_of_another_language_are_shown(marked, target, locale, chosen, wrong):
    """Its own and the Latin ones are right unless the deployment chose one of them."""
    assert marked("digits_policy", "six", target, locale, digits=chosen) == wrong
