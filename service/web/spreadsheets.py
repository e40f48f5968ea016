"""Tables as files for a spreadsheet, out and in: CSV and XLSX. Pure.

CSV is UTF-8 with a byte order mark, which Excel wants. A cell that a spreadsheet would take for a formula gets an
apostrophe in front, and one that begins like that already gets another: reading takes off exactly what writing put on.
"""

import csv
import io
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from datetime import date

import xlsxwriter
from python_calamine import CalamineError, CalamineWorkbook

CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS = 5000
"""How many rows are read of a file that somebody hands in."""
MOST_BYTES = 50_000_000
"""How much an XLSX file may unpack to."""
_FORMULA = tuple("=+-@\t\r'＝＋－＠")
_ZIP = b"PK\x03\x04"

Cell = str | int | float | date | None


def write_csv(head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return a table as CSV."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(head)
    for row in rows:
        writer.writerow([_neutral(cell) for cell in row])
    # Half of a surrogate pair is no text that a file can hold.
    return out.getvalue().encode("utf-8-sig", "replace")


def write_xlsx(title: str, head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return a table as XLSX with one sheet, its head fixed. Every text stays a text: no formula, no link."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as workbook:
        sheet = workbook.add_worksheet(title[:31])
        bold = workbook.add_format({"bold": True})
        sheet.write_row(0, 0, head, bold)
        sheet.freeze_panes(1, 0)
        for number, row in enumerate(rows, start=1):
            for column, cell in enumerate(row):
                _write_cell(sheet, number, column, cell)
    return out.getvalue()


def _write_cell(sheet: "xlsxwriter.worksheet.Worksheet", row: int, column: int, cell: Cell) -> None:
    if cell is None:
        return
    if isinstance(cell, int | float):
        sheet.write_number(row, column, cell)
    else:
        sheet.write_string(row, column, _said(cell).encode("utf-8", "replace").decode())


def read_table(data: bytes, *, columns: Sequence[str], needed: Sequence[str]) -> list[tuple[int, dict[str, str]]]:
    """Return the rows of a CSV or XLSX file (the first sheet) by the number of their line; empty ones are passed over.

    Args:
        data: the file.
        columns: the names that its first line may have, in any order and any case.
        needed: those that it must have.

    Raises:
        ValueError: it is no such file; the message says what to do, without its full stop.
    """
    lines = _read_xlsx(data) if data.startswith(_ZIP) else _read_csv(data)
    if not lines:
        raise ValueError("it is empty")
    head = [cell.strip().casefold() for cell in lines[0][1]]
    _check_head(head, columns, needed)
    rows = [
        (number, {name: cell.strip() for name, cell in zip(head, cells, strict=False) if name})
        for number, cells in lines[1:]
        if any(cell.strip() for cell in cells)
    ]
    if len(rows) > MOST_ROWS:
        raise ValueError(f"it has more than {MOST_ROWS:,} rows")
    return rows


def _check_head(head: Sequence[str], columns: Sequence[str], needed: Sequence[str]) -> None:
    named = [name for name in head if name]
    unknown = [name for name in named if name not in columns]
    missing = [name for name in needed if name not in named]
    if unknown or missing or len(set(named)) < len(named):
        raise ValueError(
            f"its first line must name the columns {', '.join(columns)}, of which {', '.join(needed)} must be there"
            + (f"; {unknown[0]!r} is none of them" if unknown else "")
        )


def _read_csv(data: bytes) -> list[tuple[int, list[str]]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError('it is neither XLSX nor UTF-8: in Excel save it as "CSV UTF-8"') from None
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        return [(reader.line_num, [_plain(cell) for cell in cells]) for cells in reader]
    except csv.Error as error:
        raise ValueError(f"it cannot be read as CSV: {error}") from None


def _read_xlsx(data: bytes) -> list[tuple[int, list[str]]]:
    try:
        sheet = CalamineWorkbook.from_filelike(_unpacked(data)).get_sheet_by_index(0)
        found = sheet.to_python(skip_empty_area=False, nrows=MOST_ROWS + 2)
    except (
        CalamineError,
        IndexError,
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        RuntimeError,
        NotImplementedError,
    ):
        raise ValueError("it cannot be read as XLSX: save it anew") from None
    return [(number, [_said(cell) for cell in cells]) for number, cells in enumerate(found, start=1)]


def _unpacked(data: bytes) -> io.BytesIO:
    """Return the archive with its files unpacked within bounds: the reader itself knows none."""
    out = io.BytesIO()
    left = MOST_BYTES
    with zipfile.ZipFile(io.BytesIO(data)) as packed, zipfile.ZipFile(out, "w") as plain:
        for info in packed.infolist():
            with packed.open(info) as member:
                content = member.read(left + 1)
            left -= len(content)
            if left < 0:
                raise ValueError(f"it unpacks to more than {MOST_BYTES // 1_000_000} MB")
            plain.writestr(info.filename, content)
    out.seek(0)
    return out


def _said(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def _neutral(cell: Cell) -> Cell:
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(_FORMULA) else cell
    return cell.isoformat() if isinstance(cell, date) else cell


def _plain(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and (cell[1:].startswith(_FORMULA) or cell == "''") else cell
