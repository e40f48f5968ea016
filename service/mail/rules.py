"""Pure rules of mail: what a message looks like on its way, when it is tried again, where it goes through."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from html import escape
from urllib.parse import unquote, urlsplit

ONE_A = timedelta(days=1)
"""Nobody gets two messages within this time."""
MAX_ATTEMPTS = 8
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+{_LABEL}")
_POLICY = SMTP.clone(cte_type="7bit")
_LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)\]]")
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Letter:
    """What is to be sent: ``lang`` is a BCP 47 tag, ``direction`` ltr or rtl.

    ``number`` names it among all letters. Without ``stop_address`` it says nothing of how to get no more: the person
    asked for it.
    """

    number: int | str
    to: str
    subject: str
    text: str
    lang: str
    direction: str
    stop_address: str = ""
    stop_sentence: str = ""


@dataclass(frozen=True, slots=True)
class SmtpAccount:
    """Where mail goes out. ``tls`` from the beginning; else STARTTLS, which only a server on this machine may lack.

    ``sender`` is an address, or a name with an address in angle brackets.
    """

    host: str
    port: int
    tls: bool
    username: str
    password: str
    sender: str


def parse_smtp_url(url: str, *, password: str | None, sender: str) -> SmtpAccount:
    """Return the account that ``smtp://user:password@host:port`` or ``smtps://…`` names.

    Raises:
        ValueError: it names no host, or the sender is no address; the message holds no part of the address.
    """
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = -1
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or port == -1:
        raise ValueError("must be smtp://USER:PASSWORD@HOST:PORT or smtps://…")
    check_sender(sender)
    tls = parts.scheme == "smtps"
    return SmtpAccount(
        host=parts.hostname,
        port=port or (465 if tls else 587),
        tls=tls,
        username=unquote(parts.username or ""),
        password=password if password is not None else unquote(parts.password or ""),
        sender=sender,
    )


def check_sender(sender: str) -> None:
    """Do nothing where ``sender`` can stand in From.

    Raises:
        ValueError: it is no address, or no name with one.
    """
    name, address = parseaddr(sender)
    if "@" not in address or not sender.isprintable() or not (name + address).isprintable():
        raise ValueError("must be an address, such as Bridge <bridge@example.org>")


def compose(letter: Letter, account: SmtpAccount, now: datetime) -> EmailMessage:
    """Return the message as it goes out: plain text and the same as HTML, in its language and direction.

    Headers are made of values that were taken apart before, so that nothing in a name or subject becomes another one.

    Raises:
        ValueError: it is for no address.
    """
    if not is_address(letter.to):
        raise ValueError("The address cannot be used.")
    message = EmailMessage(policy=_POLICY)
    name, address = parseaddr(account.sender)
    message["From"] = Address(display_name=name, addr_spec=address)
    message["To"] = Address(addr_spec=letter.to)
    message["Subject"] = one_line(letter.subject)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<primero-bridge.{letter.number}.{now:%Y%m%d}@{address.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    text = f"{_UNSEEN.sub('', letter.text).strip()}\n"
    if letter.stop_address:
        message["List-Unsubscribe"] = f"<{letter.stop_address}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        text += f"\n-- \n{letter.stop_sentence}\n{letter.stop_address}\n"
    message.set_content(text, charset="utf-8")
    message.add_alternative(_as_html(letter, text), subtype="html", charset="utf-8")
    # After the content, which takes every header about content away.
    message["Content-Language"] = letter.lang
    return message


def is_address(text: str) -> bool:
    """Return whether this is one e-mail address that every server takes, and nothing beside it."""
    return len(text) <= 254 and _ADDRESS.fullmatch(text) is not None


def one_line(text: str) -> str:
    """Return a text on one line, without what no header may hold."""
    return " ".join(_UNSEEN.sub(" ", text).split())[:300]


def _as_html(letter: Letter, text: str) -> str:
    # Each line runs as its own first letter says, inside of a page that runs as the language does.
    blocks = ("\n".join(map(_as_line, block.split("\n"))) for block in text.strip().split("\n\n"))
    body = "\n".join(f'<div style="margin:1em 0">\n{block}\n</div>' for block in blocks)
    return (
        f'<!doctype html>\n<html lang="{escape(letter.lang)}" dir="{escape(letter.direction)}">\n'
        f'<head><meta charset="utf-8"><title>{escape(one_line(letter.subject))}</title></head>\n'
        f"<body>\n{body}\n</body>\n</html>\n"
    )


def _as_line(line: str) -> str:
    own_way = ' dir="auto"' if any(letter.isalpha() for letter in _LINK.sub("", line)) else ""
    return f"<div{own_way}>{_with_links(line)}</div>"


def _with_links(text: str) -> str:
    parts, last = [], 0
    for found in _LINK.finditer(text):
        address = escape(found[0])
        parts += [escape(text[last : found.start()]), f'<a href="{address}" dir="ltr">{address}</a>']
        last = found.end()
    return "".join([*parts, escape(text[last:])])


def wait_after(attempts: int) -> timedelta:
    """Return how long to wait after so many tries: five minutes, then twice as long each time, up to twelve hours."""
    return min(timedelta(minutes=5 * 2 ** max(attempts - 1, 0)), timedelta(hours=12))
