"""What every format gives: the file, the names of its texts on Transifex, and what it cannot carry. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from extractors.units import RecordKind, UnitKey
from service.deployments.rules import ResourceFormat
from transifex_client.ids import string_hash


@dataclass(frozen=True, slots=True)
class Line:
    """One text of a file. ``comment`` tells translators what it is for, where the format has a place for that."""

    key: UnitKey
    text: str
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Spelling:
    """How Transifex's API writes texts: ``read`` makes ours of its, ``write`` its of ours."""

    read: Callable[[str], str]
    write: Callable[[str], str]


def _same(text: str) -> str:
    return text


PLAIN = Spelling(_same, _same)
"""A text is the text itself."""


class TextFormat(Protocol):
    """A format. What names a text on Transifex, its *string key*, depends on the unit's key alone, never on the text.

    Transifex's MD5 of the string key is in the ids of string and translations; no context enters it.
    """

    @property
    def name(self) -> ResourceFormat:
        """Return which format it is."""

    @property
    def escaped(self) -> Spelling | None:
        """Return how texts are written if Transifex keeps them as they stand in the file, None where it never does."""

    def string_key(self, key: UnitKey) -> str:
        """Return Transifex's key of the unit's text."""

    def parse_string_key(self, text: str, kind: RecordKind) -> UnitKey | None:
        """Return the unit that stands under this string key in a resource of this kind, None where none can stand."""

    def find_objection(self, text: str) -> str:
        """Return why the file cannot carry this text unharmed, in words that follow "because", "" where it can."""

    def serialize(self, lines: Iterable[Line], locale: str) -> bytes:
        """Return the file with these texts, which are not blank and have no objection, for the source locale."""

    def is_filler(self, string_key: str) -> bool:
        """Return whether the string key is of something that we put into files beside the units' texts."""

    def filler_beside(self, key: UnitKey) -> str | None:
        """Return the string key of the filler that may stand beside this unit, None where none can."""


def unit_hash(text_format: TextFormat, key: UnitKey) -> str:
    """Return the hash by which Transifex names the unit's text within its resource."""
    return string_hash(text_format.string_key(key))
