"""Translation files that Primero's importer cannot misread."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.load import load
from extractors.reading import Member
from extractors.units import RecordKind, UnitKey
from extractors.writing import MAX_STEM, file_stem, left_out, texts_in, translation_documents, yaml_members
from tests.support.configurations import FORM_IDS
from tests.support.ruby import psych_trees

FORM = RecordKind.FORM
IDS = st.one_of(
    st.sampled_from(FORM_IDS), st.text(min_size=1, max_size=150), st.from_regex(r"[A-Za-z_-]{1,8}", fullmatch=True)
)


@given(IDS)
def test_a_forms_file_name_is_safe_everywhere(form_id: str) -> None:
    """A name is bounded, lower case, no device name, and without the words that change the importer's mind."""
    stem = file_stem(FORM, form_id)
    assert re.fullmatch(r"[a-z0-9_][a-z0-9_-]*", stem)
    assert len(stem) <= MAX_STEM
    assert "lookup" not in stem
    assert "system" not in stem
    assert stem not in ("con", "prn", "aux", "nul", "com1", "lpt9")
    assert file_stem(FORM, form_id) == stem


@given(st.lists(IDS, unique=True, max_size=30))
def test_different_forms_have_different_files(ids: list[str]) -> None:
    """No two ids share a name, on file systems that ignore case neither."""
    stems = [file_stem(FORM, form_id) for form_id in ids]
    assert len({stem.casefold() for stem in stems}) == len(ids)


def test_names_cannot_be_forged() -> None:
    """An id that looks like another's safe name gets one of its own."""
    safe = file_stem(FORM, "Upper")
    assert file_stem(FORM, safe) != safe


@pytest.mark.parametrize(
    ("form_id", "pattern"),
    [
        ("basic_identity", "basic_identity"),
        ("case_lookup_form", r"case_l-up_form-[0-9a-f]{12}"),
        ("SYSTEM", r"s-em-[0-9a-f]{12}"),
        ("loolookupkup", r"lool-upkup-[0-9a-f]{12}"),
        ("con", r"con-[0-9a-f]{12}"),
        ("a/../b", r"a-b-[0-9a-f]{12}"),
        ("نموذج", r"form-[0-9a-f]{12}"),
    ],
)
def test_names_stay_readable(form_id: str, pattern: str) -> None:
    """An ordinary id is the name; another keeps what it can."""
    assert re.fullmatch(pattern, file_stem(FORM, form_id))
    assert file_stem(RecordKind.LOOKUP, form_id) == "lookup"


def keyed(**texts: str | None) -> list[tuple[UnitKey, str | None]]:
    return [(UnitKey.parse(name.replace("__", "/")), text) for name, text in texts.items()]


TEXTS = keyed(
    form__f__name="Nom",
    form__f__q__display_name="Question",
    form__f__q__option_strings_text__true="Oui",
    form__f__q__tally__boys="Garçons",
    form__g__help_text="Aide",
    lookup__x__name="X",
    lookup__y__lookup_values__1="Un",
    form__f__description=" ",
    form__f__help_text=None,
)


def test_one_form_a_file_and_all_lookups_in_one() -> None:
    """The shape is Primero's; blanks are left out, null is written where it is asked for, tallies are not."""
    assert translation_documents(TEXTS, "fr") == {
        "f": {
            "fr": {
                "f": {
                    "name": "Nom",
                    "fields": {"q": {"display_name": "Question", "option_strings_text": {"true": "Oui"}}},
                    "help_text": None,
                }
            }
        },
        "g": {"fr": {"g": {"help_text": "Aide"}}},
        "lookup": {"fr": {"x": {"name": "X"}, "y": {"lookup_values": {"1": "Un"}}}},
    }
    assert translation_documents([], "fr") == {}


def test_tallies_are_written_for_transifex_only_and_reported_otherwise() -> None:
    """A tally is a mapping in files for Transifex; for Primero it is left out with a problem."""
    fields = translation_documents(TEXTS, "fr", tally=True)["f"]["fr"]["f"]["fields"]  # type: ignore[index, call-overload]
    assert fields["q"]["tally"] == {"boys": "Garçons"}  # type: ignore[index, call-overload]
    (problem,) = left_out(key for key, _ in TEXTS)
    assert (problem.code, problem.path) == ("tally-in-yaml", "form/f/q/tally")
    assert problem.message.startswith("1 tally options were left out")


def test_files_are_sorted_and_quoted_and_ruby_reads_them() -> None:
    """Every key and value is quoted, the order of files does not depend on the order of texts, Ruby reads them."""
    members = yaml_members(TEXTS, "fr")
    assert [member.name for member in members] == ["f.yml", "g.yml", "lookup.yml"]
    assert yaml_members(TEXTS[::-1], "fr")[1:2] == members[1:2]
    assert members[2].data.decode().startswith('---\n"fr":\n  "x":\n    "name": "X"\n')
    assert psych_trees([member.data.decode() for member in members]) == list(
        translation_documents(TEXTS, "fr").values()
    )


def test_texts_of_a_locale_leave_out_hidden_and_blank_ones() -> None:
    """The texts of a locale are those that are there; the source locale is one of them."""
    fields = [
        {"name": "q", "display_name_i18n": {"en": "Q", "fr": "q", "es": ""}},
        {"name": "h", "visible": False, "display_name_i18n": {"en": "H", "fr": "h"}},
    ]
    document = {"FormSection": [{"unique_id": "f", "fields_attributes": fields}]}
    catalog = load((Member("c.json", json.dumps(document).encode()),)).catalog
    assert [text for _, text in texts_in(catalog, "en")] == ["Q"]
    assert [text for _, text in texts_in(catalog, "fr", include_hidden=True)] == ["q", "h"]
    assert list(texts_in(catalog, "es")) == []
