"""Writing the files of a bundle. Pure: the same manifest and texts give the same bytes, on any machine."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from extractors.units import RecordKind, UnitKey
from extractors.writing import file_stem, yaml_members
from service.bundles.readme import write_readme
from service.bundles.rules.paths import API_TEXTS, FOLDERS, LEFT_OUT, MANIFEST, README, SUMS
from service.bundles.schemas import FORMAT, ApiTexts, FileRecord, LeftOut, LeftOutRecord, Manifest
from service.catalog.rules.carrier import Carrier


@dataclass(frozen=True, slots=True)
class BundleText:
    """One text as it stands in a bundle; None, in an inverse bundle alone, empties the text again."""

    key: UnitKey
    text: str | None
    carrier: Carrier

    @property
    def file(self) -> str:
        """Return the path of the file that carries it."""
        return find_file(self.key, self.carrier)


def find_file(key: UnitKey, carrier: Carrier) -> str:
    """Return the path of the file of a bundle that carries a unit."""
    if carrier is Carrier.API:
        return API_TEXTS
    return f"{FOLDERS[key.kind]}/{file_stem(key.kind, key.record)}.yml"


def write_files(
    manifest: Manifest, texts: Iterable[BundleText], left_out: Iterable[LeftOutRecord]
) -> tuple[Manifest, dict[str, bytes]]:
    """Return the manifest with its list of files, and every file of the bundle by path.

    Args:
        manifest: the bundle's; its own list of files is not looked at.
        texts: everything that ships, in the order of the source.
        left_out: everything in scope that does not.
    """
    texts = list(texts)
    files = write_text_files(texts, manifest.locale)
    listed = LeftOut(
        format=FORMAT,
        deployment=manifest.deployment,
        locale=manifest.locale,
        policy=manifest.policy,
        texts=list(left_out),
    )
    translation_files = sorted(path for path in files if path != API_TEXTS)
    readme = write_readme(manifest, translation_files, api_only=API_TEXTS in files)
    files |= {LEFT_OUT: listed.canonical_bytes(), README: readme.encode()}
    whole = manifest.model_copy(update={"files": _file_records(files)})
    return whole, seal_files(whole.canonical_bytes(), files)


def write_text_files(texts: Iterable[BundleText], locale: str) -> dict[str, bytes]:
    """Return the files that carry the texts: one a form, one for all lookups, one for what only the API takes."""
    texts = list(texts)
    files: dict[str, bytes] = {}
    by_file = [text for text in texts if text.carrier is not Carrier.API]
    for kind in RecordKind:
        of_kind = [(text.key, text.text) for text in by_file if text.key.kind is kind]
        files.update((f"{FOLDERS[kind]}/{member.name}", member.data) for member in yaml_members(of_kind, locale))
    api_only = {str(text.key): text.text for text in texts if text.carrier is Carrier.API}
    if api_only:
        files[API_TEXTS] = ApiTexts(format=FORMAT, locale=locale, texts=api_only).canonical_bytes()
    return files


def seal_files(manifest: bytes, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files with the manifest and the checksums of all beside them."""
    sealed = {**files, MANIFEST: manifest}
    sealed[SUMS] = "".join(f"{row.sha256}  {row.path}\n" for row in _file_records(sealed)).encode()
    return sealed


def _file_records(files: Mapping[str, bytes]) -> list[FileRecord]:
    return [
        FileRecord(path=path, size=len(data), sha256=hashlib.sha256(data).hexdigest())
        for path, data in sorted(files.items())
    ]
