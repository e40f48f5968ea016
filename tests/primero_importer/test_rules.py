"""What Primero's importer does with a file, stated one by one, beside what the probes show."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.support.primero_importer import ImportOutcome, PrimeroInstance, diff, diff_structure
from tests.support.primero_importer.instance import Texts


def _import(instance: PrimeroInstance, text: str, path: str = "person.yml") -> tuple[ImportOutcome, Texts]:
    """Import a file given as text; return what the importer said and which texts differ."""
    before = instance.texts()
    outcome = instance.import_file(path, text.encode())
    return outcome, diff(before, instance.texts())


def test_a_clean_file_stores_its_texts_and_nothing_else(instance: PrimeroInstance) -> None:
    """Form, field and options arrive; nothing beside them changes, and nobody complains."""
    structure = instance.structure()
    outcome, changed = _import(
        instance,
        'fr:\n  person:\n    name: "Personne"\n    fields:\n      sex:\n        display_name: "Sexe"\n'
        '        option_strings_text:\n          "f": "Fille"\n          "m": "Garçon"\n',
    )
    assert outcome == ImportOutcome("FormSection", None, [], [], "person.yml")
    assert outcome.is_clean
    assert changed == {
        "form|person|name": {"fr": "Personne"},
        "field|person|sex|display_name": {"fr": "Sexe"},
        "field|person|sex|option_strings_text|f": {"fr": "Fille"},
        "field|person|sex|option_strings_text|m": {"fr": "Garçon"},
    }
    assert diff_structure(structure, instance.structure()) == []


def test_the_configuration_that_was_given_is_not_touched(configuration: dict[str, Any]) -> None:
    """An instance stores a copy, and keeps what it does not know (roles) as it is."""
    given = copy.deepcopy(configuration)
    instance = PrimeroInstance.from_configuration(configuration, ["fr"])
    instance.import_file("person.yml", b"fr: {person: {name: P}}")
    assert configuration == given
    assert instance.configuration()["Role"] == given["Role"]
    assert instance.configuration()["FormSection"][0]["name_i18n"] == {"en": "Person", "fr": "P"}


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("person.yml", "FormSection"),
        ("forms/lookup.yml", "Lookup"),
        ("My-LookUps/person.yml", "Lookup"),
        ("SYSTEM/lookup.yml", "Theme"),
        ("ecosystem.yml", "Theme"),
    ],
)
def test_the_whole_path_decides_the_class(instance: PrimeroInstance, path: str, kind: str) -> None:
    """system anywhere in the path comes first, then lookup, else it is a form; case does not matter."""
    assert instance.import_file(path, b"fr: {}").kind == kind


def test_lookups_in_a_file_without_the_word_are_not_found(instance: PrimeroInstance) -> None:
    """A file of lookups called options.yml is taken for a form that does not exist."""
    outcome, changed = _import(instance, "fr:\n  lookup-two:\n    name: Deux\n", "options.yml")
    assert outcome.errors == ["Error importing translations: Form for ID [lookup-two] not found"]
    assert changed == {}


def test_all_locales_of_a_file_go_into_the_first(instance: PrimeroInstance) -> None:
    """Spanish texts after French ones in one file are stored as French."""
    _, changed = _import(instance, "fr:\n  person:\n    name: Personne\nes:\n  person:\n    name: Persona\n")
    assert changed == {"form|person|name": {"fr": "Persona"}}


def test_a_locale_may_be_written_as_a_symbol(instance: PrimeroInstance) -> None:
    """`:fr:` is the locale fr."""
    assert _import(instance, ":fr:\n  person:\n    name: P\n")[1] == {"form|person|name": {"fr": "P"}}


@pytest.mark.parametrize(("locale", "arrives"), [("pt-BR", True), ("pt_BR", False), ("pt-br", False), ("FR", False)])
def test_locale_names_are_exact(instance: PrimeroInstance, locale: str, arrives: bool) -> None:
    """Locales have a hyphen and their own case; another spelling is an error text, and nothing is stored."""
    outcome, changed = _import(instance, f"{locale}:\n  person:\n    name: P\n")
    assert outcome.errors == ([] if arrives else [f"Import Not Processed: locale {locale} not in available locales"])
    assert bool(changed) is arrives


def test_a_number_as_locale_is_an_exception(instance: PrimeroInstance) -> None:
    """A locale key that YAML reads as another type cannot become a symbol."""
    assert (
        _import(instance, "1: {}")[0].exception == "NoMethodError: undefined method 'to_sym' for an instance of Integer"
    )


@pytest.mark.parametrize("text", ["", "# nothing\n", "--- {}\n", "---\n"])
def test_a_file_without_content_is_an_error_text(instance: PrimeroInstance, text: str) -> None:
    """An empty file, comments only or an empty mapping is reported as unreadable."""
    assert _import(instance, text)[0].errors == ["Import Not Processed: error reading person.yml"]


def test_null_takes_an_older_text_away(instance: PrimeroInstance) -> None:
    """Null for a plain text becomes null where a text was, and changes nothing where none was."""
    _, changed = _import(instance, "es:\n  person:\n    name:\n    fields:\n      sex:\n        display_name:\n")
    assert changed == {"field|person|sex|display_name": {"es": None}}


def test_fields_may_be_null(instance: PrimeroInstance) -> None:
    """`fields:` with nothing below is passed over."""
    outcome, changed = _import(instance, "fr:\n  person:\n    fields:\n    name: P\n")
    assert outcome.is_clean
    assert changed == {"form|person|name": {"fr": "P"}}


def test_fields_as_a_list_are_a_type_error(instance: PrimeroInstance) -> None:
    """A list where the fields should be raises TypeError, and the form's own texts are lost."""
    outcome, changed = _import(instance, "fr:\n  person:\n    name: P\n    fields: [sex]\n")
    assert outcome.exception_class == "TypeError"
    assert changed == {}


