"""Units that no translation file may name."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from extractors.load import load
from extractors.reading import Member
from extractors.units import Catalog
from service.bundles.rules.gate import Reason
from service.bundles.rules.traps import Rewrite, find_rewrites, find_traps

FORM = {"form/person/name"}
SEX = {f"form/person/sex/{end}" for end in ("display_name", "option_strings_text/f", "option_strings_text/m")}
SITE = {"form/person/site/display_name"}
LOOKUP = {"lookup/lookup-camp/name", "lookup/lookup-camp/lookup_values/north"}


def _catalog(configuration: dict[str, Any]) -> Catalog:
    return load((Member("configuration.json", json.dumps(configuration).encode()),)).catalog


def _trapped(configuration: dict[str, Any]) -> dict[str, Reason]:
    return {key: trap.reason for key, trap in find_traps(_catalog(configuration)).items()}


def test_a_sound_configuration_has_no_traps(small: Callable[..., dict[str, Any]]) -> None:
    """Nothing is left out without need."""
    assert _trapped(small()) == {}


@pytest.mark.parametrize("name", ["50% done", "Name*", "a@b", "#1", "$", "!", "^", " "])
def test_a_form_whose_english_name_primero_refuses_is_left_alone(
    small: Callable[..., dict[str, Any]], name: str
) -> None:
    """Saving the form would raise, whichever of its texts the file names."""
    configuration = small(form={"name_i18n": {"en": name, "fr": "Nom"}})
    assert _trapped(configuration) == dict.fromkeys(FORM | SEX | SITE, Reason.REFUSED_BY_PRIMERO)


@pytest.mark.parametrize("label", [{"en": "Sex *"}, {"en": ""}, {"fr": "Sexe"}, None])
def test_a_field_whose_english_label_primero_refuses_is_left_alone(
    small: Callable[..., dict[str, Any]], label: dict[str, str] | None
) -> None:
    """Saving the field would raise; the other fields of the form can be saved."""
    configuration = small()
    configuration["FormSection"][0]["fields_attributes"][0]["display_name_i18n"] = label
    assert set(_trapped(configuration)) == SEX - (
        set() if any((label or {}).values()) else {"form/person/sex/display_name"}
    )


def test_a_missing_label_in_a_translation_file_means_nothing() -> None:
    """A translation file may name a help text alone: the label is then unknown, not empty."""
    member = Member("person.yml", b'en: {"person": {"fields": {"sex": {"help_text": "Ask gently"}}}}')
    assert find_traps(load((member,)).catalog) == {}


def test_options_without_english_close_their_field(small: Callable[..., dict[str, Any]]) -> None:
    """Primero refuses to save a select or radio field one of whose options has no English."""
    configuration = small()
    options = configuration["FormSection"][0]["fields_attributes"][0]["option_strings_text_i18n"]
    options.append({"id": "x", "display_text": {"fr": "Autre"}})
    assert set(_trapped(configuration)) == SEX | {"form/person/sex/option_strings_text/x"}


def test_values_without_english_close_their_lookup(small: Callable[..., dict[str, Any]]) -> None:
    """Primero refuses to save a lookup one of whose values has no English."""
    configuration = small()
    configuration["Lookup"][0]["lookup_values_i18n"].append({"id": "south", "display_text": {"en": " "}})
    assert set(_trapped(configuration)) >= LOOKUP
    assert all(key.startswith("lookup/") for key in _trapped(configuration))


def test_an_id_like_a_time_closes_its_option_set(small: Callable[..., dict[str, Any]]) -> None:
    """Saving the set would rename that id; a date alone is written back as it was."""
    configuration = small()
    values = configuration["Lookup"][0]["lookup_values_i18n"]
    values.append({"id": "2020-01-01", "display_text": {"en": "New Year"}})
    assert _trapped(configuration) == {}
    values.append({"id": "2020-01-01 10:00:00", "display_text": {"en": "Ten o'clock"}})
    assert _trapped(configuration) == {
        f"lookup/lookup-camp/lookup_values/{value}": Reason.RENAMES_OPTIONS
        for value in ("north", "2020-01-01", "2020-01-01%2010%3A00%3A00")
    }


def test_the_sentence_names_what_is_wrong(small: Callable[..., dict[str, Any]]) -> None:
    """Whoever mends it learns which English text, and why."""
    configuration = small(form={"name_i18n": {"en": "50% done"}})
    trap = find_traps(_catalog(configuration))["form/person/name"]
    assert "the form's English name holds %" in trap.mend


def test_texts_like_times_are_foretold_where_their_column_is_saved(small: Callable[..., dict[str, Any]]) -> None:
    """Primero rewrites them when the text beside them is saved: a label's other locales, all options of a set."""
    when = "2020-01-01 10:00:00"
    configuration = small()
    sex, site = configuration["FormSection"][0]["fields_attributes"]
    sex["option_strings_text_i18n"][0]["display_text"] = {"en": "Female", "ar": when, "fr": when}
    site["display_name_i18n"] = {"en": when, "fr": when}
    configuration["FormSection"][0]["name_i18n"] = {"en": "Person", "ar": when}
    catalog = _catalog(configuration)
    female, male = "form/person/sex/option_strings_text/f", "form/person/sex/option_strings_text/m"
    label = "form/person/site/display_name"
    assert find_rewrites(catalog, {label}, "fr") == [Rewrite(label, "en")]
    assert find_rewrites(catalog, {male}, "fr") == [Rewrite(female, "ar"), Rewrite(female, "fr")]
    assert find_rewrites(catalog, {female}, "fr") == [Rewrite(female, "ar")]
    assert find_rewrites(catalog, {"form/person/sex/display_name"}, "fr") == []
