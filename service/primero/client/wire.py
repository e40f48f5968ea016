"""The wire: the only module that knows httpx. One request, or one request and its repetitions, as one account."""

import base64
import json
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from service.primero.client.addresses import Resolve, choose_address
from service.primero.client.answers import Answer, refusal
from service.primero.client.configuration import Configuration, SignIn
from service.primero.client.errors import (
    DeadlineExceeded,
    Particulars,
    PasswordRefused,
    PrimeroError,
    TimedOut,
    UnexpectedAnswer,
    Unreachable,
)
from service.primero.client.retry import decide_wait

BaseTransport = httpx.BaseTransport

SIGN_IN = "/api/v2/tokens"
_SESSION, _CSRF = "_app_session", "CSRF-TOKEN"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Call:
    """One request to make.

    Attributes:
        path: below the instance's address.
        body: what is sent as JSON, None for nothing.
        repeatable: sending it twice does the same as once.
        public: it is sent without saying who asks.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    repeatable: bool = True
    public: bool = False


class GuardedTransport(httpx.BaseTransport):
    """Visits only addresses that may be visited, and exactly those that were checked: the name is looked up once."""

    def __init__(
        self, allowed: frozenset[str], resolve: Resolve | None = None, *, setting: str = "BRIDGE_PRIMERO_HOSTS"
    ) -> None:
        self._allowed, self._setting = allowed, setting
        self._resolve = resolve
        self._inner = httpx.HTTPTransport(retries=0)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request to a checked address; the certificate is still that of the name."""
        host = request.url.host
        port = request.url.port or {"https": 443}.get(request.url.scheme, 80)
        extra = () if self._resolve is None else (self._resolve,)
        address = choose_address(host, port, self._allowed, *extra, setting=self._setting)
        # A request of its own: the client files cookies under the name in the one that it was given.
        checked = httpx.Request(
            request.method,
            request.url.copy_with(host=address),
            headers=request.headers,
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": host},
        )
        return self._inner.handle_request(checked)

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()


