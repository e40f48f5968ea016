"""Names that Primero's importer cannot misread."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.units import RecordKind
from service.bundles.rules.gate import Policy
from service.bundles.rules.paths import archive_name, read_as
from tests.support.primero_importer.importer import class_of

HASH = "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("forms/person.yml", RecordKind.FORM),
        ("lookups/lookup.yml", RecordKind.LOOKUP),
        ("forms/My-LookUp.yml", RecordKind.LOOKUP),
        ("SYSTEM/lookup.yml", None),
    ],
)
def test_the_whole_path_decides(path: str, kind: RecordKind | None) -> None:
    """Any part of the path, in any case, makes a file a theme or lookups."""
    assert read_as(path) is kind


@given(st.text("lokupsytemLOKUPSYTEM/-.", max_size=30))
def test_paths_are_read_as_primero_reads_them(path: str) -> None:
    """The second importer comes to the same class."""
    expected = {RecordKind.FORM: "FormSection", RecordKind.LOOKUP: "Lookup", None: "Theme"}
    assert expected[read_as(path)] == class_of(path)


@given(st.lists(st.sampled_from(["lookup", "system", "sys", "tem", "look", "up", "-", "iraq"]), max_size=6))
def test_no_archive_is_named_so_that_its_folder_would_be_misread(words: list[str]) -> None:
    """A deployment may be called anything; the folder that its bundle is unpacked into stays a harmless one."""
    name = archive_name("".join(words) or "x", "fr", Policy.APPROVED, 3, HASH)
    assert class_of(name) == "FormSection"
    assert name.endswith("-fr-s3-0123456789ab.zip")


def test_a_preview_says_so_in_its_name() -> None:
    """Nobody takes it for the real thing."""
    assert archive_name("iraq", "ar", Policy.PREVIEW, 12, HASH) == "iraq-ar-preview-s12-0123456789ab.zip"
