"""The texts of a bundle in a configuration JSON, and in an export of the instance it was brought into."""

from __future__ import annotations

import json
from typing import Any

import pytest

from extractors.load import load
from extractors.reading import Member
from extractors.units import Catalog
from service.errors import BadInput, Refused
from service.home.merging import merge_bundle
from service.home.verifying import is_verified, verified_data, verified_lines
from service.primero.rules.diffing import verify_export
from service.primero.rules.reasons import Why
from tests.support.primero import in_french, make_bundle, sample_configuration
from tests.support.primero_importer import PrimeroInstance, diff, diff_structure

LOCALES = ("en", "fr", "es")


def _member(document: dict[str, Any]) -> Member:
    return Member("configuration.json", json.dumps(document).encode())


def _catalog(document: dict[str, Any]) -> Catalog:
    return load((_member(document),)).catalog


def test_a_bundle_goes_into_a_configuration_and_nothing_else_changes() -> None:
    """Every text is there, tallies and tagged lists too; everything else, roles and agencies among it, is as it was."""
    document = sample_configuration()
    bundle = make_bundle(_catalog(document), in_french)
    merged = merge_bundle(bundle, _member(document), _catalog(document))
    after = json.loads(merged.data)
    was, now = (PrimeroInstance.from_configuration(one, LOCALES) for one in (document, after))
    changed = diff(was.texts(), now.texts())
    assert (len(changed), merged.written, merged.left_out) == (506, 506, ())
    assert {locale for texts in changed.values() for locale in texts} == {"fr"}
    assert diff_structure(was.structure(), now.structure()) == []
    assert (after["Role"], after["Agency"]) == (document["Role"], document["Agency"])
    again = merge_bundle(bundle, Member("configuration.json", merged.data), _catalog(document))
    assert (again.written, again.unchanged, again.data) == (0, 506, merged.data)


def test_a_configuration_that_would_destroy_forms_is_refused() -> None:
    """Its forms and lookups must be those of the instance; what would go, and what is new, is named."""
    document, bundle = sample_configuration(), make_bundle(_catalog(sample_configuration()), in_french)
    document["FormSection"] = document["FormSection"][1:]
    with pytest.raises(Refused, match=r"1 of the instance are not in it \(form/nl_registration\).*destroys") as caught:
        merge_bundle(bundle, _member(document), _catalog(sample_configuration()))
    assert caught.value.details == {"missing": ["form/nl_registration"], "unknown": []}
    with pytest.raises(Refused, match="1 in it are not on the instance"):
        merge_bundle(bundle, _member(sample_configuration()), _catalog(document))


def test_only_texts_of_the_same_english_are_merged() -> None:
    """A text whose English is another one there, or that it does not have, is left out and said."""
    document = sample_configuration()
    bundle = make_bundle(_catalog(document), in_french)
    document["FormSection"][0]["name_i18n"]["en"] = "Intake"
    document["FormSection"][0]["description_i18n"] = None
    merged = merge_bundle(bundle, _member(document), _catalog(document))
    assert {one.key: one.why for one in merged.left_out} == {
        "form/nl_registration/name": Why.SOURCE_CHANGED,
        "form/nl_registration/description": Why.UNKNOWN,
    }


def test_something_else_than_a_configuration_is_refused() -> None:
    """Answers of the API are read, and are no vehicle."""
    answers = Member("answers.json", b'{"data": [{"unique_id": "f", "fields": [], "name": {"en": "F"}}]}')
    with pytest.raises(BadInput, match="no configuration JSON"):
        merge_bundle(make_bundle(_catalog(sample_configuration()), in_french), answers, _catalog({"Lookup": []}))


def test_a_configuration_shows_whether_everything_arrived() -> None:
    """What is there is verified, what is another text or missing differs; ends do not count."""
    document = sample_configuration()
    bundle = make_bundle(_catalog(document), in_french)
    merged = json.loads(merge_bundle(bundle, _member(document), _catalog(document)).data)
    merged["FormSection"][0]["name_i18n"]["fr"] += " \r\n"
    assert is_verified(verify_export(bundle, _catalog(merged)))
    merged["FormSection"][0]["name_i18n"]["fr"] = "Autre"
    del merged["FormSection"][0]["description_i18n"]["fr"]
    rows = verify_export(bundle, _catalog(merged))
    assert not is_verified(rows)
    assert verified_data(rows)["counts"] == {"verified": 504, "differs": 2, "not-visible": 0}
    lines = list(verified_lines(rows))
    assert lines[1].startswith("  differs form/nl_registration/name: 'Autre' is there, 'FR ")
    assert "nothing is there" in lines[2]


def test_an_export_in_yaml_does_not_show_everything() -> None:
    """What it does not name is not visible, which is no difference."""
    bundle = make_bundle(_catalog(sample_configuration()), in_french)
    given = bundle.texts["form/nl_consent/name"].text
    export = Member("nl_consent.yml", f'fr:\n  "nl_consent":\n    "name": "{given}"\n'.encode())
    rows = verify_export(bundle, load((export,)).catalog)
    assert verified_data(rows)["counts"] == {"verified": 1, "differs": 0, "not-visible": 505}
    assert is_verified(rows)
    assert "hidden fields" in list(verified_lines(rows))[-1]
