"""What a deployment's name, project and locales may be."""

import pytest

from service.deployments.rules import (
    check_languages,
    check_locales,
    default_language,
    parse_locale_mapping,
    parse_project,
    parse_slug,
)

KNOWN = ("en", "fr", "ar", "ar-IQ", "ku-IQ", "pt-BR")


@pytest.mark.parametrize("slug", ["a", "iraq", "iraq-cpims", "2026", "a" * 60])
def test_a_slug_is_small_letters_digits_and_inner_hyphens(slug: str) -> None:
    """One to sixty of them."""
    assert parse_slug(slug) == slug


@pytest.mark.parametrize("slug", ["", "Iraq", "-iraq", "iraq-", "i raq", "iraq/x", "é", "a" * 61, "iraq\n"])
def test_anything_else_cannot_name_a_deployment(slug: str) -> None:
    """The refusal says what can."""
    with pytest.raises(ValueError, match="small letters, digits and inner hyphens"):
        parse_slug(slug)


def test_a_project_is_given_as_transifex_names_it() -> None:
    """With its organization."""
    assert parse_project("o:unicef.org:p:primero_iraq-2") == "o:unicef.org:p:primero_iraq-2"
    for wrong in ("primero", "o:unicef", "o:unicef:p:", "o:unicef:p:a b", "o:u:p:x:r:y", "o:u:p:x\n"):
        with pytest.raises(ValueError, match="write it as o:ORGANIZATION:p:PROJECT"):
            parse_project(wrong)


@pytest.mark.parametrize(
    ("text", "mapping"),
    [
        ("fr", {"fr": "fr"}),
        ("fr,ar", {"fr": "fr", "ar": "ar"}),
        (" fr , ku-IQ ", {"fr": "fr", "ku-IQ": "ku_IQ"}),
        ("ku-IQ=ckb", {"ku-IQ": "ckb"}),
        ("ku-IQ = ku@sorani", {"ku-IQ": "ku@sorani"}),
        ("ar=", {"ar": None}),
        ("ar=,fr=", {"ar": None, "fr": None}),
        ("", {}),
    ],
)
def test_each_locale_maps_to_one_transifex_language_or_to_none(text: str, mapping: dict[str, str | None]) -> None:
    """By default to its own code with an underscore."""
    assert parse_locale_mapping(text) == mapping


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("fr,fr", "name each locale once"),
        ("fr=a,fr=b", "name each locale once"),
        ("=fr", "name each locale once"),
        ("ar=ar,ar-IQ=ar", "named for two locales: the mapping is one to one"),
        ("ar=a b", "is not a Transifex language code"),
        (f"ar={'x' * 41}", "is not a Transifex language code"),
    ],
)
def test_a_mapping_that_is_not_one_to_one_is_refused(text: str, sentence: str) -> None:
    """Twice the locale, twice the language, or no language code."""
    with pytest.raises(ValueError, match=sentence):
        parse_locale_mapping(text)


def test_two_locales_without_a_language_do_not_clash() -> None:
    """None is no language."""
    check_languages({"ar": None, "fr": None})


def test_the_default_language_has_an_underscore() -> None:
    """As Transifex writes codes."""
    assert default_language("ku-IQ") == "ku_IQ"


def test_only_locales_that_primero_knows_can_be_translated_into() -> None:
    """Case and hyphen count; the source locale is not one of them."""
    check_locales(["fr", "pt-BR"], source_locale="en", known=KNOWN)
    for wrong in ("xx", "FR", "pt_BR", "pt-br"):
        with pytest.raises(ValueError, match=f"Primero has no locale '{wrong}'"):
            check_locales(["fr", wrong], source_locale="en", known=KNOWN)
    with pytest.raises(ValueError, match="is the source locale"):
        check_locales(["en"], source_locale="en", known=KNOWN)
