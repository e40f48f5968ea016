"""YAML as Ruby's `Psych.safe_load(…, permitted_classes: [Symbol])` reads it.

Built on the events of libyaml, the parser that Psych uses too; everything above the events is written here.
"""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Iterator

import yaml

from tests.support.primero_importer.ruby import RubyError, RubyHash, Symbol
from tests.support.primero_importer.scalars import disallowed, resolve_plain, to_float

_STR_TAG = "tag:yaml.org,2002:str"
_ALIASES_NOT_ENABLED = (
    "Alias parsing was not enabled. To enable it, pass `aliases: true` to `Psych::load` or `Psych::safe_load`."
)
_TEXT_TAG = re.compile(r"!(?:str|ruby/string)(?::(.*))?")
_SYMBOL_TAG = re.compile(r"!ruby/sym(?:bol)?:?.*")
_SCALAR_CLASSES = {
    "!ruby/object:BigDecimal": "BigDecimal",
    "!ruby/object:DateTime": "DateTime",
    "!ruby/object:Complex": "Complex",
    "!ruby/object:Rational": "Rational",
    "!ruby/regexp": "Regexp",
    "!ruby/range": "Range",
}
_MAPPING_CLASSES = {
    "!set": "Psych::Set",
    "tag:yaml.org,2002:set": "Psych::Set",
    "!omap": "Psych::Omap",
    "tag:yaml.org,2002:omap": "Psych::Omap",
    "!ruby/range": "Range",
}
_NAMED_MAPPING = re.compile(
    r"!(?:ruby/(?P<kind>struct|object|exception):?|ruby/(?:hash|array|marshalable|hash-with-ivars):|map:)(?P<name>.*)"
)
_NAMED_SEQUENCE = re.compile(r"!(?:seq|ruby/array):(?P<name>.+)")


def safe_load(data: bytes, filename: str) -> object:
    """Read the first document of a file; None when there is none.

    Shapes: RubyHash, list, str, int, float, bool, None, Symbol. UTF-8 and UTF-16 with or without BOM are recognised.
    Raises RubyError as Psych does: SyntaxError for the first document only, then, in the order of the file,
    AliasesNotEnabled and DisallowedClass.
    """
    events = _first_document(data, filename)
    if not events:
        return None
    return _build(iter(events))


def _first_document(data: bytes, filename: str) -> list[yaml.Event]:
    """Collect the events inside the first document; later documents are not even parsed."""
    parser = yaml.CBaseLoader(data)
    events: list[yaml.Event] = []
    try:
        while parser.check_event():
            event = parser.get_event()
            if isinstance(event, yaml.DocumentEndEvent):
                break
            if isinstance(event, yaml.NodeEvent | yaml.CollectionEndEvent):
                events.append(event)
    except yaml.YAMLError as error:
        raise _syntax_error(error, filename) from None
    return events


def _syntax_error(error: yaml.YAMLError, filename: str) -> RubyError:
    """Word a syntax error as Psych: with the place of the context, or line 1 column 1 where libyaml keeps none."""
    line, column = 1, 1
    if isinstance(error, yaml.MarkedYAMLError):
        problem = " ".join(part for part in (error.problem, error.context) if part)
        mark = error.context_mark
        if mark is None and isinstance(error, yaml.scanner.ScannerError):
            mark = error.problem_mark
        if mark is not None:
            line, column = mark.line + 1, mark.column + 1
    else:
        problem = str(getattr(error, "reason", error))
    return RubyError("Psych::SyntaxError", f"({filename}): {problem} at line {line} column {column}")


def _build(events: Iterator[yaml.Event]) -> object:
    return _build_from(next(events), events)


def _build_from(event: yaml.Event, events: Iterator[yaml.Event]) -> object:
    if isinstance(event, yaml.AliasEvent):
        raise RubyError("Psych::AliasesNotEnabled", _ALIASES_NOT_ENABLED)
    if isinstance(event, yaml.ScalarEvent):
        return _build_scalar(event)
    if isinstance(event, yaml.SequenceStartEvent):
        return _build_sequence(event, events)
    assert isinstance(event, yaml.MappingStartEvent), event
    return _build_mapping(event, events)


def _build_scalar(event: yaml.ScalarEvent) -> object:
    tag = None if event.tag == "!" else event.tag
    if event.implicit[1]:
        return event.value
    return resolve_plain(event.value) if tag is None else _build_tagged(tag, event.value)


def _build_tagged(tag: str, value: str) -> object:
    if tag in _SCALAR_CLASSES:
        raise disallowed(_SCALAR_CLASSES[tag])
    text = _TEXT_TAG.fullmatch(tag)
    if tag == _STR_TAG or text:
        if text and text[1]:
            raise disallowed(text[1])
        return value
    if tag in ("!float", "tag:yaml.org,2002:float"):
        return _as_float(resolve_plain(value))
    if tag in ("!binary", "tag:yaml.org,2002:binary"):
        return base64.b64decode(value).decode("utf-8", "replace")
    if tag in ("!ruby/class", "!ruby/module") and value:
        raise disallowed(value)
    return Symbol(value) if _SYMBOL_TAG.fullmatch(tag) else resolve_plain(value)


def _as_float(value: object) -> float:
    if isinstance(value, str):
        return to_float(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return math.inf if isinstance(value, int) and abs(value) > 10**308 else float(value)
    raise RubyError("TypeError", "can't convert the value into Float")


def _build_sequence(event: yaml.SequenceStartEvent, events: Iterator[yaml.Event]) -> list[object]:
    named = _NAMED_SEQUENCE.fullmatch(event.tag or "")
    if named:
        raise disallowed(named["name"])
    items: list[object] = []
    while not isinstance(following := next(events), yaml.SequenceEndEvent):
        items.append(_build_from(following, events))
    return items


def _build_mapping(event: yaml.MappingStartEvent, events: Iterator[yaml.Event]) -> RubyHash:
    _refuse_classes(event.tag or "")
    mapping = RubyHash()
    while not isinstance(key_event := next(events), yaml.MappingEndEvent):
        key = _build_from(key_event, events)
        value = _build(events)
        parts = _merged(value) if key == "<<" and getattr(key_event, "tag", None) != _STR_TAG else None
        if parts is None:
            mapping.set(key, value)
        for part in parts or ():
            mapping.merge(part)
    return mapping


def _merged(value: object) -> list[RubyHash] | None:
    """Return the mappings that a merge key brings in, the weakest first; None when its value cannot be merged."""
    if isinstance(value, RubyHash):
        return [value]
    if isinstance(value, list):
        mappings = [item for item in value if isinstance(item, RubyHash)]
        return mappings[::-1] if len(mappings) == len(value) else None
    return None


def _refuse_classes(tag: str) -> None:
    if tag in _MAPPING_CLASSES:
        raise disallowed(_MAPPING_CLASSES[tag])
    named = _NAMED_MAPPING.fullmatch(tag)
    if not named or (named["kind"] == "object" and named["name"] == "Hash"):
        return
    default = {"struct": "Struct", "object": "Object", "exception": "Exception"}.get(named["kind"] or "", "")
    if named["name"] or default:
        raise disallowed(named["name"] or default)
