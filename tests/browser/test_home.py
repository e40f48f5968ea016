"""The first page in a real browser: signing in, the numbers, phones, right-to-left, no script."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from service.catalog.queries import count_states
from service.deployments.service import find_deployment
from service.web.languages import LANGUAGE_COOKIE
from service.web.middleware import CONTENT_SECURITY_POLICY
from tests.browser.conftest import DESKTOP, LONG_NAME, PASSWORD, PHONE, Site, Watched

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Look = Callable[..., Watched]


def test_signing_in_leads_to_the_deployments(site: Site, look: Look) -> None:
    """The first page sends to the login, the right password leads to it, and its policy lets no other host in."""
    seen = look()
    seen.page.goto(f"{site.url}/")
    assert "/login" in seen.page.url
    seen.sign_in(site.url, site.user("observer"))
    expect(seen.page).to_have_url(f"{site.url}/")
    expect(seen.page).to_have_title("Deployments · Primero Translation Bridge")
    answer = seen.page.goto(f"{site.url}/")
    assert answer is not None
    assert answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert len(answer.body()) < 50_000


def test_a_wrong_password_is_said_and_the_name_is_kept(site: Site, look: Look) -> None:
    """A wrong password says so beside the form, keeps the name, and lets nobody in."""
    seen, name = look(), site.user("observer")
    seen.sign_in(site.url, name, "not the password")
    expect(seen.page.get_by_text("do not fit together")).to_be_visible()
    expect(seen.page.get_by_label("Username")).to_have_value(name)
    seen.page.goto(f"{site.url}/")
    assert "/login" in seen.page.url


@pytest.mark.parametrize("locale", ["fr", "ar", "ku-IQ"])
def test_the_numbers_are_those_of_the_database(site: Site, look: Look, locale: str) -> None:
    """Each language's row shows the counts that the database holds."""
    seen = look()
    seen.sign_in(site.url, site.user("observer"))
    with site.resources.database.read() as session:
        deployment = find_deployment(session, "northern-lakes")
        counts = count_states(session, deployment.id or 0, [locale])[locale]
    row = seen.page.locator("section", has_text="Northern Lakes").first.locator("tr", has_text=f" {locale}")
    cells = [int(text.replace(",", "")) for text in row.locator("td.number").all_inner_texts()]
    assert cells == [
        counts.approved, counts.translated, counts.stale, counts.rejected,
        counts.untranslated, counts.blocked, counts.conflicts,
    ]  # fmt: skip
    assert row.locator("progress").evaluate("bar => [bar.value, bar.max]") == [counts.approved, counts.total]
    assert sum(cells[:5]) == counts.total


@pytest.mark.parametrize(
    ("role", "sentence"), [("administrator", "primero-bridge deployment add"), (None, "not a member")]
)
def test_an_empty_page_says_what_to_do(make_site: Any, look: Look, role: str | None, sentence: str) -> None:
    """Where there is nothing yet the page says so, and what the person can do about it."""
    with make_site() as empty:
        seen = look()
        seen.sign_in(empty.url, empty.user(role))
        expect(seen.page.get_by_text("There is nothing to see here yet.")).to_be_visible()
        expect(seen.page.get_by_text(sentence)).to_be_visible()


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_everything_fits(site: Site, look: Look, size: dict[str, int], direction: str, tmp_path: Any) -> None:
    """On a phone and on a desktop, from left and from right, nothing is wider than the window, bars are seen, and
    numbers stand beneath each other."""
    seen = look(viewport=size)
    seen.sign_in(site.url, site.user("observer"))
    if direction == "rtl":
        seen.page.context.add_cookies([{"name": LANGUAGE_COOKIE, "value": "ar", "url": site.url}])
        seen.page.reload()
    expect(seen.page.locator("html")).to_have_attribute("dir", direction)
    assert seen.overflow() == 0
    expect(seen.page.get_by_role("heading", name=LONG_NAME)).to_be_visible()
    bar = seen.page.locator("progress").first.bounding_box()
    assert bar is not None
    assert bar["width"] >= 80
    assert bar["height"] >= 10
    rows = seen.page.locator("tbody tr")
    ends = set()
    for index in range(rows.count()):
        box = rows.nth(index).locator("td.number:visible").first.bounding_box()
        assert box is not None
        ends.add(round(box["x"] + (box["width"] if direction == "ltr" else 0)))
    assert len(ends) <= 2, "one for each table, whose columns are as wide as their texts"
    seen.page.screenshot(path=tmp_path / f"home-{direction}-{size['width']}.png", full_page=True)


def test_names_of_languages_stand_in_their_own_direction(site: Site, look: Look) -> None:
    """An Arabic name is marked as Arabic, runs from the right, and does not move its neighbours."""
    seen = look()
    seen.sign_in(site.url, site.user("observer"))
    name = seen.page.locator("bdi[lang=ar]").first
    expect(name).to_have_text("العربية")
    expect(name).to_have_attribute("dir", "rtl")
    assert name.evaluate("node => getComputedStyle(node).unicodeBidi") in ("isolate", "isolate-override")


def test_it_works_without_javascript(site: Site, look: Look) -> None:
    """Signing in, the page and signing out need no script."""
    seen = look(java_script_enabled=False)
    seen.sign_in(site.url, site.user("observer"))
    expect(seen.page.get_by_role("heading", name="Northern Lakes")).to_be_visible()
    seen.page.get_by_role("button", name="Sign out").click()
    expect(seen.page.get_by_text("You are signed out.")).to_be_visible()


def test_the_keyboard_suffices(site: Site, look: Look) -> None:
    """Tab and Enter fill the form and send it; the first stop of a page leads to its content."""
    seen = look()
    seen.page.goto(f"{site.url}/login")
    seen.page.get_by_label("Username").focus()
    seen.page.keyboard.type(site.user("observer"))
    seen.page.keyboard.press("Tab")
    seen.page.keyboard.type(PASSWORD)
    seen.page.keyboard.press("Enter")
    expect(seen.page).to_have_url(f"{site.url}/")
    seen.page.keyboard.press("Tab")
    expect(seen.page.get_by_text("Skip to the content")).to_be_focused()
