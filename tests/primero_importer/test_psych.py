"""How whole files are read: bytes, documents, tags, merges, errors; real Ruby is the judge where it is installed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.primero_importer.psych import safe_load
from tests.support.primero_importer.ruby import RubyError, RubyHash, Symbol, inspect

_DOCUMENTS = [
    "a: b\n- c",
    "a: \u0001",
    "%x\n",
    'a: "x',
    "]",
    "a: b: c",
    "--- a\n...\n]",
    "a: b\n---\n}",
    "!!str 123",
    "! 12",
    '! "12"',
    '!x "12"',
    "!x 12",
    "!!float 1.5",
    "!!float abc",
    "!!int abc",
    "!!binary aGk=",
    "a: {b",
    "x:\n\ty: 1",
    "&a &b c",
    "a: &x",
    "a: &x b",
    "a: @x",
    "a: `x",
    "a: %x",
    "a: > x",
    "a: - x",
    "!a!b c",
    "a: !!set {x}",
    "a: !ruby/object:Foo {}",
    "a: !ruby/object {}",
    "a: !ruby/object:Hash {b: 1}",
    "a: !ruby/struct:Foo {b: 1}",
    "a: !ruby/hash:Foo {b: 1}",
    "a: !ruby/array:Foo [b]",
    "a: !ruby/regexp /x/",
    "a: !ruby/range 1..2",
    "a: !ruby/sym b",
    "a: !ruby/object:Foo b",
    "a: 2020-01-01",
    "[2020-01-01 10:00:00]",
    "<<: {a: 1}",
    "a: 1\n<<: [{a: 2, b: 2}, {b: 3, c: 3}]",
    "<<: b",
    "<<: []",
    "<<: [a]",
    '"<<": {a: 1}',
    "!!str <<: {a: 1}",
    "a: 1\nb: 2\na: 3",
    "1: a\n1.0: b\ntrue: c\n'1': d\n:one: e",
    "? [a, b]\n: c",
    "a: |\n  x\n\n    y\n",
    "a: >\n  x\n  y\n",
    "a: x\n  y # z",
    "a: 'it''s'",
    'a: "\\u00e9\\n\\x41"',
    "[a, yes, {b: ~}, :c]",
    "",
    "# only a comment",
    "---\n",
    "no\n\non",
    "hello",
]

_RUBY_LOADER = r"""
require 'yaml'
require 'json'
answers = JSON.parse($stdin.read).map do |text|
  begin
    YAML.safe_load(text, permitted_classes: [Symbol], filename: 'f.yml').inspect.gsub(/(?<=\S)=>(?=\S)/, ' => ')
  rescue StandardError, Psych::SyntaxError => error
    "#{error.class.name}: #{error.message}"
  end
end
puts JSON.generate(answers)
"""


def _load(text: str) -> str:
    try:
        return inspect(safe_load(text.encode(), "f.yml"))
    except RubyError as error:
        return str(error)


def test_documents_are_read_as_real_ruby_reads_them(run_ruby: Callable[[str, list[str]], list[Any]]) -> None:
    """Values, tags, merge keys, duplicate keys, refused classes and the wording of syntax errors are those of Psych."""
    answers = run_ruby(_RUBY_LOADER, _DOCUMENTS)
    assert [(text, _load(text)) for text in _DOCUMENTS] == list(zip(_DOCUMENTS, answers, strict=True))


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_byte_order_mark_decides_the_encoding(codec: str) -> None:
    """UTF-8 with and without BOM and UTF-16 with BOM give the same texts."""
    assert safe_load("fr:\n  a: Prénom 😀\n".encode(codec), "f.yml") == RubyHash(
        [("fr", RubyHash([("a", "Prénom 😀")]))]
    )


def test_latin_1_is_a_syntax_error() -> None:
    """Bytes that are no UTF-8 refuse the whole file."""
    with pytest.raises(RubyError, match="Psych::SyntaxError"):
        safe_load("fr: été".encode("latin-1"), "f.yml")


def test_windows_line_breaks_become_plain_ones() -> None:
    """A text over several lines has no carriage returns."""
    assert safe_load(b"a: |\r\n  one\r\n  two\r\n", "f.yml") == RubyHash([("a", "one\ntwo\n")])


@pytest.mark.parametrize("text", ["a: *x", "a: &x 1\nb: *x", "a: &x {}\nb:\n  <<: *x"])
def test_aliases_are_not_enabled(text: str) -> None:
    """An alias, known or not, also behind a merge key, refuses the whole file; an anchor alone is fine."""
    with pytest.raises(RubyError, match="Psych::AliasesNotEnabled: Alias parsing was not enabled"):
        safe_load(text.encode(), "f.yml")
    assert safe_load(b"a: &x b", "f.yml") == RubyHash([("a", "b")])


def test_a_syntax_error_comes_before_a_refused_class() -> None:
    """The document is parsed to its end before its values are looked at."""
    with pytest.raises(RubyError, match="Psych::SyntaxError"):
        safe_load(b"a: 2020-01-01\nb: ]", "f.yml")


def test_later_documents_are_not_even_parsed() -> None:
    """A broken second document does not disturb the first."""
    assert safe_load(b"a: 1\n---\n]", "f.yml") == RubyHash([("a", 1)])


def test_keys_of_different_types_are_different_keys() -> None:
    """1, 1.0, true, '1' and :one are five keys, as in Ruby."""
    loaded = safe_load(b"1: a\n1.0: b\ntrue: c\n'1': d\n:one: e", "f.yml")
    assert isinstance(loaded, RubyHash)
    assert [loaded.get(key) for key in (1, 1.0, True, "1", Symbol("one"))] == ["a", "b", "c", "d", "e"]
