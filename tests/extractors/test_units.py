"""Unit keys and their canonical form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.units import (
    FIELD_PROPERTIES,
    FORM_PROPERTIES,
    OPTION_PROPERTIES,
    Catalog,
    RecordKind,
    Unit,
    UnitContext,
    UnitKey,
)

FORM, LOOKUP = RecordKind.FORM, RecordKind.LOOKUP
IDS = st.text(min_size=1, max_size=10)
KEYS = st.one_of(
    st.builds(UnitKey, st.just(FORM), IDS, st.sampled_from(FORM_PROPERTIES)),
    st.builds(UnitKey, st.just(FORM), IDS, st.sampled_from(FIELD_PROPERTIES), field=IDS),
    st.builds(UnitKey, st.just(FORM), IDS, st.sampled_from(OPTION_PROPERTIES), field=IDS, option=IDS),
    st.builds(UnitKey, st.just(LOOKUP), IDS, st.just("name")),
    st.builds(UnitKey, st.just(LOOKUP), IDS, st.just("lookup_values"), option=IDS),
)


@given(KEYS)
def test_every_key_has_one_canonical_form(key: UnitKey) -> None:
    """A key's text parses back to the key, and holds nothing but unreserved characters and percent signs."""
    text = str(key)
    assert UnitKey.parse(text) == key
    assert all(part.replace("%", "").replace("~", "").isascii() for part in text.split("/"))
    assert text.startswith(key.record_key + "/")


def test_keys_read_as_documented() -> None:
    """The canonical forms are those of the glossary."""
    keys = [
        UnitKey(FORM, "a b", "name"),
        UnitKey(FORM, "f", "help_text", field="q/1"),
        UnitKey(FORM, "f", "option_strings_text", field="q", option="Ü"),
        UnitKey(FORM, "f", "tally", field="q", option="boys"),
        UnitKey(LOOKUP, "lookup-x", "name"),
        UnitKey(LOOKUP, "lookup-x", "lookup_values", option="a.b~c"),
    ]
    assert [str(key) for key in keys] == [
        "form/a%20b/name",
        "form/f/q%2F1/help_text",
        "form/f/q/option_strings_text/%C3%9C",
        "form/f/q/tally/boys",
        "lookup/lookup-x/name",
        "lookup/lookup-x/lookup_values/a.b~c",
    ]
    assert [key.option_set for key in keys[1:4]] == [None, "form/f/q/option_strings_text", "form/f/q/tally"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "form",
        "form/f",
        "form/f/nothing",
        "lookup/x/help_text",
        "form/a b/name",
        "form/%zz/name",
        "form/f/%6eame",
        "form/%FF/name",
    ],
)
def test_what_is_no_key_is_refused(text: str) -> None:
    """Unknown properties and other encodings than the canonical one are no keys."""
    with pytest.raises(ValueError):
        UnitKey.parse(text)


def test_translatable_leaves_out_hidden_and_blank_units() -> None:
    """Units of hidden fields are left out by default, units without a source text always."""
    name = UnitKey(FORM, "f", "name")
    shown, hidden, blank = Unit(name, "a"), Unit(name, "b", hidden=True), Unit(name, " ", {"fr": "x"})
    catalog = Catalog("x", "en", (shown, hidden, blank))
    assert list(catalog.translatable()) == [shown]
    assert list(catalog.translatable(include_hidden=True)) == [shown, hidden]
    assert (shown.context, shown.words, Unit(name, " e\u0301 ").characters) == (UnitContext(), 1, 1)
