"""The way of one file through Primero's importer: its class, its reading, its locale, then form, lookup or theme."""

from __future__ import annotations

from tests.support.primero_importer.psych import safe_load
from tests.support.primero_importer.records import (
    FIELD_TEXTS,
    FORM_TEXTS,
    LOOKUP_TEXTS,
    Draft,
    Record,
    check_field,
    check_form,
    check_lookup,
)
from tests.support.primero_importer.ruby import RubyError, RubyHash, Symbol, is_blank, no_method, pairs, strip, to_s


def class_of(path: str) -> str:
    """Return what Primero takes a file for, decided by its whole path in any case: Theme, Lookup or FormSection."""
    folded = path.lower()
    if "system" in folded:
        return "Theme"
    return "Lookup" if "lookup" in folded else "FormSection"


class FileImport:
    """The import of one file into stored forms and lookups, which it changes in place.

    There is no transaction around a file: each field and each lookup is saved when it has been read, a form last; what
    was saved before an exception stays.
    """

    def __init__(self, forms: list[Record], lookups: list[Record], locales: frozenset[str], path: str) -> None:
        self.kind = class_of(path)
        self.errors: list[str] = []
        self.log: list[str] = []
        self._forms = forms
        self._lookups = lookups
        self._locales = locales
        self._path = path

    def run(self, data: bytes) -> None:
        """Import the file. Raises RubyError where Primero raises; everything else is in `errors` and `log`."""
        content = safe_load(data, self._path)
        if is_blank(content):
            self.errors.append(f"Import Not Processed: error reading {self._path}")
        elif not isinstance(content, RubyHash):
            self.log.append("ERROR: Import Not Processed: invalid yml format")
        else:
            self._import_locales(content)

    def _import_locales(self, content: RubyHash) -> None:
        """Import every locale of the file, all of them into the first."""
        locale = self._locale(next(iter(content.items()))[0])
        if locale is None:
            return
        for _, body in content.items():
            _strip_values(body)
        importing = {"Theme": self._import_theme, "Lookup": self._import_lookups, "FormSection": self._import_form}
        for _, body in content.items():
            assert isinstance(body, RubyHash)
            importing[self.kind](body, locale)

    def _locale(self, key: object) -> str | None:
        if not isinstance(key, str | Symbol):
            raise no_method("to_sym", key)
        locale = to_s(key)
        if locale in self._locales:
            return locale
        self.errors.append(f"Import Not Processed: locale {locale} not in available locales")
        return None

    def _import_theme(self, body: RubyHash, locale: str) -> None:
        """Walk the theme, which has no text among forms and lookups."""
        pairs(body.get("theme"))

    def _import_lookups(self, body: RubyHash, locale: str) -> None:
        for key, texts in body.items():
            lookup = _find(self._lookups, "unique_id", key)
            if lookup is None:
                self.log.append(f"INFO: Lookup for ID [{to_s(key)}] not found. Skipping translation")
                continue
            draft = Draft("Lookup", lookup, LOOKUP_TEXTS)
            for prop, value in pairs(texts):
                if prop == "lookup_values":
                    draft.assign_options("lookup_values", locale, value)
                else:
                    draft.assign(prop, locale, value)
            draft.save(check_lookup)

    def _import_form(self, body: RubyHash, locale: str) -> None:
        """Import the first form of the mapping; further ones are passed over without a word."""
        key, texts = next(body.items(), (None, None))
        form = _find(self._forms, "unique_id", key)
        if form is None:
            self.errors.append(f"Error importing translations: Form for ID [{to_s(key)}] not found")
            return
        draft = Draft("FormSection", form, FORM_TEXTS)
        for prop, value in pairs(texts):
            if prop == "fields":
                self._import_fields(form, locale, value)
            elif prop != "form_group_name":
                draft.assign(prop, locale, value)
        draft.save(check_form)
        self._collapse(form)

    def _import_fields(self, form: Record, locale: str, value: object) -> None:
        if is_blank(value):
            return
        if isinstance(value, list):
            raise RubyError("TypeError", "no implicit conversion of String into Integer")
        for name, texts in pairs(value):
            field = _find(form.get("fields_attributes") or [], "name", name)
            if field is not None:
                self._import_field(field, locale, texts)

    def _import_field(self, field: Record, locale: str, texts: object) -> None:
        draft = Draft("Field", field, FIELD_TEXTS)
        for prop, value in pairs(texts):
            if prop == "option_strings_text":
                self._import_options(draft, locale, value)
            elif prop == "tally":
                draft.assign_tally(locale, value)
            else:
                draft.assign(prop, locale, value)
        draft.save(check_field)

    def _import_options(self, draft: Draft, locale: str, value: object) -> None:
        if is_blank(draft.column("option_strings_text")):
            self.log.append(f"WARN: Field {draft.record['name']} does not have option strings. Skipping.")
        else:
            draft.assign_options("option_strings_text", locale, value)

    def _collapse(self, form: Record) -> None:
        """Make the first field of a saved subform the collapsed one when it has none."""
        fields = form.get("fields_attributes") or []
        column = "collapsed_field_for_subform_unique_id"
        collapsed = form.get("collapsed_field_names") or [field for field in fields if field.get(column)]
        if not form.get("is_nested") or not fields or collapsed:
            return
        first = min(fields, key=lambda field: field.get("order") or 0)
        first[column] = form["unique_id"]
        form["collapsed_field_names"] = [first["name"]]


def _find(records: list[Record], column: str, key: object) -> Record | None:
    """Find a record by its id. Ids are texts: a key that YAML read as something else finds nothing."""
    return next((record for record in records if isinstance(key, str) and record[column] == key), None)


def _strip_values(body: object) -> None:
    """Strip every text below a mapping, in place; texts in lists, and keys, stay as they are."""
    if not isinstance(body, RubyHash):
        raise no_method("each_value", body)
    for key, value in body.items():
        if isinstance(value, str):
            body.set(key, strip(value))
        elif isinstance(value, RubyHash):
            _strip_values(value)
