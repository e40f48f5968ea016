r"""STRUCTURED_JSON, Transifex's JSON whose leaves carry a comment beside each text. Pure.

The document is one map from the unit's canonical key to its leaf, ``{"string": …, "developer_comment": …}``: so no
option's id can be taken for a leaf's own word. Transifex's key is the name in the map with ``\`` and ``.`` escaped.
No ``context``, which would enter the name, and no ``character_limit``: that is set beside the strings afterwards, for
every format alike.
"""

import json
import re
from collections.abc import Iterable

from extractors.json_text import dump_json
from extractors.units import RecordKind, UnitKey
from service.deployments.rules import ResourceFormat
from service.sync.rules.formats.keyed import WithoutFillers, parse_canonical
from service.sync.rules.formats.model import Line, Spelling

_PLURAL = re.compile(r"\s*\{[^{}]*,\s*plural\s*,", re.IGNORECASE)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", '"': '"', "\\": "\\", "/": "/"}


def escape_json(text: str) -> str:
    r"""Return the text as it stands between the quotes of a JSON file of ours, such as ``say \"yes\"``."""
    return json.dumps(text, ensure_ascii=False)[1:-1]


def unescape_json(text: str) -> str:
    """Return the text that JSON means by this; what is no escape, such as a line break, stays as it is."""
    plain = _ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else _LETTERS.get(found[2], found[0]), text)
    # A letter beyond U+FFFF may have been written as two.
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class StructuredJson(WithoutFillers):
    r"""STRUCTURED_JSON.

    Transifex's own reader takes texts from the file as they are written there, ``\n`` and ``\"`` for a line break and a
    quote; whether its API shows them so is not documented. What it does is found out by comparing after each push.
    """

    name = ResourceFormat.STRUCTURED_JSON
    escaped = Spelling(unescape_json, escape_json)

    def string_key(self, key: UnitKey) -> str:
        """Return the canonical key, its dots escaped."""
        return str(key).replace(".", "\\.")

    def parse_string_key(self, text: str, kind: RecordKind) -> UnitKey | None:
        """Return the unit whose string key this is, None for another text or another kind."""
        key = parse_canonical(text.replace("\\.", "."), kind)
        return key if key is not None and self.string_key(key) == text else None

    def find_objection(self, text: str) -> str:
        """Return why the file cannot carry the text."""
        return "Transifex would read it as plural forms" if _PLURAL.match(text) else ""

    def serialize(self, lines: Iterable[Line], locale: str) -> bytes:  # noqa: ARG002
        """Return the file with these texts. It does not name its language."""
        leaves: dict[str, dict[str, str]] = {}
        for line in lines:
            leaf = leaves[str(line.key)] = {"string": line.text}
            if line.comment:
                leaf["developer_comment"] = line.comment
        return dump_json(leaves)
