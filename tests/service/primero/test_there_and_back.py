"""Real and generated configurations take a bundle through the API and give it back, every text and setting compared."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from extractors.units import RecordKind, Unit
from tests.support.applying import World
from tests.support.configurations import LOCALES, configurations
from tests.support.gbv import english_catalog, french_texts, gbv_configuration
from tests.support.primero import Witness, in_arabic, in_french, make_bundle, read_catalog


def _there_and_back(world: World) -> tuple[int, tuple[dict[str, str], ...]]:
    """Apply the world's bundle and take it back; return how many texts came, and what was left out."""
    witness = Witness(world.sandbox)
    report = world.apply()
    assert (report.is_whole, report.notes) == (True, ())
    assert witness.changed_texts() == world.expected(report)
    assert witness.changed_structure() == []
    if report.records:
        undone = world.rollback(report.run_id)
        assert (undone.is_whole, undone.left_out, undone.texts) == (True, (), report.texts)
    assert (witness.changed_texts(), witness.changed_structure()) == ({}, [])
    return report.texts, report.left_out


@pytest.mark.parametrize(("locale", "text_of"), [("fr", in_french), ("ar", in_arabic)])
def test_the_default_configuration_takes_every_text_and_gives_it_back(
    locale: str, text_of: Callable[[Unit], str], make_world: Callable[..., World], corpus: Path
) -> None:
    """All 1,430 texts: forms, hidden fields too, 15 subforms, 108 options of fields, 603 values of lookups."""
    configuration = json.loads((corpus / "primero-default" / "configuration.json").read_text("utf-8"))
    world = make_world(configuration)
    world.bundle = make_bundle(read_catalog(world.sandbox), text_of, locale=locale)
    keys = [text.key for text in world.bundle.texts.values()]
    subforms = {form["unique_id"] for form in configuration["FormSection"] if form["is_nested"]}
    assert len(subforms & {key.record for key in keys}) == 15
    assert sum(key.prop == "option_strings_text" for key in keys) == 108
    assert sum(key.kind is RecordKind.LOOKUP and key.option is not None for key in keys) == 603
    assert _there_and_back(world) == (1430, ())


@pytest.mark.parametrize(("locale", "text_of"), [("fr", in_french), ("ar", in_arabic)])
def test_the_probes_take_every_text_and_give_it_back(
    locale: str, text_of: Callable[[Unit], str], make_world: Callable[..., World], corpus: Path
) -> None:
    """Tags, disabled options, ids that look like dates, French and Spanish that stand there before."""
    world = make_world(json.loads((corpus / "primero-probes" / "configuration.json").read_text("utf-8")))
    world.bundle = make_bundle(read_catalog(world.sandbox), text_of, locale=locale)
    texts, left_out = _there_and_back(world)
    assert texts + len(left_out) == len(world.bundle.texts)


def test_the_volunteers_french_goes_in_and_out(make_world: Callable[..., World], corpus: Path) -> None:
    """The GBV forms with the French that volunteers wrote, subforms and half-translated lists of options among them."""
    french = french_texts(corpus)
    world = make_world(gbv_configuration(english_catalog(corpus)))
    world.bundle = make_bundle(read_catalog(world.sandbox), lambda unit: french.get(str(unit.key)) or None)
    assert _there_and_back(world) == (953, ())


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(configuration=configurations(max_forms=3, max_lookups=2), locale=st.sampled_from(LOCALES[1:]))
def test_any_configuration_takes_its_texts_and_gives_them_back(
    configuration: dict[str, Any], locale: str, make_world: Callable[..., World]
) -> None:
    """The same for configurations that nobody would think of, in each language."""
    world = make_world(configuration, locales=LOCALES)
    world.bundle = make_bundle(read_catalog(world.sandbox), in_french, locale=locale)
    texts, left_out = _there_and_back(world)
    event("something comes" if texts else "nothing comes")
    event("something is left out" if left_out else "nothing is left out")
