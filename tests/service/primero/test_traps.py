"""Primero's traps that need an instance to be seen: what a plain request would have done, and ours does not."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from service.primero.sandbox.core import Sandbox
from tests.support.applying import World
from tests.support.primero import Witness, ask, form_number


def _blanks(value: Any, path: str = "") -> Iterator[str]:
    """Yield where blank texts are kept, of all languages and properties."""
    if isinstance(value, dict):
        for name, entry in value.items():
            yield from _blanks(entry, f"{path}/{name}")
    elif isinstance(value, list):
        for number, entry in enumerate(value):
            yield from _blanks(entry, f"{path}/{number}")
    elif value == "":
        yield path


@pytest.mark.parametrize("folder", ["primero-default", "primero-probes"])
def test_the_blanks_that_primero_fills_its_answers_with_are_not_sent_back(
    folder: str, make_world: Callable[..., World], corpus: Path
) -> None:
    """An answer sent back as it came would store '' for every language that has no text, and hide the English."""
    world = make_world(json.loads((corpus / folder / "configuration.json").read_text("utf-8")))
    before = set(_blanks(world.sandbox.store.configuration()))
    report = world.apply()
    assert set(_blanks(world.sandbox.store.configuration())) <= before
    world.rollback(report.run_id)
    assert set(_blanks(world.sandbox.store.configuration())) <= before
    number = form_number(world.sandbox, world.sandbox.store.forms[1]["unique_id"])
    shown = ask(world.sandbox, "GET", f"/api/v2/forms/{number}").json()["data"]
    ask(world.sandbox, "PATCH", f"/api/v2/forms/{number}", {"data": shown})
    assert set(_blanks(world.sandbox.store.configuration())) > before


def _fields(sandbox: Sandbox, unique_id: str) -> list[str]:
    form = sandbox.store.forms[form_number(sandbox, unique_id)]
    return [field["name"] for field in form["fields_attributes"]]


def _form(name: str, *fields: str) -> dict[str, Any]:
    return {
        "unique_id": "f",
        "name_i18n": {"en": name},
        "fields_attributes": [
            {"name": field, "type": "text_field", "display_name_i18n": {"en": field}} for field in fields
        ],
    }


def test_a_form_that_primero_would_refuse_loses_no_field(make_world: Callable[..., World]) -> None:
    """The fields that a refused request does not list are gone all the same: such a form is sent nothing."""
    world = make_world({"FormSection": [_form("100 % new", "a", "b")], "Lookup": []})
    report = world.apply()
    assert (report.texts, {row["why"] for row in report.left_out}) == (0, {"refused-by-primero"})
    assert _fields(world.sandbox, "f") == ["a", "b"]
    number = form_number(world.sandbox, "f")
    plain = {"data": {"fields": [{"name": "a", "display_name": {"en": "", "fr": "A"}}]}}
    assert ask(world.sandbox, "PATCH", f"/api/v2/forms/{number}", plain).status == 422
    assert _fields(world.sandbox, "f") == ["a"]


def test_a_field_that_is_gone_is_not_made_anew(make_world: Callable[..., World]) -> None:
    """A bundle of an older configuration names a field that Primero would create: it is left out and said."""
    older = make_world({"FormSection": [_form("Form", "a", "b")], "Lookup": []})
    world = make_world({"FormSection": [_form("Form", "a")], "Lookup": []})
    witness = Witness(world.sandbox)
    report = world.apply(older.bundle)
    assert [(row["key"], row["why"]) for row in report.left_out] == [("form/f/b/display_name", "unknown-there")]
    assert (witness.changed_structure(), _fields(world.sandbox, "f")) == ([], ["a"])
    number = form_number(world.sandbox, "f")
    plain = {"data": {"fields": [{"name": "a"}, {"name": "b", "display_name": {"en": "b", "fr": "B"}}]}}
    assert ask(world.sandbox, "PATCH", f"/api/v2/forms/{number}", plain).status == 200
    assert _fields(world.sandbox, "f") == ["a", "b"]
