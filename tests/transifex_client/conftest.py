"""Clients and sandboxes for the tests of this package: nothing leaves the process."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from transifex_client import Configuration, TransifexClient
from transifex_client.resources import NewResource
from transifex_client.sandbox.core import Sandbox
from transifex_client.sandbox.http import Request, Response
from transifex_client.sandbox.transport import sandbox_transport
from transifex_client.wire import httpx

TOKEN = "1/0123456789abcdef0123456789abcdef01234567"
PROJECT = "o:sandbox:p:app"
RESOURCE = "o:sandbox:p:app:r:forms"
# Whole seconds, as the dates of the API are.
POLL_WAITS = (1.0, 1.0, 1.0, 2.0, 3.0, 5.0, 8.0, 13.0)
SOURCE = b"en:\n  form: Form\n  case:\n    name: Case name\n    hint: ''\n"


class Clock:
    """A clock that only moves when it is told to, or when somebody sleeps on it."""

    def __init__(self) -> None:
        self.now = datetime(2024, 3, 1, 10, 0, 0, tzinfo=UTC)
        self.sleeps: list[float] = []

    def moment(self) -> datetime:
        return self.now

    def seconds(self) -> float:
        return self.now.timestamp()

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sandbox(clock: Clock) -> Sandbox:
    sandbox = Sandbox(tokens={TOKEN: "bridge"}, clock=clock.moment)
    sandbox.add_project("app", languages=["fr", "ar", "id"])
    return sandbox


class Dropping(httpx.MockTransport):
    """A sandbox whose answers to the first requests of one method are lost, after or before they were carried out."""

    def __init__(
        self,
        sandbox: Sandbox,
        *,
        carried_out: bool,
        trouble: object,
        method: str = "POST",
        late: bool = False,
    ) -> None:
        super().__init__(self._answer)
        self._through = sandbox_transport(sandbox)
        self._carried_out = carried_out
        self._trouble: object | None = trouble
        self._method = method
        self._late = late
        self._delayed: httpx.Request | None = None
        self.posts = 0

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.method != self._method:
            answer = self._through.handle_request(request)
            if self._delayed is not None:
                # The lost request arrives after the first look for what it made.
                self._through.handle_request(self._delayed)
                self._delayed = None
            return answer
        self.posts += 1
        if self._trouble is None:
            return self._through.handle_request(request)
        trouble, self._trouble = self._trouble, None
        if self._late:
            self._delayed = request
        elif self._carried_out:
            self._through.handle_request(request)
        if isinstance(trouble, Exception):
            raise trouble
        assert isinstance(trouble, httpx.Response)
        return trouble


MakeClient = Callable[..., TransifexClient]


@pytest.fixture
def make_client(clock: Clock) -> Iterator[MakeClient]:
    """Make a client around any transport, on the test's clock, without chance."""
    made: list[TransifexClient] = []

    def make(transport: object, **settings: object) -> TransifexClient:
        hook = settings.pop("before_request", None)
        configuration = Configuration(**{"token": TOKEN, "poll_waits": POLL_WAITS, **settings})  # type: ignore[arg-type]
        client = TransifexClient(
            configuration,
            transport=transport,  # type: ignore[arg-type]
            sleep=clock.sleep,
            clock=clock.seconds,
            chance=lambda: 0.0,
            before_request=hook,  # type: ignore[arg-type]
        )
        made.append(client)
        return client

    yield make
    for client in made:
        client.close()


@pytest.fixture
def client(make_client: MakeClient, sandbox: Sandbox) -> TransifexClient:
    return make_client(sandbox_transport(sandbox))


@pytest.fixture
def resource(client: TransifexClient) -> str:
    """An empty YML resource in the project ``app``."""
    return client.create_resource(NewResource(PROJECT, "forms", "forms.yml")).id


@pytest.fixture
def filled(client: TransifexClient, resource: str) -> str:
    """The resource with two source texts in it."""
    client.upload_source(resource, SOURCE, keep_translations=False)
    return resource


Ask = Callable[..., Response]


@pytest.fixture
def ask(sandbox: Sandbox) -> Ask:
    """Send one raw request to the sandbox, with the token unless told otherwise."""

    def ask(method: str, target: str, body: bytes = b"", **headers: str) -> Response:
        named = {"authorization": f"Bearer {TOKEN}", "content-type": "application/vnd.api+json"}
        named |= {name.replace("_", "-"): value for name, value in headers.items()}
        return sandbox.handle(Request(method, target, {name: value for name, value in named.items() if value}, body))

    return ask
