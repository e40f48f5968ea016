"""Building a bundle: what is in it, what is not, the same bytes for the same facts, and what is refused."""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from extractors.texts import text_hash
from service.audit.models import AuditEntry
from service.bundles.archive import unpack
from service.bundles.reading import Target
from service.bundles.rules.gate import Policy
from service.bundles.service import record_build
from service.catalog.models import Conflict, ScopeAction, Translation
from service.catalog.service.scope import add_rule
from service.catalog.service.snapshots import find_current_snapshot, read_catalog
from service.checks.models import StoredFinding
from service.checks.service.conditions import catalogue_version
from service.db import Database
from service.errors import NotFound, Refused
from tests.service.bundles.conftest import NOW, OPERATOR, REVIEWERS, Filled, new_deployment, sample_texts

NAME, SEX = "form/person/name", "form/person/sex/display_name"
FEMALE, MALE = (f"form/person/sex/option_strings_text/{option}" for option in "fm")
SITE = "form/person/site/display_name"
CAMP, NORTH = "lookup/lookup-camp/name", "lookup/lookup-camp/lookup_values/north"
TEXTS = {NAME: "Personne", SEX: "Sexe", FEMALE: "Femme", MALE: "Homme", SITE: "Lieu", CAMP: "Camp", NORTH: "Nord"}


@pytest.fixture
def approved(filled: Filled, small: Callable[..., dict[str, Any]]) -> Filled:
    """The small configuration with all seven texts in French, approved by one reviewer."""
    filled.import_source(small())
    filled.write(TEXTS)
    assert filled.approve(TEXTS) == set()
    return filled


def _keys(bundle_texts: list[Any]) -> set[str]:
    return {row.key for row in bundle_texts}


def _left_out(filled: Filled, policy: Policy = Policy.APPROVED) -> dict[str, str]:
    return {row.key: row.reason for row in filled.build(policy=policy).left_out}


def test_a_bundle_holds_one_file_a_form_one_for_lookups_and_its_papers(approved: Filled) -> None:
    """Nothing else is in the archive, and its two folders say what Primero will make of the files."""
    bundle = approved.build()
    files = unpack(bundle.data)
    assert sorted(files) == [
        "README.txt", "SHA256SUMS", "forms/person.yml", "left-out.json", "lookups/lookup.yml", "manifest.json",
    ]  # fmt: skip
    assert files["forms/person.yml"].decode() == (
        '---\n"fr":\n  "person":\n    "name": "Personne"\n    "fields":\n      "sex":\n        "display_name": "Sexe"\n'
        '        "option_strings_text":\n          "f": "Femme"\n          "m": "Homme"\n      "site":\n'
        '        "display_name": "Lieu"\n'
    )
    assert bundle.name == f"northern-lakes-fr-s1-{bundle.sha256[:12]}.zip"


def test_the_manifest_says_what_is_in_it_and_who_approved_it(approved: Filled) -> None:
    """Counts, hashes, files, and for each text the persons' ids with the times of their decisions."""
    bundle = approved.build()
    manifest = json.loads(unpack(bundle.data)["manifest.json"])
    assert manifest == bundle.manifest.model_dump(mode="json")
    assert (manifest["deployment"], manifest["locale"], manifest["policy"], manifest["preview"]) == (
        "northern-lakes", "fr", "approved", False,
    )  # fmt: skip
    assert manifest["tool"] == {
        "name": "primero-translation-bridge", "version": "1.2.3", "checks": catalogue_version(), "checks_off": [],
    }  # fmt: skip
    assert manifest["snapshot"]["number"] == 1
    assert manifest["counts"] == {
        "texts": 7, "forms": 1, "lookups": 1, "words": 7, "in_scope": 7, "left_out": {}, "not_in_scope": {},
    }  # fmt: skip
    first = manifest["texts"][0]
    assert first == {
        "key": NAME,
        "file": "forms/person.yml",
        "source_hash": text_hash("Person"),
        "text_hash": text_hash("Personne"),
        "state": "approved",
        "carrier": "both",
        "approvals": [{"person": REVIEWERS[0], "at": "2026-03-02T09:00:01.000000Z"}],
        "signers": [],
        "exceptions": [],
        "warnings": [],
        "waived": [],
    }
    assert [row["key"] for row in manifest["texts"]] == list(TEXTS)


