"""Commands about bundles."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from service.auth.rules import Permission
from service.bundles.inspection import Inspection, inspect_bundle
from service.bundles.rules.gate import Policy
from service.bundles.schemas import LeftOutRecord
from service.bundles.service import Bundle, build_bundle, record_build
from service.errors import BadInput
from service.home.command_line import JsonOption, Locale, Slug, get_command_line
from service.home.commands.writing import write_file
from service.version import VERSION

bundle_app = typer.Typer(no_args_is_help=True, help="What is approved, packaged for Primero.")


@bundle_app.command("build")
def build(
    ctx: typer.Context,
    slug: Slug,
    locale: Locale,
    policy: Annotated[Policy, typer.Option(help="Which texts it takes.")] = Policy.APPROVED,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The file to write, or a folder for its own name.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Build the bundle of one language: exactly what is approved, nothing else."""
    command_line = get_command_line(ctx)
    with command_line.resources.database.read() as session:
        deployment, identity = command_line.deployment(session, slug, Permission.BUNDLE_BUILD, locale, changing=False)
        bundle = build_bundle(session, deployment, locale, policy=policy, version=VERSION)
    target = output or Path(bundle.name)
    if target.is_dir():
        target /= bundle.name
    _write(target, bundle.data)
    with command_line.resources.database.write() as session:
        record_build(session, identity.actor, bundle, command_line.resources.clock())
    command_line.show(_build_data(bundle, target), _build_lines(bundle, target), as_json=as_json)


def _write(target: Path, data: bytes) -> None:
    """Write the bundle; the same bytes may stand there already, others may not."""
    try:
        if target.is_file():
            if target.read_bytes() == data:
                return
            raise BadInput(f"{target} exists and holds something else: name another file with -o.")
    except OSError as error:
        raise BadInput(f"{target} cannot be read: {error.strerror}.") from error
    write_file(target, data)


def _build_data(bundle: Bundle, target: Path) -> dict[str, Any]:
    manifest = bundle.manifest
    return {
        "file": str(target),
        "sha256": bundle.sha256,
        "locale": manifest.locale,
        "policy": manifest.policy,
        "counts": manifest.counts.model_dump(mode="json"),
        "left_out": [record.model_dump(mode="json") for record in bundle.left_out],
    }


def _build_lines(bundle: Bundle, target: Path) -> Iterable[str]:
    counts = bundle.manifest.counts
    yield f"{target} ({counts.texts:,} texts, {counts.forms} forms, {counts.lookups} lookups)"
    yield f"sha256 {bundle.sha256}"
    for reason, number in sorted(counts.left_out.items()):
        yield f"  {number:,} left out: {reason}"
    yield from _left_out_lines(bundle.left_out)


def _left_out_lines(records: Iterable[LeftOutRecord]) -> Iterable[str]:
    """Name the texts that somebody has to act on; those nobody translated or approved yet are only counted."""
    named = [record for record in records if record.reason not in ("untranslated", "not-approved")]
    for record in named[:20]:
        yield f"  {record.key}: {record.mend}"
    if len(named) > 20:
        yield f"  … and {len(named) - 20:,} more; --json lists all"


@bundle_app.command("inspect")
def inspect(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="A bundle.")],
    as_json: JsonOption = False,
) -> None:
    """Look into a bundle and check every file in it; exit 1 when something is wrong. No database is used."""
    command_line = get_command_line(ctx)
    try:
        data = file.read_bytes()
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}.") from error
    found = inspect_bundle(data)
    command_line.show(_inspection_data(found), _inspection_lines(found, file), as_json=as_json)
    if not found.whole:
        raise typer.Exit(1)


def _inspection_data(found: Inspection) -> dict[str, Any]:
    return {
        "sha256": found.sha256,
        "size": found.size,
        "whole": found.whole,
        "exact": found.exact,
        "manifest": found.manifest.model_dump(mode="json", exclude={"texts", "files"}) if found.manifest else None,
        "texts": len(found.texts),
        "files": [record.model_dump(mode="json") for record in found.files],
        "problems": [
            {"fault": problem.fault.value, "where": problem.where, "message": problem.message}
            for problem in found.problems
        ],
    }


def _inspection_lines(found: Inspection, file: Path) -> Iterable[str]:
    if found.manifest:
        manifest = found.manifest
        preview = ", a preview: not for production" if manifest.preview else ""
        yield f"{file}: {manifest.deployment}, {manifest.locale}, policy {manifest.policy}{preview}"
        yield f"snapshot {manifest.snapshot.number}, {manifest.counts.texts:,} texts, made by {manifest.tool.version}"
    yield f"sha256 {found.sha256}, {found.size:,} bytes, {len(found.files)} files, {len(found.texts):,} texts in them"
    for problem in found.problems:
        yield f"  {problem.fault.value} {problem.where}: {problem.message}"
    yield "whole: every checksum and count agrees" if found.whole else "NOT whole: do not import it"


def mount(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.add_typer(bundle_app, name="bundle")
