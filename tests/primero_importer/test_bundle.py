"""Feeding whole bundles, and Primero's real default configuration, to the importer."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

from tests.support.primero_importer import PrimeroInstance, diff, diff_structure, import_bundle
from tests.support.primero_importer.instance import Texts

_FILES = {
    "lookups/lookup.yml": "fr: {lookup-two: {name: Deux}}",
    "forms/person.yml": "fr: {person: {name: Personne}}",
    "README.md": "no translation",
    "forms/a_system.yml": "fr: {person: {name: never}}",
}


def _zip(files: dict[str, str]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return target.getvalue()


def test_an_archive_is_fed_in_the_order_of_its_paths(instance: PrimeroInstance) -> None:
    """Every .yml of a ZIP goes in by sorted path, and the path as it is decides the class."""
    outcomes = import_bundle(instance, _zip(_FILES))
    assert [(outcome.path, outcome.kind, outcome.is_clean) for outcome in outcomes] == [
        ("forms/a_system.yml", "Theme", False),
        ("forms/person.yml", "FormSection", True),
        ("lookups/lookup.yml", "Lookup", True),
    ]
    assert instance.texts()["form|person|name"]["fr"] == "Personne"
    assert instance.texts()["lookup|lookup-two|name"]["fr"] == "Deux"


def test_a_folder_and_an_archive_on_disk_do_as_well(instance: PrimeroInstance, tmp_path: Path) -> None:
    """A folder's files are named by their path inside it, wherever it lies; a ZIP may be given by its path."""
    folder = tmp_path / "system-lookup"
    for path, text in _FILES.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    archive = tmp_path / "bundle.zip"
    archive.write_bytes(_zip(_FILES))
    assert import_bundle(instance, folder) == import_bundle(instance, archive)


def _default(corpus: Path) -> tuple[PrimeroInstance, Path]:
    folder = corpus / "primero-default"
    configuration = json.loads((folder / "configuration.json").read_text("utf-8"))
    return PrimeroInstance.from_configuration(configuration, ["en", "fr"]), folder / "export-yaml"


def _everything(texts: Texts, locale: str) -> dict[str, str]:
    """A bundle that names every English text, hidden fields too, as `locale`; JSON is YAML with all texts quoted."""
    files: dict[str, dict[str, Any]] = {}
    for key, value in texts.items():
        kind, record, *path = key.split("|")
        name = "lookup.yml" if kind == "lookup" else f"{record}.yml"
        place = files.setdefault(name, {}).setdefault(record, {})
        for step in ["fields", *path[:-1]] if kind == "field" else path[:-1]:
            place = place.setdefault(step, {})
        place[path[-1]] = value["en"]
    return {name: json.dumps({locale: records}, ensure_ascii=False) for name, records in files.items()}


def test_english_given_back_loses_the_ends_of_three_texts(corpus: Path) -> None:
    """Importing all English texts unchanged is clean; three with spaces at an end are stripped."""
    instance, _ = _default(corpus)
    texts, structure = instance.texts(), instance.structure()
    outcomes = import_bundle(instance, _zip(_everything(texts, "en")))
    changed = diff(texts, instance.texts())
    assert [outcome for outcome in outcomes if not outcome.is_clean] == []
    assert changed == {
        key: {"en": value["en"].strip()} for key, value in texts.items() if value["en"] != value["en"].strip()
    }
    assert len(changed) == 3
    assert diff_structure(structure, instance.structure()) == []


def test_all_texts_as_french_arrive(corpus: Path) -> None:
    """All 1,430 texts of the default configuration can be given by files; English and structure stay."""
    instance, _ = _default(corpus)
    texts, structure = instance.texts(), instance.structure()
    outcomes = import_bundle(instance, _zip(_everything(texts, "fr")))
    assert [outcome for outcome in outcomes if not outcome.is_clean] == []
    assert diff(texts, instance.texts()) == {key: {"fr": value["en"].strip()} for key, value in texts.items()}
    assert len(texts) == 1430
    assert diff_structure(structure, instance.structure()) == []


def test_primeros_own_export_as_french_reaches_every_text_it_names(corpus: Path) -> None:
    """The files of Primero's exporter, English replaced by French, store the 1,361 texts that they name."""
    instance, export = _default(corpus)
    files = {
        file.name: re.sub(r"\Aen:", "fr:", file.read_text("utf-8").removeprefix("---\n"))
        for file in export.glob("*.yml")
    }
    texts = instance.texts()
    outcomes = import_bundle(instance, _zip(files))
    changed = diff(texts, instance.texts())
    assert [outcome for outcome in outcomes if not outcome.is_clean] == []
    assert sum(1 for value in changed.values() if value["fr"]) == 1361
    assert {locale for value in changed.values() for locale in value} == {"fr"}
