"""Inspecting a bundle: a whole one has no problems, and each way of tampering is found and named."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from extractors.texts import text_hash
from service.bundles.archive import pack, unpack
from service.bundles.inspection import Fault, Inspection, inspect_bundle
from service.bundles.rules.gate import Policy
from service.bundles.service import Bundle
from service.db import Database
from service.errors import BadInput
from tests.service.bundles.conftest import Filled, new_deployment
from tests.support.databases import make_sqlite_template

FORM, LOOKUPS = "forms/person.yml", "lookups/lookup.yml"
NAME, SITE, CAMP = "form/person/name", "form/person/site/display_name", "lookup/lookup-camp/name"
FEMALE = "form/person/sex/option_strings_text/f"
TEXTS = {NAME: "Personne", SITE: "Lieu", FEMALE: "Femme", CAMP: "Camp"}

Files = dict[str, bytes]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory, small: Callable[..., dict[str, Any]]) -> Bundle:
    """A bundle of four texts; three more are left out."""
    database = Database(f"sqlite:///{make_sqlite_template(tmp_path_factory.mktemp('inspection'))}")
    with database.write() as session:
        filled = new_deployment(session)
        filled.import_source(small())
        filled.write(TEXTS)
        filled.approve(TEXTS)
        built = filled.build()
    database.close()
    return built


def _resummed(files: Files) -> Files:
    """Write every checksum anew, as somebody would who wants a change to go unnoticed."""
    document = json.loads(files["manifest.json"])
    for row in document["files"]:
        data = files.get(row["path"], b"")
        row["sha256"], row["size"] = hashlib.sha256(data).hexdigest(), len(data)
    manifest = json.dumps(document).encode()
    files = {**files, "manifest.json": manifest}
    sums = (
        f"{hashlib.sha256(data).hexdigest()}  {path}\n" for path, data in sorted(files.items()) if path != "SHA256SUMS"
    )
    return {**files, "SHA256SUMS": "".join(sums).encode()}


def _inspect(bundle: Bundle, change: Callable[[Files], Any], *, resum: bool = False) -> Inspection:
    files = unpack(bundle.data)
    change(files)
    return inspect_bundle(pack(_resummed(files) if resum else files))


def _found(inspection: Inspection) -> set[tuple[Fault, str]]:
    return {(problem.fault, problem.where) for problem in inspection.problems}


def _replace(path: str, old: str, new: str) -> Callable[[Files], None]:
    def change(files: Files) -> None:
        assert old.encode() in files[path]
        files[path] = files[path].replace(old.encode(), new.encode(), 1)

    return change


def _in_manifest(change: Callable[[dict[str, Any]], object]) -> Callable[[Files], None]:
    def apply(files: Files) -> None:
        document = json.loads(files["manifest.json"])
        change(document)
        files["manifest.json"] = json.dumps(document).encode()

    return apply


def test_a_whole_bundle_has_no_problems(bundle: Bundle) -> None:
    """Everything it says of itself is found true, and the texts can be read from it."""
    inspection = inspect_bundle(bundle.data)
    assert inspection.whole
    assert inspection.exact
    assert inspection.problems == ()
    assert inspection.manifest == bundle.manifest
    assert dict(inspection.texts) == TEXTS
    assert (inspection.sha256, inspection.size) == (bundle.sha256, len(bundle.data))
    assert {row.path for row in inspection.files} == set(unpack(bundle.data))


def test_a_preview_is_whole_too(filled: Filled, small: Callable[..., dict[str, Any]]) -> None:
    """It is another policy, not another kind of archive."""
    filled.import_source(small())
    filled.write(TEXTS)
    assert inspect_bundle(filled.build(policy=Policy.PREVIEW).data).whole


def test_odd_keys_are_read_back(filled: Filled, small: Callable[..., dict[str, Any]]) -> None:
    """A field that is called like a level of the file, and ids that have to be quoted, are no problems."""
    configuration = small(lookup={"lookup_values_i18n": [
        {"id": option, "display_text": {"en": f"Value {number}"}}
        for number, option in enumerate(("<<", "true", "12:30", "a/b %", "é"))
    ]})  # fmt: skip
    field = {"name": "fields", "type": "text_field", "visible": True, "display_name_i18n": {"en": "Fields"}}
    configuration["FormSection"][0]["fields_attributes"].append(field)
    configuration["FormSection"].append({**configuration["FormSection"][0], "unique_id": "fields"})
    filled.import_source(configuration)
    filled.write({key: f"Texte {number}" for number, key in enumerate(filled.sources())})
    filled.approve_rows()
    inspection = inspect_bundle(filled.build().data)
    assert inspection.problems == ()
    assert len(inspection.texts) == len(filled.sources())


def test_a_repacked_bundle_is_whole_but_not_exact(bundle: Bundle) -> None:
    """Its files are the same; that the archive is another one is told apart."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in unpack(bundle.data).items():
            archive.writestr(path, data)
    inspection = inspect_bundle(target.getvalue())
    assert (inspection.whole, inspection.exact) == (True, False)
    assert not inspect_bundle(b"in front" + bundle.data).exact


