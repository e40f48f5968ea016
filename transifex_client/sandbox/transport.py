"""The sandbox as a transport of httpx, for tests: no port, no thread."""

from collections.abc import Iterator

from transifex_client.sandbox.core import Sandbox
from transifex_client.sandbox.http import Request
from transifex_client.wire import httpx


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
            origin=f"{request.url.scheme}://{request.url.netloc.decode('ascii')}",
        )
        response = sandbox.handle(given)
        patience = request.extensions.get("timeout", {}).get("read")
        if patience is not None and response.delay >= patience:
            raise httpx.ReadTimeout("The sandbox answers too late.", request=request)
        content = _Cut(response.body) if response.cut else None
        return httpx.Response(
            response.status, headers=dict(response.headers), content=None if content else response.body, stream=content
        )

    return httpx.MockTransport(answer)
