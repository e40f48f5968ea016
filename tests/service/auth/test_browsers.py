"""What browsers call themselves, in words that a person knows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.auth.browsers import name_browser

_WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
_IOS = "AppleWebKit/605.1.15 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("user_agent", "browser", "system"),
    [
        ("Mozilla/5.0 (Android 14; Mobile; rv:131.0) Gecko/131.0 Firefox/131.0", "Firefox", "Android"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox", "Linux"),
        (f"Mozilla/5.0 (Linux; Android 10; K) {_WEBKIT} Chrome/129.0.0.0 Mobile Safari/537.36", "Chrome", "Android"),
        (
            f"Mozilla/5.0 (Linux; Android 13) {_WEBKIT} SamsungBrowser/25.0 Chrome/121.0 Mobile Safari/537.36",
            "Samsung Internet",
            "Android",
        ),
        (f"Mozilla/5.0 (Linux; Android 11) {_WEBKIT} Chrome/120.0 Mobile Safari/537.36 OPR/76.2", "Opera", "Android"),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_WEBKIT} Chrome/129.0.0.0 Safari/537.36", "Chrome", "Windows"),
        (f"Mozilla/5.0 (Windows NT 10.0) {_WEBKIT} Chrome/129.0 Safari/537.36 Edg/129.0", "Edge", "Windows"),
        (
            f"Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) {_IOS} Version/17.6 Mobile/15E148 Safari/604.1",
            "Safari",
            "iPhone",
        ),
        (f"Mozilla/5.0 (iPad; CPU OS 17_6 like Mac OS X) {_IOS} CriOS/129.0 Mobile Safari/604.1", "Chrome", "iPad"),
        (
            f"Mozilla/5.0 (iPhone; CPU iPhone OS 17 like Mac OS X) {_IOS} FxiOS/131.0 Safari/605",
            "Firefox",
            "iPhone",
        ),
        (f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {_IOS} Version/17.6 Safari/605.1.15", "Safari", "Mac"),
        (f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {_WEBKIT} Chrome/129.0 Safari/537.36", "Chrome", "ChromeOS"),
        ("curl/8.5.0", "", ""),
        ("SomethingElse (Windows)", "", ""),
        ("", "", ""),
    ],
)
def test_a_browser_in_two_words(user_agent: str, browser: str, system: str) -> None:
    """The browser itself, not those that it says it is like, and the system."""
    found = name_browser(user_agent)
    assert (found.browser, found.system) == (browser, system)


@given(st.text(max_size=300))
def test_only_our_own_words_are_shown(user_agent: str) -> None:
    """Whatever a browser calls itself, nothing of that reaches the page."""
    found = name_browser(user_agent)
    assert len(found.browser) < 20
    assert found.browser or not found.system
