"""A small configuration with a field of every type that Primero draws, for tests of drawing."""

import json
from typing import Any

from extractors.load import load
from extractors.reading import Member
from extractors.units import Catalog

MANY = 15
"""Values of the lookup that is too long to be drawn in a form."""


def field(name: str, kind: str, label: str | None = None, **more: Any) -> dict[str, Any]:
    """Return a field; attributes that end with ``_i18n`` may be given as the English text alone."""
    texts = {
        key: {"en": value} if isinstance(value, str) and key.endswith("_i18n") else value for key, value in more.items()
    }
    named = {} if label is None else {"display_name_i18n": {"en": label}}
    return {"name": name, "type": kind, "visible": True, **named, **texts}


def options(**texts: str) -> list[dict[str, Any]]:
    """Return options by id."""
    return [{"id": name, "display_text": {"en": text}} for name, text in texts.items()]


def form(name: str, label: str, fields: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """Return a form of a case."""
    return {
        "unique_id": name, "name_i18n": {"en": label}, "parent_form": "case", "visible": True,
        "module_ids": ["primeromodule-cp"], "fields_attributes": fields, **more,
    }  # fmt: skip


def lookup(name: str, label: str, **values: str) -> dict[str, Any]:
    """Return a lookup."""
    return {"unique_id": name, "name_i18n": {"en": label}, "lookup_values_i18n": options(**values)}


INTAKE = form(
    "intake", "Intake",
    [
        field("full_name", "text_field", "Full name", required=True, help_text_i18n="As on paper"),
        field("story", "textarea", "Story", guiding_questions_i18n="What happened?"),
        field("age", "numeric_field", "Age"),
        field("born", "date_field", "Born"),
        field("call", "phone_number", "Phone"),
        field(
            "agree", "radio_button", "Does the child agree?",
            option_strings_text_i18n=options(yes="Yes, gladly", no="No"),
        ),
        field("sure", "tick_box", "Are you sure?", tick_box_label_i18n="I am sure"),
        field("plain_tick", "tick_box", "Plain"),
        field("sex", "select_box", "Sex", option_strings_source="lookup lookup-sex"),
        field("lands", "select_box", "Countries", option_strings_source="lookup lookup-land", multi_select=True),
        field("place", "select_box", "Place", option_strings_source="Location"),
        field("counted", "tally_field", "Children", tally_i18n=options(boys="Boys", girls="Girls")),
        field("part", "separator", "Second part"),
        field("signed", "signature", "Signature", signature_provided_by_label_i18n="Signed by whom"),
        field("photo", "photo_upload_box", "Photos", required=True),
        field("kin", "subform", "Family", subform_unique_id="kin_rows"),
        field("go", "link_to_form", "Open the plan"),
        field("secret", "text_field", "Never drawn", visible=False),
    ],
    description_i18n={"en": "About the form"}, form_group_id="start",
)  # fmt: skip
KIN = form(
    "kin_rows", "Kin rows",
    [
        field("kin_name", "text_field", "Name of kin"),
        field("deeper", "subform", "Homes", subform_unique_id="home_rows"),
    ],
    is_nested=True,
)  # fmt: skip
HOME = form("home_rows", "Home rows", [field("street", "text_field", "Street")], is_nested=True)
OTHER = form("other", "Other", [], form_group_id="start")
CONFIGURATION = {
    "FormSection": [INTAKE, KIN, HOME, OTHER],
    "Lookup": [
        lookup("lookup-sex", "Sex list", f="Female", m="Male"),
        lookup("lookup-land", "Countries list", **{f"l{number}": f"Country {number}" for number in range(MANY)}),
        lookup("lookup-form-group-cp-case", "Groups", start="The start"),
    ],
}


def drawn_catalog(configuration: dict[str, Any] | None = None) -> Catalog:
    """Return the catalog of a configuration, the one above by default."""
    document = json.dumps(configuration or CONFIGURATION).encode()
    return load((Member("configuration.json", document),)).catalog
