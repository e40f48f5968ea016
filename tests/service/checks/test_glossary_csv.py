"""The glossary as a spreadsheet's file."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.checks.glossary_csv import COLUMNS, read_csv, write_csv
from service.checks.rules import GlossaryTerm, clean_term

FORM = st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="|"), min_size=1, max_size=12)
FORMS = st.lists(FORM, max_size=3, unique=True).map(tuple)


@given(st.builds(GlossaryTerm, FORM, FORMS, FORMS, FORMS, FORM, FORM))
def test_what_is_written_is_read(term: GlossaryTerm) -> None:
    """Whatever the cells hold, apostrophes and equal signs at their start too."""
    ((_, cells),) = read_csv(write_csv([term]))
    lists = {name: tuple(filter(None, map(str.strip, cells[name].split("|")))) for name in COLUMNS[1:4]}
    assert (cells["term"], cells["reason"], cells["owner"]) == (term.term, term.reason, term.owner)
    assert lists == {"inflections": term.inflections, "accepted": term.accepted, "forbidden": term.forbidden}


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "＝1"])
def test_no_cell_is_a_formula(cell: str) -> None:
    """A spreadsheet shows it as text."""
    line = write_csv([GlossaryTerm(cell, accepted=(cell,))]).decode("utf-8-sig").splitlines()[1]
    assert line.startswith(f"'{cell},,'{cell},")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_spreadsheets_of_all_countries_are_read(delimiter: str) -> None:
    """Columns in any order, some missing, with or without a byte order mark; empty lines are passed over."""
    data = f"accepted{delimiter}term\r\n{delimiter}\r\na | b{delimiter}x\r\n".encode()
    assert read_csv(data) == [(3, {"accepted": "a | b", "term": "x"})]


@pytest.mark.parametrize(
    ("data", "why"), [(b"term\r\n\xe9", "UTF-8"), (b"name\r\nx", "columns"), (b"", "columns"), (b"term,x\r\n", "'x'")]
)
def test_another_file_is_refused(data: bytes, why: str) -> None:
    """With what to do."""
    with pytest.raises(ValueError, match=why):
        read_csv(data)


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"term": " "}, "no term"),
        ({"term": "x"}, "accepted, or one"),
        ({"term": "x", "accepted": "a", "forbidden": "A", "reason": "r"}, "at once"),
        ({"term": "x", "forbidden": "a"}, "say why"),
        ({"term": "x", "accepted": "…"}, "need a letter"),
    ],
)
def test_what_is_no_term_is_refused(values: dict[str, str], why: str) -> None:
    """One sentence says why."""
    with pytest.raises(ValueError, match=why):
        clean_term(values)
