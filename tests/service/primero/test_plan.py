"""What is sent to Primero and what is not: a text for each trap, and any configuration at all."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.texts import text_hash
from extractors.units import UnitKey
from service.primero.plan import Plan, Target, Wanted, plan_changes
from service.primero.rules.equality import find_differences, simplify
from service.primero.rules.reasons import Why
from service.primero.sandbox.core import Sandbox
from tests.support.configurations import configurations
from tests.support.primero import Witness, ask, in_french, make_sandbox, read_catalog, witness_key

LOCALES = ("en", "fr", "ar", "pt-BR", "ku-IQ")


def _option(option_id: str, **more: Any) -> dict[str, Any]:
    return {"id": option_id, "display_text": {"en": option_id.upper(), "es": f"{option_id} es"}, **more}


def _form(name: str = "Form", label: str = "Sex", **field: Any) -> dict[str, Any]:
    """A form with a field that has two options, and one without."""
    options = [_option("f"), _option("m")]
    fields = [
        {
            "name": "sex", "type": "select_box", "order": 3, "display_name_i18n": {"en": label},
            "option_strings_text_i18n": options, **field,
        },
        {"name": "age", "type": "numeric", "order": 7, "display_name_i18n": {"en": "Age"}},
    ]  # fmt: skip
    form = {"unique_id": "f", "name_i18n": {"en": name}, "help_text_i18n": {"en": "Help"}, "fields_attributes": fields}
    return {"FormSection": [form], "Lookup": []}


def _lookup(*values: dict[str, Any]) -> dict[str, Any]:
    lookup = {"unique_id": "l", "name_i18n": {"en": "L"}, "lookup_values_i18n": list(values)}
    return {"FormSection": [], "Lookup": [lookup]}


def _target(sandbox: Sandbox) -> Target:
    forms, lookups = (ask(sandbox, "GET", f"/api/v2/{kind}?per=1000").json()["data"] for kind in ("forms", "lookups"))
    return Target(forms, lookups, sandbox.store.locales)


def _plan(configuration: dict[str, Any], *keys: str, partial: bool = True, **more: Any) -> Plan:
    sandbox = make_sandbox(configuration, ("en", "fr", "es"))
    wanted = [Wanted(UnitKey.parse(key), f"FR {key}", more.get("source_hash")) for key in keys]
    return plan_changes(_target(sandbox), "fr", wanted, partial_options=partial)


@pytest.mark.parametrize(
    ("configuration", "key", "why"),
    [
        (_form(), "form/nowhere/name", Why.UNKNOWN),
        (_form(), "form/f/gone/display_name", Why.UNKNOWN),
        (_form(), "form/f/sex/help_text", Why.UNKNOWN),
        (_form(), "form/f/sex/option_strings_text/x", Why.UNKNOWN),
        (_form(), "form/f/help_text", Why.YAML_ONLY),
        (_form(name="100 % new"), "form/f/sex/display_name", Why.REFUSED),
        (_form(name=""), "form/f/sex/display_name", Why.REFUSED),
        (_form(label="Sex *"), "form/f/sex/display_name", Why.REFUSED),
        (_form(label="Sex *"), "form/f/sex/option_strings_text/f", Why.REFUSED),
        (
            _form(option_strings_text_i18n=[_option("f", tags=["t"]), _option("m")]),
            "form/f/sex/option_strings_text/m",
            Why.YAML_ONLY,
        ),
        (
            _form(option_strings_text_i18n=[_option("2020-01-01", tags=["t"])]),
            "form/f/sex/option_strings_text/2020-01-01",
            Why.NO_CARRIER,
        ),
        (_form(tally_i18n=[_option("b", tags=["t"])]), "form/f/sex/tally/b", Why.NO_CARRIER),
        (
            _form(option_strings_text_i18n=[_option("2020-01-01 10:00:00"), _option("m")]),
            "form/f/sex/option_strings_text/m",
            Why.RENAMES_OPTIONS,
        ),
        (
            _form(option_strings_text_i18n=[_option("f"), {"id": "m", "display_text": {"es": "x"}}]),
            "form/f/sex/option_strings_text/f",
            Why.REFUSED,
        ),
        # Beside such an option no text of its field can be saved, and the whole form would be refused.
        (_form(option_strings_text_i18n=[_option("f"), {"id": "m", "display_text": None}]),
         "form/f/sex/display_name", Why.REFUSED),
        (
            _form(option_strings_text_i18n=[{"id": "f", "display_text": {"en": "F", "km": "x"}}]),
            "form/f/sex/option_strings_text/f",
            Why.LOSES_LANGUAGE,
        ),
        (
            _form(option_strings_text_i18n=[_option("f", colour="red")]),
            "form/f/sex/option_strings_text/f",
            Why.ODD,
        ),
        (_lookup(_option("a"), _option("b", tags=["t"])), "lookup/l/lookup_values/a", Why.YAML_ONLY),
        (_lookup(_option("a"), {"id": "b", "display_text": {}}), "lookup/l/lookup_values/a", Why.REFUSED),
    ],
)  # fmt: skip
def test_what_would_do_harm_is_left_out_and_said(configuration: dict[str, Any], key: str, why: Why) -> None:
    """Nothing is planned for the text, and the reason is the right one."""
    plan = _plan(configuration, key)
    assert [(one.key, one.why) for one in plan.left_out] == [(key, why)]
    assert plan.records == ()


def test_a_text_of_another_english_is_left_out() -> None:
    """What was approved for an English text that does not stand there any more does not go there."""
    same, other = text_hash("Age "), text_hash("How old?")
    assert _plan(_form(), "form/f/age/display_name", source_hash=same).records
    assert _plan(_form(), "form/f/age/display_name", source_hash=other).left_out[0].why is Why.SOURCE_CHANGED


def test_a_list_is_written_whole_or_not_at_all() -> None:
    """Half a list is left out unless somebody says otherwise; the other half may stand there already."""
    one, both = "form/f/sex/option_strings_text/f", "form/f/sex/option_strings_text/m"
    assert [left.why for left in _plan(_form(), one, partial=False).left_out] == [Why.INCOMPLETE_SET]
    assert _plan(_form(), one, partial=False).records == ()
    assert _plan(_form(), one, both, partial=False).records[0].keys == (one, both)
    there = _form(option_strings_text_i18n=[_option("f"), {"id": "m", "display_text": {"en": "M", "fr": "H"}}])
    assert _plan(there, one, partial=False).records[0].keys == (one,)


def test_a_forms_request_names_every_field_and_nothing_else() -> None:
    """Fields with their places, the text in its language alone, the list of options whole with every language."""
    (record,) = _plan(_form(), "form/f/age/display_name", "form/f/sex/option_strings_text/f").records
    assert record.body == {
        "fields": [
            {
                "name": "sex",
                "order": 3,
                "option_strings_text": [
                    {"id": "f", "display_text": {
                        "en": "F", "es": "f es", "fr": "FR form/f/sex/option_strings_text/f"}},
                    {"id": "m", "display_text": {"en": "M", "es": "m es"}},
                ],
            },
            {"name": "age", "order": 7, "display_name": {"fr": "FR form/f/age/display_name"}},
        ]
    }  # fmt: skip


def test_a_name_alone_needs_no_fields() -> None:
    """Where no field changes none is sent, so none can go."""
    assert _plan(_form(), "form/f/name").records[0].body == {"name": {"fr": "FR form/f/name"}}


def test_a_lookups_request_holds_all_values_in_order() -> None:
    """Disabled ones stay so, and every language is sent again."""
    (record,) = _plan(_lookup(_option("a", disabled=True), _option("b")), "lookup/l/lookup_values/b").records
    assert [(value["id"], value.get("disabled")) for value in record.body["values"]] == [("a", True), ("b", None)]
    assert record.body["values"][1]["display_text"]["es"] == "b es"
    assert "name" not in record.body


def test_what_is_there_is_not_sent() -> None:
    """A text that differs only in what normalisation takes away is there."""
    configuration = _form()
    configuration["FormSection"][0]["name_i18n"]["fr"] = " FR form/f/name\r\n"
    plan = _plan(configuration, "form/f/name")
    assert (plan.records, plan.unchanged) == ((), ("form/f/name",))


@pytest.mark.parametrize(
    ("number", "order", "names"),
    [(None, 1, ("a", "b")), (1, None, ("a", "b")), (1, 1, ("a", "a")), (1, 1, ("a", None)), (True, 1, ("a", "b"))],
)
def test_a_form_that_cannot_be_named_whole_is_not_written(number: Any, order: Any, names: tuple[Any, Any]) -> None:
    """Without a number, or with a field that has no name or place or is there twice, nothing of it is sent."""
    fields = [{"name": name, "order": order, "display_name": {"en": "A"}} for name in names]
    form = {"id": number, "unique_id": "f", "name": {"en": "F"}, "fields": fields}
    wanted = [Wanted(UnitKey.parse("form/f/name"), "FR")]
    plan = plan_changes(Target([form], []), "fr", wanted, partial_options=True)
    assert (plan.records, [one.why for one in plan.left_out]) == ((), [Why.ODD])


@settings(max_examples=60, deadline=None)
@given(configurations(), st.randoms(use_true_random=False))
def test_any_configuration_takes_its_texts_and_keeps_everything_else(
    configuration: dict[str, Any], random: Any
) -> None:
    """Whatever is planned arrives, nothing else changes, and with the texts taken out again all is as it was."""
    for form in configuration["FormSection"]:
        places = random.sample(range(20), len(form["fields_attributes"]))
        for field, place in zip(form["fields_attributes"], places, strict=True):
            field["order"] = place
    sandbox = make_sandbox(configuration, LOCALES)
    witness = Witness(sandbox)
    units = [unit for unit in read_catalog(sandbox).translatable(include_hidden=True) if random.random() < 0.8]
    wanted = [Wanted(unit.key, in_french(unit), text_hash(unit.source)) for unit in units]
    target = _target(sandbox)
    plan = plan_changes(target, "fr", wanted, partial_options=True)
    written = {key for one in plan.records for key in one.keys}
    assert sorted([*written, *plan.unchanged, *(one.key for one in plan.left_out)]) == sorted(
        str(one.key) for one in wanted
    )
    _carry_out(sandbox, plan)
    assert witness.changed_structure() == []
    texts = {witness_key(one.key): {"fr": one.text} for one in wanted if str(one.key) in written}
    assert witness.changed_texts() == texts

    former = {str(unit.key): unit.texts.get("fr") or None for unit in units}
    back = [Wanted(UnitKey.parse(key), former[key]) for key in sorted(written)]
    undone = plan_changes(_target(sandbox), "fr", back, partial_options=True, exact=True)
    assert undone.left_out == ()
    _carry_out(sandbox, undone)
    assert (witness.changed_texts(), witness.changed_structure()) == ({}, [])


def _carry_out(sandbox: Sandbox, plan: Plan) -> None:
    """Send every request; each record must then be as the plan says."""
    for one in plan.records:
        path = f"/api/v2/{one.kind.value}s/{one.number}"
        assert ask(sandbox, "PATCH", path, {"data": one.body}).status == 200
        shown = ask(sandbox, "GET", path).json()["data"]
        assert list(find_differences(one.after, simplify(one.kind, shown))) == []