def test_what_was_saved_before_an_exception_stays(instance: PrimeroInstance) -> None:
    """Fields before the bad one are stored; the rest of the file and the form's name, although first, are lost."""
    outcome, changed = _import(
        instance,
        "fr:\n  person:\n    name: P\n    fields:\n      site: {display_name: Lieu}\n"
        "      sex: {display_name: Sexe, bad: x}\n      count: {display_name: Nombre}\n",
    )
    assert outcome.exception == "NoMethodError: undefined method 'bad_fr=' for an instance of Field"
    assert changed == {"field|person|site|display_name": {"fr": "Lieu"}}


def test_lookups_are_saved_one_by_one(instance: PrimeroInstance) -> None:
    """A lookup before a bad one is stored, the bad one not even in part."""
    text = "fr:\n  lookup-site: {name: Lieu}\n  lookup-two: {name: Deux, lookup_values: }\n"
    outcome, changed = _import(instance, text, "lookup.yml")
    assert outcome.exception == "NoMethodError: undefined method 'each' for nil"
    assert changed == {"lookup|lookup-site|name": {"fr": "Lieu"}}


def test_an_older_translation_is_overwritten_even_by_nothing(instance: PrimeroInstance) -> None:
    """An empty text is stored over an older translation without question."""
    _, changed = _import(instance, "es:\n  person:\n    fields:\n      sex: {display_name: ''}\n")
    assert changed == {"field|person|sex|display_name": {"es": ""}}


def test_unnamed_options_get_null_and_keep_everything_else(instance: PrimeroInstance) -> None:
    """An option without French that the file does not name gets `fr: null`; older texts, order, tags, disabled stay."""
    structure = instance.structure()
    _, changed = _import(instance, "fr:\n  person:\n    fields:\n      sex: {option_strings_text: {other: x}}\n")
    assert changed == {"field|person|sex|option_strings_text|m": {"fr": None}}
    assert diff_structure(structure, instance.structure()) == []


def test_an_id_that_looks_like_a_date_never_matches(instance: PrimeroInstance) -> None:
    """The stored id is read as a date, so even the quoted key finds nothing and the option gets null."""
    text = 'fr:\n  lookup-site:\n    lookup_values:\n      "2020-01-01": "Nouvel An"\n      "camp": "Camp"\n'
    _, changed = _import(instance, text, "lookup.yml")
    assert changed == {
        "lookup|lookup-site|lookup_values|camp": {"fr": "Camp"},
        "lookup|lookup-site|lookup_values|2020-01-01": {"fr": None},
    }


def test_options_of_a_field_without_own_options_are_a_warning(instance: PrimeroInstance) -> None:
    """Options for a lookup field are skipped with a log line; the field's other texts arrive."""
    text = "fr:\n  person:\n    fields:\n      site: {option_strings_text: {camp: Camp}, display_name: Lieu}\n"
    outcome, changed = _import(instance, text)
    assert outcome.log == ["WARN: Field site does not have option strings. Skipping."]
    assert changed == {"field|person|site|display_name": {"fr": "Lieu"}}
    assert not outcome.is_clean


