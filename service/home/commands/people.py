"""Commands about users and their tokens."""

from typing import Annotated

import typer

from service.auth.models import Role
from service.auth.rules import Permission
from service.auth.service.accounts import NewAccount, create_password_link, create_person_with_account, list_users
from service.auth.service.persons import link_transifex_username
from service.auth.service.tokens import create_token, revoke_tokens
from service.catalog.access import open_deployment
from service.checks.locales import UnknownLocale, get_locale
from service.errors import BadInput
from service.home.command_line import CommandLine, JsonOption, get_command_line, table
from service.mail.addresses import give_address

user_app = typer.Typer(no_args_is_help=True, help="People who sign in, and what they may do.")
token_app = typer.Typer(no_args_is_help=True, help="API tokens.")

Name = Annotated[str, typer.Argument(help="The username.")]


@user_app.command("add")
def user_add(
    ctx: typer.Context,
    name: Name,
    role: Annotated[Role, typer.Option(help="What the person may do.")],
    deployment: Annotated[
        list[str] | None, typer.Option(help="In which deployment; repeat it for several. Without it: in all.")
    ] = None,
    locales: Annotated[str | None, typer.Option(help="For which languages alone, such as fr,ar.")] = None,
    transifex: Annotated[str | None, typer.Option(help="The person's Transifex username, if there is one.")] = None,
    address: Annotated[str | None, typer.Option(help="The e-mail address that messages to the person go to.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Create a user, and print a one-time link to set the password."""
    command_line = get_command_line(ctx)
    codes = None if locales is None else _parse_locales(locales)
    with command_line.resources.database.write() as session:
        identity = command_line.identity(session)
        ids = [
            open_deployment(session, identity, slug, Permission.PEOPLE_MANAGE, changing=False).id
            for slug in deployment or []
        ]
        account = create_person_with_account(
            session,
            identity,
            name,
            role,
            command_line.resources.clock(),
            command_line.resources.new_id(),
            deployment_ids=[deployment_id for deployment_id in ids if deployment_id is not None] or None,
            locales=codes,
            transifex_username=transifex,
        )
        if address:
            give_address(session, identity, name, address, command_line.resources.clock())
    _show_link(command_line, name, account, as_json=as_json)


def _parse_locales(text: str) -> list[str]:
    codes = [code.strip() for code in text.split(",") if code.strip()]
    if not codes:
        raise BadInput("Name the languages, such as --locales fr,ar; without --locales it is all of them.")
    try:
        return [get_locale(code).code for code in codes]
    except UnknownLocale as error:
        raise BadInput(str(error)) from error


@user_app.command("link")
def user_link(ctx: typer.Context, name: Name, as_json: JsonOption = False) -> None:
    """Print a new one-time link for somebody who lost the password; earlier links end."""
    command_line = get_command_line(ctx)
    with command_line.resources.database.write() as session:
        identity = command_line.identity(session)
        account = create_password_link(session, identity, name, command_line.resources.clock())
    _show_link(command_line, name, account, as_json=as_json)


@user_app.command("list")
def user_list(ctx: typer.Context, as_json: JsonOption = False) -> None:
    """List the users whom you may manage, with what they may do."""
    command_line = get_command_line(ctx)
    with command_line.resources.database.read() as session:
        users = list_users(session, command_line.identity(session))
    data = [
        {
            "username": user.username,
            "person_id": user.person_id,
            "disabled": user.disabled_at is not None,
            "can_sign_in": user.can_sign_in,
            "roles": [grant.role.value for grant in user.memberships],
        }
        for user in users
    ]
    rows = [("user", "roles", "")]
    rows += [
        (
            user.username,
            ", ".join(grant.role.value for grant in user.memberships),
            "disabled" if user.disabled_at else "",
        )
        for user in users
    ]
    command_line.show(data, table(rows), as_json=as_json)


@user_app.command("transifex")
def user_transifex(
    ctx: typer.Context,
    name: Name,
    transifex_username: Annotated[str, typer.Argument(help="The person's username on Transifex.")],
    as_json: JsonOption = False,
) -> None:
    """Say which Transifex user somebody is, so that nobody approves an own translation."""
    command_line = get_command_line(ctx)
    with command_line.resources.database.write() as session:
        identity = command_line.identity(session)
        link_transifex_username(session, identity, name, transifex_username, command_line.resources.clock())
    data = {"username": name, "transifex_username": transifex_username}
    command_line.show(data, [f"{name} is {transifex_username} on Transifex"], as_json=as_json)


@user_app.command("address")
def user_address(
    ctx: typer.Context,
    name: Name,
    address: Annotated[str, typer.Argument(help='The e-mail address; "" for none.')],
    as_json: JsonOption = False,
) -> None:
    """Say where messages to somebody who signs in go, such as reminders of deadlines."""
    command_line = get_command_line(ctx)
    with command_line.resources.database.write() as session:
        give_address(session, command_line.identity(session), name, address, command_line.resources.clock())
    said = f"Messages to {name} go to {address}" if address else f"{name} gets no messages"
    command_line.show({"username": name, "address": address}, [said], as_json=as_json)


def _show_link(command_line: CommandLine, name: str, account: NewAccount, *, as_json: bool) -> None:
    link = f"{command_line.settings.public_url}/set-password/{account.link_secret}"
    data = {
        "username": name,
        "person_id": account.person_id,
        "link": link,
        "expires_at": account.link_expires_at.isoformat(),
    }
    lines = [f"Send this one-time link to {name}; it ends on {account.link_expires_at:%d %B %Y at %H:%M} UTC:", link]
    command_line.show(data, lines, as_json=as_json)


@token_app.command("create")
def token_create(ctx: typer.Context, name: Name, as_json: JsonOption = False) -> None:
    """Create an API token for a user and print it, alone; it is shown this once."""
    command_line = get_command_line(ctx)
    with command_line.resources.database.write() as session:
        value = create_token(session, command_line.identity(session), name, command_line.resources.clock())
    command_line.show({"username": name, "token": value}, [value], as_json=as_json)


@token_app.command("revoke")
def token_revoke(ctx: typer.Context, name: Name, as_json: JsonOption = False) -> None:
    """Revoke every API token of a user."""
    command_line = get_command_line(ctx)
    with command_line.resources.database.write() as session:
        number = revoke_tokens(session, command_line.identity(session), name, command_line.resources.clock())
    command_line.show({"username": name, "revoked": number}, [f"{number} tokens revoked"], as_json=as_json)


def mount(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.add_typer(user_app, name="user")
    app.add_typer(token_app, name="token")
