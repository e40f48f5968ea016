"""Posting to an address that somebody typed in: only to where the service may go, no redirects, nothing believed."""

from collections.abc import Mapping
from urllib.parse import urlsplit, urlunsplit

import httpx

from service.errors import BadInput, RemoteUnreachable
from service.primero.client.addresses import Resolve, check_protected, parse_place
from service.primero.client.errors import ForbiddenAddress, PrimeroError
from service.primero.client.wire import GuardedTransport
from service.settings import Settings
from service.version import VERSION

TIMEOUT = 10.0
_SETTING = "BRIDGE_WEBHOOK_HOSTS"


def check_url(url: str) -> str:
    """Return an address that may be written to, as far as that shows without looking the name up.

    Raises:
        BadInput: it is no https address, or carries a user name or a fragment.
    """
    url, fault = url.strip(), BadInput("A webhook's address is https://HOST/PATH, without a user name.")
    if not url.isascii() or not url.isprintable() or " " in url or "#" in url or len(url) > 1000:
        raise fault
    try:
        check_protected(parse_place(url.partition("?")[0]))
    except ForbiddenAddress as error:
        raise fault from error
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.lower(), parts.path or "/", parts.query, ""))


class WebhookSender:
    """Posts; use it in a ``with``. The name is looked up for each request, and what was checked is what is visited."""

    def __init__(
        self, settings: Settings, transport: httpx.BaseTransport | None = None, resolve: Resolve | None = None
    ) -> None:
        allowed = frozenset(settings.webhook_hosts or ())
        self._http = httpx.Client(
            transport=transport or GuardedTransport(allowed, resolve, setting=_SETTING),
            headers={"User-Agent": f"primero-bridge/{VERSION}", "Content-Type": "application/json"},
            follow_redirects=False,
            trust_env=False,
            timeout=TIMEOUT,
        )

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Hand it over: any answer from 200 to 299 is one that arrived.

        Raises:
            RemoteUnreachable: it did not arrive; the message says why, without the address and without the answer.
        """
        try:
            # The answer is not read: it could be endless, and nothing in it matters.
            with self._http.stream("POST", url, content=body, headers=dict(headers)) as response:
                status = response.status_code
        except ForbiddenAddress as error:
            raise RemoteUnreachable(error.message) from error
        except (httpx.HTTPError, PrimeroError) as error:
            raise RemoteUnreachable(f"The address does not answer ({type(error).__name__}).") from error
        if not 200 <= status < 300:
            why = "a redirect, which is not followed" if 300 <= status < 400 else "no success"
            raise RemoteUnreachable(f"The address answered {status}: {why}.")

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> "WebhookSender":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
