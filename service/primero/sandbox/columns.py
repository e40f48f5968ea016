"""Localised columns as Primero keeps them, and what reading one does to it.

Primero reads texts that look like a full timestamp as times, and writes a column as it read it: the text comes back as
``2020-01-01T10:00:00.000Z``. A date alone comes back as it was.
"""

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

FORM_TEXTS = ("name", "description", "help_text")
FIELD_TEXTS = ("display_name", "help_text", "guiding_questions", "tick_box_label", "signature_provided_by_label")
FIELD_OPTIONS = ("option_strings_text", "tally")

_TIME = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})[T \t]+(\d{1,2}):(\d{2}):(\d{2})(?:\.(\d*))?(?:[ \t]*Z|([-+]\d{2}(?::?\d{2})?))?",
    re.ASCII,
)


def read(value: Any) -> Any:
    """Return a column as Primero has it after reading it."""
    if isinstance(value, dict):
        return {key: read(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [read(entry) for entry in value]
    return _read_text(value) if isinstance(value, str) else value


def _read_text(text: str) -> str:
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


def _zone(text: str | None) -> timezone:
    if text is None:
        return UTC
    offset = timedelta(hours=int(text[1:3]), minutes=int(text[3:].lstrip(":") or "0"))
    return timezone(-offset if text.startswith("-") else offset)


def merged(stored: Any, given: Any) -> Any:
    """Return a column of texts with those given put in, locale by locale; null and ``{}`` change nothing."""
    before = read(stored)
    texts = {**before} if isinstance(before, dict) else {}
    texts.update(given if isinstance(given, dict) else {})
    # What did not change by being read is not written.
    return stored if texts == (before or {}) else texts


def is_blank(text: Any) -> bool:
    """Return whether Primero counts a text as none."""
    return not isinstance(text, str) or not text.strip()
