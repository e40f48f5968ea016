"""Commands about volunteers."""

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from service.auth.rules import Permission
from service.deployments.client import open_transifex
from service.deployments.service import list_locales
from service.errors import BadInput
from service.home.command_line import CommandLine, JsonOption, Slug, get_command_line, table
from service.home.commands.writing import write_file
from service.home.volunteering import (
    HEAD,
    candidate_data,
    find_candidates,
    import_data,
    invitation,
    parse_roles,
    team_data,
    volunteer_data,
    volunteer_row,
)
from service.sync.service.arriving import own_usernames
from service.volunteers.models import VolunteerRole
from service.volunteers.plan import Outcome
from service.volunteers.queries import VolunteerView, list_volunteers
from service.volunteers.rules import VolunteerState
from service.volunteers.service import add_volunteer, confirm_candidate, end_volunteer, import_volunteers, set_languages
from service.volunteers.tasks import TeamReport, reconcile
from service.web.spreadsheets import write_csv, write_xlsx

volunteer_app = typer.Typer(no_args_is_help=True, help="Volunteers: who translates, and how each stands.")

Number = Annotated[int, typer.Argument(help="The volunteer's number, from `volunteer list`.")]
Locales = Annotated[str, typer.Option(help="Primero's codes of the languages, such as ar,fr.")]
Role = Annotated[VolunteerRole, typer.Option(help="What the person does in these languages.")]
_MOST_BYTES = 5_000_000


