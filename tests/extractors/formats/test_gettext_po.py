"""PO files: written for translators' tools, read back exactly."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from typing import Any

import polib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.errors import BadSyntax, ExtractionError, WrongShape
from extractors.formats.gettext_po.parse import parse
from extractors.load import load, save
from extractors.reading import Member
from extractors.texts import is_blank
from extractors.writing import po_members
from tests.support.configurations import configurations

HEADER = 'msgid ""\nmsgstr ""\n"Language: fr\\n"\n"Plural-Forms: nplurals=2; plural=(n > 1);\\n"\n\n'
BODY = """\
# a translator's remark
#. Form: Consent
#: consent.yml:3
#, python-format
msgctxt "form/consent/name"
msgid "Consent"
msgstr "Consentement"

#, fuzzy
#| msgid "Old"
msgctxt "form/consent/description"
msgid ""
"Long "
"text"
msgstr "Vieux"

msgctxt "form/consent/help_text"
msgid "Help"
msgstr ""

#~ msgctxt "form/gone/name"
#~ msgid "Gone"
#~ msgstr "Parti"
"""
FRENCH = Member("fr.po", (HEADER + BODY).encode())


def entries(member: Member) -> list[Any]:
    """Return what a PO file says, without its line wraps."""
    file = polib.pofile(member.data.decode())
    every = [(e.msgctxt, e.msgid, e.msgstr, e.flags, e.comment, e.tcomment, e.occurrences, e.obsolete) for e in file]
    return [file.metadata, *every]


def test_entries_become_units() -> None:
    """msgctxt names the unit, msgid is the source, msgstr the text of the header's language."""
    catalog = load((FRENCH,)).catalog
    assert [(str(unit.key), unit.source, unit.texts) for unit in catalog.units] == [
        ("form/consent/name", "Consent", {"fr": "Consentement"}),
        ("form/consent/description", "Long text", {"fr": ""}),
        ("form/consent/help_text", "Help", {"fr": ""}),
    ]
    assert catalog.locales == ("en", "fr")
    assert [problem.code for problem in catalog.problems] == ["fuzzy-text"]


def test_the_same_entries_come_out() -> None:
    """Comments, flags, places, obsolete entries and headers are kept."""
    parsed = load((FRENCH,))
    (out,) = save(parsed.catalog, parsed.skeleton)
    assert entries(out) == entries(FRENCH)


def test_a_changed_text_appears_and_is_no_longer_fuzzy() -> None:
    """A new translation replaces the old one and its fuzzy mark, and a new locale gets files of its own."""
    parsed = load((FRENCH,))
    units = [
        replace(unit, source=unit.source + "!", texts={"fr": "Neuf", "es": "Nuevo"}) for unit in parsed.catalog.units
    ]
    out = save(replace(parsed.catalog, units=tuple(units)), parsed.skeleton)
    assert [each.name for each in out] == ["fr.po", "es/consent.po"]
    again = load(out).catalog
    assert again.problems == ()
    assert [(u.source, u.texts) for u in again.units] == [(u.source, u.texts) for u in units]


@given(configurations())
def test_what_is_written_is_read_again(configuration: dict[str, Any]) -> None:
    """Sources and translations survive the way through PO files, whatever characters they hold."""
    catalog = load((Member("c.json", json.dumps(configuration).encode()),)).catalog
    wanted = {unit.key: unit for unit in catalog.translatable(include_hidden=True)}
    for locale in ("en", "fr"):
        members = po_members(catalog, locale, include_hidden=True)
        if not wanted:
            assert members == ()
            continue
        parsed = load(members)
        assert {unit.key: unit.source for unit in parsed.catalog.units} == {k: u.source for k, u in wanted.items()}
        if locale == "fr":
            read = {unit.key: unit.texts["fr"] for unit in parsed.catalog.units}
            assert read == {key: unit.texts.get("fr", "") for key, unit in wanted.items()}
        assert save(parsed.catalog, parsed.skeleton) == members


