"""The format readers of the sandbox, rule by rule."""

import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from transifex_client.sandbox.formats import FORMATS
from transifex_client.sandbox.formats.model import Entry, Filling, ParseTrouble
from transifex_client.sandbox.languages import categories_of

EN = categories_of("en")
YML = FORMATS["YML"]
PO = FORMATS["PO"]
JSON = FORMATS["STRUCTURED_JSON"]


def read(text: str, language: str = "en", *, source: bool = True) -> dict[str, str]:
    entries = YML.parse(text, categories_of(language), source=source)
    return {entry.key: entry.strings["other"] for entry in entries}


def filling(texts: dict[str, str], *, keeps_template: bool, language: str = "fr") -> Filling:
    return Filling(
        language=language,
        categories=categories_of(language),
        source_categories=EN,
        texts={(key, ""): {"other": text} for key, text in texts.items()},
        limits={},
        keeps_template=keeps_template,
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("en:\n  a.b: x\n  c:\n    d: y\n", {"a<TX_DOT>b": "x", "c.d": "y"}),
        ("en:\n  a: [x, ~, y, [z]]\n", {"a.[0]": "x", "a.[2]": "y", "a.[3].[0]": "z"}),
        ("en:\n  1: a\n  3.5: b\n  ~: c\n  '2': d\n", {"<1>": "a", "<3<TX_DOT>5>": "b", "<None>": "c", "2": "d"}),
        ("en:\n  yes: a\n  'no': b\n  True: c\n", {"yes": "a", "no": "b", "True": "c"}),
        ("en:\n  a: 1\n  b: 1.5\n  c: true\n  d: ~\n  e: 2024-01-01\n  f: ''\n  g:\n  h: !!binary aGk=\n", {}),
        ("en:\n  a: '1'\n  b: \"true\"\n  c: '  '\n  d: :year\n", {"a": "1", "b": "true", "c": "  ", "d": ":year"}),
        ("en:\n  a: &x A\n  b: *x\n  c: &m {d: D}\n  e:\n    <<: *m\n", {"a": "A", "c.d": "D"}),
        ("xx:\n  a: |\n    one\n    two\n  b: >\n    one\n    two\n", {"a": "one\ntwo\n", "b": "one two\n"}),
        ("en: {}\n", {}),
    ],
)
def test_yml_texts_and_keys(text: str, expected: dict[str, str]) -> None:
    """Only non-empty texts are extracted, under escaped paths without the root key, whatever that is."""
    assert read(text) == expected


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "{one: a, other: b}", {"p": {"one": "a", "other": "b"}}),
        ("en", "{zero: z, one: a, other: b}", {"p": {"one": "a", "other": "b"}}),
        ("en", "{other: b}", {"p.other": {"other": "b"}}),
        ("en", "{one: a, other: b, x: c}", {"p.one": {"other": "a"}, "p.other": {"other": "b"}, "p.x": {"other": "c"}}),
        ("fr", "{one: a, other: b}", {"p.one": {"other": "a"}, "p.other": {"other": "b"}}),
        ("fr", "{one: a, many: m, other: b}", {"p": {"one": "a", "many": "m", "other": "b"}}),
        ("id", "{other: b}", {"p": {"other": "b"}}),
        ("en", "{one: {x: a}, other: b}", {"p.one.x": {"other": "a"}, "p.other": {"other": "b"}}),
    ],
)  # fmt: skip
def test_yml_plurals(language: str, text: str, expected: dict[str, dict[str, str]]) -> None:
    """A map is one plural string when it holds all categories of the file's language and only category names."""
    entries = YML.parse(f"x:\n  p: {text}\n", categories_of(language), source=True)
    assert {entry.key: dict(entry.strings) for entry in entries} == expected


def test_yml_comments_and_contexts() -> None:
    """The comment lines right above a key are its comment, and an own tag its context."""
    text = "en:\n  # far\n\n  # near\n  # too\n  a: A # not me\n  b: !menu B\n"
    first, second = YML.parse(text, EN, source=True)
    assert (first.developer_comment, first.context) == ("near too", "")
    assert (second.developer_comment, second.context) == (None, "!menu")


