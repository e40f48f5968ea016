"""Commands about bundles: building one, and everything that needs the file alone."""

from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from service.auth.rules import Permission
from service.bundles.inspection import Inspection, inspect_bundle
from service.bundles.inverse import build_inverse
from service.bundles.reading import Target, read_bundle, target_of
from service.bundles.rules.gate import Policy
from service.bundles.schemas import LeftOutRecord, Manifest
from service.bundles.service import BuildOptions, Bundle, build_bundle, record_build
from service.bundles.service.giving import get_release, record_fetch, require_served
from service.bundles.service.keys import sign_data
from service.bundles.service.releasing import rebuild
from service.bundles.signing import SUFFIX, verify_signature
from service.errors import BadInput
from service.home.command_line import CommandLine, JsonOption, Locale, Slug, get_command_line
from service.home.commands.merging import merge
from service.home.commands.writing import write_file
from service.home.places import read_export
from service.home.reading import read_source
from service.home.verifying import is_verified, verified_data, verified_lines
from service.primero.rules.diffing import verify_export
from service.version import VERSION

bundle_app = typer.Typer(no_args_is_help=True, help="What is approved, packaged for Primero.")

Allow = Annotated[str, typer.Option("--allow", help="The reason to go on all the same; it stands in the manifest.")]
PartialOptions = Annotated[
    bool, typer.Option("--partial-options", help="Take option sets of which only a part is ready.")
]
TargetFile = Annotated[
    Path | None,
    typer.Option("--target", help="An export of the instance that it is for. Without it: the current snapshot."),
]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="The file to write, or a folder for its own name.")]


class Required(StrEnum):
    """What a bundle must be."""

    COMPLETE = "complete"


Require = Annotated[Required | None, typer.Option("--require", help="Refuse where anything in scope is missing.")]


@bundle_app.command("build")
def build(
    ctx: typer.Context,
    slug: Slug,
    locale: Locale,
    policy: Annotated[Policy, typer.Option(help="Which texts it takes.")] = Policy.APPROVED,
    partial_options: PartialOptions = False,
    require: Require = None,
    allow: Allow = "",
    target: TargetFile = None,
    release: Annotated[
        int | None, typer.Option("--release", help="Write this release, as it was frozen, and nothing else.", min=1)
    ] = None,
    output: Output = None,
    as_json: JsonOption = False,
) -> None:
    """Build the bundle of one language: exactly what is approved, nothing else. Its signature goes beside it."""
    command_line = get_command_line(ctx)
    if release is not None:
        if policy is not Policy.APPROVED or partial_options or require or allow or target:
            raise BadInput("A release is frozen: --release goes with -o alone.")
        _write_release(command_line, slug, locale, release, output, as_json=as_json)
        return
    options = BuildOptions(policy, partial_options, require is not None, allow.strip())
    instance = read_target(target)
    with command_line.resources.database.read() as session:
        deployment, identity = command_line.deployment(session, slug, Permission.BUNDLE_BUILD, locale, changing=False)
        bundle = build_bundle(session, deployment, locale, options=options, version=VERSION, target=instance)
    place = find_place(output, bundle.name)
    write_new(place, bundle.data)
    resources = command_line.resources
    with resources.database.write() as session:
        record_build(session, identity.actor, bundle, resources.clock())
        # A signature would lend a preview a weight that nobody gave it.
        preview = bundle.manifest.preview
        signature = None if preview else sign_data(session, resources.secrets, bundle.data, resources.clock()).signature
    if signature is not None:
        write_file(_signature_of(place), signature)
    command_line.show(_build_data(bundle, place), _build_lines(bundle, place), as_json=as_json)


def _write_release(
    command_line: CommandLine, slug: str, locale: str, number: int, output: Path | None, *, as_json: bool
) -> None:
    resources = command_line.resources
    with resources.database.read() as session:
        deployment, identity = command_line.deployment(session, slug, Permission.BUNDLE_BUILD, locale, changing=False)
        release = require_served(get_release(session, deployment, locale, number))
        data = rebuild(session, release)
    place = find_place(output, release.name)
    write_new(place, data)
    write_file(_signature_of(place), release.signature.encode())
    with resources.database.write() as session:
        record_fetch(session, release, actor=identity.actor, client=f"primero-bridge {VERSION}", now=resources.clock())
    shown = {"file": str(place), "sha256": release.sha256, "locale": locale, "release": number}
    lines = [f"{place} (release {number})", f"sha256 {release.sha256}", f"signed with the key {release.key_id}"]
    command_line.show(shown, lines, as_json=as_json)


def read_target(path: Path | None) -> Target | None:
    """Return an instance as one of its exports on disk shows it; None where none is given."""
    return None if path is None else target_of(read_source(path, "en"))


def find_place(output: Path | None, name: str) -> Path:
    """Return the file to write: the one named, or one of this name in the folder named."""
    place = output or Path(name)
    return place / name if place.is_dir() else place


def _signature_of(place: Path) -> Path:
    return place.with_name(place.name + SUFFIX)


def write_new(target: Path, data: bytes) -> None:
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
        "locale_enabled": manifest.target.locale_enabled if manifest.target else None,
        "allowed": [row.model_dump() for row in manifest.allowed],
        "counts": manifest.counts.model_dump(mode="json"),
        "left_out": [record.model_dump(mode="json") for record in bundle.left_out],
    }


