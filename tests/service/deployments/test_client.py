"""The way to Transifex: tokens, projects, the limit on requests, and errors in our words."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr
from sqlmodel import select

from service.db import Database
from service.deployments.client import as_service_error, open_transifex, translate_errors
from service.deployments.models import Deployment, RequestAllowance
from service.errors import NotReady, Refused, RemoteUnreachable, ServiceError
from service.settings import Settings
from service.tally.service import REQUESTS, Place, read_tallies
from service.web.secrets import SecretBox
from tests.support.people import START, MovableClock
from transifex_client import errors as transifex
from transifex_client.errors import Particulars
from transifex_client.sandbox.core import Sandbox
from transifex_client.sandbox.transport import sandbox_transport

OWN, SHARED = "1/own-token", "1/shared-token"
SANDBOX = "https://rest.api.transifex.com"


@pytest.fixture
def secrets(tmp_path: Path) -> SecretBox:
    return SecretBox(tmp_path / "secret.key")


def deployment(project: str | None = "o:sandbox:p:project", token: str | None = None) -> Deployment:
    return Deployment(slug="test", name="Test", transifex_project=project, transifex_token=token, created_at=START)


def settings(**values: object) -> Settings:
    return Settings(transifex_url=SANDBOX, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize("own", [True, False])
def test_the_deployments_own_token_comes_first(
    database: Database, secrets: SecretBox, clock: MovableClock, own: bool
) -> None:
    """A deployment's own token is used, decrypted; without one the service's."""
    sandbox = Sandbox(tokens={OWN if own else SHARED: "bot"}, clock=clock)
    sandbox.add_project("project")
    given = deployment(token=secrets.encrypt(OWN) if own else None)
    with open_transifex(
        settings(transifex_token=SecretStr(SHARED)), given, secrets, sandbox_transport(sandbox), database=database
    ) as client:
        assert client.get_project("o:sandbox:p:project").slug == "project"
        assert OWN not in repr(client)
        assert SHARED not in repr(client)


def test_the_token_may_lie_in_a_file(
    database: Database, secrets: SecretBox, clock: MovableClock, tmp_path: Path
) -> None:
    """BRIDGE_TRANSIFEX_TOKEN_FILE names a file whose content, without white space around it, is the token."""
    file = tmp_path / "token"
    file.write_text(f"{SHARED}\n")
    sandbox = Sandbox(tokens={SHARED: "bot"}, clock=clock)
    sandbox.add_project("project")
    with open_transifex(
        settings(transifex_token_file=file), deployment(), secrets, sandbox_transport(sandbox), database=database
    ) as client:
        assert client.get_project("o:sandbox:p:project").slug == "project"


def test_answers_are_counted_for_a_monitor(database: Database, secrets: SecretBox, clock: MovableClock) -> None:
    """By status, 429 apart from other refusals, and at the latest when the client is closed."""
    answers = iter([429, 200, 404])
    sandbox = Sandbox(tokens={SHARED: "bot"}, clock=clock)
    sandbox.add_project("project")
    inner = sandbox_transport(sandbox)

    def handle(request: httpx.Request) -> httpx.Response:
        status = next(answers)
        if status == 200:
            return inner.handle_request(request)
        errors = [{"status": str(status), "code": "x", "title": "x", "detail": "wait 0.0 seconds"}]
        return httpx.Response(status, json={"errors": errors}, headers={"Retry-After": "0"})

    client = open_transifex(
        settings(transifex_token=SecretStr(SHARED)), deployment(), secrets, httpx.MockTransport(handle),
        database=database,
    )  # fmt: skip
    with client:
        client.get_project("o:sandbox:p:project")
        with pytest.raises(transifex.NotFound):
            client.get_project("o:sandbox:p:project")
    with database.read() as session:
        assert read_tallies(session) == {
            Place(REQUESTS, "", "2xx"): 1, Place(REQUESTS, "", "429"): 1, Place(REQUESTS, "", "4xx"): 1,
        }  # fmt: skip


def test_a_deployment_without_a_project_is_refused(database: Database, secrets: SecretBox) -> None:
    """The sentence names the deployment and the command."""
    with pytest.raises(Refused, match=r"'test' has no Transifex project.*deployment connect test"):
        open_transifex(
            settings(transifex_token=SecretStr(SHARED)), deployment(project=None), secrets, database=database
        )


@pytest.mark.parametrize("content", [None, "", "\n"])
def test_without_a_token_the_service_is_not_ready(
    database: Database, secrets: SecretBox, tmp_path: Path, content: str | None
) -> None:
    """No token, or an empty file: the sentence names the settings."""
    given = settings()
    if content is not None:
        (tmp_path / "token").write_text(content)
        given = settings(transifex_token_file=tmp_path / "token")
    with pytest.raises(NotReady, match="no Transifex token: set BRIDGE_TRANSIFEX_TOKEN"):
        open_transifex(given, deployment(), secrets, database=database)


def test_a_token_file_that_cannot_be_read_is_named(database: Database, secrets: SecretBox, tmp_path: Path) -> None:
    """The sentence names the file and what is wrong with it."""
    with pytest.raises(NotReady, match=r"missing.*cannot be read .No such file"):
        open_transifex(settings(transifex_token_file=tmp_path / "missing"), deployment(), secrets, database=database)
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    with pytest.raises(NotReady, match="it is not text"):
        open_transifex(settings(transifex_token_file=tmp_path / "binary"), deployment(), secrets, database=database)


def test_what_cannot_be_a_token_is_refused_without_being_shown(database: Database, secrets: SecretBox) -> None:
    """A token with white space inside is no token, and is not repeated."""
    with pytest.raises(NotReady, match="Enter it again") as caught:
        open_transifex(settings(transifex_token=SecretStr("secret word")), deployment(), secrets, database=database)
    assert "secret" not in str(caught.value)


def test_a_token_is_not_sent_over_plain_http(database: Database, secrets: SecretBox) -> None:
    """An address without TLS beyond this machine is refused."""
    given = Settings(transifex_url="http://transifex.example.org", transifex_token=SecretStr(SHARED))
    with pytest.raises(Refused, match="BRIDGE_TRANSIFEX_URL"):
        open_transifex(given, deployment(), secrets, database=database)


ABOUT = Particulars("GET", f"{SANDBOX}/x", 403, "request-1", 7.0, detail="Not for you.")


@pytest.mark.parametrize(
    ("error", "kind", "says"),
    [
        (transifex.Unreachable("No route", ABOUT), RemoteUnreachable, "try again later"),
        (transifex.TimedOut("Too slow", ABOUT), RemoteUnreachable, "try again later"),
        (transifex.DeadlineExceeded("Too slow", ABOUT), RemoteUnreachable, "try again later"),
        (transifex.ServerError("Broken", ABOUT), RemoteUnreachable, "try again later"),
        (transifex.RateLimited("Slow down", ABOUT), RemoteUnreachable, "try again later"),
        (transifex.UnexpectedAnswer("Odd", ABOUT), RemoteUnreachable, "cannot be used"),
        (transifex.Unauthorised("Who?", ABOUT), Refused, "BRIDGE_TRANSIFEX_TOKEN"),
        (transifex.Forbidden("No", ABOUT), Refused, "maintainer of the project"),
        (transifex.PlanRequired("Pay", ABOUT), Refused, "plan does not include"),
        (transifex.NotFound("Nothing", ABOUT), Refused, "check the project"),
        (transifex.BadRequest("Bad", ABOUT), Refused, "refused the request"),
        (transifex.Conflict("There", ABOUT), Refused, "refused the request"),
        (transifex.JobFailed("Cannot parse", ABOUT), Refused, "could not use it"),
        (transifex.ForbiddenAddress("Elsewhere", ABOUT), Refused, "BRIDGE_TRANSIFEX_URL"),
    ],
)
def test_every_error_is_told_in_our_words(error: transifex.TransifexError, kind: type[ServiceError], says: str) -> None:
    """Who is to blame decides the kind; the sentence says what to do and what Transifex said."""
    with pytest.raises(kind, match=says) as caught, translate_errors():
        raise error
    assert type(caught.value) is kind
    assert error.message in caught.value.message
    assert caught.value.details == {
        "transifex_status": 403, "transifex_request": "request-1", "retry_after": 7.0, "said": "Not for you.",
    }  # fmt: skip


def test_every_leaf_of_the_tree_has_words() -> None:
    """No error of the client, also one that is added later, stays without a translation."""

    def leaves(kind: type[transifex.TransifexError]) -> list[type[transifex.TransifexError]]:
        below = kind.__subclasses__()
        return [kind] if not below else [leaf for each in below for leaf in leaves(each)]

    for leaf in leaves(transifex.TransifexError):
        assert isinstance(as_service_error(leaf("Word")), Refused | RemoteUnreachable)


def test_other_errors_pass() -> None:
    """What the client did not raise is not touched."""
    with pytest.raises(KeyError), translate_errors():
        raise KeyError("x")


@pytest.mark.parametrize(("address", "counted"), [(SANDBOX, 1), ("http://127.0.0.1:9", 0)])
def test_requests_are_counted_for_all_processes(
    database: Database, secrets: SecretBox, clock: MovableClock, address: str, counted: int
) -> None:
    """Each way to Transifex counts its token's requests in the database; the sandbox on this machine has no limit."""
    sandbox = Sandbox(tokens={SHARED: "bot"}, clock=clock)
    sandbox.add_project("project")
    given = Settings(transifex_url=address, transifex_token=SecretStr(SHARED))
    with open_transifex(given, deployment(), secrets, sandbox_transport(sandbox), database=database) as client:
        client.get_project("o:sandbox:p:project")
    with database.read() as session:
        assert len(session.exec(select(RequestAllowance)).all()) == counted
