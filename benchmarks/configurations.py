"""Configurations of any size, shaped like Primero's default one."""

from typing import Any

FIELDS = 12
OPTIONS = 5
LOCALES = ("en", "fr", "ar")


def make_configuration(units: int) -> dict[str, Any]:
    """Return a configuration with exactly that many texts in the source locale, each in three locales.

    A form has a name and twelve fields; every third field has options of its own, every fourth a help text.
    """
    forms: list[dict[str, Any]] = []
    left = units
    while left > 0:
        form, made = _make_form(len(forms), left)
        forms.append(form)
        left -= made
    return {"FormSection": forms, "Lookup": []}


def make_spread_configuration(forms: int, units: int) -> dict[str, Any]:
    """Return a configuration with so many forms, which share exactly that many texts as evenly as can be."""
    shares = [units // forms + (number < units % forms) for number in range(forms)]
    return {"FormSection": [_make_form(number, share)[0] for number, share in enumerate(shares)], "Lookup": []}


def _make_form(number: int, left: int) -> tuple[dict[str, Any], int]:
    made = 1
    fields: list[dict[str, Any]] = []
    for index in range(FIELDS):
        if made == left:
            break
        field: dict[str, Any] = {
            "name": f"question_{index}",
            "type": "text_field",
            "visible": True,
            "display_name_i18n": _texts(f"Question {index} of form {number}"),
        }
        made += 1
        if index % 4 == 0 and made < left:
            field["help_text_i18n"] = _texts(f"Ask the survivor gently; question {index} may be left out")
            made += 1
        if index % 3 == 0 and made < left:
            options = min(OPTIONS, left - made)
            field["type"] = "select_box"
            field["option_strings_text_i18n"] = [
                {"id": f"option_{option}", "display_text": _texts(f"Answer {option}")} for option in range(options)
            ]
            made += options
        fields.append(field)
    form = {
        "unique_id": f"form_{number}",
        "parent_form": "case",
        "visible": True,
        "order": number,
        "name_i18n": _texts(f"Form {number}"),
        "fields_attributes": fields,
    }
    return form, made


def _texts(text: str) -> dict[str, str]:
    return {"en": text, "fr": f"{text} en français", "ar": f"{text} بالعربية"}
