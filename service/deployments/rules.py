"""What a deployment's name, project, format and locales may be."""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?")
_PROJECT = re.compile(r"o:[A-Za-z0-9._-]+:p:[A-Za-z0-9_-]+")
_LANGUAGE = re.compile(r"[A-Za-z0-9@_.-]{1,40}")


class ResourceFormat(StrEnum):
    """The file format in which a deployment's texts are sent to Transifex, by Transifex's name of it.

    ``YML`` is Rails' YAML, which Primero's own files are. A resource there keeps the format that it was made with.
    """

    YML = "YML"
    STRUCTURED_JSON = "STRUCTURED_JSON"
    PO = "PO"


def parse_slug(text: str) -> str:
    """Return the slug.

    Raises:
        ValueError: it is not 1 to 60 small letters, digits and inner hyphens.
    """
    if not _SLUG.fullmatch(text):
        raise ValueError(f"{text!r} cannot name a deployment: use 1 to 60 small letters, digits and inner hyphens")
    return text


def parse_project(text: str) -> str:
    """Return the Transifex project id.

    Raises:
        ValueError: it does not look like ``o:ORG:p:PROJECT``.
    """
    if not _PROJECT.fullmatch(text):
        raise ValueError(f"{text!r} is not a Transifex project: write it as o:ORGANIZATION:p:PROJECT")
    return text


def parse_locale_mapping(text: str) -> dict[str, str | None]:
    """Return ``{Primero locale: Transifex language or None}`` from ``fr,ar,ku-IQ=ku_IQ``; ``ar=`` maps to none.

    The default Transifex language is the locale with ``_`` for ``-``.

    Raises:
        ValueError: a part is empty, a locale or language stands twice, or a language has odd characters.
    """
    mapping: dict[str, str | None] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        locale, equals, language = (piece.strip() for piece in part.partition("="))
        if not locale or locale in mapping:
            raise ValueError(f"{part!r}: name each locale once, as in fr,ar,ku-IQ=ku_IQ")
        mapping[locale] = (language or None) if equals else default_language(locale)
    check_languages(mapping)
    return mapping


def default_language(locale: str) -> str:
    """Return the Transifex language code that a Primero locale has unless somebody says otherwise."""
    return locale.replace("-", "_")


def check_languages(mapping: Mapping[str, str | None]) -> None:
    """Refuse Transifex languages that cannot be, or that stand for two locales.

    Raises:
        ValueError: a language has odd characters, or is named for two locales.
    """
    languages = [language for language in mapping.values() if language is not None]
    for language in languages:
        if not _LANGUAGE.fullmatch(language):
            raise ValueError(f"{language!r} is not a Transifex language code")
    twice = sorted({language for language in languages if languages.count(language) > 1})
    if twice:
        raise ValueError(
            f"the Transifex language {', '.join(twice)} is named for two locales: the mapping is one to one"
        )


def check_locales(locales: Iterable[str], *, source_locale: str, known: Iterable[str]) -> None:
    """Refuse locales that cannot be translated into.

    Raises:
        ValueError: Primero does not know one of them, or one is the source locale.
    """
    allowed = set(known)
    for locale in locales:
        if locale not in allowed:
            raise ValueError(
                f"Primero has no locale {locale!r}: codes have a hyphen and count case, such as fr, ar-IQ or pt-BR"
            )
        if locale == source_locale:
            raise ValueError(f"{locale!r} is the source locale: there is nothing to translate")
