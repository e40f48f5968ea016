"""JSON as strictly as we need it: each key once, a sane depth, and one sentence for whatever else is wrong."""

import json
from collections.abc import Iterator
from typing import Any

from extractors.errors import BadSyntax, UnsafeInput
from extractors.reading import decode_text

MAX_DEPTH = 50


class _Twice(dict[str, Any]):
    """An object in which a key stands twice; its place is looked for only when one was met."""

    key = ""


def load_json(data: bytes, name: str) -> Any:
    """Return the parsed document, objects in the order of the file.

    Raises:
        BadSyntax: not text, empty, not JSON, or a key twice in one object.
        UnsafeInput: nested deeper than ``MAX_DEPTH``.
    """
    text = decode_text(data, name)
    if not text.strip():
        raise BadSyntax(f"{name} is empty; give the file as Primero wrote it.", file=name)
    seen_twice: list[str] = []

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(items)
        if len(found) == len(items):
            return found
        marked = _Twice(found)
        marked.key = _first_twice(items)
        seen_twice.append(marked.key)
        return marked

    try:
        document = json.loads(text, object_pairs_hook=pairs, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        message = f"{name} is not JSON: {error.msg}, line {error.lineno} column {error.colno}; export it again."
        raise BadSyntax(message, file=name) from error
    except RecursionError as error:
        raise _too_deep(name) from error
    except ValueError as error:
        raise BadSyntax(f"{name} is not JSON that we read ({error}); export it again.", file=name) from error
    _refuse_depth(document, name)
    if seen_twice:
        key, path = next(_places_twice(document))
        where = f"{path}.{key}" if path else key
        raise BadSyntax(f"{name}: the key {where} stands twice; keep one of them.", file=name, path=where)
    return document


def dump_json(document: Any) -> bytes:
    """Return the document as UTF-8 JSON with two spaces of indentation."""
    text = json.dumps(document, ensure_ascii=False, indent=2)
    try:
        return text.encode() + b"\n"
    except UnicodeEncodeError:
        # A lone surrogate has no UTF-8; as an escape it comes out as it went in.
        return json.dumps(document, indent=2).encode() + b"\n"


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number")


def _first_twice(items: list[tuple[str, Any]]) -> str:
    seen: set[str] = set()
    for key, _ in items:
        if key in seen:
            return key
        seen.add(key)
    return ""


def _too_deep(name: str) -> UnsafeInput:
    return UnsafeInput(
        f"{name} is nested deeper than {MAX_DEPTH} levels, as no configuration is; check the file.", file=name
    )


def _children(node: Any) -> list[Any]:
    if isinstance(node, dict):
        return [value for value in node.values() if isinstance(value, dict | list)]
    return [value for value in node if isinstance(value, dict | list)]


def _refuse_depth(document: Any, name: str) -> None:
    level = [document] if isinstance(document, dict | list) else []
    for _ in range(MAX_DEPTH):
        if not level:
            return
        level = [child for node in level for child in _children(node)]
    if level:
        raise _too_deep(name)


def _places_twice(document: Any) -> Iterator[tuple[str, str]]:
    stack = [(document, "")]
    while stack:
        node, path = stack.pop()
        if isinstance(node, _Twice):
            yield node.key, path
        items = node.items() if isinstance(node, dict) else enumerate(node)
        for key, value in items:
            if isinstance(value, dict | list):
                stack.append((value, f"{path}.{key}" if path else str(key)))
