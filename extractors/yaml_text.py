"""YAML for translation files: a strict loader in which every scalar is a text, and an emitter that Ruby reads exactly.

Facts about Psych (Ruby's YAML) were measured with Psych 4 and 5: what it makes of unquoted scalars, that it merges
below a key ``<<`` even when that is quoted, and that double-quoted scalars always arrive as strings.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn, TypeAlias

import yaml

from extractors.errors import BadSyntax, ExtractionError, UnsafeInput, WrongShape

Tree: TypeAlias = "dict[str, Tree] | list[Tree] | str | None"
"""A YAML document whose scalars are all texts, or None for an unquoted null."""

MAX_DEPTH = 20
MAX_CHARACTERS = 20 * 1024 * 1024

_STR_TAG = "tag:yaml.org,2002:str"
_PLAIN_TAGS = frozenset({None, "!", _STR_TAG, "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"})
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_MERGE = "<<"


class PlainText(str):
    """A text that stood unquoted in the file, so that Ruby may have read it as something else."""

    __slots__ = ()


_PSYCH_TYPES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("null", re.compile(r"~|null|", re.IGNORECASE)),
    ("a boolean", re.compile(r"yes|true|on|no|false|off", re.IGNORECASE)),
    ("a symbol", re.compile(r":.+", re.DOTALL)),
    ("a date", re.compile(r"\d{4}-(?:1[012]|0\d|\d)-(?:[12]\d|3[01]|0\d|\d)")),
    (
        "a time",
        re.compile(
            r"-?\d{4}-\d{1,2}-\d{1,2}(?:[Tt]|\s+)\d{1,2}:\d\d:\d\d(?:\.\d*)?(?:\s*(?:Z|[-+]\d{1,2}:?(?:\d\d)?))?"
        ),
    ),
    ("a number", re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9]){1,2}(?:\.[0-9_]*)?")),
    ("a number", re.compile(r"[-+]?(?:0[0-7_,]+|0|[1-9](?:[0-9]|,[0-9]|_[0-9])*|0b[01_,]+|0x[0-9a-fA-F_,]+)")),
    (
        "a number",
        re.compile(
            r"[-+]?(?:[0-9][0-9_,]*)?\.[0-9]+(?:[eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_,]*\.|[-+]?[0-9][0-9_,]*(?:\.[0-9]*)?[eE][-+][0-9]+"
        ),
    ),
    ("a number", re.compile(r"[-+]?\.inf|\.nan", re.IGNORECASE)),
)


def psych_type(text: str) -> str | None:
    """Return what Ruby's Psych makes of this text when it stands unquoted ("a number", …), None for a text."""
    for name, pattern in _PSYCH_TYPES:
        if pattern.fullmatch(text):
            return name
    return None


def load_yaml(text: str, name: str) -> Tree:
    """Return the one document of a file; scalars that stood unquoted are :class:`PlainText`.

    Raises:
        BadSyntax: not YAML, empty, or a key twice in one mapping.
        WrongShape: more than one document, or a key that is not a text.
        UnsafeInput: aliases, merge keys, tags that make objects, nesting deeper than ``MAX_DEPTH``, too large.
    """
    if len(text) > MAX_CHARACTERS:
        raise UnsafeInput(f"{name} is larger than {MAX_CHARACTERS // 1024**2} MB; give a smaller file.", file=name)
    with _syntax_errors(name):
        return _Loader(text, name).document()


def first_key(text: str, name: str) -> str | None:
    """Return the first key of the document's top mapping without reading on, None where there is no such thing.

    Raises:
        BadSyntax: the file is not YAML, or empty.
    """
    with _syntax_errors(name):
        return _Loader(text, name).first_key()


def dump_yaml(tree: Tree) -> str:
    """Return the tree as YAML with every key and value double-quoted; None becomes ``null``.

    Texts must have passed :func:`extractors.texts.clean_text` (a lone surrogate raises UnicodeEncodeError).
    """
    emitted: str = yaml.emit(_document_events(tree), Dumper=yaml.CSafeDumper, allow_unicode=True, width=2**31 - 1)
    return emitted


@contextmanager
def _syntax_errors(name: str) -> Iterator[None]:
    try:
        yield
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        message = f"{name} is not valid YAML: {error.problem} in line {line}; correct it or export it again."
        raise BadSyntax(message, file=name) from error
    except yaml.YAMLError as error:
        message = f"{name} is not valid YAML: it holds a control character that YAML forbids; remove it."
        raise BadSyntax(message, file=name) from error


