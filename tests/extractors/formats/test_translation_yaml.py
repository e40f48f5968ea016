"""Translation YAML: what is read, what is refused, and that the same tree comes out."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from extractors.errors import ExtractionError, WrongShape
from extractors.load import load, save
from extractors.reading import Member
from extractors.units import RecordKind
from extractors.writing import texts_in, yaml_members
from extractors.yaml_text import load_yaml
from tests.support.configurations import configurations


def member(text: str, name: str = "x.yml") -> Member:
    return Member(name, text.encode())


EVERYTHING = """\
---
fr: # comment
  consent:
    name: Nom
    description:
    help_text: ''
    form_group_name: Groupe
    fields:
      agree:
        display_name: "Oui ?"
        help_text: ~
        option_strings_text:
          'true': Oui
          other: ""
  empty_form:
    fields:
"""
LOOKUPS = (
    "fr:\n  gender:\n    name: Genre\n    lookup_values:\n      f: Féminin\n      m:\n  only-name:\n    name: Seul\n"
)


def test_every_key_is_a_unit_blank_or_not() -> None:
    """Texts, empty texts and nulls are units in the order of the file; a form's group name is none."""
    catalog = load((member(EVERYTHING), member(LOOKUPS, "Lookups.yml"))).catalog
    assert [(str(unit.key), unit.source, unit.texts) for unit in catalog.units] == [
        ("form/consent/name", "", {"fr": "Nom"}),
        ("form/consent/description", "", {"fr": ""}),
        ("form/consent/help_text", "", {"fr": ""}),
        ("form/consent/agree/display_name", "", {"fr": "Oui ?"}),
        ("form/consent/agree/help_text", "", {"fr": ""}),
        ("form/consent/agree/option_strings_text/true", "", {"fr": "Oui"}),
        ("form/consent/agree/option_strings_text/other", "", {"fr": ""}),
        ("lookup/gender/name", "", {"fr": "Genre"}),
        ("lookup/gender/lookup_values/f", "", {"fr": "Féminin"}),
        ("lookup/gender/lookup_values/m", "", {"fr": ""}),
        ("lookup/only-name/name", "", {"fr": "Seul"}),
    ]
    assert catalog.problems == ()
    assert [record.key for record in catalog.records] == ["form/consent", "lookup/gender", "lookup/only-name"]
    assert [option.id for option in catalog.records[0].fields[0].options] == ["true", "other"]


def test_the_same_tree_comes_out_with_blanks_and_group_names() -> None:
    """Untouched output has the keys, nulls and group names of the input, in order."""
    parsed = load((member(EVERYTHING), member(LOOKUPS, "Lookups.yml")))
    out = save(parsed.catalog, parsed.skeleton)
    assert [each.name for each in out] == ["x.yml", "Lookups.yml"]
    for text, each in zip((EVERYTHING, LOOKUPS), out, strict=True):
        assert json.dumps(load_yaml(each.data.decode(), "x")) == json.dumps(load_yaml(text, "x"))


def test_a_changed_text_appears_and_a_removed_one_goes() -> None:
    """Texts are written where they stand; a text the catalog lacks leaves the file."""
    parsed = load((member("fr: {f: {name: 'A', description: 'B', help_text: }}\n"),))
    name, description, help_text = parsed.catalog.units
    units = (replace(name, texts={"fr": "C"}), replace(description, texts={}), replace(help_text, texts={"fr": "D"}))
    (out,) = save(replace(parsed.catalog, units=units), parsed.skeleton)
    assert load_yaml(out.data.decode(), "x") == {"fr": {"f": {"name": "C", "help_text": "D"}}}


def test_new_texts_go_to_their_form_or_to_a_new_file() -> None:
    """A text without a place is added beside its form's texts, or in a file of its locale."""
    parsed = load(
        (member("en: {f: {name: 'A', fields: {q: {help_text: 'H'}}}}\n"), member("fr: {f: {name: 'B'}}\n", "fr.yml"))
    )
    name, help_text = parsed.catalog.units
    units = (replace(name, texts={"fr": "B", "es": "N"}), replace(help_text, texts={"fr": "A"}))
    out = save(replace(parsed.catalog, units=units), parsed.skeleton)
    assert [each.name for each in out] == ["x.yml", "fr.yml", "es/f.yml"]
    assert load_yaml(out[1].data.decode(), "x") == {"fr": {"f": {"name": "B", "fields": {"q": {"help_text": "A"}}}}}
    assert load_yaml(out[2].data.decode(), "x") == {"es": {"f": {"name": "N"}}}
    assert {u.key: u.texts for u in load(out).catalog.units} == {u.key: u.texts for u in units}


