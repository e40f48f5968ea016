"""Walks forms and lookups as JSON and names every place where a translatable text may stand.

Parsing reads the texts at these places and serializing writes them, so the two cannot disagree about what a unit is.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from extractors.problems import ProblemLog
from extractors.texts import clean_text
from extractors.units import (
    FIELD_PROPERTIES,
    FORM_PROPERTIES,
    LOOKUP_OPTION_PROPERTY,
    FieldInfo,
    OptionInfo,
    Record,
    RecordKind,
    UnitKey,
)


@dataclass(frozen=True, slots=True)
class Shape:
    """How a format names things: the suffix of localised attributes, and where fields and lookup values stand."""

    suffix: str
    fields: str
    lookup_values: str


CONFIGURATION = Shape(suffix="_i18n", fields="fields_attributes", lookup_values="lookup_values_i18n")
API = Shape(suffix="", fields="fields", lookup_values="values")


@dataclass(frozen=True, slots=True)
class Located:
    """A raw form or lookup and where it stands."""

    kind: RecordKind
    raw: Any
    file: str
    path: str


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for one unit's texts: ``owner[attribute]`` is a mapping of locale to text, null, or missing."""

    key: UnitKey
    owner: dict[str, Any]
    attribute: str
    file: str
    path: str


@dataclass(slots=True)
class FoundRecord:
    """A form or lookup with the slots of its texts.

    ``number`` is the record's numeric id in an API answer, ``subform_numbers`` the numeric ids that its fields open.
    """

    record: Record
    modules: tuple[str, ...]
    number: int | None
    slots: list[Slot] = field(default_factory=list)
    subform_numbers: dict[str, int] = field(default_factory=dict)


def walk_records(located: Iterable[Located], shape: Shape, log: ProblemLog) -> list[FoundRecord]:
    """Return the usable records in their order, each id once; odd parts are noted in ``log`` and left out."""
    walk = _Walk(shape, log)
    for place in located:
        walk.add(place)
    return _with_subform_ids(walk.found)


def _with_subform_ids(found: list[FoundRecord]) -> list[FoundRecord]:
    """Resolve the numeric ids by which an API answer names subforms."""
    by_number = {form.number: form.record.id for form in found if form.number is not None}
    for form in found:
        if not form.subform_numbers:
            continue
        fields = tuple(
            replace(info, subform=info.subform or by_number.get(form.subform_numbers.get(info.name, -1)))
            for info in form.record.fields
        )
        form.record = replace(form.record, fields=fields)
    return found


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


