"""Who did how much: totals of a project, and the report of each person and language. Words are those of the source."""

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from transifex_client.documents import Item
from transifex_client.errors import UnexpectedAnswer

# Transifex documents none of the names: these are what its pages and other people's scripts call the columns.
_USER = ("user", "username", "user_name", "collaborator", "translator", "member")
_LANGUAGE = ("language_code", "language", "lang", "locale")
_NEW = (
    "new_words",
    "words_new",
    "new",
    "translated_words_new",
    "new_translated_words",
    "translated_words",
    "translated",
)
_EDITED = ("edited_words", "words_edited", "edited", "edits", "translated_words_edited")
_REVIEWED = ("reviewed_words", "words_reviewed", "reviewed", "reviews", "reviewed_words_total")
_PROOFREAD = ("proofread_words", "words_proofread", "proofread", "proofread_words_total")
_COUNT = re.compile(r"\d{1,3}(,\d{3})+|\d{1,15}(\.0+)?")


@dataclass(frozen=True, slots=True)
class LocalizationActivity:
    """How many source words were translated, reviewed and proofread in a project between two days."""

    new_words: int
    edited_words: int
    translated_words: int
    reviewed_words: int
    proofread_words: int


@dataclass(frozen=True, slots=True)
class ActivityRow:
    """How many source words one person did in one language. ``others`` are the columns that we do not know."""

    username: str
    language: str
    new_words: int = 0
    edited_words: int = 0
    reviewed_words: int = 0
    proofread_words: int = 0
    others: Mapping[str, str] = field(default_factory=dict)


def add_localization_activity(items: tuple[Item, ...]) -> LocalizationActivity:
    """Return the sum of the totals in an answer, which may give one or, as other lists do, several."""
    return LocalizationActivity(
        new_words=sum(_words(item, "translated_words", "new") for item in items),
        edited_words=sum(_words(item, "translated_words", "edited") for item in items),
        translated_words=sum(_words(item, "translated_words", "total") for item in items),
        reviewed_words=sum(_words(item, "reviewed_words", "total") for item in items),
        proofread_words=sum(_words(item, "proofread_words", "total") for item in items),
    )


def _words(item: Item, name: str, part: str) -> int:
    counts = item.attributes.get(name)
    if not isinstance(counts, dict):
        return item.wrong(name, "object")
    count = counts.get(part)
    if count is None:
        return 0
    return count if isinstance(count, int) and not isinstance(count, bool) else item.wrong(name, "whole number")


def parse_activity_report(content: bytes) -> tuple[ActivityRow, ...]:
    """Return the rows of an activity report, a CSV file whose columns are found by their names.

    Columns that are not there count as 0, columns that are not known go to ``others``; a column is known by any of a
    few names, because Transifex documents none.

    Raises:
        UnexpectedAnswer: it is not a CSV file in UTF-8, names no user or no language, or holds a count that is none.
    """
    try:
        rows = [row for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True) if row]
    except (UnicodeDecodeError, csv.Error) as error:
        raise UnexpectedAnswer("Transifex's activity report is not a CSV file in UTF-8.") from error
    if not rows:
        return ()
    names = [re.sub(r"[^a-z0-9]+", "_", name.strip().lower()).strip("_") for name in rows[0]]
    return tuple(_read_row(names, rows[0], row) for row in rows[1:])


def _read_row(names: list[str], titles: list[str], row: list[str]) -> ActivityRow:
    cells = dict(zip(names, row, strict=False))
    username, language = _take(cells, _USER), _take(cells, _LANGUAGE)
    if username is None or language is None:
        raise UnexpectedAnswer(
            f"Transifex's activity report has no column for the user or the language, only: {', '.join(titles)[:200]}."
        )
    new, edited, reviewed, proofread = (_count(_take(cells, known)) for known in (_NEW, _EDITED, _REVIEWED, _PROOFREAD))
    by_name = dict(zip(names, titles, strict=True))
    others = {by_name[name]: value for name, value in cells.items()}
    return ActivityRow(username, language, new, edited, reviewed, proofread, others)


def _take(cells: dict[str, str], known: tuple[str, ...]) -> str | None:
    """Return the cell under the first of these names that is there, and take it away."""
    return next((cells.pop(name).strip() for name in known if name in cells), None)


def _count(text: str | None) -> int:
    if not text:
        return 0
    if not _COUNT.fullmatch(text):
        raise UnexpectedAnswer(f"Transifex's activity report holds {text[:40]!r} where a number of words should stand.")
    return int(text.partition(".")[0].replace(",", ""))
