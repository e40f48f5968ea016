"""What this process counts of the requests it answers: by pattern of the address, never by what stands in its place."""

import time

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.process_collector import ProcessCollector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_BUCKETS = (0.025, 0.1, 0.25, 1.0, 2.5, 10.0)


class RequestMetrics:
    """The counts of one application."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        labels = ("method", "route", "status")
        self._requests = Counter(
            "bridge_http_requests", "Requests that were answered.", labels, registry=self.registry
        )  # fmt: skip
        self._seconds = Histogram(
            "bridge_http_request_seconds", "How long requests took, to the last byte of the answer.", ("route",),
            buckets=_BUCKETS, registry=self.registry,
        )  # fmt: skip

        self._patterns: dict[int, str] = {}

    def learn_patterns(self, app: FastAPI) -> None:
        """Learn the whole pattern of each route: a route itself knows only its part below the router's prefix."""
        self._patterns = {
            id(context.original_route): context.path for context in iter_route_contexts(app.routes) if context.path
        }

    def note(self, scope: Scope, status: int, seconds: float) -> None:
        """Count a request that was answered."""
        # An address that leads nowhere has no pattern: whoever tries many fills no memory.
        route = self._patterns.get(id(scope.get("route")), "none")
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)


class Measure:
    """Tells :class:`RequestMetrics` of every request."""

    def __init__(self, app: ASGIApp, metrics: RequestMetrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status, start, asked = 500, time.perf_counter(), scope["method"]

        async def send_noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, send_noting)
        finally:
            self.metrics.note({**scope, "method": asked}, status, time.perf_counter() - start)
