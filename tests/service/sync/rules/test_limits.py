"""How long a translation may be before Primero's layout suffers."""

from __future__ import annotations

import pytest

from extractors.units import UnitContext, UnitKey
from service.sync.rules.limits import find_limit


@pytest.mark.parametrize(
    ("key", "context", "limit"),
    [
        ("form/f/name", UnitContext(), 60),
        ("form/f/name", UnitContext(subform_of=("A › B",)), 40),
        ("form/f/description", UnitContext(), 500),
        ("form/f/help_text", UnitContext(), 500),
        ("form/f/q/help_text", UnitContext(field_type="text_field"), 400),
        ("form/f/q/display_name", UnitContext(field_type="text_field"), 200),
        ("form/f/q/display_name", UnitContext(field_type="subform"), 100),
        ("form/f/q/display_name", UnitContext(field_type="separator"), 130),
        ("form/f/q/guiding_questions", UnitContext(), None),
        ("form/f/q/tick_box_label", UnitContext(), 150),
        ("form/f/q/tally/boys", UnitContext(), 20),
        ("form/f/q/option_strings_text/a", UnitContext(field_type="radio_button"), 30),
        ("form/f/q/option_strings_text/a", UnitContext(field_type="select_box"), 80),
        ("lookup/lookup-sex/name", UnitContext(), 80),
        ("lookup/lookup-sex/lookup_values/f", UnitContext(), 80),
        ("lookup/lookup-risk-level/lookup_values/high", UnitContext(), 18),
        ("lookup/lookup-form-group-cp-case/lookup_values/a", UnitContext(), 50),
    ],
)
def test_the_tightest_place_decides(key: str, context: UnitContext, limit: int | None) -> None:
    """Each kind of text has the limit of the place where it stands."""
    assert find_limit(UnitKey.parse(key), "Short", context) == limit


def test_a_long_source_gives_its_translation_room() -> None:
    """A translation may be longer than its source by three tenths, however small the place."""
    assert find_limit(UnitKey.parse("form/f/q/tally/boys"), "x" * 101, UnitContext()) == 132