class _Walk:
    def __init__(self, shape: Shape, log: ProblemLog) -> None:
        self._shape = shape
        self._log = log
        self._seen: set[tuple[RecordKind, str]] = set()
        self.found: list[FoundRecord] = []

    def add(self, place: Located) -> None:
        raw, kind = place.raw, place.kind
        if not isinstance(raw, dict):
            self._note("wrong-part", f"A {kind} is not an object; it was left out.", place.file, place.path)
            return
        record_id = self._id(raw.get("unique_id"), place.file, place.path)
        if record_id is None:
            message = f"A {kind} has no unique_id and was left out; give it one in Primero."
            self._note("record-without-id", message, place.file, place.path)
            return
        if (kind, record_id) in self._seen:
            message = f"The {kind} {record_id} stands twice and the first one is used; remove the other."
            self._note("duplicate-record", message, place.file, place.path)
            return
        self._seen.add((kind, record_id))
        modules = raw.get("module_ids")
        module_ids = tuple(m for m in modules if isinstance(m, str)) if isinstance(modules, list) else ()
        number = _number(raw.get("id")) if kind is RecordKind.FORM else None
        found = FoundRecord(Record(kind, record_id), module_ids, number)
        self._read_record(found, place)
        self.found.append(found)

    def _read_record(self, found: FoundRecord, place: Located) -> None:
        raw, record = place.raw, found.record
        if record.kind is RecordKind.LOOKUP:
            self._slots(found, place, raw, ("name",), None)
            options = self._options(found, place, raw, self._shape.lookup_values, LOOKUP_OPTION_PROPERTY, None)
            self._note_unknown(raw, ("name", "lookup_values"), "lookup", place)
            found.record = replace(record, options=options)
            return
        self._slots(found, place, raw, FORM_PROPERTIES, None)
        self._note_unknown(raw, FORM_PROPERTIES, "form", place)
        found.record = replace(
            record,
            record_type=self._text(raw.get("parent_form")),
            group=self._text(raw.get("form_group_id")),
            nested=raw.get("is_nested") is True,
            visible=raw.get("visible") is not False,
            order=(_number(raw.get("order_form_group")) or 0, _number(raw.get("order")) or 0),
            fields=self._fields(found, place),
        )

    def _fields(self, found: FoundRecord, place: Located) -> tuple[FieldInfo, ...]:
        raw_fields = self._list(place.raw.get(self._shape.fields), place.file, f"{place.path}.{self._shape.fields}")
        infos: dict[str, FieldInfo] = {}
        for index, raw in enumerate(raw_fields):
            path = f"{place.path}.{self._shape.fields}[{index}]"
            if not isinstance(raw, dict):
                self._note("wrong-part", "A field is not an object; it was left out.", place.file, path)
                continue
            name = self._id(raw.get("name"), place.file, path)
            if name is None:
                message = f"A field of the form {found.record.id} has no name and was left out; give it one in Primero."
                self._note("field-without-name", message, place.file, path)
            elif name in infos:
                message = f"The form {found.record.id} has two fields {name}; the first one is used, remove the other."
                self._note("duplicate-field", message, place.file, path)
            else:
                infos[name] = self._field(found, Located(RecordKind.FORM, raw, place.file, path), name)
        return tuple(infos.values())

    def _field(self, found: FoundRecord, place: Located, name: str) -> FieldInfo:
        raw = place.raw
        self._slots(found, place, raw, FIELD_PROPERTIES, name)
        options = self._options(
            found, place, raw, f"option_strings_text{self._shape.suffix}", "option_strings_text", name
        )
        tally = self._options(found, place, raw, f"tally{self._shape.suffix}", "tally", name)
        self._note_unknown(raw, (*FIELD_PROPERTIES, "option_strings_text", "tally"), "field", place)
        number = _number(raw.get("subform_section_id"))
        if number is not None:
            found.subform_numbers[name] = number
        return FieldInfo(
            name,
            type=self._text(raw.get("type")),
            visible=raw.get("visible") is not False,
            required=raw.get("required") is True,
            option_source=self._text(raw.get("option_strings_source")),
            subform=self._text(raw.get("subform_unique_id")),
            options=options,
            tally=tally,
            multi_select=raw.get("multi_select") is True,
        )

    def _options(
        self, found: FoundRecord, place: Located, raw: dict[str, Any], attribute: str, prop: str, name: str | None
    ) -> tuple[OptionInfo, ...]:
        where = f"{place.path}.{attribute}"
        infos: dict[str, OptionInfo] = {}
        for index, option in enumerate(self._list(raw.get(attribute), place.file, where)):
            path = f"{where}[{index}]"
            if not isinstance(option, dict):
                self._note("wrong-part", "An option is not an object; it was left out.", place.file, path)
                continue
            option_id = self._id(option.get("id"), place.file, path)
            if option_id is None:
                message = "An option has no id that is a text, and was left out; give it one in Primero."
                self._note("option-without-id", message, place.file, path)
                continue
            if option_id in infos:
                message = f"Two options have the id {option_id}; the first one is used, remove the other."
                self._note("duplicate-option", message, place.file, path)
                continue
            tags = option.get("tags")
            tag_texts = (
                tuple(self._log.clean(t, file=place.file, path=path) for t in tags if isinstance(t, str))
                if isinstance(tags, list)
                else ()
            )
            infos[option_id] = OptionInfo(option_id, option.get("disabled") is True, tag_texts)
            key = UnitKey(found.record.kind, found.record.id, prop, field=name, option=option_id)
            found.slots.append(Slot(key, option, "display_text", place.file, f"{path}.display_text"))
        return tuple(infos.values())

    def _slots(
        self, found: FoundRecord, place: Located, raw: dict[str, Any], props: tuple[str, ...], name: str | None
    ) -> None:
        for prop in props:
            attribute = prop + self._shape.suffix
            if attribute in raw:
                key = UnitKey(found.record.kind, found.record.id, prop, field=name)
                found.slots.append(Slot(key, raw, attribute, place.file, f"{place.path}.{attribute}"))

    def _note_unknown(self, raw: dict[str, Any], known: tuple[str, ...], what: str, place: Located) -> None:
        suffix = self._shape.suffix
        if not suffix:
            # The API names texts as it names everything else, so an unknown one cannot be told.
            return
        for attribute in raw:
            if attribute.endswith(suffix) and attribute.removesuffix(suffix) not in known:
                message = f"{attribute} of a {what} is not a text that we know; it was left out, also elsewhere."
                path = f"{place.path}.{attribute}"
                self._log.add_once("unknown-property", f"{what} {attribute}", message, file=place.file, path=path)

    def _list(self, raw: Any, file: str, path: str) -> list[Any]:
        if raw is None or isinstance(raw, list):
            return raw or []
        self._note("wrong-part", "Something else than a list stands here; it was left out.", file, path)
        return []

    def _id(self, raw: Any, file: str, path: str) -> str | None:
        return self._log.clean(raw, file=file, path=path) if isinstance(raw, str) and raw else None

    @staticmethod
    def _text(raw: Any) -> str | None:
        return clean_text(raw) if isinstance(raw, str) and raw else None

    def _note(self, code: str, message: str, file: str, path: str) -> None:
        self._log.add(code, message, file=file, path=path)
