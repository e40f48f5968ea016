"""The page of what the checks find in a deployment."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.support.browsing import Browser


def test_findings_are_counted_by_check_and_language(
    add: Callable[..., int], make_browser: Callable[..., Browser]
) -> None:
    """Each check with a finding is a row, what blocks first, and its number leads to exactly those texts."""
    browser = make_browser("observer", add("iraq"))
    page = browser.get("/deployments/iraq/findings")
    assert page.status_code == 200
    link = "/deployments/iraq/locales/fr/texts?show=all&amp;check=html_introduced"
    assert f'<a href="{link}">1</a>' in page.text
    texts = browser.get(link.replace("&amp;", "&")).text
    assert "&lt;b&gt;Âge&lt;/b&gt;" in texts
    assert "Consentement" not in texts.partition('class="texts"')[2]


def test_a_deployment_without_findings_says_so(add: Callable[..., int], make_browser: Callable[..., Browser]) -> None:
    """Nothing found is a sentence, not an empty table; another deployment's page is not there."""
    clean = add("clean", {"form/consent/name": "Consent"})
    browser = make_browser("observer", clean)
    assert "The checks find nothing" in browser.get("/deployments/clean/findings").text
    add("iraq")
    assert browser.get("/deployments/iraq/findings").status_code == 404
