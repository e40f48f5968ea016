"""Turning templates into pages: one environment for all features, one way to render."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import orjson
from jinja2 import Environment, PackageLoader, PrefixLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from service.settings import Settings
from service.web.addresses import page_address
from service.web.cookies import drop_cookie, read_cookie, write_cookie
from service.web.languages import COMMAS, LANGUAGES, Interface, Words, interface_of, words_in
from service.web.telling import in_words

FLASH_COOKIE = "bridge_flash"
FLASH_SECONDS = 60
FLASH_CHARACTERS = 300


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks at the page: the name at its top, and the token its forms carry. Set as ``request.state.viewer``."""

    label: str
    form_token: str


@dataclass(frozen=True, slots=True)
class Page:
    """What ``web/base.html`` knows of the request, as ``page``. ``address`` is where it leads back to."""

    path: str
    address: str
    languages: Sequence[Interface]
    interface: Interface
    viewer: Viewer | None
    flash: Markup | None


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
        self.loader = PrefixLoader(features)
        self.static_url = static.url
        self.environments: dict[Interface, Environment] = {}

    def environment_in(self, interface: Interface) -> Environment:
        """Return the environment of one language, made at first use: translations belong to an environment."""
        if interface not in self.environments:
            self.environments[interface] = _make_environment(self.loader, words_in(interface))
            self.environments[interface].globals["static_url"] = self.static_url
        return self.environments[interface]

    @property
    def environment(self) -> Environment:
        """Return the environment of English."""
        return self.environment_in(Interface())


def _make_environment(loader: PrefixLoader, words: Words) -> Environment:
    environment = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # A call in a loop costs the copy of what the loop has set; a filter does not.
    environment.filters["number"] = words.number
    environment.globals.update(
        **_sentences(words),
        tell=words.tell,
        knows=words.knows,
        in_words=lambda said, **languages: in_words(said, words, languages),
        number=words.number,
        colon=words.colon,
        percent=words.percent,
        day=words.day,
        short_day=words.short_day,
        language_name=words.language,
        comma=COMMAS.get(words.interface.lang, ","),
    )
    return environment


def _sentences(words: Words) -> dict[str, Callable[..., Markup]]:
    """Return what templates call for sentences: as Jinja's own, but without a context, which it copies for each call.

    A page with a long table says the same few words a thousand times, so those without values are kept.
    """

    @lru_cache(maxsize=4096)
    def plain(sentence: str) -> Markup:
        return Markup(words.gettext(sentence)) % {}  # noqa: S704 - sentences are the house's own

    def gettext(sentence: str, **values: Any) -> Markup:
        """Return the sentence with the values in it, which are escaped."""
        return Markup(words.gettext(sentence)) % values if values else plain(sentence)  # noqa: S704 - as above

    def ngettext(one: str, many: str, number: int, **values: Any) -> Markup:
        """Return the form that fits the number, and the number as the language writes it."""
        found = Markup(words.ngettext(one, many, number))  # noqa: S704 - as above
        return found % {"num": words.number(number), **values}

    return {"_": gettext, "gettext": gettext, "ngettext": ngettext}


def render(request: Request, name: str, context: Mapping[str, Any] | None = None, *, status: int = 200) -> HTMLResponse:
    """Return the page of a template, which extends ``web/base.html``.

    ``name`` is ``<feature>/<file>``. Beside ``context`` the template sees ``page`` (:class:`Page`) and ``request``.
    """
    settings: Settings = request.app.state.resources.settings
    templates: Templates = request.app.state.templates
    flash = read_cookie(request, settings, FLASH_COOKIE)
    interface = interface_of(request)
    page = Page(
        path=request.scope["path"],
        address=page_address(request),
        languages=list(LANGUAGES.values()),
        interface=interface,
        viewer=getattr(request.state, "viewer", None),
        flash=_read_flash(words_in(interface), flash) if flash else None,
    )
    html = (
        templates.environment_in(interface)
        .get_template(name)
        .render({**(context or {}), "page": page, "request": request})
    )
    response = HTMLResponse(html, status_code=status)
    if flash:
        drop_cookie(response, settings, FLASH_COOKIE)
    return response


def render_document(request: Request, name: str, context: Mapping[str, Any]) -> str:
    """Return a template that is a whole document of its own, not a page of the service."""
    templates: Templates = request.app.state.templates
    return templates.environment_in(interface_of(request)).get_template(name).render(dict(context))


def set_flash(response: Response, settings: Settings, sentence: str | tuple[str, str], number: int = 0) -> None:
    """Have the next page say one sentence at its top, once: what was just done.

    ``sentence`` is one of the catalogs, in English, or its two forms for a ``number``: the page says it in its own
    language.
    """
    said = [sentence[:FLASH_CHARACTERS]] if isinstance(sentence, str) else [*sentence, number]
    write_cookie(response, settings, FLASH_COOKIE, quote(orjson.dumps(said)), FLASH_SECONDS)


def lead_back(address: str, settings: Settings, sentence: str | tuple[str, str], number: int = 0) -> RedirectResponse:
    """Return the answer to a form that was done: a page follows that says ``sentence``, as by :func:`set_flash`."""
    response = RedirectResponse(address, status_code=303)
    set_flash(response, settings, sentence, number)
    return response


def _read_flash(words: Words, cookie: str) -> Markup | None:
    try:
        said = orjson.loads(unquote(cookie))
    except orjson.JSONDecodeError:
        # Cut, or not from this version.
        return None
    match said:
        case [str(sentence)]:
            return words.tell(sentence)
        case [str(one), str(many), int(number)]:
            return escape(words.ngettext(one, many, number).replace("%(num)s", words.number(number)))
    return None
