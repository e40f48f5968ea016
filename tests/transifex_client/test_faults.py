"""What the client makes of a Transifex that fails, lies or never answers."""

import json
import logging
from collections.abc import Callable, Iterator

import pytest

from tests.transifex_client.conftest import PROJECT, RESOURCE, TOKEN, Clock, Dropping, MakeClient
from transifex_client import Configuration, TransifexClient
from transifex_client.errors import (
    BadRequest,
    Conflict,
    DeadlineExceeded,
    Forbidden,
    ForbiddenAddress,
    JobFailed,
    JobTrouble,
    NotFound,
    PlanRequired,
    RateLimited,
    ServerError,
    TimedOut,
    TransifexError,
    Unauthorised,
    UnexpectedAnswer,
    Unreachable,
)
from transifex_client.resources import DownloadMode, NewProject, NewResource, TranslationChange
from transifex_client.sandbox.core import Sandbox
from transifex_client.sandbox.transport import sandbox_transport
from transifex_client.wire import httpx

API = "https://rest.api.transifex.com"
Step = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]


class Script(httpx.MockTransport):
    """Answers with the given steps one after another, the last one for ever, and remembers the requests."""

    def __init__(self, *steps: Step) -> None:
        super().__init__(self._answer)
        self.steps = list(steps)
        self.requests: list[httpx.Request] = []

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        step = self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]
        if isinstance(step, Exception):
            raise step
        if callable(step):
            return step(request)
        return httpx.Response(step.status_code, headers=step.headers, content=step.content)


def refused(status: int, detail: str = "no", **headers: str) -> httpx.Response:
    error = {"status": str(status), "code": "c", "title": "Title", "detail": detail, "source": {"pointer": "/data/x"}}
    return httpx.Response(status, headers=headers, json={"errors": [error]})


def page(*items: object, following: str | None = None) -> httpx.Response:
    return httpx.Response(200, json={"data": list(items), "links": {"next": following}})


def job(kind: str, status: str, code: int = 200, **attributes: object) -> httpx.Response:
    data = {"type": kind, "id": "j1", "attributes": {"status": status, **attributes}}
    return httpx.Response(code, json={"data": data})


USER = {"type": "users", "id": "u:amina", "attributes": {"username": "amina"}}
FOUND = httpx.Response(200, json={"data": USER})
UPLOADS = "resource_strings_async_uploads"
DOWNLOADS = "resource_translations_async_downloads"


@pytest.mark.parametrize(
    ("status", "detail", "kind"),
    [
        (400, "bad", BadRequest),
        (401, "who", Unauthorised),
        (402, "pay", PlanRequired),
        (403, "no", Forbidden),
        (403, "Your plan does not allow this", PlanRequired),
        (404, "gone", NotFound),
        (409, "twice", Conflict),
        (418, "tea", BadRequest),
        (304, "", UnexpectedAnswer),
        (201, "", UnexpectedAnswer),
    ],
)
def test_each_refusal_has_its_class(
    make_client: MakeClient, status: int, detail: str, kind: type[TransifexError]
) -> None:
    """A refusal is told by its status, sent once, and carries Transifex's own words."""
    script = Script(refused(status, detail, **{"x-request-id": "r-1"}))
    with pytest.raises(kind) as caught:
        make_client(script).get_user("amina")
    assert type(caught.value) is kind
    about = caught.value.about
    assert (about.method, about.url, about.status) == ("GET", f"{API}/users/u:amina", status)
    assert (about.request_id, about.title, about.pointer) == ("r-1", "Title", "/data/x")
    assert len(script.requests) == 1
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith(".")


def test_a_throttled_call_waits_and_succeeds(make_client: MakeClient, clock: Clock) -> None:
    """The wait comes from the header, or else from the detail, and the caller notices nothing."""
    detail = "Request was throttled. Expected available in 60 seconds."
    client = make_client(Script(refused(429, **{"retry-after": "3"}), refused(429, detail), FOUND))
    assert client.get_user("amina").username == "amina"
    assert clock.sleeps == [3, 60]
    assert client.requests_sent == 3


def test_throttling_beyond_the_deadline_says_when_to_come_back(make_client: MakeClient, clock: Clock) -> None:
    """A wait that would not end in time is not begun; the error carries it."""
    client = make_client(Script(refused(429, **{"retry-after": "600"})), deadline=120)
    with pytest.raises(RateLimited) as caught:
        client.get_user("amina")
    assert caught.value.retry_after == 600
    assert clock.sleeps == []


