"""What pages show of progress as files: CSV and XLSX for a spreadsheet, JSON for programs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import orjson
from sqlmodel import Session

from service.catalog.queries import count_records
from service.deployments.models import Deployment
from service.home.progress import COLUMNS, DAY_COLUMNS, FORM_COLUMNS, LanguageProgress, day_row, form_row
from service.web.spreadsheets import CSV_TYPE, XLSX_TYPE, Cell, write_csv, write_xlsx


class FileFormat(StrEnum):
    """How a file is written."""

    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"


class Table(StrEnum):
    """Which table of a language is wanted: its forms, or its days."""

    FORMS = "forms"
    DAYS = "days"


@dataclass(frozen=True, slots=True)
class TableFile:
    """A file ready to be sent."""

    name: str
    media_type: str
    data: bytes


_TYPES = {FileFormat.CSV: CSV_TYPE, FileFormat.XLSX: XLSX_TYPE, FileFormat.JSON: "application/json"}


def languages_file(
    deployment: Deployment, languages: Iterable[LanguageProgress], wanted: FileFormat, *, today: date
) -> TableFile:
    """Return the languages of a deployment as a file."""
    name = f"{deployment.slug}-languages-{today.isoformat()}"
    return _write(name, COLUMNS, [language.as_row() for language in languages], wanted)


def language_file(
    session: Session,
    deployment: Deployment,
    language: LanguageProgress,
    what: Table,
    wanted: FileFormat,
    *,
    today: date,
) -> TableFile:
    """Return the forms or the days of one language as a file."""
    assert deployment.id is not None
    name = f"{deployment.slug}-{language.locale}-{what.value}-{today.isoformat()}"
    if what is Table.DAYS:
        return _write(name, DAY_COLUMNS, [day_row(day) for day in language.days], wanted)
    records = count_records(session, deployment.id, language.locale)
    return _write(name, FORM_COLUMNS, [form_row(record, counts) for record, counts in records.items()], wanted)


def _write(name: str, head: Sequence[str], rows: Sequence[Sequence[Cell]], wanted: FileFormat) -> TableFile:
    if wanted is FileFormat.CSV:
        data = write_csv(head, rows)
    elif wanted is FileFormat.XLSX:
        data = write_xlsx("progress", head, rows)
    else:
        data = orjson.dumps([dict(zip(head, row, strict=True)) for row in rows], option=orjson.OPT_INDENT_2)
    return TableFile(f"{name}.{wanted.value}", _TYPES[wanted], data)
