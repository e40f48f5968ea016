"""Finding words in texts of any script."""

import pytest

from service.catalog.rules.words import WordIndex, Words, WordStyle


@pytest.mark.parametrize(
    ("form", "text", "found"),
    [
        ("rape", "Rape", "Rape"),
        ("rape", "drape", ""),
        ("rape", "scraped", ""),
        ("survivor's", "the survivor’s home", "survivor’s"),
        ("safe house", "a safe\u00a0 house", "safe\u00a0 house"),
        ("শিকার", "তিনি শিকার।", "শিকার"),
        ("শিকার", "শিকারী", ""),
        ("قربانی", "قربانی\u200cها", "قربانی"),
    ],
)
def test_whole_words_are_found(form: str, text: str, found: str) -> None:
    """Without regard to case and kinds of space; a combining vowel belongs to the word, a joiner ends it."""
    assert [text[start:end] for start, end in Words([form]).find(text)] == ([found] if found else [])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("والضحية", True), ("بضحية", True), ("للضحايا", True), ("ضَحِيَّة", True), ("ضحيةً", True), ("ضحـــية", True),
        ("ضحيتها", False), ("تضحية", False),
    ],
)  # fmt: skip
def test_particles_join_arabic_words(text: str, found: bool) -> None:
    """And, with, to and the article may stand before the word; vowel marks and lengthening do not count."""
    words = Words(["ضحية", "الضحايا"], WordStyle.ARABIC)
    assert words.stand_in(text) is found
    assert bool(WordIndex([words]).candidates(text)) >= found


@pytest.mark.parametrize(
    ("form", "text", "found"),
    [("ជនរងគ្រោះ", "ព័ត៌មានជនរងគ្រោះទាំងអស់", True), ("เหยื่อ", "ข้อมูลเหยื่อทั้งหมด", True), ("ក", "កា", False)],
)
def test_scripts_without_spaces_have_no_word_boundaries(form: str, text: str, found: bool) -> None:
    """But a vowel sign behind the last letter makes another syllable."""
    words = Words([form], WordStyle.UNSPACED)
    assert words.stand_in(text) is found
    assert bool(WordIndex([words]).candidates(text)) >= found


def test_an_accepted_form_may_go_on() -> None:
    """At its end, never at its start."""
    words = Words(["survivant"], whole=False)
    assert words.stand_in("Les survivantes")
    assert not words.stand_in("Les resurvivants")
