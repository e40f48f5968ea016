import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.checks import signs
from service.checks.locales import ALL_LOCALES
from service.checks.signs import ANY_SCRIPT, SCRIPTS, find_signs


@pytest.mark.parametrize("info", ALL_LOCALES, ids=lambda info: info.code)
def test_the_letters_of_every_locale_are_of_its_script(info):
    """A language's own name tells its script, and no other unless it is written with two."""
    first_word = info.native_name.split()[0]
    assert find_signs(first_word) & ANY_SCRIPT == SCRIPTS[info.script]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("", 0),
        (" ", signs.ALWAYS | signs.SPACE),
        ("\u00a0", signs.ALWAYS | signs.ODD_SPACE),
        ("5", signs.ALWAYS | signs.VISIBLE | signs.DIGIT),
        ("٥", signs.ALWAYS | signs.VISIBLE | signs.DIGIT | signs.FOREIGN_DIGIT),
        ("\t", signs.ALWAYS | signs.CONTROL),
        ("\n", signs.ALWAYS | signs.NEWLINE),
        ("\u202e", signs.ALWAYS | signs.BIDI_CONTROL),
        ("ω", signs.ALWAYS | signs.VISIBLE | signs.LOWER | signs.OTHER_SCRIPT),
        ("É", signs.ALWAYS | signs.VISIBLE | signs.UPPER | SCRIPTS["Latn"]),
    ],
)
def test_a_sign_has_its_kinds(text, kinds):
    """Exactly these."""
    assert find_signs(text) == kinds


def test_no_two_kinds_share_a_bit():
    """Each is a power of two of its own."""
    kinds = [value for name, value in vars(signs).items() if name.isupper() and isinstance(value, int)]
    single = [kind for kind in kinds if kind.bit_count() == 1] + list(SCRIPTS.values())
    assert len(set(single)) == len(single)


@given(st.text(), st.text())
def test_the_kinds_of_two_texts_are_those_of_both(one, other):
    """So checks may ask the source and the target together."""
    assert find_signs(one + other) == find_signs(one) | find_signs(other)
