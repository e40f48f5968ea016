"""Primero's importer, written a second time, reads our bundles: what is approved arrives, nothing else is touched."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from extractors.load import load
from extractors.reading import Member, read_path
from extractors.texts import RUBY_STRIP, normalise_text
from extractors.units import Catalog, RecordKind, UnitKey
from service.bundles.inverse import build_inverse
from service.bundles.reading import Target, read_bundle
from service.bundles.rules.paths import API_TEXTS
from service.bundles.service import Bundle
from service.db import Database
from service.errors import Refused
from service.sample import sample_path
from tests.service.bundles.conftest import Filled, new_deployment, sample_texts
from tests.support.configurations import (
    FIELD_NAMES,
    FORM_IDS,
    LOCALES,
    LOOKUP_IDS,
    NASTY_TEXTS,
    configurations,
    storable_texts,
)
from tests.support.primero_importer import PrimeroInstance, diff, diff_structure, import_bundle

_COLLAPSED = "collapsed_field_for_subform_section_id"


def _witness_key(key: UnitKey) -> str:
    if key.kind is RecordKind.LOOKUP:
        parts: tuple[str | None, ...] = ("lookup", key.record, key.prop, key.option)
    elif key.field is None:
        parts = ("form", key.record, key.prop)
    else:
        parts = ("field", key.record, key.field, key.prop, key.option)
    return "|".join(part for part in parts if part is not None)


def _as_time(text: str) -> bool:
    return len(text) == 24 and text[10] == "T" and text.endswith("Z")


class Imported:
    """A bundle, fed to a Primero that holds the configuration; and what that changed."""

    def __init__(self, configuration: Mapping[str, Any], bundle: Bundle) -> None:
        # As JSON gives it: no two records share a part.
        instance = PrimeroInstance.from_configuration(json.loads(json.dumps(configuration)), LOCALES)
        self.instance = instance
        self.bundle = read_bundle(bundle.data)
        self.locale = bundle.manifest.locale
        self.api_only = {row.key for row in bundle.manifest.texts if row.file == API_TEXTS}
        self.keys = {row.key: UnitKey.parse(row.key) for row in bundle.manifest.texts if row.key not in self.api_only}
        self.rewritten = {
            (_witness_key(UnitKey.parse(row.key)), row.locale) for row in bundle.manifest.rewritten_by_primero
        }
        self.before, self.structure_before = instance.texts(), instance.structure()
        self.outcomes = import_bundle(instance, bundle.data)
        self.after = instance.texts()
        self.changed = diff(self.before, self.after)
        self.structure = diff_structure(self.structure_before, instance.structure())

    def check(self, approved: Mapping[str, str]) -> None:
        """Every shipped text stands there as approved; beyond the known side effects nothing has changed."""
        assert [outcome for outcome in self.outcomes if not outcome.is_clean] == []
        shipped = {_witness_key(key): normalise_text(approved[name]) for name, key in self.keys.items()}
        assert {key: self.after[key].get(self.locale) for key in shipped} == shipped
        assert list(self._unexplained(shipped)) == []
        assert [row for row in self.structure if row.get("column") != _COLLAPSED] == []
        subforms = {key.record for key in self.keys.values() if key.kind is RecordKind.FORM}
        assert {row["is"] for row in self.structure} <= subforms

    def take_back(self, target: Target) -> None:
        """Import the inverse bundle that the configuration from before gives: every text is as it was.

        But for what the importer does by itself: it strips ends, writes times anew, leaves null where nothing was.
        """
        inverse = build_inverse(self.bundle, target, version="1.2.3")
        assert inverse.left_out == ()
        outcomes = import_bundle(self.instance, inverse.data)
        assert [outcome for outcome in outcomes if not outcome.is_clean] == []
        rewritten = self.rewritten | {
            (_witness_key(UnitKey.parse(row.key)), row.locale) for row in inverse.manifest.rewritten_by_primero
        }
        texts = self.instance.texts()
        assert diff_structure(self.structure_before, self.instance.structure()) == self.structure
        for key, changed in diff(self.before, texts).items():
            for locale in changed:
                was, now = self.before[key].get(locale), texts[key].get(locale)
                stripped = locale == self.locale and (was or "").strip(RUBY_STRIP) == (now or "")
                assert stripped or ((key, locale) in rewritten and _as_time(str(now))), (key, locale, was, now)

    def _unexplained(self, shipped: Mapping[str, str]) -> Iterator[tuple[str, str, Any]]:
        # An option's id may hold the separator.
        sets = {_witness_key(key)[: -len(key.option) - 1] for key in self.keys.values() if key.option is not None}
        for key, texts in self.changed.items():
            for locale, text in texts.items():
                in_set = any(key.startswith(f"{start}|") for start in sets)
                unnamed = locale == self.locale and text is None and in_set and locale not in self.before[key]
                rewritten = (key, locale) in self.rewritten and _as_time(str(text))
                if not ((locale == self.locale and key in shipped) or unnamed or rewritten):
                    yield key, locale, text


def catalog_of(configuration: Mapping[str, Any]) -> Catalog:
    """Return what a Primero that holds this says of itself."""
    return load((Member("configuration.json", json.dumps(configuration).encode()),)).catalog


def _build(filled: Filled, configuration: dict[str, Any], texts: Mapping[str, str], locale: str) -> Bundle:
    filled.import_source(configuration)
    filled.write(dict(texts), locale)
    filled.approve_rows(locale)
    return filled.build(locale)


@pytest.mark.slow
@pytest.mark.parametrize("locale", ["fr", "ar"])
def test_the_sample_arrives(filled: Filled, sample_configuration: dict[str, Any], locale: str) -> None:
    """Every approved text of the sample that a file can carry is in place; the blocked and date-like ones are not."""
    texts = sample_texts(locale)
    bundle = _build(filled, sample_configuration, texts, locale)
    imported = Imported(sample_configuration, bundle)
    imported.check(texts)
    imported.take_back(Target(load(read_path(sample_path() / "configuration.json")).catalog))
    left_out = {row.key: row.reason for row in bundle.left_out if row.reason != "untranslated"}
    assert set(imported.keys) | imported.api_only == set(texts) - set(left_out)
    assert set(left_out.values()) == {"blocked"}
    assert imported.api_only
    assert len(imported.keys) > 250


@pytest.mark.slow
@pytest.mark.parametrize(("locale", "pattern"), [("fr", "« {} »"), ("ar", "\u200fالترجمة ٣: {}، نعم؟")])
def test_the_default_configuration_arrives(filled: Filled, corpus: Path, locale: str, pattern: str) -> None:
    """All 1,361 texts that Primero's own export names go in by our bundle, and no other text is touched."""
    configuration = json.loads((corpus / "primero-default" / "configuration.json").read_text("utf-8"))
    filled.import_source(configuration)
    texts = {key: pattern.format(source.strip()) for key, source in filled.sources().items()}
    filled.write(texts, locale)
    filled.approve_rows(locale)
    bundle = filled.build(locale)
    imported = Imported(configuration, bundle)
    imported.check(texts)
    assert bundle.left_out == ()
    assert bundle.manifest.counts.texts == len(imported.keys) == 1361
    assert len(imported.changed) == 1361
    imported.take_back(Target(catalog_of(configuration)))


