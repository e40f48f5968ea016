"""The front door."""

from __future__ import annotations

import pytest

from extractors.errors import NoSourceTexts
from extractors.load import load, load_source, save
from extractors.reading import Member

FRENCH = Member("fr.yml", b"fr:\n  f:\n    name: Nom\n    description: ''\n")
SPANISH = Member("es.yml", b"es:\n  f:\n    name: Nombre\n")


def test_a_source_without_source_texts_is_refused_naming_the_locales() -> None:
    """A source must speak the source locale; what it speaks instead is said with counts."""
    with pytest.raises(NoSourceTexts) as refused:
        load_source((FRENCH, SPANISH))
    assert refused.value.message == (
        "fr.yml has no text in the source locale en, it has texts in fr (1), es (1); "
        "give the source or name its locale."
    )
    with pytest.raises(NoSourceTexts, match="it has no texts at all"):
        load_source((Member("x.json", b'{"Lookup": []}'),))


def test_another_source_locale_makes_it_a_source() -> None:
    """The source locale is an argument; English is only the default."""
    catalog = load_source((FRENCH, SPANISH), "fr").catalog
    assert [(str(unit.key), unit.source, dict(unit.texts)) for unit in catalog.units] == [
        ("form/f/name", "Nom", {"es": "Nombre"}),
        ("form/f/description", "", {}),
    ]
    assert catalog.locales == ("fr", "es")


def test_a_translation_alone_can_be_loaded() -> None:
    """A file without source texts is no source, but a translation."""
    parsed = load((FRENCH,))
    assert [unit.texts for unit in parsed.catalog.units] == [{"fr": "Nom"}, {"fr": ""}]
    assert load(save(parsed.catalog, parsed.skeleton)).catalog == parsed.catalog


def test_hidden_texts_make_a_source_too() -> None:
    """A configuration whose only texts belong to hidden fields is still a source."""
    data = b'{"FormSection": [{"unique_id": "f", "fields_attributes": ['
    data += b'{"name": "q", "visible": false, "display_name_i18n": {"en": "Q"}}]}]}'
    assert len(load_source((Member("x.json", data),)).catalog.units) == 1
