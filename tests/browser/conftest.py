"""A real browser, and a service with real data for it to look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright
from sqlmodel import Session

from extractors.load import load, load_source
from extractors.reading import read_path
from service.audit.service import Actor
from service.auth.passwords import hash_password
from service.checks.locales import ALL_LOCALES
from service.home.sources import add_deployment
from service.review.service.bulk import approve_all_passing
from service.review.service.policies import import_translations
from service.sample import sample_path
from service.serving import running_server
from service.settings import Settings
from service.web.resources import Resources
from service.web.secrets import KEY_FILE, SecretBox
from tests.support import databases
from tests.support.people import MovableClock, UserMaker

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PASSWORD = "a password for tests"
PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1200, "height": 800}
LONG_NAME = "Northern-Lakes-and-the-Islands-" * 5


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium; skips the test when absent."""
    if not CHROMIUM.is_file():
        pytest.skip("Chromium is not here: install Debian's package chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@dataclass
class Site:
    """A running service: its address, and what made it."""

    url: str
    resources: Resources
    clock: MovableClock
    people: UserMaker

    def user(self, role: str | None) -> str:
        """Make a user who can sign in with PASSWORD, and return the username."""
        name = f"browsing-{role or 'nobody'}-{next(self.people.numbers)}"
        self.people(role, username=name, password_hash=hash_password(PASSWORD))
        return name


@pytest.fixture(scope="module")
def make_site(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Callable[..., Any]]:
    """Make running services on databases of their own: ``with make_site(fill, smtp_url=…) as site``.

    ``primero`` is their way to every Primero, ``transport`` the one to Transifex; what else is named are settings.
    """

    @contextmanager
    def make(
        fill: Callable[[Session, MovableClock], None] | None = None,
        primero: Any = None,
        *,
        clock: MovableClock | None = None,
        transport: Any = None,
        **chosen: Any,
    ) -> Iterator[Site]:
        folder, clock = tmp_path_factory.mktemp("site"), clock or MovableClock()
        with databases.sqlite_copy(sqlite_template, folder) as database:
            settings = Settings(data_dir=folder / "data", **chosen)
            box = SecretBox(settings.make_data_dir() / KEY_FILE)
            resources = Resources(
                settings=settings,
                database=database,
                clock=clock,
                secrets=box,
                primero_transport=primero,
                transifex_transport=transport,
            )
            if fill is not None:
                with database.write() as session:
                    fill(session, clock)
            with running_server(resources) as url:
                yield Site(url, resources, clock, UserMaker(database, clock))

    return make


def fill_with_sample(session: Session, clock: MovableClock) -> None:
    """Add the sample in French, mostly approved, and Arabic, and a deployment with a long name and no texts."""
    actor = Actor("reviewer", "reviewer-1")
    catalog = load_source(read_path(sample_path() / "configuration.json"), "en").catalog
    facts = {
        "known_locales": {info.code for info in ALL_LOCALES},
        "transifex_project": None,
        "actor": Actor("operator"),
    }
    for slug, name in (("northern-lakes", "Northern Lakes"), ("long-name", LONG_NAME)):
        deployment, _ = add_deployment(
            session, slug=slug, name=name, catalog=catalog, origin="configuration.json",
            locales={"fr": "fr", "ar": "ar", "ku-IQ": None}, now=clock(), **facts,
        )  # fmt: skip
        if slug == "long-name":
            continue
        from service.auth.models import Person

        session.add(Person(id="reviewer-1", created_at=clock()))
        session.flush()
        for locale in ("fr", "ar"):
            texts = {
                str(unit.key): unit.texts[locale] for unit in load(read_path(sample_path() / locale)).catalog.units
            }
            import_translations(
                session, deployment, locale, texts, replace_approved=False, actor=Actor("operator"), now=clock()
            )
        approve_all_passing(
            session, deployment, "fr", with_warnings=False, reason="Read in the workshop.", actor=actor, now=clock()
        )


@pytest.fixture(scope="module")
def site(make_site: Callable[..., Any]) -> Iterator[Site]:
    """A service with the sample in it."""
    with make_site(fill_with_sample) as made:
        yield made


@dataclass
class Watched:
    """A page, and everything it asked for or complained about."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def sign_in(self, url: str, username: str, password: str = PASSWORD) -> None:
        """Sign in by the form, and wait for the page that answers it: a click alone returns before it is there."""
        self.page.goto(f"{url}/login")
        self.page.get_by_label("Username").fill(username)
        self.page.get_by_label("Password").fill(password)
        with self.page.expect_navigation():
            self.page.locator("main").get_by_role("button").click()

    def overflow(self) -> int:
        """Return by how many pixels the page is wider than the window."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@pytest.fixture
def look(chromium: Browser) -> Iterator[Callable[..., Watched]]:
    """Open a watched page: ``look(viewport=PHONE)``; at the end nothing may have been asked of another host."""
    contexts: list[BrowserContext] = []
    pages: list[Watched] = []

    def make(**options: Any) -> Watched:
        context = chromium.new_context(**{"viewport": DESKTOP, "locale": "en-GB", **options})
        contexts.append(context)
        watched = Watched(context.new_page())
        pages.append(watched)

        def hear(message: ConsoleMessage) -> None:
            # An answer of 422 to a wrong password is news to Chromium alone.
            if message.type in ("error", "warning") and "422" not in message.text:
                watched.complaints.append(message.text)

        def note(request: Request) -> None:
            watched.requests.append(request.url)

        watched.page.on("console", hear)
        watched.page.on("pageerror", lambda error: watched.complaints.append(str(error)))
        watched.page.on("request", note)
        return watched

    yield make
    for context in contexts:
        context.close()
    for watched in pages:
        assert not watched.complaints
        hosts = {url.split("/")[2] for url in watched.requests if not url.startswith("data:")}
        assert all(host.startswith("127.0.0.1:") for host in hosts), hosts
