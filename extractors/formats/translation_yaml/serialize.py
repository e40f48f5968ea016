"""Puts a catalog's texts back into the translation files they were read from."""

from extractors.formats.translation_yaml.walk import Document, Slot, Walk, load_documents
from extractors.parsed import Skeleton
from extractors.problems import ProblemLog
from extractors.reading import Member
from extractors.texts import clean_text, is_blank
from extractors.units import Catalog, Unit, UnitKey
from extractors.writing import place_text, yaml_members
from extractors.yaml_text import dump_yaml


def serialize(catalog: Catalog, skeleton: Skeleton) -> tuple[Member, ...]:
    """Return the files with the catalog's texts, every key and value quoted; comments are not kept.

    Texts of the catalog without a place are added: to the file that holds their form or lookup in their locale, else
    in new files ``LOCALE/STEM.yml``.
    """
    walk = Walk(ProblemLog())
    documents: list[Document] = []
    for document in load_documents(skeleton.members):
        documents.append(document)
        walk.add(document)
    units = {unit.key: unit for unit in catalog.units}
    for slot in walk.slots:
        unit = units.get(slot.key)
        if unit is not None:
            _write(slot, _text(unit, slot.locale, catalog.source_locale))
    new = _add_missing(catalog, walk)
    return tuple(Member(document.file, dump_yaml(document.tree).encode()) for document in documents) + new


def _text(unit: Unit, locale: str, source_locale: str) -> str | None:
    return unit.source if locale == source_locale else unit.texts.get(locale)


def _write(slot: Slot, text: str | None) -> None:
    old = slot.owner[slot.attribute]
    if text is None:
        del slot.owner[slot.attribute]
    elif text != (clean_text(old) if isinstance(old, str) else ""):
        slot.owner[slot.attribute] = text


def _add_missing(catalog: Catalog, walk: Walk) -> tuple[Member, ...]:
    placed = {(slot.key, slot.locale) for slot in walk.slots}
    homeless: dict[str, list[tuple[UnitKey, str | None]]] = {}
    for unit in catalog.units:
        for locale, text in ((catalog.source_locale, unit.source), *unit.texts.items()):
            if is_blank(text) or (unit.key, locale) in placed:
                continue
            home = walk.record_places.get((locale, unit.key.kind, unit.key.record))
            if home is None:
                homeless.setdefault(locale, []).append((unit.key, text))
            else:
                place_text(home, unit.key, text)
    return tuple(
        Member(f"{locale}/{member.name}", member.data)
        for locale, texts in homeless.items()
        for member in yaml_members(texts, locale, tally=True)
    )
