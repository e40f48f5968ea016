"""What holds of every format: any catalog comes out of it, read by somebody else, as it went in."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.load import load
from extractors.reading import read_path
from extractors.texts import clean_text, is_blank, normalise_text
from extractors.units import RecordKind, UnitKey
from service.deployments.rules import ResourceFormat
from service.sync.keys import resource_record
from service.sync.rules.formats import FORMATS, Line, TextFormat, choose_spelling, find_escaping, unit_hash
from service.sync.rules.formats.gettext_po import Po
from service.sync.rules.formats.structured_json import StructuredJson, escape_json, unescape_json
from tests.support.unit_keys import form_keys, keys
from transifex_client.ids import string_hash
from transifex_client.sandbox.formats import FORMATS as READERS
from transifex_client.sandbox.formats.model import Entry

ODD_TEXTS = (
    "1", "1.5", "-0", "2024-01-02", "12:30", "yes", "No", "null", "~", "true", "", " ", ": x", "a: b", "<<", "*x",
    "%{name} of %s", "100 %", "%", 'say "yes"', "it's", "back\\slash", "C:\\new\\table", "\\", '\\"', "\\u00e9",
    "Line\nline", "\ttabbed\tin\t", "a\rb", "a\r\nb", "\n\nhead\n", 'msgid ""\nmsgstr ""', "Language: fr\\n", "a\\n",
    "#, fuzzy", "# comment", "Plural-Forms: nplurals=2; plural=(n > 1);\n", "{n, plural, one {a} other {b}}",
    "{ n , plural , broken", "{}", "{n, select, a {x}}", '{"string": "x"}', "বাংলা \u09af\u09bc", "Cafe\u0301",
    "\u200f\u0639\u0631\u0628\u064a\u200f", "\u202bx\u202c", "a\u2028b", "a\u2029b", "a\x85b", "a\x0bb", "a\x1cb",
    "\x7f", "\ufeffx", "\u00a0x\u00a0", "\U0001f642", "<b>bold</b>", "&y",
)  # fmt: skip
texts = st.one_of(st.sampled_from(ODD_TEXTS), st.text(max_size=30), st.text("\\\"'n\n\t{}u00e9 ,pluraone", max_size=30))
formats = pytest.mark.parametrize("text_format", FORMATS.values(), ids=lambda each: each.name.value)


def read(text_format: TextFormat, content: bytes) -> dict[str, Entry]:
    """Return what the sandbox's reader, written from the description of Transifex's formats, finds, by string key."""
    entries = READERS[text_format.name.value].parse(content.decode(), ("one", "other"), source=True)
    assert len({entry.key for entry in entries}) == len(entries)
    return {entry.key: entry for entry in entries}


def carried(text_format: TextFormat, sources: Mapping[UnitKey, str]) -> list[Line]:
    """Return the lines that the format takes of these texts."""
    normal = {key: normalise_text(clean_text(text)) for key, text in sources.items()}
    return [
        Line(key, text, f"about {key}\nand: more")
        for key, text in normal.items()
        if not is_blank(text) and not text_format.find_objection(text)
    ]


@formats
@given(found=st.dictionaries(keys, texts, min_size=1, max_size=8))
def test_an_independent_reader_finds_every_text_under_our_key(
    text_format: TextFormat, found: dict[UnitKey, str]
) -> None:
    """Any catalog gives, for each resource, a file in which somebody else reads exactly our keys and texts."""
    lines = carried(text_format, found)
    for record in {resource_record(line.key) for line in lines}:
        own = [line for line in lines if resource_record(line.key) == record]
        entries = read(text_format, text_format.serialize(own, "en"))
        assert {key: entry.strings for key, entry in entries.items()} == {
            text_format.string_key(line.key): {"other": line.text} for line in own
        }
        assert {key: entry.context for key, entry in entries.items()} == dict.fromkeys(entries, "")
        for line in own:
            assert string_hash(text_format.string_key(line.key)) == unit_hash(text_format, line.key)


@formats
@given(text=texts)
def test_what_a_format_cannot_carry_it_says(text_format: TextFormat, text: str) -> None:
    """A text either arrives as it is, or there is a sentence why it does not; what people write does arrive."""
    normal = normalise_text(clean_text(text))
    objection = text_format.find_objection(normal)
    plain = all(unicodedata.category(letter) not in ("Cc", "Zl", "Zp") or letter in "\n\t\r" for letter in normal)
    assert not objection or not plain or re.match(r"\s*\{[^{}]*,\s*plural", normal, re.IGNORECASE)


@formats
@given(key=keys)
def test_every_key_comes_back(text_format: TextFormat, key: UnitKey) -> None:
    """Turning a unit's key into Transifex's and back gives the same unit, and none in a resource of another kind."""
    named = text_format.string_key(key)
    assert text_format.parse_string_key(named, key.kind) == key
    assert not text_format.is_filler(named) or text_format.name is ResourceFormat.YML
    other = RecordKind.FORM if key.kind is RecordKind.LOOKUP else RecordKind.LOOKUP
    assert text_format.name is ResourceFormat.YML or text_format.parse_string_key(named, other) is None


@formats
@given(left=keys, right=keys)
def test_different_units_have_different_strings(text_format: TextFormat, left: UnitKey, right: UnitKey) -> None:
    """Two units of one resource never share a string."""
    if left != right and resource_record(left) == resource_record(right):
        assert unit_hash(text_format, left) != unit_hash(text_format, right)


@formats
@given(text=st.text(max_size=40), kind=st.sampled_from(RecordKind))
def test_what_is_no_key_is_none(text_format: TextFormat, text: str, kind: RecordKind) -> None:
    """Any text either is the string key of the unit it gives, or gives none."""
    key = text_format.parse_string_key(text, kind)
    assert key is None or text_format.string_key(key) == text


@formats
@given(key=form_keys, one=texts, other=texts)
def test_the_name_of_a_string_does_not_depend_on_its_text(
    text_format: TextFormat, key: UnitKey, one: str, other: str
) -> None:
    """A changed source text changes a string: it makes no new one."""
    found = [list(read(text_format, text_format.serialize([line], "en"))) for text in (one, other)
             for line in carried(text_format, {key: text})]  # fmt: skip
    assert all(names == [text_format.string_key(key)] for names in found)


@pytest.mark.parametrize("text_format", [StructuredJson(), Po()], ids=lambda each: each.name.value)
def test_the_comment_stands_beside_its_text(text_format: TextFormat) -> None:
    """What a text is for reaches whoever translates the file itself."""
    key = UnitKey.parse("form/consent/agree/display_name")
    entries = read(text_format, text_format.serialize([Line(key, "I agree", "Where: Consent\nWhat: question")], "en"))
    assert (entries[text_format.string_key(key)].developer_comment or "").strip() == "Where: Consent\nWhat: question"


@formats
def test_a_real_configuration_is_carried_whole(text_format: TextFormat, corpus: Path) -> None:
    """Every text of Primero's default configuration arrives, in each format."""
    members = read_path(corpus / "primero-default" / "configuration.json")
    catalog = load(members).catalog
    sources = {unit.key: unit.source for unit in catalog.units if not is_blank(unit.source)}
    lines = carried(text_format, sources)
    assert len(lines) == len(sources) > 1400
    found: dict[str, str] = {}
    for record in dict.fromkeys(resource_record(line.key) for line in lines):
        own = [line for line in lines if resource_record(line.key) == record]
        found |= {
            key: entry.strings["other"] for key, entry in read(text_format, text_format.serialize(own, "en")).items()
        }
    assert found == {text_format.string_key(line.key): line.text for line in lines}


