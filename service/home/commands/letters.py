"""Commands about what is written to volunteers, what each did, and their personal data."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from service.auth.rules import Permission
from service.errors import BadInput
from service.home.command_line import JsonOption, Slug, get_command_line, table
from service.home.commands.volunteers import Number, volunteer_app
from service.home.commands.writing import write_file
from service.home.letters import NUMBERS_HEAD, letter_data, mail_data, number_rows, numbers_data, open_numbers
from service.mail.models import MailState
from service.mail.sending import find_account
from service.mail.service import end_waiting, list_mail
from service.volunteers.letters import LetterKind, Template, built_in, fields_of
from service.volunteers.privacy import erase_person, export_person, require_over_person, set_people_settings
from service.volunteers.service import find_volunteer
from service.volunteers.writing import get_people_settings, list_templates, queue_letters, set_template, write_letters

mail_app = typer.Typer(no_args_is_help=True, help="Mail to people: what waits, went out, or is to be copied.")

Message = Annotated[int, typer.Argument(help="The message's number, from `mail list`.")]


@volunteer_app.command("write")
def write(
    ctx: typer.Context,
    slug: Slug,
    kind: Annotated[LetterKind, typer.Argument(help="welcome or reminder; each goes to everybody once.")],
    to: Annotated[int | None, typer.Option(help="To this volunteer alone, by number.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the letters, queue nothing.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Write to whoever is due: a welcome to those who got none, a reminder to those who did not begin in a week."""
    command_line = get_command_line(ctx)
    if kind is LetterKind.REVIEWED:
        raise BadInput("What became of their texts is told by itself, once a day: write welcome or reminder.")
    now = command_line.resources.clock()
    with command_line.resources.database.write() as session:
        deployment, identity = command_line.deployment(session, slug, Permission.VOLUNTEERS_MANAGE)
        letters = write_letters(session, deployment, kind, now, only=to)
        queued = 0 if dry_run else queue_letters(session, deployment, letters, actor=identity.actor, now=now)
    if dry_run:
        lines = [line for each in letters for line in (f"To {each.label}: {each.subject}", "", each.text)]
    elif find_account(command_line.settings) is None:
        lines = ["No mail server is set (BRIDGE_SMTP_URL): `primero-bridge mail list` shows them to be copied."]
    else:
        lines = []
    lines.append(f"{len(letters)} letters, nothing queued" if dry_run else f"{queued} letters queued")
    data = {"kind": kind.value, "queued": queued, "letters": [letter_data(each) for each in letters]}
    command_line.show(data, lines, as_json=as_json)


