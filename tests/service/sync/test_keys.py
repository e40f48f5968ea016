"""Which resource a unit's text lies in."""

from __future__ import annotations

import re

from hypothesis import given

from extractors.units import RecordKind, UnitKey
from service.sync.keys import resource_record, resource_slug
from tests.support.unit_keys import keys


@given(keys)
def test_slugs_are_what_transifex_takes(key: UnitKey) -> None:
    """A slug is 1 to 50 of the letters that Transifex allows, whatever the record is called."""
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,50}", resource_slug(key))


@given(keys, keys)
def test_each_record_has_a_slug_of_its_own(left: UnitKey, right: UnitKey) -> None:
    """Two units have one slug exactly when they belong to one resource."""
    assert (resource_slug(left) == resource_slug(right)) == (resource_record(left) == resource_record(right))


def test_long_and_similar_names_stay_apart() -> None:
    """Names that differ beyond the fiftieth letter, or in case alone, have different slugs that differ in more."""
    names = ["a" * 60, "a" * 61, "A" * 60, "a" * 50, "a" * 49 + "-", "a" * 101]
    slugs = [resource_slug(UnitKey(RecordKind.FORM, name, "name")) for name in names]
    assert len({slug.lower() for slug in slugs}) == len(names)
    assert all(len(slug) <= 50 for slug in slugs)
    assert slugs[3] == "a" * 50
