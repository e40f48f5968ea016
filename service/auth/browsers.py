"""What a browser calls itself, in two words that a person knows, to recognise the own ones by. Pure."""

from dataclasses import dataclass

# The first that stands in it counts: nearly all call themselves Safari and Chrome as well.
_BROWSERS = (
    ("Edg/", "Edge"), ("EdgA/", "Edge"), ("EdgiOS/", "Edge"), ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("FxiOS/", "Firefox"), ("Firefox/", "Firefox"), ("CriOS/", "Chrome"), ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("CrOS", "ChromeOS"),
    ("Mac OS X", "Mac"), ("Linux", "Linux"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class BrowserName:
    """A browser and the system that it runs on; "" where it does not say."""

    browser: str
    system: str


def name_browser(user_agent: str) -> BrowserName:
    """Return what the header ``User-Agent`` says in short; a browser that is not known has no system either."""
    browser = next((name for sign, name in _BROWSERS if sign in user_agent), "")
    system = next((name for sign, name in _SYSTEMS if sign in user_agent), "")
    return BrowserName(browser, system if browser else "")