@pytest.mark.parametrize("path", [FORM, LOOKUPS, "left-out.json", "README.txt"])
def test_a_tampered_file_is_named(bundle: Bundle, path: str) -> None:
    """One changed byte shows in both lists of checksums."""

    def change(files: Files) -> None:
        files[path] += b"\n"

    inspection = _inspect(bundle, change)
    assert _found(inspection) == {(Fault.TAMPERED_FILE, path)}
    assert len(inspection.problems) == 2


def test_a_tampered_manifest_is_named(bundle: Bundle) -> None:
    """The manifest is covered by SHA256SUMS."""
    change = _in_manifest(lambda document: document.update(deployment="other"))
    assert _found(_inspect(bundle, change)) == {(Fault.TAMPERED_FILE, "manifest.json")}


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("README.txt", set()),
        ("SHA256SUMS", set()),
        ("manifest.json", set()),
        (
            LOOKUPS,
            {(Fault.TEXT_MISSING, CAMP), (Fault.WRONG_COUNT, "texts"), (Fault.WRONG_COUNT, "lookups")},
        ),
    ],
)
def test_a_missing_file_is_named(bundle: Bundle, path: str, more: set[tuple[Fault, str]]) -> None:
    """And so is what it should have held."""
    assert _found(_inspect(bundle, lambda files: files.pop(path))) == {(Fault.MISSING_FILE, path)} | more


def test_an_extra_file_is_named(bundle: Bundle) -> None:
    """Nothing travels along unseen, be it a note or a translation file."""
    extra = {"notes.txt": b"x", "forms/other.yml": b'"fr":\n  "other":\n    "name": "Autre"\n'}
    inspection = _inspect(bundle, lambda files: files.update(extra))
    assert {(Fault.EXTRA_FILE, "notes.txt"), (Fault.EXTRA_FILE, "forms/other.yml")} <= _found(inspection)
    assert (Fault.TEXT_NOT_IN_MANIFEST, "form/other/name") in _found(inspection)


def test_a_changed_text_is_found_although_every_file_matches_its_checksum(bundle: Bundle) -> None:
    """The manifest names the approved texts by their hashes."""
    inspection = _inspect(bundle, _replace(FORM, '"Lieu"', '"Endroit"'), resum=True)
    assert _found(inspection) == {(Fault.TEXT_DIFFERS, SITE)}


def test_a_text_that_nobody_approved_is_found(bundle: Bundle) -> None:
    """A text beside those of the manifest is named by its key."""
    change = _replace(FORM, '"name": "Personne"', '"name": "Personne"\n    "description": "Nouveau"')
    assert _found(_inspect(bundle, change, resum=True)) == {
        (Fault.TEXT_NOT_IN_MANIFEST, "form/person/description"), (Fault.WRONG_COUNT, "texts"),
    }  # fmt: skip


