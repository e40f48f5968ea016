"""Turning templates into pages: one environment for all features, one way to render."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote, unquote

from jinja2 import Environment, PackageLoader, PrefixLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from service.settings import Settings
from service.web.cookies import drop_cookie, read_cookie, write_cookie

FLASH_COOKIE = "bridge_flash"
FLASH_SECONDS = 60
FLASH_CHARACTERS = 300


@dataclass(frozen=True, slots=True)
class Interface:
    """The language of the pages themselves: a BCP 47 tag and its direction."""

    lang: str = "en"
    direction: Literal["ltr", "rtl"] = "ltr"


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks at the page: the name at its top, and the token its forms carry. Set as ``request.state.viewer``."""

    label: str
    form_token: str


@dataclass(frozen=True, slots=True)
class Page:
    """What ``web/base.html`` knows of the request, as ``page``."""

    path: str
    interface: Interface
    viewer: Viewer | None
    flash: str | None


class Static:
    """The static files of the service, each under an address that changes with its content."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cached_property
    def versions(self) -> Mapping[str, str]:
        """Return the version of each file by name: the first 12 hex digits of its SHA-256."""
        return {
            file.relative_to(self.folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()[:12]
            for file in sorted(self.folder.rglob("*"))
            if file.is_file()
        }

    def url(self, name: str) -> str:
        """Return the address of a file; an unknown name is an error in the template."""
        return f"/static/{self.versions[name]}/{name}"

    def find(self, version: str, name: str) -> Path | None:
        """Return the file with this version, or None."""
        return self.folder / name if self.versions.get(name) == version else None


class Templates:
    """Finds the templates of every feature as ``<feature>/<file>`` and renders them. Made once, in ``app.py``."""

    def __init__(self, static: Static) -> None:
        features = {
            folder.name: PackageLoader(f"service.{folder.name}")
            for folder in files("service").iterdir()
            if folder.is_dir() and (folder / "templates").is_dir()
        }
        self.environment = Environment(
            loader=PrefixLoader(features),
            autoescape=True,
            undefined=StrictUndefined,
            extensions=["jinja2.ext.i18n"],
            trim_blocks=True,
            lstrip_blocks=True,
        )
        # The i18n extension adds this method to the environment.
        self.environment.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
        self.environment.globals["static_url"] = static.url


def render(request: Request, name: str, context: Mapping[str, Any] | None = None, *, status: int = 200) -> HTMLResponse:
    """Return the page of a template, which extends ``web/base.html``.

    ``name`` is ``<feature>/<file>``. Beside ``context`` the template sees ``page`` (:class:`Page`) and ``request``.
    """
    settings: Settings = request.app.state.resources.settings
    templates: Templates = request.app.state.templates
    flash = read_cookie(request, settings, FLASH_COOKIE)
    page = Page(
        path=request.scope["path"],
        interface=getattr(request.state, "interface", Interface()),
        viewer=getattr(request.state, "viewer", None),
        flash=unquote(flash)[:FLASH_CHARACTERS] if flash else None,
    )
    html = templates.environment.get_template(name).render({**(context or {}), "page": page, "request": request})
    response = HTMLResponse(html, status_code=status)
    if flash:
        drop_cookie(response, settings, FLASH_COOKIE)
    return response


def set_flash(response: Response, settings: Settings, sentence: str) -> None:
    """Have the next page say one sentence at its top, once: what was just done."""
    write_cookie(response, settings, FLASH_COOKIE, quote(sentence[:FLASH_CHARACTERS]), FLASH_SECONDS)