@pytest.mark.parametrize(
    "text",
    ["en:\n  a: x\n  a: y\n", "en:\n  a: x\nfr: {}\n", "", "en:\n", "- a\n", "en: {a: [}\n", "en:\n  ? [a]\n  : b\n",
     "en:\n  true: a\n  'true': b\n", "en: {}\n---\nen: {}\n", "en:\n  a: \x00\n"],
)  # fmt: skip
def test_yml_that_cannot_be_read(text: str) -> None:
    """Duplicate keys, several roots, and what is no map of texts are refused."""
    with pytest.raises(ParseTrouble):
        YML.parse(text, EN, source=True)


def test_yml_without_template_loses_what_it_is_known_to_lose() -> None:
    """Comments, numbers, blanks and null list items are gone, so that lists move up; odd keys come back quoted."""
    template = "en:\n  # c\n  n: 3\n  'yes': Yes it is\n  1: One\n  3.5: Half\n  l:\n  - ~\n  - Jan\n  - Feb\n  e: ''\n"
    texts = {"yes": "Oui", "<1>": "Un", "<3<TX_DOT>5>": "Demi", "l.[1]": "janv.", "l.[2]": "févr."}
    written = YML.compile(template, filling(texts, keeps_template=False, language="pt_BR"))
    assert written == "pt_BR:\n  'yes': Oui\n  1: Un\n  <3.5>: Demi\n  l:\n    - janv.\n    - févr.\n"
    assert YML.compile(template, filling({}, keeps_template=False)) == "fr: {}\n"


def test_yml_with_template_keeps_everything_but_the_texts() -> None:
    """Order, comments, numbers, blanks and styles stay; what is not plain-safe is double-quoted."""
    template = (
        "---\nen: # root\n  # c\n  n: 3\n  a: Ähm\n  b: 'it''s'\n  c: \"x\"\n  d: &y Why\n  e: >\n    fold\n    ed\n"
        "  l:\n  - ~\n  - Jan\n  days:\n    one: a day\n    other: days\n  f: ''\n  al: *y\n"
    )
    texts = {"a": "50%, oui", "b": "c'est", "d": "Pourquoi", "e": "plié", "l.[1]": "on"}
    written = YML.compile(template, filling(texts, keeps_template=True))
    assert written == (
        '---\nfr: # root\n  # c\n  n: 3\n  a: "50%, oui"\n  b: \'c\'\'est\'\n  c: ""\n  d: &y Pourquoi\n  e: "plié"\n'
        '  l:\n  - ~\n  - "on"\n  days:\n    one: ""\n    many: ""\n    other: ""\n  f: \'\'\n  al: *y\n'
    )
    assert yaml.safe_load(written)["fr"]["l"] == [None, "on"]


LETTERS = st.text(
    st.characters(codec="utf-8", exclude_characters="\r\x00\x85\u2028\u2029\ufeff"), min_size=1, max_size=12
)
TEXTS = LETTERS.filter(lambda text: text.isprintable())


@given(st.dictionaries(TEXTS, TEXTS, min_size=1, max_size=6), st.booleans())
def test_yml_round_trip(texts: dict[str, str], keeps_template: bool) -> None:
    """What is written into a file, with or without template, is read from it again."""
    template = yaml.safe_dump({"en": {"k": texts}}, allow_unicode=True, default_style='"')
    keys = list(read(template))
    wanted = {key: f"{text}{text}" for key, text in zip(keys, texts.values(), strict=True)}
    written = YML.compile(template, filling(wanted, keeps_template=keeps_template))
    assert read(written, "fr", source=False) == wanted


