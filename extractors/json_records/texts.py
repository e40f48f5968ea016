"""Reads the texts of the slots into a catalog, and writes a catalog's texts back into them."""

from collections.abc import Iterable
from typing import Any

from extractors.building import Draft, build_catalog
from extractors.json_records.walk import FoundRecord, Slot
from extractors.problems import ProblemLog
from extractors.texts import clean_text, is_blank
from extractors.units import Catalog, RecordKind, Unit


def catalog_from(found: list[FoundRecord], format_name: str, source_locale: str, log: ProblemLog) -> Catalog:
    """Return the catalog of the records found; what has no text in any locale is no unit."""
    draft = Draft(records=[item.record for item in found])
    for item in found:
        if item.record.kind is RecordKind.FORM:
            draft.modules[item.record.id] = item.modules
        for slot in item.slots:
            texts = _read_slot(slot, log)
            for locale in texts:
                draft.locales.setdefault(locale)
            if any(texts.values()) and not all(is_blank(text) for text in texts.values()):
                draft.texts[slot.key] = texts
    return build_catalog(format_name, source_locale, draft, log)


def put_back(found: Iterable[FoundRecord], catalog: Catalog) -> None:
    """Write the catalog's texts into the slots, touching only those that differ from what stands there."""
    units = {unit.key: unit for unit in catalog.units}
    for item in found:
        for slot in item.slots:
            unit = units.get(slot.key)
            if unit is not None:
                _write_slot(slot, unit, catalog.source_locale)


def _read_slot(slot: Slot, log: ProblemLog) -> dict[str, str]:
    raw = slot.owner.get(slot.attribute)
    if raw is None:
        return {}
    if not isinstance(raw, dict):
        message = f"{slot.key} is not a mapping of locales to texts; it was left out."
        log.add("not-text", message, file=slot.file, path=slot.path)
        return {}
    texts: dict[str, str] = {}
    for raw_locale, text in raw.items():
        locale = clean_text(raw_locale)
        if text is None:
            texts[locale] = ""
        elif isinstance(text, str):
            texts[locale] = log.clean(text, file=slot.file, path=f"{slot.path}.{locale}") if text else ""
        else:
            message = f"{slot.key} is not a text but {_kind(text)}; it was left out: enter it as a text in Primero."
            log.add("not-text", message, file=slot.file, path=f"{slot.path}.{locale}")
    return texts


def _write_slot(slot: Slot, unit: Unit, source_locale: str) -> None:
    raw = slot.owner.get(slot.attribute)
    if raw is None:
        raw = {}
    elif not isinstance(raw, dict):
        return
    wanted = {source_locale: unit.source, **unit.texts}
    for locale, text in list(raw.items()):
        if text is not None and not isinstance(text, str):
            wanted.pop(clean_text(locale), None)
            continue
        new = wanted.pop(clean_text(locale), None)
        if new is None:
            del raw[locale]
        elif new != clean_text(text or ""):
            raw[locale] = new
    raw.update({locale: text for locale, text in wanted.items() if text})
    if raw:
        slot.owner[slot.attribute] = raw


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, int | float):
        return "a number"
    return "a list" if isinstance(value, list) else "a mapping"
