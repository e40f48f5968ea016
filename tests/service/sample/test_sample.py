"""The sample deployment: whole, consistent, and wrong only where its README says so."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from service.sample import sample_path

LOCALES = ("fr", "ar")
FORM_TEXTS = ("name", "description", "help_text")
FIELD_TEXTS = ("display_name", "help_text", "guiding_questions", "tick_box_label", "signature_provided_by_label")
PLACEHOLDER = re.compile(r"%\{\w+\}")
DAMAGED = re.compile(r"%\s+\{|%\{\s|\s\}")
MARKUP = re.compile(r"<[^>]*>")
LINK = re.compile(r"https?://|www\.|\S@\S")
CONTROL = re.compile("[\0-\x09\x0b-\x1f\x7f-\x9f\ufeff\ufffd]")


class Config(NamedTuple):
    forms: list[dict[str, Any]]
    lookups: list[dict[str, Any]]
    whole: dict[str, Any]

    def fields(self) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        for form in self.forms:
            for field in form["fields_attributes"]:
                yield form, field

    def subforms(self) -> set[str]:
        return {form["unique_id"] for form in self.forms if form["is_nested"]}


@pytest.fixture(scope="module")
def config() -> Config:
    whole = json.loads((sample_path() / "configuration.json").read_text(encoding="utf-8"))
    return Config(whole["FormSection"], whole["Lookup"], whole)


def english_texts(config: Config, *, hidden: bool = False) -> dict[str, str]:
    """Every English text by its key; without hidden fields and tally labels, as Primero's export leaves them out."""
    found: dict[str, str | None] = {}
    for form in config.forms:
        for prop in FORM_TEXTS:
            found[f"form/{form['unique_id']}/{prop}"] = (form[f"{prop}_i18n"] or {}).get("en")
    for form, field in config.fields():
        if not (field["visible"] or hidden):
            continue
        start = f"form/{form['unique_id']}/{field['name']}"
        for prop in FIELD_TEXTS:
            found[f"{start}/{prop}"] = (field[f"{prop}_i18n"] or {}).get("en")
        for option in field["option_strings_text_i18n"] or ():
            found[f"{start}/option_strings_text/{option['id']}"] = option["display_text"]["en"]
        for option in (field["tally_i18n"] or ()) if hidden else ():
            found[f"{start}/tally/{option['id']}"] = option["display_text"]["en"]
    for lookup in config.lookups:
        found[f"lookup/{lookup['unique_id']}/name"] = lookup["name_i18n"]["en"]
        for value in lookup["lookup_values_i18n"]:
            found[f"lookup/{lookup['unique_id']}/lookup_values/{value['id']}"] = value["display_text"]["en"]
    return {key: text for key, text in found.items() if text is not None}


