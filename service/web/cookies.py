"""Cookies: never readable by scripts, never sent from other sites, over https only where the service is on https."""

from starlette.requests import Request
from starlette.responses import Response

from service.settings import Settings


def cookie_name(settings: Settings, name: str) -> str:
    """Return the cookie's full name; on https the prefix keeps other hosts of the domain from planting one."""
    return f"__Host-{name}" if _on_https(settings) else name


def read_cookie(request: Request, settings: Settings, name: str) -> str | None:
    """Return the value of our cookie ``name`` (without prefix), or None."""
    return request.cookies.get(cookie_name(settings, name))


def write_cookie(response: Response, settings: Settings, name: str, value: str, max_age: int) -> None:
    """Set our cookie ``name`` (without prefix) for ``max_age`` seconds."""
    response.set_cookie(
        cookie_name(settings, name),
        value,
        max_age=max_age,
        path="/",
        secure=_on_https(settings),
        httponly=True,
        samesite="lax",
    )


def drop_cookie(response: Response, settings: Settings, name: str) -> None:
    """Make the browser forget our cookie ``name`` (without prefix)."""
    response.delete_cookie(
        cookie_name(settings, name), path="/", secure=_on_https(settings), httponly=True, samesite="lax"
    )


def _on_https(settings: Settings) -> bool:
    return settings.public_url.startswith("https://")
