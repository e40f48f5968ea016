"""Sentences with something in them, told in the languages of the pages."""

import json

import pytest

from service.checks.locales import get_locale
from service.web.languages import LANGUAGES, words_in
from service.web.telling import (
    Said,
    Value,
    code,
    in_english,
    in_words,
    language,
    listed,
    of_source,
    of_target,
    say,
    say_many,
    share,
    word,
)

SPOKEN = {"source": get_locale("en"), "target": get_locale("ps-AF")}
FORBIDS = say("The glossary forbids “%(form)s”.", form=of_target("<b>"))
LINES = "The source text has one line.", "The source text has %(num)s lines."


def told(said: Said, lang: str) -> str:
    return str(in_words(json.loads(json.dumps(said)), words_in(LANGUAGES[lang]), SPOKEN))


def test_english_is_plain_text() -> None:
    """Programs, files and the command line read one line without marks of ours."""
    assert in_english(FORBIDS + say_many(*LINES, 1) + say_many(*LINES, 1200)) == (
        "The glossary forbids “<b>”. The source text has one line. The source text has 1200 lines."
    )
    assert in_english(say("%(a)s, %(b)s", a=share(30), b=language(get_locale("ku")))) == "30 %, Kurdish (Sorani)"


@pytest.mark.parametrize(("lang", "before"), [("en", "The glossary forbids “"), ("ar", "يمنع مسرد المصطلحات «")])
def test_what_is_quoted_is_set_apart(lang: str, before: str) -> None:
    """It carries its own language and direction, and nothing in it is mark-up."""
    assert told(FORBIDS, lang).startswith(f'{before}<bdi lang="ps-AF" dir="rtl">&lt;b&gt;</bdi>')


def test_words_of_no_known_language_are_set_apart_too() -> None:
    """Also where nobody says which languages the texts are in."""
    words = words_in(LANGUAGES["fr"])
    assert "<bdi>x</bdi>" in in_words(say("The glossary forbids “%(form)s”.", form=of_source("x")), words, {})
    assert "<bdi>x</bdi>" in in_words(say("%(reason)s.", reason="x"), words, {})


@pytest.mark.parametrize(
    ("value", "english", "french", "arabic"),
    [
        (1200, "1,200", "1\N{NARROW NO-BREAK SPACE}200", "1,200"),
        (word("a colon"), "a colon", "un deux-points", "نقطتان"),
        (code("%{n}"),) + ('<bdi dir="ltr" translate="no">%{n}</bdi>',) * 3,
        (language(get_locale("ps-AF")), "Pashto", "pachto", "البشتو"),
        (listed(["a", "b", "c"]), "<a>, <b> and <c>", "<a>, <b> et <c>", "<a> و<b> و<c>"),
        (listed(["a", "b"], "or", quoted=True), "“<a>” or “<b>”", "« <a> » ou « <b> »", "«<a>» أو «<b>»"),
        (listed(["%s", "b"], ","), "<%s>, <b>", "<%s>, <b>", "<%s>، <b>"),
        (listed(["%s"]), "<%s>", "<%s>", "<%s>"),
    ],
)
def test_what_is_put_in_is_told_in_the_language(value: Value, english: str, french: str, arabic: str) -> None:
    """Numbers, names and lists are written as each language writes them."""
    for lang, wanted in (("en", english), ("fr", french), ("ar", arabic)):
        shown = told(say("%(value)s.", value=value), lang).replace("\N{NARROW NO-BREAK SPACE}", " ")
        for name in ("a", "b", "c", "%s"):
            shown = shown.replace(f"<bdi>{name}</bdi>", f"<{name}>")
        assert shown == wanted.replace("\N{NARROW NO-BREAK SPACE}", " ") + "."


def test_a_number_takes_its_form() -> None:
    """Each language has its own forms."""
    assert [told(say_many(*LINES, number), "ar") for number in (1, 2, 3, 11)] == [
        "في النص المصدر سطر واحد.", "في النص المصدر سطران.", "في النص المصدر 3 أسطر.", "في النص المصدر 11 سطرًا.",
    ]  # fmt: skip


def test_what_the_catalog_lacks_is_english_and_marked_so() -> None:
    """Such as a sentence that an earlier version wrote: all that was said is then in one language."""
    shown = told(FORBIDS + say("Nobody says %(this)s.", this="x"), "ar")
    assert shown == '<span lang="en" dir="ltr">The glossary forbids “&lt;b&gt;”. Nobody says x.</span>'
