"""A small stored configuration of our own, so that the rules are tested without the corpus; and Ruby as a judge."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.primero_importer import PrimeroInstance

LOCALES = ("en", "fr", "es", "pt-BR", "ar-IQ")


def _options(**texts: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"id": option_id, "display_text": display_text} for option_id, display_text in texts.items()]


@pytest.fixture
def configuration() -> dict[str, Any]:
    """Two forms (one a subform without a collapsed field), two lookups, and a role that the importer does not know."""
    fields = [
        {
            "name": "sex",
            "type": "select_box",
            "order": 0,
            "visible": True,
            "display_name_i18n": {"en": "Sex", "es": "Sexo"},
        },
        {"name": "site", "type": "select_box", "order": 1, "option_strings_source": "lookup lookup-site"},
        {"name": "count", "type": "tally_field", "order": 2, "display_name_i18n": {"en": "Count"}},
    ]
    fields[0]["option_strings_text_i18n"] = _options(f={"en": "Female", "fr": "Femme"}, m={"en": "Male"})
    fields[0]["option_strings_text_i18n"][0] |= {"disabled": True, "tags": ["t"]}
    fields[1]["display_name_i18n"] = {"en": "Site"}
    fields[2]["tally_i18n"] = _options(boys={"en": "Boys"}, girls={"en": "Girls"})
    follow_up = [
        {"name": name, "order": order, "display_name_i18n": {"en": name}} for name, order in (("b", 1), ("a", 0))
    ]
    return {
        "FormSection": [
            {"unique_id": "person", "is_nested": False, "name_i18n": {"en": "Person"}, "fields_attributes": fields},
            {"unique_id": "follow_up", "is_nested": True, "name_i18n": {"en": "Again"}, "fields_attributes": follow_up},
        ],
        "Lookup": [
            {
                "unique_id": "lookup-site",
                "name_i18n": {"en": "Site"},
                "lookup_values_i18n": _options(
                    camp={"en": "Camp", "es": "Campo"}, **{"2020-01-01": {"en": "New Year"}}
                ),
            },
            {"unique_id": "lookup-two", "name_i18n": {"en": "Two"}, "lookup_values_i18n": _options(x={"en": "X"})},
        ],
        "Role": [{"unique_id": "role-worker", "name": "Worker"}],
    }


@pytest.fixture
def instance(configuration: dict[str, Any]) -> PrimeroInstance:
    """The small configuration as a server stores it."""
    return PrimeroInstance.from_configuration(configuration, LOCALES)


@pytest.fixture(scope="session")
def run_ruby() -> Callable[[str, list[str]], list[Any]]:
    """Run a Ruby script that answers a JSON list on its input by one on its output; skips where Ruby is missing."""
    ruby = shutil.which("ruby")
    if ruby is None:
        pytest.skip("ruby is not here: install it to compare with the real Psych")

    def run(script: str, texts: list[str]) -> list[Any]:
        command = [ruby, "-Eutf-8:utf-8", "-e", script]
        done = subprocess.run(command, input=json.dumps(texts), capture_output=True, text=True, check=True, timeout=60)
        return list(json.loads(done.stdout))

    return run
