"""What a translator is told beside the text."""

from __future__ import annotations

import json
from typing import Any

import pytest

from extractors.building import MAX_LISTED
from extractors.load import load
from extractors.reading import Member
from extractors.units import Unit, UnitContext


def units_of(document: Any) -> dict[str, Unit]:
    catalog = load((Member("c.json", json.dumps(document).encode()),)).catalog
    return {str(unit.key): unit for unit in catalog.units}


def options(*ids: str, disabled: str = "") -> list[dict[str, Any]]:
    return [{"id": each, "display_text": {"en": each.upper()}, "disabled": each == disabled} for each in ids]


QUESTION = {
    "name": "q",
    "type": "radio_button",
    "required": True,
    "display_name_i18n": {"en": "Sure?"},
    "help_text_i18n": {"en": "Think."},
    "option_strings_text_i18n": options("a", "b", "c", disabled="b"),
}
OPENER = {"name": "s", "type": "subform", "display_name_i18n": {"en": "Services"}, "subform_unique_id": "sub"}
SOURCED = {"name": "g", "type": "select_box", "option_strings_source": "lookup lookup-x"}
FORM = {
    "unique_id": "f",
    "parent_form": "registry_record",
    "form_group_id": "group_one",
    "module_ids": ["primeromodule-gbv", "primeromodule-cp"],
    "name_i18n": {"en": "Form"},
    "fields_attributes": [QUESTION, OPENER, SOURCED],
}
SUB = {"unique_id": "sub", "name_i18n": {"en": "Nested"}}
LOOKUP = {"unique_id": "lookup-x", "name_i18n": {"en": "X"}, "lookup_values_i18n": options("v", "w")}
GROUPS = {"unique_id": "lookup-form-group-cp-registry-record", "lookup_values_i18n": options("group_one")}
UNITS = units_of({"FormSection": [SUB, FORM], "Lookup": [LOOKUP, GROUPS]})
BASE = {"record_type": "registry_record", "record_name": "Form", "group": "GROUP_ONE"}
FIELD = {**BASE, "field_type": "radio_button", "required": True}

CONTEXTS = {
    "form/f/name": UnitContext(**BASE),
    "form/f/q/display_name": UnitContext(**FIELD, help_text="Think."),
    "form/f/q/help_text": UnitContext(**FIELD, question="Sure?"),
    "form/f/q/option_strings_text/a": UnitContext(**FIELD, question="Sure?", help_text="Think.", siblings=("B", "C")),
    "form/f/q/option_strings_text/b": UnitContext(
        **FIELD, question="Sure?", help_text="Think.", siblings=("A", "C"), disabled=True
    ),
    "form/sub/name": UnitContext(record_name="Nested", subform_of=("Form › Services",)),
    "lookup/lookup-x/name": UnitContext(record_name="X", used_by=("Form › g",)),
    "lookup/lookup-x/lookup_values/v": UnitContext(record_name="X", used_by=("Form › g",), siblings=("W",)),
}


@pytest.mark.parametrize("key", CONTEXTS)
def test_each_kind_of_unit_has_its_context(key: str) -> None:
    """Form, group, question, help, siblings, openers and places of use are named in source texts."""
    assert UNITS[key].context == CONTEXTS[key]


def test_a_group_without_its_lookup_is_named_by_id() -> None:
    """Where the label is not at hand the id is better than nothing."""
    assert units_of({"FormSection": [FORM]})["form/f/name"].context.group == "group_one"


def test_older_files_name_the_group_themselves() -> None:
    """The group name of older translation files is context, in the source locale only."""
    text = "en: {f: {name: 'A', form_group_name: 'Group'}}"
    french = "fr: {f: {name: 'B', form_group_name: 'Groupe'}}"
    for members in ((text, french), (french, text)):
        catalog = load(tuple(Member("x.yml", each.encode()) for each in members)).catalog
        assert [unit.context.group for unit in catalog.units] == ["Group"]


def test_lists_are_bounded_in_order_and_never_name_the_unit_itself() -> None:
    """At most twenty siblings and places of use, the first ones."""
    ids = [f"o{number:02}" for number in range(60)]
    lookup = {"unique_id": "lookup-x", "lookup_values_i18n": options(*ids)}
    fields = [{"name": each, "option_strings_source": "lookup lookup-x"} for each in ids]
    units = units_of({"FormSection": [{"unique_id": "f", "fields_attributes": fields}], "Lookup": [lookup]})
    first, last = units["lookup/lookup-x/lookup_values/o00"], units["lookup/lookup-x/lookup_values/o59"]
    assert first.context.siblings == tuple(each.upper() for each in ids[1 : MAX_LISTED + 1])
    assert last.context.siblings == tuple(each.upper() for each in ids[:MAX_LISTED])
    assert first.context.used_by == tuple(f"f › {each}" for each in ids[:MAX_LISTED])


def test_blank_siblings_are_not_named() -> None:
    """An option without a source text is no help."""
    values = [*options("a", "b"), {"id": "c", "display_text": {"en": "", "fr": "x"}}]
    units = units_of({"Lookup": [{"unique_id": "l", "lookup_values_i18n": values}]})
    assert units["lookup/l/lookup_values/a"].context.siblings == ("B",)


def test_equal_blank_fillers_share_one_mapping() -> None:
    """An API answer's fillers cost memory once, not once a unit."""
    blank = {"en": "A", "fr": "", "es": ""}
    values = [{"id": each, "display_text": blank} for each in "ab"]
    units = units_of({"Lookup": [{"unique_id": "l", "lookup_values_i18n": values}]})
    first, second = units.values()
    assert first.texts is second.texts