def _options(ids: Iterable[str]) -> list[dict[str, Any]]:
    return [{"id": option_id, "display_text": {"en": f"Option {number}"}} for number, option_id in enumerate(ids)]


@pytest.mark.slow
def test_every_odd_id_and_name_at_once(filled: Filled) -> None:
    """Ids that YAML would type, fold or choke on, and forms whose ids Primero would misread, all get their texts."""
    odd = [text for text in NASTY_TEXTS if "\0" not in text]
    times = [text for text in odd if re.match(r"\d{4}-\d+-\d+[Tt ]", text)]
    dates = [text for text in odd if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text)]
    fields: list[dict[str, Any]] = [
        {"name": name, "type": "text_field", "visible": True, "display_name_i18n": {"en": f"Field {number}"}}
        for number, name in enumerate(dict.fromkeys((*FIELD_NAMES, *odd)))
    ]
    for number, kind in enumerate(("select_box", "radio_button", "text_field")):
        fields[number] |= {
            "type": kind,
            "option_strings_text_i18n": _options(text for text in odd[number::3] if text not in times),
        }
    forms = [
        {
            "unique_id": form_id, "parent_form": "case", "is_nested": number % 2 == 0,
            "name_i18n": {"en": f"Form {number}"},
            "fields_attributes": fields if number == 0 else fields[5:6],
        }
        for number, form_id in enumerate(FORM_IDS)
    ]  # fmt: skip
    lookups = [
        {"unique_id": lookup_id, "name_i18n": {"en": lookup_id}, "lookup_values_i18n": _options(odd[number::5])}
        for number, lookup_id in enumerate(LOOKUP_IDS)
    ]
    configuration = {"FormSection": forms, "Lookup": lookups}
    filled.import_source(configuration)
    texts = {key: f"Texte {number}" for number, key in enumerate(filled.sources())}
    filled.write(texts)
    filled.approve_rows()
    bundle = filled.build()
    imported = Imported(configuration, bundle)
    imported.check(texts)
    reasons = {row.reason for row in bundle.left_out}
    assert reasons == {"renames-options"}
    by_api = {UnitKey.parse(key) for key in imported.api_only}
    assert {key.option for key in by_api if key.kind is RecordKind.FORM} == set(dates)
    imported.take_back(Target(catalog_of(configuration)))
    assert {key.record for key in imported.keys.values() if key.kind is RecordKind.FORM} == set(FORM_IDS)
    files = {row.file.lower() for row in bundle.manifest.texts}
    assert len(files) == len(FORM_IDS) + len(["lookups/lookup.yml", API_TEXTS])