class _Loader:
    """Builds the tree from the events of libyaml, so that nothing is built that was not looked at."""

    def __init__(self, text: str, name: str) -> None:
        self._name = name
        self._events = yaml.parse(text, Loader=yaml.CBaseLoader)
        self._path: list[str] = []

    def document(self) -> Tree:
        next(self._events)
        event = next(self._events)
        if isinstance(event, yaml.StreamEndEvent):
            raise self._empty()
        event = next(self._events)
        if isinstance(event, yaml.ScalarEvent) and self._scalar(event) is None:
            raise self._empty()
        tree = self._node(event, 0)
        next(self._events)
        if not isinstance(next(self._events), yaml.StreamEndEvent):
            message = (
                f"{self._name} holds more than one YAML document, of which Primero reads only the first; keep one."
            )
            raise WrongShape(message, file=self._name)
        return tree

    def first_key(self) -> str | None:
        next(self._events)
        if isinstance(next(self._events), yaml.StreamEndEvent):
            raise self._empty()
        if not isinstance(next(self._events), yaml.MappingStartEvent):
            return None
        event = next(self._events)
        return event.value if isinstance(event, yaml.ScalarEvent) else None

    def _empty(self) -> BadSyntax:
        return BadSyntax(f"{self._name} is empty; remove it or export it again.", file=self._name)

    def _fail(self, kind: type[ExtractionError], event: yaml.Event, what: str, remedy: str) -> NoReturn:
        path = ".".join(self._path)
        where = f" at {path}" if path else ""
        line = event.start_mark.line + 1 if event.start_mark else 0
        message = f"{self._name}: {what}{where} (line {line}); {remedy}."
        raise kind(message, file=self._name, path=path)

    def _node(self, event: yaml.Event, depth: int) -> Tree:
        if isinstance(event, yaml.AliasEvent):
            self._fail(UnsafeInput, event, "an alias (*name), which Primero refuses, stands", "write the text out")
        tag = getattr(event, "tag", None)
        if tag not in _PLAIN_TAGS:
            what = f"the tag {tag}, which could make an object or lose text, stands"
            self._fail(UnsafeInput, event, what, "quote the text")
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if depth >= MAX_DEPTH:
            self._fail(UnsafeInput, event, f"nesting deeper than {MAX_DEPTH} levels stands", "check the file")
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(depth)
        return self._mapping(depth)

    @staticmethod
    def _scalar(event: yaml.ScalarEvent) -> str | None:
        value: str = event.value
        if event.style or event.tag is not None:
            return value
        return None if value in _NULLS else PlainText(value)

    def _sequence(self, depth: int) -> Tree:
        items: list[Tree] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            self._path.append(str(len(items)))
            items.append(self._node(event, depth + 1))
            self._path.pop()
        return items

    def _mapping(self, depth: int) -> Tree:
        found: dict[str, Tree] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._key(event)
            self._path.append(key)
            if key in found:
                self._fail(BadSyntax, event, "a key stands twice", "keep one of them")
            value_event = next(self._events)
            # Psych merges what stands below << also when the key is quoted, unless it carries the tag !!str.
            if key == _MERGE and _merges(event, value_event):
                self._fail(UnsafeInput, event, "a merge key (<<), which Primero refuses, stands", "write the texts out")
            found[key] = self._node(value_event, depth + 1)
            self._path.pop()
        return found

    def _key(self, event: yaml.Event) -> str:
        if isinstance(event, yaml.AliasEvent):
            self._fail(UnsafeInput, event, "an alias (*name), which Primero refuses, stands", "write the text out")
        if not isinstance(event, yaml.ScalarEvent):
            self._fail(WrongShape, event, "a list or mapping stands as a key", "use a text")
        if event.tag not in _PLAIN_TAGS:
            self._fail(UnsafeInput, event, f"the tag {event.tag}, which could make an object, stands", "quote the key")
        value: str = event.value
        return value if event.style or event.tag is not None else PlainText(value)


def _merges(key: yaml.Event, value: yaml.Event) -> bool:
    return getattr(key, "tag", None) != _STR_TAG and not isinstance(value, yaml.ScalarEvent)


def _document_events(tree: Tree) -> Iterator[yaml.Event]:
    yield yaml.StreamStartEvent()
    yield yaml.DocumentStartEvent(explicit=True)
    yield from _node_events(tree)
    yield yaml.DocumentEndEvent(explicit=False)
    yield yaml.StreamEndEvent()


def _node_events(tree: Tree) -> Iterator[yaml.Event]:
    if isinstance(tree, dict):
        yield yaml.MappingStartEvent(None, None, True, flow_style=False)
        for key, value in tree.items():
            yield _text_event(key)
            yield from _node_events(value)
        yield yaml.MappingEndEvent()
    elif isinstance(tree, list):
        yield yaml.SequenceStartEvent(None, None, True, flow_style=False)
        for item in tree:
            yield from _node_events(item)
        yield yaml.SequenceEndEvent()
    elif tree is None:
        yield yaml.ScalarEvent(None, None, (True, False), "null", style=None)
    else:
        yield _text_event(tree)


def _text_event(text: str) -> yaml.Event:
    # libyaml takes no subclass of str.
    text = str(text)
    if text == _MERGE:
        return yaml.ScalarEvent(None, _STR_TAG, (False, False), text, style='"')
    return yaml.ScalarEvent(None, None, (False, True), text, style='"')
