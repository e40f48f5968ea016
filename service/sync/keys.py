"""Which resource on Transifex a unit's text lies in: pure. A form's texts lie in one of their own, all lookups in one.

How a text is named within its resource is a matter of the format: :mod:`service.sync.rules.formats`.
"""

import hashlib

from extractors.units import RecordKind, UnitKey
from extractors.writing import LOOKUP_STEM, file_stem

MAX_SLUG = 50

_DIGITS = 12


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
