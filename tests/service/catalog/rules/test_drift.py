"""How a source moved on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.catalog.rules.drift import Change, MovedUnit, diff_words, find_moved, show_word_diff


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ("Age", "Age", "Age"),
        ("Age of child", "Age of the child", "Age of {+the +}child"),
        ("Is the child safe?", "Is the girl safe?", "Is the [-child-]{+girl+} safe?"),
        ("", "New", "{+New+}"),
        ("Old", "", "[-Old-]"),
    ],
)
def test_words_that_changed_are_marked(old: str, new: str, shown: str) -> None:
    """Whole words are removed and added, what stays is not repeated."""
    assert show_word_diff(old, new) == shown


@given(st.text(), st.text())
def test_both_texts_can_be_read_from_the_difference(old: str, new: str) -> None:
    """Nothing of either text is lost or made up."""
    runs = list(diff_words(old, new))
    assert "".join(words for change, words in runs if change is not Change.ADDED) == old
    assert "".join(words for change, words in runs if change is not Change.REMOVED) == new


def test_the_same_text_in_the_same_property_moved() -> None:
    """Another text, or the same text in another property, is no move."""
    retired = [("form/a/q/display_name", "age"), ("form/a/q/help_text", "help"), ("form/a/name", "a")]
    added = [("form/b/q/display_name", "age"), ("form/b/name", "help"), ("form/b/x/display_name", "a")]
    assert find_moved(retired, added) == (MovedUnit("form/a/q/display_name", "form/b/q/display_name"),)


def test_of_several_the_most_alike_belong_together() -> None:
    """The same option of the same field, before the same option elsewhere, before anything else."""
    option = "form/{}/{}/option_strings_text/{}".format
    retired = [(option("a", "q", "yes"), "y"), (option("a", "r", "yes"), "y"), (option("a", "s", "ja"), "y")]
    added = [(option("b", "t", "oui"), "y"), (option("b", "r", "yes"), "y"), (option("b", "t", "yes"), "y")]
    assert find_moved(retired, added) == (
        MovedUnit(option("a", "s", "ja"), option("b", "t", "oui")),
        MovedUnit(option("a", "r", "yes"), option("b", "r", "yes")),
        MovedUnit(option("a", "q", "yes"), option("b", "t", "yes")),
    )


UNITS = st.lists(
    st.tuples(
        st.builds("form/{}/{}/display_name".format, st.sampled_from("ab"), st.sampled_from("qrs")),
        st.sampled_from("xy"),
    ),
    unique_by=lambda unit: unit[0],
)


@given(UNITS, UNITS)
def test_each_unit_moves_at_most_once_and_as_many_as_can(
    retired: list[tuple[str, str]], added: list[tuple[str, str]]
) -> None:
    """As many pairs as both sides have units of one text."""
    moved = find_moved(retired, added)
    assert len({pair.old for pair in moved}) == len({pair.new for pair in moved}) == len(moved)
    counted = [sum(text == wanted for _, text in units) for wanted in "xy" for units in (retired, added)]
    assert len(moved) == min(counted[0], counted[1]) + min(counted[2], counted[3])
