import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.checks.engine import TextPair, check_text

LRE, RLE, PDF, LRO, RLO = "\u202a\u202b\u202c\u202d\u202e"
LRI, RLI, FSI, PDI = "\u2066\u2067\u2068\u2069"
ALL = frozenset(LRE + RLE + PDF + LRO + RLO + LRI + RLI + FSI + PDI)


def places(target, allowed=frozenset()):
    pair = TextPair("k", "Phone", target, "ar", allowed_bidi=allowed)
    return [finding.start for finding in check_text(pair) if finding.check_id == "bidi_unbalanced"]


@pytest.mark.parametrize("char", sorted(ALL))
def test_any_direction_control_is_found_by_default(char):
    """None of the nine is needed in a form, so each one blocks, balanced or not."""
    assert places(f"هاتف{char}") == [4]


@pytest.mark.parametrize("target", ["هاتف\u200f (SMS)\u200e", "\u061cناو", "پېژندنه", "می\u200cخواهم", "ឈ្មោះ", "Plain"])
def test_marks_and_joiners_are_not_controls(target):
    """LRM, RLM, ALM and zero-width joiners neither open nor close anything."""
    assert places(target) == []


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (f"a{LRI}b{PDI}c", []),
        (f"{RLE}a{LRE}b{PDF}{PDF}", []),
        (f"{FSI}a{RLI}b{PDI}{PDI}", []),
        (f"a{RLO}b", [1]),
        (f"a{PDF}b", [1]),
        (f"a{PDI}", [1]),
        (f"{LRI}a{PDF}b{PDI}", [2]),
        (f"{RLI}a{RLE}b{PDI}", [2]),
        (f"{LRI}a\nb{PDI}", [0, 4]),
        (f"{RLE}a{PDI}b{PDF}", [2]),
    ],
)
def test_allowed_controls_must_still_be_balanced(target, expected):
    """With all nine allowed, only those without a partner in their line are found."""
    assert places(target, ALL) == expected


def test_only_the_allowed_characters_are_let_through():
    """Allowing isolates does not allow embeddings."""
    assert places(f"{LRI}a{PDI}{RLE}b{PDF}", frozenset((LRI, PDI))) == [3, 5]


def test_taking_the_offers_leaves_the_visible_text():
    """Every replacement is empty: the control goes, the words stay."""
    findings = check_text(TextPair("k", "x", f"ا{RLO}ب", "ar"))
    assert [(f.start, f.end, f.replacement) for f in findings] == [(1, 2, "")]


@given(
    st.recursive(
        st.text("ab", max_size=3),
        lambda t: (
            st.builds("{}{}{}".format, st.sampled_from(LRI + RLI), t, st.just(PDI)) | st.builds("{}{}".format, t, t)
        ),
    )
)
def test_nested_isolates_are_balanced(text):
    """Whatever is built by opening and closing isolates is balanced."""
    assert places(text + "x", ALL) == []
