"""Extracting the texts of a configuration into files; no database is needed."""

import shutil
import tempfile
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from extractors.catalog_json import catalog_json
from extractors.reading import Member
from extractors.units import Catalog, Problem
from extractors.writing import left_out, po_members, texts_in, yaml_members
from service.errors import BadInput
from service.home.command_line import JsonOption, get_command_line
from service.home.commands.writing import cannot_write, write_file
from service.home.places import SOURCE_HELP, read_place
from service.home.reading import problem_data


class OutputFormat(StrEnum):
    """What ``extract`` writes."""

    YAML = "yaml"
    PO = "po"
    JSON = "json"


def extract(
    ctx: typer.Context,
    source: Annotated[str, typer.Argument(help=SOURCE_HELP)],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder to write yaml or po into, file for json.")
    ] = None,
    output_format: Annotated[OutputFormat, typer.Option("--format", help="What to write.")] = OutputFormat.YAML,
    locale: Annotated[str, typer.Option(help="The locale the configuration is written in.")] = "en",
    include_hidden: Annotated[
        bool, typer.Option("--include-hidden", help="Take the texts of hidden fields too.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Extract the translatable texts of a Primero configuration; no database is used.

    Without -o nothing is written: the numbers are shown, or with --format json the catalog itself.
    """
    command_line = get_command_line(ctx)
    catalog = read_place(source, locale, command_line.settings)
    members, problems = _render(catalog, output_format, include_hidden=include_hidden)
    units = list(catalog.translatable(include_hidden=include_hidden))
    problems = (*catalog.problems, *problems)
    command_line.note(problems, as_json=as_json)
    if output is None and output_format is OutputFormat.JSON:
        command_line.write(members[0].data.decode())
        return
    if output is not None and output_format is OutputFormat.JSON:
        write_file(output, members[0].data)
    elif output is not None:
        _write_folder(members, output)
    words = sum(unit.words for unit in units)
    data = {
        "format": catalog.format,
        "texts": len(units),
        "words": words,
        "files": len(members),
        "locales": list(catalog.locales),
        "problems": [problem_data(problem) for problem in problems],
        "output": str(output) if output else None,
    }
    files = f"{len(members)} file{'s' if len(members) > 1 else ''}"
    where = f"to {output} ({files})" if output else "(nothing written: name a place with -o)"
    line = f"{len(units):,} texts, {words:,} words from {catalog.format} {where}"
    command_line.show(data, [line], as_json=as_json)


def _render(
    catalog: Catalog, output_format: OutputFormat, *, include_hidden: bool
) -> tuple[tuple[Member, ...], tuple[Problem, ...]]:
    if output_format is OutputFormat.JSON:
        units = tuple(catalog.translatable(include_hidden=include_hidden))
        shown = Catalog(
            catalog.format, catalog.source_locale, units, catalog.records, catalog.locales, catalog.problems
        )
        return (Member("catalog.json", catalog_json(shown)),), ()
    if output_format is OutputFormat.PO:
        return po_members(catalog, catalog.source_locale, include_hidden=include_hidden), ()
    texts = list(texts_in(catalog, catalog.source_locale, include_hidden=include_hidden))
    return yaml_members(texts, catalog.source_locale), left_out(key for key, _ in texts)


def _write_folder(members: tuple[Member, ...], output: Path) -> None:
    """Write everything or nothing: into a new folder beside the target first."""
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        if output.exists() and (not output.is_dir() or any(output.iterdir())):
            raise BadInput(f"{output} is not empty: name a new folder, so that nothing old is mistaken for new.")
        staging = Path(tempfile.mkdtemp(prefix=".extract-", dir=output.parent))
        try:
            for member in members:
                (staging / member.name).parent.mkdir(parents=True, exist_ok=True)
                (staging / member.name).write_bytes(member.data)
            staging.chmod(0o755)
            if output.exists():
                output.rmdir()
            staging.rename(output)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    except OSError as error:
        raise cannot_write(output, error) from error


def mount(app: typer.Typer) -> None:
    """Add this command to the command line."""
    app.command("extract")(extract)