def test_yml_reads_primeros_own_export(corpus: Path) -> None:
    """Every file that Primero's exporter wrote is read, and filled with its own texts says the same."""
    files = sorted((corpus / "primero-default" / "export-yaml").rglob("*.yml"))
    assert files
    found = 0
    for file in files:
        template = file.read_text(encoding="utf-8")
        entries = YML.parse(template, EN, source=True)
        found += len(entries)
        same = Filling("en", EN, EN, {(entry.key, entry.context): entry.strings for entry in entries}, {}, True)
        assert yaml.safe_load(YML.compile(template, same)) == yaml.safe_load(template)
    assert found > 1000


HEAD = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'


def po(*entries: str, source: bool = True, language: str = "en") -> list[Entry]:
    return PO.parse(HEAD + "\n\n".join(entries) + "\n", categories_of(language), source=source)


def test_po_entries() -> None:
    """Key is the escaped msgid, context the msgctxt; comments and places come along."""
    (entry,) = po('# mine\n#. yours\n#: a.rb:3 b.rb:9\nmsgctxt "menu"\nmsgid "a:b\\\\c"\nmsgstr ""')
    assert entry == Entry(
        key="a\\:b\\\\c",
        strings={"other": "a:b\\c"},
        context="menu",
        developer_comment="yours\nmine",
        occurrences="a.rb:3, b.rb:9",
    )
    (entry,) = po('msgid "day"\nmsgid_plural "days"\nmsgstr[0] ""\nmsgstr[1] ""')
    assert (entry.key, entry.pluralized, entry.strings) == ("day:days", True, {"one": "day", "other": "days"})


def test_po_source_is_all_empty_or_all_filled() -> None:
    """A source with some translations is refused; a filled one gives its msgstr as the text."""
    assert po('msgid "k"\nmsgstr "Text"')[0].strings == {"other": "Text"}
    with pytest.raises(ParseTrouble, match="others have none"):
        po('msgid "k"\nmsgstr "Text"', 'msgid "l"\nmsgstr ""')


def test_po_translations_leave_out_empty_and_fuzzy_entries() -> None:
    """Only what is really translated is imported."""
    found = po('msgid "a"\nmsgstr "A"', 'msgid "b"\nmsgstr ""', '#, fuzzy\nmsgid "c"\nmsgstr "C"', source=False)
    assert [entry.key for entry in found] == ["a"]


@pytest.mark.parametrize(
    "entries", [('msgid "a"\nmsgstr ""', 'msgid "a"\nmsgstr ""'), ('msgctxt "x"\nmsgid ""\nmsgstr ""',), ("rubbish",)]
)
def test_po_that_cannot_be_read(entries: tuple[str, ...]) -> None:
    """Duplicates, empty keys and what is no PO are refused."""
    with pytest.raises(ParseTrouble):
        po(*entries)


def test_po_text_is_never_taken_for_the_name_of_a_file(tmp_path: Path) -> None:
    """A content that happens to be a path does not open that file."""
    file = tmp_path / "a.po"
    file.write_text(HEAD + 'msgid "secret"\nmsgstr ""\n')
    with pytest.raises(ParseTrouble):
        PO.parse(str(file), EN, source=True)


def test_structured_json_entries() -> None:
    """Keys are escaped, context enters the name, comment and limit come along, blank texts are skipped."""
    text = {
        "a.b": {"string": "Hi", "context": "menu", "developer_comment": "c", "character_limit": 9},
        "n": {"list": [{"string": "One"}], "blank": {"string": " "}, "x": 5},
        "p": {"string": "{n, plural, one {# day} other {# {x} days}}"},
    }
    first, second, third = JSON.parse(json.dumps(text), EN, source=True)
    assert first == Entry("a\\.b", {"other": "Hi"}, "menu", developer_comment="c", character_limit=9)
    assert second.key == "n.list..0.."
    assert (third.pluralized, third.strings) == (True, {"one": "# day", "other": "# {x} days"})


@pytest.mark.parametrize("text", ["{}", "[]", '{"a": {"string": ""}}', '{"a": 1, "a": 2}', "{"])
def test_structured_json_that_cannot_be_read(text: str) -> None:
    """No texts, duplicates and what is no object are refused."""
    with pytest.raises(ParseTrouble):
        JSON.parse(text, EN, source=True)