def flatten(start: str, node: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, below in node.items():
        key = start if name == "fields" else f"{start}/{name}"
        if isinstance(below, dict):
            yield from flatten(key, below)
        else:
            yield key, below


def read_file(path: Path, locale: str) -> dict[str, Any]:
    """The records of one translation file, after checking that it holds one document of this locale alone."""
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert list(document) == [locale]
    return document[locale]


@cache
def translated(locale: str) -> dict[str, Any]:
    found = {}
    for path in sorted((sample_path() / locale).glob("*.yml")):
        for record, body in read_file(path, locale).items():
            kind = "lookup" if path.stem == "lookup" else "form"
            found.update(flatten(f"{kind}/{record}", body))
    return found


class Mistake(NamedTuple):
    key: str
    locale: str
    text: str
    check: str


def listed_mistakes() -> list[Mistake]:
    row = re.compile(r"^\| `([^`]+)` \| (\w+) \| `(\"[^`]*\")` \| .+ \| `(\w+)` \|$", re.MULTILINE)
    readme = (sample_path() / "README.md").read_text(encoding="utf-8")
    return [Mistake(key, locale, json.loads(text), check) for key, locale, text, check in row.findall(readme)]


def numbers(text: str) -> Counter[str]:
    return Counter(re.findall(r"\d+", text))


def option_twins(key: str, texts: dict[str, str]) -> set[str]:
    """The keys of the other options of the same set that have the same text."""
    parent = key.rpartition("/")[0]
    if not parent.endswith(("/option_strings_text", "/lookup_values")):
        return set()
    return {other for other, text in texts.items() if other.rpartition("/")[0] == parent and text == texts[key]} - {key}


# Plain witnesses of what the checks mean, written apart from them: key, English texts, translations -> found.
Witness = Callable[[str, dict[str, str], dict[str, str]], bool]
WITNESSES: dict[str, Witness] = {
    "links_introduced": lambda key, source, target: bool(LINK.search(target[key])),
    "html_introduced": lambda key, source, target: bool(MARKUP.search(target[key])),
    "control_chars": lambda key, source, target: bool(CONTROL.search(target[key])),
    "numbers": lambda key, source, target: numbers(source[key]) != numbers(target[key]),
    "unchanged": lambda key, source, target: len(source[key]) > 3 and source[key].strip() == target[key].strip(),
    "placeholder_damaged": lambda key, source, target: bool(DAMAGED.search(target[key])),
    "placeholder_mismatch": lambda key, source, target: (
        not DAMAGED.search(target[key])
        and Counter(PLACEHOLDER.findall(source[key])) != Counter(PLACEHOLDER.findall(target[key]))
    ),
    "option_duplicate": lambda key, source, target: any(
        source[twin] != source[key] for twin in option_twins(key, target)
    ),
}


def test_the_sample_is_large_enough_to_show_the_work(config: Config) -> None:
    """At least 8 forms, 3 subforms, 150 fields and 12 lookups."""
    assert len(config.forms) - len(config.subforms()) >= 8
    assert len(config.subforms()) >= 3
    assert sum(1 for _ in config.fields()) >= 150
    assert len(config.lookups) >= 12


def test_ids_are_unique(config: Config) -> None:
    """No form, lookup, field of a form, option of a set, or tally label has the id of another."""
    groups = [[form["unique_id"] for form in config.forms], [lookup["unique_id"] for lookup in config.lookups]]
    groups += [[field["name"] for field in form["fields_attributes"]] for form in config.forms]
    groups += [[value["id"] for value in lookup["lookup_values_i18n"]] for lookup in config.lookups]
    for _, field in config.fields():
        groups += [
            [option["id"] for option in field[prop] or ()] for prop in ("option_strings_text_i18n", "tally_i18n")
        ]
    assert [ids for ids in groups if len(set(ids)) != len(ids)] == []


def test_every_lookup_is_used_and_every_lookup_used_exists(config: Config) -> None:
    """Fields name lookups of the sample, and no lookup stands there for nothing but the groups' own."""
    used = {
        source.removeprefix("lookup ")
        for _, field in config.fields()
        if (source := field["option_strings_source"] or "").startswith("lookup ")
    }
    groups = {"lookup-form-group-cp-" + form["parent_form"].replace("_", "-") for form in config.forms}
    assert used | groups == {lookup["unique_id"] for lookup in config.lookups}


def test_every_form_stands_in_a_named_group(config: Config) -> None:
    """A form's group has a label in the lookup of its record type; subforms are in none."""
    values = {lookup["unique_id"]: {v["id"] for v in lookup["lookup_values_i18n"]} for lookup in config.lookups}
    for form in config.forms:
        if form["is_nested"]:
            assert form["form_group_id"] is None
        else:
            assert form["form_group_id"] in values["lookup-form-group-cp-" + form["parent_form"].replace("_", "-")]


def test_subform_fields_and_subforms_belong_together(config: Config) -> None:
    """Every subform field opens a subform of the same record type, every subform is opened by exactly one field."""
    parents = {form["unique_id"]: form["parent_form"] for form in config.forms}
    opened = [
        (field["subform_unique_id"], form["parent_form"])
        for form, field in config.fields()
        if field["type"] == "subform"
    ]
    assert sorted(opened) == sorted((unique_id, parents[unique_id]) for unique_id in config.subforms())
    assert not any(field["subform_unique_id"] for _, field in config.fields() if field["type"] != "subform")


def test_choices_have_their_options(config: Config) -> None:
    """A select or radio field has either options of its own or a source of options, no other field has any."""
    for form, field in config.fields():
        ways = bool(field["option_strings_source"]) + bool(field["option_strings_text_i18n"])
        expected = 1 if field["type"] in ("select_box", "radio_button") else 0
        assert ways == expected, (form["unique_id"], field["name"])
        assert bool(field["tally_i18n"]) == (field["type"] == "tally_field")


def test_collapsed_fields_exist(config: Config) -> None:
    """The fields that a closed subform row shows are fields of that subform, marked on both sides."""
    for form in config.forms:
        marked = [f["name"] for f in form["fields_attributes"] if f["collapsed_field_for_subform_unique_id"]]
        assert marked == (form["collapsed_field_names"] or [])


def test_the_kinds_that_matter_are_all_there(config: Config) -> None:
    """Every field type, record type, text property and oddity that the bridge treats in its own way occurs."""
    types = {field["type"] for _, field in config.fields()}
    assert types == {
        *("text_field", "textarea", "numeric_field", "date_field", "select_box", "radio_button", "tick_box"),
        *("separator", "subform", "tally_field", "signature", "photo_upload_box", "document_upload_box"),
    }
    assert {form["parent_form"] for form in config.forms} == {"case", "incident", "tracing_request"}
    texts = english_texts(config, hidden=True)
    for prop in (*FIELD_TEXTS, "tally"):
        assert any(f"/{prop}" in key for key in texts), prop
    assert any(form["help_text_i18n"] for form in config.forms)
    assert any(not field["visible"] for _, field in config.fields())
    assert any(field["required"] for _, field in config.fields())
    assert any(text != text.rstrip() for text in texts.values())
    assert any("\n" in text for text in texts.values())
    for word in ("consent", "abuse", "survivor"):
        assert any(word in text.lower() for text in texts.values()), word
    assert sum(bool(PLACEHOLDER.search(text)) for text in texts.values()) >= 2


def test_odd_option_ids_occur(config: Config) -> None:
    """There are ids that YAML would read as another type, a date-like id, and options disabled and tagged."""
    options = [option for _, field in config.fields() for option in field["option_strings_text_i18n"] or ()]
    assert {"true", "false", "yes", "no", "1"} <= {option["id"] for option in options}
    assert any(option.get("disabled") for option in options)
    assert any(option.get("tags") for option in options)
    values = [value["id"] for lookup in config.lookups for value in lookup["lookup_values_i18n"]]
    assert "2026-01-01" in values


def test_english_labels_are_such_as_primero_saves(config: Config) -> None:
    """No name of a form and no label of a field has a character that Primero refuses there."""
    labels = [form["name_i18n"]["en"] for form in config.forms]
    labels += [field["display_name_i18n"]["en"] for _, field in config.fields()]
    assert [label for label in labels if re.search(r"[*!@#%$^]", label) or not label.strip()] == []


def test_only_a_dozen_texts_are_live_in_spanish(config: Config) -> None:
    """The configuration is English but for twelve Spanish texts, none of them empty."""
    locales: Counter[str] = Counter()

    def count(node: Any) -> None:
        if isinstance(node, dict) and "en" in node:
            locales.update(node.keys())
            assert all(isinstance(text, str) and text.strip() for text in node.values())
        elif isinstance(node, dict | list):
            for below in node.values() if isinstance(node, dict) else node:
                count(below)

    count([config.forms, config.lookups])
    assert set(locales) == {"en", "es"}
    assert locales["es"] == 12


def test_the_configuration_carries_something_to_drop(config: Config) -> None:
    """Beside forms and lookups it has one role and one agency, which the bridge must not keep."""
    assert {name: len(entries) for name, entries in config.whole.items() if name not in ("FormSection", "Lookup")} == {
        "Role": 1,
        "Agency": 1,
    }


def test_no_real_person_or_place_can_be_reached(config: Config) -> None:
    """Every address in the sample is in a domain reserved for examples, and there is no telephone number."""
    whole = "\n".join(path.read_text(encoding="utf-8") for path in sorted(sample_path().rglob("*.[jy]*")))
    hosts = re.findall(r"(?:https?://|[\w.]+@)([\w.-]+\w)", whole)
    assert hosts
    assert [host for host in hosts if not host.endswith(".example")] == []
    assert re.search(r"\d[\d ]{6,}\d", whole) is None


@pytest.mark.parametrize("locale", LOCALES)
def test_translation_files_are_one_a_form_and_one_for_lookups(config: Config, locale: str) -> None:
    """Each form has its own file, named by its id and holding it alone; lookup.yml holds only lookups."""
    forms = {form["unique_id"] for form in config.forms}
    paths = {path.stem: path for path in (sample_path() / locale).iterdir()}
    assert set(paths) == forms | {"lookup"}
    for unique_id in forms:
        assert list(read_file(paths[unique_id], locale)) == [unique_id]
        assert not re.search("lookup|system", unique_id)
    assert set(read_file(paths["lookup"], locale)) <= {lookup["unique_id"] for lookup in config.lookups}


@pytest.mark.parametrize("locale", LOCALES)
def test_translation_files_hold_only_texts_of_the_visible_configuration(config: Config, locale: str) -> None:
    """Every key exists in the configuration and is exported by Primero; every value is a text that is not blank."""
    texts = translated(locale)
    assert set(texts) - set(english_texts(config)) == set()
    assert [key for key, text in texts.items() if not isinstance(text, str) or not text.strip()] == []


@pytest.mark.parametrize("locale", LOCALES)
def test_translation_files_quote_everything_in_the_order_of_the_configuration(config: Config, locale: str) -> None:
    """Every key and value is double-quoted, and the keys of each file come as the configuration has them."""
    order = {key: place for place, key in enumerate(english_texts(config))}
    for path in sorted((sample_path() / locale).iterdir()):
        tokens = yaml.scan(path.read_text(encoding="utf-8"))
        assert {token.style for token in tokens if isinstance(token, yaml.ScalarToken)} == {'"'}
        kind = "lookup" if path.stem == "lookup" else "form"
        keys = [k for record, body in read_file(path, locale).items() for k, _ in flatten(f"{kind}/{record}", body)]
        assert [order[key] for key in keys] == sorted(order[key] for key in keys)


@pytest.mark.parametrize(("locale", "low", "high"), [("fr", 0.87, 0.95), ("ar", 0.57, 0.65)])
def test_share_of_translated_texts(config: Config, locale: str, low: float, high: float) -> None:
    """French is about 90 % there, Arabic about 60 %."""
    assert low <= len(translated(locale)) / len(english_texts(config)) <= high


@pytest.mark.parametrize(("locale", "letters"), [("fr", "[A-Za-zÀ-ÿœŒ]"), ("ar", "[\u0600-\u06ff]")])
def test_texts_are_in_their_own_script(locale: str, letters: str) -> None:
    """All but the texts listed as mistakes are written in the letters of their language."""
    wrong = {mistake.key for mistake in listed_mistakes()}
    for key, text in translated(locale).items():
        plain = PLACEHOLDER.sub("", text)
        own = len(re.findall(letters, plain))
        assert key in wrong or own >= 0.9 * sum(char.isalpha() for char in plain), key


@pytest.mark.parametrize("locale", LOCALES)
def test_equal_texts_are_translated_alike(config: Config, locale: str) -> None:
    """One English text has one translation in a locale, apart from the mistakes listed."""
    wrong = {mistake.key for mistake in listed_mistakes()}
    source, alike = english_texts(config), {}
    for key, text in translated(locale).items():
        if key not in wrong:
            alike.setdefault(source[key], set()).add(text)
    assert {text: found for text, found in alike.items() if len(found) > 1} == {}


def test_punctuation_is_that_of_the_language() -> None:
    """Arabic has its own comma and question mark; French a no-break space before two-part marks, curly apostrophes."""
    for key, text in translated("ar").items():
        assert not re.search(r"[,;?]", text), key
    for key, text in translated("fr").items():
        assert "'" not in text, key
        assert not re.search(r"[^\u00a0][?!;:]", re.sub("https?:", "", text)), key


def test_the_readme_lists_each_kind_of_mistake_in_each_language() -> None:
    """Each locale has one mistake of each kind; the placeholder kind is any check of that family."""
    kinds = Counter(
        (mistake.locale, re.sub("^placeholder_.*", "placeholder", mistake.check)) for mistake in listed_mistakes()
    )
    expected = {"links_introduced", "html_introduced", "option_duplicate", "numbers", "unchanged", "control_chars"}
    assert kinds == {(locale, kind): 1 for locale in LOCALES for kind in (*expected, "placeholder")}


@pytest.mark.parametrize("mistake", listed_mistakes(), ids=lambda mistake: f"{mistake.locale}-{mistake.check}")
def test_a_listed_mistake_stands_where_the_readme_says(config: Config, mistake: Mistake) -> None:
    """The key exists, its translation is the text stated, and the text is wrong in the way stated."""
    source, target = english_texts(config), translated(mistake.locale)
    assert mistake.key in source
    assert target[mistake.key] == mistake.text
    assert WITNESSES[mistake.check](mistake.key, source, target)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("check", WITNESSES)
def test_no_other_text_is_wrong_in_these_ways(config: Config, locale: str, check: str) -> None:
    """What is wrong but not listed would be an accident: only the listed keys, and a duplicate's twin, are found."""
    source, target = english_texts(config), translated(locale)
    found = {key for key in target if WITNESSES[check](key, source, target)}
    listed = {mistake.key for mistake in listed_mistakes() if (mistake.locale, mistake.check) == (locale, check)}
    twins = {twin for key in listed if check == "option_duplicate" for twin in option_twins(key, target)}
    assert found == listed | twins


def test_the_configuration_is_written_the_same_way_every_time(config: Config) -> None:
    """The file is pretty-printed JSON with letters as they are, so that a change shows as the lines it changes."""
    text = (sample_path() / "configuration.json").read_text(encoding="utf-8")
    assert text == json.dumps(config.whole, ensure_ascii=False, indent=2) + "\n"
