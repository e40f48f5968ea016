"""Putting the texts of a bundle into a configuration JSON, for whoever promotes configurations that way. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from extractors.formats.configuration_json.parse import NAME as CONFIGURATION_JSON
from extractors.load import load, save
from extractors.reading import Member
from extractors.texts import clean_text, is_blank, text_hash
from extractors.units import Catalog, Unit
from service.bundles.reading import OpenBundle
from service.errors import BadInput, Refused
from service.primero.plan import LeftOut
from service.primero.rules.reasons import Why

WARNING = (
    "Applying a configuration destroys every form, lookup and report that it does not name, and Primero swallows the "
    "errors it meets on the way: make a backup first, and verify afterwards."
)
"""What everybody hears who asks for this."""

_NAMED = 10


@dataclass(frozen=True, slots=True)
class Merged:
    """A configuration with the texts of a bundle. ``written``: how many texts are others than before."""

    data: bytes
    written: int
    unchanged: int
    left_out: tuple[LeftOut, ...]


def merge_bundle(bundle: OpenBundle, configuration: Member, target: Catalog) -> Merged:
    """Return the configuration with the bundle's texts in it; everything else is as it was.

    Args:
        bundle: whose texts.
        configuration: a configuration JSON.
        target: what the instance holds that it will be applied to.

    Raises:
        BadInput: it is no configuration JSON.
        Refused: its forms and lookups are not those of the target, and applying it would destroy some of them.
    """
    parsed = load((configuration,), bundle.manifest.source_locale)
    if parsed.catalog.format != CONFIGURATION_JSON:
        raise BadInput(f"{configuration.name} is no configuration JSON (FormSection, Lookup).")
    _require_same_records(parsed.catalog, target)
    left_out, written, unchanged = [], 0, 0
    units: dict[str, Unit] = {str(unit.key): unit for unit in parsed.catalog.units}
    for key, given in bundle.texts.items():
        unit = units.get(key)
        why = _obstacle(unit, bundle.records[key].source_hash)
        if unit is None or why is not None:
            left_out.append(LeftOut(key, why or Why.UNKNOWN))
            continue
        texts = _with(unit.texts, bundle.manifest.locale, given.text)
        written, unchanged = (written, unchanged + 1) if texts == unit.texts else (written + 1, unchanged)
        units[key] = replace(unit, texts=texts)
    (member,) = save(replace(parsed.catalog, units=tuple(units.values())), parsed.skeleton)
    return Merged(member.data, written, unchanged, tuple(left_out))


def _obstacle(unit: Unit | None, source_hash: str) -> Why | None:
    if unit is None or is_blank(unit.source):
        return Why.UNKNOWN
    return None if text_hash(clean_text(unit.source)) == source_hash else Why.SOURCE_CHANGED


def _with(texts: Mapping[str, str], locale: str, text: str | None) -> dict[str, str]:
    changed = {name: value for name, value in texts.items() if name != locale}
    if text is None:
        return changed
    before = texts.get(locale)
    same = before is not None and not is_blank(before) and text_hash(clean_text(before)) == text_hash(text)
    return {**texts} if same else {**changed, locale: text}


def _require_same_records(configuration: Catalog, target: Catalog) -> None:
    ours = {record.key for record in configuration.records}
    theirs = {record.key for record in target.records}
    gone, new = sorted(theirs - ours), sorted(ours - theirs)
    if gone or new:
        parts = [f"{len(gone)} of the instance are not in it ({_some(gone)})"] if gone else []
        parts += [f"{len(new)} in it are not on the instance ({_some(new)})"] if new else []
        raise Refused(
            f"The configuration's forms and lookups are not those of the instance: {'; '.join(parts)}. {WARNING}",
            details={"missing": gone, "unknown": new},
        )


def _some(keys: list[str]) -> str:
    more = f" and {len(keys) - _NAMED} more" if len(keys) > _NAMED else ""
    return ", ".join(keys[:_NAMED]) + more