def test_every_file_is_named_with_its_checksum(approved: Filled) -> None:
    """SHA256SUMS covers all but itself; the manifest all but itself and SHA256SUMS."""
    bundle = approved.build()
    files = unpack(bundle.data)
    sums = dict(reversed(line.split("  ")) for line in files["SHA256SUMS"].decode().splitlines())
    assert sums == {path: hashlib.sha256(data).hexdigest() for path, data in files.items() if path != "SHA256SUMS"}
    assert {row.path: (row.sha256, row.size) for row in bundle.manifest.files} == {
        path: (sums[path], len(data)) for path, data in files.items() if path not in ("SHA256SUMS", "manifest.json")
    }


def test_documents_are_written_in_one_way_alone(approved: Filled) -> None:
    """Keys are sorted and there is no white space, so that a signature can be checked against a rewritten document."""
    files = unpack(approved.build().data)
    for path in ("manifest.json", "left-out.json"):
        document = json.loads(files[path])
        canonical = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n"
        assert files[path].decode() == canonical


def test_each_way_of_staying_out_is_told_apart(approved: Filled) -> None:
    """What is not approved, blocked, in conflict or gone is left out with its own reason; the rest ships."""
    approved.write({NAME: "La personne"})
    approved.write({SITE: "Lieu\ufffd"})
    north = approved.unit(NORTH)
    assert north.id is not None
    approved.session.add(Conflict(unit_id=north.id, locale="fr", our_text="Nord", their_text="N", opened_at=NOW))
    row = approved.session.exec(select(Translation).where(Translation.unit_id == approved.unit(MALE).id)).one()
    approved.session.delete(row)
    approved.session.flush()
    bundle = approved.build()
    assert {record.key: record.reason for record in bundle.left_out} == {
        NAME: "not-approved", MALE: "untranslated", SITE: "blocked", NORTH: "in-conflict",
    }  # fmt: skip
    assert _keys(bundle.manifest.texts) == {SEX, FEMALE, CAMP}
    assert bundle.manifest.counts.left_out == {"not-approved": 1, "untranslated": 1, "blocked": 1, "in-conflict": 1}
    listed = json.loads(unpack(bundle.data)["left-out.json"])["texts"]
    assert listed == [record.model_dump(mode="json") for record in bundle.left_out]
    blocked = next(record for record in bundle.left_out if record.key == SITE)
    assert (blocked.checks, blocked.also) == (["control_chars"], ["not-approved"])


def test_an_approved_text_that_a_check_blocks_now_is_left_out(approved: Filled) -> None:
    """The checks look again when a bundle is built, whatever was stored when the text came in."""
    row = approved.session.exec(select(Translation).where(Translation.unit_id == approved.unit(SEX).id)).one()
    row.text, row.text_hash = "Se\ufffdxe", text_hash("Se\ufffdxe")
    approved.session.add(row)
    approved.approve_rows()
    record = next(record for record in approved.build().left_out if record.key == SEX)
    assert (record.state, record.reason, record.checks) == ("approved", "blocked", ["control_chars"])


def test_a_waived_finding_does_not_keep_a_text_out(approved: Filled) -> None:
    """A specialist's waiver of a waivable check counts; a dismissal of any other blocking finding does not."""
    approved.write({SITE: "Lieu, voir https://example.org", SEX: "Se\ufffdxe"})
    approved.approve_rows()
    assert _left_out(approved) == {SITE: "blocked", SEX: "blocked"}
    for finding in approved.session.exec(select(StoredFinding)):
        finding.dismissed_at, finding.dismissed_by = NOW, REVIEWERS[0]
        approved.session.add(finding)
    assert _left_out(approved) == {SEX: "blocked"}


def test_scope_is_counted_and_never_left_out(approved: Filled, small: Callable[..., dict[str, Any]]) -> None:
    """Excluded, do-not-translate and retired units appear in the counts alone."""
    rules = [(ScopeAction.EXCLUDE, NAME, ""), (ScopeAction.TAG, SITE, "do-not-translate")]
    for action, pattern, tag in rules:
        add_rule(
            approved.session, approved.deployment,
            action=action, pattern=pattern, tag=tag, reason="test", actor=OPERATOR, now=NOW,
        )  # fmt: skip
    configuration = small()
    del configuration["FormSection"][0]["fields_attributes"][0]["option_strings_text_i18n"][1]
    approved.import_source(configuration)
    bundle = approved.build()
    assert _keys(bundle.manifest.texts) == {SEX, FEMALE, CAMP, NORTH}
    assert bundle.manifest.counts.not_in_scope == {"excluded": 1, "do-not-translate": 1, "retired": 1}
    assert (bundle.manifest.counts.in_scope, bundle.left_out) == (4, ())
    assert bundle.manifest.snapshot.number == 2


