"""What is said of source texts."""

from pathlib import Path

import pytest

from service.checks.source_lint import SOURCE_CHECKS, SourceText, lint_source

DOCS = Path(__file__).resolve().parents[3] / "docs" / "checks"


@pytest.mark.parametrize(
    ("check", "source", "marked"),
    [
        ("source_name_chars", "Name *", ["*"]),
        ("source_name_chars", "Amount ($)", ["$"]),
        ("source_plural", "Name(s) of the child(ren), address(es)", ["(s)", "(es)"]),
        ("source_ellipsis", "Other...", ["..."]),
        ("source_ellipsis", "Specify…", ["…"]),
        ("source_capitals", "IMPORTANT: ask in private", ["IMPORTANT"]),
        ("source_capitals", "Ask ONLY WHEN ALONE", ["ONLY WHEN ALONE"]),
        ("source_jargon", "CAAFAG", ["CAAFAG"]),
        ("source_jargon", "Number of UASCs in the camp", ["UASCs"]),
    ],
)
def test_a_source_text_is_pointed_at(check, source, marked):
    """At what makes it hard to translate, and nothing else."""
    found = [finding for finding in lint_source(SourceText(source, "display_name")) if finding.check_id == check]
    assert [source[finding.start : finding.end] for finding in found] == marked


@pytest.mark.parametrize(
    "source",
    [
        "Date of birth (day/month)",
        "Does the child agree?",
        "Telephone (if any)",
        "ID of the UNHCR file, as PDF",
        "Gender-based violence (GBV)",
        "GBV (gender-based violence)",
        "COVID-19 test",
        "H1N1",
        "Hello %{NAME}",
        "f(x)",
        "Plan B",
    ],
)
def test_a_plain_source_text_stays_silent(source):
    """Brackets, known short forms, those written out, codes and placeholders are nobody's trouble."""
    assert lint_source(SourceText(source, "help_text")) == ()


@pytest.mark.parametrize(("prop", "locale"), [("help_text", "en"), ("display_name", "fr")])
def test_primero_refuses_signs_in_english_labels_alone(prop, locale):
    """Any other text may hold them."""
    assert lint_source(SourceText("100 %", prop, locale)) == ()


def test_the_page_names_every_check_of_source_texts():
    """With its severity and its sentence."""
    page = (DOCS / "source.md").read_text()
    assert all(f"| {check.id} | {check.severity.value} | {check.sentence} |" in page for check in SOURCE_CHECKS)
