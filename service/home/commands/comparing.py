"""The command that compares a bundle with a Primero, an export or another bundle, word by word."""

from pathlib import Path
from typing import Annotated

import typer

from extractors.units import Catalog
from service.auth.rules import Permission
from service.bundles.reading import OpenBundle
from service.errors import BadInput
from service.home.command_line import CommandLine, JsonOption, get_command_line
from service.home.commands.applying import open_bundle
from service.home.places import is_address, read_export
from service.primero.rules.diffing import TextDiff, count_changes, diff_bundles, diff_with_instance
from service.primero.service.looks import diff_data, diff_lines

_SHOWN = 50


def diff(
    ctx: typer.Context,
    bundle: Annotated[Path, typer.Argument(help="The bundle.")],
    against: Annotated[
        str | None,
        typer.Argument(help="An export, an older bundle, or the https:// address of a Primero."),
    ] = None,
    instance: Annotated[str | None, typer.Option(help="An instance of the bundle's deployment, by its name.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Show what a bundle would change, word by word: on a Primero, in an export, or since another bundle."""
    command_line = get_command_line(ctx)
    opened = open_bundle(bundle)
    if (against is None) == (instance is None):
        raise BadInput("Name one thing to compare with: an export, a bundle, an https:// address, or --instance NAME.")
    if instance is not None:
        rows = diff_with_instance(opened, _read_instance(command_line, opened, instance))
    else:
        rows = _diff_with_place(command_line, opened, against or "")
    counts = count_changes(rows)
    data = diff_data(opened.manifest.locale, rows, counts)
    command_line.show(data, diff_lines(rows, counts, shown=_SHOWN), as_json=as_json)


def _diff_with_place(command_line: CommandLine, opened: OpenBundle, against: str) -> list[TextDiff]:
    if not is_address(against) and against.lower().endswith(".zip"):
        older = _older_bundle(Path(against))
        if older is not None:
            if older.manifest.locale != opened.manifest.locale:
                raise BadInput(f"{against} is a bundle of {older.manifest.locale}, not of {opened.manifest.locale}.")
            return diff_bundles(older, opened)
    source_locale = opened.manifest.source_locale
    return diff_with_instance(opened, read_export(against, source_locale, command_line.settings))


def _older_bundle(file: Path) -> OpenBundle | None:
    """Return the bundle in an archive, None where it is an archive of something else."""
    import io
    import zipfile

    try:
        with zipfile.ZipFile(io.BytesIO(file.read_bytes())) as archive:
            is_bundle = "manifest.json" in archive.namelist()
    except (OSError, zipfile.BadZipFile):
        return None
    return open_bundle(file) if is_bundle else None


def _read_instance(command_line: CommandLine, opened: OpenBundle, name: str) -> Catalog:
    from service.home.places import read_live
    from service.primero.service.checking import visiting
    from service.primero.service.instances import find_instance

    resources = command_line.resources
    with resources.database.read() as session:
        deployment, _ = command_line.deployment(
            session, opened.manifest.deployment, Permission.INSTANCE_MANAGE, changing=False
        )
        row = find_instance(session, deployment, name)
    with visiting(resources, row) as client:
        return read_live(client, opened.manifest.source_locale)


def mount(app: typer.Typer) -> None:
    """Add this command to the command line."""
    app.command("diff")(diff)
