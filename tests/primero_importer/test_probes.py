"""Every probe that was run through Primero's own importer, run through the second one."""

from __future__ import annotations

import copy
import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.support.primero_importer import PrimeroInstance, diff, diff_structure

LOCALES = ("en", "fr", "es", "ar", "pt-BR")

_REPOSITORY = Path(__file__).resolve().parents[2]
_PROBES = Path(os.environ.get("BRIDGE_TEST_CORPUS") or _REPOSITORY.parent / "shared" / "corpus") / "primero-probes"


def _cases() -> list[Any]:
    """The probes as parameters, read while tests are collected; without the corpus a single one that is skipped."""
    file = _PROBES / "importer.json"
    if not file.is_file():
        absent = pytest.mark.skip(reason="the corpus is not here: set BRIDGE_TEST_CORPUS")
        return [pytest.param(None, id="no corpus", marks=absent)]
    return [pytest.param(case, id=case["title"]) for case in json.loads(file.read_text("utf-8"))]


def _without_place(exception: str | None) -> str | None:
    """Cut the place in Primero's source off the exception that a probe recorded."""
    return exception.split(" @app/")[0] if exception else None


def _class_name(recorded: str) -> str:
    """Primero keeps the class of a theme file in a list."""
    return json.loads(recorded)[0] if recorded.startswith("[") else recorded


def _starting_state(configuration: dict[str, Any], case: dict[str, Any]) -> dict[str, Any]:
    """The configuration, but with a subform uncollapsed when the probe says that it was so at the start."""
    configuration = copy.deepcopy(configuration)
    uncollapsed = {change["what"] for change in case["structure"] if change["was"] is None}
    for form in configuration["FormSection"]:
        for field in form["fields_attributes"]:
            if f"field {form['unique_id']}.{field['name']}" in uncollapsed:
                field["collapsed_field_for_subform_unique_id"] = None
                form["collapsed_field_names"] = None
    return configuration


def _stored_changes(case: dict[str, Any]) -> dict[str, Any]:
    """What differed, without the note that the probe's own transaction around everything was aborted."""
    return {key: value for key, value in case["changed"].items() if key != "transaction"}


def _as_json(value: object) -> str:
    """Write values so that 1, 1.0 and true differ."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, indent=1)


@pytest.mark.parametrize("case", _cases())
def test_a_probe_has_the_outcome_that_primero_had(case: dict[str, Any], corpus: Path) -> None:
    """Class, exception, errors, log, changed texts and changed structure are those of Primero's own importer."""
    configuration = json.loads((corpus / "primero-probes" / "configuration.json").read_text("utf-8"))
    instance = PrimeroInstance.from_configuration(_starting_state(configuration, case), LOCALES)
    texts, structure = instance.texts(), instance.structure()

    outcome = instance.import_file(case["file"], case["input"].encode())

    assert outcome.kind == _class_name(case["class"])
    assert outcome.exception == _without_place(case["exception"])
    assert outcome.errors == case["errors"]
    assert outcome.log == case["log"]
    assert _as_json(diff(texts, instance.texts())) == _as_json(_stored_changes(case))
    assert diff_structure(structure, instance.structure()) == case["structure"]
