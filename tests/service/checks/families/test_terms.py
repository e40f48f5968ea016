"""The two checks of the glossary."""

import pytest

from service.checks.engine import TextPair, check_text
from service.checks.terms import Glossary, Term

SURVIVOR = Term("survivor", ("survivors",), ("survivant", "rescapé"), ("victime", "victimes"), "It blames")
VICTIM = Term("victim", ("victims",), ("victime",))


def found(source: str, target: str, *terms: Term, locale: str = "fr") -> list[tuple[str, str]]:
    glossary = Glossary(terms, locale, "en")
    findings = check_text(TextPair("k", source, target, locale, glossary=glossary))
    return [(f.check_id, target[f.start : f.end]) for f in findings if f.check_id.startswith("term_")]


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ("The survivors", "Les survivantes", []),
        ("The survivor", "La personne", [("term_preferred", "La personne")]),
        ("Survivorship", "La personne", []),
        ("The child", "La victime", [("term_forbidden", "victime")]),
        ("The child", "Victimes, victime", [("term_forbidden", "Victimes"), ("term_forbidden", "victime")]),
        ("The child", "La victimisation", []),
    ],
)
def test_terms_are_looked_for(source: str, target: str, expected: list[tuple[str, str]]) -> None:
    """A missing accepted form warns on the whole text, a forbidden one blocks where it stands."""
    assert found(source, target, SURVIVOR) == expected


def test_what_another_term_accepts_is_right_there() -> None:
    """A form that one term forbids is no finding where the source has a term that accepts it."""
    assert found("Victims", "Les victimes", SURVIVOR, VICTIM) == []
    assert found("Children", "Les victimes", SURVIVOR, VICTIM) == [("term_forbidden", "victimes")]


def test_the_sentence_says_why_and_what_instead() -> None:
    """Reason and accepted forms are the glossary's."""
    pair = TextPair("k", "Child", "Victime", "fr", glossary=Glossary([SURVIVOR], "fr", "en"))
    (finding,) = check_text(pair)
    assert "It blames. Write “survivant” or “rescapé”, or ask a specialist to waive" in finding.message


def test_without_a_glossary_there_is_nothing_to_find() -> None:
    """The checks need one."""
    assert check_text(TextPair("k", "The survivor", "La victime", "fr")) == ()
