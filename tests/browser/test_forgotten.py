"""Whoever lost the password comes in again by a letter: on a phone, in Arabic, without a script as well."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

import pytest
from sqlmodel import select

from service.auth.models import Account, Person
from tests.browser.conftest import PHONE, Watched
from tests.support.mail import Mailbox, running_mailbox

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Look = Callable[..., Watched]
NEW = "أربع كلمات سهلة الحفظ"


def wait_for_letter(box: Mailbox) -> EmailMessage:
    """Return the letter once it is there."""
    for _ in range(600):
        if box.messages:
            return box.messages[0]
        time.sleep(0.1)
    raise AssertionError("no letter came")


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
def test_a_lost_password_is_set_anew(make_site: Callable[..., Any], look: Look, *, script: bool) -> None:
    """From the sign-in to the letter, from its link to a new password, and in with it."""
    with running_mailbox() as box, make_site(smtp_url=box.url, mail_from="bridge@example.org") as site:
        name = site.user("reviewer")
        with site.resources.database.write() as session:
            account = session.exec(select(Account).where(Account.username == name)).one()
            session.get_one(Person, account.person_id).email = "amina@example.org"
        seen = look(viewport=PHONE, locale="ar", java_script_enabled=script, has_touch=True)
        page = seen.page
        page.goto(f"{site.url}/login")
        page.get_by_text("هل نسيت كلمة المرور؟").tap()
        page.locator("#asked").fill("Amina@Example.org")
        page.get_by_role("button", name="أرسلوا إليّ رابطًا").tap()
        page.get_by_text("إن وُجد حساب له عنوان بريد").wait_for()
        assert seen.overflow() <= 0 if script else True

        letter = wait_for_letter(box)
        body = letter.get_body(("plain",))
        assert body is not None
        secret = re.search(r"/set-password/(\S+)", str(body.get_content()))
        assert secret is not None
        assert "كلمة المرور" in letter["subject"]
        page.goto(f"{site.url}/set-password/{secret[1]}")
        page.locator("#password").fill(NEW)
        page.locator("#repeated").fill(NEW)
        page.locator("main button").tap()
        page.wait_for_url("**/login")
        page.locator("#username").fill(name)
        page.locator("#password").fill(NEW)
        page.locator("main button").tap()
        page.wait_for_url(f"{site.url}/")
        page.goto(f"{site.url}/set-password/{secret[1]}")
        page.get_by_role("link", name="طلب رابط جديد").wait_for()
        # That the link is gone is news to Chromium alone.
        seen.complaints[:] = [said for said in seen.complaints if "410" not in said]
