"""What stands in what in a configuration: subforms in forms, lookups behind selects, forms in groups. Pure."""

from collections.abc import Iterable, Mapping

from extractors.units import LOOKUP_OPTION_PROPERTY, FieldInfo, OptionInfo, Record, RecordKind, UnitKey

LOOKUP_SOURCE = "lookup "
"""How Primero begins the source of options that come from a lookup."""

DRAWN_VALUES = 12
"""Values of a lookup that are drawn in a form; the lookup's own page has all of them."""

DEEPEST = 3
"""How deep subforms in subforms are drawn; Primero's own configurations nest once."""


class Layout:
    """The forms and lookups of a configuration: what stands in what."""

    def __init__(self, records: Iterable[Record]) -> None:
        self.records: Mapping[str, Record] = {record.key: record for record in records}

    def forms_in(self, key: str) -> tuple[str, ...]:
        """Return the canonical names of the record and of every subform drawn in it, each once."""
        found: dict[str, None] = {key: None}
        level = [key]
        for _ in range(DEEPEST):
            level = [name for parent in level for name in self._subforms(parent) if name not in found]
            found.update(dict.fromkeys(level))
        return tuple(found)

    def values_in(self, key: str) -> tuple[str, ...]:
        """Return the keys of the values of lookups that drawing the record shows: those of its selects, its group."""
        found: dict[str, None] = dict.fromkeys(self.group_keys(key))
        for name in self.forms_in(key):
            for info in self._fields(name):
                found.update(dict.fromkeys(str(each) for each, _ in self.lookup_values(info)[:DRAWN_VALUES]))
        return tuple(found)

    def lookup_values(self, info: FieldInfo) -> list[tuple[UnitKey, OptionInfo]]:
        """Return the values of the lookup that a field's options come from; none where it is not in the source."""
        lookup = self.records.get(lookup_of(info))
        if lookup is None:
            return []
        return [
            (UnitKey(RecordKind.LOOKUP, lookup.id, LOOKUP_OPTION_PROPERTY, option=option.id), option)
            for option in lookup.options
        ]

    def group_keys(self, key: str) -> tuple[str, ...]:
        """Return where the label of a form's group may stand.

        Primero keeps groups in one lookup per module and record type, and shows no group that holds one form only.
        """
        form = self.records.get(key)
        if form is None or form.group is None or form.nested:
            return ()
        others = (each for each in self.records.values() if each.key != key and each.visible and not each.nested)
        if not any((each.group, each.record_type) == (form.group, form.record_type) for each in others):
            return ()
        ending = f"-{(form.record_type or '').replace('_', '-')}"
        return tuple(
            str(UnitKey(RecordKind.LOOKUP, lookup.id, LOOKUP_OPTION_PROPERTY, option=form.group))
            for lookup in self.records.values()
            if lookup.id.startswith("lookup-form-group-") and lookup.id.endswith(ending)
            if any(option.id == form.group for option in lookup.options)
        )

    def parents(self, key: str) -> tuple[str, ...]:
        """Return the canonical names of the forms that open this one as a subform."""
        return tuple(name for name in self.records if name != key and key in self._subforms(name))

    def _subforms(self, key: str) -> list[str]:
        return [subform_of(info) for info in self._fields(key) if info.subform]

    def _fields(self, key: str) -> tuple[FieldInfo, ...]:
        record = self.records.get(key)
        return tuple(info for info in record.fields if info.visible) if record else ()


def subform_of(info: FieldInfo) -> str:
    """Return the canonical name of the form that a field opens, "" for none."""
    return Record(RecordKind.FORM, info.subform).key if info.subform else ""


def lookup_of(info: FieldInfo) -> str:
    """Return the canonical name of the lookup that a field's options come from, "" for none."""
    source = info.option_source or ""
    if not source.startswith(LOOKUP_SOURCE):
        return ""
    return Record(RecordKind.LOOKUP, source.removeprefix(LOOKUP_SOURCE).strip()).key


def has_layout(form: Record) -> bool:
    """Return whether the source told the types of the form's fields; translation YAML and PO do not."""
    return not form.fields or any(info.type for info in form.fields)
