"""Requests and answers of the sandbox as plain values, and the errors of the API as JSON:API documents."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

JSON_API = "application/vnd.api+json"


@dataclass(frozen=True, slots=True)
class Request:
    """One request. ``target`` is path and query as sent, ``origin`` scheme and host; header names are lower case."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    origin: str = "https://rest.api.transifex.com"

    @property
    def path(self) -> str:
        """Return the path, percent-decoded: ids arrive raw from some clients and encoded from others."""
        return unquote(urlsplit(self.target).path)

    @property
    def query(self) -> str:
        """Return the query as sent."""
        return urlsplit(self.target).query

    @property
    def media_type(self) -> str:
        """Return the media type of the body, lower case and without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class Response:
    """One answer. ``delay``: seconds until it comes; ``cut``: the connection breaks in the middle of its body."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    delay: float = 0.0
    cut: bool = False

    def json(self) -> object:
        """Return the body as JSON, for tests."""
        return json.loads(self.body)


_TITLES = {
    400: ("invalid", "Invalid request"),
    401: ("unauthorized", "Unauthorized"),
    402: ("payment_required", "Payment required"),
    403: ("forbidden", "Forbidden"),
    404: ("not found", "Not found"),
    405: ("method_not_allowed", "Method not allowed"),
    409: ("conflict", "Conflict error"),
    413: ("too_large", "Request too large"),
    429: ("Throttled", "Too many requests"),
    500: ("server error", "Server error"),
}


class Fault(Exception):
    """A refusal that becomes an error document; ``pointer`` is a place in the body, ``parameter`` one in the query."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        pointer: str | None = None,
        parameter: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.pointer = pointer
        self.parameter = parameter
        self.headers = headers or {}

    def response(self) -> Response:
        """Return the error document."""
        code, title = _TITLES[self.status]
        error: dict[str, object] = {"status": str(self.status), "code": code, "title": title, "detail": self.detail}
        if self.pointer is not None:
            error["source"] = {"pointer": self.pointer}
        elif self.parameter is not None:
            error["source"] = {"parameter": f"?{self.parameter}"}
        return answer({"errors": [error]}, status=self.status, headers=self.headers)


def answer(document: object, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return a JSON:API answer."""
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(status, {"Content-Type": JSON_API, **(headers or {})}, body)


def with_absolute_links(response: Response, origin: str) -> Response:
    """Return a JSON:API answer whose relative links, wherever they stand in it, name the origin."""
    if response.headers.get("Content-Type") != JSON_API:
        return response
    return answer(_absolute(response.json(), origin), status=response.status, headers=response.headers)


def _absolute(value: object, origin: str, *, links: bool = False) -> object:
    if isinstance(value, dict):
        return {name: _absolute(entry, origin, links=links or name == "links") for name, entry in value.items()}
    if isinstance(value, list):
        return [_absolute(entry, origin) for entry in value]
    return origin + value if links and isinstance(value, str) and value.startswith("/") else value


def to_one(kind: str, identifier: str | None) -> object:
    """Return a to-one relationship; Transifex writes a missing one as null itself, not as ``{"data": null}``."""
    if identifier is None:
        return None
    return {"data": {"type": kind, "id": identifier}, "links": {"related": f"/{kind}/{identifier}"}}


def to_many(path: str, name: str) -> object:
    """Return a to-many relationship, which carries only links."""
    return {"links": {"self": f"{path}/relationships/{name}", "related": f"{path}/{name}"}}