@given(st.lists(texts, min_size=1, max_size=5))
def test_gettexts_own_reader_finds_the_same(found: list[str]) -> None:
    """A PO of ours, read by the letter of gettext's description, holds our texts."""
    lines = carried(Po(), {UnitKey(RecordKind.FORM, f"f{number}", "name"): text for number, text in enumerate(found)})
    content = Po().serialize(lines, "en").decode()
    entries = re.findall(r'^msgid ((?:".*"\n)+)msgstr ((?:".*"(?:\n|\Z))+)', content, re.MULTILINE)
    values = [tuple(_unquoted(part) for part in entry) for entry in entries]
    assert values[1:] == [(str(line.key), line.text) for line in lines]


def _unquoted(block: str) -> str:
    inner = "".join(line[1:-1] for line in block.split("\n") if line)
    letters = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\"}
    return re.sub(r"\\(.)", lambda found: letters[found[1]], inner)


# How Transifex shows what stands in the file


@given(texts)
def test_escapes_come_back(text: str) -> None:
    """What is written with escapes is read as it was, also with the escapes that other writers choose."""
    text = clean_text(text)
    assert unescape_json(escape_json(text)) == text
    assert unescape_json(json.dumps(text)[1:-1]) == text


@pytest.mark.parametrize(
    ("theirs", "expected"), [('say "yes"', 'say "yes"'), ("a\nb", "a\nb"), ("100\\% sure", "100\\% sure"), ("\\", "\\")]
)
def test_what_is_no_escape_stays(theirs: str, expected: str) -> None:
    """A line break or a quote that somebody typed as it is, and a backslash before nothing special, are kept."""
    assert unescape_json(theirs) == expected


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([("plain", "plain")], None),
        ([('a "b"', 'a "b"')], False),
        ([('a "b"', 'a \\"b\\"')], True),
        ([('a "b"', None), ("x", "y"), ("c\nd", "c\\nd")], True),
        ([('a "b"', "something else")], None),
    ],
)
def test_escapes_are_told_by_comparison(pairs: list[tuple[str, str | None]], expected: bool | None) -> None:
    """Only a text that needs an escape tells how Transifex shows it, and only if it is still ours."""
    assert find_escaping(StructuredJson(), pairs) is expected
    assert find_escaping(Po(), pairs) is None
    spelling = choose_spelling(StructuredJson(), escaped=bool(expected))
    assert spelling.read(spelling.write('x "y"\n')) == 'x "y"\n'
