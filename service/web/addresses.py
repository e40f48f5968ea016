"""Addresses that a request names and the service leads to: never out of the service."""

from urllib.parse import urlsplit

from starlette.requests import Request

from service.web.resources import SAFE_METHODS


def local_path(address: str) -> str:
    """Return ``address`` where it leads to a page of this service, "/" where it leads anywhere else."""
    parts = urlsplit(address) if address.isprintable() else None
    safe = (
        parts is not None
        and not parts.scheme
        and not parts.netloc
        and address.startswith("/")
        and not address.startswith("//")
        and "\\" not in address
    )
    return address if safe else "/"


def page_address(request: Request) -> str:
    """Return path and query of the page that a person has before the eyes, as far as the request tells."""
    if request.method in SAFE_METHODS:
        return str(request.scope["path"]) + (f"?{request.url.query}" if request.url.query else "")
    # A form was sent: the page it stood on.
    came_from = urlsplit(request.headers.get("referer", ""))
    return came_from.path if came_from.netloc == request.url.netloc and came_from.path else "/"