def test_translators_see_the_context() -> None:
    """The extracted comments of an entry say where the text stands; hidden units are left out by default."""
    options = [{"id": "a", "display_text": {"en": "A"}}, {"id": "b", "display_text": {"en": "B"}}]
    field = {
        "name": "q",
        "type": "radio_button",
        "display_name_i18n": {"en": "Sure?"},
        "option_strings_text_i18n": options,
    }
    field |= {"help_text_i18n": {"en": "Two\nlines"}}
    hidden = {"name": "h", "visible": False, "display_name_i18n": {"en": "Hidden"}}
    form = {"unique_id": "f", "form_group_id": "g", "name_i18n": {"en": "Form"}, "fields_attributes": [field, hidden]}
    catalog = load((Member("c.json", json.dumps({"FormSection": [form]}).encode()),)).catalog
    (member,) = po_members(catalog, "fr")
    file = polib.pofile(member.data.decode())
    assert file.metadata["Language"] == "fr"
    assert [entry.msgctxt for entry in file] == [str(unit.key) for unit in catalog.translatable()]
    assert file[-1].comment.split("\n") == [
        "Form: Form",
        "Group: g",
        "Question: Sure?",
        "Field type: radio_button",
        "Help: Two lines",
        "Other options: A",
    ]


def test_a_template_has_sources_only() -> None:
    """Without a language there are only sources; CRLF and BOM make no difference."""
    text = '\ufeffmsgctxt "form/f/name"\r\nmsgid "A"\r\nmsgstr ""\r\n'
    catalog = load((Member("x.pot", text.encode()),)).catalog
    assert [(unit.source, unit.texts) for unit in catalog.units] == [("A", {})]
    assert catalog.locales == ("en",)


ENTRY = 'msgctxt "form/f/name"\nmsgid "A"\nmsgstr "B"\n'


@pytest.mark.parametrize(
    ("text", "kind", "sentence"),
    [
        (ENTRY, WrongShape, "x.po has translations but no Language header; add the locale there."),
        (HEADER + 'msgid "A"\nmsgstr "B"\n', WrongShape, "x.po has no entry whose msgctxt is a unit key such as"),
        (HEADER + 'msgid "A" nonsense\nmsgstr "B\n', BadSyntax, "x.po is not a valid PO file"),
        (HEADER + "\n\nnonsense\n", BadSyntax, "x.po is not a valid PO file in line 8; correct it"),
        (HEADER + 'msgid "a"b"\n', BadSyntax, "x.po is not a valid PO file in line 6"),
        ("", BadSyntax, "x.po is empty"),
    ],
)
def test_bad_files_get_one_sentence(text: str, kind: type[ExtractionError], sentence: str) -> None:
    """Each wrong file is refused, naming it and the line."""
    with pytest.raises(kind) as refused:
        parse((Member("x.po", text.encode()),))
    assert sentence in refused.value.message


@given(st.data())
def test_no_damage_makes_the_reader_fail_otherwise(data: st.DataObject) -> None:
    """However a PO file is damaged, the answer is a catalog or one of our errors."""
    lines = (HEADER + BODY).split("\n")
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(lines) - 1))
        cut = data.draw(st.integers(0, 12))
        lines[place] = data.draw(
            st.sampled_from((lines[place][cut:], lines[place][:cut], "", '"', "msgid", "#| x", 'msgstr[x] "a"', "\0"))
        )
    with contextlib.suppress(ExtractionError):
        parse((Member("x.po", "\n".join(lines).encode()),))


def test_blank_sources_are_not_written() -> None:
    """A unit without a source text has no msgid, so it has no entry."""
    parsed = load((Member("x.yml", b"fr: {f: {name: 'A'}}"),))
    assert all(is_blank(unit.source) for unit in parsed.catalog.units)
    assert po_members(parsed.catalog, "fr") == ()


def test_long_texts_stay_on_one_line() -> None:
    """Lines are not wrapped, neither when written nor when written again."""
    text = "many words " * 30
    parsed = load((Member("x.yml", f"en: {{f: {{name: '{text}'}}}}".encode()),))
    members = po_members(parsed.catalog, "en")
    again = load(members)
    for member in (*members, *save(again.catalog, again.skeleton)):
        assert f'msgid "{text}"'.encode() in member.data
