"""The pages under docs/checks are part of the catalogue."""

import re
from pathlib import Path

import pytest

from service.checks.engine import CHECKS, WAIVABLE, OptionSetCheck, Severity, TextPair, check_option_set, check_text

DOCS = Path(__file__).resolve().parents[3] / "docs" / "checks"
SECTIONS = ["What it finds", "Why it matters", "Examples", "What to do"]
SHOWN = {"⇥": "\t", "⟨RLO⟩": "\u202e", "⟨LRI⟩": "\u2066", "⟨PDI⟩": "\u2069", "(three spaces)": "   ", "`": ""}
BY_ID = [pytest.param(check, id=check.id) for check in CHECKS]


def test_the_index_lists_every_check_as_it_is():
    """Id, severity and sentence of the index are those of the catalogue, in its order."""
    rows = re.findall(r"^\| \[(\w+)\]\((\w+)\.md\) \| (\w) \| (.+) \|$", (DOCS / "README.md").read_text(), re.MULTILINE)
    assert rows == [(check.id, check.id, check.severity.value, check.sentence) for check in CHECKS]


def test_no_page_is_left_of_a_check_that_is_gone():
    """There are as many pages as checks, and the index."""
    assert {page.stem for page in DOCS.glob("*.md")} == {check.id for check in CHECKS} | {"README"}


@pytest.mark.parametrize("check", BY_ID)
def test_every_check_has_its_page(check):
    """Title, sentence, severity, whether it can be waived, and the four sections."""
    text = (DOCS / f"{check.id}.md").read_text()
    assert text.startswith(f"# {check.id}\n\n{check.sentence}\n\n**Severity:** {check.severity.value}, ")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == SECTIONS
    if check.severity is Severity.BLOCKS:
        assert ("A specialist may waive it with a reason." in text) == (check.id in WAIVABLE)
        assert ("It cannot be waived." in text) == (check.id not in WAIVABLE)


def examples(check):
    for line in (DOCS / f"{check.id}.md").read_text().splitlines():
        if line.startswith(("| right |", "| wrong |")):
            _, kind, source, target, *_ = (cell.strip() for cell in line.split("|"))
            for shown, meant in SHOWN.items():
                source, target = source.replace(shown, meant), target.replace(shown, meant)
            yield kind, source, target


@pytest.mark.parametrize("check", BY_ID)
def test_the_examples_of_a_page_are_true(check):
    """The check finds every example called wrong and none called right; each page has both."""
    kinds = set()
    for kind, source, target in examples(check):
        kinds.add(kind)
        assert (check.id in _found(check, source, target)) == (kind == "wrong"), (source, target)
    assert kinds == {"right", "wrong"}


def _found(check, source, target):
    if not isinstance(check, OptionSetCheck):
        return {finding.check_id for finding in check_text(TextPair("k", source, target, "fr"))}
    options = zip(source.split(" / "), target.split(" / "), strict=True)
    members = [TextPair(str(place), *texts, "fr", option_set="s") for place, texts in enumerate(options)]
    return {finding.check_id for findings in check_option_set(members).values() for finding in findings}
