"""Commands about translations: import them from files, approve them in bulk."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from service.auth.rules import Permission
from service.deployments.service import find_locale
from service.errors import Refused
from service.home.command_line import JsonOption, Locale, Slug, get_command_line
from service.home.reading import read_translations
from service.home.sources import entry_data
from service.review.service.bulk import accept_all_baseline, approve_all_passing
from service.review.service.entering import EntryReport
from service.review.service.inheriting import inherit_translations
from service.review.service.policies import import_translations

translations_app = typer.Typer(no_args_is_help=True, help="Translations: from files, and approved in bulk.")


@translations_app.command("import")
def translations_import(
    ctx: typer.Context,
    slug: Slug,
    locale: Locale,
    source: Annotated[Path, typer.Argument(help="Translations: YAML or PO, a file, folder or zip.")],
    replace_approved: Annotated[
        bool, typer.Option("--replace-approved", help="Replace approved texts, and those in conflict, too.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Import translations from files; what is approved or in conflict is listed and kept."""
    command_line = get_command_line(ctx)
    with command_line.resources.database.read() as session:
        deployment, _ = command_line.deployment(session, slug, Permission.TRANSLATIONS_IMPORT, locale)
        language = find_locale(session, deployment, locale).transifex_language
    # Files that Transifex gave back carry its own code of the language.
    texts = read_translations(source, [locale, *([language] if language else [])], deployment.source_locale)
    with command_line.resources.database.write() as session:
        deployment, identity = command_line.deployment(session, slug, Permission.TRANSLATIONS_IMPORT, locale)
        report = import_translations(
            session,
            deployment,
            locale,
            texts,
            replace_approved=replace_approved,
            actor=identity.actor,
            now=command_line.resources.clock(),
        )
    command_line.show(entry_data(report), _entry_lines(report), as_json=as_json)


@translations_app.command("approve")
def translations_approve(
    ctx: typer.Context,
    slug: Slug,
    locale: Locale,
    reason: Annotated[str, typer.Option(help="Why they may be approved at once; kept with each decision.")],
    all_passing: Annotated[
        bool,
        typer.Option("--all-passing", help="Approve every waiting text that is clean, not sensitive, not your own."),
    ] = False,
    with_warnings: Annotated[bool, typer.Option("--with-warnings", help="Take texts with warnings too.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Approve in bulk, as the user of BRIDGE_TOKEN."""
    command_line = get_command_line(ctx)
    if not all_passing:
        raise Refused("Only --all-passing can be approved in bulk; texts are decided one by one on the review pages.")
    with command_line.resources.database.write() as session:
        deployment, identity = command_line.deployment(session, slug, Permission.REVIEW_DECIDE, locale)
        find_locale(session, deployment, locale)
        report = approve_all_passing(
            session,
            deployment,
            locale,
            with_warnings=with_warnings,
            reason=reason,
            actor=identity.actor,
            now=command_line.resources.clock(),
        )
    lines = [f"{report.approved:,} texts approved in {locale}"]
    lines += [f"  {number:,} passed over: {why}" for why, number in sorted(report.passed_over.items())]
    data = {"approved": report.approved, "passed_over": dict(report.passed_over)}
    command_line.show(data, lines, as_json=as_json)


@translations_app.command("baseline")
def translations_baseline(
    ctx: typer.Context,
    slug: Slug,
    locale: Locale,
    reason: Annotated[str, typer.Option(help="Why they are accepted as they are; kept with each of them.")],
    as_json: JsonOption = False,
) -> None:
    """Accept the texts that Primero shows already as a baseline, as the user of BRIDGE_TOKEN."""
    command_line = get_command_line(ctx)
    with command_line.resources.database.write() as session:
        deployment, identity = command_line.deployment(session, slug, Permission.BASELINE_ACCEPT, locale)
        find_locale(session, deployment, locale)
        report = accept_all_baseline(
            session, deployment, locale, reason=reason, actor=identity.actor, now=command_line.resources.clock()
        )
    lines = [f"{report.approved:,} live texts accepted as baseline in {locale}"]
    lines += [f"  {number:,} passed over: {why}" for why, number in sorted(report.passed_over.items())]
    data = {"accepted": report.approved, "passed_over": dict(report.passed_over)}
    command_line.show(data, lines, as_json=as_json)


@translations_app.command("inherit")
def translations_inherit(ctx: typer.Context, slug: Slug, locale: Locale, as_json: JsonOption = False) -> None:
    """Fill a country variant (ar-IQ) where it has no text from what is approved in its parent (ar)."""
    command_line = get_command_line(ctx)
    with command_line.resources.database.write() as session:
        deployment, identity = command_line.deployment(session, slug, Permission.TRANSLATIONS_IMPORT, locale)
        inherited = inherit_translations(
            session, deployment, locale, actor=identity.actor, now=command_line.resources.clock()
        )
    lines = [f"{inherited.filled:,} texts of {locale} filled from what is approved in {inherited.parent}"]
    lines += [f"  {inherited.renewed:,} filled earlier, and brought up to date"] if inherited.renewed else []
    lines += [f"  {inherited.equal:,} equal already"] if inherited.equal else []
    lines += [f"  {inherited.kept:,} have a text of their own and keep it"] if inherited.kept else []
    command_line.show({"parent": inherited.parent, **inherited.counts()}, lines, as_json=as_json)


def _entry_lines(report: EntryReport) -> Iterable[str]:
    yield f"{report.written:,} texts taken"
    for outcome, number in sorted(report.outcomes.items()):
        yield f"  {number:,} {outcome.value}"
    for text in report.listed[:50]:
        yield f"  {text.outcome.value} {text.key}: {text.ours!r} is kept, {text.theirs!r} came"
    if report.unknown:
        yield f"  {len(report.unknown):,} keys are not in the current source, such as {report.unknown[0]}"
    for key in report.replaced_characters[:20]:
        yield f"  {key} held characters that cannot be stored; they became U+FFFD"


def mount(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.add_typer(translations_app, name="translations")
