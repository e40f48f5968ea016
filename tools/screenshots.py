"""Takes the pictures in docs/images from the demo's data: ``python -m tools.screenshots``, with Debian's Chromium."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from service import cli
from service.demo import run_demo

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"


def main() -> int:
    """Run the demo, and take the pictures while it stays up."""
    told: dict[str, Any] = {}

    def say(line: str, facts: dict[str, Any]) -> None:
        print(line)
        told.update(facts)

    def wait() -> None:
        passwords = {row["username"]: row["password"] for row in told["logins"]}
        take_pictures(told["url"], passwords)

    run_demo(cli.run, lambda: cli.build(cli.load_settings()), say, keep=True, wait=wait)
    return 0


_BASE = "/deployments/northern-lakes/locales"
_CARD = "card?show=all&check=numbers"
_FORM = "form?record=form/nl_consent"


@dataclass(frozen=True)
class Picture:
    """A file of docs/images: who looks at which page, in which language of the pages, in a window of which size."""

    name: str
    username: str
    path: str
    size: tuple[int, int]
    language: str = "en"


DESKTOP, PHONE = (1200, 800), (360, 740)
PICTURES = (
    Picture("home-en.png", "salma", "/", DESKTOP),
    Picture("card-ar.png", "mariam", f"{_BASE}/ar/{_CARD}", DESKTOP),
    Picture("card-ar-phone.png", "mariam", f"{_BASE}/ar/{_CARD}", PHONE),
    Picture("queue-ar-phone.png", "mariam", f"{_BASE}/ar/queue", PHONE),
    Picture("form-ar.png", "mariam", f"{_BASE}/ar/{_FORM}", (1200, 1000)),
    # The reviewers' guide in French and Arabic shows the pages in its own language.
    *(
        Picture(f"guide-{lang}-{name}.png", username, f"{_BASE}/{lang}/{page}", size, lang)
        for lang, username in (("fr", "jean"), ("ar", "mariam"))
        for name, page, size in (("queue", "queue", PHONE), ("card", _CARD, PHONE), ("form", _FORM, (1200, 1000)))
    ),
)


def take_pictures(url: str, passwords: dict[str, str]) -> None:
    """Write the pictures of :data:`PICTURES` into docs/images."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for picture in PICTURES:
            width, height = picture.size
            phone, username = picture.size == PHONE, picture.username
            page = browser.new_page(
                viewport={"width": width, "height": height}, has_touch=phone, is_mobile=phone,
                locale={"en": "en-GB"}.get(picture.language, picture.language), timezone_id="UTC",
            )  # fmt: skip
            page.goto(f"{url}/login")
            page.fill("input[name=username]", username)
            page.fill("input[name=password]", passwords[username])
            page.click("main button[type=submit]")
            page.wait_for_url(f"{url}/")
            page.goto(f"{url}{picture.path}")
            page.screenshot(path=IMAGES / picture.name, animations="disabled")
            page.close()
        browser.close()


if __name__ == "__main__":
    sys.exit(main())
