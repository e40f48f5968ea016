import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.checks.engine import TextPair, check_text

IDS = ("placeholder_mismatch", "placeholder_invented", "placeholder_damaged")


@pytest.mark.parametrize(
    ("source", "target", "locale"),
    [
        ("Hello %{name}", "Bonjour %{name}", "fr"),
        ("%{count} cases of %{name}", "لدى %{name} عدد %{count} من الحالات", "ar"),
        ("Case %{id} closed", "دۆسیەی %{id} داخرا", "ku"),
        ("Case %{id} closed", "دوسیه %{id} بسته شد", "fa-AF"),
        ("Case %{id} closed", "ករណី%{id}ត្រូវបានបិទ", "km"),
        ("About 50 % of {all}", "Environ 50 % de {tous}", "fr"),
        ("Half", "50 % {environ}", "fr"),
        ("Set {a; b}", "المجموعة {a; b}", "ar"),
        ("Use %{ x } here", "Utilisez %{ x } ici", "fr"),
        ("No placeholder", "ምንም የለም", "am-ET"),
    ],
)
def test_texts_that_keep_their_placeholders_are_left_alone(found, source, target, locale):
    """The same placeholders in any order, percentages and ordinary braces give no finding."""
    assert [found(check_id, source, target, locale) for check_id in IDS] == [(), (), ()]


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("Hello %{name}", "سلام"),
        ("Hello", "Bonjour %{name}"),
        ("Hello %{name}", "Bonjour %{name} %{name}"),
        ("%{a} %{a}", "%{a}"),
        ("Hello %{name}", "Bonjour %{Name}"),
        ("Hello %{name}", "হ্যালো % {name}"),
    ],
)
def test_another_multiset_of_placeholders_blocks(found, source, target):
    """Missing, added, repeated, renamed and damaged placeholders all make the two texts differ."""
    assert len(found("placeholder_mismatch", source, target)) == 1


def test_a_mismatch_names_what_is_missing_and_what_is_too_many(found):
    """The reviewer reads which placeholders to put back and which to take out."""
    (finding,) = found("placeholder_mismatch", "%{a} and %{b}", "%{c}")
    assert finding.message == ("The placeholders differ from the source text. Missing: %{a} and %{b}. Too many: %{c}.")


@pytest.mark.parametrize("name", ["nom", "الاسم", "نوم", "নাম", "ឈ្មោះ", "ስም", "Name"])
def test_a_translated_name_is_found_and_the_right_one_offered(found, marked, name):
    """With one placeholder invented and one missing, the replacement is certain."""
    target = f"x %{{{name}}} y"
    assert marked("placeholder_invented", "Hello %{name}", target) == [f"%{{{name}}}"]
    assert found("placeholder_invented", "Hello %{name}", target)[0].replacement == "%{name}"


def test_no_replacement_is_offered_where_it_would_be_a_guess(found):
    """Two invented placeholders leave open which stands for which."""
    findings = found("placeholder_invented", "%{a} %{b}", "%{x} %{y}")
    assert [finding.replacement for finding in findings] == [None, None]


@pytest.mark.parametrize(
    "damaged",
    [
        "% {record_type}",
        "%{ record_type }",
        "%{record _ type}",
        "％｛record_type｝",
        "％｛ｒｅｃｏｒｄ＿ｔｙｐｅ｝",
        "%\u200f{record_type}",
        "%{\u200frecord_type}",
        "{record_type}",
        "{record_type}%",
        "}record_type{%",
        "%{record_type",
        "%{RECORD _TYPE }",
    ],
)
def test_every_kind_of_damage_is_found_and_mended(found, marked, damaged):
    """Spaces, full-width signs, hidden marks, lost signs and turned braces are found, and the whole one offered."""
    target = f"سجل {damaged}"
    assert marked("placeholder_damaged", "Record %{record_type}", target, "ar") == [damaged]
    assert found("placeholder_damaged", "Record %{record_type}", target, "ar")[0].replacement == "%{record_type}"


def test_a_hidden_mark_inside_a_name_is_damage_and_no_invention(found):
    """The name is the right one, so the reviewer is not told that it was translated."""
    assert found("placeholder_invented", "Record %{record_type}", "سجل %{\u200frecord_type}", "ar") == ()


def test_a_damaged_placeholder_of_another_name_is_found_without_an_offer(found):
    """What was meant is not known, so nothing is put in its place."""
    (finding,) = found("placeholder_damaged", "Record", "Dossier % {numéro}")
    assert finding.replacement is None


@given(st.lists(st.from_regex(r"[a-z_]{1,8}", fullmatch=True), max_size=4), st.randoms())
def test_any_order_of_the_same_placeholders_is_fine(names, random):
    """Whatever the placeholders are, moving them about is a translator's right."""
    shuffled = random.sample(names, len(names))
    source, target = (" و ".join(f"%{{{name}}}" for name in order) + " x" for order in (names, shuffled))
    assert not [f for f in check_text(TextPair("k", source, target, "ar")) if f.check_id in IDS]


@given(st.text(alphabet="%{}ab ‏", max_size=30), st.text(alphabet="%{}ab ‏", max_size=30))
def test_a_safe_replacement_of_damage_gives_a_placeholder_of_the_source(source, target):
    """Whatever the text, an offer of this family is a placeholder that stands in the source text."""
    for finding in check_text(TextPair("k", source, target, "ar")):
        if finding.check_id in IDS and finding.replacement is not None:
            assert finding.replacement in re.findall(r"%\{[^{}%\s]+\}", source)
