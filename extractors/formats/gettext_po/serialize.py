"""Puts a catalog's texts back into the PO files they were read from."""

from dataclasses import replace

from extractors.formats.gettext_po.parse import translation_of
from extractors.formats.gettext_po.walk import Slot, load_documents, walk_document
from extractors.parsed import Skeleton
from extractors.problems import ProblemLog
from extractors.reading import Member
from extractors.texts import is_blank
from extractors.units import Catalog, Unit, UnitKey
from extractors.writing import dump_po, po_members


def serialize(catalog: Catalog, skeleton: Skeleton) -> tuple[Member, ...]:
    """Return the files with the catalog's texts: entries, flags, comments and headers are kept, line wraps are not.

    A changed translation is no longer fuzzy. Translations without an entry are added in new files ``LOCALE/STEM.po``.
    """
    units = {unit.key: unit for unit in catalog.units}
    placed: set[tuple[UnitKey, str]] = set()
    members: list[Member] = []
    log = ProblemLog()
    for document in load_documents(skeleton.members):
        for slot in walk_document(document, log):
            unit = units.get(slot.key)
            placed.add((slot.key, slot.locale))
            if unit is not None:
                _write(slot, unit, catalog.source_locale)
        members.append(Member(document.file, dump_po(document.po)))
    return tuple(members) + _missing(catalog, placed)


def _write(slot: Slot, unit: Unit, source_locale: str) -> None:
    if unit.source:
        slot.entry.msgid = unit.source
    if slot.locale in ("", source_locale):
        return
    text = unit.texts.get(slot.locale, "")
    if text != translation_of(slot):
        slot.entry.msgstr = text
        slot.entry.flags = [flag for flag in slot.entry.flags if flag != "fuzzy"]


def _missing(catalog: Catalog, placed: set[tuple[UnitKey, str]]) -> tuple[Member, ...]:
    homeless: dict[str, list[Unit]] = {}
    for unit in catalog.units:
        for locale, text in unit.texts.items():
            if not is_blank(text) and (unit.key, locale) not in placed:
                homeless.setdefault(locale, []).append(unit)
    return tuple(
        Member(f"{locale}/{member.name}", member.data)
        for locale, units in homeless.items()
        for member in po_members(replace(catalog, units=tuple(units)), locale, include_hidden=True)
    )
