"""What an import of a source would do, as a named value: a dry run stops here."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from extractors.units import Catalog, RecordKind, Unit
from service.catalog.rules.drift import MovedUnit, find_moved

#: An import that would retire more than this share of the units in use stops, unless it is told to go on.
RETIRE_LIMIT = 0.10

_LOOKUPS = "lookup"


@dataclass(frozen=True, slots=True)
class KnownUnit:
    """A unit the deployment already has."""

    key: str
    source: str
    source_hash: str
    retired: bool


@dataclass(frozen=True, slots=True)
class ChangedUnit:
    """A unit whose source text changed: the old and the new original."""

    key: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class SourcePlan:
    """What an import would add, change, retire and revive, by key in the order of the source; and why it may not.

    ``objections`` are sentences; an import with any of them stops unless removals are allowed. ``moved`` are units that
    are both retired and added, each under its own key, with the same text.
    """

    added: tuple[str, ...] = ()
    changed: tuple[ChangedUnit, ...] = ()
    unchanged: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()
    revived: tuple[str, ...] = ()
    objections: tuple[str, ...] = field(default=())
    moved: tuple[MovedUnit, ...] = ()

    def counts(self) -> dict[str, int]:
        """Return the number of units of each kind."""
        return {
            "added": len(self.added),
            "changed": len(self.changed),
            "unchanged": len(self.unchanged),
            "retired": len(self.retired),
            "revived": len(self.revived),
        }


def plan_source(
    known: Iterable[KnownUnit],
    incoming: Sequence[tuple[Unit, str]],
    *,
    old_types: Mapping[str, int],
    new_types: Mapping[str, int],
) -> SourcePlan:
    """Compare the units in use with those of a new catalog.

    Args:
        known: every unit of the deployment, retired ones too.
        incoming: the new units with the hash of their source text, in order.
        old_types: number of records by record type in the current snapshot, empty before the first.
        new_types: the same for the new catalog.
    """
    by_key = {unit.key: unit for unit in known}
    added: list[str] = []
    changed: list[ChangedUnit] = []
    unchanged: list[str] = []
    revived: list[str] = []
    for unit, source_hash in incoming:
        key = str(unit.key)
        old = by_key.get(key)
        if old is None:
            added.append(key)
            continue
        if old.retired:
            revived.append(key)
        if old.source_hash != source_hash:
            changed.append(ChangedUnit(key, old.source, unit.source))
        elif not old.retired:
            unchanged.append(key)
    new_hashes = {str(unit.key): source_hash for unit, source_hash in incoming}
    in_use = [unit for unit in by_key.values() if not unit.retired]
    retired = [unit.key for unit in in_use if unit.key not in new_hashes]
    objections = (*_too_many(len(retired), len(in_use)), *_other_types(old_types, new_types))
    moved = find_moved(((key, by_key[key].source_hash) for key in retired), ((key, new_hashes[key]) for key in added))
    return SourcePlan(
        tuple(added), tuple(changed), tuple(unchanged), tuple(retired), tuple(revived), tuple(objections), moved
    )


def _too_many(retired: int, in_use: int) -> list[str]:
    if in_use and retired > in_use * RETIRE_LIMIT:
        return [f"it would retire {retired} of the {in_use} units in use, more than {RETIRE_LIMIT:.0%}"]
    return []


def _other_types(old: Mapping[str, int], new: Mapping[str, int]) -> list[str]:
    if not old:
        return []
    gone = sorted(set(old) - set(new))
    # A source that brings its first lookups, as an export of forms alone does not, is no other source.
    come = sorted(set(new) - set(old) - {_LOOKUPS})
    sentences = []
    if gone:
        sentences.append(f"it has no records of the type {', '.join(gone)} any more")
    if come:
        sentences.append(f"it has records of a type that was not there before: {', '.join(come)}")
    return sentences


def count_record_types(catalog: Catalog) -> dict[str, int]:
    """Return how many forms of each record type, and how many lookups, a catalog holds."""
    counts: Counter[str] = Counter()
    for record in catalog.records:
        if record.kind is RecordKind.LOOKUP:
            counts[_LOOKUPS] += 1
        elif record.record_type:
            counts[record.record_type] += 1
    return dict(counts)
