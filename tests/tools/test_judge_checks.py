"""The table by which a person judges the checks."""

from service.checks.findings import TextPair
from service.checks.pairing import CataloguePairs
from tools.judge_checks import judge

PAIRS = CataloguePairs(
    [
        TextPair("form/f/a/display_name", "5 boys", "6 garçons", "fr", record="form/f"),
        TextPair("form/f/b/display_name", "Name", "nom", "fr", record="form/f"),
    ],
    {},
    0,
    [],
    2,
)


def test_every_check_has_its_line_and_what_fired_its_keys():
    """Also those that found nothing; texts are not printed, for they may not be committed."""
    lines = judge(PAIRS, "fr")
    assert "| numbers | W | 1 | 1 |" in lines
    assert "| blank | B | 0 | 0 |" in lines
    assert lines[lines.index("## numbers") + 2] == "- `form/f/a/display_name`"
    assert "garçons" not in "\n".join(lines)


def test_texts_are_printed_on_request_and_one_check_alone():
    """For reading while judging."""
    lines = judge(PAIRS, "fr", texts=True, check="numbers")
    assert "    '6 garçons'" in lines
    assert not [line for line in lines if line.startswith("## ") and line != "## numbers"]
    assert [line for line in lines if line.startswith("| ")][1:] == ["| numbers | W | 1 | 1 |"]