def test_a_tally_as_a_list_arrives_unstripped_and_adds_labels(instance: PrimeroInstance) -> None:
    """A list of {id, display_text} is stored with its spaces, and an unknown id becomes a new label."""
    structure = instance.structure()
    text = (
        "fr:\n  person:\n    fields:\n      count:\n        tally:\n        - {id: boys, display_text: ' Garçons '}\n"
    )
    outcome, changed = _import(instance, text + "        - {id: new, display_text: Neuf}\n")
    assert outcome.is_clean
    assert changed == {
        "field|person|count|tally|boys": {"fr": " Garçons "},
        "field|person|count|tally|new": {"fr": "Neuf"},
    }
    assert diff_structure(structure, instance.structure()) == [
        {
            "what": "field person.count tally",
            "change": "options ids changed",
            "was": ["boys", "girls"],
            "is": ["boys", "girls", "new"],
        }
    ]


def test_a_field_that_is_left_behind_keeps_its_labels(instance: PrimeroInstance) -> None:
    """A tally assigned before an exception in the same field is not stored."""
    text = "fr: {person: {fields: {count: {tally: [{id: boys, display_text: x}], bad: x}}}}"
    outcome, changed = _import(instance, text)
    assert outcome.exception_class == "NoMethodError"
    assert changed == {}


def test_names_that_yaml_reads_as_another_type_find_nothing(configuration: dict[str, Any]) -> None:
    """A field called 1 is found by the quoted key only."""
    configuration["FormSection"][0]["fields_attributes"][0]["name"] = "1"
    instance = PrimeroInstance.from_configuration(configuration, ["fr"])
    assert _import(instance, "fr: {person: {fields: {1: {display_name: x}}}}")[1] == {}
    assert _import(instance, 'fr: {person: {fields: {"1": {display_name: x}}}}')[1] != {}


def test_a_select_field_whose_options_lack_english_cannot_be_saved(configuration: dict[str, Any]) -> None:
    """Options of select and radio fields need English whatever locale the file has; a tally does not."""
    fields = configuration["FormSection"][0]["fields_attributes"]
    del fields[0]["option_strings_text_i18n"][0]["display_text"]["en"]
    del fields[2]["tally_i18n"][0]["display_text"]["en"]
    instance = PrimeroInstance.from_configuration(configuration, ["fr"])
    text = "fr: {person: {fields: {count: {display_name: Nombre}, sex: {display_name: Sexe}}}}"
    outcome, changed = _import(instance, text)
    assert outcome.exception_class == "ActiveRecord::RecordInvalid"
    assert changed == {"field|person|count|display_name": {"fr": "Nombre"}}


@pytest.mark.parametrize("key", ["name_i18n", "visible", "subform", "fields_attributes"])
def test_an_unknown_property_stops_the_file(instance: PrimeroInstance, key: str) -> None:
    """Only the localised properties can be set; any other key is a missing method, also with a null value."""
    outcome, _ = _import(instance, f"fr:\n  person:\n    {key}:\n")
    assert outcome.exception == f"NoMethodError: undefined method '{key}_fr=' for an instance of FormSection"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("person.yml", "en: {person: {name: ''}}"),
        ("person.yml", "en: {person: {name: }}"),
        ("person.yml", "en: {person: {name: '100%'}}"),
        ("person.yml", "en: {person: {fields: {sex: {display_name: }}}}"),
        ("person.yml", "en: {person: {fields: {sex: {display_name: 'a*b'}}}}"),
        ("lookup.yml", "en: {lookup-two: {lookup_values: {x: ''}}}"),
        ("lookup.yml", "en: {lookup-two: {lookup_values: {x: }}}"),
    ],
)
def test_english_may_be_neither_blank_nor_odd(instance: PrimeroInstance, path: str, text: str) -> None:
    """A blank English name, label or lookup value, or one of * ! @ # % $ ^ in name or label, is refused."""
    outcome, changed = _import(instance, text, path)
    assert outcome.exception_class == "ActiveRecord::RecordInvalid"
    assert changed == {}


@pytest.mark.parametrize(
    ("unquoted", "stored"),
    [("yes", True), ("123", 123), ("12:30", 45000), (":hello", "hello"), (".nan", None), ("x # y", "x"), ("!x y", "y")],
)
def test_unquoted_values_are_stored_as_yaml_reads_them(
    instance: PrimeroInstance, unquoted: str, stored: object
) -> None:
    """Booleans and numbers are stored as JSON booleans and numbers, symbols lose their colon, NaN becomes null."""
    _, changed = _import(instance, f"fr:\n  person:\n    description: {unquoted}\n")
    assert changed == {"form|person|description": {"fr": stored}}
    assert type(changed["form|person|description"]["fr"]) is type(stored)


