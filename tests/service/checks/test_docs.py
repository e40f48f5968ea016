"""The pages under docs/checks are part of the catalogue."""

import re
from pathlib import Path

import pytest

from extractors.units import UnitKey
from service.checks.engine import (
    CHECKS,
    WAIVABLE,
    GroupCheck,
    Scope,
    Severity,
    TextGroup,
    TextPair,
    check_group,
    check_text,
)
from service.checks.limits import find_limit
from service.checks.terms import Glossary, Term

DOCS = Path(__file__).resolve().parents[3] / "docs" / "checks"
SECTIONS = ["What it finds", "Why it matters", "Examples", "What to do"]
SHOWN = {
    "↵": "\n",
    "␣": " ",
    "⟨ZWSP⟩": "\u200b",
    "⟨NBSP⟩": "\u00a0",
    "⟨RLM⟩": "\u200f",
    "⇥": "\t",
    "⟨RLO⟩": "\u202e",
    "⟨LRI⟩": "\u2066",
    "⟨PDI⟩": "\u2069",
    "(three spaces)": "   ",
    "`": "",
}
#: The glossary that the examples of its two checks speak of.
GLOSSARY = Glossary(
    [Term("survivor", ("survivors",), ("survivant", "rescapé"), ("victime", "victimes"), "It blames.")], "fr", "en"
)
BY_ID = [pytest.param(check, id=check.id) for check in CHECKS]


def test_the_index_lists_every_check_as_it_is():
    """Id, severity and sentence of the index are those of the catalogue, in its order."""
    rows = re.findall(r"^\| \[(\w+)\]\((\w+)\.md\) \| (\w) \| (.+) \|$", (DOCS / "README.md").read_text(), re.MULTILINE)
    assert rows == [(check.id, check.id, check.severity.value, check.sentence) for check in CHECKS]


def test_no_page_is_left_of_a_check_that_is_gone():
    """There are as many pages as checks, the index, the judgement of all of them, and one about source texts."""
    others = {"README", "judgement", "source"}
    assert {page.stem for page in DOCS.glob("*.md")} == {check.id for check in CHECKS} | others


@pytest.mark.parametrize("check", BY_ID)
def test_every_check_has_its_page(check):
    """Title, sentence, severity, whether it can be waived, and the four sections."""
    text = (DOCS / f"{check.id}.md").read_text()
    assert text.startswith(f"# {check.id}\n\n{check.sentence}\n\n**Severity:** {check.severity.value}, ")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == SECTIONS
    if check.severity is Severity.BLOCKS:
        assert ("A specialist may waive it with a reason." in text) == (check.id in WAIVABLE)
        assert ("It cannot be waived." in text) == (check.id not in WAIVABLE)


@pytest.mark.parametrize(
    "check", [check for check in CHECKS if check.severity is not Severity.BLOCKS], ids=lambda c: c.id
)
def test_a_page_says_when_to_dismiss_the_finding(check):
    """Of checks that do not block; a reviewer must know when the check is wrong, not only when the text is."""
    assert "ismiss" in (DOCS / f"{check.id}.md").read_text().partition("## What to do")[2]


def examples(check):
    for line in (DOCS / f"{check.id}.md").read_text().splitlines():
        if line.startswith(("| right |", "| wrong |")):
            _, kind, source, target, note, *_ = (cell.strip() for cell in line.split("|"))
            locale = re.match(r"`([\w-]+)`", note)
            for shown, meant in SHOWN.items():
                source, target = source.replace(shown, meant), target.replace(shown, meant)
            yield kind, source, target, locale[1] if locale else "fr"


@pytest.mark.parametrize("check", BY_ID)
def test_the_examples_of_a_page_are_true(check):
    """The check finds every example called wrong and none called right; each page has both."""
    kinds = set()
    for kind, source, target, locale in examples(check):
        kinds.add(kind)
        assert (check.id in _found(check, source, target, locale)) == (kind == "wrong"), (source, target, locale)
    assert kinds == {"right", "wrong"}


def _found(check, source, target, locale):
    limit = find_limit(UnitKey.parse("form/f/q/option_strings_text/a"))
    if not isinstance(check, GroupCheck):
        pair = TextPair("k", source, target, locale, original=target, limit=limit, prop="help_text", glossary=GLOSSARY)
        return {finding.check_id for finding in check_text(pair)}
    sources, targets = source.split(" / "), target.split(" / ")
    if check.scope is Scope.SOURCE:
        sources *= len(targets)
    texts = list(zip(sources, targets, strict=True))
    members = [
        TextPair(str(place), *pair, locale, prop="display_name", option_set=f"s{place}")
        for place, pair in enumerate(texts * (30 if check.id == "wrong_language" else 1))
        if pair[1] != "(none)"
    ]
    found = check_group(check.scope, TextGroup(members, [source for source, text in texts if text == "(none)"]))
    return {finding.check_id for findings in found.values() for finding in findings}
