"""Strict JSON."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.errors import BadSyntax, ExtractionError, UnsafeInput
from extractors.json_text import MAX_DEPTH, dump_json, load_json

TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@given(TREES)
def test_json_round_trips(tree: object) -> None:
    """A document comes back equal, with its keys in order."""
    assert json.dumps(load_json(dump_json(tree), "x.json")) == json.dumps(tree)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings_and_line_ends_are_read(encoding: str) -> None:
    """BOM, UTF-16 and CRLF make no difference."""
    assert load_json('{\r\n"a": "é"}\r\n'.encode(encoding), "x.json") == {"a": "é"}


def test_lone_surrogates_survive_a_round_trip() -> None:
    """Half a character comes out as the escape it came in as."""
    assert load_json(dump_json({"a": "\ud800é"}), "x.json") == {"a": "\ud800é"}


@pytest.mark.parametrize(
    ("text", "kind", "sentence"),
    [
        (
            '{"a": {"b": [{"x": 1}, {"k": 1, "k": 2}]}}',
            BadSyntax,
            "x.json: the key a.b.1.k stands twice; keep one of them.",
        ),
        ('{"k": 1, "k": 2}', BadSyntax, "x.json: the key k stands twice"),
        ("[" * 100_000, UnsafeInput, "x.json is nested deeper than 50 levels"),
        ('{"a":' * 100_000 + "1" + "}" * 100_000, UnsafeInput, "x.json is nested deeper than 50 levels"),
        ("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), UnsafeInput, "x.json is nested deeper than 50 levels"),
        ("{", BadSyntax, "x.json is not JSON: Expecting property name enclosed in double quotes, line 1 column 2"),
        ("{} {}", BadSyntax, "x.json is not JSON: Extra data, line 1 column 4"),
        ("[NaN]", BadSyntax, "NaN is not a JSON number"),
        ("[" + "1" * 5000 + "]", BadSyntax, "x.json is not JSON that we read"),
        (" \n", BadSyntax, "x.json is empty"),
    ],
)
def test_bad_json_gets_one_sentence(text: str, kind: type[ExtractionError], sentence: str) -> None:
    """Syntax, keys that stand twice, absurd depth and emptiness are told apart, with file and place."""
    with pytest.raises(kind) as refused:
        load_json(text.encode(), "x.json")
    assert sentence in refused.value.message
    assert refused.value.file == "x.json"


def test_real_depths_are_read() -> None:
    """Nesting up to the bound is read."""
    assert load_json(("[" * MAX_DEPTH + "]" * MAX_DEPTH).encode(), "x.json")
