"""The front door: members in, catalog out, whatever their format."""

from collections import Counter

from extractors.detect import detect
from extractors.errors import NoSourceTexts
from extractors.formats import FORMATS
from extractors.parsed import Parsed, Skeleton
from extractors.reading import Member
from extractors.texts import is_blank
from extractors.units import Catalog


def load(members: tuple[Member, ...], source_locale: str = "en") -> Parsed:
    """Return the catalog of the members, whose format is told by their contents.

    Raises:
        ExtractionError: one of its leaves, when the input cannot be used at all.
    """
    return FORMATS[detect(members)].parse(members, source_locale)


def load_source(members: tuple[Member, ...], source_locale: str = "en") -> Parsed:
    """Return the catalog of a configuration source: as :func:`load`, and it must have texts in the source locale.

    Raises:
        NoSourceTexts: there is no text in the source locale; the message says in which locales there are some.
        ExtractionError: one of its other leaves, when the input cannot be used at all.
    """
    parsed = load(members, source_locale)
    if not any(True for _ in parsed.catalog.translatable(include_hidden=True)):
        file = members[0].name
        raise NoSourceTexts(_no_source(parsed.catalog, file), file=file)
    return parsed


def save(catalog: Catalog, skeleton: Skeleton) -> tuple[Member, ...]:
    """Return the files of a loaded input with the texts of the catalog, in the catalog's format."""
    return FORMATS[catalog.format].serialize(catalog, skeleton)


def _no_source(catalog: Catalog, file: str) -> str:
    counts = Counter(locale for unit in catalog.units for locale, text in unit.texts.items() if not is_blank(text))
    found = ", ".join(f"{locale} ({count:,})" for locale, count in counts.most_common(10))
    where = f"it has texts in {found}" if found else "it has no texts at all"
    return (
        f"{file} has no text in the source locale {catalog.source_locale}, {where}; give the source or name its locale."
    )
