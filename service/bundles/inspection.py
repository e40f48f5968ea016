"""Inspecting a bundle without a database: is it whole, and is what it says of itself true? Pure.

This finds damage and careless changes. Whoever changes a file *and* every checksum that covers it can be found out by
a signature alone.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar
from urllib.parse import quote

from pydantic import BaseModel, ValidationError

from extractors.errors import ExtractionError
from extractors.json_text import load_json
from extractors.reading import decode_text
from extractors.texts import is_blank, normalise_text, text_hash
from extractors.units import RecordKind, UnitKey
from extractors.yaml_text import PlainText, Tree, load_yaml
from service.bundles.archive import pack, unpack
from service.bundles.rules.paths import API_TEXTS, FOLDERS, LEFT_OUT, MANIFEST, SUMS, read_as
from service.bundles.schemas import ApiTexts, FileRecord, LeftOut, Manifest

_Shape = TypeVar("_Shape", bound=BaseModel)
_SUM_LINE = re.compile(r"([0-9a-f]{64})  (.+)")


class Fault(StrEnum):
    """What can be wrong with a bundle."""

    MISSING_FILE = "missing-file"
    EXTRA_FILE = "extra-file"
    TAMPERED_FILE = "tampered-file"
    BAD_SUMS = "bad-checksums"
    BAD_MANIFEST = "bad-manifest"
    BAD_YAML = "bad-yaml"
    BAD_API_TEXTS = "bad-api-texts"
    MISREAD_PATH = "misread-path"
    UNSAFE_TEXT = "unsafe-text"
    TEXT_NOT_IN_MANIFEST = "text-not-in-manifest"
    TEXT_MISSING = "text-missing"
    TEXT_DIFFERS = "text-differs"
    WRONG_COUNT = "wrong-count"


@dataclass(frozen=True, slots=True)
class BundleProblem:
    """One thing wrong: what, in which file or at which unit, and one sentence for a release engineer."""

    fault: Fault
    where: str
    message: str


@dataclass(frozen=True, slots=True)
class Inspection:
    """What a bundle holds, and what is wrong with it.

    Attributes:
        sha256: of the archive.
        size: of the archive in bytes.
        exact: whether the archive is byte for byte as this service packs these files; a bundle that somebody unpacked
            and packed again is not.
        files: every file as it is, by path.
        manifest: None where there is none that can be read.
        texts: the texts found in the files, by canonical key; None, in an inverse bundle alone, empties a text.
        left_out: None where there is no such list that can be read.
        problems: everything wrong, in the order found; empty for a bundle that is whole.
    """

    sha256: str
    size: int
    exact: bool
    files: tuple[FileRecord, ...]
    manifest: Manifest | None
    texts: Mapping[str, str | None]
    left_out: LeftOut | None
    problems: tuple[BundleProblem, ...]

    @property
    def whole(self) -> bool:
        """Return whether nothing is wrong."""
        return not self.problems


@dataclass(frozen=True, slots=True)
class _FoundText:
    key: str
    file: str
    text: Tree


def inspect_bundle(data: bytes) -> Inspection:
    """Return what is in a bundle and what is wrong with it.

    Raises:
        BadInput: it is no archive, or one that should not even be unpacked.
        TooLarge: it passes the bounds of an upload.
    """
    files = unpack(data)
    records = tuple(
        FileRecord(path=path, size=len(content), sha256=hashlib.sha256(content).hexdigest())
        for path, content in sorted(files.items())
    )
    problems: list[BundleProblem] = []
    sums = _sums(files, problems)
    if sums is not None:
        problems += _compare(SUMS, {row.path: row.sha256 for row in records if row.path != SUMS}, sums)
    manifest = _read_document(files, MANIFEST, Manifest, problems)
    found = [*_Finder(manifest, problems).find(files), *_find_api_texts(files, manifest, problems)]
    left_out = None
    if manifest is not None:
        left_out = _read_document(files, LEFT_OUT, LeftOut, problems)
        of_manifest = {row.path: row.sha256 for row in records if row.path not in (SUMS, MANIFEST)}
        problems += _compare(MANIFEST, of_manifest, {row.path: row.sha256 for row in manifest.files})
        problems += _compare_texts(manifest, found)
        problems += _compare_counts(manifest, found, left_out)
    return Inspection(
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        exact=pack(files) == data,
        files=records,
        manifest=manifest,
        texts={row.key: row.text for row in found if row.text is None or isinstance(row.text, str)},
        left_out=left_out,
        problems=tuple(dict.fromkeys(problems)),
    )


def _sums(files: Mapping[str, bytes], problems: list[BundleProblem]) -> dict[str, str] | None:
    if SUMS not in files:
        problems.append(BundleProblem(Fault.MISSING_FILE, SUMS, f"{SUMS} is missing: fetch the bundle again."))
        return None
    found: dict[str, str] = {}
    for number, line in enumerate(files[SUMS].decode("utf-8", "replace").splitlines(), 1):
        match = _SUM_LINE.fullmatch(line)
        if match is None or match[2] in found:
            message = f"Line {number} of {SUMS} is no checksum of a file of its own: fetch the bundle again."
            problems.append(BundleProblem(Fault.BAD_SUMS, SUMS, message))
        else:
            found[match[2]] = match[1]
    return found


def _compare(by: str, actual: Mapping[str, str], stated: Mapping[str, str]) -> Iterator[BundleProblem]:
    for path in sorted({*actual, *stated}):
        if path not in actual:
            yield BundleProblem(Fault.MISSING_FILE, path, f"{path} is named in {by}, but it is missing.")
        elif path not in stated:
            yield BundleProblem(Fault.EXTRA_FILE, path, f"{path} is not named in {by}: do not import it.")
        elif actual[path] != stated[path]:
            yield BundleProblem(Fault.TAMPERED_FILE, path, f"{path} is not the file that {by} names: do not import it.")


def _read_document(
    files: Mapping[str, bytes], path: str, shape: type[_Shape], problems: list[BundleProblem]
) -> _Shape | None:
    if path not in files:
        problems.append(BundleProblem(Fault.MISSING_FILE, path, f"{path} is missing: fetch the bundle again."))
        return None
    try:
        return shape.model_validate(load_json(files[path], path))
    except ExtractionError as error:
        problems.append(BundleProblem(Fault.BAD_MANIFEST, path, error.message))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        message = (
            f"{path} is not as this version writes it ({place}: {first['msg']}): inspect it with the version that did."
        )
        problems.append(BundleProblem(Fault.BAD_MANIFEST, path, message))
    return None


class _Finder:
    """Finds every text of the translation files, and notes what Primero would make of them otherwise."""

    def __init__(self, manifest: Manifest | None, problems: list[BundleProblem]) -> None:
        self._locale = manifest.locale if manifest else None
        self._inverse = manifest is not None and manifest.inverse_of is not None
        self._problems = problems

    def find(self, files: Mapping[str, bytes]) -> Iterator[_FoundText]:
        for path in sorted(files):
            if path.lower().endswith((".yml", ".yaml")):
                yield from self._find_in(path, files[path])

    def _find_in(self, path: str, data: bytes) -> Iterator[_FoundText]:
        kind = read_as(path)
        if kind is None or not path.startswith(f"{FOLDERS[kind]}/"):
            message = f"Primero would take {path} for something else than its folder says: do not import it."
            self._note(Fault.MISREAD_PATH, path, message)
            return
        try:
            tree = load_yaml(decode_text(data, path), path)
        except ExtractionError as error:
            self._note(Fault.BAD_YAML, path, error.message)
            return
        wrong = _wrong_shape(tree, kind, self._locale)
        if wrong:
            self._note(Fault.BAD_YAML, path, f"{path} {wrong}: do not import it.")
        elif isinstance(tree, dict):
            for records in tree.values():
                yield from self._texts_of(records, path, kind)

    def _texts_of(self, records: Tree, path: str, kind: RecordKind) -> Iterator[_FoundText]:
        for parts, text in _leaves(records, ()):
            # A translation file has a level "fields" that a unit's key has not.
            if kind is RecordKind.FORM and len(parts) > 3 and parts[1] == "fields":
                parts = (parts[0], *parts[2:])
            name = "/".join(quote(part, safe="") for part in (kind.value, *parts))
            try:
                key = UnitKey.parse(name)
            except ValueError:
                message = f"{name} in {path} is no text that Primero has, and its importer may stop there."
                self._note(Fault.BAD_YAML, path, message)
                continue
            unsafe = self._unsafe(key, parts, text)
            if unsafe:
                self._note(Fault.UNSAFE_TEXT, name, f"{name} in {path} {unsafe}.")
            yield _FoundText(name, path, text)

    def _unsafe(self, key: UnitKey, parts: tuple[str, ...], text: Tree) -> str:
        if key.prop == "tally":
            return "is a tally label, at which Primero's importer stops"
        unsafe = _unsafe_text(text, inverse=self._inverse)
        if not unsafe and any(isinstance(part, PlainText) for part in (*parts, text)):
            return "is not quoted, and may be read as something else"
        return unsafe

    def _note(self, fault: Fault, where: str, message: str) -> None:
        self._problems.append(BundleProblem(fault, where, message))


def _unsafe_text(text: Tree, *, inverse: bool) -> str:
    if text is None and inverse:
        return ""
    if not isinstance(text, str) or is_blank(text):
        return "is empty, and would be stored so"
    # The way back puts into Primero what stood there, however it was written.
    return "" if inverse or text == normalise_text(text) else "is not normalised"


def _find_api_texts(
    files: Mapping[str, bytes], manifest: Manifest | None, problems: list[BundleProblem]
) -> Iterator[_FoundText]:
    document = _read_document(files, API_TEXTS, ApiTexts, problems) if API_TEXTS in files else None
    if document is None or manifest is None:
        return
    if document.locale != manifest.locale:
        message = f"{API_TEXTS} holds the locale {document.locale}, not {manifest.locale}: do not apply it."
        problems.append(BundleProblem(Fault.BAD_API_TEXTS, API_TEXTS, message))
    for name, text in document.texts.items():
        try:
            UnitKey.parse(name)
        except ValueError:
            message = f"{name} in {API_TEXTS} is no text that Primero has."
            problems.append(BundleProblem(Fault.BAD_API_TEXTS, API_TEXTS, message))
            continue
        unsafe = _unsafe_text(text, inverse=manifest.inverse_of is not None)
        if unsafe:
            problems.append(BundleProblem(Fault.UNSAFE_TEXT, name, f"{name} in {API_TEXTS} {unsafe}."))
        yield _FoundText(name, API_TEXTS, text)


def _wrong_shape(tree: Tree, kind: RecordKind, locale: str | None) -> str:
    if not isinstance(tree, dict) or len(tree) != 1:
        return "does not hold one locale"
    found, records = next(iter(tree.items()))
    if locale is not None and found != locale:
        return f"holds the locale {found}, not {locale}"
    if isinstance(found, PlainText):
        return "holds its locale unquoted, which may be read as something else"
    if not isinstance(records, dict) or not records:
        return "holds no forms or lookups"
    return "holds more than one form" if kind is RecordKind.FORM and len(records) > 1 else ""


def _leaves(node: Tree, parts: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Tree]]:
    if isinstance(node, dict):
        for key, below in node.items():
            yield from _leaves(below, (*parts, key))
    else:
        yield parts, node


def _compare_texts(manifest: Manifest, found: list[_FoundText]) -> Iterator[BundleProblem]:
    stated = {row.key: row for row in manifest.texts}
    seen = set()
    for text in found:
        seen.add(text.key)
        row = stated.get(text.key)
        if row is None:
            message = f"{text.key} stands in {text.file}, but not in {MANIFEST}: nobody approved it."
            yield BundleProblem(Fault.TEXT_NOT_IN_MANIFEST, text.key, message)
        elif row.file != text.file or _hash(text.text) != row.text_hash:
            message = f"{text.key} in {text.file} is not the text that {MANIFEST} names."
            yield BundleProblem(Fault.TEXT_DIFFERS, text.key, message)
    for key, row in stated.items():
        if key not in seen:
            message = f"{key} is named in {MANIFEST}, but does not stand in {row.file}."
            yield BundleProblem(Fault.TEXT_MISSING, key, message)


def _hash(text: Tree) -> str | None:
    if text is None:
        return None
    return text_hash(text) if isinstance(text, str) else ""


def _compare_counts(manifest: Manifest, found: list[_FoundText], left_out: LeftOut | None) -> Iterator[BundleProblem]:
    records = {UnitKey.parse(text.key).record_key for text in found}
    counts = manifest.counts
    forms = sum(1 for record in records if record.startswith("form/"))
    pairs = [
        ("texts", counts.texts, len(found)),
        ("forms", counts.forms, forms),
        ("lookups", counts.lookups, len(records) - forms),
        ("texts in scope", counts.in_scope, counts.texts + sum(counts.left_out.values())),
    ]
    if left_out is not None:
        by_reason = Counter(row.reason for row in left_out.texts)
        for reason in sorted({*by_reason, *counts.left_out}):
            pairs.append((f"texts left out as {reason}", counts.left_out.get(reason, 0), by_reason[reason]))
    for what, stated, actual in pairs:
        if stated != actual:
            message = f"{MANIFEST} counts {stated:,} {what}, but there are {actual:,}."
            yield BundleProblem(Fault.WRONG_COUNT, what, message)
