"""What a message looks like on its way, and when it is tried again."""

from __future__ import annotations

import email
import email.policy
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.mail.rules import Letter, SmtpAccount, compose, parse_smtp_url, wait_after

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ACCOUNT = SmtpAccount("mail.example.org", 587, tls=False, username="", password="", sender="الجسر <bridge@example.org>")
LETTER = Letter(
    7, "sara@example.org", "مرحبا", "مرحبا سارة،\n\nابدأ هنا:\nhttps://example.org/a?b=1&c=<x>.", "ar", "rtl",
    "https://bridge.example.org/unsubscribe/p/s", "لا مزيد:",
)  # fmt: skip


def read(letter: Letter) -> email.message.EmailMessage:
    """Return the message as another program reads its bytes."""
    found = email.message_from_bytes(compose(letter, ACCOUNT, NOW).as_bytes(), policy=email.policy.default)
    assert isinstance(found, email.message.EmailMessage)
    return found


def text_of(part: email.message.EmailMessage) -> str:
    """Return the content of a part with the line ends of this machine."""
    return str(part.get_content()).replace("\r\n", "\n")


def test_a_message_in_arabic_arrives_whole_and_from_the_right() -> None:
    """Subject, name and text as they were; the HTML runs right to left, links the other way; everything is ASCII."""
    message = read(LETTER)
    assert compose(LETTER, ACCOUNT, NOW).as_bytes().isascii()
    assert message["subject"] == "مرحبا"
    assert message["from"].addresses[0].display_name == "الجسر"
    assert [address.addr_spec for address in message["to"].addresses] == ["sara@example.org"]
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert text_of(plain).startswith("مرحبا سارة،\n\nابدأ هنا:\nhttps://example.org/a?b=1&c=")
    assert '<html lang="ar" dir="rtl">' in html.get_content()
    assert '<a href="https://example.org/a?b=1&amp;c=" dir="ltr">' in html.get_content()
    assert "<x>" not in html.get_content()


def test_every_message_says_how_to_get_no_more() -> None:
    """In its text, and in the headers that mail programs make a button of."""
    message = read(LETTER)
    plain = message.get_body(("plain",))
    assert plain is not None
    assert text_of(plain).rstrip().endswith("لا مزيد:\nhttps://bridge.example.org/unsubscribe/p/s")
    assert message["list-unsubscribe"] == "<https://bridge.example.org/unsubscribe/p/s>"
    assert message["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    assert message["auto-submitted"] == "auto-generated"


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_text_becomes_a_header_or_a_tag(subject: str, text: str) -> None:
    """Whatever stands in a name, a comment or a subject, the headers are ours and the recipient is one."""
    odd = replace(LETTER, subject=f"{subject}\r\nBcc: x@example.org", text=f"{text}\r\n.\r\n<script>")
    message = read(odd)
    assert set(map(str.lower, message.keys())) == {
        "from", "to", "subject", "date", "message-id", "auto-submitted", "content-language", "list-unsubscribe",
        "list-unsubscribe-post", "mime-version", "content-type",
    }  # fmt: skip
    html = message.get_body(("html",))
    assert html is not None
    assert "<script" not in html.get_content()


@pytest.mark.parametrize("to", ["a@b.org\r\nBcc: c@d.org", "a@b.org, c@d.org", "", "a b@c.org"])
def test_an_address_that_is_none_is_refused(to: str) -> None:
    """Nothing goes out that could go to somebody else."""
    with pytest.raises(ValueError):
        compose(replace(LETTER, to=to), ACCOUNT, NOW)


def test_tries_come_less_and_less_often() -> None:
    """Five minutes, ten, twenty … never more than twelve hours."""
    waits = [wait_after(attempts) for attempts in range(1, 9)]
    assert waits[:3] == [timedelta(minutes=5), timedelta(minutes=10), timedelta(minutes=20)]
    assert max(waits) <= timedelta(hours=12)
    assert sorted(waits) == waits


def test_an_account_is_read_from_its_address() -> None:
    """With the usual ports; a password in a file counts more than one in the address."""
    found = parse_smtp_url("smtp://me%40x:p%40ss@mail.example.org", password=None, sender="a@b.org")
    assert (found.host, found.port, found.tls, found.username, found.password) == (
        "mail.example.org", 587, False, "me@x", "p@ss",
    )  # fmt: skip
    assert parse_smtp_url("smtps://mail.example.org", password="file", sender="A <a@b.org>").port == 465
    assert parse_smtp_url("smtp://u:x@h:25", password="file", sender="a@b.org").password == "file"


@pytest.mark.parametrize(
    ("url", "sender"), [("smtp://", "a@b.org"), ("http://x", "a@b.org"), ("smtp://h:x", "a@b.org"), ("smtp://h", "me")]
)
def test_an_account_that_cannot_be_used_is_told_without_its_secrets(url: str, sender: str) -> None:
    """What must be set, not what was."""
    with pytest.raises(ValueError, match="must be") as error:
        parse_smtp_url(url, password="geheim", sender=sender)
    assert "geheim" not in str(error.value)
