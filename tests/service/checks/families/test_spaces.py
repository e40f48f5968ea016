import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.checks.engine import TextPair, check_text


@pytest.mark.parametrize(
    ("target", "wrong", "right"),
    [
        ("Nom  du père", ["  "], ["Nom du père"]),
        ("Nom \u00a0: x", [" \u00a0"], ["Nom\u00a0: x"]),
        ("اسم   الأب", ["   "], ["اسم الأب"]),
        ("পিতার  নাম", ["  "], ["পিতার নাম"]),
        ("የአባት  ስም", ["  "], ["የአባት ስም"]),
    ],
)
def test_a_double_space_is_found_and_mended(marked, mended, target, wrong, right):
    """One space stays, the one that may not be broken where there is one."""
    assert marked("double_space", "Name: of father", target) == wrong
    assert mended("double_space", "Name: of father", target) == right


@pytest.mark.parametrize(
    ("source", "target"),
    [("a  b", "c  d"), ("a", "b c"), ("a\nb", "c\n   d"), ("a", "Nom\u00a0:"), ("a", "ឈ្មោះ\u200bឪពុក")],
)
def test_single_spaces_are_left_alone(found, source, target):
    """So are doubles that the source has, indented lines, and spaces that nobody sees."""
    assert found("double_space", source, target, "fr") == ()


@pytest.mark.parametrize(
    ("target", "wrong"),
    [("\u00a0Nom", ["\u00a0"]), ("Nom\u3000", ["\u3000"]), ("\u2003اسم \u00a0", ["\u2003", " \u00a0"])],
)
def test_spaces_that_would_ship_at_the_ends_are_found(marked, target, wrong):
    """Ruby's strip leaves them, so they reach the form."""
    assert marked("edge_whitespace", "Name", target) == wrong


def test_ends_that_are_stripped_anyway_are_not_mentioned(found):
    """A pair is normalised; a space inside is no end."""
    assert found("edge_whitespace", "Name", "Nom\u00a0: x") == ()


@pytest.mark.parametrize(
    ("source", "target", "prop"),
    [
        ("One\nTwo", "Un deux", "help_text"),
        ("One Two", "واحد\nاثنان", "help_text"),
        ("One Two", "Un\nDeux", "display_name"),
        ("1\n2\n3", "১\n২", "guiding_questions"),
    ],
)
def test_another_number_of_lines_is_found(found, source, target, prop):
    """Where lines are drawn, a lost one is seen; a new one is seen anywhere."""
    assert len(found("newline_count", source, target, prop=prop)) == 1


@pytest.mark.parametrize(
    ("source", "target", "prop"),
    [
        ("One\n\nTwo", "Un\nDeux", "help_text"),
        ("One\nTwo", "Un deux", "display_name"),
        ("One", "Un", "help_text"),
        ("One\nTwo", "واحد\nاثنان", "help_text"),
    ],
)
def test_equal_lines_are_left_alone(found, source, target, prop):
    """Empty lines do not count, nor does a lost break where Primero draws none."""
    assert found("newline_count", source, target, prop=prop) == ()


@given(st.text(alphabet="ab \u00a0\u3000%{}\n", max_size=30).map(str.strip))
def test_mending_spaces_changes_nothing_but_spaces(text):
    """After every replacement the finding is gone and every other sign still stands."""
    from tests.service.checks.conftest import mend

    for check_id in ("double_space", "edge_whitespace"):
        mended = mend(check_id, TextPair("k", "x", text, "fr"))
        assert "".join(mended.split()) == "".join(text.split())
        if not mended.isspace():
            again = check_text(TextPair("k", "x", mended, "fr"))
            assert check_id not in {finding.check_id for finding in again}