def _english(texts: dict[str, Any] | None) -> dict[str, Any]:
    return {**(texts or {}), "en": "Name of the child"}


def _repaired(configuration: dict[str, Any], keeps: Callable[[], bool]) -> dict[str, Any]:
    """Give labels and options an English text that Primero accepts, but where ``keeps()`` says to leave one alone."""
    repaired = copy.deepcopy(configuration)
    options: list[dict[str, Any]] = []
    for form in repaired["FormSection"]:
        if not keeps():
            form["name_i18n"] = _english(form["name_i18n"])
        for field in form["fields_attributes"]:
            if not keeps():
                field["display_name_i18n"] = _english(field["display_name_i18n"])
                options += [*(field["option_strings_text_i18n"] or ()), *(field["tally_i18n"] or ())]
    for lookup in repaired["Lookup"]:
        if not keeps():
            options += lookup["lookup_values_i18n"] or ()
    for number, option in enumerate(options):
        texts = option["display_text"] or {}
        option["display_text"] = {**texts, "en": (texts.get("en") or "").strip() or f"Option {number}"}
    return repaired


@st.composite
def _cases(draw: st.DrawFn) -> tuple[dict[str, Any], str, st.DataObject]:
    kept = st.integers(0, 9).map(lambda number: number == 9)
    configuration = _repaired(draw(configurations()), lambda: draw(kept))
    return configuration, draw(st.sampled_from([locale for locale in LOCALES if locale != "en"])), draw(st.data())


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_cases())
def test_whatever_the_configuration_only_what_is_approved_arrives(
    database: Database, case: tuple[dict[str, Any], str, st.DataObject]
) -> None:
    """Odd ids, tags, misleading names, ids that differ by case alone: what ships arrives; the rest could not."""
    configuration, locale, data = case
    with database.write() as session:
        filled = new_deployment(session)
        filled.import_source(configuration)
        keys = list(filled.sources())
        texts = {key: data.draw(storable_texts(), label=key) for key in keys}
        filled.write(texts, locale)
        filled.approve_rows(locale)
        try:
            bundle = filled.build(locale)
        except Refused:
            event("nothing ships")
            return
        finally:
            session.rollback()
    event("something ships")
    imported = Imported(configuration, bundle)
    imported.check(texts)
    imported.take_back(Target(catalog_of(configuration)))
    for key in imported.api_only:
        event("only the API carries it")
        _check_undeliverable(configuration, UnitKey.parse(key), locale)
    assert {row.key for row in bundle.manifest.texts} | {row.key for row in bundle.left_out} == set(keys)
    for row in bundle.left_out:
        if row.reason not in ("untranslated", "blocked"):
            event(f"left out: {row.reason}")
            _check_undeliverable(configuration, UnitKey.parse(row.key), locale)


def _check_undeliverable(configuration: dict[str, Any], key: UnitKey, locale: str) -> None:
    """A file that names this text alone is not taken, or does not store it, or does harm."""
    if _has_blank_english_option(configuration, key):
        return
    instance = PrimeroInstance.from_configuration(configuration, LOCALES)
    structure = instance.structure()
    place: Any = "Texte"
    path = [key.record, *(["fields", key.field] if key.field else []), key.prop, *([key.option] if key.option else [])]
    for part in reversed(path):
        place = {part: place}
    name = "lookup.yml" if key.kind is RecordKind.LOOKUP else "form.yml"
    outcome = instance.import_file(name, json.dumps({locale: place}).encode())
    arrived = instance.texts().get(_witness_key(key), {}).get(locale) == "Texte"
    harm = [row for row in diff_structure(structure, instance.structure()) if row.get("column") != _COLLAPSED]
    assert not (outcome.is_clean and arrived) or harm, key


def _has_blank_english_option(configuration: dict[str, Any], key: UnitKey) -> bool:
    """Nobody has seen whether Primero takes an option whose English is '' (null it refuses): we stay away."""
    for form in configuration["FormSection"]:
        for field in form["fields_attributes"]:
            if (form["unique_id"], field["name"]) == (key.record, key.field):
                options = field["option_strings_text_i18n"] or ()
                return any(((option["display_text"] or {}).get("en") or "") == "" for option in options)
    return False
