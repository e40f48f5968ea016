"""Tells the format of an input by what the files hold, never by what they are called."""

import re
from typing import Any

from extractors.errors import BadSyntax, UnknownFormat
from extractors.formats import FORMATS
from extractors.formats.api_json.parse import NAME as API_JSON
from extractors.formats.api_json.parse import kind_of
from extractors.formats.configuration_json.parse import KINDS
from extractors.formats.configuration_json.parse import NAME as CONFIGURATION_JSON
from extractors.formats.gettext_po.parse import NAME as GETTEXT_PO
from extractors.formats.translation_yaml.parse import NAME as TRANSLATION_YAML
from extractors.formats.translation_yaml.walk import LOCALE
from extractors.json_text import load_json
from extractors.reading import Member, decode_text
from extractors.yaml_text import first_key

EXPECTED = (
    "expected is a configuration JSON (FormSection, Lookup), saved API answers (data), "
    "translation YAML (a locale at its top) or PO"
)

_PO_ENTRY = re.compile(r'^msgid[ \t]+"', re.MULTILINE)
_SHOWN_KEYS = 5


def detect(members: tuple[Member, ...]) -> str:
    """Return the name of the one format that all members have, a key of :data:`extractors.formats.FORMATS`.

    Raises:
        UnknownFormat: a member has none of the formats, or two members have different ones.
        BadSyntax: a member is empty, not text, or not valid JSON or YAML.
    """
    if not members:
        raise UnknownFormat(f"There is no file to read; {EXPECTED}.")
    first = members[0]
    name = _detect_one(first)
    for member in members[1:]:
        other = _detect_one(member)
        if other != name:
            message = (
                f"{first.name} is {FORMATS[name].label} and {member.name} is {FORMATS[other].label}; "
                "give files of one format at a time."
            )
            raise UnknownFormat(message, file=member.name)
    return name


def _detect_one(member: Member) -> str:
    text = decode_text(member.data, member.name)
    start = text.lstrip()[:1]
    if not start:
        raise BadSyntax(f"{member.name} is empty; remove it or export it again.", file=member.name)
    if start in "{[":
        return _detect_json(load_json(member.data, member.name), member.name)
    if _PO_ENTRY.search(text):
        return GETTEXT_PO
    key = first_key(text, member.name)
    if key is None:
        raise _unknown(member.name, "text that is neither JSON nor a YAML mapping")
    if not LOCALE.fullmatch(key):
        raise _unknown(member.name, f"YAML with {key[:80]} at its top")
    return TRANSLATION_YAML


def _detect_json(document: Any, name: str) -> str:
    if not isinstance(document, dict):
        raise _unknown(name, "a JSON list")
    if KINDS.keys() & document.keys():
        return CONFIGURATION_JSON
    data = document.get("data")
    records = [data] if isinstance(data, dict) else data
    if isinstance(records, list) and (not records or any(kind_of(raw) is not None for raw in records)):
        return API_JSON
    if isinstance(records, list):
        raise _unknown(name, "API data without a form or lookup")
    keys = ", ".join(list(document)[:_SHOWN_KEYS]) or "no keys"
    raise _unknown(name, f"a JSON object with {keys}")


def _unknown(name: str, found: str) -> UnknownFormat:
    return UnknownFormat(f"{name} holds {found}; {EXPECTED}.", file=name)
