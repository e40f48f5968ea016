"""The commands of a release engineer: compare, apply, look, take back, keep."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from extractors.load import load
from extractors.reading import Member
from service.bundles.archive import pack
from service.bundles.models import Release, SigningKey
from service.bundles.writing import BundleText, write_files
from service.catalog.models import Snapshot
from service.deployments.models import DeploymentLocale
from service.errors import BadInput, NotFound, NotPermitted, NotReady, Refused
from service.home.commands import applying, comparing, instances
from service.primero.sandbox.core import Sandbox
from service.web.resources import Resources
from tests.support.commands import Say, make_say
from tests.support.people import UserMaker
from tests.support.primero import URL, Witness, in_french, make_bundle, read_catalog, sample_configuration

MakeFile = Callable[..., str]


@pytest.fixture
def say(primero: Resources, make_user: UserMaker, make_deployment: Callable[..., int]) -> Say:
    deployment_id = make_deployment("lakes")
    with primero.database.write() as session:
        for locale in ("fr", "ar"):
            row = DeploymentLocale(deployment_id=deployment_id, locale=locale, created_at=primero.clock())
            session.add(row)
    mounts = (instances.mount, applying.mount, comparing.mount)
    return make_say(primero, make_user, deployment_id, *mounts)


@pytest.fixture
def make_file(sandbox: Sandbox, tmp_path: Path) -> MakeFile:
    """Write a real archive with a French text for everything that the sandbox holds."""
    catalog = read_catalog(sandbox)

    def make(text_of: Callable[..., str | None] = in_french, name: str = "b.zip", **more: Any) -> str:
        opened = make_bundle(catalog, text_of, **more)
        texts: list[BundleText] = list(opened.texts.values())
        records = [
            row.model_copy(update={"file": given.file}) for row, given in zip(opened.manifest.texts, texts, strict=True)
        ]
        keys = {given.key.record_key for given in texts}
        forms = sum(1 for key in keys if key.startswith("form/"))
        counts = opened.manifest.counts.model_copy(
            update={"forms": forms, "lookups": len(keys) - forms, "in_scope": len(texts)}
        )
        _, files = write_files(opened.manifest.model_copy(update={"texts": records, "counts": counts}), texts, ())
        (tmp_path / name).write_bytes(pack(files))
        return str(tmp_path / name)

    return make


def _without_tallies(unit: Any) -> str | None:
    return None if unit.key.prop == "tally" else in_french(unit)


def test_the_whole_way_there_and_back(main: Say, make_file: MakeFile, sandbox: Sandbox, tmp_path: Path) -> None:
    """Compare, show, apply, compare, keep the saved state, take back; each command says what it did."""
    bundle, witness = make_file(_without_tallies), Witness(sandbox)
    before = main("diff", bundle, "--instance", "main")
    assert before["counts"]["added"] == len(before["texts"])
    shown = main("apply", "lakes", "main", bundle, "--partial-options", "--dry-run")
    assert (witness.changed_texts(), len(shown["requests"])) == ({}, 38)
    applied = main("apply", "lakes", "main", bundle, "--partial-options")
    assert (applied["state"], applied["counts"]) == ("done", {"written": 38})
    assert sum(request["texts"] for request in shown["requests"]) == applied["texts"]
    after = main("diff", bundle, "--instance", "main")["counts"]
    assert after["same"] == applied["texts"]
    (now,) = main("instance", "show", "lakes", "main")["applied"]
    assert (now["locale"], now["bundle"], now["run"]) == ("fr", "b.zip", applied["run"])
    saved = str(tmp_path / "saved.json")
    assert main("instance", "saved", "lakes", "main", str(applied["run"]), "-o", saved)["records"] == 38
    assert "same" not in main("diff", bundle, saved)["counts"]
    undone = main("rollback", "lakes", "main", str(applied["run"]))
    assert (undone["texts"], witness.changed_texts()) == (applied["texts"], {})
    assert main("instance", "show", "lakes", "main")["applied"] == []


def test_a_text_in_words_is_read_by_people(main: Say, make_file: MakeFile) -> None:
    """Without --json each command says in lines what there is, and what to do next."""
    bundle = make_file(_without_tallies)
    main("apply", "lakes", "main", bundle)
    told = main("diff", bundle, "--instance", "main", plain=True)
    assert "added form/nl_registration/help_text: {+FR Fill in this form first." in told
    undone = main("rollback", "lakes", "main", "1", "--only", "form/nl_consent/*", plain=True)
    assert "rollback run 2 done: " in undone
    assert " texts taken back in 1 record." in undone
    again = main("apply", "lakes", "main", bundle, plain=True)
    assert "left out, yaml-only: Only a translation file can carry it" in again
    assert "take it back with: primero-bridge rollback lakes main 3" in again
    assert "There was nothing to write" in main("apply", "lakes", "main", bundle, plain=True)


def test_two_bundles_are_compared(main: Say, make_file: MakeFile) -> None:
    """What is new, what has other words, and what is no longer in it."""
    old = make_file(lambda unit: "Vieux" if unit.key.record == "nl_consent" else None, "old.zip")

    def newer(unit: Any) -> str | None:
        if unit.key.record == "nl_consent":
            return "Neuf" if unit.key.field is None else None
        return "Autre" if unit.key.record == "nl_care" and unit.key.prop == "name" else None

    rows = main("diff", make_file(newer, "new.zip"), old)
    assert {row["change"] for row in rows["texts"]} == {"added", "changed", "cleared"}
    changed = [row["words"] for row in rows["texts"] if row["change"] == "changed"]
    assert changed[0] == "[-Vieux-]{+Neuf+}"


def test_an_export_is_compared_by_what_it_shows(main: Say, make_file: MakeFile, tmp_path: Path) -> None:
    """A configuration shows everything; a text of another English, and one it does not have, are said."""
    configuration = sample_configuration()
    consent = next(form for form in configuration["FormSection"] if form["unique_id"] == "nl_consent")
    consent["name_i18n"] = {"en": "Agreement"}
    consent["fields_attributes"] = consent["fields_attributes"][1:]
    (tmp_path / "export.json").write_text(json.dumps(configuration))
    rows = {
        row["key"]: row["change"]
        for row in main("diff", make_file(_without_tallies), str(tmp_path / "export.json"))["texts"]
    }
    assert rows["form/nl_consent/name"] == "source-changed"
    assert "unknown-there" in rows.values()
    yaml = 'fr:\n  "nl_consent":\n    "name": "FR Consent"\n'
    (tmp_path / "export.yml").write_text(yaml)
    counts = main("diff", make_file(_without_tallies), str(tmp_path / "export.yml"))["counts"]
    assert counts["not-visible"] > 400


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("diff", "{bundle}"), "Name one thing"),
        (("diff", "{bundle}", "{bundle}", "--instance", "main"), "Name one thing"),
        (("diff", "nowhere.zip", "--instance", "main"), "nowhere.zip cannot be read"),
        (("diff", "{bundle}", "nowhere.zip"), "nowhere.zip"),
        (("diff", "{bundle}", "{arabic}"), "a bundle of ar, not of fr"),
        (("apply", "lakes", "main", "{foreign}"), "one of 'other', not of 'lakes'"),
        (("apply", "lakes", "main", "{junk}"), "not a zip archive"),
    ],
)
def test_wrong_arguments_are_said_in_one_sentence(
    main: Say, make_file: MakeFile, tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    """What is wrong, and what to do."""
    (tmp_path / "junk.zip").write_bytes(b"junk")
    files = {
        "bundle": make_file(_without_tallies),
        "arabic": make_file(_without_tallies, "ar.zip", locale="ar"),
        "foreign": make_file(_without_tallies, "other.zip", deployment="other"),
        "junk": str(tmp_path / "junk.zip"),
    }
    with pytest.raises(BadInput, match=words):
        main(*(argument.format(**files) for argument in arguments))


def test_applying_is_for_release_engineers(main: Say, make_file: MakeFile) -> None:
    """A reviewer and a specialist may compare no instance or give nothing; a release engineer may do both."""
    bundle = make_file(_without_tallies)
    for role in ("reviewer", "specialist", "observer"):
        with pytest.raises(NotPermitted):
            main("apply", "lakes", "main", bundle, role=role)
    with pytest.raises(NotPermitted):
        main("diff", bundle, "--instance", "main", role="reviewer")
    applied = main("apply", "lakes", "main", bundle, role="release-engineer")
    with pytest.raises(NotPermitted):
        main("rollback", "lakes", "main", str(applied["run"]), role="specialist")
    main("rollback", "lakes", "main", str(applied["run"]), role="release-engineer")


def test_a_preview_is_refused_by_a_command(main: Say, make_file: MakeFile) -> None:
    """Until the instance is marked."""
    bundle = make_file(_without_tallies, preview=True)
    with pytest.raises(Refused, match="--training"):
        main("apply", "lakes", "main", bundle)
    main("instance", "set", "lakes", "main", "--training")
    assert main("apply", "lakes", "main", bundle)["state"] == "done"


def test_a_release_is_what_the_service_made_or_nothing(
    main: Say, make_file: MakeFile, primero: Resources, sandbox: Sandbox
) -> None:
    """A bundle that calls itself a release must have the bytes of that release, and it must not be withdrawn."""
    bundle = make_file(_without_tallies, release=1)
    with pytest.raises(NotFound, match="no release 1 of fr"):
        main("apply", "lakes", "main", bundle)
    sha256 = hashlib.sha256(Path(bundle).read_bytes()).hexdigest()
    with primero.database.write() as session:
        snapshot = Snapshot(
            deployment_id=1, number=1, is_current=True, origin="x", format="api_json", source_hash="0" * 64,
            catalog=b"", unit_count=0, imported_at=primero.clock(),
        )  # fmt: skip
        key = SigningKey(id="k", public_key="", private_key="", is_current=True, created_at=primero.clock())
        session.add_all([snapshot, key])
        session.flush()
        assert snapshot.id is not None
        row = Release(
            deployment_id=1, locale="fr", number=1, policy="approved", snapshot_id=snapshot.id, name="b.zip",
            created_at=primero.clock(), sha256="0" * 64, size=1, documents=b"", signature="", key_id="k",
        )  # fmt: skip
        session.add(row)
        session.flush()
        number = row.id
    with pytest.raises(Refused, match="bytes are not those"):
        main("apply", "lakes", "main", bundle)
    _change(primero, number, sha256=sha256)
    assert main("apply", "lakes", "main", bundle)["state"] == "done"
    _change(primero, number, withdrawn_at=primero.clock(), withdraw_reason="A wrong word.")
    with pytest.raises(Refused, match="A wrong word"):
        main("apply", "lakes", "main", bundle)


def _change(resources: Resources, release: int | None, **values: Any) -> None:
    with resources.database.write() as session:
        row = session.get_one(Release, release)
        for name, value in values.items():
            setattr(row, name, value)
        session.add(row)


def test_an_address_is_read_as_the_account_of_the_settings(main: Say, make_file: MakeFile) -> None:
    """Where the settings name none it is said what to set."""
    with pytest.raises(NotReady, match="BRIDGE_PRIMERO_USER"):
        main("diff", make_file(_without_tallies), URL)


def test_the_real_reader_takes_what_was_saved(main: Say, make_file: MakeFile, tmp_path: Path) -> None:
    """The saved state is a source like any other answer of the API."""
    main("apply", "lakes", "main", make_file(_without_tallies))
    main("instance", "saved", "lakes", "main", "1", "-o", str(tmp_path / "saved.json"))
    catalog = load((Member("saved.json", (tmp_path / "saved.json").read_bytes()),)).catalog
    assert (catalog.format, len(catalog.records)) == ("api_json", 38)
