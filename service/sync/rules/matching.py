"""Which resource that others made holds the texts of which record of ours. Pure."""

from collections.abc import Collection, Mapping

LIKENESS = 0.9
"""As much of a resource has to be ours: what is not would be deleted by the first push."""


def match_resources(ours: Mapping[str, Collection[str]], there: Mapping[str, Collection[str]]) -> dict[str, str]:
    """Return the slug of the resource that stands for each record, as far as one does.

    Args:
        ours: string keys by record.
        there: string keys by slug.
    """
    found: dict[str, tuple[int, str]] = {}
    taken: set[str] = set()
    for record, wanted in ours.items():
        keys = set(wanted)
        for slug, present in sorted(there.items()):
            shared = len(keys.intersection(present))
            if slug in taken or not shared or shared < LIKENESS * len(present):
                continue
            if record not in found or shared > found[record][0]:
                found[record] = (shared, slug)
        if record in found:
            taken.add(found[record][1])
    return {record: slug for record, (_, slug) in found.items()}
