"""The letters to volunteers: fields, what is chosen, what is said."""

from __future__ import annotations

import re

import pytest

from service.catalog.models import RejectReason
from service.volunteers.letters import (
    BUILT_IN,
    MOST_FORMS,
    REASONS,
    FormLeft,
    LetterKind,
    Rejected,
    Template,
    built_in,
    check_template,
    choose,
    fill,
    say_forms,
    say_reasons,
)
from service.web.languages import ENGLISH, words_in

WORDS = words_in(ENGLISH)


@pytest.mark.parametrize("kind", list(LetterKind))
def test_the_built_in_letters_can_be_filled_in(kind: LetterKind) -> None:
    """Every field they name is one."""
    check_template(kind, BUILT_IN[kind])


@pytest.mark.parametrize(
    ("template", "said"),
    [
        (Template("", "x"), "needs a subject and a text"),
        (Template("x", " "), "needs a subject and a text"),
        (Template("a\nb", "x"), "one line"),
        (Template("x", "y" * 10_001), "at most 10,000"),
        (Template("x", "{who}"), r"there is no field \{who\}; there are \{name\}"),
        (Template("{reasons}", "x"), "there is no field"),
    ],
)
def test_a_letter_that_cannot_be_filled_in_is_refused(template: Template, said: str) -> None:
    """What is wrong, and which fields there are."""
    with pytest.raises(ValueError, match=said):
        check_template(LetterKind.WELCOME, template)


def test_what_is_filled_in_is_not_looked_at_again() -> None:
    """A name that reads like a field, and a comment with line ends in a subject, stay what they are."""
    filled = fill(Template("{name} {deployment}", "{name}: {x}"), {"name": "{deployment}", "deployment": "a\r\nBcc: b"})
    assert filled == Template("{deployment} a Bcc: b", "{deployment}: {x}")


def test_the_nearest_letter_is_chosen() -> None:
    """The language before the role, the role before what is for all; else there is none."""
    ours = {
        (locale, role): Template(f"{locale}/{role}", "x")
        for locale, role in (("ar", "reviewer"), ("ar", ""), ("", "reviewer"))
    }
    assert choose(ours, locale="ar", role="reviewer") == (ours["ar", "reviewer"], "ar")
    assert choose(ours, locale="ar", role="translator") == (ours["ar", ""], "ar")
    assert choose(ours, locale="fr", role="reviewer") == (ours["", "reviewer"], "en")
    assert choose(ours, locale="fr", role="translator") is None


@pytest.mark.parametrize("kind", list(LetterKind))
@pytest.mark.parametrize("lang", ["fr", "ar"])
def test_the_built_in_letters_speak_the_languages_of_the_pages(kind: LetterKind, lang: str) -> None:
    """Where that fits all that somebody works on; with the same fields; else English."""
    letter, language = built_in(kind, [lang])
    assert language == lang
    check_template(kind, letter)
    english = BUILT_IN[kind]
    for ours, theirs in ((letter.subject, english.subject), (letter.body, english.body)):
        assert sorted(re.findall(r"{[a-z]+}", ours)) == sorted(re.findall(r"{[a-z]+}", theirs))
        assert ours != theirs
    assert letter.body.count("\n\n") == english.body.count("\n\n")
    assert built_in(kind, [f"{lang}-IQ"]) == (letter, language)
    assert built_in(kind, ["fr", "ar"]) == built_in(kind, []) == built_in(kind, ["ps"]) == (english, "en")


def test_a_line_about_nothing_is_left_out() -> None:
    """Without a project no line promises one; without a name nobody is greeted with a comma."""
    values = dict.fromkeys(("name", "project", "reasons", "forms"), "") | {"approved": "2", "rejected": "0"}
    assert fill(BUILT_IN[LetterKind.REVIEWED], {**values, "deployment": "Iraq", "language": "français"}).body == (
        "A reviewer read texts of yours in français. Thank you for them.\n\nApproved: 2\nRejected: 0\n"
    )
    assert fill(Template("x", "{name} {project}\nb\n"), {"name": "", "project": "p"}).body == " p\nb\n"


def test_forms_are_listed_with_their_links_and_not_without_end() -> None:
    """A form that is not on Transifex has no link; where nothing is left that is said."""
    forms = [FormLeft(f"Form {n}", 1000 + n, f"https://x/{n}" if n else "") for n in range(MOST_FORMS + 2)]
    lines = say_forms(forms, WORDS)
    assert lines.startswith("- Form 0 (1,000 words)\n- Form 1 (1,001 words)\n  https://x/1\n")
    assert lines.endswith("- … 2 more")
    assert say_forms([FormLeft("f", 1, "")], WORDS) == "- f (1 word)"
    assert say_forms([], WORDS) == "At this moment every text has a translation; others may come."


def test_a_rejected_text_comes_with_its_reason() -> None:
    """Source, text, reason and comment, each on a line of its own; long ones are cut; nothing without a rejection."""
    told = say_reasons(
        [Rejected("I agree", "أوافق", "tone", "Too\nformal.", "https://x"), Rejected("a", "b" * 400, "", "", "")], WORDS
    )
    _, first, second = told.split("\n\n")
    assert first == "“I agree”\n“أوافق”\nReason: tone\nToo formal.\nhttps://x"
    assert second.startswith("“a”\n“bbb")
    assert second.endswith("…”")
    assert say_reasons([], WORDS) == ""


def test_every_reason_has_a_word() -> None:
    """In the letters as on the pages."""
    assert set(REASONS) == set(RejectReason)
