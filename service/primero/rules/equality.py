"""When two answers of Primero for a form or lookup are the same, and what differs where they are not. Pure.

Equal means: the same texts by language (a text that is absent, null or ``''`` is none: the API cannot tell them apart),
options in order with id, disabled and tags, the same fields, places and settings. Times of change do not count. A text
that looks like a full timestamp may come back in the form that Primero writes such texts in.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from extractors.units import FIELD_PROPERTIES, FORM_PROPERTIES, OPTION_PROPERTIES, RecordKind, UnitKey

Record = dict[str, Any]

_IGNORED = frozenset({"created_at", "updated_at"})
_MISSING = object()
_TIME = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})[T \t]+(\d{1,2}):(\d{2}):(\d{2})(?:\.(\d*))?(?:[ \t]*Z|([-+]\d{2}(?::?\d{2})?))?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Difference:
    """One place in a record that is not as it should be. Values are as JSON; None where there is nothing."""

    path: str
    expected: Any
    found: Any

    def __str__(self) -> str:
        return f"{self.path}: {_shown(self.expected)} was expected, {_shown(self.found)} is there"


def texts_in(raw: Any) -> dict[str, Any]:
    """Return the texts of a localised property by language, without the blanks that fill it."""
    return {locale: text for locale, text in raw.items() if text not in (None, "")} if isinstance(raw, dict) else {}


def simplify(kind: RecordKind, raw: Mapping[str, Any]) -> Record:
    """Return a record as it is compared and kept: nothing that does not count, fields by their place.

    It shares parts with what it was made of: change neither.
    """
    if kind is RecordKind.LOOKUP:
        simple = _simplify_part(raw, ("name",), ("values",))
        return {**simple, "values": simple.get("values", [])}
    simple = _simplify_part({name: value for name, value in raw.items() if name != "fields"}, FORM_PROPERTIES, ())
    fields = raw.get("fields")
    parts = [
        _simplify_part(field, FIELD_PROPERTIES, OPTION_PROPERTIES) if isinstance(field, dict) else field
        for field in (fields if isinstance(fields, list) else [])
    ]
    return {**simple, "fields": sorted(parts, key=_place)}


def _place(field: Any) -> tuple[int, str]:
    if not isinstance(field, dict):
        return -1, ""
    order = field.get("order")
    return (order if isinstance(order, int) else -1), str(field.get("name"))


def _simplify_part(raw: Mapping[str, Any], props: tuple[str, ...], option_props: tuple[str, ...]) -> Record:
    simple: Record = {}
    for name, value in raw.items():
        if name in props and (value is None or isinstance(value, dict)):
            if texts := texts_in(value):
                simple[name] = texts
        elif name in option_props and isinstance(value, list):
            if value:
                simple[name] = [_simplify_option(option) for option in value]
        elif name not in _IGNORED and value is not None:
            simple[name] = value
    return simple


def _simplify_option(option: Any) -> Any:
    if not isinstance(option, dict):
        return option
    simple = {name: value for name, value in option.items() if value not in (None, False, [])}
    return {**simple, "display_text": texts_in(option.get("display_text"))}


def digest(simple: Record) -> str:
    """Return the SHA-256 of a simplified record."""
    return hashlib.sha256(json.dumps(simple, sort_keys=True).encode()).hexdigest()


def find_differences(expected: Any, found: Any, path: str = "") -> Iterator[Difference]:
    """Yield where two simplified records differ, but for texts that Primero writes as times."""
    if expected is not _MISSING and found is not _MISSING:
        if type(expected) is type(found) and expected == found:
            return
        if isinstance(expected, dict) and isinstance(found, dict):
            for name in {**expected, **found}:
                inside = f"{path}.{name}" if path else str(name)
                yield from find_differences(expected.get(name, _MISSING), found.get(name, _MISSING), inside)
            return
        if isinstance(expected, list) and isinstance(found, list):
            yield from _find_in_lists(expected, found, path)
            return
        if isinstance(expected, str) and isinstance(found, str) and as_primero_writes(expected) == found:
            return
    yield Difference(
        path, None if expected is _MISSING else expected, None if found is _MISSING else found
    )  # fmt: skip


def _find_in_lists(expected: list[Any], found: list[Any], path: str) -> Iterator[Difference]:
    names, found_names = ([_name(part) for part in parts] for parts in (expected, found))
    if names != found_names:
        yield Difference(path, names, found_names)
        return
    for name, one, other in zip(names, expected, found, strict=True):
        yield from find_differences(one, other, f"{path}[{name}]")


def _name(part: Any) -> Any:
    """Return what an entry of a list is known by: a field's name, an option's id, else itself."""
    if not isinstance(part, dict):
        return part
    return part.get("name") if isinstance(part.get("name"), str) else part.get("id")


def lies_between(before: Any, after: Any, found: Any) -> bool:
    """Return whether each part of ``found`` is as it was or as it was to be: a write that stopped half-way."""
    if found is not _MISSING and any(found == one for one in (before, after) if one is not _MISSING):
        return True
    if found is _MISSING:
        return before is _MISSING or after is _MISSING
    given = [one for one in (before, after) if one is not _MISSING]
    if isinstance(found, dict) and all(isinstance(one, dict) for one in given):
        names = {**found, **{name: None for one in given for name in one}}
        return all(lies_between(*(_get(one, name) for one in (before, after, found))) for name in names)
    if isinstance(found, list) and all(isinstance(one, list) and len(one) == len(found) for one in given):
        return all(lies_between(*parts) for parts in zip(before, after, found, strict=True))
    return False


def _get(one: Any, name: str) -> Any:
    return _MISSING if one is _MISSING else one.get(name, _MISSING)


def as_primero_writes(text: str) -> str:
    """Return a text as Primero writes it beside another one: a full timestamp in its own form, all else as it is."""
    found = _TIME.fullmatch(text)
    if found is None:
        return text
    *parts, fraction, zone = found.groups()
    try:
        year, month, day, hour, minute, second = map(int, parts)
        moment = datetime(year, month, day, hour, minute, second, tzinfo=_zone(zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return text
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{(fraction or '').ljust(3, '0')[:3]}Z"


def looks_like_time(text: str) -> bool:
    """Return whether Primero reads a text or an option's id as a full timestamp."""
    return _TIME.fullmatch(text) is not None


def _zone(text: str | None) -> timezone:
    if text is None:
        return UTC
    offset = timedelta(hours=int(text[1:3]), minutes=int(text[3:].lstrip(":") or "0"))
    return timezone(-offset if text.startswith("-") else offset)


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 200 else f"{text[:200]}…"


def text_at(kind: RecordKind, simple: Mapping[str, Any], key: UnitKey, locale: str) -> Any:
    """Return the text of a unit in a simplified record, None where there is none."""
    owner: Any = simple
    if kind is RecordKind.FORM and key.field is not None:
        owner = _find(simple.get("fields"), "name", key.field)
    if key.option is not None:
        options = owner.get("values" if key.prop == "lookup_values" else key.prop)
        return _find(options, "id", key.option).get("display_text", {}).get(locale)
    return owner.get(key.prop, {}).get(locale)


def _find(rows: Any, name: str, value: str) -> Record:
    return next((row for row in rows or () if isinstance(row, dict) and row.get(name) == value), {})
