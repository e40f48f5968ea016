"""The wire: the only module of the client that knows httpx. One request, or one request and its repetitions.

httpx is imported nowhere else (the sandbox takes it from here), so a change to a fork of it is a change of one line.
"""

import logging
import threading
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field, replace

import httpx as httpx  # the one import; re-exported for the sandbox and for tests

from transifex_client.addresses import check_download, origin_of, resolve_within, without_secret
from transifex_client.configuration import Configuration
from transifex_client.documents import Answer, refusal
from transifex_client.errors import (
    DeadlineExceeded,
    ForbiddenAddress,
    Particulars,
    TimedOut,
    TransifexError,
    UnexpectedAnswer,
    Unreachable,
)
from transifex_client.retry import decide_wait

JSON_API = "application/vnd.api+json"
JSON_API_BULK = 'application/vnd.api+json;profile="bulk"'

BaseTransport = httpx.BaseTransport

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Call:
    """One request to make. ``link`` is a path, or a link that the API handed out.

    Attributes:
        repeatable: sending it twice does the same as once.
        expected: statuses that are a success; others become an error.
        secret: something in the body that no error may quote, "" for nothing.
        files: parts of a multipart body, (file name, content, media type) by field; ``fields`` are its plain fields.
    """

    method: str
    link: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    content_type: str = JSON_API
    fields: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, tuple[str, bytes, str]] = field(default_factory=dict)
    repeatable: bool = True
    expected: tuple[int, ...] = (200,)
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Deadline:
    """The end of a call on a monotonic clock."""

    ends: float
    clock: Callable[[], float]

    def remaining(self) -> float:
        """Return the seconds left, negative when it has passed."""
        return self.ends - self.clock()

    def check(self, about: Particulars) -> float:
        """Return the seconds left.

        Raises:
            DeadlineExceeded: none are.
        """
        remaining = self.remaining()
        if remaining <= 0:
            raise DeadlineExceeded(
                f"Transifex did not finish in the time allowed ({about.method} {about.url}): try again later.", about
            )
        return remaining


class _BearerAuth(httpx.Auth):
    """Adds the token, and only to requests for the API's own origin."""

    def __init__(self, token: str, origin: tuple[str, str, int]) -> None:
        self._token = token
        self._origin = origin

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        if origin_of(str(request.url)) != self._origin:
            raise ForbiddenAddress("The token was about to be sent to another address than the API's.")
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request


