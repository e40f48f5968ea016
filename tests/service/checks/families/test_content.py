import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.checks.engine import Severity, TextPair, check_text


@pytest.mark.parametrize(
    "target",
    [
        "",
        "   ",
        "\n",
        "\u00a0",
        "\u200b\u200f",
        "\ufeff",
        " \u3000\t",
        "\u3164",
        "\u115f\u1160",
        "\u2800",
        "\u034f",
        "\ufe0f",
        "\u17b4",
    ],
)
def test_a_text_in_which_nothing_can_be_seen_is_blank_and_nothing_else(target):
    """Spaces, invisible marks and letters that no font draws are no translation; no further finding is piled on top."""
    findings = check_text(TextPair("k", "Age: 5 %{x}", target, "fr"))
    assert [(f.check_id, f.severity, f.end) for f in findings] == [("blank", Severity.BLOCKS, len(target))]


@pytest.mark.parametrize("target", ["-", "؟", "ا", "៕", "0", "ـ"])
def test_one_visible_sign_is_a_text(found, target):
    """A lone mark or letter can be seen, so it is not blank."""
    assert found("blank", "x", target) == ()


@pytest.mark.parametrize(
    ("char", "replacement"),
    [
        ("\t", " "),
        ("\r", "\n"),
        ("\x85", "\n"),
        ("\0", ""),
        ("\x1b", ""),
        ("\x9f", ""),
        ("\ufeff", ""),
        ("\ufffd", None),
        ("\u2028", "\n"),
        ("\u2029", "\n"),
        ("\uffff", ""),
        ("\ufdd0", ""),
        ("\ufff9", ""),
        ("\u206a", ""),
        ("\U000e0041", ""),
        ("\uf0b7", None),
    ],
)
def test_a_control_character_is_found_where_it_stands(found, char, replacement):
    """Each is pointed at exactly; what can be mended safely is."""
    (finding,) = found("control_chars", "Date of birth", f"د زېږون{char} نېټه", "ps-AF")
    assert (finding.start, finding.end, finding.replacement) == (7, 8, replacement)


@pytest.mark.parametrize(
    ("target", "locale"),
    [
        ("Première ligne\nDeuxième ligne", "fr"),
        ("می\u200cخواهم", "fa-AF"),
        ("ស្ត្រី\u200bនិង\u200bកុមារ", "km"),
        ("ক্\u200dষ", "bn"),
        ("هاتف\u200f", "ar"),
        ("Prix\u00a0: 5\u202f€", "fr"),
    ],
)
def test_line_breaks_joiners_and_special_spaces_are_no_controls(found, target, locale):
    """Languages need these signs; they are nobody's mistake here."""
    assert found("control_chars", "x", target, locale) == ()


@given(st.text(max_size=30))
def test_after_all_offers_are_taken_only_lost_letters_are_left(text):
    """Taking every replacement leaves only what somebody has to type: U+FFFD and signs of one font alone."""
    findings = [f for f in check_text(TextPair("k", "x", text, "fr")) if f.check_id == "control_chars"]
    for finding in reversed(findings):
        if finding.replacement is not None:
            text = text[: finding.start] + finding.replacement + text[finding.end :]
    left = [f for f in check_text(TextPair("k", "x", text, "fr")) if f.check_id == "control_chars"]
    assert all(text[f.start] == "\ufffd" or unicodedata.category(text[f.start]) == "Co" for f in left)
