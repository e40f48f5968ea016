"""The catalogue on what volunteers really wrote: the French of the GBV forms."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from extractors.texts import is_blank, normalise_text
from service.checks.engine import CHECKS, Severity, TextPair, get_check, run_checks

SETS = ("option_strings_text", "lookup_values")


def texts(folder: Path, locale: str) -> Iterator[tuple[tuple[str, ...], str]]:
    def walk(node, path):
        if isinstance(node, dict):
            for name, value in node.items():
                yield from walk(value, (*path, name))
        else:
            yield path, normalise_text(node)

    for file in sorted((folder / locale).glob("*.yml")):
        tree = yaml.load(file.read_text(encoding="utf-8"), yaml.BaseLoader)
        yield from walk(tree[locale], (file.stem,))


@pytest.fixture(scope="module")
def french(corpus) -> list[TextPair]:
    """All pairs in which both texts are there."""
    english = dict(texts(corpus / "gbv", "en"))
    return [
        TextPair(
            "/".join(path), english[path], text, "fr", option_set="/".join(path[:-1]) if path[-2] in SETS else None
        )
        for path, text in texts(corpus / "gbv", "fr")
        if not is_blank(text) and not is_blank(english.get(path))
    ]


def test_volunteers_texts_are_hardly_ever_flagged(french):
    """Of some 950 pairs one in a hundred blocks or warns, and each of those was looked at and found right."""
    found = [finding for findings in run_checks(french, "fr").values() for finding in findings]
    counts = Counter(finding.check_id for finding in found if finding.severity is not Severity.INFORMS)
    assert 900 < len(french) < 1100
    assert sum(counts.values()) <= 12
    assert counts["unchanged"] <= 8
    assert set(counts) <= {"unchanged", "option_duplicate", "numbers", "reused"}
    assert sum(finding.severity is Severity.INFORMS for finding in found) <= 25


def test_what_blocks_is_a_real_defect(french):
    """The one defect that blocks is found: two needs codes share a translation."""
    blocking = {
        key.rpartition("/")[2]: finding.check_id
        for key, findings in run_checks(french, "fr").items()
        for finding in findings
        if finding.severity is Severity.BLOCKS
    }
    assert blocking == {"fu-tr": "option_duplicate", "fu-fr": "option_duplicate"}


def test_every_kind_of_harm_is_seen_in_real_sentences(french):
    """Each harmful thing put into every real text is found in (nearly) all of them."""
    harms = {
        "placeholder_invented": " %{nom}",
        "placeholder_damaged": " : % {nom}",
        "control_chars": "\t",
        "bidi_unbalanced": "\u202e",
        "html_introduced": " <b>x</b>",
        "links_introduced": " 079 555 0100",
        "numbers": " 4711",
    }
    for check_id, harm in harms.items():
        harmed = [TextPair(pair.key, pair.source, pair.target + harm, "fr") for pair in french]
        hits = sum(check_id in {f.check_id for f in findings} for findings in run_checks(harmed, "fr").values())
        assert hits >= 0.99 * len(french), check_id
        assert get_check(check_id) in CHECKS