def test_a_preview_takes_what_is_not_approved_and_says_that_it_does(approved: Filled) -> None:
    """Its name, manifest and README say preview; a text that would do harm stays out all the same."""
    approved.write({NAME: "La personne", SITE: "Lieu\ufffd"})
    bundle = approved.build(policy=Policy.PREVIEW)
    assert "-preview-" in bundle.name
    assert bundle.manifest.preview
    assert b"PREVIEW" in unpack(bundle.data)["README.txt"]
    assert b"PREVIEW" not in unpack(approved.build().data)["README.txt"]
    states = {row.key: row.state for row in bundle.manifest.texts}
    assert states[NAME] == "translated"
    assert {record.key for record in bundle.left_out} == {SITE}


def test_texts_ship_normalised(approved: Filled) -> None:
    """Ends are stripped, line breaks are LF, letters are composed: as they were reviewed."""
    approved.write({SITE: "  Lieu de l\u2019e\u0301tude\r\nou autre \t"})
    approved.approve([SITE])
    assert '"Lieu de l’étude\\nou autre"' in unpack(approved.build().data)["forms/person.yml"].decode()


def test_a_bundle_is_read_only(approved: Filled) -> None:
    """Building leaves nothing behind to be written."""
    approved.session.flush()
    approved.build()
    session = approved.session
    assert (list(session.new), list(session.dirty), list(session.deleted)) == ([], [], [])


def _fill(database: Database, configuration: dict[str, Any], keys: list[str]) -> bytes:
    """Fill a deployment in the given order of keys, build its bundle, and leave the database as it was."""
    with database.write() as session:
        filled = new_deployment(session)
        filled.import_source(configuration)
        texts = sample_texts("fr")
        for key in keys:
            filled.write({key: texts[key]})
        filled.approve_rows()
        data = filled.build().data
        session.rollback()
    return data


@pytest.mark.slow
def test_the_order_of_insertion_does_not_show(database: Database, sample_configuration: dict[str, Any]) -> None:
    """The same texts and decisions, written the other way round, give the same bytes."""
    keys = sorted(sample_texts("fr"))[:12]
    one = _fill(database, sample_configuration, keys)
    with database.write() as session:
        # Ids and names of rows of another deployment come between.
        new_deployment(session, slug="other")
    assert _fill(database, sample_configuration, keys[::-1]) == one


_ELSEWHERE = """
import sys
from service.bundles.service import BuildOptions, build_bundle
from service.db import Database
from service.deployments.service import find_deployment
database = Database(sys.argv[1])
with database.read() as session:
    deployment = find_deployment(session, "northern-lakes")
    print(build_bundle(session, deployment, "fr", options=BuildOptions(partial_options=True), version="1.2.3").sha256)
database.close()
"""


@pytest.mark.slow
def test_another_process_builds_the_same_bytes(database: Database, sample_configuration: dict[str, Any]) -> None:
    """Neither the seed of hashes nor the time zone nor the language of the machine shows."""
    with database.write() as session:
        filled = new_deployment(session)
        filled.import_source(sample_configuration)
        filled.write(dict(list(sample_texts("fr").items())[:30]))
        filled.approve_rows()
        expected = filled.build().sha256
    url = database.url.render_as_string(hide_password=False)
    for seed, zone in (("1", "Asia/Kabul"), ("2", "America/Lima")):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": "C"}
        done = subprocess.run(
            [sys.executable, "-c", _ELSEWHERE, url],
            env=environment, cwd=Path(__file__).parents[3], capture_output=True, text=True, check=True, timeout=60,
        )  # fmt: skip
        assert done.stdout.strip() == expected


def test_no_clock_stands_in_the_archive(approved: Filled) -> None:
    """Every member carries the same fixed time and rights, and is stored as it is."""
    with zipfile.ZipFile(io.BytesIO(approved.build().data)) as archive:
        facts = {(info.date_time, info.external_attr >> 16, info.compress_type) for info in archive.infolist()}
        assert archive.namelist() == sorted(archive.namelist())
    assert facts == {((1980, 1, 1, 0, 0, 0), 0o100644, zipfile.ZIP_STORED)}


def test_another_version_of_the_service_shows(approved: Filled) -> None:
    """The version is one of the inputs, so it is in the manifest."""
    assert approved.build(version="2").sha256 != approved.build().sha256


def test_a_source_other_than_english_is_refused(database: Database, small: Callable[..., dict[str, Any]]) -> None:
    """Primero's importer leaves room for no other source locale."""
    with database.write() as session:
        filled = new_deployment(session, slug="french", source_locale="fr")
        with pytest.raises(Refused, match="Primero requires English as the source"):
            filled.build("ar")


