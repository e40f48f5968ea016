"""The sandbox as a transport of httpx, for tests: no port, no thread."""

from transifex_client.sandbox.core import Sandbox
from transifex_client.sandbox.http import Request
from transifex_client.wire import httpx


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
        return httpx.Response(response.status, headers=dict(response.headers), content=response.body)

    return httpx.MockTransport(answer)
