"""The GBV forms of the corpus: the English files as a configuration, and what volunteers made of it in French."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from extractors.load import load, load_source
from extractors.reading import read_path
from extractors.units import Catalog, RecordKind


def english_catalog(corpus: Path) -> Catalog:
    """Return the English files."""
    return load_source(read_path(corpus / "gbv" / "en")).catalog


def french_texts(corpus: Path) -> dict[str, str]:
    """Return the volunteers' texts by key."""
    return {str(unit.key): unit.texts["fr"] for unit in load(read_path(corpus / "gbv" / "fr")).catalog.units}


def gbv_configuration(catalog: Catalog) -> dict[str, Any]:
    """Return a Primero that holds the forms of the English files: they say nothing of types."""
    forms: dict[str, dict[str, Any]] = {}
    lookups: dict[str, dict[str, Any]] = {}
    for unit in catalog.units:
        key, text = unit.key, {"en": unit.source}
        if key.kind is RecordKind.LOOKUP:
            lookup = lookups.setdefault(key.record, {"unique_id": key.record, "lookup_values_i18n": []})
            if key.option is None:
                lookup["name_i18n"] = text
            else:
                lookup["lookup_values_i18n"].append({"id": key.option, "display_text": text})
            continue
        form = forms.setdefault(
            key.record,
            {
                "unique_id": key.record,
                "parent_form": "case",
                "is_nested": "subform" in key.record,
                "fields_attributes": [],
            },
        )
        if key.field is None:
            form[f"{key.prop}_i18n"] = text
            continue
        fields = form["fields_attributes"]
        field = next((field for field in fields if field["name"] == key.field), None)
        if field is None:
            field = {"name": key.field, "type": "text_field", "visible": True}
            fields.append(field)
        if key.option is None:
            field[f"{key.prop}_i18n"] = text
        else:
            field["type"] = "select_box"
            field.setdefault("option_strings_text_i18n", []).append({"id": key.option, "display_text": text})
    return {"FormSection": list(forms.values()), "Lookup": list(lookups.values())}
