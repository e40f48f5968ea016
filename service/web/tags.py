"""Tags of the API's answers: whoever read something once is told in a few bytes that it is still the same.

The tag is made of the answer itself, after it was made for this asker with this asker's permissions: nothing is kept,
and nothing can be stale. It saves what travels and what a program has to look at, not the work of the service.
"""

import hashlib
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_API = "/api/"
_JSON = "application/json"


def matches(header: str, etag: str) -> bool:
    """Return whether an ``If-None-Match`` names the tag, strong or weak, among others or as ``*``."""
    bare = etag.removeprefix("W/")
    return header.strip() == "*" or bare in (tag.strip().removeprefix("W/") for tag in header.split(","))


class Tags:
    """Gives each JSON answer to a GET of the API an ``ETag``, and answers 304 to whoever named it.

    The tags are weak: what is compressed on its way is the same answer.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].startswith(_API):
            await self.app(scope, receive, send)
            return
        start: Message | None = None
        body = bytearray()

        async def send_tagged(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                if _is_tagged(message):
                    start = message
                else:
                    await send(message)
                return
            if start is None:
                await send(message)
                return
            body.extend(message.get("body", b""))
            if not message.get("more_body", False):
                await _send_whole(scope, start, bytes(body), send)

        await self.app(scope, receive, send_tagged)


def _is_tagged(message: Message) -> bool:
    headers = Headers(raw=message["headers"])
    # An answer with a tag of its own knows better.
    return message["status"] == 200 and headers.get("content-type", "") == _JSON and "etag" not in headers


async def _send_whole(scope: Scope, start: Message, body: bytes, send: Send) -> None:
    etag = f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = MutableHeaders(raw=list(start["headers"]))
    headers["ETag"] = etag
    if matches(Headers(scope=scope).get("if-none-match", ""), etag):
        del headers["content-type"]
        del headers["content-length"]
        start, body = {**start, "status": 304}, b""
    await send({**start, "headers": headers.raw})
    await send({"type": "http.response.body", "body": body})


def describe_tags(description: dict[str, Any]) -> dict[str, Any]:
    """Return the API's description with what every GET of JSON knows of tags, and lists of their next page."""
    for path, operations in description["paths"].items():
        operation = operations.get("get", {})
        answer = operation.get("responses", {}).get("200", {})
        if not path.startswith(_API) or _JSON not in answer.get("content", {}):
            continue
        headers = answer.setdefault("headers", {})
        headers.setdefault("ETag", {"description": "Changes with the answer.", "schema": {"type": "string"}})
        if answer["content"][_JSON]["schema"].get("type") == "array":
            headers["Link"] = {
                "description": 'The address of the next page, as `<ADDRESS>; rel="next"`; missing on the last one.',
                "schema": {"type": "string"},
            }
        operation["responses"].setdefault("304", {"description": "It is still the answer that has this tag."})
        parameters = operation.setdefault("parameters", [])
        if not any(each["name"] == "If-None-Match" for each in parameters):
            told = "The tag of an answer that you have: 304 where it is still the same."
            parameters.append(
                {
                    "name": "If-None-Match", "in": "header", "required": False, "description": told,
                    "schema": {"type": "string"},
                }
            )  # fmt: skip
    return description