def test_a_text_that_was_taken_out_is_found(bundle: Bundle) -> None:
    """The manifest still names it."""
    change = _replace(FORM, '    "name": "Personne"\n', "")
    assert _found(_inspect(bundle, change, resum=True)) == {(Fault.TEXT_MISSING, NAME), (Fault.WRONG_COUNT, "texts")}


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('"Lieu"', '""', Fault.UNSAFE_TEXT),
        ('"Lieu"', "null", Fault.UNSAFE_TEXT),
        ('"Lieu"', "Lieu", Fault.UNSAFE_TEXT),
        ('"Lieu"', '" Lieu"', Fault.UNSAFE_TEXT),
        ('"f":', "f:", Fault.UNSAFE_TEXT),
        ('"Lieu"', "[Lieu]", Fault.UNSAFE_TEXT),
        ('"Lieu"', "&x Lieu\n    *x : y", Fault.BAD_YAML),
        ('"display_name": "Lieu"', '"visible": "false"', Fault.BAD_YAML),
        ('"fr":', '"es":', Fault.BAD_YAML),
        ('"fr":', "fr:", Fault.BAD_YAML),
        ('"fr":', '"es": {}\n"fr":', Fault.BAD_YAML),
        ('  "person":', '  "other": {"name": "Autre"}\n  "person":', Fault.BAD_YAML),
        ('"option_strings_text":', '"tally":', Fault.UNSAFE_TEXT),
    ],
)
def test_yaml_that_primero_would_trip_over_is_found(bundle: Bundle, old: str, new: str, fault: Fault) -> None:
    """Also where every checksum was written anew."""
    assert fault in {problem.fault for problem in _inspect(bundle, _replace(FORM, old, new), resum=True).problems}


@pytest.mark.parametrize("path", ["forms/my-lookup.yml", "forms/System.yml", "other/person.yml", "person.yml"])
def test_a_path_that_primero_would_misread_is_found(bundle: Bundle, path: str) -> None:
    """A form in a file called lookup would be dropped without a word."""
    inspection = _inspect(bundle, lambda files: files.update({path: files.pop(FORM)}))
    assert (Fault.MISREAD_PATH, path) in _found(inspection)


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (lambda document: document["counts"].update(texts=5), "texts"),
        (lambda document: document["counts"].update(forms=2), "forms"),
        (lambda document: document["counts"].update(lookups=0), "lookups"),
        (lambda document: document["counts"].update(in_scope=99), "texts in scope"),
        (lambda document: document["counts"].update(left_out={"untranslated": 2}), "texts left out as untranslated"),
    ],
)
def test_a_wrong_count_is_found(bundle: Bundle, change: Callable[[dict[str, Any]], object], where: str) -> None:
    """Counts are counted again."""
    assert (Fault.WRONG_COUNT, where) in _found(_inspect(bundle, _in_manifest(change), resum=True))


def test_a_wrong_hash_in_the_manifest_is_found(bundle: Bundle) -> None:
    """The text is no longer the one that the manifest says was approved."""

    def change(document: dict[str, Any]) -> None:
        document["texts"][0]["text_hash"] = text_hash("Quelqu'un")

    assert _found(_inspect(bundle, _in_manifest(change), resum=True)) == {(Fault.TEXT_DIFFERS, NAME)}


@pytest.mark.parametrize(
    "manifest",
    [b"", b"{}", b"[1]", b"\xff", b'{"format": "primero-translation-bundle/2"}', b"[" * 100_000],
)
def test_a_manifest_that_cannot_be_read_is_a_problem(bundle: Bundle, manifest: bytes) -> None:
    """It is reported, and the rest is inspected all the same."""
    inspection = _inspect(bundle, lambda files: files.update({"manifest.json": manifest}))
    assert {(Fault.BAD_MANIFEST, "manifest.json"), (Fault.TAMPERED_FILE, "manifest.json")} == _found(inspection)
    assert inspection.manifest is None
    assert dict(inspection.texts) == TEXTS


@pytest.mark.parametrize("line", ["no checksum", f"{'0' * 64}  README.txt", f"{'0' * 63}  x", ""])
def test_odd_lines_of_checksums_are_found(bundle: Bundle, line: str) -> None:
    """A file has one checksum, written in one way."""

    def change(files: Files) -> None:
        files["SHA256SUMS"] += f"{line}\n".encode()

    assert (Fault.BAD_SUMS, "SHA256SUMS") in _found(_inspect(bundle, change))


def test_every_problem_is_one_sentence(bundle: Bundle) -> None:
    """What, where, and what to do, for a release engineer."""
    files = unpack(bundle.data)
    files[FORM] = files[FORM].replace(b'"Lieu"', b'""')
    files["extra.yml"] = b"\xff"
    del files["README.txt"]
    problems = inspect_bundle(pack(files)).problems
    assert len(problems) > 4
    assert all(re.fullmatch(r"[^\n]+\.", problem.message) for problem in problems)


def test_what_is_no_bundle_at_all_is_refused() -> None:
    """An archive that cannot be read raises; it has no problems to list."""
    with pytest.raises(BadInput):
        inspect_bundle(b"PK\x03\x04 no archive")
