"""The strict YAML loader, and the emitter that Ruby reads exactly."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from extractors.errors import BadSyntax, ExtractionError, UnsafeInput, WrongShape
from extractors.yaml_text import MAX_CHARACTERS, PlainText, Tree, dump_yaml, first_key, load_yaml, psych_type
from tests.support.configurations import NASTY_TEXTS, texts
from tests.support.ruby import psych_classes, psych_trees

KEYS = texts()
TREES: st.SearchStrategy[Tree] = st.dictionaries(
    KEYS,
    st.recursive(
        st.one_of(texts(), st.none()),
        lambda inner: st.one_of(st.dictionaries(KEYS, inner, max_size=3), st.lists(inner, max_size=3)),
        max_leaves=6,
    ),
    max_size=4,
)


@given(TREES)
@example({"<<": {"a": "b"}})
@example({"k" * 2000: "v"})
def test_what_is_dumped_is_loaded_again(tree: Tree) -> None:
    """Any tree of texts comes back equal, in its order, with nothing left unquoted."""
    loaded = load_yaml(dump_yaml(tree), "x.yml")
    assert loaded == tree
    assert list(loaded) == list(tree)


def test_ruby_reads_every_nasty_text_as_value_and_as_key() -> None:
    """Ruby's Psych reads each of the strings that other emitters get wrong exactly, as key and as value."""
    trees: list[Tree] = [{"fr": {text: text, "x": {text: {"y": text}}, "list": [text]}} for text in NASTY_TEXTS]
    trees += [{"fr": {"a\0b": "nul \0"}}, {"fr": {}}, {"fr": None}, {"fr": {"x": None, "y": ""}}, {"fr": {"l": []}}]
    assert psych_trees([dump_yaml(tree) for tree in trees]) == trees


@settings(max_examples=5, deadline=None)
@given(st.lists(TREES, min_size=60, max_size=60))
def test_ruby_reads_any_tree_as_it_was(trees: list[Tree]) -> None:
    """A batch of generated trees is read by Psych as it was dumped."""
    assert psych_trees([dump_yaml(tree) for tree in trees]) == trees


def test_psych_type_agrees_with_psych() -> None:
    """What is said about an unquoted scalar is what Ruby makes of it."""
    scalars = [text for text in NASTY_TEXTS if text.strip() == text and "\n" not in text]
    names = {"Integer": "a number", "Float": "a number", "Symbol": "a symbol", "Date": "a date", "Time": "a time"}
    names |= {"TrueClass": "a boolean", "FalseClass": "a boolean", "NilClass": "null"}
    wrong = {
        text: (name, psych_type(text))
        for text, name in zip(scalars, psych_classes(scalars), strict=True)
        if psych_type(text) != names.get(name)
    }
    assert wrong == {}


def test_every_value_is_a_text_and_null_is_known() -> None:
    """Numbers, booleans and dates stay texts; only an unquoted nothing, ~ or null is None."""
    text = "a: 1\nb: yes\nc: 2020-01-01\nd:\ne: ~\nf: null\ng: ''\nh: '~'\ni: \"null\"\nj: !!str null\nk: [1, ~]\n"
    expected = {"a": "1", "b": "yes", "c": "2020-01-01", "d": None, "e": None, "f": None, "g": "", "h": "~"}
    assert load_yaml(text, "x.yml") == {**expected, "i": "null", "j": "null", "k": ["1", None]}


def test_unquoted_texts_and_keys_are_marked() -> None:
    """Texts and keys that stood unquoted can be told from quoted ones."""
    tree = load_yaml("no: 1\n'no2': '1'\n", "x.yml")
    assert isinstance(tree, dict)
    assert [isinstance(key, PlainText) for key in tree] == [True, False]
    assert [isinstance(value, PlainText) for value in tree.values()] == [True, False]


