"""The card in a real browser: keys, lost links, drafts, two people at once, and without a script."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect
from sqlmodel import delete, select

from service.auth.models import LoginSession
from service.catalog.models import State, Translation, Unit
from service.web.middleware import CONTENT_SECURITY_POLICY
from tests.browser.conftest import DESKTOP, PASSWORD, PHONE, Site, Watched
from tests.support.workshop import SLUG, Workshop

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Look = Callable[..., Watched]
ARABIC = f"/deployments/{SLUG}/locales/ar"
FORMS = {
    "hundred": 101,
    **dict.fromkeys(("keys", "lost", "twice", "typed", "plain", "pair", "ended", "back", "weight"), 3),
}
TYPED = "هل يقبل الطفل بهذا؟"


@pytest.fixture(scope="module")
def site(make_site: Callable[..., Any]) -> Iterator[Site]:
    """A service with a form of its own for each test here, translated into Arabic."""
    with make_site() as made:
        office = Workshop(made.resources.database)
        sources, texts = {}, {}
        for form, number in FORMS.items():
            sources[f"form/{form}/name"] = f"Form {form}"
            for at in range(1, number):
                key = f"form/{form}/field{at}/display_name"
                sources[key], texts[key] = f"Question {at} of {form}", f"السؤال رقم {at} من {form}"
        office.import_source(sources)
        office.import_texts(texts, locale="ar")
        yield made


@pytest.fixture
def open_card(site: Site, look: Look) -> Callable[..., Watched]:
    """Open the first card of a form as a new reviewer: ``open_card("keys", viewport=PHONE)``."""

    def make(form: str, query: str = "", **options: Any) -> Watched:
        seen = look(**options)
        seen.username = site.user("reviewer")  # type: ignore[attr-defined]
        seen.sign_in(site.url, seen.username)  # type: ignore[attr-defined]
        seen.page.goto(f"{site.url}{ARABIC}/card?form=form/{form}{query}")
        return seen

    return make


def states(site: Site, form: str) -> list[tuple[State, str | None]]:
    """Return state and text of every translation of a form, in its order."""
    query = (
        select(Translation).join(Unit).where(Unit.record_key == f"form/{form}", Translation.locale == "ar")
    ).order_by(Unit.position)  # type: ignore[arg-type]
    with site.resources.database.read() as session:
        return [(row.state, row.text) for row in session.exec(query) if row.text]


def press(page: Page, key: str) -> None:
    """Press a key once what was pressed before counts no longer as the first half of a double press."""
    page.wait_for_timeout(210)
    page.keyboard.press(key)


def left(page: Page, number: int, total: int = 3) -> None:
    """Wait until the card says how many are left."""
    expect(page.locator(".left")).to_have_text(f"{number} of {total} left in this form")


def test_a_hundred_texts_take_a_hundred_keys(site: Site, open_card: Callable[..., Watched]) -> None:
    """Each press of A approves the card that is shown, and the next one is there, in the same document."""
    page = open_card("hundred").page
    page.evaluate("window.kept = true")
    for at in range(100, 0, -1):
        left(page, at, 101)
        press(page, "KeyA")
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing left here")
    assert page.evaluate("window.kept")
    assert [state for state, _ in states(site, "hundred")] == [State.APPROVED] * 100


def test_keys_do_everything(site: Site, open_card: Callable[..., Watched]) -> None:
    """Approve, undo, reject with a reason, correct, skip: by place on the keyboard, never while typing, said aloud."""
    seen = open_card("keys")
    page = seen.page
    press(page, "KeyA")
    expect(page.locator("body > [role=status]")).to_contain_text("Approved: Question 1 of keys")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    press(page, "KeyU")
    left(page, 2)
    # On an Arabic layout the same place writes another letter.
    press(page, "KeyR")
    reason = page.get_by_role("radio")
    expect(reason).to_have_count(6)
    page.keyboard.press("Digit3")
    expect(reason.nth(2)).to_be_checked()
    page.get_by_label("What should the translator know").fill("a c s u")
    expect(page.get_by_role("button", name="Reject")).to_be_visible()
    reason.nth(2).focus()
    press(page, "Enter")
    expect(page.locator("body > [role=status]")).to_contain_text("Rejected: Question 1 of keys")
    page.dispatch_event("body", "keydown", {"key": "ؤ", "code": "KeyC", "bubbles": True})
    box = page.get_by_role("textbox")
    expect(box).to_be_focused()
    box.fill(TYPED)
    page.keyboard.press("KeyA")
    expect(box).to_have_value(re.compile("."))
    page.get_by_role("button", name="Send the correction").click()
    expect(page.locator("body > [role=status]")).to_contain_text("Corrected, and now waiting for another person")
    assert [state for state, _ in states(site, "keys")] == [State.REJECTED, State.TRANSLATED]


def test_keys_can_be_listed_and_switched_off(site: Site, open_card: Callable[..., Watched]) -> None:
    """The question mark lists them; switched off they stay off on the next page; with a modifier they never act."""
    page = open_card("plain").page
    press(page, "Control+KeyA")
    press(page, "Alt+KeyA")
    page.keyboard.press("Shift+Slash")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.get_by_label("These keys are on").uncheck()
    page.get_by_role("button", name="Close").click()
    page.reload()
    press(page, "KeyA")
    page.keyboard.press("Shift+Slash")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="Keys").click()
    expect(page.get_by_label("These keys are on")).not_to_be_checked()
    assert {state for state, _ in states(site, "plain")} == {State.TRANSLATED}


@pytest.mark.parametrize("how", ["cut", "failed"])
def test_a_lost_link_loses_nothing(site: Site, open_card: Callable[..., Watched], how: str) -> None:
    """What was typed stays when the link is cut or the service fails, and a button sends it again."""
    seen = open_card("lost", "&mode=correct")
    page, typed = seen.page, f"{TYPED} {how}"
    page.get_by_role("link", name="Correct").click() if page.get_by_role("link", name="Correct").count() else None
    page.get_by_role("textbox").fill(typed)

    def lose(route: Route) -> None:
        if route.request.method != "POST":
            route.continue_()
        elif how == "cut":
            route.abort()
        else:
            route.fulfill(status=503, body="down")

    page.route("**/card?*", lose)
    page.get_by_role("button", name="Send the correction").click()
    again = page.get_by_role("button", name="Send again")
    expect(again).to_be_focused()
    expect(page.get_by_role("alert")).to_contain_text("Nothing you typed is lost")
    expect(page.get_by_role("textbox")).to_have_value(typed)
    page.unroute("**/card?*")
    again.click()
    expect(page.locator(".said")).to_contain_text("Corrected")
    assert typed in [text for _, text in states(site, "lost")]
    assert len(seen.complaints) == 1
    seen.complaints.clear()


def test_a_draft_is_offered_again(open_card: Callable[..., Watched]) -> None:
    """What was typed and not sent is offered when the card is opened anew, until it is sent or dropped."""
    page = open_card("typed", "&mode=correct").page
    first = page.url
    box = page.get_by_role("textbox")
    box.fill(TYPED)
    page.goto(first)
    expect(page.locator(".draft blockquote")).to_have_text(TYPED)
    expect(box).not_to_have_value(TYPED)
    page.get_by_role("button", name="Use it").click()
    expect(box).to_have_value(TYPED)
    page.goto(first)
    page.get_by_role("button", name="Drop it").click()
    page.goto(first)
    expect(page.locator(".draft")).to_have_count(0)
    box.fill(TYPED)
    page.get_by_role("button", name="Send the correction").click()
    expect(page.locator(".said")).to_contain_text("Corrected")
    assert page.evaluate("Object.keys(localStorage).filter(name => name.startsWith('draft'))") == []


@pytest.mark.parametrize("how", ["dblclick", "keys"])
def test_a_double_press_sends_once(site: Site, open_card: Callable[..., Watched], how: str) -> None:
    """A double click, or a key pressed twice, decides on the card that was read and on no other."""
    page = open_card("twice").page
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    if how == "dblclick":
        page.get_by_role("button", name="Skip").dblclick(delay=20)
    else:
        page.keyboard.press("KeyS")
        page.keyboard.press("KeyS")
    expect(page.locator(".said")).to_contain_text("Put aside")
    page.wait_for_timeout(100)
    assert len(sent) == 1


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_two_people_at_once(
    site: Site, open_card: Callable[..., Watched], size: dict[str, int], *, script: bool
) -> None:
    """Who decides on a text that another one changed meanwhile sees both texts, and nothing is decided."""
    first = open_card("pair", viewport=size, java_script_enabled=script)
    before = first.page.locator("article .target .words").inner_text()
    other = open_card("pair", viewport=size, java_script_enabled=script)
    other.page.get_by_role("link", name="Correct").click()
    other.page.get_by_role("textbox").fill(f"{TYPED} {script} {size['width']}")
    other.page.get_by_role("button", name="Send the correction").click()
    expect(other.page.locator(".said")).to_contain_text("Corrected")
    first.page.get_by_role("button", name="Approve").click()
    expect(first.page.get_by_role("alert")).to_contain_text("The texts changed since you saw them")
    expect(first.page.locator("main")).to_contain_text(before)
    expect(first.page.locator("article .target .words")).to_have_text(f"{TYPED} {script} {size['width']}")
    assert first.overflow() == 0
    assert State.APPROVED not in [state for state, _ in states(site, "pair")]
    first.complaints[:] = [text for text in first.complaints if "409" not in text]


def test_what_was_typed_survives_an_expired_login(site: Site, open_card: Callable[..., Watched]) -> None:
    """The sign-in stands in the page with what was typed; after it one press sends it, and the draft ends."""
    seen = open_card("ended", "&mode=correct")
    page = seen.page
    page.get_by_role("textbox").fill(TYPED)
    with site.resources.database.write() as session:
        session.exec(delete(LoginSession))
    page.get_by_role("button", name="Send the correction").click()
    expect(page.locator("blockquote")).to_have_text(TYPED)
    page.get_by_label("Username").fill(seen.username)  # type: ignore[attr-defined]
    page.get_by_label("Password").fill(PASSWORD)
    page.locator("main").get_by_role("button").click()
    page.get_by_role("button", name="Send it now").click()
    expect(page.locator(".said")).to_contain_text("Corrected")
    assert TYPED in [text for _, text in states(site, "ended")]
    assert page.evaluate("Object.keys(localStorage).filter(name => name.startsWith('draft'))") == []
    seen.complaints[:] = [text for text in seen.complaints if "401" not in text]


def test_the_back_button_shows_what_was_there(open_card: Callable[..., Watched]) -> None:
    """Back from a mode shows the card, and forward the mode, under their own addresses."""
    page = open_card("back").page
    start = page.url
    press(page, "KeyC")
    expect(page.get_by_role("textbox")).to_be_visible()
    assert "mode=correct" in page.url
    page.go_back()
    expect(page.get_by_role("button", name="Approve")).to_be_visible()
    assert page.url == start
    page.go_forward()
    expect(page.get_by_role("textbox")).to_be_visible()


def test_the_card_is_light_and_its_policy_strict(site: Site, open_card: Callable[..., Watched]) -> None:
    """The card with all it loads is at most 50 kB over the wire, and what does not change is kept by the browser."""
    page = open_card("weight").page
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.send("Network.clearBrowserCache")
    weights: list[float] = []
    devtools.on("Network.loadingFinished", lambda event: weights.append(event["encodedDataLength"]))
    answer = page.goto(page.url)
    assert answer is not None
    assert answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    page.wait_for_load_state("networkidle")
    assert len(weights) >= 3, weights
    assert sum(weights) <= 50_000, weights
    for name in ("script[src]", "link[rel=stylesheet]"):
        found = page.locator(name).first
        file = page.request.get(site.url + (found.get_attribute("src") or found.get_attribute("href") or ""))
        assert file.headers["content-encoding"] == "gzip"
        assert "immutable" in file.headers["cache-control"]
