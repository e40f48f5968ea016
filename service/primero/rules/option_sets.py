"""Whether a set of options may be sent to Primero's API, which replaces it whole. Pure."""

from collections.abc import Collection, Mapping
from typing import Any

from extractors.texts import is_blank
from service.catalog.rules.carrier import looks_like_date
from service.primero.rules.equality import looks_like_time, texts_in
from service.primero.rules.reasons import Why

_KEPT = frozenset({"id", "display_text", "disabled", "tags"})


def find_obstacle(options: Any, prop: str, option: str, locales: Collection[str] | None) -> Why | None:
    """Return why a set cannot be sent without damage, None where it can.

    Args:
        options: as Primero answers them.
        prop: ``option_strings_text``, ``tally`` or ``lookup_values``.
        option: the one whose text is to be changed.
        locales: those enabled, None where they are unknown.
    """
    if not _is_plain(options):
        return Why.ODD
    if any(one.get("tags") for one in options):
        # The API drops tags; a translation file keeps them, but finds no id that looks like a date.
        by_yaml = prop != "tally" and not looks_like_date(option)
        return Why.YAML_ONLY if by_yaml else Why.NO_CARRIER
    if any(looks_like_time(one["id"]) for one in options):
        return Why.RENAMES_OPTIONS
    texts = [texts_in(one.get("display_text")) for one in options]
    if prop != "tally" and any(is_blank(_text(one, "en")) for one in texts):
        return Why.REFUSED
    if prop != "lookup_values" and locales is not None and any(one.keys() - set(locales) for one in texts):
        return Why.LOSES_LANGUAGE
    return None


def _is_plain(options: Any) -> bool:
    """Return whether everything in a set is known, so that all of it can be sent again."""
    if not isinstance(options, list) or not all(isinstance(one, dict) and one.keys() <= _KEPT for one in options):
        return False
    ids = [one.get("id") for one in options]
    texts = [text for one in options for text in texts_in(one.get("display_text")).values()]
    whole = all(isinstance(one.get("display_text"), dict | None) for one in options)
    return whole and all(isinstance(each, str) for each in (*ids, *texts)) and len(set(ids)) == len(ids)


def is_incomplete(options: list[dict[str, Any]], locale: str) -> bool:
    """Return whether some options of a set have a text in a language and others have none."""
    texts = [texts_in(one.get("display_text")) for one in options]
    wanted = [is_blank(_text(one, locale)) for one in texts if not is_blank(_text(one, "en"))]
    return any(wanted) and not all(wanted)


def write_options(options: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return a set as it is sent: all options in order, with all their texts and ``disabled``, without fillers."""
    return [
        {"id": one["id"], "display_text": texts_in(one.get("display_text")), **_disabled(one)} for one in options
    ]  # fmt: skip


def _disabled(option: Mapping[str, Any]) -> dict[str, bool]:
    return {"disabled": option["disabled"]} if isinstance(option.get("disabled"), bool) else {}


def _text(texts: Mapping[str, Any], locale: str) -> str | None:
    text = texts.get(locale)
    return text if isinstance(text, str) else None
