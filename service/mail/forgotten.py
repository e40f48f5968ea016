"""The letter with a link to set a password: written and sent in one go, so that its link stands in no table and no log.

It is sent whether or not the person wants mail, and does not wait for a day to pass: the person asked for it.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from service.auth.service.forgotten import OpenRequest, close_request, drop_request, list_due_requests, open_request
from service.db import Database
from service.errors import RemoteUnreachable
from service.mail.client import MailRefused, SmtpSender
from service.mail.rules import MAX_ATTEMPTS, Letter, compose
from service.mail.sending import find_account
from service.settings import Settings
from service.web.languages import ENGLISH, LANGUAGES, words_in

WAIT = timedelta(minutes=1)
"""After the first try that did not work; then twice as long each time."""

log = logging.getLogger(__name__)


def send_password_letters(database: Database, settings: Settings, *, clock: Callable[[], datetime]) -> int:
    """Send the letters that were asked for; return how many went out.

    Without a mail server they wait, and end after a day. A process that is killed between the server's answer and its
    record sends a second letter later, whose link then is the one that works.

    Raises:
        NotReady: the settings name a mail server that cannot be used.
    """
    with database.read() as session:
        due = list_due_requests(session, clock())
    account = find_account(settings) if due else None
    if account is None:
        return 0
    sent = 0
    with SmtpSender(account) as sender:
        for request_id in due:
            with database.write() as session:
                opened = open_request(session, request_id, clock(), WAIT)
            if opened is None:
                continue
            try:
                sender.send(compose(write_letter(opened, settings.public_url), account, clock()))
            except (MailRefused, RemoteUnreachable, ValueError) as error:
                # ValueError: the address cannot be written in a header.
                _drop(database, opened, error, clock())
                continue
            with database.write() as session:
                close_request(session, opened, clock())
            sent += 1
    return sent


def _drop(database: Database, opened: OpenRequest, error: Exception, now: datetime) -> None:
    for_good = opened.attempts >= MAX_ATTEMPTS or not isinstance(error, RemoteUnreachable)
    with database.write() as session:
        drop_request(session, opened, now, for_good=for_good)
    # Its own text holds no address, and the request's number says nothing of whose it is.
    log.warning("the letter of password request %s did not go out: %s", opened.request_id, error)


def write_letter(opened: OpenRequest, public_url: str) -> Letter:
    """Return the letter in the person's language."""
    interface = LANGUAGES.get(opened.language, ENGLISH)
    words = words_in(interface)
    parts = [
        words.gettext("Somebody asked for a link to set a new password for the account %(username)s.")
        % {"username": opened.username},
        words.gettext("If it was you, open this link. It works once, within a day, and ends every earlier link:"),
        f"{public_url}/set-password/{opened.secret}",
        words.gettext(
            "If it was not you, nothing has to be done: your password stays as it is. Give this link to nobody."
        ),
    ]
    return Letter(
        f"password-{opened.request_id}-{opened.attempts}",
        opened.address,
        words.gettext("A link to set your password"),
        "\n\n".join(parts),
        interface.lang,
        interface.direction,
    )
