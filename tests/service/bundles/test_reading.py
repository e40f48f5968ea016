"""What brings a bundle into Primero reads it whole or not at all, and can build the way back."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from extractors.load import load
from extractors.reading import Member
from service.bundles.archive import pack, unpack
from service.bundles.inverse import build_inverse, find_former_texts
from service.bundles.reading import Target, read_bundle
from service.bundles.service import Bundle
from service.catalog.rules.carrier import Carrier
from service.errors import BadInput, Refused
from tests.service.bundles.conftest import Filled

NAME, SITE = "form/person/name", "form/person/site/display_name"
DATE, MALE = (f"form/person/sex/option_strings_text/{option}" for option in ("2020-01-01", "m"))
TEXTS = {NAME: "Personne", DATE: "Date", MALE: "Homme", SITE: "Lieu"}


def _sex(french: dict[str, str]) -> dict[str, Any]:
    options = [
        {"id": option, "display_text": {"en": option.upper(), **({"fr": french[option]} if option in french else {})}}
        for option in ("2020-01-01", "m")
    ]
    return {
        "name": "sex", "type": "select_box", "visible": True, "display_name_i18n": {"en": "Sex"},
        "option_strings_text_i18n": options,
    }  # fmt: skip


def _site(french: str | None) -> dict[str, Any]:
    return {"name": "site", "type": "text_field", "visible": True, "display_name_i18n": {"en": "Site", "fr": french}}


def _target(configuration: dict[str, Any], enabled: frozenset[str] | None = None) -> Target:
    member = Member("configuration.json", json.dumps(configuration).encode())
    return Target(load((member,)).catalog, enabled)


@pytest.fixture
def bundle(filled: Filled, small: Callable[..., dict[str, Any]]) -> Bundle:
    """Four texts, of which a file can carry three."""
    filled.import_source(small(form={"fields_attributes": [_sex({}), _site(None)]}))
    filled.write(TEXTS)
    assert filled.approve(TEXTS) == set()
    return filled.build()


def test_a_bundle_is_read_with_its_texts_and_how_each_can_be_carried(bundle: Bundle) -> None:
    """Keys are in the order of the source; what only the API carries stands in a file of its own."""
    opened = read_bundle(bundle.data)
    assert {key: text.text for key, text in opened.texts.items()} == TEXTS
    assert list(opened.texts) == list(TEXTS)
    assert opened.texts[DATE].carrier is Carrier.API
    assert opened.texts[DATE].file == "api-texts.json"
    assert opened.texts[SITE].file == "forms/person.yml"
    assert opened.records[SITE].approvals != []
    assert {row.reason for row in opened.left_out} == {"untranslated"}
    assert b"2020-01-01" not in unpack(bundle.data)["forms/person.yml"]
    assert "api-texts.json holds texts" in unpack(bundle.data)["README.txt"].decode()


@pytest.mark.parametrize("path", ["api-texts.json", "forms/person.yml", "left-out.json", "manifest.json"])
def test_a_bundle_with_a_fault_is_not_read_at_all(bundle: Bundle, path: str) -> None:
    """One changed byte anywhere, and no text is given out; the problems are named."""
    files = unpack(bundle.data)
    with pytest.raises(BadInput, match="not whole") as caught:
        read_bundle(pack({**files, path: files[path] + b" "}))
    assert caught.value.details["problems"][0]["where"] in (path, "SHA256SUMS")


def test_the_way_back_holds_what_stood_there_and_empties_the_rest(
    bundle: Bundle, small: Callable[..., dict[str, Any]]
) -> None:
    """Texts come as they were written, spaces included; null stands for a text that was not there."""
    configuration = small(form={"fields_attributes": [_sex({"m": " Mâle "}), _site("")]})
    inverse = build_inverse(read_bundle(bundle.data), _target(configuration, frozenset({"fr"})), version="2")
    opened = read_bundle(inverse.data)
    assert {key: text.text for key, text in opened.texts.items()} == {
        NAME: None, DATE: None, MALE: " Mâle ", SITE: None,
    }  # fmt: skip
    assert unpack(inverse.data)["forms/person.yml"].decode() == (
        '---\n"fr":\n  "person":\n    "name": null\n    "fields":\n      "sex":\n        "option_strings_text":\n'
        '          "m": " Mâle "\n      "site":\n        "display_name": null\n'
    )
    assert opened.manifest.inverse_of == bundle.sha256
    assert opened.manifest.policy == "inverse"
    assert opened.manifest.target is not None
    assert opened.manifest.target.locale_enabled is True
    assert all(record.approvals == [] for record in opened.records.values())


def test_what_the_target_does_not_show_has_no_way_back(bundle: Bundle, small: Callable[..., dict[str, Any]]) -> None:
    """It is listed; nothing is said of a text nobody saw."""
    configuration = small(form={"fields_attributes": [_site("Endroit")]})
    target = _target(configuration)
    opened = read_bundle(bundle.data)
    assert find_former_texts(opened, target) == {NAME: None, SITE: "Endroit"}
    inverse = build_inverse(opened, target, version="2")
    assert {row.key: row.reason for row in inverse.left_out} == {DATE: "unknown-there", MALE: "unknown-there"}
    assert read_bundle(inverse.data).manifest.counts.left_out == {"unknown-there": 2}


def test_a_bundle_for_another_instance_has_no_way_back(bundle: Bundle, small: Callable[..., dict[str, Any]]) -> None:
    """Nothing of it is there: surely the wrong file was given."""
    configuration = small(form={"unique_id": "other"})
    with pytest.raises(Refused, match="holds none of the 4 texts"):
        build_inverse(read_bundle(bundle.data), _target(configuration), version="2")


def test_a_way_back_has_no_way_back(bundle: Bundle, small: Callable[..., dict[str, Any]]) -> None:
    """Whoever wants to go forward again imports the bundle itself."""
    target = _target(small())
    inverse = build_inverse(read_bundle(bundle.data), target, version="2")
    with pytest.raises(BadInput, match="a way back itself"):
        build_inverse(read_bundle(inverse.data), target, version="2")