@pytest.mark.parametrize("trouble", [refused(500), refused(502), httpx.ReadError("x"), httpx.ReadTimeout("x")])
def test_a_read_survives_a_passing_trouble(make_client: MakeClient, trouble: Step) -> None:
    """A read is repeated after 5xx, broken connections and timeouts."""
    assert make_client(Script(trouble, trouble, FOUND)).get_user("amina").username == "amina"


@pytest.mark.parametrize(
    ("trouble", "kind"),
    [
        (refused(500), ServerError),
        (httpx.ConnectError("x"), Unreachable),
        (httpx.ReadError("x"), Unreachable),
        (httpx.ReadTimeout("x"), TimedOut),
    ],
)
def test_a_lasting_trouble_is_reported(make_client: MakeClient, trouble: Step, kind: type[TransifexError]) -> None:
    """After a bounded number of attempts the last failure is raised as it was."""
    script = Script(trouble)
    with pytest.raises(kind):
        make_client(script).get_user("amina")
    assert len(script.requests) == 5


@pytest.mark.parametrize(
    "body",
    [
        b"{", b"[]", b"null", b'{"data": 5}', b'{"data": {"type": "users"}}', b'{"data": {"type": "users", "id": 5}}',
        b'{"data": {"type": "users", "id": "u:a", "attributes": []}}', b"\xff", b"[" * 100_000,
        b'{"data": {"type": "users", "id": "u:a", "attributes": {"username": 5}}}',
    ],
)  # fmt: skip
def test_a_broken_answer_is_an_unexpected_one(make_client: MakeClient, body: bytes) -> None:
    """An answer in another shape is one clear error, not a crash of ours."""
    with pytest.raises(UnexpectedAnswer):
        make_client(Script(httpx.Response(200, content=body))).get_user("amina")


def test_an_endless_answer_is_cut_off(make_client: MakeClient) -> None:
    """An answer beyond the limit is refused instead of filling the memory."""
    with pytest.raises(UnexpectedAnswer, match="longer"):
        make_client(Script(httpx.Response(200, content=b"x" * 2000)), answer_limit=1000).get_user("amina")


def test_the_next_page_may_be_named_either_way(make_client: MakeClient) -> None:
    """Whether Transifex's links are relative or absolute is not known: both are followed."""
    script = Script(
        page(following="/resources?page[cursor]=b"), page(following=f"{API}/resources?page%5Bcursor%5D=c"), page()
    )
    assert make_client(script).list_resources(PROJECT) == ()
    assert [request.url.params.get("page[cursor]") for request in script.requests] == [None, "b", "c"]


def test_a_foreign_next_page_is_not_visited(make_client: MakeClient) -> None:
    """A link out of the API ends the list with an error before a request goes there."""
    script = Script(page(following="https://evil.example/resources"))
    with pytest.raises(ForbiddenAddress):
        make_client(script).list_resources(PROJECT)
    assert len(script.requests) == 1


def test_pages_that_lead_in_a_circle_end(make_client: MakeClient) -> None:
    """A page that links to itself is an error, not an endless loop."""
    with pytest.raises(UnexpectedAnswer, match="circle"):
        make_client(Script(page(following="/resources?page[cursor]=b"))).list_resources(PROJECT)


def test_a_redirect_is_not_followed(make_client: MakeClient) -> None:
    """A redirect of an API call is an error; the token goes nowhere else."""
    script = Script(httpx.Response(307, headers={"location": "https://evil.example/"}))
    with pytest.raises(UnexpectedAnswer):
        make_client(script).get_user("amina")
    assert len(script.requests) == 1


def test_a_failed_job_gives_its_reasons(make_client: MakeClient) -> None:
    """Transifex's reasons reach the caller."""
    errors = [{"code": "parse_error", "detail": "Duplicate keys found (form)"}]
    script = Script(job(UPLOADS, "pending", 202), job(UPLOADS, "failed", errors=errors))
    with pytest.raises(JobFailed, match="Duplicate keys") as caught:
        make_client(script).upload_source(RESOURCE, b"", keep_translations=True)
    assert caught.value.reasons == (JobTrouble("parse_error", "Duplicate keys found (form)"),)


