"""What an unquoted scalar becomes: the tables that were measured, and real Ruby as the judge where it is installed."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.primero_importer.ruby import RubyError, Symbol, strip
from tests.support.primero_importer.scalars import resolve_plain

_BOOLEANS = {"true": True, "false": False, "yes": True, "no": False, "on": True, "off": False, "Yes": True, "NO": False}
_NUMBERS = {
    "1": 1,
    "123": 123,
    "01": 1,
    "010": 8,
    "0777": 511,
    "1_000": 1000,
    "1,000": 1000,
    "1.5": 1.5,
    "1.0": 1.0,
    "0x1F": 31,
    "0b101": 5,
    "12:30": 45000,
    "-.5": -0.5,
    "+.inf": math.inf,
}
_TEXTS = [
    "y",
    "n",
    "Y",
    "N",
    "1e3",
    "=",
    "<<",
    "-",
    "08",
    "1_",
    ".",
    "x y",
    "2020-1",
    "12:60",
    "null and void",
    "1 000",
]
_NULLS = ["", "~", "null", "Null", "NULL"]
_DATES = ["2020-01-01", "2020-1-1", "2020-02-31"]
_TIMES = ["2020-01-01 10:00:00", "2020-01-01T10:00:00Z", "2020-01-01 10:00:00.5 +02:00", "2020-13-45 99:00:00"]
_ODD = [
    ":':a'",
    "0b_",
    "0x_",
    ".e+3",
    "-1:30",
    "190:20:30.15",
    "1__0:30",
    ":'a'b",
    ":a b",
    "::",
    ":",
    "no\non",
    "~\nno",
    "n\n\no",
]
_ODD += [
    "yeſ",
    "oﬀ",
    "é",
    "+1",
    "-0x1F",
    "+.5",
    "1_000.5",
    "1.e+3",
    "1.",
    "-.inf",
    ".NaN",
    "0o17",
    "0,1",
    "1,,2",
    "+",
    "--",
]

_RUBY_TOKENIZER = r"""
require 'yaml'
require 'json'
loader = Psych::ClassLoader::Restricted.new(['Symbol'], [])
scanner = Psych::ScalarScanner.new(loader)
answers = JSON.parse($stdin.read).map do |text|
  begin
    value = scanner.tokenize(text)
    shown = value.is_a?(Float) ? (value.finite? ? value : value.to_s) : value
    [value.nil? ? 'NilClass' : value.class.name, value.is_a?(Symbol) ? value.to_s : shown]
  rescue StandardError => error
    [error.class.name, error.message]
  end
end
puts JSON.generate(answers)
"""
_RUBY_STRIP = "require 'json'; puts JSON.generate(JSON.parse($stdin.read).map(&:strip))"
_RUBY_CLASSES = {bool: "bool", int: "Integer", float: "Float", str: "String", Symbol: "Symbol", type(None): "NilClass"}


def _resolve(text: str) -> list[object]:
    """Our answer in the shape of Ruby's: the class and the value, or the exception and its message."""
    try:
        value = resolve_plain(text)
    except RubyError as error:
        return [error.ruby_class, error.message]
    if isinstance(value, bool):
        return ["TrueClass" if value else "FalseClass", value]
    if isinstance(value, float) and not math.isfinite(value):
        return ["Float", {math.inf: "Infinity", -math.inf: "-Infinity"}.get(value, "NaN")]
    return [_RUBY_CLASSES[type(value)], value.name if isinstance(value, Symbol) else value]


def _generated(count: int) -> list[str]:
    """Texts of few characters that matter, so that many of them are nearly a number, a time, a word or a symbol."""
    source = random.Random(20261122)
    alphabets = [
        "0123456789",
        "01_,.",
        "0123456789:.-+_",
        "+-0bx17aF_",
        "yesnotruefalnl~",
        ":'\"ab ",
        "12-:T Z.+",
        "eE+-.15",
    ]
    texts = ["".join(source.choices(source.choice(alphabets), k=source.randint(1, 8))) for _ in range(count)]
    dates = [f"20{source.randint(0, 99):02}-{source.randint(0, 14)}-{source.randint(0, 33)}" for _ in range(count // 5)]
    clocks = [f" {source.randint(0, 30)}:{source.randint(0, 99):02}:{source.randint(0, 99):02}" for _ in dates]
    zones = [source.choice(["", "Z", " Z", "+2", " -03:30", "+0200", "."]) for _ in dates]
    moments = [day + clock + zone for day, clock, zone in zip(dates, clocks, zones, strict=True)]
    return texts + dates + moments


@pytest.mark.parametrize(("text", "value"), [*_BOOLEANS.items(), *_NUMBERS.items()])
def test_words_and_numbers_lose_their_text(text: str, value: object) -> None:
    """yes, no, on, off are booleans in any case; octal, hexadecimal, sexagesimal, `_` and `,` are read as numbers."""
    resolved = resolve_plain(text)
    assert type(resolved) is type(value)
    assert resolved == value


@pytest.mark.parametrize("text", _TEXTS)
def test_what_only_looks_special_stays_a_text(text: str) -> None:
    """y, n, 1e3, =, << and the like arrive as they are."""
    assert resolve_plain(text) == text


@pytest.mark.parametrize("text", _NULLS)
def test_null_is_written_in_five_ways(text: str) -> None:
    """Nothing, a tilde, and null in any case are null."""
    assert resolve_plain(text) is None


@pytest.mark.parametrize(("text", "ruby_class"), [*((t, "Date") for t in _DATES), *((t, "Time") for t in _TIMES)])
def test_dates_and_times_are_refused(text: str, ruby_class: str) -> None:
    """A date or a time raises DisallowedClass before anyone looks whether it exists."""
    with pytest.raises(RubyError, match=f"Psych::DisallowedClass: Tried to load unspecified class: {ruby_class}$"):
        resolve_plain(text)


def test_a_leading_colon_makes_a_symbol() -> None:
    """:sym is a symbol without its colon, which equals no text."""
    assert resolve_plain(":sym") == Symbol("sym")
    assert resolve_plain(":sym") != "sym"


def test_scalars_are_resolved_as_real_ruby_does(run_ruby: Callable[[str, list[str]], list[Any]]) -> None:
    """On every string of the tables and on generated ones our class and value are those of Ruby's own scanner."""
    texts = [
        *_BOOLEANS,
        *_NUMBERS,
        *_TEXTS,
        *_NULLS,
        *_DATES,
        *_TIMES,
        *_ODD,
        ":sym",
        ":hello",
        "0777",
        *_generated(1000),
    ]
    answers = run_ruby(_RUBY_TOKENIZER, texts)
    assert [(text, *_resolve(text)) for text in texts] == [
        (text, *answer) for text, answer in zip(texts, answers, strict=True)
    ]


def test_strip_is_that_of_real_ruby(run_ruby: Callable[[str, list[str]], list[Any]]) -> None:
    """ASCII blanks and NUL go at both ends; no-break space, marks of direction and zero-width space stay."""
    texts = [f"{sign}a{sign}b{sign}" for sign in "\0\t\n\v\f\r \u00a0\u200f\u200b\u2028\u0085\x1c\x1f\u3000\ufeff"]
    assert [strip(text) for text in texts] == run_ruby(_RUBY_STRIP, texts)


def test_strip_spares_what_only_looks_empty() -> None:
    """Ruby's strip takes spaces, tabs, line breaks and NUL, not NBSP, RLM or ZWSP."""
    assert strip("\0\t\r\n a b \v\f\0") == "a b"
    assert strip("\u00a0a\u200f\u200b") == "\u00a0a\u200f\u200b"
