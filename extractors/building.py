"""From what a reader found to a catalog: orders the texts into units and gives each its context.

Every format hands in the same draft, so that context means the same whichever way a configuration came.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from extractors.problems import ProblemLog
from extractors.texts import is_blank
from extractors.units import (
    LOOKUP_OPTION_PROPERTY,
    Catalog,
    FieldInfo,
    OptionInfo,
    Record,
    RecordKind,
    Unit,
    UnitContext,
    UnitKey,
)

MAX_LISTED = 20
"""How many siblings, or places of use, a context names."""

_MODULE_PREFIX = "primeromodule-"
_LOOKUP_SOURCE = "lookup "


@dataclass(slots=True)
class Draft:
    """What a reader found in one input.

    Attributes:
        texts: unit key → locale → original text, the source locale among them, in the order of the input.
        records: forms and lookups, in the order of the input.
        modules: form id → ids of the Primero modules it belongs to.
        group_names: form id → label of its group, where the file itself carries it (older translation files).
        locales: every locale met, in the order met.
    """

    texts: dict[UnitKey, dict[str, str]] = field(default_factory=dict)
    records: list[Record] = field(default_factory=list)
    modules: dict[str, tuple[str, ...]] = field(default_factory=dict)
    group_names: dict[str, str] = field(default_factory=dict)
    locales: dict[str, None] = field(default_factory=dict)


def build_catalog(format_name: str, source_locale: str, draft: Draft, log: ProblemLog) -> Catalog:
    """Return the catalog of a draft. Takes the draft's texts over: do not use it afterwards."""
    sources = {key: texts.pop(source_locale, "") for key, texts in draft.texts.items()}
    contexts = _Contexts(draft, sources)
    shared: dict[tuple[str, ...], dict[str, str]] = {}
    units = []
    for key, texts in draft.texts.items():
        if not any(texts.values()):
            # An API answer carries '' for every enabled locale of every text: one mapping serves them all.
            texts = shared.setdefault(tuple(texts), texts)
        units.append(Unit(key, sources[key], texts, contexts.context(key), contexts.is_hidden(key)))
    first = [source_locale] if source_locale in draft.locales else []
    locales = (*first, *(locale for locale in draft.locales if locale != source_locale))
    return Catalog(format_name, source_locale, tuple(units), tuple(draft.records), locales, log.problems())


def records_from_keys(keys: Iterable[UnitKey]) -> list[Record]:
    """Return the forms and lookups that the keys name, with their fields and options, in the order of the keys."""
    fields: dict[tuple[RecordKind, str], dict[str, dict[str, list[OptionInfo]]]] = {}
    for key in keys:
        record = fields.setdefault((key.kind, key.record), {})
        if key.option is not None or key.field is not None:
            sets = record.setdefault(key.field or "", {})
            if key.option is not None:
                sets.setdefault(key.prop, []).append(OptionInfo(key.option))
    return [_record(kind, record_id, found) for (kind, record_id), found in fields.items()]


def _record(kind: RecordKind, record_id: str, found: Mapping[str, Mapping[str, list[OptionInfo]]]) -> Record:
    if kind is RecordKind.LOOKUP:
        options = found.get("", {}).get(LOOKUP_OPTION_PROPERTY, [])
        return Record(kind, record_id, options=tuple(options))
    infos = (
        FieldInfo(name, options=tuple(sets.get("option_strings_text", ())), tally=tuple(sets.get("tally", ())))
        for name, sets in found.items()
    )
    return Record(kind, record_id, fields=tuple(infos))


@dataclass(frozen=True, slots=True)
class _OptionSet:
    """The first source texts of a set by option id, one more than are listed, and which options are disabled."""

    texts: Mapping[str, str]
    first: tuple[str, ...]
    disabled: frozenset[str]

    def siblings(self, option: str) -> tuple[str, ...]:
        if option not in self.texts:
            return self.first
        return tuple(text for other, text in self.texts.items() if other != option)


