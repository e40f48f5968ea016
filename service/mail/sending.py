"""What a mail needs of this installation: the account, the link by which a person gets no more, the language."""

import re
from hmac import compare_digest

from service.errors import NotReady
from service.mail.rules import SmtpAccount, parse_smtp_url
from service.settings import Settings
from service.web.languages import LANGUAGES, N_, Interface, words_in
from service.web.secrets import SecretBox

STOP_SENTENCE = N_("To get no more messages from this service, open:")
_PURPOSE = "unsubscribe"
_PERSON = re.compile(r"[A-Za-z0-9-]{1,36}")


def find_account(settings: Settings) -> SmtpAccount | None:
    """Return the account that mail goes out through, None where it is to be copied by hand.

    Raises:
        NotReady: the settings name none that can be used, or the file with the password cannot be read.
    """
    if settings.smtp_url is None or settings.mail_from is None:
        return None
    password = None
    if settings.smtp_password_file is not None:
        try:
            password = settings.smtp_password_file.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise NotReady("BRIDGE_SMTP_PASSWORD_FILE cannot be read: correct it.") from error
    try:
        return parse_smtp_url(settings.smtp_url, password=password, sender=settings.mail_from)
    except ValueError as error:
        raise NotReady(f"Mail cannot go out: BRIDGE_SMTP_URL or BRIDGE_MAIL_FROM {error}.") from error


def stop_address(settings: Settings, secrets: SecretBox, person_id: str) -> str:
    """Return the link by which a person gets no more mail, without signing in."""
    return f"{settings.public_url}/unsubscribe/{person_id}/{secrets.sign(_PURPOSE, person_id)}"


def is_stop_link(secrets: SecretBox, person_id: str, signature: str) -> bool:
    """Return whether the service itself made this link."""
    if not _PERSON.fullmatch(person_id):
        return False
    return compare_digest(secrets.sign(_PURPOSE, person_id).encode(), signature.encode("utf-8", "surrogatepass"))


def interface_for(locale: str) -> Interface:
    """Return the language of the pages that is nearest to a locale; English where there is none."""
    return LANGUAGES.get(locale.partition("-")[0].partition("_")[0], LANGUAGES["en"])


def stop_sentence(locale: str) -> str:
    """Return the sentence above the link by which a person gets no more mail."""
    return words_in(interface_for(locale)).gettext(STOP_SENTENCE)