REFUSED = [
    ("en:\n  a:\n    x: 1\n    x: 2\n", BadSyntax, "x.yml: a key stands twice at en.a.x (line 4); keep one of them."),
    ("a: &x 1\nb: *x\n", UnsafeInput, "x.yml: an alias (*name), which Primero refuses, stands at b (line 2); write"),
    ("a: &x 1\n*x : 2\n", UnsafeInput, "an alias"),
    ("a:\n  <<: {b: c}\n", UnsafeInput, "a merge key (<<), which Primero refuses, stands at a.<< (line 2)"),
    ("a:\n  '<<': [{b: c}]\n", UnsafeInput, "a merge key"),
    ("a: !ruby/object:Object {}\n", UnsafeInput, "the tag !ruby/object:Object, which could make an object"),
    ("a: !!binary aGk=\n", UnsafeInput, "the tag tag:yaml.org,2002:binary"),
    ("a: !x y\n", UnsafeInput, "the tag !x"),
    ("!x a: y\n", UnsafeInput, "the tag !x"),
    ("[" * 21 + "]" * 21, UnsafeInput, "nesting deeper than 20 levels"),
    ("a: " + "[" * 100_000, UnsafeInput, "nesting deeper than 20 levels"),
    ("{" * 100_000, ExtractionError, "x.yml"),
    ("---\na: 1\n---\nb: 2\n", WrongShape, "holds more than one YAML document, of which Primero reads only the first"),
    ("? [a]\n: b\n", WrongShape, "a list or mapping stands as a key"),
    ("", BadSyntax, "x.yml is empty"),
    ("# only a comment\n", BadSyntax, "x.yml is empty"),
    ("---\n", BadSyntax, "x.yml is empty"),
    ("~", BadSyntax, "x.yml is empty"),
    ("a: b: c\n", BadSyntax, "x.yml is not valid YAML: mapping values are not allowed in this context in line 1"),
    ("a:\n\t- b\n", BadSyntax, "not valid YAML"),
    ("a: @x\n", BadSyntax, "not valid YAML"),
    ("a: \x07\n", BadSyntax, "control character that YAML forbids"),
    ("a: '\ufffe'\n", BadSyntax, "control character that YAML forbids"),
    ("x" * (MAX_CHARACTERS + 1), UnsafeInput, "x.yml is larger than 20 MB"),
]


@pytest.mark.parametrize(("text", "kind", "sentence"), REFUSED, ids=range(len(REFUSED)))
def test_what_could_do_harm_or_lose_text_is_refused(text: str, kind: type[ExtractionError], sentence: str) -> None:
    """Duplicate keys, aliases, merges, tags, depth, documents and syntax each get one sentence with file and place."""
    with pytest.raises(kind) as refused:
        load_yaml(text, "x.yml")
    assert sentence in refused.value.message
    assert refused.value.file == "x.yml"


@pytest.mark.parametrize(
    "text", ["a: &anchor b\n", "a:\n  <<: b\n", "a: ! b\n", "%YAML 1.1\n---\na: b\n", "---\na: b\n...\n"]
)
def test_harmless_oddities_are_read(text: str) -> None:
    """An anchor nobody uses, << with a text, the empty tag and directives lose nothing and are read."""
    assert load_yaml(text, "x.yml") in ({"a": "b"}, {"a": {"<<": "b"}})


@given(st.text(alphabet=st.sampled_from("ab: -\n\t'\"[]{}&*!|>#%@?,\\0\x85~<.")))
def test_no_text_makes_the_loader_fail_otherwise(text: str) -> None:
    """Whatever the text, the loader returns a tree or raises one of our errors."""
    for read in (load_yaml, first_key):
        with contextlib.suppress(ExtractionError):
            read(text, "x.yml")


def test_first_key_reads_no_further() -> None:
    """The first key is found without looking at what follows, and is None where there is no mapping."""
    assert first_key("en:\n  a: *nowhere\n", "x.yml") == "en"
    assert first_key("- a\n", "x.yml") is None
    assert first_key("[a]: b", "x.yml") is None
