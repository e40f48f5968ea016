"""Commands about words: the glossary of a language, the sensitive wording, suggestions for a text."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from service.auth.rules import Permission
from service.catalog.queries import find_unit
from service.catalog.service import wording
from service.catalog.service.wording import WordingEffect
from service.checks.rules import GlossaryTerm
from service.checks.service import glossary
from service.checks.service.conditions import list_terms
from service.checks.service.rechecking import queue_recheck
from service.errors import BadInput, NotFound
from service.home.command_line import JsonOption, Locale, Slug, get_command_line, table
from service.home.commands.writing import write_file
from service.home.words import describe_wording, import_data, visible_deployments
from service.review.service.suggesting import find_suggestions

glossary_app = typer.Typer(no_args_is_help=True, help="The glossary of a language: how terms have to be translated.")
wording_app = typer.Typer(no_args_is_help=True, help="Words in the source that make texts sensitive.")

Term = Annotated[str, typer.Argument(help="The term as the source text writes it.")]
Why = Annotated[str, typer.Option(help="Why; shown to reviewers and kept.")]
Forms = Annotated[list[str] | None, typer.Option("--form", help="Another form of the term, such as its plural.")]
_MOST_BYTES = 5_000_000


@glossary_app.command("list")
def list_all(ctx: typer.Context, slug: Slug, locale: Locale, as_json: JsonOption = False) -> None:
    """List the terms in force."""
    command_line = get_command_line(ctx)
    with command_line.resources.database.read() as session:
        deployment, _ = command_line.deployment(session, slug, Permission.DEPLOYMENT_VIEW, locale, changing=False)
        rows = list_terms(session, deployment.id or 0, locale)
    lines = [("term", "accepted", "forbidden", "owner", "version")]
    lines += [
        (row.term, " | ".join(row.accepted), " | ".join(row.forbidden), row.owner, str(row.version)) for row in rows
    ]
    data = [{**asdict(glossary.as_term(row)), "version": row.version} for row in rows]
    command_line.show(data, table(lines) if rows else ["The glossary is empty."], as_json=as_json)


@glossary_app.command("add")
def add(
    ctx: typer.Context,
    slug: Slug,
    locale: Locale,
    term: Term,
    accepted: Annotated[list[str] | None, typer.Option("--accept", help="A form that is right; may go on.")] = None,
    forbidden: Annotated[list[str] | None, typer.Option("--forbid", help="A form that is wrong, a whole word.")] = None,
    forms: Forms = None,
    reason: Annotated[str, typer.Option(help="Why; shown with each finding. Needed to forbid a form.")] = "",
    owner: Annotated[str, typer.Option(help="The team or role that answers for it, no person's name.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Add a term, or write it anew as a whole."""
    command_line = get_command_line(ctx)
    wanted = GlossaryTerm(term, tuple(forms or ()), tuple(accepted or ()), tuple(forbidden or ()), reason, owner)
    with command_line.resources.database.write() as session:
        deployment, identity = command_line.deployment(session, slug, Permission.CHECKS_MANAGE, locale)
        outcome = glossary.write_term(
            session, deployment, locale, wanted, actor=identity.actor, now=command_line.resources.clock()
        )
    command_line.show({"term": term, "outcome": outcome}, [f"{term}: {outcome}"], as_json=as_json)


@glossary_app.command("remove")
def remove(ctx: typer.Context, slug: Slug, locale: Locale, term: Term, as_json: JsonOption = False) -> None:
    """Take a term out; its versions are kept."""
    command_line = get_command_line(ctx)
    with command_line.resources.database.write() as session:
        deployment, identity = command_line.deployment(session, slug, Permission.CHECKS_MANAGE, locale)
        glossary.remove_term(
            session, deployment, locale, term, actor=identity.actor, now=command_line.resources.clock()
        )
    command_line.show({"term": term, "outcome": "removed"}, [f"{term}: removed"], as_json=as_json)


