"""Reads saved answers of ``GET /api/v2/forms`` and ``/lookups``, lists or single records."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from extractors.errors import WrongShape
from extractors.json_records.texts import catalog_from
from extractors.json_records.walk import API, Located, walk_records
from extractors.json_text import load_json
from extractors.parsed import Parsed, Skeleton
from extractors.problems import ProblemLog
from extractors.reading import Member
from extractors.units import RecordKind

NAME = "api_json"

_FORM_SIGNS = frozenset({"fields", "parent_form", "form_group_id", "is_nested"})


def parse(members: tuple[Member, ...], source_locale: str = "en") -> Parsed:
    """Return the catalog of saved answers; the ``''`` that fills every enabled locale counts as a blank text.

    Raises:
        BadSyntax: a file is not JSON, or a key stands twice in it.
        UnsafeInput: a file is nested absurdly deep.
        WrongShape: a file is not an answer with data.
    """
    log = ProblemLog()
    located: list[Located] = []
    for member in members:
        document = load_json(member.data, member.name)
        located += locate(document, member.name)
        _note_dropped(document, member.name, log)
    found = walk_records(located, API, log)
    return Parsed(catalog_from(found, NAME, source_locale, log), Skeleton(members))


def kind_of(raw: Any) -> RecordKind | None:
    """Return whether an answer's record is a form or a lookup, by its attributes; None for anything else."""
    if not isinstance(raw, dict):
        return None
    if "values" in raw:
        return RecordKind.LOOKUP
    if _FORM_SIGNS & raw.keys():
        return RecordKind.FORM
    unique_id = raw.get("unique_id")
    return RecordKind.LOOKUP if isinstance(unique_id, str) and unique_id.startswith("lookup-") else None


def records_of(document: Any, file: str) -> list[tuple[str, Any]]:
    """Return path and raw record of everything an answer holds.

    Raises:
        WrongShape: the document is not an answer with data.
    """
    data = document.get("data") if isinstance(document, dict) else None
    if isinstance(data, dict):
        return [("data", data)]
    if not isinstance(data, list):
        raise WrongShape(f"{file} is not an answer of Primero's API: it has no data; save the answer again.", file=file)
    return [(f"data[{index}]", raw) for index, raw in enumerate(data)]


def locate(document: Any, file: str) -> Iterator[Located]:
    """Yield the raw forms and lookups of an answer. Raises as :func:`records_of`."""
    for path, raw in records_of(document, file):
        kind = kind_of(raw)
        if kind is not None:
            yield Located(kind, raw, file, path)


def _note_dropped(document: Any, file: str, log: ProblemLog) -> None:
    dropped = Counter(kind_of(raw) for _, raw in records_of(document, file))[None]
    if dropped:
        message = f"{dropped} × data: neither forms nor lookups, they were dropped and not kept."
        log.add("dropped-records", message, file=file, path="data")
