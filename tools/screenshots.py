"""Takes the pictures in docs/images from the demo's data: ``python -m tools.screenshots``, with Debian's Chromium."""

import sys
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
        login = next(row for row in told["logins"] if row["username"] == "salma")
        take_pictures(told["url"], login["username"], login["password"])

    run_demo(cli.run, lambda: cli.build(cli.load_settings()), say, keep=True, wait=wait)
    return 0


def take_pictures(url: str, username: str, password: str) -> None:
    """Write docs/images/home-en.png: the first page of a specialist, 1200 × 800."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1200, "height": 800}, locale="en-GB", timezone_id="UTC")
        page.goto(f"{url}/login")
        page.fill("input[name=username]", username)
        page.fill("input[name=password]", password)
        page.click("main button[type=submit]")
        page.wait_for_url(f"{url}/")
        page.screenshot(path=IMAGES / "home-en.png", animations="disabled")
        browser.close()


if __name__ == "__main__":
    sys.exit(main())
