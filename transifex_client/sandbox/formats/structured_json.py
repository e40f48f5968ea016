"""STRUCTURED_JSON: leaves ``{"string": "…", "context": "…", "developer_comment": "…", "character_limit": 40}``.

``string`` alone is needed.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from transifex_client.sandbox.formats.model import Entry, Filling, ParseTrouble
from transifex_client.sandbox.languages import CLDR_CATEGORIES

_ICU = re.compile(r"\{\s*(?P<variable>\w+)\s*,\s*plural\s*,(?P<forms>.*)\}", re.DOTALL)


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            raise ParseTrouble(f"Duplicate string key ('{key}')")
        found[key] = value
    return found


def _read(text: str) -> dict[str, object]:
    try:
        document = json.loads(text, object_pairs_hook=_object)
    except (ValueError, RecursionError) as error:
        raise ParseTrouble(f"The JSON cannot be read: {error}") from error
    if not isinstance(document, dict):
        raise ParseTrouble("The JSON file does not hold an object")
    return document


def _leaves(value: object, path: str) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield the escaped key and the object of every leaf."""
    if isinstance(value, dict):
        if isinstance(value.get("string"), str):
            yield path, value
            return
        for key, below in value.items():
            escaped = key.replace("\\", "\\\\").replace(".", "\\.")
            yield from _leaves(below, escaped if not path else f"{path}{'' if path.endswith('.') else '.'}{escaped}")
    elif isinstance(value, list):
        for index, below in enumerate(value):
            yield from _leaves(below, f"{path}..{index}..")


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def parse(text: str, categories: Sequence[str], *, source: bool) -> list[Entry]:
    """Return the entries of a structured JSON file; one without any text is an error as a source."""
    entries = [_entry(key, leaf, categories) for key, leaf in _leaves(_read(text), "") if _text(leaf["string"]).strip()]
    if source and not entries:
        raise ParseTrouble("No strings could be extracted")
    return entries


def _entry(key: str, leaf: Mapping[str, object], categories: Sequence[str]) -> Entry:
    limit = leaf.get("character_limit")
    forms = _icu_forms(_text(leaf["string"]))
    if forms is not None and set(forms) != set(categories):
        forms = None
    return Entry(
        key=key,
        strings=forms or {"other": _text(leaf["string"])},
        context=_text(leaf.get("context")),
        pluralized=forms is not None,
        developer_comment=_text(leaf.get("developer_comment")) or None,
        character_limit=limit if isinstance(limit, int) and not isinstance(limit, bool) else None,
    )


def _icu_forms(text: str) -> dict[str, str] | None:
    """Return the forms of an ICU plural that is the whole text, None for any other text."""
    found = _ICU.fullmatch(text.strip())
    if found is None:
        return None
    forms: dict[str, str] = {}
    rest = found["forms"].strip()
    while rest:
        name, brace, tail = rest.partition("{")
        end = _closing(tail)
        if not brace or end is None or name.strip() not in CLDR_CATEGORIES:
            return None
        forms[name.strip()] = tail[:end]
        rest = tail[end + 1 :].strip()
    return forms


def _closing(text: str) -> int | None:
    depth = 1
    for index, letter in enumerate(text):
        depth += {"{": 1, "}": -1}.get(letter, 0)
        if depth == 0:
            return index
    return None


def compile_file(template: str, filling: Filling) -> str:
    """Return the template with other texts in it; untranslated ones are empty."""
    document = _read(template)
    for key, leaf in _leaves(document, ""):
        source = _text(leaf["string"])
        if not source.strip():
            continue
        name = (key, _text(leaf.get("context")))
        strings = filling.texts.get(name, {})
        found = _ICU.fullmatch(source.strip())
        if len(strings) > 1 and found is not None:
            forms = " ".join(f"{category} {{{text}}}" for category, text in strings.items())
            leaf["string"] = f"{{{found['variable']}, plural, {forms}}}"
        else:
            leaf["string"] = strings.get("other", "")
        if name in filling.limits:
            leaf["character_limit"] = filling.limits[name]
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
