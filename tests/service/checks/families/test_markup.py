import nh3
import pytest
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("target", "locale"),
    [
        ("Âge < 5", "fr"),
        ("Âge <5 ou >17", "fr"),
        ("العمر < ٥", "ar"),
        ("تەمەن < ١٨ ساڵ", "ku"),
        ("বয়স < ৫", "bn"),
        ("si a<b et c>d", "fr"),
        ("<3", "fr"),
        ("<<bonjour>>", "fr"),
        ("<الاسم>", "ar"),
        ("score < base et > 5", "fr"),
        ("Dupont & fils, R&D &amp; suivi", "fr"),
        ("JavaScript: oui", "fr"),
        ("a -> b <- c", "fr"),
        ("<ana@example.org>", "fr"),
    ],
)
def test_signs_of_comparison_and_quotation_are_no_markup(found, target, locale):
    """A lone bracket, guillemets typed as brackets and an ampersand are ordinary writing."""
    assert found("html_introduced", "Age", target, locale) == ()
    assert found("html_mismatch", "Age", target, locale) == ()


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("<b>Âge</b>", ["<b>", "</b>"]),
        ("Âge<br>", ["<br>"]),
        ("Âge <br/>", ["<br/>"]),
        ('<a href="http://x">Âge</a>', ['<a href="http://x">', "</a>"]),
        ("العمر <p>", ["<p>"]),
        ("<script>alert()</script>", ["<script>", "</script>"]),
        ("< script >x", ["< script >"]),
        ("x <SCRIPT", ["<SCRIPT"]),
        ("<img src=x onerror=go()", ["<img src=x onerror="]),
        ("<b onclick=go()>x", ["<b onclick=go()>"]),
        ("＜script＞", ["＜script＞"]),
        ("javascript:go()", ["javascript:"]),
        ("x <!-- y -->", ["<!--"]),
        ("&lt;script&gt;x", ["&lt;script&gt;"]),
        ("&#60;b&#62;x", ["&#60;b&#62;"]),
    ],
)
def test_markup_in_a_plain_text_is_found(marked, target, expected):
    """Tags, comments, scripts, event attributes and markup hidden in character codes are pointed at."""
    assert marked("html_introduced", "Age", target) == expected


def test_a_plain_tag_can_be_removed_with_one_click_and_a_script_cannot(found):
    """Removing the tag alone would leave the script's words in the text."""
    assert [f.replacement for f in found("html_introduced", "Age", "<b>Âge</b>")] == ["", ""]
    assert [f.replacement for f in found("html_introduced", "Age", "<script>Âge")] == [None]


@pytest.mark.parametrize(
    ("target", "replacement"),
    [("Âge<br>Sexe", " "), ("Âge <br>Sexe", ""), ("Âge<br>", ""), ("Écrire <nom>", None), ("Âge<b>Sexe", "")],
)
def test_taking_a_tag_out_joins_no_words_and_loses_none(found, target, replacement):
    """A line break parts words; brackets round a word of the translator's are no tag of HTML, so a person decides."""
    assert [f.replacement for f in found("html_introduced", "Age", target)] == [replacement]


@pytest.mark.parametrize("target", ["<b onmouseover=go()>x</b>", "<b>x</b><script>y", "<b>x</b> javascript:go()"])
def test_a_script_blocks_also_beside_harmless_tags(found, target):
    """A source text with tags is no licence for anything that runs."""
    assert len(found("html_introduced", "<b>Age</b>", target)) == 1


def test_a_script_is_not_named_twice(found):
    """What blocks as a script is not a warning about other tags too."""
    assert found("html_mismatch", "<b>Age</b>", "<b>x</b><script>y") == ()


def test_what_the_source_text_has_itself_is_no_intrusion(found):
    """An image that the source text has too is not introduced by the translator."""
    assert found("html_introduced", "<img src='a.png'> x", "<img src='a.png'> y") == ()


@pytest.mark.parametrize("target", ["<b>Lisez</b> ceci", "ئەمە <B>بخوێنەوە</B>", "<b class='x'>ያንብቡ</b>"])
def test_the_same_tags_match_whatever_their_place_and_case(found, target):
    """Order, case and attributes of tags are the translator's."""
    assert found("html_mismatch", "Read <b>this</b>", target) == ()


@pytest.mark.parametrize(
    ("target", "marked_part"),
    [("Lisez ceci", "Lisez ceci"), ("<b>Lisez", "<b>Lisez"), ("<b>Lisez<b>", "<b>"), ("<i>Lisez</i>", "<i>")],
)
def test_other_tags_are_a_warning(marked, found, target, marked_part):
    """Missing, unclosed and exchanged tags are found, and block nothing."""
    assert marked("html_mismatch", "Read <b>this</b>", target) == [marked_part]
    assert found("html_introduced", "Read <b>this</b>", target) == ()


@given(
    st.sampled_from(["b", "i", "p", "a", "div", "span", "img", "script", "table", "h1"]), st.text("xy م<&", max_size=8)
)
def test_whatever_an_html_parser_takes_for_a_tag_is_found(tag, words):
    """An independent HTML parser is the witness: what it sees as HTML, the check finds."""
    from service.checks.engine import TextPair, check_text

    target = f"{words} <{tag}>{words}"
    if nh3.is_html(target):
        assert "html_introduced" in [f.check_id for f in check_text(TextPair("k", "plain", target, "ar"))]
