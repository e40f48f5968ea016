"""A specialist's whole way: a deployment, its languages, thirty volunteers, their work, charts, mails, the report."""

from __future__ import annotations

import csv
import json
import time
from collections.abc import Callable, Iterator
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect
from sqlmodel import select

from service.home.commands import deployments
from service.jobs.models import Job, JobState
from service.jobs.service import ACTIVE
from service.sample import sample_path
from tests.browser.conftest import Site, Watched
from tests.support.commands import make_say
from tests.support.mail import Mailbox, running_mailbox
from tests.support.people import MovableClock
from transifex_client import Configuration, TransifexClient
from transifex_client.resources import NewTeam
from transifex_client.sandbox.core import Sandbox
from transifex_client.sandbox.transport import sandbox_transport

pytestmark = [pytest.mark.browser, pytest.mark.slow]
HERE = "/deployments/lakes"
BOT = "bridge-bot"
VOLUNTEERS = 30


class Days:
    """A service whose Transifex is the sandbox, whose mail server stands on this machine, and days that pass."""

    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox, self.clock = mailbox, MovableClock()
        self.sandbox = Sandbox(tokens={"bot-token": BOT}, clock=self.clock)
        self.project = self.sandbox.add_project("project", languages=[])
        self.transport = sandbox_transport(self.sandbox)
        self.site: Site

    def work(self) -> None:
        """Wait until the service's worker has done all that waits."""
        deadline = time.monotonic() + 90
        while True:
            with self.site.resources.database.read() as session:
                jobs = session.exec(select(Job)).all()
            if not any(job.state in ACTIVE for job in jobs):
                break
            assert time.monotonic() < deadline, [(job.kind, job.state) for job in jobs]
            time.sleep(0.1)
        assert [job.message for job in jobs if job.state is not JobState.DONE] == []

    def pass_days(self, number: float) -> None:
        """Let time pass."""
        self.clock.move(days=number)

    def found_team(self) -> None:
        """Give the project a team, and let the volunteers have accounts there."""
        owner = self.sandbox.state.projects[self.project]
        client = TransifexClient(Configuration(token="bot-token"), transport=self.transport)
        owner.team = client.create_team(
            NewTeam(client.get_project(self.project).organization, "Volunteers"), now=self.clock()
        ).id
        for number in range(VOLUNTEERS // 2):
            self.sandbox.state.greet(f"volunteer{number}")

    def translate(self) -> int:
        """Let volunteers translate every text into Arabic on Transifex; return how many."""
        done = 0
        for number, resource in enumerate(list(self.sandbox.state.resources.values())):
            texts = {string.key: f"نص {string.strings['other']}" for string in resource.strings.values()}
            self.sandbox.translate(resource.id, "ar", texts, by=f"volunteer{number % (VOLUNTEERS // 2)}")
            done += len(texts)
        return done


@pytest.fixture
def days(make_site: Callable[..., Any]) -> Iterator[Days]:
    """A service without any deployment."""
    with running_mailbox() as mailbox:
        made = Days(mailbox)
        settings = {
            "smtp_url": mailbox.url,
            "mail_from": "Bridge <bridge@example.org>",
            "transifex_token": "bot-token",
            "transifex_user": BOT,
            # Nothing is pulled by itself while the test asks for it.
            "sync_minutes": 0,
        }
        with make_site(clock=made.clock, transport=made.transport, **settings) as site:
            made.site = site
            yield made


def volunteers_file(folder: Path) -> Path:
    """Write a list of thirty volunteers, half of them with an account on Transifex."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(["name", "email", "transifex", "languages", "role", "note"])
    for number in range(VOLUNTEERS):
        account = f"volunteer{number}" if number < VOLUNTEERS // 2 else ""
        writer.writerow([f"Volunteer {number}", f"v{number}@example.org", account, "ar", "translator", "met in June"])
    file = folder / "volunteers.csv"
    file.write_text(out.getvalue(), "utf-8")
    return file


def press(page: Page, name: str) -> None:
    """Press a button of the page, and wait for what answers it."""
    with page.expect_navigation():
        page.locator("main").get_by_role("button", name=name).first.click()


def send_list(page: Page, url: str, file: Path, *, really: bool) -> str:
    """Send the list of volunteers; return what the page answers."""
    page.goto(f"{url}{HERE}/people")
    details = page.locator("details:has(#source)")
    if details.count() and details.first.get_attribute("open") is None:
        details.first.locator("summary").first.click()
    page.set_input_files("#source", file)
    page.locator("input[name=really]").set_checked(really)
    press(page, "Send the list")
    return page.locator("main").inner_text()


def curve(page: Page, url: str) -> str:
    """Return the line of the texts with a translation, as the page of Arabic draws it."""
    page.goto(f"{url}{HERE}/locales/ar/progress")
    return page.locator("svg[role=img] polyline.written").first.get_attribute("points") or ""


def download(page: Page, name: str) -> bytes:
    """Return the file behind a link."""
    with page.expect_download() as found:
        page.locator("main").get_by_role("link", name=name, exact=True).first.click()
    return Path(found.value.path()).read_bytes()


def test_a_specialist_brings_volunteers_in_and_sees_their_work(
    days: Days, look: Callable[..., Watched], tmp_path: Path
) -> None:
    """From a configuration file to the report for partners."""
    site, url = days.site, days.site.url
    say = make_say(site.resources, site.people, None, deployments.mount)
    source = str(sample_path() / "configuration.json")
    made = say(
        "deployment", "add", "lakes", "--name", "Northern Lakes", "--source", source, "--locales", "ar,fr=fr",
        "--transifex", days.project,
    )  # fmt: skip
    assert made["slug"] == "lakes"
    days.found_team()
    seen = look()
    page = seen.page
    specialist = site.user("specialist")
    seen.sign_in(url, specialist)

    page.goto(f"{url}{HERE}/runs")
    press(page, "Push now")
    days.work()
    assert days.sandbox.state.resources

    file = volunteers_file(tmp_path)
    assert "30" in send_list(page, url, file, really=False)
    page.goto(f"{url}{HERE}/people")
    expect(page.locator("main")).not_to_contain_text("Volunteer 7")
    send_list(page, url, file, really=True)
    page.goto(f"{url}{HERE}/people")
    expect(page.locator("main")).to_contain_text("Volunteer 7")
    before = page.request.get(f"{url}{HERE}/people/file").text()
    assert len(before.splitlines()) == VOLUNTEERS + 1
    send_list(page, url, file, really=True)
    assert page.request.get(f"{url}{HERE}/people/file").text() == before

    page.goto(f"{url}{HERE}/people")
    press(page, "Look now")
    page.goto(f"{url}{HERE}/letters")
    press(page, f"Write {VOLUNTEERS} letters")
    days.work()
    assert len(days.sandbox.state.memberships) == VOLUNTEERS // 2
    assert sorted(to for (to,) in days.mailbox.recipients) == sorted(f"v{n}@example.org" for n in range(VOLUNTEERS))
    letter = days.mailbox.messages[0]
    assert letter["content-language"] == "ar"
    assert "/translate/#ar/" in letter.get_body(("plain",)).get_content()

    days.pass_days(1)
    seen.sign_in(url, specialist)
    page.goto(f"{url}{HERE}/runs")
    press(page, "Pull now")
    days.work()
    flat = curve(page, url)
    days.pass_days(1)
    translated = days.translate()
    days.clock.move(minutes=30)
    seen.sign_in(url, specialist)
    page.goto(f"{url}{HERE}/runs")
    press(page, "Pull now")
    days.work()
    assert curve(page, url) not in ("", flat)

    page.goto(f"{url}{HERE}")
    rows = list(csv.DictReader(StringIO(download(page, "CSV").decode("utf-8-sig"))))
    (arabic,) = [row for row in rows if row["locale"] == "ar"]
    assert int(arabic["translated"]) == translated
    sheet = load_workbook(BytesIO(download(page, "XLSX"))).active
    assert sheet.max_row == len(rows) + 1
    assert "ar" in repr(json.loads(download(page, "JSON")))
    page.get_by_role("link", name="A sheet for partners").click()
    expect(page.locator("body")).to_contain_text("Northern Lakes")
    expect(page.locator("body")).to_contain_text("العربية")
    assert page.pdf()[:4] == b"%PDF"
