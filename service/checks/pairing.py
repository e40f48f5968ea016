"""Pairs of texts for the checks, made of what files hold. Pure: no database is needed."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from extractors.texts import is_blank
from extractors.units import Catalog
from service.checks.findings import TextPair


@dataclass(frozen=True, slots=True)
class CataloguePairs:
    """What two catalogs of one configuration give to check in one locale.

    Attributes:
        pairs: of all units with both texts, in the order of the source.
        untranslated: by option set, the source texts of the options without a translation.
        blank: how many texts of the locale are blank.
        unknown: keys of texts that the source does not have.
        texts: how many texts of the locale there are.
    """

    pairs: Sequence[TextPair]
    untranslated: Mapping[str, Sequence[str]]
    blank: int
    unknown: Sequence[str]
    texts: int


def pair_catalogues(sources: Catalog, targets: Catalog, locale: str) -> CataloguePairs:
    """Pair the source texts of one catalog with the texts that another one has in a locale."""
    texts = {unit.key: unit.texts[locale] for unit in targets.units if locale in unit.texts}
    known = {unit.key: unit for unit in sources.units if not is_blank(unit.source)}
    pairs: list[TextPair] = []
    untranslated: dict[str, list[str]] = defaultdict(list)
    for key, unit in known.items():
        text = texts.get(key, "")
        if not is_blank(text):
            pair = TextPair.of(
                key,
                unit.source,
                text,
                locale,
                source_locale=sources.source_locale,
                field_type=unit.context.field_type,
                nested=bool(unit.context.subform_of),
            )
            pairs.append(pair)
        elif key.option_set is not None and not unit.hidden:
            untranslated[key.option_set].append(unit.source)
    blank = sum(1 for key, text in texts.items() if key in known and is_blank(text))
    return CataloguePairs(pairs, untranslated, blank, [str(key) for key in texts if key not in known], len(texts))
