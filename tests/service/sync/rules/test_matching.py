"""Whose texts a resource of others holds."""

from __future__ import annotations

import pytest

from service.sync.rules.matching import match_resources

TEN = [f"consent.fields.q{number}.display_name" for number in range(10)]


@pytest.mark.parametrize(
    ("there", "slug"),
    [
        ({"forms-consent": TEN}, "forms-consent"),
        ({"forms-consent": [*TEN[:9], "other.name"]}, "forms-consent"),
        ({"forms-consent": [*TEN[:8], "other.name"]}, None),
        ({"all": [*TEN, *(f"other.fields.q{number}.display_name" for number in range(10))]}, None),
        ({"part": TEN[:3], "whole": TEN}, "whole"),
        ({"empty": []}, None),
        ({}, None),
    ],
)
def test_a_resource_is_ours_when_nearly_all_of_it_is(there: dict[str, list[str]], slug: str | None) -> None:
    """Nine tenths of its strings have a key of the record; of several the fullest is taken."""
    assert match_resources({"form/consent": TEN}, there).get("form/consent") == slug


def test_no_resource_stands_for_two_records() -> None:
    """Each slug is given once."""
    assert match_resources({"form/a": TEN, "form/b": TEN}, {"one": TEN}) == {"form/a": "one"}
