"""A deployment with texts in French, and reviewers with browsers of their own."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest

from service.deployments.service import find_deployment
from tests.support.workshop import SLUG, Workshop, key_of

if TYPE_CHECKING:
    from httpx2 import Response

    from tests.support.browsing import Browser
    from tests.support.people import MovableClock

FRENCH = f"/deployments/{SLUG}/locales/fr"
SOURCES = {
    "form/consent/name": "Consent",
    "agree": "Does the child agree?",
    "again": "Does the child agree?",
    "count": "Up to %{n} children",
    "form/care/name": "Care",
    "form/care/home/display_name": "Home",
}
TEXTS = {
    "agree": "L’enfant est-il d’accord ?",
    "again": "L’enfant est-il d’accord ?",
    "count": "Jusqu’à %{n} enfants",
    "form/care/home/display_name": "Foyer",
}


class Reviewer:
    """A browser without JavaScript, in which a reviewer works on one language."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.page: Response

    def open(self, path: str) -> str:
        """Open a page of the language and return its HTML."""
        self.page = self.browser.get(FRENCH + path)
        return self.page.text

    def card(self, name: str, query: str = "") -> str:
        """Open the card of a text."""
        return self.open(f"/card?key={key_of(name)}{query}")

    def fields(self) -> dict[str, Any]:
        """Return the hidden fields of the last form of the page."""
        content = self.page.text.partition("<footer")[0]
        form = re.findall(r"<form.*?</form>", content, re.S)[-1]
        found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form)
        return {name: unescape(value) for name, value in found}

    def send(self, do: str, query: str = "", **more: Any) -> Response:
        """Send the form of the card that is open, and follow it to the next page."""
        answer = self.browser.post(f"{FRENCH}/card{query}", {**self.fields(), "do": do, **more})
        self.page = answer
        if answer.status_code == 303:
            self.page = self.browser.get(answer.headers["location"])
        return self.page


@pytest.fixture
def office(workshop: Workshop, clock: MovableClock) -> Workshop:
    """The deployment with its texts; the workshop's clock is the pages' too."""
    workshop.import_source(SOURCES)
    workshop.import_texts(TEXTS)
    return workshop


@pytest.fixture
def make_reviewer(office: Workshop, make_browser: Callable[..., Browser]) -> Callable[..., Reviewer]:
    """Make a reviewer of the deployment: ``make_reviewer()``; ``role`` makes somebody else."""
    deployment_id = office.look(lambda session: find_deployment(session, SLUG).id)

    def make(role: str = "reviewer", locales: list[str] | None = None) -> Reviewer:
        return Reviewer(make_browser(role, deployment_id, locales))

    return make


@pytest.fixture
def reviewer(make_reviewer: Callable[..., Reviewer]) -> Reviewer:
    """A reviewer of the deployment."""
    return make_reviewer()