@volunteer_app.command("letter")
def letter(
    ctx: typer.Context,
    slug: Slug,
    kind: Annotated[LetterKind, typer.Argument(help="Which letter.")],
    locale: Annotated[str, typer.Option(help="For this language; without it for all.")] = "",
    role: Annotated[str, typer.Option(help="For this role; without it for all.")] = "",
    file: Annotated[
        Path | None, typer.Option(help="The new letter: the subject on the first line, an empty line, the text.")
    ] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Take the deployment's own away.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show a letter with its fields, or write it anew for a language and a role."""
    command_line = get_command_line(ctx)
    if remove and file is not None:
        raise BadInput("Name --file or --remove, not both.")
    template = None if file is None else _read_letter(file)
    with command_line.resources.database.write() as session:
        deployment, identity = command_line.deployment(
            session, slug, Permission.VOLUNTEERS_MANAGE, changing=remove or template is not None
        )
        if remove or template is not None:
            set_template(
                session, deployment, kind, template, locale=locale, role=role, actor=identity.actor,
                now=command_line.resources.clock(),
            )  # fmt: skip
        own = {(row.locale, row.role): row for row in list_templates(session, deployment.id or 0) if row.kind is kind}
        row = own.get((locale, role))
        shown = Template(row.subject, row.body) if row else built_in(kind, [locale] if locale else [])[0]
    lines = [
        f"own letters: {', '.join(f'{where} / {who}' for where, who in sorted(own))}" if own else "no own letter",
        f"fields: {', '.join(f'{{{name}}} {what}' for name, what in fields_of(kind).items())}",
        "", shown.subject, "", shown.body,
    ]  # fmt: skip
    data = {"kind": kind.value, "own": row is not None, "subject": shown.subject, "body": shown.body}
    command_line.show(data, lines, as_json=as_json)


def _read_letter(file: Path) -> Template:
    try:
        text = file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{file} cannot be read as UTF-8.") from error
    subject, _, body = text.partition("\n")
    return Template(subject.strip(), body.strip() + "\n")


@volunteer_app.command("numbers")
def numbers(
    ctx: typer.Context,
    slug: Slug,
    locale: Annotated[str | None, typer.Option(help="In this language alone.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Show what each translator did, and what became of it: words are the source's, own approvals are left out."""
    command_line = get_command_line(ctx)
    with command_line.resources.database.read() as session:
        found = open_numbers(session, command_line.identity(session), slug, locale)
    lines = table([NUMBERS_HEAD, *number_rows(found)]) if found else ["Nobody wrote a text yet."]
    command_line.show([numbers_data(each) for each in found], lines, as_json=as_json)


@volunteer_app.command("export")
def export(
    ctx: typer.Context,
    slug: Slug,
    number: Number,
    output: Annotated[Path, typer.Option("-o", "--output", help="The file to write, JSON.")],
    as_json: JsonOption = False,
) -> None:
    """Write everything that is kept of a volunteer into a file, for that person."""
    command_line = get_command_line(ctx)
    with command_line.resources.database.read() as session:
        deployment, identity = command_line.deployment(session, slug, Permission.VOLUNTEERS_MANAGE, changing=False)
        view = find_volunteer(session, deployment, number, command_line.resources.clock())
        require_over_person(session, identity, view.person_id)
        data = export_person(session, view.person_id)
    write_file(output, json.dumps(data, ensure_ascii=False, indent=2, default=str).encode("utf-8", "replace"))
    command_line.show({"file": str(output)}, [f"written to {output}"], as_json=as_json)


@volunteer_app.command("erase")
def erase(
    ctx: typer.Context,
    slug: Slug,
    number: Number,
    really: Annotated[bool, typer.Option("--really", help="It cannot be undone.")] = False,
    as_json: JsonOption = False,
) -> None:
    """End everything that tells who a volunteer is; texts stay, under a random id. On Transifex nothing changes."""
    command_line = get_command_line(ctx)
    with command_line.resources.database.write() as session:
        deployment, identity = command_line.deployment(session, slug, Permission.VOLUNTEERS_MANAGE)
        now = command_line.resources.clock()
        view = find_volunteer(session, deployment, number, now)
        require_over_person(session, identity, view.person_id)
        if not really:
            raise BadInput(
                f"This erases {view.label} for good, here and in other deployments: repeat it with --really."
            )
        erase_person(session, view.person_id, actor=identity.actor, now=now)
    command_line.show({"person": view.person_id, "erased": True}, [f"volunteer {number} is erased"], as_json=as_json)


@volunteer_app.command("settings")
def settings(
    ctx: typer.Context,
    slug: Slug,
    show_numbers: Annotated[
        bool | None,
        typer.Option("--show-numbers/--hide-numbers", help="Let everybody here see what each translator did."),
    ] = None,
    keep_months: Annotated[
        int | None,
        typer.Option(min=0, max=1200, help="Erase volunteers so long after they were last active; 0: never."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show or change what the deployment decides about people."""
    command_line = get_command_line(ctx)
    changing = show_numbers is not None or keep_months is not None
    with command_line.resources.database.write() as session:
        deployment, identity = command_line.deployment(session, slug, Permission.VOLUNTEERS_MANAGE, changing=changing)
        row = get_people_settings(session, deployment.id or 0)
        if changing:
            row = set_people_settings(
                session, deployment, show_numbers=show_numbers, keep_months=keep_months, actor=identity.actor,
                now=command_line.resources.clock(),
            )  # fmt: skip
        data = {"show_numbers": row.show_numbers, "keep_months": row.keep_months}
    lines = [
        f"everybody here sees what each translator did: {'yes' if data['show_numbers'] else 'no'}",
        f"volunteers are erased {data['keep_months']} months after they were last active"
        if data["keep_months"]
        else "volunteers are kept until somebody erases them",
    ]
    command_line.show(data, lines, as_json=as_json)


@mail_app.command("list")
def mail_list(
    ctx: typer.Context,
    slug: Slug,
    every: Annotated[bool, typer.Option("--all", help="What went out or was taken back, too.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show the messages that wait or failed, whole where there is no mail server: to be copied."""
    command_line = get_command_line(ctx)
    states = () if every else (MailState.WAITING, MailState.FAILED)
    with command_line.resources.database.read() as session:
        deployment, _ = command_line.deployment(session, slug, Permission.VOLUNTEERS_MANAGE, changing=False)
        rows = [mail_data(row, person) for row, person in list_mail(session, deployment.id or 0, states=states)]
    copy = find_account(command_line.settings) is None and not every
    command_line.show(rows, _mail_lines(rows, copy=copy), as_json=as_json)


def _mail_lines(rows: list[dict[str, Any]], *, copy: bool) -> Iterable[str]:
    if not rows:
        yield "No message waits."
    for row in rows:
        yield f"{row['id']}: {row['state']}: {row['kind']} to {row['email']}: {row['subject']}"
        if row["problem"]:
            yield f"  {row['problem']}"
        if copy:
            yield from ("", row["text"], "")


@mail_app.command("done")
def mail_done(ctx: typer.Context, slug: Slug, number: Message, as_json: JsonOption = False) -> None:
    """Note that you sent a message yourself."""
    _end(ctx, slug, number, sent=True, as_json=as_json)


@mail_app.command("cancel")
def mail_cancel(ctx: typer.Context, slug: Slug, number: Message, as_json: JsonOption = False) -> None:
    """Take a message back that waits."""
    _end(ctx, slug, number, sent=False, as_json=as_json)


def _end(ctx: typer.Context, slug: str, number: int, *, sent: bool, as_json: bool) -> None:
    from service.volunteers.writing import note_sent

    command_line = get_command_line(ctx)
    now = command_line.resources.clock()
    with command_line.resources.database.write() as session:
        deployment, identity = command_line.deployment(session, slug, Permission.VOLUNTEERS_MANAGE)
        row = end_waiting(session, deployment.id or 0, number, sent=sent, actor=identity.actor, now=now)
        if sent:
            note_sent(session, row, now)
        state = row.state.value
    command_line.show({"id": number, "state": state}, [f"message {number}: {state}"], as_json=as_json)


def mount(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.add_typer(volunteer_app, name="volunteer")
    app.add_typer(mail_app, name="mail")
