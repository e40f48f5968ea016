"""Feeding a whole bundle to the importer, file by file, as an administrator would."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

from tests.support.primero_importer.instance import ImportOutcome, PrimeroInstance


def import_bundle(instance: PrimeroInstance, bundle: bytes | Path) -> list[ImportOutcome]:
    """Import every `.yml` file of a bundle in the order of their paths; the outcomes carry the path.

    `bundle` is a ZIP archive (its bytes or its path) or a folder. The importer sees the path inside the bundle, as
    it is: a folder's name can decide the class of the files in it.
    """
    return [instance.import_file(path, data) for path, data in sorted(_members(bundle))]


def _members(bundle: bytes | Path) -> Iterator[tuple[str, bytes]]:
    if isinstance(bundle, Path) and bundle.is_dir():
        for file in bundle.rglob("*.yml"):
            yield file.relative_to(bundle).as_posix(), file.read_bytes()
        return
    source = io.BytesIO(bundle) if isinstance(bundle, bytes) else bundle
    with zipfile.ZipFile(source) as archive:
        for name in archive.namelist():
            if name.endswith(".yml"):
                yield name, archive.read(name)