class _Contexts:
    """Computes the context of every unit once per record, field and option set."""

    def __init__(self, draft: Draft, sources: Mapping[UnitKey, str]) -> None:
        self._draft = draft
        self._sources = sources
        self._records: dict[tuple[RecordKind, str], UnitContext] = {}
        self._fields: dict[tuple[str, str], UnitContext] = {}
        self._hidden: set[tuple[str, str]] = set()
        self._sets: dict[tuple[str, str | None, str], _OptionSet] = {}
        opened_by, used_by = self._uses()
        for record in draft.records:
            self._add_record(record, opened_by, used_by)

    def context(self, key: UnitKey) -> UnitContext:
        """Return what a translator needs to know about this unit."""
        base = self._base(key)
        if key.option is None:
            return base
        options = self._sets.get((key.record, key.field, key.prop))
        if options is None:
            return base
        return replace(base, siblings=options.siblings(key.option), disabled=key.option in options.disabled)

    def is_hidden(self, key: UnitKey) -> bool:
        """Return whether the unit belongs to a field that is not visible."""
        return key.field is not None and (key.record, key.field) in self._hidden

    def _base(self, key: UnitKey) -> UnitContext:
        if key.field is None:
            return self._records.get((key.kind, key.record), UnitContext())
        context = self._fields.get((key.record, key.field), UnitContext())
        if key.prop == "display_name":
            return replace(context, question=None)
        return replace(context, help_text=None) if key.prop == "help_text" else context

    def _text(self, kind: RecordKind, record: str, prop: str, field_name: str | None = None) -> str | None:
        text = self._sources.get(UnitKey(kind, record, prop, field=field_name))
        return None if is_blank(text) else text

    def _uses(self) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
        opened_by: dict[str, list[str]] = {}
        used_by: dict[str, list[str]] = {}
        for record, info in self._all_fields():
            uses = []
            if info.subform is not None:
                uses.append((opened_by, info.subform))
            if info.option_source is not None and info.option_source.startswith(_LOOKUP_SOURCE):
                uses.append((used_by, info.option_source.removeprefix(_LOOKUP_SOURCE).strip()))
            for table, target in uses:
                places = table.setdefault(target, [])
                if len(places) < MAX_LISTED:
                    places.append(self._place(record, info))
        return opened_by, used_by

    def _all_fields(self) -> Iterator[tuple[Record, FieldInfo]]:
        for record in self._draft.records:
            for info in record.fields:
                yield record, info

    def _place(self, record: Record, info: FieldInfo) -> str:
        form = self._text(RecordKind.FORM, record.id, "name") or record.id
        label = self._text(RecordKind.FORM, record.id, "display_name", info.name) or info.name
        return f"{form} › {label}"

    def _add_record(self, record: Record, opened_by: dict[str, list[str]], used_by: dict[str, list[str]]) -> None:
        is_form = record.kind is RecordKind.FORM
        base = UnitContext(
            record_type=record.record_type,
            record_name=self._text(record.kind, record.id, "name"),
            group=self._group(record) if is_form else None,
            subform_of=tuple(opened_by.get(record.id, ())) if is_form else (),
            used_by=() if is_form else tuple(used_by.get(record.id, ())),
        )
        self._records[record.kind, record.id] = base
        self._add_set(record, None, LOOKUP_OPTION_PROPERTY, record.options)
        for info in record.fields:
            self._add_field(record, info, base)

    def _add_field(self, record: Record, info: FieldInfo, base: UnitContext) -> None:
        self._fields[record.id, info.name] = replace(
            base,
            field_type=info.type,
            question=self._text(record.kind, record.id, "display_name", info.name),
            help_text=self._text(record.kind, record.id, "help_text", info.name),
            required=info.required,
        )
        if not info.visible:
            self._hidden.add((record.id, info.name))
        self._add_set(record, info.name, "option_strings_text", info.options)
        self._add_set(record, info.name, "tally", info.tally)

    def _add_set(self, record: Record, name: str | None, prop: str, options: tuple[OptionInfo, ...]) -> None:
        if not options:
            return
        texts: dict[str, str] = {}
        for option in options:
            text = self._sources.get(UnitKey(record.kind, record.id, prop, field=name, option=option.id))
            if text is not None and not is_blank(text):
                texts[option.id] = text
            # One more than are listed, because a unit is no sibling of its own.
            if len(texts) > MAX_LISTED:
                break
        disabled = frozenset(option.id for option in options if option.disabled)
        self._sets[record.id, name, prop] = _OptionSet(texts, tuple(texts.values())[:MAX_LISTED], disabled)

    def _group(self, form: Record) -> str | None:
        """Return the label of the form's group: Primero keeps it in one lookup per module and record type."""
        named = self._draft.group_names.get(form.id)
        if named is not None or form.group is None:
            return named
        record_type = (form.record_type or "").replace("_", "-")
        for module in self._draft.modules.get(form.id, ()):
            lookup = f"lookup-form-group-{module.removeprefix(_MODULE_PREFIX)}-{record_type}"
            label = self._sources.get(UnitKey(RecordKind.LOOKUP, lookup, LOOKUP_OPTION_PROPERTY, option=form.group))
            if not is_blank(label):
                return label
        return form.group
