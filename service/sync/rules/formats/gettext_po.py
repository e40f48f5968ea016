r"""PO, gettext's format. Pure.

An entry's msgid is the unit's canonical key and its msgstr the source text: a changed text keeps its name. There is no
msgctxt, which would enter the name. Transifex's key is the msgid with ``\`` and ``:`` escaped; canonical keys hold
neither. Its handler takes a source in which every msgstr is filled for one whose msgids are keys.
"""

import re
from collections.abc import Iterable

import polib

from extractors.units import RecordKind, UnitKey
from extractors.writing import dump_po, new_po
from service.deployments.rules import ResourceFormat
from service.sync.rules.formats.keyed import WithoutFillers, parse_canonical
from service.sync.rules.formats.model import Line

_UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x85\u2028\u2029]")
"""Readers of PO part a file into lines at some of these, and have no common escape for the others."""


class Po(WithoutFillers):
    """PO. What tells translators what a text is for stands in its extracted comments (``#.``)."""

    name = ResourceFormat.PO
    escaped = None

    def string_key(self, key: UnitKey) -> str:
        """Return the canonical key."""
        return str(key)

    def parse_string_key(self, text: str, kind: RecordKind) -> UnitKey | None:
        """Return the unit with this canonical key, None for another text or another kind."""
        return parse_canonical(text, kind)

    def find_objection(self, text: str) -> str:
        """Return why PO cannot carry the text."""
        found = _UNSAFE.search(text)
        if found is None:
            return ""
        return f"it holds the character U+{ord(found[0]):04X}, at which readers of PO break a text in two"

    def serialize(self, lines: Iterable[Line], locale: str) -> bytes:
        """Return the file with these texts."""
        file = new_po(locale)
        for line in lines:
            # Not file.append(), which looks every earlier entry up.
            list.append(file, polib.POEntry(msgid=str(line.key), msgstr=line.text, comment=line.comment))
        return dump_po(file)
