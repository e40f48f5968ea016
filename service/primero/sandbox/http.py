"""Requests and answers of the sandbox as plain values, and Primero's way to say what is wrong."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True, slots=True)
class Request:
    """One request. ``target`` is path and query as sent; header names are lower case."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def path(self) -> str:
        """Return the path as sent."""
        return urlsplit(self.target).path

    def parameter(self, name: str) -> str | None:
        """Return the first value of a query parameter."""
        values = parse_qs(urlsplit(self.target).query).get(name)
        return values[0] if values else None

    @property
    def cookies(self) -> dict[str, str]:
        """Return the cookies by name."""
        pairs = (piece.strip().partition("=") for piece in self.headers.get("cookie", "").split(";"))
        return {name: value for name, equals, value in pairs if equals}


@dataclass(frozen=True, slots=True)
class Response:
    """One answer. ``delay``: seconds until it comes; ``cut``: the connection breaks in the middle of its body.

    ``headers`` may hold a name twice, as cookies need.
    """

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    delay: float = 0.0
    cut: bool = False

    def json(self) -> Any:
        """Return the body as JSON, for tests."""
        return json.loads(self.body)


class Refusal(Exception):
    """What Primero does not do, as its list of errors says it. ``message`` is a text or, for a record, a list."""

    def __init__(self, status: int, message: str | list[str], detail: str | list[str] | None = None) -> None:
        super().__init__(str(message))
        self.status = status
        self.message = message
        self.detail = detail

    def response(self, resource: str) -> Response:
        """Return the answer; ``resource`` is the path that was asked for."""
        error: dict[str, object] = {"status": self.status, "resource": resource}
        if self.detail is not None:
            error["detail"] = self.detail
        return answer({"errors": [{**error, "message": self.message}]}, status=self.status)


def answer(document: object, *, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Response:
    """Return a JSON answer."""
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    return Response(status, (("Content-Type", "application/json; charset=utf-8"), *headers), body)
