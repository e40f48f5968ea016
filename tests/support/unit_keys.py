"""Keys of units with every sort of odd id, for property tests."""

from __future__ import annotations

from hypothesis import strategies as st

from extractors.units import (
    FIELD_PROPERTIES,
    FORM_PROPERTIES,
    LOOKUP_OPTION_PROPERTY,
    OPTION_PROPERTIES,
    RecordKind,
    UnitKey,
)

TRICKY = (
    "a.b",
    ".",
    "..",
    "",
    "1",
    "1.5",
    "true",
    "no",
    "null",
    "~",
    "one",
    "<<",
    "=",
    "a:b",
    "[0]",
    "<1>",
    "é",
    " x ",
)
letters = st.characters(exclude_categories=("Cs",), exclude_characters="\0")
parts = st.one_of(st.sampled_from(TRICKY), st.text(letters, max_size=12)).filter(lambda text: "<TX_DOT>" not in text)
form_keys = st.one_of(
    st.builds(UnitKey, st.just(RecordKind.FORM), parts, st.sampled_from(FORM_PROPERTIES)),
    st.builds(UnitKey, st.just(RecordKind.FORM), parts, st.sampled_from(FIELD_PROPERTIES), parts),
    st.builds(UnitKey, st.just(RecordKind.FORM), parts, st.sampled_from(OPTION_PROPERTIES), parts, parts),
)
lookup_keys = st.one_of(
    st.builds(UnitKey, st.just(RecordKind.LOOKUP), parts, st.just("name")),
    st.builds(UnitKey, st.just(RecordKind.LOOKUP), parts, st.just(LOOKUP_OPTION_PROPERTY), st.none(), parts),
)
keys = st.one_of(form_keys, lookup_keys)
