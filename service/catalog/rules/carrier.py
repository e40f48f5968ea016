"""By which way a unit can reach Primero: YAML, its API, both, or none.

Facts, measured on Primero's own code: an option id that looks like a date or time is read back from its database as
one, so no YAML key matches it; its API drops the ``tags`` of every option it is sent, and replaces option sets whole; a
form's help text cannot be set by the API, a tally's labels not by YAML.
"""

import re
from collections.abc import Iterable
from enum import StrEnum

from extractors.units import Catalog, OptionInfo, RecordKind, UnitKey

_DATE_LIKE = re.compile(
    r"\d{4}-\d{2}-\d{2}"
    r"|\d{4}-\d{1,2}-\d{1,2}[T \t]+\d{1,2}:\d{2}:\d{2}(?:\.\d*)?(?:[ \t]*Z|[-+]\d{2}?(?::?\d{2})?)?",
    re.ASCII,
)


class Carrier(StrEnum):
    """The way or ways a unit can be delivered by."""

    YAML = "yaml"
    API = "api"
    BOTH = "both"
    NONE = "none"


def looks_like_date(option_id: str) -> bool:
    """Return whether Primero reads this option id from its database as a date or time, not as text."""
    return _DATE_LIKE.fullmatch(option_id) is not None


def find_tagged_sets(catalog: Catalog) -> frozenset[str]:
    """Return the option sets (``Unit.key.option_set``) of which at least one option carries tags."""
    tagged = set()
    for record in catalog.records:
        if record.kind is RecordKind.LOOKUP:
            if _has_tags(record.options):
                tagged.add(f"{record.key}/lookup_values")
            continue
        for field in record.fields:
            for prop, options in (("option_strings_text", field.options), ("tally", field.tally)):
                if _has_tags(options):
                    key = UnitKey(RecordKind.FORM, record.id, prop, field=field.name, option=options[0].id)
                    tagged.add(str(key.option_set))
    return frozenset(tagged)


def _has_tags(options: Iterable[OptionInfo]) -> bool:
    return any(option.tags for option in options)


def find_carrier(key: UnitKey, tagged_sets: frozenset[str]) -> Carrier:
    """Return by which way the unit can be delivered.

    Args:
        key: the unit.
        tagged_sets: what :func:`find_tagged_sets` found.
    """
    if key.option is None:
        only_yaml = key.kind is RecordKind.FORM and key.field is None and key.prop == "help_text"
        return Carrier.YAML if only_yaml else Carrier.BOTH
    by_yaml = key.prop != "tally" and not looks_like_date(key.option)
    by_api = key.option_set not in tagged_sets
    if by_yaml:
        return Carrier.BOTH if by_api else Carrier.YAML
    return Carrier.API if by_api else Carrier.NONE
