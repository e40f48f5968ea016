"""PATCH of a form: what is merged, what is replaced whole, what is deleted, what is dropped without a word."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from service.primero.sandbox.columns import FIELD_OPTIONS, FIELD_TEXTS, is_blank, merged
from service.primero.sandbox.http import Refusal
from service.primero.sandbox.records import Record

# A form's help text cannot be set by the API.
_FORM_TEXTS = ("name", "description")
# What a role with "manage_restricted" may change of a field.
_RESTRICTED = frozenset({"display_name", "help_text", "guiding_questions", "signature_provided_by_label"}) | {
    "option_strings_text"
}
_WITH_OPTIONS = ("select_box", "radio_button")
_REFUSED = re.compile(r"[*!@#%$^]")
_CANNOT_SAVE = "Failed to replace fields because one or more of the new records could not be saved."


class FormChange:
    """One PATCH of one form, by a user.

    Args:
        form: the form as it is kept; changed in place.
        locales: those that are enabled.
        own_locale: the user's.
        restricted: whether the user's role has "manage_restricted" only.
        new_field: gives a field its number.
    """

    def __init__(
        self,
        form: Record,
        *,
        locales: Iterable[str],
        own_locale: str,
        restricted: bool,
        new_field: Callable[[Record], Record],
    ) -> None:
        self._form = form
        self._locales = frozenset(locales)
        self._own_locale = own_locale
        self._restricted = restricted
        self._new_field = new_field

    def carry_out(self, data: Mapping[str, Any]) -> None:
        """Change the form.

        Raises:
            Refusal: 422 or 500. Fields that were not listed are gone after a 422 all the same.
        """
        changes = {
            f"{prop}_i18n": merged(self._form.get(f"{prop}_i18n"), data[prop])
            for prop in _FORM_TEXTS
            if isinstance(data.get(prop), dict)
        }
        fields = self._form["fields_attributes"]
        if isinstance(data.get("fields"), list):
            fields = self._changed_fields(data["fields"])
        self._check_form({**self._form, **changes})
        for field in fields:
            self._check_field(field)
        self._form.update(changes)
        self._form["fields_attributes"] = fields

    def _changed_fields(self, listed: list[Any]) -> list[Record]:
        """Return the fields as they would be; those that are not listed go at once."""
        stored = {field["name"]: field for field in self._form["fields_attributes"]}
        found: dict[str, Record] = {}
        for place, given in enumerate(listed):
            name = given.get("name") if isinstance(given, dict) else None
            field = found.get(name) or stored.get(name) if isinstance(name, str) else None
            if field is None:
                field = self._made(given)
            changed = self._changed_field(field, given)
            changed["order"] = given["order"] if isinstance(given.get("order"), int) else place
            found[changed["name"]] = changed
        self._form["fields_attributes"] = [field for field in stored.values() if field["name"] in found]
        return list(found.values())

    def _made(self, given: Any) -> Record:
        """Return a new field: whoever misspells a name makes one, if there is an English label."""
        label = given.get("display_name") if isinstance(given, dict) else None
        if not isinstance(given, dict) or not given.get("name") or is_blank((label or {}).get("en")):
            raise Refusal(500, _CANNOT_SAVE)
        return self._new_field({"name": given["name"], "visible": True})

    def _changed_field(self, field: Record, given: Mapping[str, Any]) -> Record:
        changed = dict(field)
        for prop in FIELD_TEXTS:
            if isinstance(given.get(prop), dict) and self._may(prop):
                changed[f"{prop}_i18n"] = merged(field.get(f"{prop}_i18n"), given[prop])
        for prop in FIELD_OPTIONS:
            if isinstance(given.get(prop), list) and self._may(prop):
                changed[f"{prop}_i18n"] = self._options(prop, given[prop])
        if isinstance(given.get("visible"), bool):
            changed["visible"] = given["visible"]
        return changed

    def _may(self, prop: str) -> bool:
        return not self._restricted or prop in _RESTRICTED

    def _options(self, prop: str, given: list[Any]) -> list[Record]:
        """Return an option list: it replaces the old one whole, and tags are always lost."""
        options = []
        for option in given:
            texts = option.get("display_text") or {}
            if prop == "option_strings_text":
                texts = {locale: text for locale, text in texts.items() if locale in self._locales}
            made: Record = {"id": option.get("id"), "display_text": texts}
            if isinstance(option.get("disabled"), bool):
                made["disabled"] = option["disabled"]
            options.append(made)
        return options

    def _check_form(self, form: Record) -> None:
        name = form.get("name_i18n") or {}
        if is_blank(name.get("en")):
            raise Refusal(422, ["errors.models.form_section.presence_of_name"], "name_en")
        # The rule looks at the name in the language of whoever is signed in.
        if _REFUSED.search(name.get(self._own_locale) or ""):
            raise Refusal(422, ["errors.models.form_section.format"], "name")

    def _check_field(self, field: Record) -> None:
        """Refuse a changed field that may not be so; the words of the first two were not measured."""
        if any(kept == field for kept in self._form["fields_attributes"]):
            return
        label = str((field.get("display_name_i18n") or {}).get("en") or "")
        if is_blank(label):
            raise Refusal(422, ["errors.models.field.display_name_presence"], "fields.display_name_en")
        if _REFUSED.search(label):
            raise Refusal(422, ["errors.models.field.display_name_format"], "fields.display_name")
        options = field.get("option_strings_text_i18n") or []
        if field.get("type") in _WITH_OPTIONS and any(
            (option["display_text"] or {}).get("en") is None for option in options
        ):
            raise Refusal(422, ["errors.models.field.option_strings_text.not_hash"], "fields.option_strings_text")
