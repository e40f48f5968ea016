"""What a deployment may choose of a check."""

import pytest

from extractors.units import UnitKey
from service.checks.choices import AS_SHIPPED, Choices, clean_choice, read_choices
from service.checks.engine import TextPair, check_text


@pytest.mark.parametrize(
    ("check", "value", "kept"),
    [
        ("digits_policy", "Own", "own"),
        ("digits_policy", "default", ""),
        ("bidi_unbalanced", "rli, lri", "LRI RLI"),
        ("max_length", "120%", "120"),
        ("max_length", "Default", ""),
    ],
)
def test_a_choice_is_kept_in_one_form(check, value, kept):
    """However it was typed."""
    assert clean_choice(check, value) == kept


@pytest.mark.parametrize(
    ("check", "value"),
    [
        ("digits_policy", "both"),
        ("digits_policy", "own latin"),
        ("bidi_unbalanced", "LRO"),
        ("bidi_unbalanced", ""),
        ("max_length", "49"),
        ("max_length", "301"),
        ("max_length", "²"),
        ("caps", "x"),
    ],
)
def test_what_is_no_choice_is_refused(check, value):
    """An override of direction too, which turns the letters of a word round."""
    with pytest.raises(ValueError, match=r"chosen|choice"):
        clean_choice(check, value)


def _findings(target: str, choices: Choices = AS_SHIPPED) -> set[str]:
    key = UnitKey.parse("form/f/q/display_name")
    return {found.check_id for found in check_text(TextPair.of(key, "Phone", target, "ar", choices=choices))}


def test_an_allowed_control_may_stand_in_pairs_and_not_alone():
    """What ends it is allowed with it; one left open goes on blocking, and so does any other."""
    choices = read_choices({"bidi_unbalanced": "LRI"})
    assert "bidi_unbalanced" in _findings("هاتف \u2066ID\u2069")
    assert "bidi_unbalanced" not in _findings("هاتف \u2066ID\u2069", choices)
    assert "bidi_unbalanced" in _findings("هاتف \u2066ID", choices)
    assert "bidi_unbalanced" in _findings("هاتف \u2067ID\u2069", choices)


def test_limits_grow_and_shrink_with_the_choice():
    """In percent; nothing chosen is what is shipped."""
    target = "ا" * 185
    assert "max_length" not in _findings(target)
    assert "max_length" in _findings(target, read_choices({"max_length": "50"}))
    assert read_choices({}) == AS_SHIPPED