class Wire:
    """Sends requests with the token, repeats them where that is safe, and fetches files without the token.

    Safe to share between threads.
    """

    def __init__(
        self,
        configuration: Configuration,
        *,
        transport: httpx.BaseTransport | None,
        sleep: Callable[[float], None],
        clock: Callable[[], float],
        chance: Callable[[], float],
        before_request: Callable[[], None] | None,
        after_answer: Callable[[int], None] | None,
    ) -> None:
        self.configuration = configuration
        self._sleep = sleep
        self._clock = clock
        self._chance = chance
        self._before_request = before_request
        self._after_answer = after_answer
        self._lock = threading.Lock()
        self._requests_sent = 0
        headers = {"User-Agent": configuration.user_agent}
        auth = _BearerAuth(configuration.token, origin_of(configuration.base_url))
        self._api = httpx.Client(
            auth=auth, transport=transport, headers=headers | {"Accept": JSON_API}, follow_redirects=False
        )
        # A client of its own: neither the token nor a cookie of the API can reach the storage.
        self._storage = httpx.Client(transport=transport, headers=headers, follow_redirects=False)

    @property
    def requests_sent(self) -> int:
        """Return how many requests were sent so far, repetitions, polls and fetched files included."""
        return self._requests_sent

    def close(self) -> None:
        """Close the connections."""
        self._api.close()
        self._storage.close()

    def deadline(self, seconds: float) -> Deadline:
        """Return a deadline this many seconds from now."""
        return Deadline(self._clock() + seconds, self._clock)

    def wait(self, seconds: float, deadline: Deadline, about: Particulars) -> None:
        """Sleep, but not beyond the deadline.

        Raises:
            DeadlineExceeded: the deadline lies within the wait.
        """
        if seconds >= deadline.remaining():
            raise DeadlineExceeded(
                f"Transifex did not finish in the time allowed ({about.method} {about.url}): try again later.", about
            )
        self._sleep(seconds)

    def wait_after(self, failure: TransifexError, attempt: int, *, repeatable: bool, deadline: Deadline) -> None:
        """Sleep before another attempt, or raise the failure when there is to be none.

        Raises:
            TransifexError: the failure itself.
        """
        wait = decide_wait(
            failure,
            attempt,
            repeatable=repeatable,
            remaining=deadline.remaining(),
            chance=self._chance(),
            policy=self.configuration.retry,
        )
        if wait is None:
            raise failure
        logger.info("Waiting %.1f s before attempt %d: %s", wait, attempt + 1, failure)
        self._sleep(wait)

    def exchange(self, call: Call, deadline: Deadline) -> Answer:
        """Send a request with the token until it has one of the expected answers, and return that.

        Raises:
            TransifexError: it failed, and another attempt is not allowed, not safe or not in time.
        """
        attempt = 0
        while True:
            attempt += 1
            try:
                answer = self._send(call, deadline)
                if answer.status in call.expected:
                    return answer
                raise refusal(answer, secrets=(self.configuration.token, call.secret))
            except TransifexError as failure:
                self.wait_after(failure, attempt, repeatable=call.repeatable, deadline=deadline)

    def fetch(self, link: str, deadline: Deadline) -> Answer:
        """Fetch a finished file without the token and return the answer, whatever its status.

        Raises:
            ForbiddenAddress: the link leads to a host that is not allowed.
            TransifexError: no answer came, however often it was asked.
        """
        url = check_download(self.configuration.base_url, self.configuration.download_origins, link)
        request = self._storage.build_request("GET", url)
        attempt = 0
        while True:
            attempt += 1
            try:
                answer = self._transmit(self._storage, request, deadline)
                if answer.status < 500 and answer.status != 429:
                    return answer
                raise refusal(answer, secrets=(self.configuration.token,))
            except TransifexError as failure:
                self.wait_after(failure, attempt, repeatable=True, deadline=deadline)

    def _send(self, call: Call, deadline: Deadline) -> Answer:
        base_url = self.configuration.base_url
        url = resolve_within(base_url, base_url + call.link if call.link.startswith("/") else call.link)
        deadline.check(Particulars(call.method, without_secret(url)))
        if self._before_request is not None:
            self._before_request()
        multipart = bool(call.files)
        request = self._api.build_request(
            call.method,
            url,
            params=dict(call.query) or None,
            content=None if multipart else call.body,
            data=dict(call.fields) if multipart else None,
            files=dict(call.files) if multipart else None,
            headers={"Content-Type": call.content_type} if call.body is not None and not multipart else None,
        )
        return self._transmit(self._api, request, deadline)

    def _transmit(self, client: httpx.Client, request: httpx.Request, deadline: Deadline) -> Answer:
        shown = Particulars(request.method, without_secret(str(request.url)))
        seconds = min(deadline.check(shown), self.configuration.request_timeout)
        request.extensions = dict(request.extensions) | {"timeout": httpx.Timeout(seconds).as_dict()}
        with self._lock:
            self._requests_sent += 1
        try:
            response = client.send(request, stream=True)
            try:
                body = self._read(response, deadline, shown)
            finally:
                response.close()
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol) as error:
            raise Unreachable(_sentence("Transifex cannot be reached", shown, error), shown, sent=False) from error
        except httpx.TimeoutException as error:
            raise TimedOut(_sentence("Transifex took too long to answer", shown, error), shown) from error
        except httpx.TransportError as error:
            raise Unreachable(_sentence("The connection to Transifex broke", shown, error), shown) from error
        except httpx.RequestError as error:
            raise UnexpectedAnswer(_sentence("Transifex's answer cannot be read", shown, error), shown) from error
        headers = {name.lower(): value for name, value in response.headers.items()}
        if self._after_answer is not None:
            self._after_answer(response.status_code)
        return Answer(request.method, shown.url, response.status_code, headers, body)

    def _read(self, response: httpx.Response, deadline: Deadline, about: Particulars) -> bytes:
        about = replace(about, status=response.status_code)
        pieces, length = [], 0
        for piece in response.iter_bytes():
            pieces.append(piece)
            length += len(piece)
            if length > self.configuration.answer_limit:
                raise UnexpectedAnswer(
                    f"Transifex's answer is longer than {self.configuration.answer_limit} bytes.", about
                )
            # httpx's timeout is for each read alone: a trickle would never end without this.
            deadline.check(about)
        return b"".join(pieces)


def _sentence(what: str, about: Particulars, error: Exception) -> str:
    return f"{what} ({about.method} {about.url}): {type(error).__name__}."