def test_what_cannot_be_built_is_refused_with_the_reason(filled: Filled, small: Callable[..., dict[str, Any]]) -> None:
    """No configuration, no sign-off, a locale that nobody translates into: each has its own sentence."""
    with pytest.raises(Refused, match="no configuration yet"):
        filled.build()
    filled.import_source(small())
    with pytest.raises(Refused, match="There is no sign-off of fr"):
        filled.build(policy=Policy.SIGNED_OFF)
    # English itself is one of these: Primero's importer would strip it.
    for locale in ("de", "en"):
        with pytest.raises(NotFound, match=f"has no locale '{locale}'"):
            filled.build(locale)


def test_an_empty_bundle_is_refused_with_the_counts(filled: Filled, small: Callable[..., dict[str, Any]]) -> None:
    """Whoever waits for it learns what is missing."""
    filled.import_source(small())
    filled.write({NAME: "Personne"})
    with pytest.raises(Refused, match=r"of 7 texts .* none ships \(6 untranslated, 1 not approved\)") as caught:
        filled.build()
    assert caught.value.details["left_out"] == {"untranslated": 6, "not-approved": 1}


def test_the_audit_says_who_built_what(approved: Filled) -> None:
    """The entry carries the hash and the counts, and no text."""
    bundle = approved.build()
    record_build(approved.session, OPERATOR, bundle, NOW + timedelta(hours=1))
    approved.session.flush()
    entry = approved.session.exec(select(AuditEntry).where(AuditEntry.action == "bundle.build")).one()
    assert (entry.actor, entry.deployment_id, entry.at) == (
        "operator@test", approved.deployment.id, NOW + timedelta(hours=1),
    )  # fmt: skip
    assert entry.subject == f"fr {bundle.name}"
    assert entry.detail["sha256"] == hashlib.sha256(bundle.data).hexdigest()
    assert entry.detail["counts"]["texts"] == 7
    assert "Personne" not in json.dumps(entry.detail)


def test_the_readme_lists_the_imports_in_order(approved: Filled) -> None:
    """One command a file, forms first, lookups last; it warns of folders that Primero would misread."""
    readme = unpack(approved.build().data)["README.txt"].decode()
    commands = [line.strip() for line in readme.splitlines() if "rake" in line]
    assert commands == [
        'bundle exec rake "primero:import_translation_config[$BUNDLE/forms/person.yml]"',
        'bundle exec rake "primero:import_translation_config[$BUNDLE/lookups/lookup.yml]"',
    ]
    assert '"lookup" nor "system"' in readme


def _instance(filled: Filled, enabled: frozenset[str] | None) -> Target:
    snapshot = find_current_snapshot(filled.session, filled.deployment.id or 0)
    assert snapshot is not None
    return Target(read_catalog(snapshot), enabled)


def test_a_locale_known_not_to_be_enabled_is_refused_and_an_unknown_one_passes(approved: Filled) -> None:
    """Primero's importer would say nothing; where nobody can tell, the manifest says so."""
    with pytest.raises(Refused, match=r"fr is not enabled on the instance \(enabled: ar, en\)"):
        approved.build(target=_instance(approved, frozenset({"en", "ar"})))
    known = approved.build(target=_instance(approved, frozenset({"en", "fr"}))).manifest.target
    unknown = approved.build().manifest.target
    assert known is not None
    assert unknown is not None
    assert (known.locale_enabled, unknown.locale_enabled) == (True, None)


def test_a_bundle_that_must_be_complete_is_refused_with_what_is_missing(approved: Filled) -> None:
    """The counts are in the refusal; a whole one passes."""
    assert approved.build(require_complete=True).manifest.counts.texts == 7
    approved.write({SITE: "Endroit"})
    with pytest.raises(Refused, match=r"1 of 7 texts in scope are missing \(1 not approved\)") as caught:
        approved.build(require_complete=True)
    assert caught.value.details["left_out"] == {"not-approved": 1}


def test_options_of_which_a_part_is_approved_wait_by_default(approved: Filled) -> None:
    """Both options are left out, each with its reason; allowed, the approved one ships, and the manifest says so."""
    approved.write({MALE: "Garçon"})
    left_out = {row.key: row.reason for row in approved.build(partial_options=False).left_out}
    assert left_out == {FEMALE: "partial-options", MALE: "not-approved"}
    allowed = approved.build(partial_options=True)
    assert {row.key: row.reason for row in allowed.left_out} == {MALE: "not-approved"}
    assert allowed.manifest.partial_options
