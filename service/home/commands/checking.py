"""Checking translations in files against their source; no database is needed."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from extractors.errors import ExtractionError
from extractors.load import load, load_source
from extractors.reading import read_path
from service.checks.engine import Finding, Severity, run_checks
from service.checks.locales import UnknownLocale, get_locale
from service.checks.pairing import pair_catalogues
from service.errors import BadInput
from service.home.command_line import JsonOption, get_command_line
from service.home.reading import bad_input


def check(
    ctx: typer.Context,
    source: Annotated[Path, typer.Option(help="The source texts: configuration JSON, YAML or PO, file or folder.")],
    target: Annotated[Path, typer.Option(help="The translations: YAML or PO, file or folder.")],
    locale: Annotated[str, typer.Option(help="Primero's code of the translations' language, such as fr or ku-IQ.")],
    source_locale: Annotated[str, typer.Option(help="The locale the source is written in.")] = "en",
    as_json: JsonOption = False,
) -> None:
    """Check translations in files against their source; exit 1 when a finding blocks. No database is used."""
    command_line = get_command_line(ctx)
    _require_other_language(locale, source_locale)
    try:
        sources = load_source(read_path(source), source_locale).catalog
        targets = load(read_path(target), source_locale).catalog
    except ExtractionError as error:
        raise bad_input(error) from error
    paired = pair_catalogues(sources, targets, locale)
    if not paired.texts:
        raise BadInput(f"{target} has no text in {locale}; it has {', '.join(targets.locales) or 'no locales'}.")
    all_found = run_checks(paired.pairs, locale, untranslated=paired.untranslated)
    found = {key: findings for key, findings in all_found.items() if findings}
    targets_by_key = {pair.key: pair.target for pair in paired.pairs}
    blocking = sum(finding.severity is Severity.BLOCKS for findings in found.values() for finding in findings)
    data = {
        "checked": len(paired.pairs),
        "blank": paired.blank,
        "unknown_keys": list(paired.unknown),
        "blocking": blocking,
        "findings": [_finding_data(key, finding) for key, findings in found.items() for finding in findings],
    }
    lines = [*_finding_lines(found, targets_by_key), _summary(data, found, paired.unknown)]
    command_line.show(data, lines, as_json=as_json)
    if blocking:
        raise typer.Exit(1)


def _require_other_language(locale: str, source_locale: str) -> None:
    try:
        get_locale(locale)
    except UnknownLocale as error:
        raise BadInput(str(error)) from error
    if locale == source_locale:
        raise BadInput(f"{locale} is the language of the source: name the one of the translations with --locale.")


def _finding_lines(found: dict[str, tuple[Finding, ...]], targets: dict[str, str]) -> Iterable[str]:
    for key, findings in found.items():
        yield key
        yield f"    {one_line(targets[key])}"
        for finding in findings:
            yield f"    {finding.severity.value} {finding.check_id} {finding.start}-{finding.end}: {finding.message}"


def one_line(text: str) -> str:
    """Return a text as one line of a terminal."""
    line = text.replace("\n", "↵")
    return line if len(line) <= 100 else f"{line[:99]}…"


def _summary(data: dict[str, Any], found: dict[str, tuple[Finding, ...]], unknown: Sequence[str]) -> str:
    number = sum(len(findings) for findings in found.values())
    tail = f"; {len(unknown)} keys are not in the source" if unknown else ""
    return (
        f"{data['checked']:,} texts checked, {data['blank']:,} blank: {number} findings in {len(found)} texts, "
        f"{data['blocking']} of them blocking{tail}"
    )


def _finding_data(key: str, finding: Finding) -> dict[str, Any]:
    return {
        "key": key,
        "check": finding.check_id,
        "severity": finding.severity.value,
        "start": finding.start,
        "end": finding.end,
        "message": finding.message,
        "replacement": finding.replacement,
    }


def mount(app: typer.Typer) -> None:
    """Add this command to the command line."""
    app.command("check")(check)
