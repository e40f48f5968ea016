"""The real data: counts as measured, and round trips of every file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from extractors.load import load, load_source, save
from extractors.parsed import Parsed
from extractors.reading import Member, read_path
from extractors.texts import is_blank
from extractors.yaml_text import load_yaml

SOURCES = ["primero-default/configuration.json", "primero-default/api-forms.json", "primero-default/api-lookups.json"]
SOURCES += ["primero-probes/configuration.json", "primero-probes/api-forms.json", "primero-probes/api-lookups.json"]
FOLDERS = ["primero-default/export-yaml", "gbv/en", "gbv/fr"]


def members(corpus: Path, *names: str) -> tuple[Member, ...]:
    return tuple(member for name in names for member in read_path(corpus / name))


@pytest.fixture
def configuration(corpus: Path) -> Parsed:
    return load_source(read_path(corpus / SOURCES[0]))


def test_the_default_configuration_has_its_texts(configuration: Parsed) -> None:
    """1,430 texts of 3,962 words, 1,361 of them not hidden, in 64 forms with 476 fields and 60 lookups; no problem."""
    catalog = configuration.catalog
    assert (len(catalog.units), len(list(catalog.translatable()))) == (1430, 1361)
    assert sum(unit.words for unit in catalog.units) == 3962
    assert sum(unit.words for unit in catalog.translatable()) == 3563
    assert sum(len(record.fields) for record in catalog.records) == 476
    assert [sum(record.kind == kind for record in catalog.records) for kind in ("form", "lookup")] == [64, 60]
    assert (catalog.locales, catalog.problems) == (("en",), ())


def test_api_answers_give_the_same_units_and_records(corpus: Path, configuration: Parsed) -> None:
    """The API tells the same as the configuration, plus the enabled locales as blanks."""
    catalog = load_source(members(corpus, *SOURCES[1:3])).catalog
    expected = configuration.catalog
    assert [(u.key, u.source, u.context, u.hidden) for u in catalog.units] == [
        (u.key, u.source, u.context, u.hidden) for u in expected.units
    ]
    assert all(set(unit.texts.items()) == {("fr", ""), ("ar", ""), ("es", "")} for unit in catalog.units)
    assert catalog.records == expected.records
    assert (catalog.locales, catalog.problems) == (("en", "fr", "ar", "es"), ())


def test_the_export_gives_the_units_that_are_not_hidden(corpus: Path, configuration: Parsed) -> None:
    """Primero's own YAML export holds the 1,361 visible texts."""
    catalog = load_source(members(corpus, FOLDERS[0])).catalog
    assert {u.key: u.source for u in catalog.units} == {u.key: u.source for u in configuration.catalog.translatable()}
    assert (len(catalog.units), catalog.problems) == (1361, ())


def test_group_names_and_subforms_are_known(configuration: Parsed) -> None:
    """A form's group has its label, a subform its question."""
    contexts = {str(unit.key): unit.context for unit in configuration.catalog.units}
    assert contexts["form/bid_documents/name"].group == "Documents"
    assert contexts["form/care_arrangements_section/name"].subform_of == ("Care Arrangements › Care Arrangements",)
    assert all(contexts[str(u.key)].used_by for u in configuration.catalog.units if u.key.record == "lookup-gender")


def test_the_gbv_files_have_their_texts(corpus: Path) -> None:
    """English 1,127 texts of 5,691 words; French 1,115, of which 162 are empty."""
    english = load_source(members(corpus, "gbv/en")).catalog
    assert (len(english.units), sum(unit.words for unit in english.units)) == (1127, 5691)
    french = load(members(corpus, "gbv/fr")).catalog
    assert (len(french.units), sum(is_blank(unit.texts["fr"]) for unit in french.units)) == (1115, 162)
    assert all(unit.source == "" for unit in french.units)
    both = load_source(members(corpus, "gbv")).catalog
    assert (both.locales, sum("fr" in unit.texts for unit in both.units)) == (("en", "fr"), 1115)


@pytest.mark.parametrize("name", SOURCES)
def test_every_json_file_comes_back_as_it_was(corpus: Path, name: str) -> None:
    """The parsed document is the same, order included."""
    parsed = load(read_path(corpus / name))
    (out,) = save(parsed.catalog, parsed.skeleton)
    assert json.dumps(json.loads(out.data)) == json.dumps(json.loads((corpus / name).read_bytes()))


@pytest.mark.parametrize("name", FOLDERS)
def test_every_yaml_file_comes_back_as_the_same_tree(corpus: Path, name: str) -> None:
    """Each file has the same ordered tree, blanks and group names included, and is read as the same catalog."""
    parsed = load(read_path(corpus / name))
    out = save(parsed.catalog, parsed.skeleton)
    assert [member.name for member in out] == [member.name for member in parsed.skeleton.members]
    for before, after in zip(parsed.skeleton.members, out, strict=True):
        trees = [load_yaml(member.data.decode(), member.name) for member in (before, after)]
        assert json.dumps(trees[0]) == json.dumps(trees[1])
    assert load(out).catalog.units == parsed.catalog.units


def test_probe_configuration_has_odd_options(corpus: Path) -> None:
    """Tags, disabled marks and tallies of the probe configuration are known."""
    catalog = load_source(members(corpus, SOURCES[3])).catalog
    fields = [field for record in catalog.records for field in record.fields]
    assert any(field.tally for field in fields)
    every = [option for record in catalog.records for option in record.options]
    every += [option for field in fields for option in field.options]
    assert any(option.tags for option in every)
    assert any(option.disabled for option in every)
