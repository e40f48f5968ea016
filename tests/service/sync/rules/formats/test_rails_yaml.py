"""Rails' YAML: what Primero's own files are."""

from __future__ import annotations

import hashlib

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from extractors.units import RecordKind, UnitKey
from service.sync.rules.formats import Line, unit_hash
from service.sync.rules.formats.rails_yaml import BRIDGE_KEY, RailsYaml, guard_plurals
from tests.support.unit_keys import form_keys, letters
from transifex_client.sandbox.formats import yml

YML = RailsYaml()


def test_the_string_key_is_the_path_below_the_locale() -> None:
    """The key of an option is the path that the reference gives, its dots escaped."""
    key = UnitKey.parse("form/consent/agree/option_strings_text/1.5")
    assert YML.string_key(key) == "consent.fields.agree.option_strings_text.1<TX_DOT>5"
    hashed = unit_hash(YML, UnitKey.parse("lookup/lookup-sex/name"))
    assert hashed == hashlib.md5(b"lookup-sex.name:").hexdigest()


@given(st.text(max_size=40), st.sampled_from(RecordKind))
def test_what_is_no_key_is_none(text: str, kind: RecordKind) -> None:
    """Any text either is the string key of the unit it gives, or gives none."""
    key = YML.parse_string_key(text, kind)
    assert key is None or YML.string_key(key) == text


@given(st.lists(form_keys, min_size=1, max_size=8, unique=True), st.data())
def test_no_option_is_taken_for_a_plural_form(found: list[UnitKey], data: st.DataObject) -> None:
    """Whatever the ids and the plural forms of the language, each text is found under its key as one text."""
    record = found[0].record
    members = {UnitKey(key.kind, record, key.prop, key.field, key.option) for key in found}
    texts = st.text(letters, min_size=1).map(lambda text: f"x{text}y")
    lines = [Line(key, data.draw(texts)) for key in sorted(members, key=str)]
    content = YML.serialize(lines, "en").decode()
    for categories in (("one", "other"), ("other",), ("one", "many", "other")):
        read = {entry.key: entry.strings for entry in yml.parse(content, categories, source=True)}
        assert read == {YML.string_key(line.key): {"other": line.text} for line in lines}
    assert list(yaml.safe_load(content)) == ["en"]


def test_the_bridge_key_stands_beside_the_options() -> None:
    """The reserved key is recognised by its key, and known in the set of the option."""
    assert YML.is_filler("l.lookup_values._bridge")
    assert not YML.is_filler("l.lookup_values._bridge.x")
    assert YML.filler_beside(UnitKey.parse("lookup/l/lookup_values/other")) == "l.lookup_values._bridge"
    assert YML.filler_beside(UnitKey.parse("lookup/l/name")) is None


@pytest.mark.parametrize(
    ("names", "guarded"),
    [
        (("one", "other"), True), (("other",), True), (("zero", "one", "two", "few", "many", "other"), True),
        (("one", "other", "unknown"), False), (("yes", "no"), False),
    ],
)  # fmt: skip
def test_options_that_could_be_plural_forms_are_guarded(names: tuple[str, ...], guarded: bool) -> None:
    """A map of nothing but plural names gets the reserved key with an empty text; no other map does."""
    tree = guard_plurals({"en": {"l": {"lookup_values": {name: "x" for name in names}}}})
    assert isinstance(tree, dict)
    expected = {name: "x" for name in names} | ({BRIDGE_KEY: ""} if guarded else {})
    assert tree == {"en": {"l": {"lookup_values": expected}}}


def test_fields_named_like_plural_forms_need_no_guard() -> None:
    """A map of maps is never one plural text."""
    tree = {"fields": {"one": {"display_name": "x"}, "other": {"display_name": "y"}}}
    assert guard_plurals(tree) == tree  # type: ignore[arg-type]
