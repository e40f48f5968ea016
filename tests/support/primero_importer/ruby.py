"""The few things of Ruby that decide what Primero stores: its values, their names in errors, and how it strips."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass


class RubyError(Exception):
    """An exception as Ruby would raise it: the class it has there (`NoMethodError`) and its message."""

    def __init__(self, ruby_class: str, message: str) -> None:
        super().__init__(f"{ruby_class}: {message}")
        self.ruby_class = ruby_class
        self.message = message


def no_method(name: str, receiver: object) -> RubyError:
    """Make the error of calling a method that the receiver does not have, in the words of Ruby 3.4."""
    return RubyError("NoMethodError", f"undefined method '{name}' for {describe(receiver)}")


@dataclass(frozen=True)
class Symbol:
    """A Ruby symbol (`:fr`): equal to no string, written into JSON by its name."""

    name: str


class RubyHash:
    """A mapping whose keys are as distinct as in Ruby: 1, 1.0, true, "1" and :"1" are five keys (in Python, three).

    A key that comes again keeps its first place and takes the later value.
    """

    def __init__(self, pairs: Iterable[tuple[object, object]] = ()) -> None:
        self._entries: dict[object, tuple[object, object]] = {}
        for key, value in pairs:
            self.set(key, value)

    def set(self, key: object, value: object) -> None:
        """Store a value; a key already there keeps its place."""
        self._entries[_identity(key)] = (key, value)

    def get(self, key: object) -> object:
        """Return the value of a key, None (Ruby's nil) when it is missing."""
        return self._entries.get(_identity(key), (key, None))[1]

    def merge(self, other: RubyHash) -> None:
        """Take over every pair of another mapping."""
        for key, value in other.items():
            self.set(key, value)

    def items(self) -> Iterator[tuple[object, object]]:
        """Walk over the pairs in order."""
        return iter(list(self._entries.values()))

    def __len__(self) -> int:
        return len(self._entries)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RubyHash) and list(self.items()) == list(other.items())

    def __hash__(self) -> int:
        return hash(tuple(self._entries))

    def __repr__(self) -> str:
        return inspect(self)


def _identity(key: object) -> object:
    if isinstance(key, list):
        return ("Array", tuple(_identity(item) for item in key))
    if isinstance(key, RubyHash):
        return ("Hash", tuple((_identity(k), _identity(v)) for k, v in key.items()))
    return (type(key).__name__, key)


_CLASSES = {
    str: "String",
    int: "Integer",
    float: "Float",
    list: "Array",
    dict: "Hash",
    RubyHash: "Hash",
    Symbol: "Symbol",
}
_SINGLETONS = {None: "nil", True: "true", False: "false"}


def describe(value: object) -> str:
    """Name a value as Ruby does in errors: `nil`, `true`, `an instance of String`."""
    if value is None or isinstance(value, bool):
        return _SINGLETONS[value]
    return f"an instance of {_CLASSES[type(value)]}"


def inspect(value: object) -> str:
    """Write a value as Ruby's `inspect` does (plain cases; exotic characters are left as they are)."""
    if value is None or isinstance(value, bool):
        return _SINGLETONS[value]
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Symbol):
        return f":{value.name}"
    if isinstance(value, list):
        return f"[{', '.join(inspect(item) for item in value)}]"
    if isinstance(value, RubyHash):
        return f"{{{', '.join(f'{inspect(k)} => {inspect(v)}' for k, v in value.items())}}}"
    return str(value)


def to_s(value: object) -> str:
    """Write a value as Ruby puts it into a text: nil is empty, a symbol has no colon."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return value.name if isinstance(value, Symbol) else inspect(value)


def strip(text: str) -> str:
    """Take away what Ruby's `strip` does: ASCII blanks, line breaks, tabs, NUL at both ends; not NBSP, RLM or ZWSP."""
    return text.strip("\0\t\n\v\f\r ")


def is_blank(value: object) -> bool:
    """Say whether Rails calls a value blank: nil, false, an empty collection, a text of nothing but spaces."""
    if isinstance(value, str):
        return value.strip() == ""
    if isinstance(value, list | dict | RubyHash):
        return len(value) == 0
    return value is None or value is False


def pairs(value: object) -> list[tuple[object, object]]:
    """Walk a value as Ruby's `each { |key, value| … }` does.

    A mapping gives its pairs. A list gives its elements: a list in it is taken apart, anything else becomes a key
    with nil. Raises NoMethodError for everything that cannot be walked.
    """
    if isinstance(value, RubyHash):
        return list(value.items())
    if isinstance(value, list):
        return [_taken_apart(item) for item in value]
    raise no_method("each", value)


def _taken_apart(item: object) -> tuple[object, object]:
    if isinstance(item, list):
        first, second, *_ = [*item, None, None]
        return first, second
    return item, None
