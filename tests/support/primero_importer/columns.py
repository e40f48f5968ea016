"""How a localised column of Primero (PostgreSQL jsonb) is read into Ruby and written back.

Reading is not neutral: Primero lets ActiveSupport parse times in JSON, so every *value* that looks like a date or a
full timestamp is read as one. A date is written back as it was; a timestamp comes back as 2020-01-01T10:00:00.000Z.
"""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, TypeAlias

from tests.support.primero_importer.ruby import RubyError, RubyHash, Symbol, to_s

Json: TypeAlias = Any
"""A value of a jsonb column: None, bool, int, float, str, and lists and mappings of these."""

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIMESTAMP = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})[T \t]+(?P<hour>\d{1,2}):(?P<minute>\d{2}):(?P<second>\d{2})"
    r"(?:\.(?P<fraction>[0-9]*))?(?:[ \t]*Z|(?P<zone>[-+]\d{2}(?::\d{2})?))?",
    re.ASCII,
)


def read_column(stored: object) -> object:
    """Return the column as Ruby sees it: texts that look like dates and timestamps are `date` and `datetime`."""
    if isinstance(stored, dict):
        return {key: read_column(value) for key, value in stored.items()}
    if isinstance(stored, list):
        return [read_column(value) for value in stored]
    return _read_text(stored) if isinstance(stored, str) else stored


def _read_text(text: str) -> object:
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
        found = _TIMESTAMP.fullmatch(text)
        return _read_timestamp(found) if found else text
    except ValueError:
        return text


def _read_timestamp(found: re.Match[str]) -> datetime:
    parts = [int(found[name]) for name in ("year", "month", "day", "hour", "minute", "second")]
    microseconds = int((found["fraction"] or "0").ljust(6, "0")[:6])
    year, month, day, hour, minute, second = parts
    zone = timezone(_read_offset(found["zone"])) if found["zone"] else UTC
    return datetime(year, month, day, hour, minute, second, microseconds, zone).astimezone(UTC)


def _read_offset(zone: str) -> timedelta:
    hours, _, minutes = zone[1:].partition(":")
    offset = timedelta(hours=int(hours), minutes=int(minutes or "0"))
    return -offset if zone.startswith("-") else offset


def write_column(value: object) -> Json:
    """Return the JSON that Rails stores for a value: symbols by name, NaN and infinity as null, keys as texts."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%S}.{value.microsecond // 1000:03d}Z"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Symbol):
        return value.name
    if isinstance(value, RubyHash):
        return {to_s(key): write_column(item) for key, item in value.items()}
    if isinstance(value, dict):
        return {key: write_column(item) for key, item in value.items()}
    if isinstance(value, list):
        return [write_column(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    assert value is None or isinstance(value, bool | int | str), value
    return value


def same(one: object, other: object) -> bool:
    """Compare two JSON values as JSON: 1, 1.0 and true differ, the order of keys does not count."""
    return canonical(one) == canonical(other)


def canonical(value: object) -> str:
    """Write a JSON value so that equal texts mean equal values."""
    return json.dumps(value, sort_keys=True)


def refuse_nul(stored: object) -> None:
    """Raise what PostgreSQL answers when a text or key with NUL is to be stored as jsonb."""
    if "\\u0000" in json.dumps(stored).replace("\\\\", ""):
        message = "PG::UntranslatableCharacter: ERROR:  unsupported Unicode escape sequence"
        raise RubyError("ActiveRecord::StatementInvalid", message)
