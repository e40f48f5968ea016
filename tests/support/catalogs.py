"""Catalogs for tests, made from a few keys and texts."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from extractors.units import Catalog, FieldInfo, OptionInfo, Record, RecordKind, Unit, UnitKey

NOTHING: Mapping[str, Mapping[str, str]] = {}


def make_catalog(
    sources: Mapping[str, str],
    *,
    texts: Mapping[str, Mapping[str, str]] = NOTHING,
    types: Mapping[str, str] | None = None,
    tagged: Collection[str] = (),
    hidden: Collection[str] = (),
    source_locale: str = "en",
) -> Catalog:
    """Return a catalog of ``{key: source text}``, with the records that the keys name.

    Args:
        texts: ``{locale: {key: text}}``, the texts of other locales.
        types: ``{form id: record type}``, ``case`` for the others.
        tagged: the keys of options that carry tags.
        hidden: the keys of units whose field is not visible.
    """
    keys = [UnitKey.parse(key) for key in sources]
    units = tuple(
        Unit(
            key,
            sources[str(key)],
            {locale: found[str(key)] for locale, found in texts.items() if str(key) in found},
            hidden=str(key) in hidden,
        )
        for key in keys
    )
    records: dict[str, Record] = {}
    for key in keys:
        record = records.get(key.record_key) or Record(
            key.kind, key.record, (types or {}).get(key.record, "case") if key.kind is RecordKind.FORM else None
        )
        records[key.record_key] = _with(record, key, tagged)
    return Catalog("configuration_json", source_locale, units, tuple(records.values()), (source_locale, *texts.keys()))


def _with(record: Record, key: UnitKey, tagged: Collection[str]) -> Record:
    option = OptionInfo(key.option, tags=("urgent",) if str(key) in tagged else ()) if key.option else None
    if key.kind is RecordKind.LOOKUP:
        return replace(record, options=(*record.options, option)) if option else record
    if key.field is None:
        return record
    fields = {field.name: field for field in record.fields}
    field = fields.get(key.field, FieldInfo(key.field))
    if option and key.prop == "tally":
        field = replace(field, tally=(*field.tally, option))
    elif option:
        field = replace(field, options=(*field.options, option))
    return replace(record, fields=tuple({**fields, key.field: field}.values()))
