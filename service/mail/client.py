"""Handing messages to an SMTP server."""

import smtplib
import ssl
from email.message import EmailMessage
from types import TracebackType

from service.errors import RemoteUnreachable
from service.mail.rules import SmtpAccount
from transifex_client.addresses import is_loopback

TIMEOUT = 30.0


class MailRefused(Exception):
    """The server will never take this message; trying again is of no use."""


class SmtpSender:
    """One connection to the server, opened when the first message is sent; use it in a ``with``."""

    def __init__(self, account: SmtpAccount) -> None:
        self.account = account
        self._server: smtplib.SMTP | None = None

    def send(self, message: EmailMessage) -> None:
        """Hand one message over.

        Raises:
            MailRefused: the server refuses it for good.
            RemoteUnreachable: the server does not answer, or not now; the message says why, without addresses.
        """
        try:
            if self._server is None:
                self._server = self._connect()
            self._server.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            if all(code >= 500 for code in codes):
                raise MailRefused(f"The mail server refuses this address ({codes[0]}).") from error
            raise RemoteUnreachable(f"The mail server does not take this address now ({codes[0]}).") from error
        except smtplib.SMTPResponseException as error:
            self.close()
            raise RemoteUnreachable(f"The mail server said no ({error.smtp_code}).") from error
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise RemoteUnreachable(f"The mail server cannot be used ({type(error).__name__}).") from error

    def _connect(self) -> smtplib.SMTP:
        account = self.account
        context = ssl.create_default_context()
        if account.tls:
            server: smtplib.SMTP = smtplib.SMTP_SSL(account.host, account.port, timeout=TIMEOUT, context=context)
        else:
            server = smtplib.SMTP(account.host, account.port, timeout=TIMEOUT)
            server.ehlo()
            if server.has_extn("starttls"):
                server.starttls(context=context)
                server.ehlo()
            elif not is_loopback(account.host):
                server.close()
                raise smtplib.SMTPNotSupportedError("no STARTTLS")
        if account.username:
            server.login(account.username, account.password)
        return server

    def close(self) -> None:
        """End the connection."""
        server, self._server = self._server, None
        if server is not None:
            try:
                server.quit()
            except (smtplib.SMTPException, OSError):
                server.close()

    def __enter__(self) -> "SmtpSender":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
