"""The glossary as a spreadsheet's CSV, there and back. Pure.

UTF-8 with a byte order mark, which Excel wants; several forms in a cell stand between ``|``. A cell that a spreadsheet
would take for a formula gets an apostrophe in front, and one that begins like that already gets another: reading then
takes off exactly what writing put on.
"""

import csv
import io
from collections.abc import Iterable

from service.checks.rules import GlossaryTerm

COLUMNS = ("term", "inflections", "accepted", "forbidden", "reason", "owner")
MOST_ROWS = 5000
_FORMULA = tuple("=+-@\t\r'＝＋－＠")
_BETWEEN = " | "


def write_csv(terms: Iterable[GlossaryTerm]) -> bytes:
    """Return the terms as a file."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for term in terms:
        lists = (_BETWEEN.join(forms) for forms in (term.inflections, term.accepted, term.forbidden))
        writer.writerow([neutral_cell(cell) for cell in (term.term, *lists, term.reason, term.owner)])
    return out.getvalue().encode("utf-8-sig")


def read_csv(data: bytes) -> list[tuple[int, dict[str, str]]]:
    """Return the rows of a file by the number of their line; empty ones are passed over.

    Raises:
        ValueError: it is no such file; the message says what to do, without its full stop.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError('it is not UTF-8: in Excel save it as "CSV UTF-8"') from None
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        head = [cell.strip().casefold() for cell in next(reader, [])]
        _check_head(head)
        rows = []
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((reader.line_num, dict(zip(head, map(_plain, cells), strict=False))))
    except csv.Error as error:
        raise ValueError(f"it cannot be read as CSV: {error}") from None
    if len(rows) > MOST_ROWS:
        raise ValueError(f"it has more than {MOST_ROWS:,} rows")
    return rows


def _check_head(head: list[str]) -> None:
    unknown = [name for name in head if name and name not in COLUMNS]
    if "term" not in head or unknown or len(set(head)) < len(head):
        raise ValueError(
            f"its first line must name the columns {', '.join(COLUMNS)}"
            + (f"; {unknown[0]!r} is none of them" if unknown else "")
        )


def neutral_cell(cell: str) -> str:
    """Return the text as no spreadsheet takes it for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _plain(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and (cell[1:].startswith(_FORMULA) or cell == "''") else cell
