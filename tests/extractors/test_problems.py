"""Every odd part has a problem code, each shown here by an input that has it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from extractors.load import load
from extractors.problems import CODES, ProblemLog
from extractors.reading import Member
from extractors.units import Problem


def form(**parts: Any) -> dict[str, Any]:
    """Return a configuration with one form of these parts."""
    return {"FormSection": [{"unique_id": "f", "name_i18n": {"en": "Form"}, **parts}]}


def field(**parts: Any) -> dict[str, Any]:
    """Return a configuration with one field of these parts."""
    return form(fields_attributes=[{"name": "q", "display_name_i18n": {"en": "Q"}, **parts}])


def options(*items: Any) -> dict[str, Any]:
    """Return a configuration with one field of these options."""
    return field(option_strings_text_i18n=list(items))


OPTION = {"id": "a", "display_text": {"en": "A"}}
WHERE = "FormSection[0].fields_attributes[0]"
PO = 'msgid ""\nmsgstr "Language: fr\\n"\n\nmsgctxt "form/f/name"\nmsgid "Form"\nmsgstr "F"\n\n'

# code, input (an object is JSON), path of the problem, units that remain
CASES: list[tuple[str, Any, str, int]] = [
    ("not-text", field(help_text_i18n={"en": 5}), f"{WHERE}.help_text_i18n.en", 2),
    ("not-text", field(help_text_i18n={"en": True, "fr": "x"}), f"{WHERE}.help_text_i18n.en", 3),
    ("not-text", field(help_text_i18n={"en": ["x"]}), f"{WHERE}.help_text_i18n.en", 2),
    ("not-text", field(help_text_i18n={"en": {"x": "y"}}), f"{WHERE}.help_text_i18n.en", 2),
    ("not-text", field(help_text_i18n="Help"), f"{WHERE}.help_text_i18n", 2),
    ("not-text", options({"id": "a", "display_text": "A"}), f"{WHERE}.option_strings_text_i18n[0].display_text", 2),
    ("replaced-characters", field(help_text_i18n={"en": "a\0b"}), f"{WHERE}.help_text_i18n.en", 3),
    ("replaced-characters", field(help_text_i18n={"en": "a\ud800b"}), f"{WHERE}.help_text_i18n.en", 3),
    ("replaced-characters", {"Lookup": [{"unique_id": "l\0", "name_i18n": {"en": "X"}}]}, "Lookup[0]", 1),
    ("unknown-property", field(foo_i18n={"en": "x"}), f"{WHERE}.foo_i18n", 2),
    ("unknown-property", form(bar_i18n=None), "FormSection[0].bar_i18n", 1),
    ("wrong-part", {"Lookup": [5]}, "Lookup[0]", 0),
    ("wrong-part", form(fields_attributes={"q": {}}), "FormSection[0].fields_attributes", 1),
    ("wrong-part", form(fields_attributes=["q"]), "FormSection[0].fields_attributes[0]", 1),
    ("wrong-part", field(option_strings_text_i18n={"en": []}), f"{WHERE}.option_strings_text_i18n", 2),
    ("wrong-part", options("a", OPTION), f"{WHERE}.option_strings_text_i18n[0]", 3),
    ("record-without-id", {"Lookup": [{"name_i18n": {"en": "X"}}]}, "Lookup[0]", 0),
    ("record-without-id", {"Lookup": [{"unique_id": 5}]}, "Lookup[0]", 0),
    ("field-without-name", form(fields_attributes=[{"display_name_i18n": {"en": "Q"}}]), WHERE, 1),
    ("option-without-id", options({"display_text": {"en": "A"}}), f"{WHERE}.option_strings_text_i18n[0]", 2),
    ("option-without-id", options({**OPTION, "id": 1}), f"{WHERE}.option_strings_text_i18n[0]", 2),
    (
        "duplicate-option",
        options(OPTION, {**OPTION, "display_text": {"en": "B"}}),
        f"{WHERE}.option_strings_text_i18n[1]",
        3,
    ),
    ("duplicate-record", {"FormSection": form()["FormSection"] * 2}, "FormSection[1]", 1),
    (
        "duplicate-field",
        form(fields_attributes=[{"name": "q"}, {"name": "q"}]),
        "FormSection[0].fields_attributes[1]",
        1,
    ),
    ("dropped-records", {**form(), "Role": [1, 2]}, "Role", 1),
    ("out-of-scope", {**form(), "Location": [1]}, "Location", 1),
    (
        "options-as-list",
        "fr:\n  f:\n    name: 'F'\n    fields: {q: {option_strings_text: ['a']}}\n",
        "fr.f.fields.q.option_strings_text",
        1,
    ),
    ("options-as-list", "fr: {l: {lookup_values: ['a']}}\n", "fr.l.lookup_values", 0),
    ("tally-in-yaml", "fr: {f: {fields: {q: {tally: {a: 'A'}}}}}\n", "fr.f.fields.q.tally", 1),
    ("empty-mapping", "fr:\n", "fr", 0),
    ("empty-mapping", "fr:\n  f:\n", "fr.f", 0),
    ("empty-mapping", "fr: {f: {name: 'F', fields: {q: }}}\n", "fr.f.fields.q", 1),
    ("empty-mapping", "fr: {l: {name: 'L', lookup_values: }}\n", "fr.l.lookup_values", 1),
    ("unquoted-text", "fr: {f: {name: 12:30}}\n", "fr.f.name", 1),
    ("unquoted-text", "fr: {f: {name: no}}\n", "fr.f.name", 1),
    ("unquoted-key", "fr: {l: {lookup_values: {true: 'Oui'}}}\n", "fr.l.lookup_values.true", 1),
    ("unquoted-key", "fr: {f: {fields: {no: {help_text: 'x'}}}}\n", "fr.f.fields.no", 1),
    ("unquoted-key", "no: {f: {name: 'x'}}\n", "no", 1),
    ("options-as-list", "fr: {f: {fields: {q: {tally: ['a']}}}}\n", "fr.f.fields.q.tally", 0),
    ("unquoted-key", "fr: {1: {name: 'x'}}\n", "fr.1", 1),
    ("not-text", "fr: {f: {name: ['a'], description: 'D'}}\n", "fr.f.name", 1),
    ("not-text", "fr: {f: {name: {a: 'b'}, description: 'D'}}\n", "fr.f.name", 1),
    ("replaced-characters", 'fr: {f: {name: "a\\0b"}}\n', "fr.f.name", 1),
    ("unknown-property", "fr: {f: {visible: 'x', name: 'F'}}\n", "fr.f.visible", 1),
    (
        "unknown-property",
        "fr: {f: {fields: {q: {form_group_name: 'x', help_text: 'h'}}}}\n",
        "fr.f.fields.q.form_group_name",
        1,
    ),
    (
        "unknown-property",
        "fr: {lookup-x: {name: 'x'}, f: {name: 'x'}, lookup-y: {description: 'x'}}\n",
        "fr.lookup-y.description",
        2,
    ),
    ("wrong-part", "fr: {f: {fields: ['q'], name: 'F'}}\n", "fr.f.fields", 1),
    ("wrong-part", "fr: {f: {name: 'F'}, g: 'x'}\n", "fr.g", 1),
    ("record-without-id", "fr: {f: {name: 'F'}, '': {name: 'x'}}\n", "fr.", 1),
    ("field-without-name", "fr: {f: {name: 'F', fields: {'': {help_text: 'x'}}}}\n", "fr.f.fields.", 1),
    ("option-without-id", "fr: {l: {name: 'L', lookup_values: {'': 'x'}}}\n", "fr.l.lookup_values.", 1),
    ("unknown-entry", PO + 'msgid "b"\nmsgstr "c"\n', "line 8", 1),
    ("unknown-entry", PO + 'msgctxt "form/%FF/name"\nmsgid "b"\nmsgstr "c"\n', "form/%FF/name", 1),
    ("fuzzy-text", PO + '#, fuzzy\nmsgctxt "form/g/name"\nmsgid "b"\nmsgstr "c"\n', "form/g/name", 2),
    (
        "plural-entry",
        PO + 'msgctxt "form/g/name"\nmsgid "b"\nmsgid_plural "bs"\nmsgstr[0] "c"\nmsgstr[1] "d"\n',
        "form/g/name",
        1,
    ),
    ("duplicate-entry", PO + 'msgctxt "form/f/name"\nmsgid "b"\nmsgstr "c"\n', "form/f/name", 1),
]


def member(content: Any, name: str = "x") -> Member:
    """Return a member with this text, or this object as JSON."""
    return Member(name, (content if isinstance(content, str) else json.dumps(content)).encode())


@pytest.mark.parametrize(("code", "content", "path", "units"), CASES, ids=range(len(CASES)))
def test_an_odd_part_is_a_problem_and_the_rest_is_used(code: str, content: Any, path: str, units: int) -> None:
    """The problem says code, file and path in a sentence; the units beside it are read."""
    catalog = load((member(content),)).catalog
    assert [(problem.code, problem.file, problem.path) for problem in catalog.problems] == [(code, "x", path)]
    assert catalog.problems[0].message.endswith(".")
    assert len(catalog.units) == units


TWO_FILES: list[tuple[str, str, str]] = [
    ("duplicate-record", "fr: {f: {name: 'F'}}\n", "fr: {f: {name: 'G'}}\n"),
    ("source-differs", PO, PO.replace("Language: fr", "Language: es").replace('"Form"', '"Other"')),
]


@pytest.mark.parametrize(("code", "first", "second"), TWO_FILES)
def test_files_that_disagree_are_a_problem_and_the_first_is_used(code: str, first: str, second: str) -> None:
    """Two files that say different things about one unit are reported, naming the second."""
    catalog = load((member(first, "a"), member(second, "b"))).catalog
    assert [(problem.code, problem.file) for problem in catalog.problems] == [(code, "b")]
    assert load((member(first, "a"),)).catalog.units[0].source == catalog.units[0].source


def test_a_record_that_stands_twice_alike_is_no_problem() -> None:
    """The exporter writes all lookups with every call; the same text twice says nothing new."""
    text = "fr: {l: {lookup_values: {a: 'A'}}}\n"
    assert load((member(text, "a"), member(text, "b"))).catalog.problems == ()


def test_every_code_is_shown() -> None:
    """No code is without an input that has it."""
    assert {code for code, *_ in CASES} | {code for code, *_ in TWO_FILES} == set(CODES)


def test_an_unknown_code_is_refused() -> None:
    """A problem can only have a documented code."""
    with pytest.raises(ValueError, match="not a problem code"):
        ProblemLog().add("nonsense", "x")


def test_problems_hold_only_what_can_be_stored() -> None:
    """What a path quotes from the input is cleaned as texts are."""
    log = ProblemLog()
    log.add("not-text", "a\0", file="b\ud800", path="c\0")
    assert log.problems() == (Problem("not-text", "a\ufffd", "b\ufffd", "c\ufffd"),)
