"""The sandbox itself: a request in, an answer out, everything else remembered in one value.

Strict where Transifex documents a rule, switchable where it is known to vary (:class:`.exchange.Settings`). Knows no
network; :mod:`.server` puts it behind a port, :func:`.transport.sandbox_transport` behind an httpx client.
"""

import hmac
import math
import threading
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from transifex_client.ids import project_id
from transifex_client.sandbox import controls, downloads, volunteers
from transifex_client.sandbox.deliveries import HookRequest, deliver, observe
from transifex_client.sandbox.exchange import AnswerFault, Exchange, FaultKind, RateLimit, Settings
from transifex_client.sandbox.faults import is_carried_out, refuse_withheld, spoil, take_fault
from transifex_client.sandbox.http import Fault, Request, Response, answer, with_absolute_links
from transifex_client.sandbox.routes import ROUTES, Route, make_route
from transifex_client.sandbox.state import OrganizationState, ProjectState, ResourceState, State, dump_state

__all__ = ["AnswerFault", "FaultKind", "HookRequest", "RateLimit", "Sandbox", "Settings"]

_DELIVERIES_KEPT = 200


class Sandbox:
    """A Transifex in memory. Safe to share between threads: one request is answered at a time.

    Args:
        tokens: the user each token belongs to.
        organization: the slug of the organization that is there from the start.
        clock: the time, aware.
        new_id: makes the ids of jobs and the secrets of links.
        settings: how it behaves; may be changed later.
        state: what it remembers from before; None starts anew.
        send: is given every delivery of a webhook, at once; must neither block nor raise. The last ones are kept in
            ``deliveries`` all the same.
    """

    def __init__(
        self,
        *,
        tokens: Mapping[str, str],
        organization: str = "sandbox",
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        new_id: Callable[[], str] = lambda: str(uuid4()),
        settings: Settings | None = None,
        state: State | None = None,
        send: Callable[[HookRequest], None] = lambda _: None,
    ) -> None:
        self._tokens = dict(tokens)
        self._organization = organization
        self._clock = clock
        self._new_id = new_id
        self._lock = threading.Lock()
        self._recent: deque[datetime] = deque()
        self._answered = 0
        self.deliveries: deque[HookRequest] = deque(maxlen=_DELIVERIES_KEPT)
        self.send = send
        self._routes: tuple[Route, ...] = (
            *ROUTES,
            make_route("POST", "/_sandbox/reset", controls.post_reset(self._seed)),
            make_route("GET", "/_sandbox/deliveries", controls.get_deliveries(self.deliveries)),
            make_route("GET", "/_sandbox/requests", lambda _: answer({"requests": self._answered})),
        )
        self._storage = make_route("GET", f"{downloads.STORAGE}ID", downloads.fetch_file)
        self.settings = settings or Settings()
        self.state = state or State()
        if state is None:
            self._seed()

    def _seed(self) -> None:
        fresh = State()
        fresh.organizations[f"o:{self._organization}"] = OrganizationState(self._organization, self._organization)
        for username in self._tokens.values():
            fresh.greet(username)
        self.state = fresh

    def _now(self) -> datetime:
        # Dates are shown in whole seconds; finer ones inside would make a filter contradict what is shown.
        return self._clock().replace(microsecond=0)

    def handle(self, request: Request) -> Response:
        """Answer a request. Refusals are answers too; nothing is raised."""
        # Polls finish jobs; every other GET leaves all as it was.
        with self._acting(watched=request.method != "GET" or "_async_" in request.path):
            try:
                response = self._answer(request)
            except Fault as fault:
                response = fault.response()
            if request.path.startswith("/_sandbox/"):
                return response
            self._answered += 1
            return replace(response, delay=response.delay + self.settings.latency)

    @contextmanager
    def _acting(self, *, watched: bool = True) -> Iterator[None]:
        """Let one thread act, and have the webhooks tell what it did, where it may have done something."""
        with self._lock:
            before = observe(self.state) if watched else {}
            yield
            for delivery in deliver(self.state, before, self._now()) if watched else ():
                self.deliveries.append(delivery)
                self.send(delivery)

    def _answer(self, request: Request) -> Response:
        now = self._now()
        if found := self._storage.pattern.fullmatch(request.path):
            return self._serve_file(request, now, found.groups())
        user = self._authenticate(request)
        self._throttle(request, now)
        if request.path.startswith("/_sandbox/"):
            return self._carry_out(request, user, now)
        if self.settings.next_answers:
            return self.settings.next_answers.pop(0)
        return self._spoilt(take_fault(self.settings, request), lambda: self._carry_out(request, user, now))

    def _carry_out(self, request: Request, user: str, now: datetime) -> Response:
        refuse_withheld(self.settings, request)
        route, ids = self._find(request)
        response = route.handler(Exchange(request, self.state, self.settings, user, now, ids, self._new_id))
        return with_absolute_links(response, request.origin) if self.settings.absolute_links else response

    def _spoilt(self, fault: AnswerFault | None, carry_out: Callable[[], Response]) -> Response:
        if fault is None:
            return carry_out()
        if not is_carried_out(fault):
            return spoil(fault, None)
        try:
            good = carry_out()
        except Fault as refusal:
            good = refusal.response()
        return spoil(fault, good)

    def _serve_file(self, request: Request, now: datetime, ids: tuple[str, ...]) -> Response:
        if request.method != "GET" or self.settings.storage_url not in (None, request.origin):
            raise Fault(404, f"There is nothing at {request.path}.")
        exchange = Exchange(request, self.state, self.settings, "", now, ids, self._new_id)
        return self._spoilt(take_fault(self.settings, request, storage=True), lambda: self._storage.handler(exchange))

    def _authenticate(self, request: Request) -> str:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        for token, user in self._tokens.items():
            if scheme == "Bearer" and hmac.compare_digest(given.encode(), token.encode()):
                return user
        raise Fault(401, "Authentication credentials were not provided or are wrong.")

    def _throttle(self, request: Request, now: datetime) -> None:
        limit = self.settings.rate_limit
        if limit is None or request.path.startswith("/_sandbox/"):
            return
        while self._recent and self._recent[0] <= now - timedelta(seconds=limit.seconds):
            self._recent.popleft()
        if len(self._recent) >= limit.requests:
            free = self._recent[0] + timedelta(seconds=limit.seconds)
            seconds = max(1, math.ceil((free - now).total_seconds()))
            raise Fault(
                429,
                f"Request was throttled. Expected available in {seconds} seconds.",
                headers={"Retry-After": str(seconds)} if limit.header else None,
            )
        self._recent.append(now)

    def _find(self, request: Request) -> tuple[Route, tuple[str, ...]]:
        matches = [(route, found) for route in self._routes if (found := route.pattern.fullmatch(request.path))]
        if not matches:
            raise Fault(404, f"There is nothing at {request.path}.")
        for route, found in matches:
            if route.method == request.method:
                return route, found.groups()
        allowed = ", ".join(sorted({route.method for route, _ in matches}))
        raise Fault(405, f"Method {request.method} is not allowed here.", headers={"Allow": allowed})

    def dump(self) -> bytes:
        """Return what is remembered, for :func:`.state.parse_state`."""
        with self._lock:
            return dump_state(self.state)

    # What people do by other ways than the API

    def add_project(
        self,
        slug: str,
        *,
        name: str | None = None,
        source_language: str = "en",
        languages: Collection[str] = (),
    ) -> str:
        """Create a project in the sandbox's organization and return its id."""
        with self._lock:
            now = self._now()
            identifier = project_id(self._organization, slug)
            self.state.projects[identifier] = ProjectState(
                organization=self._organization,
                slug=slug,
                name=name or slug,
                private=True,
                source_language=source_language,
                created_at=now,
                modified_at=now,
                languages=list(languages),
            )
            return identifier

    def resource(self, identifier: str) -> ResourceState:
        """Return what is remembered of a resource; :class:`LookupError` when there is none."""
        return self.state.resources[identifier]

    def translate(
        self,
        resource: str,
        language: str,
        texts: Mapping[str, str | Mapping[str, str] | None],
        *,
        by: str,
        at: datetime | None = None,
    ) -> int:
        """Translate in the editor as a volunteer: texts by escaped key, None to empty one. Return how many changed.

        Raises:
            Fault: no such resource, language or key, or a plural form is missing.
        """
        with self._acting():
            place = self.state.resource(resource)
            return volunteers.translate(self.state, place, language, texts, by=by, at=at or self._now())

    def review(
        self,
        resource: str,
        language: str,
        keys: Collection[str],
        *,
        by: str,
        at: datetime | None = None,
        reviewed: bool = True,
    ) -> int:
        """Mark translations as reviewed in the editor, or not reviewed. Return how many.

        Raises:
            Fault: no such resource, language or key, or one is not translated.
        """
        with self._acting():
            place = self.state.resource(resource)
            when = at or self._now()
            return volunteers.review(self.state, place, language, keys, by=by, at=when, reviewed=reviewed)

    def comment(
        self,
        resource: str,
        language: str,
        key: str,
        message: str,
        *,
        by: str,
        at: datetime | None = None,
        kind: str = "comment",
    ) -> str:
        """Write a comment, or open an issue (``kind``), as a volunteer, beside a text (its key). Return its id.

        Raises:
            Fault: no such resource, language or key.
        """
        with self._acting():
            place, when = self.state.resource(resource), at or self._now()
            unique = self._new_id()
            return volunteers.comment(
                self.state, place, language, key, message, by=by, at=when, unique=unique, kind=kind
            ).id

    def edit_source(
        self,
        resource: str,
        key: str,
        text: str | Mapping[str, str],
        *,
        by: str,
        at: datetime | None = None,
        keep_translations: bool = False,
    ) -> int:
        """Change a source text in the editor; its translations go unless they are kept. Return how many changed.

        Raises:
            Fault: no such resource or key, or a plural form is missing.
        """
        with self._acting():
            place, when = self.state.resource(resource), at or self._now()
            return volunteers.edit_source(
                self.state, place, key, text, by=by, at=when, keep_translations=keep_translations
            )

    def delete_key(self, resource: str, key: str, *, by: str, at: datetime | None = None) -> None:
        """Delete a source string in the editor, with its translations and comments.

        Raises:
            Fault: no such resource or key.
        """
        with self._acting():
            volunteers.delete_key(self.state, self.state.resource(resource), key, by=by, at=at or self._now())

    def add_user(self, username: str) -> None:
        """Give a person an account, as anybody can who is to join a team."""
        with self._lock:
            volunteers.sign_up(self.state, username)
