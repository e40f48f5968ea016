"""Which units no translation file may name, because Primero's importer would stop at them or do harm. Pure.

Facts, measured on Primero's own code: each field, each lookup and at last each form is validated whole when it is
saved, in English as well, so one bad English label stops the import of the file; every text of a stored column that
looks like a full timestamp is written back in another form when the column is saved, the ids of options too.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from extractors.texts import is_blank
from extractors.units import LOOKUP_OPTION_PROPERTY, Catalog, FieldInfo, OptionInfo, Record, RecordKind, UnitKey
from service.bundles.rules.gate import Reason, Trap

_REFUSED_CHARACTERS = re.compile(r"[*!@#%$^]")
_TIMESTAMP = re.compile(r"\d{4}-\d{1,2}-\d{1,2}[T \t]+\d{1,2}:\d{2}:\d{2}(?:\.\d*)?(?:[ \t]*Z|[-+]\d{2}?(?::?\d{2})?)?")
#: Field types whose options Primero refuses without English texts. None: the source does not tell the type.
_VALIDATED_OPTIONS = frozenset({"select_box", "radio_button", None})
#: Formats in which a missing English label means that there is none; a translation file may just not name it.
_WHOLE_FORMATS = frozenset({"configuration_json", "api_json"})


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A text that stands in Primero and that it writes in another form when a text beside it is saved."""

    key: str
    locale: str


def find_traps(catalog: Catalog) -> dict[str, Trap]:
    """Return what the importer would do wrong, by unit key; units it takes without harm are not named."""
    return dict(_Traps(catalog).find())


class _Traps:
    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._sources = {unit.key: unit.source for unit in catalog.units}
        self._whole = catalog.format in _WHOLE_FORMATS
        self._records: dict[tuple[RecordKind, str], str] = {}
        self._fields: dict[tuple[str, str], str] = {}
        self._renamed: set[tuple[RecordKind, str, str | None, str]] = set()

    def find(self) -> Iterator[tuple[str, Trap]]:
        for record in self._catalog.records:
            if record.kind is RecordKind.LOOKUP:
                self._look_at_lookup(record)
            else:
                self._look_at_form(record)
        for unit in self._catalog.units:
            trap = self._trap(unit.key)
            if trap is not None:
                yield str(unit.key), trap

    def _trap(self, key: UnitKey) -> Trap | None:
        refused = self._records.get((key.kind, key.record)) or self._fields.get((key.record, key.field or ""))
        if refused:
            return Trap(
                Reason.REFUSED_BY_PRIMERO,
                f"Primero's importer would stop here, because {refused}: correct the English in Primero, then import "
                "the source again.",
            )
        if key.option is not None and (key.kind, key.record, key.field, key.prop) in self._renamed:
            return Trap(
                Reason.RENAMES_OPTIONS,
                "Importing any text of this option set would rename an option whose id looks like a time: change that "
                "id in Primero, then import the source again.",
            )
        return None

    def _look_at_lookup(self, lookup: Record) -> None:
        missing = self._without_english(UnitKey(lookup.kind, lookup.id, LOOKUP_OPTION_PROPERTY), lookup.options)
        if missing is not None:
            self._records[lookup.kind, lookup.id] = f"the value {missing} of this lookup has no English text"
        self._look_at_ids(lookup, None, LOOKUP_OPTION_PROPERTY, lookup.options)

    def _look_at_form(self, form: Record) -> None:
        bad_name = self._bad_label(UnitKey(form.kind, form.id, "name"), "the form's English name")
        if bad_name:
            self._records[form.kind, form.id] = bad_name
        for field in form.fields:
            bad_field = self._bad_field(form, field)
            if bad_field:
                self._fields[form.id, field.name] = bad_field
            self._look_at_ids(form, field.name, "option_strings_text", field.options)
            self._look_at_ids(form, field.name, "tally", field.tally)

    def _bad_field(self, form: Record, field: FieldInfo) -> str:
        label = UnitKey(form.kind, form.id, "display_name", field=field.name)
        bad_label = self._bad_label(label, "the field's English label")
        if bad_label or field.type not in _VALIDATED_OPTIONS:
            return bad_label
        options = UnitKey(form.kind, form.id, "option_strings_text", field=field.name)
        missing = self._without_english(options, field.options)
        return "" if missing is None else f"the option {missing} of this field has no English text"

    def _bad_label(self, key: UnitKey, what: str) -> str:
        source = self._sources.get(key, "" if self._whole else None)
        if source is None:
            return ""
        if is_blank(source):
            return f"{what} is empty"
        found = _REFUSED_CHARACTERS.search(source)
        return f"{what} holds {found[0]}" if found else ""

    def _without_english(self, option_set: UnitKey, options: Iterable[OptionInfo]) -> str | None:
        for option in options:
            key = UnitKey(option_set.kind, option_set.record, option_set.prop, field=option_set.field, option=option.id)
            if is_blank(self._sources.get(key)):
                return option.id
        return None

    def _look_at_ids(self, record: Record, field: str | None, prop: str, options: Iterable[OptionInfo]) -> None:
        if any(_TIMESTAMP.fullmatch(option.id) for option in options):
            self._renamed.add((record.kind, record.id, field, prop))


def find_rewrites(catalog: Catalog, shipped: Collection[str], locale: str) -> list[Rewrite]:
    """Return the texts that Primero will write in another form, beside those that it is given.

    Args:
        catalog: the current snapshot's.
        shipped: keys of the units whose texts ship.
        locale: the locale they ship in.
    """
    # Options are saved as a whole set, every other text with its translations alone.
    saved = {_column(UnitKey.parse(key)) for key in shipped}
    found = []
    for unit in catalog.units:
        key = str(unit.key)
        texts: Mapping[str, str] = {**unit.texts, catalog.source_locale: unit.source}
        odd = sorted(name for name, text in texts.items() if _TIMESTAMP.fullmatch(text))
        if odd and _column(unit.key) in saved:
            found += [Rewrite(key, name) for name in odd if (name, key in shipped) != (locale, True)]
    return found


def _column(key: UnitKey) -> str:
    return key.option_set or str(key)
