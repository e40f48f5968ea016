"""PATCH of a lookup: the name is merged by locale, values are replaced one by one and move to the front."""

from collections.abc import Mapping
from typing import Any

from service.primero.sandbox.columns import is_blank, merged, read
from service.primero.sandbox.http import Refusal
from service.primero.sandbox.records import Record

_VALUES = "lookup_values_i18n"


def change_lookup(lookup: Record, data: Mapping[str, Any]) -> None:
    """Change a lookup in place.

    Raises:
        Refusal: 422, and nothing is changed: values that are no list, or a value without an English text.
    """
    values = data.get("values")
    if values is not None and not isinstance(values, list):
        raise Refusal(422, "Invalid Record JSON", ["/values"])
    changed = dict(lookup)
    if isinstance(data.get("name"), dict):
        changed["name_i18n"] = merged(lookup.get("name_i18n"), data["name"])
    if values:
        changed[_VALUES] = _values(read(lookup.get(_VALUES) or []), values)
        if any(is_blank((value.get("display_text") or {}).get("en")) for value in changed[_VALUES]):
            words = "Translation missing: en.errors.models.lookup.default_options_blank"
            raise Refusal(422, [words], "lookup_values")
    lookup.update(changed)


def _values(stored: list[Record], sent: list[Record]) -> list[Record]:
    """Return the values sent, in their order, then those that were not; tags are lost, of two the first counts."""
    found: dict[object, Record] = {}
    for value in sent:
        made: Record = {"id": value.get("id"), "display_text": value.get("display_text") or {}}
        if isinstance(value.get("disabled"), bool):
            made["disabled"] = value["disabled"]
        found.setdefault(made["id"], made)
    deleted = {value.get("id") for value in sent if value.get("_delete") is True}
    rest = [value for value in stored if value["id"] not in found]
    return [value for key, value in found.items() if key not in deleted] + rest
