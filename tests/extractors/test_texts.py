"""When two texts are the same text."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.texts import RUBY_STRIP, clean_text, count_words, is_blank, normalise_text, text_hash


@pytest.mark.parametrize(
    ("text", "normalised"),
    [
        ("e\u0301", "é"),
        ("a\r\nb", "a\nb"),
        ("a\rb", "a\rb"),
        (" \t\n\v\f\r\0a b\0 ", "a b"),
        ("\xa0a\u200f\u200b", "\xa0a\u200f\u200b"),
        ("\u09af\u09bc", "\u09af\u09bc"),
    ],
)
def test_normalisation_is_nfc_line_ends_and_rubys_strip(text: str, normalised: str) -> None:
    """NFC, CRLF as LF, ends stripped of what Ruby strips and of nothing else."""
    assert normalise_text(text) == normalised


def test_the_hash_is_sha256_of_the_normalised_text() -> None:
    """Texts that normalise alike have one hash, in hex."""
    assert text_hash(" e\u0301\r\n") == hashlib.sha256("é".encode()).hexdigest()


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    """What is normalised stays as it is, so a hash can be taken from either."""
    once = normalise_text(clean_text(text))
    assert normalise_text(once) == once
    assert text_hash(once) == text_hash(clean_text(text))
    assert once == once.strip(RUBY_STRIP)


def test_what_cannot_be_stored_is_replaced() -> None:
    """NUL and lone surrogates become U+FFFD."""
    assert clean_text("a\0b\ud800c\udfff") == "a\ufffdb\ufffdc\ufffd"


@pytest.mark.parametrize(("text", "blank"), [(None, True), ("", True), (" \n", True), ("\xa0", True), ("0", False)])
def test_blank_is_none_or_spaces(text: str | None, blank: bool) -> None:
    """A text of spaces alone counts as no text."""
    assert is_blank(text) is blank


def test_words_are_runs_without_white_space() -> None:
    """Words are counted as Transifex counts them."""
    assert count_words(" Date of birth (e.g. 2020)\n") == 5