def _build_lines(bundle: Bundle, target: Path) -> Iterable[str]:
    counts = bundle.manifest.counts
    yield f"{target} ({counts.texts:,} texts, {counts.forms} forms, {counts.lookups} lookups)"
    yield f"sha256 {bundle.sha256}"
    yield from manifest_lines(bundle.manifest)
    yield from left_out_lines(bundle.left_out)


def manifest_lines(manifest: Manifest) -> Iterable[str]:
    """Say what was let pass, what nobody could tell, and how much is left out."""
    for row in manifest.allowed:
        yield f"  let pass: {row.what} ({row.reason})"
    if manifest.target is not None and manifest.target.locale_enabled is None:
        yield f"  whether {manifest.locale} is enabled on the instance is not known: its importer is silent when not"
    for reason, number in sorted(manifest.counts.left_out.items()):
        yield f"  {number:,} left out: {reason}"


def left_out_lines(records: Iterable[LeftOutRecord]) -> Iterable[str]:
    """Name the texts that somebody has to act on; those nobody translated or approved yet are only counted."""
    named = [record for record in records if record.reason not in ("untranslated", "not-approved", "partial-options")]
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
    found = inspect_bundle(read_file(file))
    command_line.show(_inspection_data(found), _inspection_lines(found, file), as_json=as_json)
    if not found.whole:
        raise typer.Exit(1)


def read_file(file: Path) -> bytes:
    """Return the bytes of a file that somebody names.

    Raises:
        BadInput: it cannot be read.
    """
    try:
        return file.read_bytes()
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}.") from error


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
        what = f"release {manifest.release.number}" if manifest.release else f"policy {manifest.policy}"
        preview = ", a preview: not for production" if manifest.preview else ""
        yield f"{file}: {manifest.deployment}, {manifest.locale}, {what}{preview}"
        yield f"snapshot {manifest.snapshot.number}, {manifest.counts.texts:,} texts, made by {manifest.tool.version}"
    yield f"sha256 {found.sha256}, {found.size:,} bytes, {len(found.files)} files, {len(found.texts):,} texts in them"
    for problem in found.problems:
        yield f"  {problem.fault.value} {problem.where}: {problem.message}"
    yield "whole: every checksum and count agrees" if found.whole else "NOT whole: do not import it"


@bundle_app.command("verify")
def verify(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="A bundle.")],
    key: Annotated[
        Path | None, typer.Option("--key", help="Public keys as PEM: /api/v1/signing-keys.pem of the service.")
    ] = None,
    signature: Annotated[
        Path | None, typer.Option("--signature", help="The signature file. Without it: FILE with .sig behind its name.")
    ] = None,
    against: Annotated[
        str | None,
        typer.Option("--against", help="An export of the instance, made after the import, or its https:// address."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Check who signed a bundle and that it is whole, or that it arrived; exit 1 when not. No database is used."""
    command_line = get_command_line(ctx)
    if key is None and against is None:
        raise BadInput("Say what to verify it with: --key KEYS for its signature, --against EXPORT for its arrival.")
    data = read_file(file)
    signed = (
        None if key is None else verify_signature(data, read_file(signature or _signature_of(file)), read_file(key))
    )
    bundle = read_bundle(data)
    manifest = bundle.manifest
    there = None if against is None else read_export(against, manifest.source_locale, command_line.settings)
    found = None if there is None else verify_export(bundle, there)
    what = f"release {manifest.release.number}" if manifest.release else f"a build by the policy {manifest.policy}"
    shown = {
        "verified": found is None or is_verified(found),
        "key": signed.key if signed else None,
        "sha256": bundle.sha256,
        "deployment": manifest.deployment,
        "locale": manifest.locale,
        "release": manifest.release.number if manifest.release else None,
        "texts": manifest.counts.texts,
        "against": None if found is None else verified_data(found),
    }
    lines = [
        *([f"verified: signed with the key {signed.key}, and every checksum and count agrees"] if signed else []),
        f"{manifest.deployment}, {manifest.locale}, {what}, {manifest.counts.texts:,} texts, sha256 {bundle.sha256}",
        *(verified_lines(found) if found is not None else []),
    ]
    command_line.show(shown, lines, as_json=as_json)
    if not shown["verified"]:
        raise typer.Exit(1)


@bundle_app.command("inverse")
def inverse(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="A bundle.")],
    target: Annotated[
        Path, typer.Option("--target", help="An export of the instance, made before the bundle is imported there.")
    ],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="The file to write.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Build the way back: a bundle that puts back what stands in the instance now. No database is used."""
    command_line = get_command_line(ctx)
    instance = target_of(read_source(target, "en"))
    made = build_inverse(read_bundle(read_file(file)), instance, version=VERSION)
    place = output or file.with_name(f"{file.name.removesuffix('.zip')}-inverse.zip")
    write_new(place, made.data)
    counts = made.manifest.counts
    emptied = sum(1 for row in made.manifest.texts if row.text_hash is None)
    shown = {
        "file": str(place),
        "texts": counts.texts,
        "emptied": emptied,
        "left_out": [record.model_dump(mode="json") for record in made.left_out],
    }
    lines = [
        f"{place} ({counts.texts:,} texts, of which {emptied:,} are emptied again)",
        *left_out_lines(made.left_out),
    ]
    command_line.show(shown, lines, as_json=as_json)


bundle_app.command("merge")(merge)


def mount(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.add_typer(bundle_app, name="bundle")
