"""A stored Primero configuration that files can be imported into, and what differs afterwards."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from tests.support.primero_importer.columns import Json, canonical, same
from tests.support.primero_importer.importer import FileImport
from tests.support.primero_importer.records import FIELD_TEXTS, FORM_TEXTS, LOOKUP_TEXTS, Record
from tests.support.primero_importer.ruby import RubyError

Texts: TypeAlias = dict[str, dict[str, Json]]
Structure: TypeAlias = dict[str, dict[str, Json]]

_OPTIONS_OF_FIELDS = ("option_strings_text", "tally")
_NOT_STRUCTURE = ("fields_attributes", "created_at", "updated_at", "collapsed_field_names")
_COLLAPSED = "collapsed_field_for_subform_section_id"


@dataclass(frozen=True)
class ImportOutcome:
    """What Primero's importer said of one file.

    `kind` is FormSection, Lookup or Theme; `exception` the Ruby class and message (`NoMethodError: undefined …`) or
    None; `errors` what it collects in silence; `log` its log lines with their level.
    """

    kind: str
    exception: str | None
    errors: list[str] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    path: str = ""

    @property
    def exception_class(self) -> str | None:
        """The Ruby class of the exception (`Psych::DisallowedClass`), None without one."""
        return self.exception.split(": ", 1)[0] if self.exception else None

    @property
    def is_clean(self) -> bool:
        """Whether the file went in without exception, error or log line."""
        return self.exception is None and not self.errors and not self.log


class PrimeroInstance:
    """The forms and lookups that a Primero server stores, changed in place by `import_file`."""

    def __init__(self, configuration: Mapping[str, Any], locales: Iterable[str]) -> None:
        self._configuration: dict[str, Any] = copy.deepcopy(dict(configuration))
        self._locales = frozenset(locales)

    @classmethod
    def from_configuration(cls, configuration: Mapping[str, Any], locales: Iterable[str]) -> PrimeroInstance:
        """Store a copy of a configuration (`{"FormSection": […], "Lookup": […], …}`) with the locales enabled."""
        return cls(configuration, locales)

    def import_file(self, path: str, data: bytes) -> ImportOutcome:
        """Import one file as Primero does. Never raises for what is in the file; `exception` says what Ruby raised."""
        running = FileImport(self._forms, self._lookups, self._locales, path)
        exception = None
        try:
            running.run(data)
        except RubyError as error:
            exception = str(error)
        return ImportOutcome(running.kind, exception, running.errors, running.log, path)

    def configuration(self) -> dict[str, Any]:
        """Return a copy of the whole configuration as it is stored now, with everything the importer does not know."""
        return copy.deepcopy(self._configuration)

    def texts(self) -> Texts:
        """Return every stored text, by `kind|form|field|property|option`, as `{locale: text}`."""
        texts: Texts = {}
        for form in self._forms:
            texts.update(_plain_texts(f"form|{form['unique_id']}", form, FORM_TEXTS))
            for form_field in form.get("fields_attributes") or []:
                start = f"field|{form['unique_id']}|{form_field['name']}"
                texts.update(_plain_texts(start, form_field, FIELD_TEXTS))
                texts.update(_option_texts(start, form_field, _OPTIONS_OF_FIELDS))
        for lookup in self._lookups:
            texts.update(_plain_texts(f"lookup|{lookup['unique_id']}", lookup, LOOKUP_TEXTS))
            texts.update(_option_texts(f"lookup|{lookup['unique_id']}", lookup, ("lookup_values",)))
        return texts

    def structure(self) -> Structure:
        """Return what is stored beside the texts: `{"field FORM.FIELD": {column: value}}`, also for forms and lookups.

        Options stand under `… option_strings_text` as their ids and their other attributes, in order. Left out are
        dates of change and `collapsed_field_names`, which only repeats what the fields say.
        """
        structure: Structure = {}
        for form in self._forms:
            structure[f"form {form['unique_id']}"] = _columns(form)
            for form_field in form.get("fields_attributes") or []:
                what = f"field {form['unique_id']}.{form_field['name']}"
                structure[what] = _columns(form_field)
                structure.update(_option_structure(what, form_field, _OPTIONS_OF_FIELDS))
        for lookup in self._lookups:
            what = f"lookup {lookup['unique_id']}"
            structure[what] = _columns(lookup)
            structure.update(_option_structure(what, lookup, ("lookup_values",)))
        return structure

    @property
    def _forms(self) -> list[Record]:
        return self._configuration.get("FormSection") or []

    @property
    def _lookups(self) -> list[Record]:
        return self._configuration.get("Lookup") or []


def _plain_texts(start: str, record: Record, props: Iterable[str]) -> Iterator[tuple[str, dict[str, Json]]]:
    for prop in props:
        if record.get(f"{prop}_i18n"):
            yield f"{start}|{prop}", dict(record[f"{prop}_i18n"])


def _option_texts(start: str, record: Record, props: Iterable[str]) -> Iterator[tuple[str, dict[str, Json]]]:
    for prop in props:
        for option in record.get(f"{prop}_i18n") or []:
            yield f"{start}|{prop}|{option['id']}", dict(option.get("display_text") or {})


def _columns(record: Record) -> dict[str, Json]:
    columns = {key: value for key, value in record.items() if not key.endswith("_i18n") and key not in _NOT_STRUCTURE}
    if "collapsed_field_for_subform_unique_id" in columns:
        columns[_COLLAPSED] = columns.pop("collapsed_field_for_subform_unique_id")
    return copy.deepcopy(columns)


def _option_structure(what: str, record: Record, props: Iterable[str]) -> Iterator[tuple[str, dict[str, Json]]]:
    for prop in props:
        options = record.get(f"{prop}_i18n") or []
        attributes = [{key: value for key, value in option.items() if key != "display_text"} for option in options]
        yield f"{what} {prop}", {"ids": [option["id"] for option in options], "attributes": copy.deepcopy(attributes)}


def diff(before: Texts, after: Texts) -> Texts:
    """Return the texts that differ: `{key: {locale: text afterwards}}`. Absent and null are two things."""
    changed: Texts = {}
    for key in {**before, **after}:
        was, now = before.get(key, {}), after.get(key, {})
        locales = [name for name in {**was, **now} if _entry(was, name) != _entry(now, name)]
        if locales:
            changed[key] = {name: now.get(name) for name in locales}
    return changed


def _entry(texts: dict[str, Json], locale: str) -> str | None:
    return canonical(texts[locale]) if locale in texts else None


def diff_structure(before: Structure, after: Structure) -> list[dict[str, Json]]:
    """Return what else differs, by column (`what, column, was, is`) or list of options (`what, change, was, is`)."""
    found: list[dict[str, Json]] = []
    for what in {**before, **after}:
        was, now = before.get(what, {}), after.get(what, {})
        if "ids" in was and "ids" in now:
            found.extend(_diff_options(what, was, now))
            continue
        for column in {**was, **now}:
            if not same(was.get(column), now.get(column)):
                found.append({"what": what, "column": column, "was": was.get(column), "is": now.get(column)})
    return found


def _diff_options(what: str, was: dict[str, Json], now: dict[str, Json]) -> list[dict[str, Json]]:
    if same(was, now):
        return []
    ids_differ = set(was["ids"]) != set(now["ids"])
    change = "options ids changed" if ids_differ else "options reordered or attributes changed"
    return [{"what": what, "change": change, "was": was["ids"], "is": now["ids"]}]
