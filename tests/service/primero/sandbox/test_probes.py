"""Every request that was sent to a real Primero, sent to the sandbox."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from service.primero.sandbox.core import Account, Sandbox
from service.primero.sandbox.http import Request
from tests.support.primero_importer import PrimeroInstance, diff_structure

_REPOSITORY = Path(__file__).resolve().parents[4]
_PROBES = Path(os.environ.get("BRIDGE_TEST_CORPUS") or _REPOSITORY.parent / "shared" / "corpus") / "primero-probes"
_BASIC = {"authorization": "Basic cHJvYmU6c2VjcmV0"}


def _cases() -> list[Any]:
    """The probes as parameters, read while tests are collected; without the corpus a single one that is skipped."""
    file = _PROBES / "api.json"
    if not file.is_file():
        absent = pytest.mark.skip(reason="the corpus is not here: set BRIDGE_TEST_CORPUS")
        return [pytest.param(None, id="no corpus", marks=absent)]
    return [pytest.param(case, id=case["title"]) for case in json.loads(file.read_text("utf-8"))]


def _sandbox(folder: Path) -> Sandbox:
    configuration = json.loads((folder / "configuration.json").read_text("utf-8"))
    shown = json.loads((folder / "api-forms.json").read_text("utf-8"))["data"]
    lookups = json.loads((folder / "api-lookups.json").read_text("utf-8"))["data"]
    numbers = {
        "first_form": min(form["id"] for form in shown),
        "first_field": min(field["id"] for form in shown for field in form["fields"]),
        "first_lookup": min(lookup["id"] for lookup in lookups),
    }
    return Sandbox(configuration, list(shown[0]["name"]), [Account("probe", "secret")], numbers=numbers)


def _answer(sandbox: Sandbox, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = sandbox.handle(Request("GET", path, _BASIC)).json()["data"]
    return found


def _stored(sandbox: Sandbox) -> PrimeroInstance:
    return PrimeroInstance.from_configuration(sandbox.store.configuration(), sandbox.store.locales)


def _changed(before: PrimeroInstance, after: PrimeroInstance) -> dict[str, Any]:
    """What differs, written as the probes do: a text that went with its record is GONE, one beside others REMOVED."""
    was, now = before.texts(), after.texts()
    changed: dict[str, Any] = {}
    for key in {**was, **now}:
        if key not in now:
            changed[key] = "GONE"
            continue
        old, new = was.get(key, {}), now[key]
        locales = {name: text for name, text in new.items() if name not in old or old[name] != text}
        locales |= {f"-{name}": "REMOVED" for name in old if name not in new}
        if locales:
            changed[key] = locales
    return changed


def _fields(instance: PrimeroInstance) -> set[tuple[str, str]]:
    forms = instance.configuration()["FormSection"]
    return {(form["unique_id"], field["name"]) for form in forms for field in form["fields_attributes"]}


def _structure(before: PrimeroInstance, after: PrimeroInstance) -> list[dict[str, Any]]:
    was, now = _fields(before), _fields(after)
    found = [{"form": form, "field": field, "change": "removed"} for form, field in was - now]
    found += [{"form": form, "field": field, "change": "added"} for form, field in now - was]
    gone = {f"field {form}.{field}" for form, field in was ^ now}
    rest = diff_structure(before.structure(), after.structure())
    return found + [one for one in rest if " ".join(one["what"].split(" ")[:2]) not in gone]


def _sorted(rows: list[dict[str, Any]]) -> list[str]:
    return sorted(json.dumps(row, sort_keys=True, ensure_ascii=False) for row in rows)


@pytest.mark.parametrize("case", _cases())
def test_a_probe_has_the_outcome_that_primero_had(case: dict[str, Any], corpus: Path) -> None:
    """Status, errors, changed texts and changed structure are those of Primero's own API."""
    sandbox = _sandbox(corpus / "primero-probes")
    before = _stored(sandbox)
    method, path, body = case["input"].split(" ", 2)

    response = sandbox.handle(Request(method, path, _BASIC, body.encode()))

    after = _stored(sandbox)
    assert str(response.status) == case["status"]
    if case["answer"] is not None:
        assert response.json() == case["answer"]
    assert _changed(before, after) == case["changed"]
    assert _sorted(_structure(before, after)) == _sorted(case["structure"])


@pytest.mark.parametrize("folder", ["primero-probes", "primero-default"])
def test_what_is_kept_is_shown_as_primero_shows_it(folder: str, corpus: Path) -> None:
    """The answers for forms and lookups are those that Primero gave, but for the numbers of lookups."""
    sandbox = _sandbox(corpus / folder)
    for path, file in (("/api/v2/forms", "api-forms.json"), ("/api/v2/lookups?per=1000", "api-lookups.json")):
        shown = _answer(sandbox, path)
        recorded = json.loads((corpus / folder / file).read_text("utf-8"))["data"]
        if file == "api-lookups.json":
            # A real Primero numbered them in another order than it lists them.
            shown, recorded = ([{**one, "id": 0} for one in rows] for rows in (shown, recorded))
        assert shown == recorded
