"""Adding, changing, trying and forgetting the Primero servers of a deployment. No page ever holds a password."""

from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse
from pydantic import SecretStr
from starlette.responses import Response

from service.auth.dependencies import FormIdentityDep, IdentityDep
from service.auth.rules import Permission
from service.catalog.access import open_deployment
from service.deployments.models import Deployment
from service.errors import BadInput
from service.home.instance_jobs import queue_check
from service.home.pages.instances import SIGN_INS, draw_instances
from service.primero.client import SignIn
from service.primero.models import PrimeroInstance
from service.primero.service.instances import (
    InstanceChanges,
    add_instance,
    change_instance,
    find_instance,
    remove_instance,
)
from service.web.languages import N_
from service.web.resources import NowDep, ResourcesDep, SessionDep
from service.web.templating import lead_back, render
from service.web.trying import do_or_draw

router = APIRouter(prefix="/deployments/{slug}/instances")

_ADDED = N_("The server is kept, and nothing was sent to it yet. Try the sign-in.")
_CHANGED = N_("The server is changed. Try the sign-in.")
_REMOVED = N_("The server and its password are forgotten. What was written to it stays on record.")
_TRYING = N_("The sign-in is being tried: only languages, rights, forms and lists are read.")


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed into the form of a server; the password is never shown again, not even to them."""

    name: str = ""
    url: str = ""
    user: str = ""
    sign_in: str = SignIn.BASIC.value
    training: bool = False

    def changes(self, password: str) -> InstanceChanges:
        """Return what is asked for.

        Raises:
            BadInput: the way to sign in is none.
        """
        if self.sign_in not in SIGN_INS:
            raise BadInput("Choose how the service signs in.")
        secret = SecretStr(password) if password else None
        return InstanceChanges(self.url, self.user.strip(), secret, SignIn(self.sign_in), self.training)


NameField = Annotated[str, Form(max_length=10_000)]
PasswordField = Annotated[str, Form(max_length=20_000)]


@router.post("")
def send_instance(
    request: Request,
    session: SessionDep,
    resources: ResourcesDep,
    identity: FormIdentityDep,
    now: NowDep,
    slug: str,
    name: NameField = "",
    url: NameField = "",
    user: NameField = "",
    password: PasswordField = "",
    sign_in: Annotated[str, Form(max_length=20)] = SignIn.BASIC.value,
    training: Annotated[bool, Form()] = False,
) -> Response:
    """Keep a server, or show the page again with what is wrong and what was typed."""
    deployment = open_deployment(session, identity, slug, Permission.INSTANCE_MANAGE)
    typed = Typed(name.strip(), url.strip(), user, sign_in, training)

    def act() -> None:
        if not password:
            raise BadInput("Give the password of the account, or the token.")
        add_instance(
            session, deployment, typed.name, typed.changes(password),
            settings=resources.settings, secrets=resources.secrets, actor=identity.actor, now=now,
        )  # fmt: skip

    again = do_or_draw(session, act, partial(draw_instances, request, session, identity, deployment, typed))
    return again or _lead_to(resources, f"/deployments/{slug}/instances/{typed.name}", _ADDED)


@router.get("/{name}/change")
def show_change(request: Request, session: SessionDep, identity: IdentityDep, slug: str, name: str) -> HTMLResponse:
    """Show how a server is reached, for whoever may change that."""
    deployment = open_deployment(session, identity, slug, Permission.INSTANCE_MANAGE)
    return _draw(request, deployment, find_instance(session, deployment, name))


@router.post("/{name}/change")
def send_change(
    request: Request,
    session: SessionDep,
    resources: ResourcesDep,
    identity: FormIdentityDep,
    now: NowDep,
    slug: str,
    name: str,
    url: NameField = "",
    user: NameField = "",
    password: PasswordField = "",
    sign_in: Annotated[str, Form(max_length=20)] = SignIn.BASIC.value,
    training: Annotated[bool, Form()] = False,
) -> Response:
    """Change a server, or show the page again with what is wrong and what was typed."""
    deployment = open_deployment(session, identity, slug, Permission.INSTANCE_MANAGE)
    row = find_instance(session, deployment, name)
    typed = Typed(name, url.strip(), user, sign_in, training)
    again = do_or_draw(
        session,
        lambda: change_instance(
            session, row, typed.changes(password),
            settings=resources.settings, secrets=resources.secrets, actor=identity.actor, now=now,
        ),
        partial(_draw, request, deployment, row, typed),
    )  # fmt: skip
    return again or _lead_to(resources, f"/deployments/{slug}/instances/{name}", _CHANGED)


@router.post("/{name}/remove")
def send_remove(
    request: Request,
    session: SessionDep,
    resources: ResourcesDep,
    identity: FormIdentityDep,
    now: NowDep,
    slug: str,
    name: str,
    sure: Annotated[bool, Form()] = False,
) -> Response:
    """Forget a server, where whoever asks says that they are sure."""
    deployment = open_deployment(session, identity, slug, Permission.INSTANCE_MANAGE)
    row = find_instance(session, deployment, name)

    def act() -> None:
        if not sure:
            raise BadInput("Tick that you are sure: its password cannot be brought back.")
        remove_instance(session, row, actor=identity.actor, now=now)

    again = do_or_draw(session, act, partial(_draw, request, deployment, row, None, place="remove"))
    return again or _lead_to(resources, f"/deployments/{slug}/instances", _REMOVED)


@router.post("/{name}/check")
def send_check(
    session: SessionDep, resources: ResourcesDep, identity: FormIdentityDep, now: NowDep, slug: str, name: str
) -> Response:
    """Queue a look at a server, and lead to its page."""
    deployment = open_deployment(session, identity, slug, Permission.INSTANCE_MANAGE)
    queue_check(session, identity, deployment, find_instance(session, deployment, name), now)
    return _lead_to(resources, f"/deployments/{slug}/instances/{name}?watch=1", _TRYING)


def _draw(
    request: Request,
    deployment: Deployment,
    row: PrimeroInstance,
    typed: Typed | None = None,
    *,
    place: str = "change",
    error: str = "",
    status: int = 200,
) -> HTMLResponse:
    context: dict[str, Any] = {
        "deployment": deployment,
        "instance": row,
        "typed": typed or Typed(row.name, row.url, row.username, row.sign_in.value, row.training),
        "sign_ins": SIGN_INS,
        "place": place,
        "error": error,
    }
    return render(request, "home/instance_change.html", context, status=status)


def _lead_to(resources: ResourcesDep, address: str, sentence: str) -> Response:
    return lead_back(address, resources.settings, sentence)
