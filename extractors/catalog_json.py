"""A catalog as JSON: what ``extract --format json`` writes, and how a snapshot is stored.

The same catalog gives the same bytes.
"""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import orjson

from extractors.errors import BadSyntax, WrongShape
from extractors.units import Catalog, FieldInfo, OptionInfo, Problem, Record, RecordKind, Unit, UnitContext, UnitKey

VERSION = 1

_EMPTY_CONTEXT = UnitContext()
_CONTEXT_FIELDS = tuple(field.name for field in fields(UnitContext))


def catalog_json(catalog: Catalog) -> bytes:
    """Return the catalog as UTF-8 JSON without white space; :func:`parse_catalog_json` gives an equal one back.

    A unit carries also its ``words`` and ``characters``; of a context only what is known is written.
    """
    document = {
        "version": VERSION,
        "format": catalog.format,
        "source_locale": catalog.source_locale,
        "locales": catalog.locales,
        "units": [_unit(unit) for unit in catalog.units],
        "records": [_record(record) for record in catalog.records],
        "problems": catalog.problems,
    }
    return orjson.dumps(document)


def parse_catalog_json(data: bytes) -> Catalog:
    """Return the catalog that :func:`catalog_json` wrote.

    Raises:
        BadSyntax: not JSON.
        WrongShape: not such a catalog, or one of another version.
    """
    document = _load(data)
    shared: dict[tuple[str, ...], dict[str, str]] = {}
    try:
        return Catalog(
            format=document["format"],
            source_locale=document["source_locale"],
            units=tuple(_parse_unit(raw, shared) for raw in document["units"]),
            records=tuple(_parse_record(raw) for raw in document["records"]),
            locales=tuple(document["locales"]),
            problems=tuple(Problem(**raw) for raw in document["problems"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise WrongShape(f"The catalog lacks a part or has an unknown one ({error}); extract it again.") from error


def parse_catalog_records(data: bytes) -> tuple[Record, ...]:
    """Return only the records of the catalog that :func:`catalog_json` wrote, in a tenth of the time of the whole.

    Raises:
        BadSyntax: not JSON.
        WrongShape: not such a catalog, or one of another version.
    """
    document = _load(data)
    try:
        return tuple(_parse_record(raw) for raw in document["records"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise WrongShape(f"The catalog lacks a part or has an unknown one ({error}); extract it again.") from error


def _load(data: bytes) -> dict[str, Any]:
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise BadSyntax(f"The catalog is not valid JSON ({error}); extract it again.") from error
    if not isinstance(document, dict) or document.get("version") != VERSION:
        raise WrongShape(f"This is not a catalog of version {VERSION}; extract it again.")
    return document


def _unit(unit: Unit) -> dict[str, Any]:
    return {
        "key": str(unit.key),
        "source": unit.source,
        "texts": unit.texts if isinstance(unit.texts, dict) else dict(unit.texts),
        "hidden": unit.hidden,
        "words": unit.words,
        "characters": unit.characters,
        "context": _context(unit.context),
    }


def _context(context: UnitContext) -> dict[str, Any]:
    values = ((name, getattr(context, name)) for name in _CONTEXT_FIELDS)
    return {name: value for name, value in values if value != getattr(_EMPTY_CONTEXT, name)}


def _record(record: Record) -> dict[str, Any]:
    # orjson writes the dataclasses below as they are; the kind is named, because an enum's value is its name here.
    written = {field.name: getattr(record, field.name) for field in fields(Record)}
    return {**written, "kind": record.kind.value}


def _parse_unit(raw: Mapping[str, Any], shared: dict[tuple[str, ...], dict[str, str]]) -> Unit:
    texts = raw["texts"]
    if not any(texts.values()):
        # Blank fillers of the API are the same for thousands of units.
        texts = shared.setdefault(tuple(texts), texts)
    context: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in raw["context"].items()
    }
    return Unit(
        key=UnitKey.parse(raw["key"]),
        source=raw["source"],
        texts=texts,
        context=UnitContext(**context) if context else _EMPTY_CONTEXT,
        hidden=raw["hidden"],
    )


def _parse_record(raw: Mapping[str, Any]) -> Record:
    first, second = raw["order"]
    return Record(
        **{
            **raw,
            "kind": RecordKind(raw["kind"]),
            "order": (first, second),
            "fields": tuple(_parse_field(each) for each in raw["fields"]),
            "options": _parse_options(raw["options"]),
        }
    )


def _parse_field(raw: Mapping[str, Any]) -> FieldInfo:
    lists = {"options": _parse_options(raw["options"]), "tally": _parse_options(raw["tally"])}
    return FieldInfo(**{**raw, **lists})


def _parse_options(raw: list[Mapping[str, Any]]) -> tuple[OptionInfo, ...]:
    return tuple(OptionInfo(**{**each, "tags": tuple(each["tags"])}) for each in raw)
