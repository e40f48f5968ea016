"""What volunteers read beside a text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from extractors.units import UnitContext, UnitKey
from service.sync.rules.context import (
    MAX_INSTRUCTIONS,
    OPENING,
    EarlierText,
    hash_notes,
    is_own_tag,
    write_note,
)

YES = UnitKey.parse("form/consent/agree/option_strings_text/true")
CONTEXT = UnitContext(
    record_type="case", record_name="Consent", group="Registration", field_type="radio_button",
    question="Does the child\nagree?", siblings=("No", "Unknown"), help_text="Ask the child alone.",
)  # fmt: skip


def test_an_option_is_told_with_its_question_and_its_siblings() -> None:
    """Where it stands, what it is, what else can be chosen, and what must not be lost."""
    note = write_note(
        YES, "Yes, %{name} and %{name}", CONTEXT, sensitive=True, earlier=[EarlierText("fr", "Yes", "Oui")]
    )
    assert note.instructions.splitlines() == [
        "Where: Registration › Consent › Does the child agree?",
        "What: option, field type radio_button, record type case",
        "Keep as they are: %{name}",
        "Sensitive wording: please take special care; two people approve it.",
        "Before (fr): “Yes” was “Oui”",
        "Help text: Ask the child alone.",
        "Other options: No, Unknown",
    ]
    assert note.tags == ("form:consent", "option", "sensitive")
    assert note.limit == 32


def test_a_lookup_is_told_with_the_places_that_use_it() -> None:
    """A lookup stands in no form: the questions that offer it are named, and a form's group is not."""
    context = UnitContext(record_name="Sex", used_by=("Consent › Sex",))
    note = write_note(UnitKey.parse("lookup/a%2Cb/lookup_values/f"), "Female", context, sensitive=False, limits=False)
    assert note.instructions == "Where: Sex\nWhat: option of a lookup\nUsed by: Consent › Sex"
    assert note.tags == ("lookup:a%2Cb", "option")
    assert note.limit is None


def test_a_unit_that_nothing_is_known_of_is_told_by_its_ids() -> None:
    """Without a context the ids stand in."""
    note = write_note(UnitKey.parse("form/consent/age/help_text"), "Age", UnitContext(), sensitive=False)
    assert note.instructions == "Where: consent › age\nWhat: help text"


TEXTS = st.text(max_size=1200)


@given(TEXTS, TEXTS, st.lists(TEXTS, max_size=20), st.lists(st.builds(EarlierText, st.just("fr"), TEXTS, TEXTS)))
def test_nothing_is_longer_than_transifex_takes(
    name: str, question: str, siblings: list[str], earlier: list[EarlierText]
) -> None:
    """Whatever is known fits into a thousand characters and begins as ours do."""
    context = UnitContext(record_name=name, question=question, siblings=tuple(siblings), group=question)
    text = write_note(YES, name, context, sensitive=True, earlier=earlier).instructions
    assert len(text) <= MAX_INSTRUCTIONS
    assert text.startswith(OPENING)


def test_the_hash_tells_any_change_of_a_note() -> None:
    """Same notes in another order are the same; another limit, tag or word is not."""
    one = write_note(YES, "Yes", CONTEXT, sensitive=False)
    two = write_note(YES, "Yes", CONTEXT, sensitive=True)
    free = write_note(YES, "Yes", CONTEXT, sensitive=False, limits=False)
    assert hash_notes({"a": one, "b": two}) == hash_notes({"b": two, "a": one})
    assert len({hash_notes({"a": note}) for note in (one, two, free)}) == 3


def test_tags_of_people_are_not_ours() -> None:
    """Only what we set may we take away."""
    assert [
        tag for tag in ("form:a", "lookup:b", "option", "sensitive", "urgent", "formal") if not is_own_tag(tag)
    ] == [
        "urgent",
        "formal",
    ]
