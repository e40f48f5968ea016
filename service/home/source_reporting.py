"""The report on the source texts as the API, the page and the command line show it: plain values, and a file."""

import csv
import io
from collections.abc import Iterable
from typing import Any

from service.checks.glossary_csv import neutral_cell
from service.checks.service.source_report import SourceRow

_COLUMNS = ("check", "severity", "source", "places", "first_key", "locales", "message")


def source_data(row: SourceRow) -> dict[str, Any]:
    """Return one row as plain values."""
    return {
        "check": row.check,
        "severity": row.severity.value,
        "source": row.source,
        "start": row.start,
        "end": row.end,
        "message": row.message,
        "keys": list(row.keys),
        "locales": list(row.locales),
    }


def source_csv(rows: Iterable[SourceRow]) -> bytes:
    """Return the report as a CSV file for spreadsheets: UTF-8 with a byte order mark, no cell a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    for row in rows:
        cells = (
            row.check, row.severity.value, row.source, str(len(row.keys)), row.keys[0], " ".join(row.locales),
            row.message,
        )  # fmt: skip
        writer.writerow([neutral_cell(cell) for cell in cells])
    return out.getvalue().encode("utf-8-sig")