class Wire:
    """Sends requests as the service account, and repeats them where that is safe. Safe to share between threads."""

    def __init__(
        self,
        configuration: Configuration,
        *,
        transport: httpx.BaseTransport | None,
        sleep: Callable[[float], None],
        clock: Callable[[], float],
        chance: Callable[[], float],
    ) -> None:
        self.configuration = configuration
        self._sleep, self._clock, self._chance = sleep, clock, chance
        self._signing_in, self._counting = threading.Lock(), threading.Lock()
        self._refused: PasswordRefused | None = None
        self.requests_sent = 0
        self._http = httpx.Client(
            transport=transport or GuardedTransport(configuration.allowed_hosts),
            headers={"User-Agent": configuration.user_agent, "Accept": "application/json"},
            follow_redirects=False,
            trust_env=False,
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def exchange(self, call: Call) -> Answer:
        """Send a request until it has a good answer, and return that.

        Raises:
            PrimeroError: it failed, and another attempt is not allowed, not safe or not in time.
        """
        ends = self._clock() + self.configuration.deadline
        attempt, renewed = 0, False
        while True:
            attempt += 1
            try:
                return self._attempt(call, ends)
            except PasswordRefused as failure:
                # A session ends after an hour without requests, or when somebody else signs in with the account.
                if renewed or not self._had_session(failure):
                    self._refused = failure
                    raise
                renewed = True
                self._http.cookies.clear()
            except PrimeroError as failure:
                self._wait_after(failure, attempt, repeatable=call.repeatable, ends=ends)

    def _had_session(self, failure: PasswordRefused) -> bool:
        is_session = self.configuration.sign_in is SignIn.SESSION and _SESSION in self._http.cookies
        return is_session and not failure.about.url.endswith(SIGN_IN)

    def _wait_after(self, failure: PrimeroError, attempt: int, *, repeatable: bool, ends: float) -> None:
        wait = decide_wait(
            failure,
            attempt,
            repeatable=repeatable,
            remaining=ends - self._clock(),
            chance=self._chance(),
            policy=self.configuration.retry,
        )
        if wait is None:
            raise failure
        logger.info("Waiting %.1f s before attempt %d: %s", wait, attempt + 1, failure)
        self._sleep(wait)

    def _attempt(self, call: Call, ends: float) -> Answer:
        if call.public:
            return self._good(self._send(call, {}, ends))
        if self._refused is not None:
            raise self._refused
        return self._good(self._send(call, self._headers(call, ends), ends))

    def _good(self, answer: Answer) -> Answer:
        if answer.status == 200:
            return answer
        raise refusal(answer, secret=self.configuration.secret)

    def _headers(self, call: Call, ends: float) -> dict[str, str]:
        """Return the headers that say who asks, after signing in where that takes a session."""
        configuration = self.configuration
        if configuration.sign_in is SignIn.BEARER:
            return {"Authorization": f"Bearer {configuration.secret}"}
        if configuration.sign_in is SignIn.BASIC:
            pair = f"{configuration.user}:{configuration.secret}".encode()
            return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
        with self._signing_in:
            if _SESSION not in self._http.cookies:
                user = {"user_name": configuration.user, "password": configuration.secret}
                self._good(self._send(Call("POST", SIGN_IN, body={"user": user}), {}, ends))
                if _SESSION not in self._http.cookies:
                    raise UnexpectedAnswer("Primero took the password and opened no session: try --sign-in basic.")
        token = self._http.cookies.get(_CSRF) or ""
        return {} if call.method == "GET" else {"X-CSRF-Token": token}

    def _send(self, call: Call, headers: Mapping[str, str], ends: float) -> Answer:
        url = self.configuration.url + call.path
        about = Particulars(call.method, url)
        remaining = ends - self._clock()
        if remaining <= 0:
            raise DeadlineExceeded(f"Primero did not finish in the time allowed ({call.method} {url}).", about)
        content = None if call.body is None else json.dumps(call.body).encode()
        request = self._http.build_request(
            call.method,
            url,
            params=dict(call.query) or None,
            content=content,
            headers={**headers, **({"Content-Type": "application/json"} if content is not None else {})},
            timeout=min(remaining, self.configuration.request_timeout),
        )
        with self._counting:
            self.requests_sent += 1
        return self._transmit(request, about, ends)

    def _transmit(self, request: httpx.Request, about: Particulars, ends: float) -> Answer:
        try:
            response = self._http.send(request, stream=True)
            try:
                body = self._read(response, about, ends)
            finally:
                response.close()
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise Unreachable(_sentence("Primero cannot be reached", about, error), about, sent=False) from error
        except httpx.TimeoutException as error:
            raise TimedOut(_sentence("Primero took too long to answer", about, error), about) from error
        except httpx.TransportError as error:
            raise Unreachable(_sentence("The connection to Primero broke", about, error), about) from error
        except httpx.RequestError as error:
            raise UnexpectedAnswer(_sentence("Primero's answer cannot be read", about, error), about) from error
        if self.configuration.sign_in is not SignIn.SESSION:
            # A cookie beside the password would make Primero ask for the session's token.
            self._http.cookies.clear()
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Answer(about.method, about.url, response.status_code, headers, body)

    def _read(self, response: httpx.Response, about: Particulars, ends: float) -> bytes:
        pieces, length = [], 0
        for piece in response.iter_bytes():
            pieces.append(piece)
            length += len(piece)
            if length > self.configuration.answer_limit:
                raise UnexpectedAnswer(
                    f"Primero's answer is longer than {self.configuration.answer_limit} bytes.", about
                )
            # httpx's timeout is for each read alone: a trickle would never end without this.
            if self._clock() >= ends:
                raise DeadlineExceeded(f"Primero did not finish in the time allowed ({about.url}).", about)
        return b"".join(pieces)


def _sentence(what: str, about: Particulars, error: Exception) -> str:
    return f"{what} ({about.method} {about.url}): {type(error).__name__}."
