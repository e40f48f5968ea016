"""Walks translation YAML and names every place of a text, for parsing and serializing alike."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from extractors.errors import WrongShape
from extractors.problems import ProblemLog
from extractors.reading import Member, decode_text
from extractors.texts import clean_text
from extractors.units import (
    FIELD_PROPERTIES,
    FORM_PROPERTIES,
    LOOKUP_OPTION_PROPERTY,
    LOOKUP_PROPERTIES,
    OPTION_PROPERTIES,
    RecordKind,
    UnitKey,
)
from extractors.yaml_text import PlainText, Tree, load_yaml, psych_type

LOCALE = re.compile(r":?([A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*)")
"""What stands at the top of a translation file; Primero's exporter may write it as a Ruby symbol, ``:en:``."""

GROUP_NAME = "form_group_name"
_FORM_SIGNS = frozenset({"description", "help_text", GROUP_NAME})


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for one text: ``owner[attribute]`` is a text or None."""

    key: UnitKey
    locale: str
    owner: dict[str, Tree]
    attribute: str
    file: str
    path: str


@dataclass(frozen=True, slots=True)
class Document:
    """One file: its locale, its tree, and the records below the locale (None where nothing stands there)."""

    file: str
    locale: str
    tree: dict[str, Tree]
    records: dict[str, Tree] | None


@dataclass(slots=True)
class Walk:
    """The slots of all documents in order, and what older files say about groups: form id → label per locale."""

    log: ProblemLog
    slots: list[Slot] = field(default_factory=list)
    group_names: dict[tuple[str, str], str] = field(default_factory=dict)
    record_places: dict[tuple[str, RecordKind, str], dict[str, Tree]] = field(default_factory=dict)
    _seen: dict[tuple[str, RecordKind, str], Tree] = field(default_factory=dict)

    def add(self, document: Document) -> None:
        """Walk one document."""
        (root,) = document.tree
        if isinstance(root, PlainText) and psych_type(root) == "a boolean":
            message = f"Primero would read the locale {root} as a boolean, because it is not quoted; put it in quotes."
            self.log.add("unquoted-key", message, file=document.file, path=document.locale)
        if document.records is None:
            message = "Nothing stands below the locale, where Primero's importer would stop; remove the file."
            self.log.add("empty-mapping", message, file=document.file, path=document.locale)
        for raw_id, tree in (document.records or {}).items():
            self._record(document, raw_id, tree)

    def _record(self, document: Document, raw_id: str, tree: Tree) -> None:
        locale, file = document.locale, document.file
        path = f"{locale}.{raw_id}"
        if not raw_id:
            message = "A form or lookup has an empty id and was left out; give it one."
            self.log.add("record-without-id", message, file=file, path=path)
            return
        below = self._mapping(tree, file, path)
        if below is None:
            return
        kind = _kind(raw_id, below, file)
        record_id = self._key(raw_id, file, path)
        place = (locale, kind, record_id)
        if place in self._seen:
            if self._seen[place] != below:
                message = (
                    f"The {kind} {record_id} stands in two files of the locale {locale}; the first is used, remove one."
                )
                self.log.add("duplicate-record", message, file=file, path=path)
                return
        else:
            self._seen[place] = below
            assert document.records is not None
            self.record_places[place] = document.records
        at = _At(file, locale, kind, record_id)
        if kind is RecordKind.LOOKUP:
            self._lookup(at, below, path)
        else:
            self._form(at, below, path)

    def _lookup(self, at: "_At", below: dict[str, Tree], path: str) -> None:
        for raw, value in below.items():
            if raw in LOOKUP_PROPERTIES:
                self._text(at, below, raw, path, UnitKey(at.kind, at.record, raw))
            elif raw == LOOKUP_OPTION_PROPERTY:
                self._options(at, value, f"{path}.{raw}", raw, None)
            else:
                self._unknown(raw, "lookup", at.file, path)

    def _form(self, at: "_At", below: dict[str, Tree], path: str) -> None:
        for raw, value in below.items():
            if raw in FORM_PROPERTIES:
                self._text(at, below, raw, path, UnitKey(at.kind, at.record, raw))
            elif raw == "fields":
                self._fields(at, value, f"{path}.fields")
            elif raw == GROUP_NAME:
                if isinstance(value, str) and value:
                    self.group_names[at.locale, at.record] = clean_text(value)
            else:
                self._unknown(raw, "form", at.file, path)

    def _fields(self, at: "_At", tree: Tree, path: str) -> None:
        # Primero's importer takes nothing below fields, but not nothing below a field.
        fields = None if tree is None else self._mapping(tree, at.file, path)
        for raw_name, value in (fields or {}).items():
            where = f"{path}.{raw_name}"
            if not raw_name:
                self.log.add("field-without-name", "A field has no name and was left out.", file=at.file, path=where)
                continue
            below = self._mapping(value, at.file, where)
            if below is not None:
                self._field(at, self._key(raw_name, at.file, where), below, where)

    def _field(self, at: "_At", name: str, below: dict[str, Tree], path: str) -> None:
        for raw, value in below.items():
            if raw in FIELD_PROPERTIES:
                self._text(at, below, raw, path, UnitKey(at.kind, at.record, raw, field=name))
            elif raw in OPTION_PROPERTIES:
                self._options(at, value, f"{path}.{raw}", raw, name)
            else:
                self._unknown(raw, "field", at.file, path)

    def _options(self, at: "_At", tree: Tree, path: str, prop: str, name: str | None) -> None:
        if isinstance(tree, list):
            effect = "which adds options in Primero" if prop == "tally" else "which Primero ignores"
            message = f"Options stand as a list, {effect}; they were left out: write id and text pairs."
            self.log.add("options-as-list", message, file=at.file, path=path)
            return
        below = self._mapping(tree, at.file, path)
        if below is not None and prop == "tally":
            message = (
                "A tally stands as a mapping, which Primero's importer cannot take; it can be delivered by the API."
            )
            self.log.add("tally-in-yaml", message, file=at.file, path=path)
        for raw_id in below or ():
            assert below is not None
            where = f"{path}.{raw_id}"
            if not raw_id:
                self.log.add("option-without-id", "An option has no id and was left out.", file=at.file, path=where)
                continue
            option = self._key(raw_id, at.file, where)
            self._text(at, below, raw_id, path, UnitKey(at.kind, at.record, prop, field=name, option=option))

    def _text(self, at: "_At", owner: dict[str, Tree], raw: str, path: str, key: UnitKey) -> None:
        value, where = owner[raw], f"{path}.{raw}"
        if value is not None and not isinstance(value, str):
            kind = "a list" if isinstance(value, list) else "a mapping"
            message = f"{key} is not a text but {kind}; it was left out: write the text in quotes."
            self.log.add("not-text", message, file=at.file, path=where)
            return
        if isinstance(value, PlainText) and (read_as := psych_type(value)):
            message = f"Primero would read {value} as {read_as}, because it is not quoted; put it in quotes."
            self.log.add("unquoted-text", message, file=at.file, path=where)
        self.slots.append(Slot(key, at.locale, owner, raw, at.file, where))

    def _mapping(self, tree: Tree, file: str, path: str) -> dict[str, Tree] | None:
        if isinstance(tree, dict):
            return tree
        if tree is None:
            message = "Nothing stands below this key, where Primero's importer would stop; remove the key."
            self.log.add("empty-mapping", message, file=file, path=path)
        else:
            message = "Something else than names and texts stands below this key; it was left out."
            self.log.add("wrong-part", message, file=file, path=path)
        return None

    def _key(self, raw: str, file: str, path: str) -> str:
        if isinstance(raw, PlainText) and (read_as := psych_type(raw)):
            message = (
                f"Primero would read the id {raw} as {read_as} and skip it, because it is not quoted; put it in quotes."
            )
            self.log.add("unquoted-key", message, file=file, path=path)
        return self.log.clean(str(raw), file=file, path=path)

    def _unknown(self, raw: str, what: str, file: str, path: str) -> None:
        message = (
            f"{raw} is not a text of a {what}, and Primero's importer would stop here; it was left out, remove it."
        )
        self.log.add("unknown-property", message, file=file, path=f"{path}.{raw}")


@dataclass(frozen=True, slots=True)
class _At:
    file: str
    locale: str
    kind: RecordKind
    record: str


def load_documents(members: tuple[Member, ...]) -> Iterator[Document]:
    """Yield every file's document.

    Raises:
        BadSyntax, UnsafeInput: as :func:`extractors.yaml_text.load_yaml`.
        WrongShape: more than one key at the top, one that is no locale, or no mapping below it.
    """
    for member in members:
        yield _document(load_yaml(decode_text(member.data, member.name), member.name), member.name)


def _document(tree: Tree, file: str) -> Document:
    if not isinstance(tree, dict) or not tree:
        raise WrongShape(f"{file} is not a translation file: it has no locale, such as en, at its top.", file=file)
    roots = list(tree)
    if len(roots) > 1:
        named = ", ".join(roots[:5])
        message = f"{file} has {len(roots)} keys at its top ({named}), but Primero reads one; give one locale a file."
        raise WrongShape(message, file=file)
    match = LOCALE.fullmatch(roots[0])
    if match is None:
        message = (
            f"{file} has {roots[0]} at its top where the locale is expected; put the locale, such as en, above it."
        )
        raise WrongShape(message, file=file, path=roots[0])
    records = tree[roots[0]]
    if records is not None and not isinstance(records, dict):
        message = f"{file} has no forms or lookups below {roots[0]}; export it again."
        raise WrongShape(message, file=file, path=roots[0])
    return Document(file, match[1], tree, records)


def _kind(record_id: str, below: dict[str, Tree], file: str) -> RecordKind:
    """Tell a lookup from a form: by its contents, and where it has but a name by its id and by the file's name."""
    if "fields" in below:
        return RecordKind.FORM
    if LOOKUP_OPTION_PROPERTY in below or record_id.startswith("lookup-"):
        return RecordKind.LOOKUP
    if _FORM_SIGNS & below.keys() or "lookup" not in file.lower():
        return RecordKind.FORM
    return RecordKind.LOOKUP
