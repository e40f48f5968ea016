"""What every format reader of the sandbox gives and takes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


class ParseTrouble(Exception):
    """The file cannot be used; the message is what the failed job's detail says."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One text of a file. ``strings`` holds ``other`` alone, or one text for each plural category."""

    key: str
    strings: Mapping[str, str]
    context: str = ""
    pluralized: bool = False
    developer_comment: str | None = None
    occurrences: str | None = None
    character_limit: int | None = None


@dataclass(frozen=True, slots=True)
class Filling:
    """What to write into a file.

    Attributes:
        language: the code of the language the file is for.
        categories: its plural categories.
        source_categories: those of the source language.
        texts: the texts to write, by (key, context); what is missing counts as untranslated.
        limits: character limits by (key, context), for formats that carry them.
        keeps_template: write the source file again with other texts; otherwise the given texts alone.
    """

    language: str
    categories: Sequence[str]
    source_categories: Sequence[str]
    texts: Mapping[tuple[str, str], Mapping[str, str]]
    limits: Mapping[tuple[str, str], int]
    keeps_template: bool


class Parse(Protocol):
    """Reads a file: its text, the plural categories of its language, and whether it is the source file."""

    def __call__(self, text: str, categories: Sequence[str], *, source: bool) -> list[Entry]:
        """Return the entries in the order of the file.

        Raises:
            ParseTrouble: the file cannot be used.
        """


@dataclass(frozen=True, slots=True)
class Format:
    """A file format."""

    name: str
    description: str
    extensions: tuple[str, ...]
    parse: Parse
    compile: Callable[[str, Filling], str]
