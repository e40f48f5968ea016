"""Configuration JSON and API answers: what is read, what is reported, and that nothing is lost on the way back."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.errors import WrongShape
from extractors.formats import FORMATS
from extractors.load import load, save
from extractors.parsed import Parsed
from extractors.reading import Member
from extractors.texts import is_blank
from extractors.units import Catalog, Unit, UnitKey
from tests.support.configurations import LOCALES, api_answers, configurations, storable_texts


def read(document: Any, *more: Any) -> Parsed:
    """Load objects as JSON files."""
    documents = (document, *more)
    return load(tuple(Member(f"{number}.json", json.dumps(each).encode()) for number, each in enumerate(documents)))


def written(parsed: Parsed, catalog: Catalog | None = None) -> list[Any]:
    """Save a catalog into its skeleton and return the documents."""
    return [json.loads(member.data) for member in save(catalog or parsed.catalog, parsed.skeleton)]


def full_configuration() -> dict[str, Any]:
    """Return a configuration with every translatable property, once."""
    both = {"en": "text", "fr": "texte"}
    options = [
        {"id": "a", "display_text": both, "disabled": True, "tags": ["t"]},
        {"id": "b", "display_text": {"en": "B"}},
    ]
    field = {"name": "q", "type": "select_box", "visible": False, "required": True, "multi_select": True}
    texts = ("display_name", "help_text", "guiding_questions", "tick_box_label", "signature_provided_by_label")
    field |= {f"{name}_i18n": {"en": name, "fr": ""} for name in texts}
    field |= {"option_strings_text_i18n": options, "tally_i18n": options, "option_strings_source": "lookup lookup-x"}
    form: dict[str, Any] = {
        "unique_id": "f",
        "parent_form": "case",
        "form_group_id": "g",
        "is_nested": True,
        "visible": False,
    }
    form |= {"order": 3, "order_form_group": 7, "module_ids": ["primeromodule-cp"], "fields_attributes": [field]}
    form |= {f"{name}_i18n": {"en": name} for name in ("name", "description", "help_text")}
    lookup = {"unique_id": "lookup-x", "name_i18n": {"en": "X", "es": None}, "lookup_values_i18n": options}
    return {"FormSection": [form], "Lookup": [lookup]}


ALL_KEYS = [
    "form/f/name",
    "form/f/description",
    "form/f/help_text",
    "form/f/q/display_name",
    "form/f/q/help_text",
    "form/f/q/guiding_questions",
    "form/f/q/tick_box_label",
    "form/f/q/signature_provided_by_label",
    "form/f/q/option_strings_text/a",
    "form/f/q/option_strings_text/b",
    "form/f/q/tally/a",
    "form/f/q/tally/b",
    "lookup/lookup-x/name",
    "lookup/lookup-x/lookup_values/a",
    "lookup/lookup-x/lookup_values/b",
]


@pytest.mark.parametrize("as_api", [False, True])
def test_every_translatable_property_is_a_unit(as_api: bool) -> None:
    """Each text property of forms, fields, options, tallies and lookups is read, in order, from both shapes."""
    configuration = full_configuration()
    parsed = read(*api_answers(configuration, ("en", "fr"))) if as_api else read(configuration)
    assert [str(unit.key) for unit in parsed.catalog.units] == ALL_KEYS
    assert parsed.catalog.problems == ()
    by_key = {str(unit.key): unit for unit in parsed.catalog.units}
    assert by_key["form/f/q/tally/a"].texts == {"fr": "texte"}
    assert by_key["form/f/q/help_text"].texts == {"fr": ""}
    assert by_key["lookup/lookup-x/name"].texts == ({"es": "", "fr": ""} if as_api else {"es": ""})
    hidden = {key for key, unit in by_key.items() if unit.hidden}
    assert hidden == {key for key in ALL_KEYS if key.startswith("form/f/q/")}


def test_records_carry_what_drawing_and_delivering_need() -> None:
    """Forms, fields and options keep their order, settings, tags and disabled marks."""
    form, lookup = read(full_configuration()).catalog.records
    assert (form.key, form.record_type, form.group, form.nested, form.visible) == ("form/f", "case", "g", True, False)
    assert form.order == (7, 3)
    (field,) = form.fields
    assert (field.name, field.type, field.visible, field.required, field.multi_select) == (
        "q",
        "select_box",
        False,
        True,
        True,
    )
    assert field.option_source == "lookup lookup-x"
    for options in (field.options, field.tally, lookup.options):
        assert [(option.id, option.disabled, option.tags) for option in options] == [
            ("a", True, ("t",)),
            ("b", False, ()),
        ]


@given(configurations())
def test_a_configuration_comes_back_as_it_was(configuration: dict[str, Any]) -> None:
    """Parsing and serializing loses, adds and moves nothing."""
    assert [json.dumps(each) for each in written(read(configuration))] == [json.dumps(configuration)]


@given(configurations())
def test_api_answers_come_back_as_they_were(configuration: dict[str, Any]) -> None:
    """Answers for forms and lookups come back equal, fillers included."""
    answers = api_answers(configuration)
    assert [json.dumps(each) for each in written(read(*answers))] == [json.dumps(each) for each in answers]


@given(configurations())
def test_api_and_configuration_give_the_same_units(configuration: dict[str, Any]) -> None:
    """Keys, texts, contexts and hidden marks do not depend on the shape; blanks are the only difference."""

    def seen(parsed: Parsed) -> list[Unit]:
        return [
            replace(unit, texts={locale: text for locale, text in sorted(unit.texts.items()) if text})
            for unit in parsed.catalog.units
        ]

    from_api = read(*api_answers(configuration)).catalog.units
    assert all(set(unit.texts) >= set(LOCALES) - {"en"} for unit in from_api)
    by_name = {form["unique_id"] for form in configuration["FormSection"]}
    for form in configuration["FormSection"]:
        for field in form["fields_attributes"]:
            if field["subform_unique_id"] not in by_name:
                field["subform_unique_id"] = None
    assert seen(read(configuration)) == seen(read(*api_answers(configuration)))


@given(configurations())
def test_no_unit_is_wholly_blank_and_every_text_is_one(configuration: dict[str, Any]) -> None:
    """Exactly the texts with some text in some locale are units."""
    catalog = read(configuration).catalog
    assert all(
        not is_blank(text)
        for unit in catalog.units
        for text in [next((t for t in (unit.source, *unit.texts.values()) if not is_blank(t)), "")]
    )
    assert len({unit.key for unit in catalog.units}) == len(catalog.units)
    counted = 0
    stack: list[Any] = [configuration]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            stack += [value for key, value in node.items() if not (key.endswith("_i18n") and isinstance(value, dict))]
            localised = [value for key, value in node.items() if key.endswith("_i18n") or key == "display_text"]
            counted += sum(isinstance(v, dict) and any(not is_blank(t) for t in v.values()) for v in localised)
        elif isinstance(node, list):
            stack += node
    assert counted == len(catalog.units)


@given(configurations(), storable_texts().filter(bool), st.sampled_from(("en", "fr", "km")))
def test_a_changed_text_appears_and_nothing_else_changes(configuration: dict[str, Any], text: str, locale: str) -> None:
    """A text set in the catalog is read back from the output; every other text is as before."""
    for parsed in (read(configuration), read(*api_answers(configuration))):
        units = list(parsed.catalog.units)
        for place in range(0, len(units), 3):
            unit = units[place]
            change = replace(unit, source=text) if locale == "en" else replace(unit, texts={**unit.texts, locale: text})
            units[place] = change if not is_blank(text) else unit
        changed = replace(parsed.catalog, units=tuple(units))
        again = load(save(changed, parsed.skeleton)).catalog
        assert {u.key: (u.source, u.texts) for u in again.units} == {u.key: (u.source, u.texts) for u in units}


def test_a_text_taken_out_is_gone_and_a_number_stays() -> None:
    """A locale that the catalog lacks leaves the output; what was no text is left alone."""
    configuration = {
        "Lookup": [{"unique_id": "l", "name_i18n": {"en": "X", "fr": "Y", "es": 5}, "lookup_values_i18n": None}]
    }
    parsed = read(configuration)
    (unit,) = parsed.catalog.units
    (out,) = written(parsed, replace(parsed.catalog, units=(replace(unit, texts={}),)))
    assert out["Lookup"][0]["name_i18n"] == {"en": "X", "es": 5}


def test_a_text_can_be_put_where_null_stood() -> None:
    """A unit without a mapping in the file gets one."""
    parsed = read({"Lookup": [{"unique_id": "l", "name_i18n": None}]})
    unit = Unit(UnitKey.parse("lookup/l/name"), "", {"fr": "Nom"})
    (out,) = written(parsed, replace(parsed.catalog, units=(unit,)))
    assert out["Lookup"][0]["name_i18n"] == {"fr": "Nom"}


def test_everything_but_forms_and_lookups_is_dropped_and_counted() -> None:
    """Roles and users are dropped, agencies and reports out of scope; each kind is said once, without its contents."""
    extra = {
        "Role": [{"name": "secret"}] * 3,
        "User": [],
        "Agency": [{}, {}],
        "Report": [{}],
        "SystemSettings": {"a": 1},
    }
    parsed = read({**full_configuration(), **extra})
    assert [(p.code, p.message.split(":")[0], p.path) for p in parsed.catalog.problems] == [
        ("dropped-records", "3 × Role", "Role"),
        ("dropped-records", "0 × User", "User"),
        ("out-of-scope", "2 × Agency", "Agency"),
        ("out-of-scope", "1 × Report", "Report"),
        ("out-of-scope", "1 × SystemSettings", "SystemSettings"),
    ]
    assert "secret" not in repr(parsed.catalog)
    assert written(parsed) == [{**full_configuration(), **extra}]


def test_other_api_records_are_dropped_and_counted() -> None:
    """A saved answer of something else beside forms is reported and not kept."""
    parsed = read({"data": [{"unique_id": "f", "fields": []}, {"user_name": "secret"}, 5]})
    assert [(p.code, p.message[:8]) for p in parsed.catalog.problems] == [("dropped-records", "2 × data")]
    assert "secret" not in repr(parsed.catalog)


def test_one_saved_record_is_read() -> None:
    """``{"data": {…}}`` of one form is an input."""
    form = api_answers(full_configuration())[0]["data"][0]
    catalog = read({"data": form}).catalog
    assert [str(unit.key) for unit in catalog.units] == ALL_KEYS[:12]


def test_subforms_are_found_by_number_in_api_answers() -> None:
    """An API field names its subform by number; the record names it by id, wherever the form stands."""
    fields = [{"name": "s", "type": "subform", "subform_section_id": 9, "display_name": {"en": "Services"}}]
    opener = {"id": 1, "unique_id": "f", "name": {"en": "Main"}, "fields": fields}
    catalog = read(
        {"data": [opener]}, {"data": [{"id": 9, "unique_id": "sub", "name": {"en": "Sub"}, "fields": []}]}
    ).catalog
    assert catalog.records[0].fields[0].subform == "sub"
    assert catalog.units[-1].context.subform_of == ("Main › Services",)


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ({"FormSection": {"a": 1}}, "0.json: FormSection is not a list; export the configuration again."),
        ({"Lookup": "x"}, "0.json: Lookup is not a list"),
    ],
)
def test_a_configuration_of_wrong_shape_is_refused(document: Any, sentence: str) -> None:
    """Forms and lookups that are no lists are one clear error."""
    with pytest.raises(WrongShape) as refused:
        read(document)
    assert sentence in refused.value.message


@pytest.mark.parametrize("name", ["configuration_json", "api_json"])
@pytest.mark.parametrize("document", [[], 5, None, "x", {}, {"a": 1}])
def test_what_is_not_the_format_is_refused_by_its_parser(name: str, document: Any) -> None:
    """A parser called without detection refuses what it cannot read."""
    with pytest.raises(WrongShape, match=r"x\.json is not"):
        FORMATS[name].parse((Member("x.json", json.dumps(document).encode()),))


@given(configurations(max_forms=2, max_lookups=1), st.data())
def test_odd_parts_never_stop_the_rest(configuration: dict[str, Any], data: st.DataObject) -> None:
    """Whatever stands in one place, the catalog is built, and untouched output equals the input."""
    odd = copy.deepcopy(configuration)
    places: list[tuple[Any, Any]] = []
    stack: list[Any] = odd["FormSection"] + odd["Lookup"]
    places += [(odd["FormSection"], index) for index in range(len(odd["FormSection"]))]
    while stack:
        node = stack.pop()
        items = node.items() if isinstance(node, dict) else enumerate(node)
        for key, value in items:
            places.append((node, key))
            if isinstance(value, dict | list):
                stack.append(value)
    for owner, key in data.draw(st.lists(st.sampled_from(places), max_size=4)) if places else []:
        owner[key] = data.draw(
            st.sampled_from((None, 5, True, 1.5, "text", "", [], {}, [1], {"en": 1}, [{"id": 1}], {"a": []}))
        )
    parsed = read(odd)
    assert written(parsed) == [odd]


def test_spaces_alone_are_no_unit() -> None:
    """A text of nothing but spaces in every locale is blank, and left as it is."""
    configuration = {"Lookup": [{"unique_id": "l", "name_i18n": {"en": " ", "fr": "\u00a0\n"}}]}
    parsed = read(configuration)
    assert parsed.catalog.units == ()
    assert written(parsed) == [configuration]
