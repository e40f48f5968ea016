"""Takes the pictures in docs/images from the demo's data: ``python -m tools.screenshots``, with Debian's Chromium."""

import contextlib
import io
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import FloatRect, Page, sync_playwright
from sqlmodel import select

from service import cli
from service.demo import run_demo
from service.deployments.service import find_deployment
from service.progress.models import ProgressSnapshot
from service.progress.service import take_snapshots

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
        grow_older()
        take_pictures(told["url"], passwords)

    run_demo(cli.run, lambda: cli.build(cli.load_settings()), say, keep=True, wait=wait)
    return 0


_HOME = "/deployments/northern-lakes"
_BASE = f"{_HOME}/locales"
_LETTER = "section[aria-labelledby=mail] article:nth-of-type(2)"
_CARD = "card?show=all&check=numbers"
_FORM = "form?record=form/nl_consent"


_MARGIN = 16.0
_DAYS = 63
_PARTS = ("translated", "stale", "rejected", "approved")


def grow_older() -> None:
    """Give the demo nine weeks of history, so that there is something to draw, and Arabic a deadline."""
    resources = cli.build(cli.load_settings())
    now = resources.clock()
    with resources.database.write() as session:
        take_snapshots(session, find_deployment(session, "northern-lakes"), now=now)
        query = select(ProgressSnapshot).where(ProgressSnapshot.day == now.date())
        for row in session.exec(query).all():
            session.add_all(_earlier(row, back) for back in range(1, _DAYS))
    resources.database.close()
    day = now.date() + timedelta(days=12)
    with contextlib.redirect_stdout(io.StringIO()):
        cli.run(["deadline", "set", "northern-lakes", "ar", day.isoformat(), "--note", "Training in the south"])


def _earlier(row: ProgressSnapshot, back: int) -> ProgressSnapshot:
    """Return how a language may have stood some days ago: volunteers on many evenings, reviewers a week behind."""
    values = row.model_dump(exclude={"id"}) | {"day": row.day - timedelta(days=back)}
    for unit in ("", "_words"):
        with_text = int(_share(back) * sum(getattr(row, f"{part}{unit}") for part in _PARTS))
        values |= {f"{part}{unit}": 0 for part in _PARTS}
        values[f"approved{unit}"] = min(with_text, int(_share(back + 7) * getattr(row, f"approved{unit}") * 1.08))
        values[f"translated{unit}"] = values[f"waiting{unit}"] = with_text - values[f"approved{unit}"]
    return ProgressSnapshot(**values)


def _share(back: int) -> float:
    """Return which part of the work was done so many days ago; people do more in some weeks, and on two days a week."""
    effort = [(1 + (day % 7 in (1, 2))) * (2 + (day // 7) % 3) for day in range(_DAYS)]
    return sum(effort[: max(_DAYS - back, 0)]) / sum(effort)


@dataclass(frozen=True)
class Picture:
    """A file of docs/images: who looks at which page, in which language of the pages, in a window of which size.

    ``part`` is a selector of what alone is shown of the page, else it is the window as it opens; ``opens`` is one of
    what is unfolded before.
    """

    name: str
    username: str
    path: str
    size: tuple[int, int]
    language: str = "en"
    part: str = ""
    opens: str = ""


DESKTOP, PHONE, _PAPER = (1200, 800), (360, 740), (820, 640)
PICTURES = (
    Picture("home-en.png", "salma", "/", DESKTOP),
    Picture("card-ar.png", "mariam", f"{_BASE}/ar/{_CARD}", DESKTOP),
    Picture("card-ar-phone.png", "mariam", f"{_BASE}/ar/{_CARD}", PHONE),
    Picture("queue-ar-phone.png", "mariam", f"{_BASE}/ar/queue", PHONE),
    Picture("form-ar.png", "mariam", f"{_BASE}/ar/{_FORM}", (1200, 1000)),
    # The specialist's guide.
    Picture("deployment-en.png", "salma", _HOME, (1280, 620)),
    Picture("needs-en.png", "salma", _HOME, _PAPER, part="section[aria-labelledby=needs]"),
    Picture("progress-en.png", "salma", f"{_BASE}/ar/progress", _PAPER),
    Picture("history-en.png", "salma", f"{_BASE}/ar/progress", _PAPER, part="section[aria-labelledby=history]"),
    Picture("people-en.png", "salma", f"{_HOME}/people", _PAPER),
    Picture("letter-en.png", "salma", f"{_HOME}/letters", _PAPER, part=_LETTER, opens=f"{_LETTER} summary"),
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
            if picture.opens:
                page.click(picture.opens)
            _shoot(page, picture)
            page.close()
        browser.close()


def _shoot(page: Page, picture: Picture) -> None:
    file = IMAGES / picture.name
    box = page.locator(picture.part).bounding_box() if picture.part else None
    if box is None:
        page.screenshot(path=file, animations="disabled")
        return
    clip = FloatRect(
        x=max(box["x"] - _MARGIN, 0), y=box["y"] - _MARGIN,
        width=box["width"] + 2 * _MARGIN, height=box["height"] + 2 * _MARGIN,
    )  # fmt: skip
    page.screenshot(path=file, animations="disabled", full_page=True, clip=clip)


if __name__ == "__main__":
    sys.exit(main())
