"""Primero's three localised records, the form, the field and the lookup: assigning texts, checking, saving.

A record is a mapping as in the configuration JSON. Texts are assigned to a draft; what is stored changes only when the
draft is saved, and a draft that is refused or left behind by an exception changes nothing.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from typing import Any, TypeAlias

from tests.support.primero_importer.columns import read_column, refuse_nul, same, write_column
from tests.support.primero_importer.ruby import RubyError, RubyHash, is_blank, no_method, pairs, to_s

Record: TypeAlias = dict[str, Any]

FORM_TEXTS = ("name", "description", "help_text")
FIELD_TEXTS = ("display_name", "help_text", "guiding_questions", "tick_box_label", "signature_provided_by_label")
LOOKUP_TEXTS = ("name",)
_TYPES_WITH_OPTIONS = ("select_box", "radio_button")
_REFUSED_IN_ENGLISH = re.compile(r"[*!@#%$^]")


class Draft:
    """A record with texts assigned and not yet saved."""

    def __init__(self, model: str, record: Record, texts: tuple[str, ...]) -> None:
        self.model = model
        self.record = record
        self.columns: Record = {}
        self._texts = texts

    def column(self, prop: str) -> Any:
        """Return a localised column as it is in the draft, else as it is stored."""
        name = f"{prop}_i18n"
        return self.columns.get(name, self.record.get(name))

    def assign(self, key: object, locale: str, value: object) -> None:
        """Set a plain text. Null where no text was changes nothing. Raises NoMethodError for an unknown property."""
        prop = to_s(key)
        if prop not in self._texts:
            setter = f"{prop}_{locale}="
            raise RubyError("NoMethodError", f"undefined method '{setter}' for an instance of {self.model}")
        texts = read_column(self.column(prop)) or {}
        assert isinstance(texts, dict)
        if value is not None or locale in texts:
            self._set_column(prop, {**texts, locale: value})

    def assign_options(self, prop: str, locale: str, value: object) -> None:
        """Set the texts of options from id → text (or a list of such).

        An id that is not in the list, or is of another type than the stored one, is passed over; an option that is not
        named keeps its text and gets null where it has none. Raises NoMethodError when the value cannot be walked.
        """
        given = pairs(value)
        options = read_column(self.column(prop))
        if not isinstance(options, list):
            return
        for option in options:
            option["display_text"] = {locale: None} | (option.get("display_text") or {})
        for key, text in given:
            for option in options:
                if type(option["id"]) is type(key) and option["id"] == key:
                    option["display_text"][locale] = text
        self._set_column(prop, options)

    def assign_tally(self, locale: str, value: object) -> None:
        """Set tally labels from a list of {id, display_text}; an unknown id is added, one not named stays.

        Raises NoMethodError for other shapes.
        """
        if not isinstance(value, list | RubyHash):
            raise no_method("map", value)
        entries = value if isinstance(value, list) else [[key, item] for key, item in value.items()]
        labels = read_column(self.column("tally")) or []
        assert isinstance(labels, list)
        for entry in entries:
            if not isinstance(entry, RubyHash):
                raise no_method("with_indifferent_access", entry)
            self._label(labels, entry)["display_text"][locale] = entry.get("display_text")
        self._set_column("tally", labels)

    @staticmethod
    def _label(labels: list[Any], entry: RubyHash) -> Record:
        known = next((label for label in labels if label["id"] == entry.get("id")), None)
        if known is None:
            known = {"id": entry.get("id"), "display_text": {}}
            labels.append(known)
        return known

    def _set_column(self, prop: str, value: object) -> None:
        """Keep a new column, unless it equals the stored one as Ruby reads it: then Rails does not write it at all."""
        name = f"{prop}_i18n"
        written = write_column(value)
        if same(written, write_column(read_column(self.record.get(name)))):
            self.columns.pop(name, None)
        else:
            self.columns[name] = written

    def save(self, check: Callable[[Record], list[str]]) -> None:
        """Store the draft. Raises RecordInvalid with the messages of `check`, StatementInvalid for a text with NUL."""
        future = {**self.record, **self.columns}
        messages = check(future)
        if messages:
            raise RubyError("ActiveRecord::RecordInvalid", f"Validation failed: {', '.join(messages)}")
        refuse_nul(self.columns)
        self.record.update(copy.deepcopy(self.columns))


def _english(record: Record, prop: str) -> object:
    return (record.get(f"{prop}_i18n") or {}).get("en")


def _has_refused_character(text: object) -> bool:
    return isinstance(text, str) and bool(_REFUSED_IN_ENGLISH.search(text))


def check_form(form: Record) -> list[str]:
    """Return why Primero refuses to save a form: its English name is blank or has one of * ! @ # % $ ^.

    The wording of the second reason was not seen in a probe.
    """
    name = _english(form, "name")
    reasons = []
    if is_blank(name):
        reasons.append("Name en errors.models.form_section.presence_of_name")
    if _has_refused_character(name):
        reasons.append("Name errors.models.form_section.format")
    return reasons


def check_field(field: Record) -> list[str]:
    """Return why Primero refuses to save a field: English label blank or with * ! @ # % $ ^, options without English.

    Options were probed by the API only, and there without the key `en`; null is taken for the same, '' for a text.
    """
    label = _english(field, "display_name")
    reasons = []
    if is_blank(label):
        reasons.append("Display name en errors.models.field.display_name_presence")
    if _has_refused_character(label):
        reasons.append("Display name errors.models.field.display_name_format")
    options = field.get("option_strings_text_i18n") or []
    if field.get("type") in _TYPES_WITH_OPTIONS and any(option["display_text"].get("en") is None for option in options):
        reasons.append("Option strings text errors.models.field.option_strings_text.not_hash")
    return reasons


def check_lookup(lookup: Record) -> list[str]:
    """Return why Primero refuses to save a lookup: a value without an English text. Its name is not checked."""
    values = lookup.get("lookup_values_i18n") or []
    if any(is_blank((value.get("display_text") or {}).get("en")) for value in values):
        return ["Lookup values Translation missing: en.errors.models.lookup.default_options_blank"]
    return []
