"""Tables as files for a spreadsheet, out and in."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from service.web.spreadsheets import MOST_ROWS, read_table, write_csv, write_xlsx

HEAD = ["name", "note"]
_texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


@given(st.lists(st.tuples(_texts, _texts), max_size=6))
def test_csv_comes_back_as_it_was(rows: list[tuple[str, str]]) -> None:
    """Whatever stands in the cells, also what a spreadsheet takes for a formula; outer spaces alone go."""
    found = read_table(write_csv(HEAD, rows), columns=HEAD, needed=["name"])
    assert [(row["name"], row["note"]) for _, row in found] == [
        (name.strip(), note.strip()) for name, note in rows if name.strip() or note.strip()
    ]


def test_xlsx_holds_texts_and_numbers_and_no_formula() -> None:
    """Another reader sees texts as texts, Arabic whole, numbers as numbers; ours reads the same."""
    rows = [("=1+1", 3), ("سارة", None), ("http://x", 2.5), ("@x", datetime(2026, 3, 2, tzinfo=UTC))]
    data = write_xlsx("A title that is longer than a sheet's", HEAD, rows)
    sheet = load_workbook(io.BytesIO(data)).worksheets[0]
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        HEAD, ["=1+1", 3], ["سارة", None], ["http://x", 2.5], ["@x", "2026-03-02T00:00:00+00:00"],
    ]  # fmt: skip
    assert {cell.data_type for cell in sheet["A"]} == {"s"}
    assert [row["name"] for _, row in read_table(data, columns=HEAD, needed=HEAD)] == ["=1+1", "سارة", "http://x", "@x"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "it is empty"),
        (b"name,colour\n", "'colour' is none of them"),
        (b"note\nx\n", "name must be there"),
        (b"name,name\n", "must name the columns"),
        ("name\nÉ\n".encode("latin-1"), "CSV UTF-8"),
        (b'name\n"x', "cannot be read as CSV"),
        (b"PK\x03\x04nonsense", "save it anew"),
        (b"name\n" + b"x\n" * (MOST_ROWS + 1), "more than 5,000 rows"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_why(data: bytes, said: str) -> None:
    """One sentence that says what to do."""
    with pytest.raises(ValueError, match=said):
        read_table(data, columns=HEAD, needed=["name"])


def test_a_file_that_unpacks_without_end_is_refused() -> None:
    """Sixty megabytes of nothing in a few kilobytes are not read."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", bytes(60_000_000))
    with pytest.raises(ValueError, match="unpacks to more than 50 MB"):
        read_table(packed.getvalue(), columns=HEAD, needed=["name"])
