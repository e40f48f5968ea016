"""Putting a bundle into a configuration JSON, for whoever promotes configurations that way."""

from pathlib import Path
from typing import Annotated

import typer

from extractors.reading import Member
from service.errors import BadInput
from service.home.command_line import JsonOption, get_command_line
from service.home.commands.applying import open_bundle
from service.home.commands.writing import write_file
from service.home.merging import WARNING, merge_bundle
from service.home.places import read_export
from service.primero.service.looks import left_out_lines
from service.primero.service.runs import left_out_data


def merge(
    ctx: typer.Context,
    bundle: Annotated[Path, typer.Argument(help="The bundle.")],
    configuration: Annotated[Path, typer.Argument(help="A configuration JSON.")],
    target: Annotated[
        str, typer.Option(help="The instance it is for: an export that shows everything, or its https:// address.")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to write.")],
    as_json: JsonOption = False,
) -> None:
    """Put a bundle's texts into a configuration JSON; refused where applying that would destroy forms or lookups."""
    command_line = get_command_line(ctx)
    opened = open_bundle(bundle)
    there = read_export(target, opened.manifest.source_locale, command_line.settings)
    if there.format == "translation_yaml":
        raise BadInput(
            "A YAML export does not show every form: give a configuration JSON, saved answers or an address."
        )
    try:
        data = configuration.read_bytes()
    except OSError as error:
        raise BadInput(f"{configuration} cannot be read: {error.strerror}.") from error
    merged = merge_bundle(opened, Member(configuration.name, data), there)
    write_file(output, merged.data)
    left_out = [left_out_data(one.key, one.why) for one in merged.left_out]
    shown = {
        "file": str(output),
        "written": merged.written,
        "unchanged": merged.unchanged,
        "left_out": left_out,
        "warning": WARNING,
    }
    lines = [
        f"{output}: {merged.written:,} texts put in, {merged.unchanged:,} there already",
        *left_out_lines(left_out),
        f"WARNING: {WARNING}",
    ]
    command_line.show(shown, lines, as_json=as_json)
