"""Reads a configuration JSON: forms and lookups are kept, everything else is counted and dropped."""

from collections.abc import Iterable, Iterator
from typing import Any

from extractors.errors import WrongShape
from extractors.json_records.texts import catalog_from
from extractors.json_records.walk import CONFIGURATION, Located, walk_records
from extractors.json_text import load_json
from extractors.parsed import Parsed, Skeleton
from extractors.problems import ProblemLog
from extractors.reading import Member
from extractors.units import RecordKind

NAME = "configuration_json"

KINDS = {"FormSection": RecordKind.FORM, "Lookup": RecordKind.LOOKUP}
"""The kinds of records that are read, as a configuration names them."""

LOCALISED_KINDS = frozenset({"Agency", "Location", "PrimeroModule", "Report", "SystemSettings"})
"""Kinds that carry texts which are not translated here yet."""


def parse(members: tuple[Member, ...], source_locale: str = "en") -> Parsed:
    """Return the catalog of one or more configuration files.

    Raises:
        BadSyntax: a file is not JSON, or a key stands twice in it.
        UnsafeInput: a file is nested absurdly deep.
        WrongShape: a file is not a configuration.
    """
    log = ProblemLog()
    located: list[Located] = []
    for member in members:
        document = load_json(member.data, member.name)
        located += locate(document, member.name)
        _note_dropped(document, member.name, log)
    found = walk_records(located, CONFIGURATION, log)
    return Parsed(catalog_from(found, NAME, source_locale, log), Skeleton(members))


def locate(document: Any, file: str) -> Iterator[Located]:
    """Yield the raw forms and lookups of a configuration document.

    Raises:
        WrongShape: the document is not a configuration.
    """
    if not isinstance(document, dict) or not KINDS.keys() & document.keys():
        message = f"{file} is not a Primero configuration: it has neither FormSection nor Lookup at its top."
        raise WrongShape(message, file=file)
    for name, kind in KINDS.items():
        records = document.get(name)
        if records is not None and not isinstance(records, list):
            raise WrongShape(f"{file}: {name} is not a list; export the configuration again.", file=file, path=name)
        for index, raw in enumerate(records or ()):
            yield Located(kind, raw, file, f"{name}[{index}]")


def _note_dropped(document: Iterable[str], file: str, log: ProblemLog) -> None:
    assert isinstance(document, dict)  # locate() has refused anything else
    for name, records in document.items():
        if name in KINDS:
            continue
        count = len(records) if isinstance(records, list) else 1
        if name in LOCALISED_KINDS:
            message = f"{count} × {name}: texts of these are out of scope for now; they were not kept."
            log.add("out-of-scope", message, file=file, path=name)
        else:
            message = f"{count} × {name}: neither forms nor lookups, they were dropped and not kept."
            log.add("dropped-records", message, file=file, path=name)
