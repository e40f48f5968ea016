"""The demo's mail: a mail server on this machine that keeps what it is handed, and what is written to volunteers."""

import dataclasses
import email
import email.policy
import os
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from aiosmtpd.smtp import Envelope, Session

from service.deployments.service import find_deployment
from service.errors import NotReady
from service.mail.tasks import send_due
from service.volunteers.writing import tell_due
from service.web.resources import Resources
from service.worker import open_outgoing

FOLDER = "letters"
"""Where the letters lie, in the demo's folder."""
_PATIENCE = 60.0
"""Seconds within which the service hands over what it queued."""


class Mailbox(Message):
    """Keeps each letter as a text file: whom it is for, its subject, what it says."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self.taken: list[EmailMessage] = []
        self._arrived = threading.Condition()

    def prepare_message(self, session: Session, envelope: Envelope) -> EmailMessage:  # noqa: ARG002  # aiosmtpd's
        """Read what arrived."""
        content = envelope.content
        raw = content.encode() if isinstance(content, str) else content or b""
        return email.message_from_bytes(raw, EmailMessage, policy=email.policy.default)

    def handle_message(self, message: object) -> None:
        """Keep it."""
        assert isinstance(message, EmailMessage)
        body = message.get_body(("plain",))
        text = body.get_content() if body is not None else ""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        with self._arrived:
            number = len(self.taken) + 1
            name = re.sub(r"[^a-z0-9]+", "-", str(message["To"]).partition("@")[0].lower())
            head = f"To: {message['To']}\nSubject: {message['Subject']}\n\n"
            (self.folder / f"{number:02}-{name}.txt").write_text(head + text, "utf-8")
            self.taken.append(message)
            self._arrived.notify_all()

    def wait_for(self, number: int) -> None:
        """Wait until so many letters have arrived altogether.

        Raises:
            NotReady: they do not.
        """
        with self._arrived:
            if not self._arrived.wait_for(lambda: len(self.taken) >= number, _PATIENCE):
                raise NotReady(f"The demo stopped: {len(self.taken)} of {number} letters arrived.")

    def recipients(self, start: int) -> list[str]:
        """Return whom the letters from this one on are for, by address."""
        return sorted(str(message["To"]) for message in self.taken[start:])


@contextmanager
def running_mailbox(folder: Path) -> Iterator[tuple[Mailbox, str]]:
    """Run the mail server on a free port; yield what it keeps, and its address for ``BRIDGE_SMTP_URL``."""
    mailbox = Mailbox(folder / FOLDER)
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield mailbox, f"smtp://127.0.0.1:{controller.port}"
    finally:
        controller.stop()


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


def begin_telling(resources: Resources) -> None:
    """Have the service look once what became of texts: from here on it does so a day later at the earliest."""
    tell_due(resources.database, owner=_owner(), now=resources.clock())


def tell_a_day_later(resources: Resources, slug: str) -> int:
    """Tell volunteers what became of their texts, under a clock that is a day ahead; return how many were told.

    Nobody gets two letters a day, and the demo waits for nothing.
    """

    def tomorrow() -> datetime:
        return resources.clock() + timedelta(days=1, minutes=1)

    ahead = dataclasses.replace(resources, clock=tomorrow)
    told = tell_due(ahead.database, owner=_owner(), now=tomorrow())
    with ahead.database.read() as session:
        deployment_id = find_deployment(session, slug).id or 0
    with open_outgoing(ahead) as outgoing:
        if outgoing is not None:
            send_due(ahead.database, deployment_id, outgoing, clock=tomorrow)
    return told


def _owner() -> str:
    return f"demo:{os.getpid()}"
