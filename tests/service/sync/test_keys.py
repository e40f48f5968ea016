"""Where a unit stands on Transifex, both ways."""

from __future__ import annotations

import hashlib
import re

import yaml
from hypothesis import given
from hypothesis import strategies as st

from extractors.units import (
    FIELD_PROPERTIES,
    FORM_PROPERTIES,
    LOOKUP_OPTION_PROPERTY,
    OPTION_PROPERTIES,
    RecordKind,
    UnitKey,
)
from service.sync.keys import (
    bridge_hash,
    is_bridge_key,
    parse_string_key,
    resource_record,
    resource_slug,
    string_key,
    unit_hash,
)
from service.sync.plan import LocalResource, PushUnit
from transifex_client.sandbox.formats import yml

TRICKY = (
    "a.b",
    ".",
    "..",
    "",
    "1",
    "1.5",
    "true",
    "no",
    "null",
    "~",
    "one",
    "<<",
    "=",
    "a:b",
    "[0]",
    "<1>",
    "é",
    " x ",
)
letters = st.characters(exclude_categories=("Cs",), exclude_characters="\0")
parts = st.one_of(st.sampled_from(TRICKY), st.text(letters, max_size=12)).filter(lambda text: "<TX_DOT>" not in text)
form_keys = st.one_of(
    st.builds(UnitKey, st.just(RecordKind.FORM), parts, st.sampled_from(FORM_PROPERTIES)),
    st.builds(UnitKey, st.just(RecordKind.FORM), parts, st.sampled_from(FIELD_PROPERTIES), parts),
    st.builds(UnitKey, st.just(RecordKind.FORM), parts, st.sampled_from(OPTION_PROPERTIES), parts, parts),
)
lookup_keys = st.one_of(
    st.builds(UnitKey, st.just(RecordKind.LOOKUP), parts, st.just("name")),
    st.builds(UnitKey, st.just(RecordKind.LOOKUP), parts, st.just(LOOKUP_OPTION_PROPERTY), st.none(), parts),
)
keys = st.one_of(form_keys, lookup_keys)


def test_the_string_key_is_the_path_below_the_locale() -> None:
    """The key of an option is the path that the reference gives, its dots escaped."""
    key = UnitKey.parse("form/consent/agree/option_strings_text/1.5")
    assert string_key(key) == "consent.fields.agree.option_strings_text.1<TX_DOT>5"
    assert unit_hash(UnitKey.parse("lookup/lookup-sex/name")) == hashlib.md5(b"lookup-sex.name:").hexdigest()


@given(keys)
def test_every_key_comes_back(key: UnitKey) -> None:
    """Turning a unit's key into Transifex's and back gives the same unit."""
    assert parse_string_key(string_key(key), key.kind) == key


@given(keys, keys)
def test_different_units_have_different_strings(left: UnitKey, right: UnitKey) -> None:
    """Two units of one resource never share a string."""
    if left != right and resource_record(left) == resource_record(right):
        assert unit_hash(left) != unit_hash(right)


@given(st.text(max_size=40), st.sampled_from(RecordKind))
def test_what_is_no_key_is_none(text: str, kind: RecordKind) -> None:
    """Any text either is the string key of the unit it gives, or gives none."""
    key = parse_string_key(text, kind)
    assert key is None or string_key(key) == text


@given(keys)
def test_slugs_are_what_transifex_takes(key: UnitKey) -> None:
    """A slug is 1 to 50 of the letters that Transifex allows, whatever the record is called."""
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,50}", resource_slug(key))


@given(keys, keys)
def test_each_record_has_a_slug_of_its_own(left: UnitKey, right: UnitKey) -> None:
    """Two units have one slug exactly when they belong to one resource."""
    assert (resource_slug(left) == resource_slug(right)) == (resource_record(left) == resource_record(right))


def test_long_and_similar_names_stay_apart() -> None:
    """Names that differ beyond the fiftieth letter, or in case alone, have different slugs that differ in more."""
    names = ["a" * 60, "a" * 61, "A" * 60, "a" * 50, "a" * 49 + "-", "a" * 101]
    slugs = [resource_slug(UnitKey(RecordKind.FORM, name, "name")) for name in names]
    assert len({slug.lower() for slug in slugs}) == len(names)
    assert all(len(slug) <= 50 for slug in slugs)
    assert slugs[3] == "a" * 50


@given(st.lists(st.one_of(form_keys), min_size=1, max_size=8, unique=True), st.data())
def test_an_independent_reader_finds_every_text_under_our_key(found: list[UnitKey], data: st.DataObject) -> None:
    """A reader of Transifex's format, written from its description alone, finds each text of our file where we say."""
    record = found[0].record
    members = {UnitKey(key.kind, record, key.prop, key.field, key.option) for key in found}
    texts = st.text(letters, min_size=1).map(lambda text: f"x{text}y")
    units = tuple(PushUnit(number, key, data.draw(texts), "") for number, key in enumerate(sorted(members, key=str)))
    resource = LocalResource("slug", f"form/{record}", "name", "en", units)
    content = resource.content({}).decode()
    for categories in (("one", "other"), ("other",), ("one", "many", "other")):
        read = {entry.key: entry.strings for entry in yml.parse(content, categories, source=True)}
        assert set(read) == {string_key(unit.key) for unit in units}
        assert not any(set(strings) != {"other"} for strings in read.values())
    assert list(yaml.safe_load(content)) == ["en"]


def test_the_bridge_key_stands_beside_the_options() -> None:
    """The reserved key is recognised by its key and by its hash, in the set of the option."""
    key = UnitKey.parse("lookup/l/lookup_values/other")
    assert is_bridge_key("l.lookup_values._bridge")
    assert not is_bridge_key("l.lookup_values._bridge.x")
    from transifex_client.ids import string_hash

    assert bridge_hash(key) == string_hash("l.lookup_values._bridge")
