"""A reviewer's whole way, from the sign-in to the last card: phone and desktop, English and Arabic, with and without a
script, and with the keyboard alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from service.catalog.models import State
from service.web.languages import LANGUAGES, Words, words_in
from tests.browser.conftest import DESKTOP, PASSWORD, PHONE, Site, Watched
from tests.browser.test_card import states
from tests.support.workshop import SLUG, Workshop

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Look = Callable[..., Watched]
ARABIC = f"/deployments/{SLUG}/locales/ar"
WAYS = [(language, size, script) for language in ("en", "ar") for size in (DESKTOP, PHONE) for script in (True, False)]
NAMES = [f"{language}-{size['width']}-{'script' if script else 'plain'}" for language, size, script in WAYS]
CORRECTED = "كم عمر الطفل الآن؟"


@pytest.fixture(scope="module")
def site(make_site: Callable[..., Any]) -> Iterator[Site]:
    """A service with a form for each way there is, and one for the keyboard."""
    with make_site() as made:
        office = Workshop(made.resources.database)
        sources, texts = {}, {}
        for form in (*NAMES, "tab"):
            sources[f"form/{form}/name"] = f"Form {form}"
            # Fewer words than any other: it is where Start leads, until it is done.
            for at, (source, text) in enumerate(
                (("Age?", "العمر؟"), ("Name of the child", "اسم الطفل"), ("Place", "المكان"), ("Day", "اليوم"))
            ):
                key = f"form/{form}/field{at}/display_name"
                sources[key], texts[key] = source, f"{text} {form}" if at else text
        office.import_source(sources)
        office.import_texts(texts, locale="ar")
        yield made


def sign_in(seen: Watched, site: Site) -> None:
    """Sign in whatever language the pages speak."""
    seen.page.goto(f"{site.url}/login")
    seen.page.locator("#username").fill(site.user("reviewer"))
    seen.page.locator("#password").fill(PASSWORD)
    with seen.page.expect_navigation():
        seen.page.locator("main button").click()


def button(page: Page, words: Words, name: str) -> Any:
    """Return a button or link by its English name, as the pages' language calls it."""
    # What comes sooner counts as the second half of a double click.
    page.wait_for_timeout(210)
    told = words.gettext(name)
    return page.locator("main").locator(f"button:has-text('{told}'), a.button:has-text('{told}')").first


@pytest.mark.parametrize(("language", "size", "script"), WAYS, ids=NAMES)
def test_a_form_is_reviewed_from_the_sign_in_to_its_end(
    site: Site, look: Look, language: str, size: dict[str, int], script: bool, request: pytest.FixtureRequest
) -> None:
    """First page, language, form: approve, take back, approve, correct, reject with a reason, skip; then it is done."""
    form, words = request.node.callspec.id, words_in(LANGUAGES[language])
    seen = look(viewport=size, locale=language, java_script_enabled=script)
    page = seen.page
    sign_in(seen, site)
    expect(page.locator("html")).to_have_attribute("dir", "rtl" if language == "ar" else "ltr")
    page.locator(f"a[href='{ARABIC}/queue']").first.click()
    page.locator(f"a[href*='/card?form=form%2F{form}']").first.click()
    expect(page.locator("article .words").first).to_have_text("Age?")
    expect(page.locator("article .target .words")).to_have_attribute("dir", "rtl")
    expect(page.locator("article .words").first).to_have_attribute("dir", "ltr")
    assert seen.overflow() == 0 if script else True

    button(page, words, "Approve").click()
    expect(page.locator(".said [role=status], .said p").first).to_contain_text(words.gettext("Approved:"))
    # Its lines are the page's, not those that somebody typed.
    expect(page.locator(".notice.said")).to_have_css("white-space", "normal")
    button(page, words, "Undo").click()
    expect(page.locator("article .words").first).to_have_text("Age?")
    button(page, words, "Approve").click()
    expect(page.locator("article .words").first).to_have_text("Name of the child")

    button(page, words, "Correct").click()
    page.locator("textarea#text").fill(CORRECTED)
    button(page, words, "Send the correction").click()
    expect(page.locator(".said")).to_contain_text(words.gettext("Corrected, and now waiting for another person:"))

    expect(page.locator("article .words").first).to_have_text("Place")
    button(page, words, "Reject").click()
    reason = page.locator("input[type=radio][name=reason]").nth(1)
    if script:
        # Also where the card has findings, whose forms ask for a reason of their own.
        expect(page.locator(".findings input[name=reason]").first).to_be_attached()
        expect(reason).to_be_visible()
        page.keyboard.press("Digit2")
    else:
        reason.check()
    expect(reason).to_be_checked()
    button(page, words, "Reject").click()
    expect(page.locator(".said")).to_contain_text(words.gettext("Rejected:"))

    expect(page.locator("article .words").first).to_have_text("Day")
    button(page, words, "Skip").click()
    expect(page.locator("h1")).to_have_text(words.gettext("Nothing left here"))
    expect(page.locator("main p > a.button, main form[action$='/skipped'] button").first).to_be_visible()
    assert [state for state, _ in states(site, form)] == [
        State.APPROVED, State.TRANSLATED, State.REJECTED, State.TRANSLATED,
    ]  # fmt: skip
    assert states(site, form)[1][1] == CORRECTED


def test_tab_and_enter_suffice_without_a_script(site: Site, look: Look) -> None:
    """Nothing but Tab, Enter, arrows and typing: from the skip link to a decision, the focus always to be seen."""
    seen = look(java_script_enabled=False)
    page = seen.page
    page.goto(f"{site.url}/login?next={ARABIC}/card?form=form/tab")
    name = site.user("reviewer")

    def tab_to(what: str) -> None:
        for _ in range(40):
            page.keyboard.press("Tab")
            here = page.locator(":focus")
            if here.count() and here.evaluate("(node, what) => node.matches(what)", what):
                box = here.bounding_box()
                assert box is not None
                assert 0 <= box["y"] <= DESKTOP["height"] - 10, "what has the focus can be seen"
                return
        raise AssertionError(f"Tab never reaches {what}")

    tab_to("#username")
    page.keyboard.type(name)
    tab_to("#password")
    page.keyboard.type(PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    tab_to(".skip")
    page.keyboard.press("Enter")
    tab_to("button[value=approve]")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator(".said")).to_contain_text("Approved:")
    tab_to("a[href*='mode=reject']")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    tab_to("input[type=radio]")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    tab_to("button[value=reject]")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator(".said")).to_contain_text("Rejected:")
    assert [state for state, _ in states(site, "tab")][:2] == [State.APPROVED, State.REJECTED]


def test_a_form_is_printed_as_a_clean_sheet(site: Site, look: Look) -> None:
    """On paper stands the form alone: no header, no buttons, no marks, no second heading."""
    seen = look()
    sign_in(seen, site)
    seen.page.goto(f"{site.url}{ARABIC}/form?record=form/tab")
    for part in (".top", ".bottom", ".marks >> nth=0", "h1", ".crumbs", ".around >> nth=0"):
        expect(seen.page.locator(part)).to_be_visible()
    seen.page.emulate_media(media="print")
    for part in (".top", ".bottom", ".marks >> nth=0", "h1", ".crumbs", ".around >> nth=0"):
        expect(seen.page.locator(part)).to_be_hidden()
    expect(seen.page.locator(".sheet")).to_contain_text("اسم الطفل")
    assert len(seen.page.pdf()) > 1000
