"""The sandbox itself: a request in, an answer out, everything else remembered in one value.

Strict where Transifex documents a rule, switchable where it is known to vary (:class:`.exchange.Settings`). Knows no
network; :mod:`.server` puts it behind a port, :func:`.transport.sandbox_transport` behind an httpx client.
"""

import hmac
import math
import threading
from collections import deque
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from transifex_client.ids import project_id
from transifex_client.sandbox import downloads, volunteers
from transifex_client.sandbox.exchange import Exchange, RateLimit, Settings
from transifex_client.sandbox.http import Fault, Request, Response
from transifex_client.sandbox.routes import ROUTES, Route, make_route
from transifex_client.sandbox.state import OrganizationState, ProjectState, ResourceState, State, dump_state

__all__ = ["RateLimit", "Sandbox", "Settings"]


class Sandbox:
    """A Transifex in memory. Safe to share between threads: one request is answered at a time.

    Args:
        tokens: the user each token belongs to.
        organization: the slug of the organization that is there from the start.
        clock: the time, aware.
        new_id: makes the ids of jobs and the secrets of links.
        settings: how it behaves; may be changed later.
        state: what it remembers from before; None starts anew.
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
    ) -> None:
        self._tokens = dict(tokens)
        self._organization = organization
        self._clock = clock
        self._new_id = new_id
        self._lock = threading.Lock()
        self._recent: deque[datetime] = deque()
        self._routes: tuple[Route, ...] = (
            *ROUTES,
            make_route("POST", "/_sandbox/reset", volunteers.post_reset(self._seed)),
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
        with self._lock:
            try:
                return self._answer(request)
            except Fault as fault:
                return fault.response()

    def _answer(self, request: Request) -> Response:
        now = self._now()
        if found := self._storage.pattern.fullmatch(request.path):
            return self._serve_file(request, now, found.groups())
        user = self._authenticate(request)
        self._throttle(request, now)
        if self.settings.next_answers and not request.path.startswith("/_sandbox/"):
            return self.settings.next_answers.pop(0)
        route, ids = self._find(request)
        return route.handler(Exchange(request, self.state, self.settings, user, now, ids, self._new_id))

    def _serve_file(self, request: Request, now: datetime, ids: tuple[str, ...]) -> Response:
        if request.method != "GET" or self.settings.storage_url not in (None, request.origin):
            raise Fault(404, f"There is nothing at {request.path}.")
        return self._storage.handler(Exchange(request, self.state, self.settings, "", now, ids, self._new_id))

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
        with self._lock:
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
        with self._lock:
            place = self.state.resource(resource)
            when = at or self._now()
            return volunteers.review(self.state, place, language, keys, by=by, at=when, reviewed=reviewed)