@volunteer_app.command("add")
def add(
    ctx: typer.Context,
    slug: Slug,
    locales: Locales,
    name: Annotated[str, typer.Option(help="The person's name.")] = "",
    email: Annotated[str, typer.Option(help="The e-mail address.")] = "",
    transifex: Annotated[str, typer.Option(help="The Transifex username, if it is known.")] = "",
    role: Role = VolunteerRole.TRANSLATOR,
    note: Annotated[str, typer.Option(help="What to remember, such as a dialect.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Register a volunteer, or tell more of one who is registered."""
    command_line = get_command_line(ctx)
    cells = {
        "name": name, "email": email, "transifex": transifex, "languages": locales, "role": role.value, "note": note,
    }  # fmt: skip
    with command_line.resources.database.write() as session:
        deployment, identity = command_line.deployment(session, slug, Permission.VOLUNTEERS_MANAGE)
        outcome, view = add_volunteer(
            session, deployment, cells, actor=identity.actor, now=command_line.resources.clock(),
            new_id=command_line.resources.new_id,
        )  # fmt: skip
    data = {"outcome": outcome.value, **volunteer_data(view)}
    command_line.show(data, [f"volunteer {view.id}, {view.label}: {outcome.value}"], as_json=as_json)


@volunteer_app.command("import")
def import_file(
    ctx: typer.Context,
    slug: Slug,
    file: Annotated[
        Path, typer.Argument(help="CSV or XLSX with the columns name, email, transifex, languages, role, note.")
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what it would do, and do nothing.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Register volunteers from a file; each row is answered. Exit 1 when a row is refused."""
    command_line = get_command_line(ctx)
    try:
        if file.stat().st_size > _MOST_BYTES:
            raise BadInput(f"{file} is larger than 5 MB: that is no list of volunteers.")
        content = file.read_bytes()
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}.") from error
    with command_line.resources.database.write() as session:
        deployment, identity = command_line.deployment(session, slug, Permission.VOLUNTEERS_MANAGE)
        report = import_volunteers(
            session, deployment, content, dry_run=dry_run, actor=identity.actor, now=command_line.resources.clock(),
            new_id=command_line.resources.new_id,
        )  # fmt: skip
    lines = [f"{row.line}: {row.label}: {row.outcome.value}{f' ({row.why})' if row.why else ''}" for row in report.rows]
    counts = ", ".join(f"{report.count(outcome):,} {outcome.value}" for outcome in Outcome)
    command_line.show(import_data(report), [*lines, f"{'would be ' if dry_run else ''}{counts}"], as_json=as_json)
    if report.count(Outcome.REFUSED):
        raise typer.Exit(1)


@volunteer_app.command("list")
def list_all(
    ctx: typer.Context,
    slug: Slug,
    locale: Annotated[str | None, typer.Option(help="Those of this language alone.")] = None,
    state: Annotated[VolunteerState | None, typer.Option(help="Those who stand so alone.")] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Write them into this file instead, .csv or .xlsx.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """List the volunteers, and those on Transifex whom nobody registered."""
    command_line = get_command_line(ctx)
    with command_line.resources.database.read() as session:
        deployment, _ = command_line.deployment(session, slug, Permission.VOLUNTEERS_MANAGE, changing=False)
        views = list_volunteers(session, deployment.id or 0, command_line.resources.clock())
        candidates = find_candidates(session, deployment, command_line.settings)
    views = [view for view in views if locale in (None, *view.languages) and state in (None, view.state)]
    lines = list(_list_lines(views))
    if output is not None:
        write_file(output, _as_file(output, views))
        lines = [f"{len(views):,} volunteers written to {output}"]
    elif candidates:
        names = ", ".join(candidate.username for candidate in candidates[:10])
        lines.append(
            f"{len(candidates)} on Transifex are not registered: {names}{' …' if len(candidates) > 10 else ''}; "
            f"say who they are with `primero-bridge volunteer confirm {slug} USERNAME`"
        )
    data = {
        "volunteers": [volunteer_data(view) for view in views],
        "candidates": [candidate_data(candidate) for candidate in candidates],
    }
    command_line.show(data, lines, as_json=as_json)


def _list_lines(views: list[VolunteerView]) -> Iterable[str]:
    if not views:
        yield "There is no volunteer."
        return
    rows: list[tuple[object, ...]] = [("number", "who", "transifex", "languages", "state", "last text")]
    rows += [
        (
            view.id, view.label, view.transifex or "-", " ".join(view.languages), view.state.value,
            f"{view.facts.wrote_at:%Y-%m-%d}" if view.facts.wrote_at else "-",
        )
        for view in views
    ]  # fmt: skip
    yield from table(rows)


def _as_file(output: Path, views: list[VolunteerView]) -> bytes:
    rows = [volunteer_row(view) for view in views]
    if output.suffix.casefold() == ".xlsx":
        return write_xlsx("Volunteers", HEAD, rows)
    if output.suffix.casefold() == ".csv":
        return write_csv(HEAD, rows)
    raise BadInput(f"{output} is neither .csv nor .xlsx: name it so.")


@volunteer_app.command("languages")
def change_languages(
    ctx: typer.Context,
    slug: Slug,
    number: Number,
    locales: Locales,
    role: Role = VolunteerRole.TRANSLATOR,
    as_json: JsonOption = False,
) -> None:
    """Say anew for which languages somebody volunteers; what is not named ends here, not on Transifex."""
    command_line = get_command_line(ctx)
    wanted = parse_roles([code.strip() for code in locales.split(",") if code.strip()], role)
    with command_line.resources.database.write() as session:
        deployment, identity = command_line.deployment(session, slug, Permission.VOLUNTEERS_MANAGE)
        set_languages(session, deployment, number, wanted, actor=identity.actor, now=command_line.resources.clock())
    command_line.show(
        {"id": number, "languages": {locale: role.value for locale in wanted}},
        [f"volunteer {number}: {', '.join(wanted)} as {role.value}"],
        as_json=as_json,
    )


@volunteer_app.command("leave")
def leave(ctx: typer.Context, slug: Slug, number: Number, as_json: JsonOption = False) -> None:
    """Note that somebody volunteers no more: no message goes there, and no team takes the person in again."""
    command_line = get_command_line(ctx)
    with command_line.resources.database.write() as session:
        deployment, identity = command_line.deployment(session, slug, Permission.VOLUNTEERS_MANAGE)
        end_volunteer(session, deployment, number, actor=identity.actor, now=command_line.resources.clock())
    command_line.show({"id": number, "state": "left"}, [f"volunteer {number} has left"], as_json=as_json)


@volunteer_app.command("confirm")
def confirm(
    ctx: typer.Context,
    slug: Slug,
    username: Annotated[str, typer.Argument(help="As Transifex writes it.")],
    volunteer: Annotated[
        int | None, typer.Option(help="The number of the registered volunteer who that is; else it is a new one.")
    ] = None,
    locales: Annotated[str, typer.Option(help="Languages of a new one; without them as the team says.")] = "",
    role: Role = VolunteerRole.TRANSLATOR,
    as_json: JsonOption = False,
) -> None:
    """Say who a Transifex user is: a registered volunteer, or a new one."""
    command_line = get_command_line(ctx)
    wanted = parse_roles([code.strip() for code in locales.split(",") if code.strip()], role)
    with command_line.resources.database.write() as session:
        deployment, identity = command_line.deployment(session, slug, Permission.VOLUNTEERS_MANAGE)
        view = confirm_candidate(
            session, deployment, username, volunteer_id=volunteer, languages=wanted, actor=identity.actor,
            now=command_line.resources.clock(),
        )  # fmt: skip
    command_line.show(volunteer_data(view), [f"{username} is volunteer {view.id}, {view.label}"], as_json=as_json)


@volunteer_app.command("reconcile")
def compare(
    ctx: typer.Context,
    slug: Slug,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Look and tell, change nothing.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Compare with the project's team on Transifex, and put in who has a username. Exit 1 when somebody was not taken.

    Nobody is taken out there. Whoever has no username is invited by a person: it says how.
    """
    command_line = get_command_line(ctx)
    resources, settings = command_line.resources, command_line.settings
    with resources.database.read() as session:
        deployment, identity = command_line.deployment(session, slug, Permission.VOLUNTEERS_MANAGE)
    with open_transifex(
        settings, deployment, resources.secrets, resources.transifex_transport, database=resources.database
    ) as client:
        report = reconcile(
            resources.database,
            client,
            deployment,
            own_users=own_usernames(deployment, settings.transifex_user),
            actor=identity.actor,
            clock=resources.clock,
            new_id=resources.new_id,
            dry_run=dry_run,
            progress=partial(command_line.progress("team")),
        )
    command_line.show(team_data(report), _team_lines(command_line, slug, report), as_json=as_json)
    if any(attempt.trouble for attempt in report.attempts):
        raise typer.Exit(1)


def _team_lines(command_line: CommandLine, slug: str, report: TeamReport) -> list[str]:
    plan, resources = report.plan, command_line.resources
    with resources.database.read() as session:
        deployment, _ = command_line.deployment(session, slug, Permission.VOLUNTEERS_MANAGE, changing=False)
        views = {view.id: view for view in list_volunteers(session, deployment.id or 0, resources.clock())}
        languages = {row.locale: row.transifex_language or row.locale for row in list_locales(session, deployment)}

    def who(number: int) -> str:
        return f"{number} {views[number].label}"

    lines = [f"team {report.team}: {len(plan.additions)} to put in, {report.added} put in"]
    if report.dry_run:
        lines[0] += " (nothing was changed)"
    lines += [
        f"  {who(a.addition.volunteer_id)}, {a.addition.locale}: {a.trouble}" for a in report.attempts if a.trouble
    ]
    lines += [
        f"  invite {who(number)}: {invitation(views[number], report.team, languages)}" for number in plan.invitations
    ]
    lines += [f"  {who(o.volunteer_id)}, {o.locale}: {o.here.value} here, {o.there} there" for o in plan.other_roles]
    told: tuple[tuple[str, Iterable[Any]], ...] = (
        ("joined", map(who, plan.joined)),
        ("left the team", map(who, plan.gone)),
        ("left here and still in the team", map(who, plan.lingering)),
        ("have a language that Transifex does not serve here", map(who, plan.unmapped)),
        ("in the team and not registered", plan.candidates),
    )
    lines += [f"  {what}: {', '.join(found)}" for what, names in told if (found := list(names))]
    return lines


def mount(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.add_typer(volunteer_app, name="volunteer")
