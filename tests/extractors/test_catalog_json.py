"""A catalog as JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from extractors.catalog_json import catalog_json, parse_catalog_json, parse_catalog_records
from extractors.errors import BadSyntax, ExtractionError, WrongShape
from extractors.load import load
from extractors.reading import Member
from tests.support.configurations import api_answers, configurations


@given(configurations())
def test_a_catalog_comes_back_equal_and_in_order(configuration: dict[str, Any]) -> None:
    """Units, contexts, records, locales and problems survive, and the bytes are the same each time."""
    forms, lookups = api_answers(configuration)
    configuration = {**configuration, "Role": []}
    for documents in ((configuration,), (forms, lookups)):
        catalog = load(tuple(Member("x.json", json.dumps(document).encode()) for document in documents)).catalog
        data = catalog_json(catalog)
        again = parse_catalog_json(data)
        assert again == catalog
        assert parse_catalog_records(data) == catalog.records
        assert [list(unit.texts) for unit in again.units] == [list(unit.texts) for unit in catalog.units]
        assert catalog_json(again) == data


def test_units_carry_counts_and_known_context() -> None:
    """A unit says its key, texts, words and characters; of the context only what is known."""
    document = {"Lookup": [{"unique_id": "l", "name_i18n": {"en": " Two words ", "fr": "x"}}]}
    catalog = load((Member("x.json", json.dumps(document).encode()),)).catalog
    written = json.loads(catalog_json(catalog))
    assert list(written) == ["version", "format", "source_locale", "locales", "units", "records", "problems"]
    assert written["units"] == [
        {
            "key": "lookup/l/name",
            "source": " Two words ",
            "texts": {"fr": "x"},
            "hidden": False,
            "words": 2,
            "characters": 9,
            "context": {"record_name": " Two words "},
        }
    ]


@pytest.mark.parametrize(
    ("data", "kind", "sentence"),
    [
        (b"{", BadSyntax, "The catalog is not valid JSON"),
        (b"[]", WrongShape, "This is not a catalog of version 1"),
        (b'{"version": 2}', WrongShape, "This is not a catalog of version 1"),
        (b'{"version": 1}', WrongShape, "The catalog lacks a part"),
        (b'{"version": 1, "format": "x", "source_locale": "en", "units": [{"key": "x"}]}', WrongShape, "lacks a part"),
    ],
)
def test_other_bytes_are_refused(data: bytes, kind: type[ExtractionError], sentence: str) -> None:
    """What is no catalog is one of our errors."""
    for parse in (parse_catalog_json, parse_catalog_records):
        with pytest.raises(kind, match=sentence):
            parse(data)
