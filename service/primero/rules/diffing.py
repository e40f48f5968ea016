"""What a bundle would change on an instance, what two bundles differ in, and whether an export holds a bundle. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from extractors.texts import clean_text, is_blank, text_hash
from extractors.units import Catalog, Unit, UnitKey
from service.bundles.reading import OpenBundle
from service.catalog.rules.carrier import Carrier, find_carrier, find_tagged_sets
from service.catalog.rules.drift import show_word_diff
from service.primero.rules.reasons import Why

TRANSLATION_YAML = "translation_yaml"


class Change(StrEnum):
    """What becomes of one text."""

    SAME = "same"
    ADDED = "added"
    CHANGED = "changed"
    CLEARED = "cleared"
    UNKNOWN_THERE = "unknown-there"
    NOT_VISIBLE = "not-visible"
    NOT_DELIVERABLE = "not-deliverable"
    SOURCE_CHANGED = "source-changed"


class Verdict(StrEnum):
    """Whether a text of a bundle stands in an export."""

    VERIFIED = "verified"
    DIFFERS = "differs"
    NOT_VISIBLE = "not-visible"


@dataclass(frozen=True, slots=True)
class TextDiff:
    """One text: what stands there or stood before, and what is given; None for nothing."""

    key: str
    change: Change
    before: str | None
    after: str | None

    @property
    def words(self) -> str:
        """Return the difference word by word."""
        return show_word_diff(self.before or "", self.after or "")


@dataclass(frozen=True, slots=True)
class VerifiedText:
    """One text of a bundle, beside what an export shows of it."""

    key: str
    verdict: Verdict
    given: str | None
    found: str | None


def diff_with_instance(bundle: OpenBundle, catalog: Catalog) -> list[TextDiff]:
    """Return what becomes of each text of a bundle on an instance, whose configuration the catalog is."""
    units = {str(unit.key): unit for unit in catalog.units}
    tagged = find_tagged_sets(catalog)
    locale = bundle.manifest.locale
    found = []
    for key, given in bundle.texts.items():
        unit = units.get(key)
        before = None if unit is None else _text(unit, locale, catalog)
        change = _change_there(given.key, unit, catalog, tagged, bundle.records[key].source_hash)
        found.append(TextDiff(key, change or _change(before, given.text), before, given.text))
    return found


def _change_there(
    key: UnitKey, unit: Unit | None, catalog: Catalog, tagged: frozenset[str], source_hash: str
) -> Change | None:
    """Return what keeps a text from arriving, None where nothing does."""
    if unit is None:
        # Primero's own export shows neither hidden fields nor tallies, nor forms that are in no module.
        return Change.NOT_VISIBLE if catalog.format == TRANSLATION_YAML else Change.UNKNOWN_THERE
    if not is_blank(unit.source) and text_hash(clean_text(unit.source)) != source_hash:
        return Change.SOURCE_CHANGED
    return Change.NOT_DELIVERABLE if find_carrier(key, tagged) is Carrier.NONE else None


def diff_bundles(old: OpenBundle, new: OpenBundle) -> list[TextDiff]:
    """Return what differs from one bundle to another: texts only in the old one are cleared."""
    texts = {key: given.text for key, given in new.texts.items()}
    before = {key: given.text for key, given in old.texts.items()}
    keys = [*texts, *(key for key in before if key not in texts)]
    return [TextDiff(key, _change(before.get(key), texts.get(key)), before.get(key), texts.get(key)) for key in keys]


def verify_export(bundle: OpenBundle, catalog: Catalog) -> list[VerifiedText]:
    """Return for each text of a bundle whether an export of the instance holds it.

    A translation file shows no hidden fields, no tallies and not every form: what it does not name is not visible. In a
    configuration or in saved answers of the API everything stands, so what is missing there differs.
    """
    units = {str(unit.key): unit for unit in catalog.units}
    locale = bundle.manifest.locale
    found = []
    for key, given in bundle.texts.items():
        unit = units.get(key)
        if unit is None and catalog.format == TRANSLATION_YAML:
            found.append(VerifiedText(key, Verdict.NOT_VISIBLE, given.text, None))
            continue
        there = None if unit is None else _text(unit, locale, catalog)
        verdict = Verdict.VERIFIED if _change(there, given.text) is Change.SAME else Verdict.DIFFERS
        found.append(VerifiedText(key, verdict, given.text, there))
    return found


def count_changes(rows: Iterable[TextDiff]) -> Mapping[Change, int]:
    """Return how many texts there are of each change, in the order of the changes."""
    counts = Counter(row.change for row in rows)
    return {change: counts[change] for change in Change if counts[change]}


def _text(unit: Unit, locale: str, catalog: Catalog) -> str | None:
    text = unit.source if locale == catalog.source_locale else unit.texts.get(locale)
    return None if is_blank(text) else text


def _change(before: str | None, after: str | None) -> Change:
    if before is None or is_blank(before):
        return Change.SAME if after is None else Change.ADDED
    if after is None:
        return Change.CLEARED
    return Change.SAME if text_hash(clean_text(before)) == text_hash(after) else Change.CHANGED


WHYS = {
    Change.UNKNOWN_THERE: Why.UNKNOWN,
    Change.NOT_DELIVERABLE: Why.NO_CARRIER,
    Change.SOURCE_CHANGED: Why.SOURCE_CHANGED,
}
"""Why a text does not arrive, for the changes that are none."""