@given(configurations())
def test_texts_written_as_yaml_are_read_again(configuration: dict[str, Any]) -> None:
    """What a configuration says in a locale survives the way through translation files, tallies included."""
    catalog = load((Member("c.json", json.dumps(configuration).encode()),)).catalog
    for locale in catalog.locales:
        texts = dict(texts_in(catalog, locale, include_hidden=True))
        members = yaml_members(texts.items(), locale, tally=True)
        if not members:
            assert texts == {}
            continue
        parsed = load(members, locale)
        assert {unit.key: unit.source for unit in parsed.catalog.units} == texts
        assert save(parsed.catalog, parsed.skeleton) == members
        assert {problem.code for problem in parsed.catalog.problems} <= {"tally-in-yaml"}


def test_rubys_symbol_as_locale_is_read_and_kept() -> None:
    """Primero's exporter may write the locale as a symbol; it means the locale."""
    parsed = load((member(":en:\n  f:\n    name: A\n"),))
    assert (parsed.catalog.locales, parsed.catalog.units[0].source) == (("en",), "A")
    (out,) = save(parsed.catalog, parsed.skeleton)
    assert load_yaml(out.data.decode(), "x") == {":en": {"f": {"name": "A"}}}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_bom_utf16_and_crlf_are_read(encoding: str) -> None:
    """What Windows editors make of a file is read."""
    parsed = load((Member("x.yml", 'fr:\r\n  f:\r\n    name: "é"\r\n'.encode(encoding)),))
    assert parsed.catalog.units[0].texts == {"fr": "é"}


@pytest.mark.parametrize(
    ("text", "name", "kind"),
    [
        ("fr: {x: {lookup_values: {a: 'A'}}}", "x.yml", RecordKind.LOOKUP),
        ("fr: {lookup-x: {name: 'A'}}", "x.yml", RecordKind.LOOKUP),
        ("fr: {x: {name: 'A'}}", "a/LookUps.yml", RecordKind.LOOKUP),
        ("fr: {x: {name: 'A'}}", "x.yml", RecordKind.FORM),
        ("fr: {x: {name: 'A', description: 'B'}}", "lookups.yml", RecordKind.FORM),
        ("fr: {lookup-x: {name: 'A', fields: {q: {help_text: 'B'}}}}", "lookups.yml", RecordKind.FORM),
    ],
)
def test_lookups_are_told_from_forms_by_contents_first(text: str, name: str, kind: RecordKind) -> None:
    """Contents decide, then the id, and the file's name only where there is nothing but a name."""
    assert load((member(text, name),)).catalog.units[0].key.kind is kind


REFUSED = [
    (
        "fr: {f: {name: 'A'}}\nes: {f: {name: 'B'}}\n",
        "x.yml has 2 keys at its top (fr, es), but Primero reads one; give one locale",
    ),
    ("fr: text\n", "x.yml has no forms or lookups below fr"),
    ("fr: [a]\n", "x.yml has no forms or lookups below fr"),
    ("fr:\n  date:\n    formats:\n      default: x\n", "x.yml has a locale at its top but no form or lookup below"),
    ("fr:\n  hello: world\n", "x.yml has a locale at its top but no form or lookup below"),
    ("fr: {f: {name: 'A'}}\n---\nfr: {}\n", "x.yml holds more than one YAML document"),
]


@pytest.mark.parametrize(("text", "sentence"), REFUSED)
def test_files_of_another_shape_are_refused(text: str, sentence: str) -> None:
    """Two roots, two documents and files of other programs get one sentence."""
    with pytest.raises(WrongShape) as refused:
        load((member(text),))
    assert sentence in refused.value.message


@pytest.mark.parametrize(
    "text", ["fr: {f: {name: a, name: b}}", "fr: {f: &a {name: b}, g: *a}", "fr: " + "{a: " * 30 + "}" * 30]
)
def test_unsafe_files_are_refused_while_loading(text: str) -> None:
    """The strict loader stands behind the format."""
    with pytest.raises(ExtractionError, match=r"x\.yml"):
        load((member(text),))


def test_a_parser_without_detection_refuses_other_roots() -> None:
    """A file without a locale at its top is refused with what to do, whoever calls the parser."""
    from extractors.formats.translation_yaml.parse import parse

    for text, sentence in (
        ("consent: {name: 'A'}", "put the locale, such as en, above it"),
        ("[a]", "has no locale"),
        ("{}", "has no locale"),
    ):
        with pytest.raises(WrongShape, match=sentence):
            parse((member(text),))
