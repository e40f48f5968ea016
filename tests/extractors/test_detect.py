"""Telling the format of an input by its contents."""

from __future__ import annotations

import json
from typing import Any

import pytest

from extractors.detect import detect
from extractors.errors import BadSyntax, ExtractionError, UnknownFormat
from extractors.formats import FORMATS
from extractors.reading import Member


def member(content: Any, name: str = "x.dat") -> Member:
    """Return a member with this text, or with this object as JSON."""
    return Member(name, (content if isinstance(content, str) else json.dumps(content)).encode())


FORM = {"unique_id": "f", "fields": []}
LOOKUP = {"unique_id": "lookup-x", "name": {"en": "X"}}

KNOWN = [
    ({"FormSection": [], "Role": []}, "configuration_json"),
    ({"Lookup": []}, "configuration_json"),
    ('\ufeff\n {"Lookup": []}', "configuration_json"),
    ({"data": [FORM]}, "api_json"),
    ({"data": [LOOKUP], "metadata": {}}, "api_json"),
    ({"data": FORM}, "api_json"),
    ({"data": []}, "api_json"),
    ("en:\n  f:\n    name: X\n", "translation_yaml"),
    ("---\n:en:\n  f:\n    form_group_name: X\n", "translation_yaml"),
    ("# comment\npt-BR: {}\n", "translation_yaml"),
    ("ku_IQ:\r\n  f: {}\r\n", "translation_yaml"),
    ('msgid ""\nmsgstr ""\n', "gettext_po"),
    ('# comment\n#. en:\nmsgctxt "a"\nmsgid "b"\nmsgstr ""\n', "gettext_po"),
]


@pytest.mark.parametrize(("content", "name"), KNOWN)
def test_each_format_is_known_by_its_contents(content: Any, name: str) -> None:
    """The file's name says nothing, its contents everything."""
    assert detect((member(content),)) == name
    assert name in FORMATS


def test_several_files_of_one_format_are_that_format() -> None:
    """Forms and lookups of the API together are one input."""
    assert detect((member({"data": [FORM]}), member({"data": [LOOKUP]}))) == "api_json"


UNKNOWN = [
    ({"a": 1, "b": 2}, UnknownFormat, "x.dat holds a JSON object with a, b; expected is a configuration JSON"),
    ({}, UnknownFormat, "a JSON object with no keys"),
    ([FORM], UnknownFormat, "a JSON list"),
    ({"data": [{"user_name": "x"}]}, UnknownFormat, "API data without a form or lookup"),
    ({"data": "text"}, UnknownFormat, "a JSON object with data"),
    ("version: 3\nservices: {}\n", UnknownFormat, "YAML with version at its top"),
    ("consent:\n  name: X\n", UnknownFormat, "YAML with consent at its top; expected is"),
    ("just some words", UnknownFormat, "text that is neither JSON nor a YAML mapping"),
    ("- a\n", UnknownFormat, "text that is neither JSON nor a YAML mapping"),
    ("{broken", BadSyntax, "x.dat is not JSON"),
    ("@x: y", BadSyntax, "x.dat is not valid YAML"),
    ("", BadSyntax, "x.dat is empty"),
    (" \n\t", BadSyntax, "x.dat is empty"),
    ("# nothing\n", BadSyntax, "x.dat is empty"),
]


@pytest.mark.parametrize(("content", "kind", "sentence"), UNKNOWN)
def test_what_is_unknown_is_said_with_what_is_expected(
    content: Any, kind: type[ExtractionError], sentence: str
) -> None:
    """One sentence says what was found in which file."""
    with pytest.raises(kind) as refused:
        detect((member(content),))
    assert sentence in refused.value.message


def test_mixed_formats_are_refused() -> None:
    """Two formats at once are named with their files."""
    with pytest.raises(UnknownFormat) as refused:
        detect((member({"Lookup": []}, "a.json"), member("en: {}", "b.yml")))
    assert refused.value.message == (
        "a.json is configuration JSON and b.yml is translation YAML; give files of one format at a time."
    )


def test_nothing_is_refused() -> None:
    """No file at all is no format."""
    with pytest.raises(UnknownFormat, match="There is no file to read"):
        detect(())
