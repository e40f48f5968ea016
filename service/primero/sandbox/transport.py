"""The sandbox as a transport of httpx, for tests: no port, no thread."""

from collections.abc import Iterator

import httpx

from service.primero.sandbox.core import Sandbox
from service.primero.sandbox.http import Request


class _Cut(httpx.SyncByteStream):
    """A body whose connection breaks in the middle."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        yield self._body[: len(self._body) // 2]
        raise httpx.RemoteProtocolError("The sandbox broke the connection.")


def sandbox_transport(sandbox: Sandbox) -> httpx.MockTransport:
    """Return a transport that answers every request, whatever its host, from this sandbox."""

    def answer(request: httpx.Request) -> httpx.Response:
        given = Request(
            method=request.method,
            target=request.url.raw_path.decode("ascii"),
            headers={name.lower(): value for name, value in request.headers.items()},
            body=request.read(),
        )
        response = sandbox.handle(given)
        patience = request.extensions.get("timeout", {}).get("read")
        if patience is not None and response.delay >= patience:
            raise httpx.ReadTimeout("The sandbox answers too late.", request=request)
        headers = list(response.headers)
        if response.cut:
            return httpx.Response(response.status, headers=headers, stream=_Cut(response.body))
        return httpx.Response(response.status, headers=headers, content=response.body)

    return httpx.MockTransport(answer)
