"""Where a unit stands on Transifex, and which unit stands at a place there: pure, both directions.

A form's texts lie in a resource of their own, all lookups in one, as translation YAML. Transifex names a text by its
path below the root key, joined by dots, and calls that the *string key*; its MD5 is in the ids of string and
translations.
"""

import hashlib
from collections.abc import Sequence

from extractors.units import (
    FIELD_PROPERTIES,
    FORM_PROPERTIES,
    LOOKUP_OPTION_PROPERTY,
    LOOKUP_PROPERTIES,
    OPTION_PROPERTIES,
    RecordKind,
    UnitKey,
)
from extractors.writing import LOOKUP_STEM, file_stem
from transifex_client.ids import escape_yml_key, string_hash

BRIDGE_KEY = "_bridge"
"""A key with an empty text that we set beside options whose ids could be read as plural forms; never a unit's."""

MAX_SLUG = 50

_DOT = "<TX_DOT>"
_DIGITS = 12


def yaml_path(key: UnitKey) -> tuple[str, ...]:
    """Return the path of the unit's text in translation YAML, below the root key (the locale)."""
    parts: list[str] = [key.record]
    if key.field is not None:
        parts += ["fields", key.field]
    parts.append(key.prop)
    if key.option is not None:
        parts.append(key.option)
    return tuple(parts)


def string_key(key: UnitKey) -> str:
    """Return Transifex's key of the unit's text: its path, joined by dots, a dot within a part as ``<TX_DOT>``."""
    return escape_yml_key(yaml_path(key))


def unit_hash(key: UnitKey) -> str:
    """Return the hash by which Transifex names the unit's text within its resource."""
    return string_hash(string_key(key))


def parse_string_key(text: str, kind: RecordKind) -> UnitKey | None:
    """Return the unit that stands under this string key in a resource of this kind, None where none can stand.

    An id that itself holds the letters ``<TX_DOT>`` cannot be told from one with a dot.
    """
    parts = [part.replace(_DOT, ".") for part in text.split(".")]
    return _lookup_key(parts) if kind is RecordKind.LOOKUP else _form_key(parts)


def _form_key(parts: Sequence[str]) -> UnitKey | None:
    match parts:
        case [record, prop] if prop in FORM_PROPERTIES:
            return UnitKey(RecordKind.FORM, record, prop)
        case [record, "fields", name, prop] if prop in FIELD_PROPERTIES:
            return UnitKey(RecordKind.FORM, record, prop, field=name)
        case [record, "fields", name, prop, option] if prop in OPTION_PROPERTIES:
            return UnitKey(RecordKind.FORM, record, prop, field=name, option=option)
    return None


def _lookup_key(parts: Sequence[str]) -> UnitKey | None:
    match parts:
        case [record, prop] if prop in LOOKUP_PROPERTIES:
            return UnitKey(RecordKind.LOOKUP, record, prop)
        case [record, prop, option] if prop == LOOKUP_OPTION_PROPERTY:
            return UnitKey(RecordKind.LOOKUP, record, prop, option=option)
    return None


def bridge_hash(key: UnitKey) -> str:
    """Return the hash that the string under :data:`BRIDGE_KEY` beside this option would have."""
    return string_hash(escape_yml_key((*yaml_path(key)[:-1], BRIDGE_KEY)))


def is_bridge_key(text: str) -> bool:
    """Return whether a string key ends in :data:`BRIDGE_KEY`, which names no unit."""
    return text.rpartition(".")[2] == BRIDGE_KEY


def resource_record(key: UnitKey) -> str:
    """Return what the unit's resource stands for: ``form/ID``, or ``lookup`` for all lookups together."""
    return LOOKUP_STEM if key.kind is RecordKind.LOOKUP else key.record_key


def resource_slug(key: UnitKey) -> str:
    """Return the slug of the resource that the unit's text lies in: the name of its file, cut to what Transifex takes.

    The same record always gives the same slug, different records different ones; at most 50 of ``A-Za-z0-9_-``.
    """
    stem = file_stem(key.kind, key.record)
    if len(stem) <= MAX_SLUG:
        return stem
    digest = hashlib.sha256(key.record.encode()).hexdigest()[:_DIGITS]
    return f"{stem[: MAX_SLUG - _DIGITS - 1].rstrip('-')}-{digest}"
