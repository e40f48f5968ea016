"""The volunteers' real French for the GBV forms, all the way: imported, approved in bulk, bundled, read by Primero."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from extractors.load import load, load_source
from extractors.reading import read_path
from extractors.units import Catalog, RecordKind
from service.audit.service import Actor
from service.catalog.queries import count_states
from service.catalog.service.snapshots import import_snapshot
from service.review.service.bulk import approve_all_passing
from tests.service.bundles.conftest import OPERATOR, REVIEWERS, Filled
from tests.service.bundles.test_witness import Imported
from tests.support.wording import without_pack


def _configuration(catalog: Catalog) -> dict[str, Any]:
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
            key.record, {"unique_id": key.record, "parent_form": "case", "is_nested": False, "fields_attributes": []}
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


def test_the_volunteers_french_arrives(filled: Filled, corpus: Path) -> None:
    """Of 1,127 English texts 953 have French, two of them blocked: exactly the other 951 arrive in Primero."""
    english = load_source(read_path(corpus / "gbv" / "en")).catalog
    french = load(read_path(corpus / "gbv" / "fr")).catalog
    texts = {str(unit.key): unit.texts["fr"] for unit in french.units}
    import_snapshot(
        filled.session, filled.deployment, english,
        origin="gbv", allow_removals=False, actor=OPERATOR, now=filled.now,
    )  # fmt: skip
    assert filled.deployment.id is not None
    without_pack(filled.session, filled.deployment.id, filled.now)
    filled.write(texts)
    approve_all_passing(
        filled.session, filled.deployment, "fr",
        with_warnings=True, reason="Read in the workshop.", actor=Actor("reviewer", REVIEWERS[0]), now=filled.now,
    )  # fmt: skip
    counts = count_states(filled.session, filled.deployment.id, ["fr"])["fr"]
    assert (counts.total, counts.approved, counts.translated, counts.untranslated) == (1127, 951, 2, 174)
    bundle = filled.build()
    imported = Imported(_configuration(english), bundle)
    imported.check(texts)
    assert len(imported.keys) == 951
    assert len([key for key in imported.changed if imported.after[key].get("fr")]) == 951