@pytest.mark.parametrize("errors", [[], None, "odd", [5]])
def test_a_job_that_failed_without_a_reason_has_failed(make_client: MakeClient, errors: object) -> None:
    """A failed job ends the polling even when it says nothing."""
    script = Script(job(DOWNLOADS, "pending", 202), job(DOWNLOADS, "failed", errors=errors))
    with pytest.raises(JobFailed, match="no reason"):
        make_client(script).download_translations(RESOURCE, "fr", mode=DownloadMode.DEFAULT)


@pytest.mark.parametrize("kind", [UPLOADS, DOWNLOADS])
def test_a_job_that_never_ends_is_given_up(make_client: MakeClient, clock: Clock, kind: str) -> None:
    """Polling ends with the deadline, after waits that grow."""
    client = make_client(Script(job(kind, "pending", 202), job(kind, "processing")), long_deadline=100)
    calls: dict[str, Callable[[], object]] = {
        UPLOADS: lambda: client.upload_source(RESOURCE, b"", keep_translations=True),
        DOWNLOADS: lambda: client.download_translations(RESOURCE, "fr", mode=DownloadMode.DEFAULT),
    }
    with pytest.raises(DeadlineExceeded):
        calls[kind]()
    assert clock.sleeps[:8] == [1, 1, 1, 2, 3, 5, 8, 13]
    assert 80 < sum(clock.sleeps) <= 100


@pytest.mark.parametrize("status", ["done", "succeeded"])
def test_a_download_has_no_status_but_the_documented_ones(make_client: MakeClient, status: str) -> None:
    """A download ends by 303: any other end is unexpected and does not poll on."""
    script = Script(job(DOWNLOADS, "pending", 202), job(DOWNLOADS, status))
    with pytest.raises(UnexpectedAnswer):
        make_client(script).download_translations(RESOURCE, "fr", mode=DownloadMode.DEFAULT)


def test_a_foreign_location_is_not_visited(make_client: MakeClient) -> None:
    """A finished file at a host that is not allowed is refused."""
    there = httpx.Response(303, headers={"location": "https://evil.example/file?auth=SECRET"})
    script = Script(job(DOWNLOADS, "pending", 202), there)
    with pytest.raises(ForbiddenAddress, match=r"evil\.example"):
        make_client(script).download_translations(RESOURCE, "fr", mode=DownloadMode.DEFAULT)
    assert all(request.url.host == "rest.api.transifex.com" for request in script.requests)


def test_a_missing_location_is_an_unexpected_answer(make_client: MakeClient) -> None:
    """303 without an address is an error, not a crash."""
    script = Script(job(DOWNLOADS, "pending", 202), httpx.Response(303))
    with pytest.raises(UnexpectedAnswer, match="Location"):
        make_client(script).download_translations(RESOURCE, "fr", mode=DownloadMode.DEFAULT)


def test_an_expired_link_is_replaced_and_the_token_stays_at_home(make_client: MakeClient) -> None:
    """The file is fetched without the token; when its link has expired, another poll gives a fresh one."""
    there = httpx.Response(303, headers={"location": "https://storage.svc.transifex.net/files/x?auth=SECRET"})
    file = httpx.Response(200, content=b"fr: {}\n")
    script = Script(job(DOWNLOADS, "pending", 202), there, httpx.Response(403), there, file)
    content = make_client(script).download_translations(RESOURCE, "fr", mode=DownloadMode.ONLY_TRANSLATED)
    assert content == b"fr: {}\n"
    for request in script.requests:
        assert ("authorization" in request.headers) == (request.url.host == "rest.api.transifex.com")


def test_a_link_that_never_opens_is_given_up(make_client: MakeClient) -> None:
    """A storage that refuses every fresh link ends in one error."""
    there = httpx.Response(303, headers={"location": "https://storage.svc.transifex.net/files/x?auth=SECRET"})

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(403) if request.url.host.startswith("storage") else there

    script = Script(job(DOWNLOADS, "pending", 202), answer)
    with pytest.raises(UnexpectedAnswer, match="cannot be fetched") as caught:
        make_client(script).download_translations(RESOURCE, "fr", mode=DownloadMode.ONLY_TRANSLATED)
    assert "SECRET" not in str(caught.value) + repr(caught.value.about)


