"""Reads PO files with polib and tells which entry belongs to which unit."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import polib

from extractors.errors import BadSyntax, WrongShape
from extractors.problems import ProblemLog
from extractors.reading import Member, decode_text
from extractors.units import UnitKey

_LINE = re.compile(r"line (\d+)")


class _Contents(str):
    """A file's contents as polib should see them.

    polib takes a text for a path where a file of that name exists, and splits lines at characters such as U+2028 that
    stand inside texts. A NUL at the end rules the first out, this split the second.
    """

    __slots__ = ()

    def splitlines(self, keepends: bool = False) -> list[str]:  # noqa: ARG002 (the signature is that of str)
        """Return the lines, split at line feeds only."""
        return self.removesuffix("\0").split("\n")


@dataclass(frozen=True, slots=True)
class Slot:
    """An entry that belongs to a unit, and the locale of its msgstr ("" in a template)."""

    key: UnitKey
    locale: str
    entry: polib.POEntry
    file: str
    path: str


@dataclass(frozen=True, slots=True)
class Document:
    """One PO file and the locale its Language header names, "" without one."""

    file: str
    locale: str
    po: polib.POFile


def load_documents(members: tuple[Member, ...]) -> Iterator[Document]:
    """Yield every file.

    Raises:
        BadSyntax: a file is not PO in UTF-8, or is empty.
        WrongShape: a file has translations and does not say in which language.
    """
    for member in members:
        po = _load(decode_text(member.data, member.name), member.name)
        locale = po.metadata.get("Language", "").strip()
        if not locale and any(entry.msgstr for entry in po):
            message = f"{member.name} has translations but no Language header; add the locale there."
            raise WrongShape(message, file=member.name)
        yield Document(member.name, locale, po)


def _load(text: str, name: str) -> polib.POFile:
    if not text.strip():
        raise BadSyntax(f"{name} is empty; remove it or export it again.", file=name)
    text = text.replace("\r\n", "\n").replace("\0", "\N{REPLACEMENT CHARACTER}")
    try:
        return polib.pofile(_Contents(text + "\0"), encoding="utf-8")
    except (OSError, ValueError) as error:
        line = _LINE.search(str(error))
        where = f" in line {line[1]}" if line else ""
        raise BadSyntax(f"{name} is not a valid PO file{where}; correct it or export it again.", file=name) from error


def walk_document(document: Document, log: ProblemLog) -> Iterator[Slot]:
    """Yield the entries that belong to units, each unit once; the others are noted in ``log``."""
    seen: set[UnitKey] = set()
    for entry in document.po:
        if entry.obsolete:
            continue
        path = entry.msgctxt or f"line {entry.linenum}"
        key = _key(entry.msgctxt)
        if key is None:
            message = "The msgctxt of an entry is not a unit key; it was left out, keep the msgctxt as it was exported."
            log.add("unknown-entry", message, file=document.file, path=path)
        elif entry.msgid_plural:
            message = "An entry has plural forms, which no text of Primero has; it was left out."
            log.add("plural-entry", message, file=document.file, path=path)
        elif key in seen:
            message = "Two entries stand for one unit; the first one is used, remove the other."
            log.add("duplicate-entry", message, file=document.file, path=path)
        else:
            seen.add(key)
            yield Slot(key, document.locale, entry, document.file, path)


def _key(context: str | None) -> UnitKey | None:
    try:
        return UnitKey.parse(context or "")
    except ValueError:
        return None