def test_texts_in_lists_and_keys_are_not_stripped(instance: PrimeroInstance) -> None:
    """Spaces at the ends go from texts in mappings only; a key with a space finds nothing."""
    text = (
        "fr:\n  person:\n    description: [' a ']\n    name: {' k ': ' v '}\n    fields: {'sex ': {display_name: x}}\n"
    )
    _, changed = _import(instance, text)
    assert changed == {"form|person|description": {"fr": [" a "]}, "form|person|name": {"fr": {" k ": "v"}}}


def test_a_text_with_nul_inside_is_not_stored(instance: PrimeroInstance) -> None:
    """NUL at the ends is stripped, inside it is an error of the database and the record is not saved."""
    outcome, changed = _import(instance, 'fr: {person: {fields: {sex: {display_name: "a\\0"}}, name: "a\\0b"}}')
    assert outcome.exception_class == "ActiveRecord::StatementInvalid"
    assert changed == {"field|person|sex|display_name": {"fr": "a"}}


def test_a_backslash_before_u0000_is_no_nul(instance: PrimeroInstance) -> None:
    """Only the character NUL is refused, not its escape written out."""
    assert _import(instance, "fr: {person: {name: 'a\\u0000'}}")[1] == {"form|person|name": {"fr": "a\\u0000"}}


def test_saving_a_subform_without_a_collapsed_field_collapses_its_first(instance: PrimeroInstance) -> None:
    """The field that comes first by order becomes the collapsed one, once."""
    structure = instance.structure()
    _import(instance, "fr: {follow_up: {name: Suivi}}")
    collapsed = instance.structure()
    assert diff_structure(structure, collapsed) == [
        {
            "what": "field follow_up.a",
            "column": "collapsed_field_for_subform_section_id",
            "was": None,
            "is": "follow_up",
        }
    ]
    _import(instance, "fr: {follow_up: {name: Encore}}")
    assert diff_structure(collapsed, instance.structure()) == []


@pytest.mark.parametrize(
    ("stored", "rewritten"),
    [
        ("2020-01-01 10:00:00", "2020-01-01T10:00:00.000Z"),
        ("2020-1-1 1:02:03.4567", "2020-01-01T01:02:03.456Z"),
        ("2020-01-01 10:00:00+02:00", "2020-01-01T08:00:00.000Z"),
        ("2020-01-01 10:00:00-03:30", "2020-01-01T13:30:00.000Z"),
        ("2020-01-01", "2020-01-01"),
        ("2020-13-01 10:00:00", "2020-13-01 10:00:00"),
        ("on 2020-01-01 10:00:00", "on 2020-01-01 10:00:00"),
    ],
)
def test_english_that_looks_like_a_timestamp_is_rewritten(
    configuration: dict[str, Any], stored: str, rewritten: str
) -> None:
    """When another locale of a text is saved, English that is read as a time is written back as a time."""
    configuration["FormSection"][0]["description_i18n"] = {"en": stored}
    instance = PrimeroInstance.from_configuration(configuration, ["fr"])
    _import(instance, "fr: {person: {name: P}}")
    assert instance.texts()["form|person|description"] == {"en": stored}
    _import(instance, "fr: {person: {description: D}}")
    assert instance.texts()["form|person|description"] == {"en": rewritten, "fr": "D"}


def test_a_text_that_is_there_already_writes_nothing(configuration: dict[str, Any]) -> None:
    """A column that stays equal is not saved, so a timestamp in it is not rewritten."""
    texts = {"en": "2020-01-01 10:00:00", "fr": "D"}
    configuration["FormSection"][0]["description_i18n"] = texts
    instance = PrimeroInstance.from_configuration(configuration, ["fr"])
    assert _import(instance, "fr: {person: {description: D}}")[1] == {}


def test_options_given_as_pairs_in_a_list_are_walked(instance: PrimeroInstance) -> None:
    """Ruby takes a list in a list apart into key and value."""
    _, changed = _import(instance, "fr: {person: {fields: {sex: {option_strings_text: [[m, M], [f]]}}}}")
    assert changed == {
        "field|person|sex|option_strings_text|f": {"fr": None},
        "field|person|sex|option_strings_text|m": {"fr": "M"},
    }


def test_texts_differ_also_when_only_their_type_does() -> None:
    """1, 1.0 and true are three values, and null is not the same as absent."""
    assert diff({"k": {"fr": 1}}, {"k": {"fr": True}}) == {"k": {"fr": True}}
    assert diff({"k": {"fr": 1}}, {"k": {"fr": 1.0}}) == {"k": {"fr": 1.0}}
    assert diff({"k": {}}, {"k": {"fr": None}}) == {"k": {"fr": None}}
    assert diff({"k": {"fr": "a"}}, {"k": {"fr": "a"}}) == {}