@glossary_app.command("import")
def import_file(
    ctx: typer.Context,
    slug: Slug,
    locale: Locale,
    file: Annotated[Path, typer.Argument(help="CSV in UTF-8, with the columns that `glossary export` writes.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what it would do, and do nothing.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Take terms in from a file; each row is answered, none removes a term. Exit 1 when a row is refused."""
    command_line = get_command_line(ctx)
    try:
        if file.stat().st_size > _MOST_BYTES:
            raise BadInput(f"{file} is larger than 5 MB: that is no glossary.")
        content = file.read_bytes()
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}.") from error
    with command_line.resources.database.write() as session:
        deployment, identity = command_line.deployment(session, slug, Permission.CHECKS_MANAGE, locale)
        rows = glossary.import_terms(
            session, deployment, locale, content, dry_run=dry_run, actor=identity.actor,
            now=command_line.resources.clock(),
        )  # fmt: skip
    data = import_data(rows, dry_run=dry_run)
    counts = ", ".join(f"{data[name]:,} {name}" for name in ("added", "changed", "unchanged", "refused"))
    lines = [f"{row.line}: {row.term}: {row.outcome}{f' ({row.why})' if row.why else ''}" for row in rows]
    command_line.show(data, [*lines, f"{'would be ' if dry_run else ''}{counts}"], as_json=as_json)
    if data["refused"]:
        raise typer.Exit(1)


@glossary_app.command("export")
def export(
    ctx: typer.Context,
    slug: Slug,
    locale: Locale,
    output: Annotated[Path, typer.Option("-o", "--output", help="The file to write.")],
    as_json: JsonOption = False,
) -> None:
    """Write the terms into a CSV file that spreadsheets open."""
    command_line = get_command_line(ctx)
    with command_line.resources.database.read() as session:
        deployment, _ = command_line.deployment(session, slug, Permission.DEPLOYMENT_VIEW, locale, changing=False)
        number = len(list_terms(session, deployment.id or 0, locale))
        content = glossary.export_terms(session, deployment, locale)
    write_file(output, content)
    command_line.show(
        {"file": str(output), "terms": number}, [f"{number:,} terms written to {output}"], as_json=as_json
    )


@wording_app.command("list")
def list_wording(ctx: typer.Context, slug: Slug, as_json: JsonOption = False) -> None:
    """List the sensitive terms in force, and how many units have each in their source text."""
    command_line = get_command_line(ctx)
    with command_line.resources.database.read() as session:
        deployment, _ = command_line.deployment(session, slug, Permission.DEPLOYMENT_VIEW, changing=False)
        data = describe_wording(session, deployment)
    lines = [f"{data['sensitive_units']:,} of {data['total_units']:,} units are sensitive, by words or by tags"]
    lines += [f"added here: {term}" for term in data["added"]]
    lines += [f"taken out here: {term}" for term in data["removed"]]
    rows = [("term", "units", "forms"), *((t["term"], str(t["units"]), ", ".join(t["forms"])) for t in data["terms"])]
    command_line.show(data, [*lines, *table(rows)], as_json=as_json)


@wording_app.command("add")
def add_wording(
    ctx: typer.Context,
    slug: Slug,
    term: Term,
    reason: Why,
    forms: Forms = None,
    exceptions: Annotated[
        list[str] | None, typer.Option("--except", help="A phrase in which the term does not count.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Make the units sensitive that have a term: they need two approvals at once."""
    command_line = get_command_line(ctx)
    now = command_line.resources.clock()
    with command_line.resources.database.write() as session:
        deployment, identity = command_line.deployment(session, slug, Permission.CHECKS_MANAGE)
        effect = wording.add_term(
            session, deployment, term=term, forms=forms or [], exceptions=exceptions or [], reason=reason,
            actor=identity.actor, now=now,
        )  # fmt: skip
        queue_recheck(session, deployment.id or 0, person_id=identity.person_id, now=now)
    _show_effect(ctx, term, effect, as_json=as_json)


@wording_app.command("remove")
def remove_wording(ctx: typer.Context, slug: Slug, term: Term, reason: Why, as_json: JsonOption = False) -> None:
    """Let a term make no unit of this deployment sensitive any more."""
    command_line = get_command_line(ctx)
    now = command_line.resources.clock()
    with command_line.resources.database.write() as session:
        deployment, identity = command_line.deployment(session, slug, Permission.CHECKS_MANAGE)
        effect = wording.remove_term(session, deployment, term=term, reason=reason, actor=identity.actor, now=now)
        queue_recheck(session, deployment.id or 0, person_id=identity.person_id, now=now)
    _show_effect(ctx, term, effect, as_json=as_json)


def _show_effect(ctx: typer.Context, term: str, effect: WordingEffect, *, as_json: bool) -> None:
    line = f"{term}: {effect.tagged:,} units became sensitive, {effect.untagged:,} are no more"
    get_command_line(ctx).show({"term": term, **asdict(effect)}, [line], as_json=as_json)


def suggestions(
    ctx: typer.Context,
    slug: Slug,
    locale: Locale,
    key: Annotated[str, typer.Argument(help="The unit's key.")],
    as_json: JsonOption = False,
) -> None:
    """Show approved texts of the same or similar source texts, of every deployment you may see."""
    command_line = get_command_line(ctx)
    with command_line.resources.database.read() as session:
        deployment, identity = command_line.deployment(
            session, slug, Permission.DEPLOYMENT_VIEW, locale, changing=False
        )
        row = find_unit(session, deployment.id or 0, locale, key)
        if row is None:
            raise NotFound(f"The deployment {slug!r} has no unit {key!r}.")
        visible = visible_deployments(session, identity)
        found = find_suggestions(session, deployment, locale, row[0], visible=visible)
    lines = [line for one in found for line in (f"{one.score}% {one.deployment} {one.key}", f"    {one.text}")]
    none = ["No approved text of a similar source text."]
    command_line.show({"suggestions": [asdict(one) for one in found]}, lines or none, as_json=as_json)


def mount(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.add_typer(glossary_app, name="glossary")
    app.add_typer(wording_app, name="wording")
    app.command("suggestions")(suggestions)
