"""What a Primero keeps: forms and lookups as a configuration names them, with their numbers, and how it shows them."""

import copy
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from service.primero.sandbox.columns import FIELD_OPTIONS, read

Record = dict[str, Any]

_SUFFIX = "_i18n"
_FIELDS, _VALUES = "fields_attributes", "lookup_values_i18n"
# By these a configuration names another form; the API names it by number.
_BY_NUMBER = {
    "subform_unique_id": "subform_section_id",
    "collapsed_field_for_subform_unique_id": "collapsed_field_for_subform_section_id",
}


class Store:
    """The forms and lookups of one Primero.

    Args:
        configuration: ``{"FormSection": […], "Lookup": […]}``; everything else in it is ignored.
        locales: those that are enabled, the default one first.
        first_form: number of the first form; the others follow in their order.
        first_field: number of the first field.
        first_lookup: number of the first lookup.
    """

    def __init__(
        self,
        configuration: Mapping[str, Any],
        locales: Sequence[str],
        *,
        first_form: int = 1,
        first_field: int = 1,
        first_lookup: int = 1,
    ) -> None:
        self.locales = tuple(locales)
        self.forms: dict[int, Record] = _numbered(configuration.get("FormSection") or [], first_form)
        self.lookups: dict[int, Record] = _numbered(configuration.get("Lookup") or [], first_lookup)
        self._next_field = first_field
        for form in self.forms.values():
            form[_FIELDS] = [self.numbered_field(field) for field in _placed(form.get(_FIELDS) or [])]

    def numbered_field(self, field: Mapping[str, Any]) -> Record:
        """Return a field with the next number."""
        self._next_field += 1
        return {"id": self._next_field - 1, **field}

    def configuration(self) -> dict[str, Any]:
        """Return a copy of what is kept, as a configuration without the numbers."""
        forms = [
            {
                **{name: value for name, value in form.items() if name != "id"},
                _FIELDS: [_without(field, "id") for field in form[_FIELDS]],
            }
            for form in self.forms.values()
        ]
        lookups = [_without(lookup, "id") for lookup in self.lookups.values()]
        return copy.deepcopy({"FormSection": forms, "Lookup": lookups})

    def show_form(self, number: int) -> Record:
        """Return a form as the API answers it."""
        form = self.forms[number]
        numbers = {record["unique_id"]: record_number for record_number, record in self.forms.items()}
        shown = self._show(_without(form, _FIELDS))
        fields = [self._show_field(field, number, numbers) for field in sorted(form[_FIELDS], key=_place)]
        return {**shown, "fields": fields, "collapsed_field_names": form.get("collapsed_field_names") or []}

    def show_lookup(self, number: int) -> Record:
        """Return a lookup as the API answers it."""
        lookup = self.lookups[number]
        shown = self._show(_without(lookup, _VALUES))
        return {**shown, "values": self._show_options(lookup.get(_VALUES) or [])}

    def _show_field(self, field: Record, form_number: int, numbers: Mapping[str, int]) -> Record:
        shown = self._show({name: value for name, value in field.items() if name not in _BY_NUMBER})
        for name, shown_name in _BY_NUMBER.items():
            number = numbers.get(field.get(name) or "")
            if number is not None:
                shown[shown_name] = number
        return {**shown, "form_section_id": form_number}

    def _show(self, record: Record) -> Record:
        shown: Record = {}
        for name, value in record.items():
            prop = name.removesuffix(_SUFFIX)
            if value is None:
                continue
            if prop == name:
                shown[name] = value
            elif prop in FIELD_OPTIONS:
                if value:
                    shown[prop] = self._show_options(value)
            elif any(value.values()):
                # A property without any text is missing, one with any carries every locale.
                shown[prop] = self._filled(value)
        return shown

    def _show_options(self, options: Iterable[Record]) -> list[Record]:
        return [{**option, "display_text": self._filled(option.get("display_text") or {})} for option in read(options)]

    def _filled(self, texts: Mapping[str, Any]) -> Record:
        return {**{locale: "" for locale in self.locales}, **read(texts)}


def _numbered(records: Iterable[Mapping[str, Any]], first: int) -> dict[int, Record]:
    return {number: {**copy.deepcopy(dict(record)), "id": number} for number, record in enumerate(records, first)}


def _placed(fields: Iterable[Mapping[str, Any]]) -> list[Record]:
    """Return the fields, each with a place: as in the list where none is said."""
    return [{**field, "order": _place(field, place)} for place, field in enumerate(fields)]


def _place(field: Mapping[str, Any], otherwise: int = 0) -> int:
    order = field.get("order")
    return order if isinstance(order, int) else otherwise


def _without(record: Mapping[str, Any], name: str) -> Record:
    return {key: value for key, value in record.items() if key != name}