@pytest.mark.parametrize("trouble", [httpx.ReadError("x"), refused(502)])
@pytest.mark.parametrize("carried_out", [True, False])
def test_a_create_whose_answer_is_lost_happens_once(
    make_client: MakeClient, sandbox: Sandbox, trouble: Step, carried_out: bool
) -> None:
    """A project is looked up before it is created again."""
    transport = Dropping(sandbox, carried_out=carried_out, trouble=trouble)
    project = make_client(transport).create_project(NewProject("o:sandbox", "new", "New"))
    assert project.id == "o:sandbox:p:new"
    assert transport.posts == (1 if carried_out else 2)


def test_a_resource_whose_answer_is_lost_is_created_once(make_client: MakeClient, sandbox: Sandbox) -> None:
    """A resource is looked up before it is created again."""
    transport = Dropping(sandbox, carried_out=True, trouble=httpx.ReadError("x"))
    assert make_client(transport).create_resource(NewResource(PROJECT, "forms", "Forms")).name == "Forms"
    assert transport.posts == 1


def test_somebody_elses_resource_is_not_taken_for_ours(make_client: MakeClient, sandbox: Sandbox) -> None:
    """What is found after a lost answer must be what was to be created, else it is a conflict."""
    make_client(sandbox_transport(sandbox)).create_resource(NewResource(PROJECT, "forms", "Theirs"))
    transport = Dropping(sandbox, carried_out=False, trouble=httpx.ReadError("x"))
    with pytest.raises(Conflict):
        make_client(transport).create_resource(NewResource(PROJECT, "forms", "Ours"))


def test_the_hook_is_asked_before_every_request_to_the_api(make_client: MakeClient) -> None:
    """A rate limiter sees repetitions too, and what it raises comes through unchanged."""
    calls: list[int] = []
    client = make_client(Script(refused(500), FOUND), before_request=lambda: calls.append(1))
    client.get_user("amina")
    assert len(calls) == client.requests_sent == 2

    def stop() -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        make_client(Script(FOUND), before_request=stop).get_user("amina")


@pytest.mark.parametrize(
    "step", [refused(400, f"bad header Bearer {TOKEN}"), refused(500, TOKEN), httpx.ConnectError("x"), FOUND]
)
def test_the_token_is_never_shown(make_client: MakeClient, caplog: pytest.LogCaptureFixture, step: Step) -> None:
    """Neither errors nor logs nor the client's own texts hold the token, even when Transifex echoes it."""
    caplog.set_level(logging.DEBUG)
    script = Script(step)
    client = make_client(script)
    shown = [repr(client), repr(Configuration(TOKEN)), str(Configuration(TOKEN))]
    try:
        client.get_user("amina")
    except TransifexError as error:
        shown += [str(error), repr(error), repr(error.about), repr(vars(error))]
    assert TOKEN not in "\n".join([*shown, caplog.text])
    assert script.requests[0].headers["authorization"] == f"Bearer {TOKEN}"


def test_a_bulk_change_goes_out_as_one() -> None:
    """A bulk request says so in its content type and holds only what is to be changed."""
    script = Script(page())
    with TransifexClient(Configuration(TOKEN), transport=script) as client:
        client.update_translations([TranslationChange(f"{RESOURCE}:s:{'0' * 32}:l:fr", strings=None, reviewed=False)])
    (request,) = script.requests
    assert request.headers["content-type"] == 'application/vnd.api+json;profile="bulk"'
    attributes = json.loads(request.content)["data"][0]["attributes"]
    assert attributes == {"strings": None, "reviewed": False}


def test_a_trickling_answer_ends_with_the_deadline(make_client: MakeClient, clock: Clock) -> None:
    """An answer that comes byte by byte, each in time for the socket, is cut off by the deadline of the call."""

    class Trickle(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            while True:
                clock.sleep(10)
                yield b" "

    script = Script(lambda _: httpx.Response(200, stream=Trickle()))
    with pytest.raises(DeadlineExceeded):
        make_client(script, deadline=60).get_user("amina")


def test_a_slug_that_was_taken_before_is_a_conflict(make_client: MakeClient, sandbox: Sandbox) -> None:
    """What is there before the first attempt is not ours, even when it has the same name."""
    client = make_client(sandbox_transport(sandbox))
    client.create_resource(NewResource(PROJECT, "forms", "Forms"))
    with pytest.raises(Conflict):
        client.create_resource(NewResource(PROJECT, "forms", "Forms"))
