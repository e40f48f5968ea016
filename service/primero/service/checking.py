"""What has to be right about an instance and its account before anything is written."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from service.primero.client import AccountInfo, PrimeroClient, errors
from service.primero.models import PrimeroInstance
from service.primero.service.connecting import translate_errors
from service.primero.service.fetching import fetch_target
from service.primero.service.instances import note_refusal, open_instance
from service.web.resources import Resources

ACCOUNT_LOCALE = "en"
"""The language that the service account must have: Primero judges a form's name in the language of whoever saves it."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found: obstacles keep an apply from beginning, notes do not.

    Attributes:
        version: of Primero, None where it does not say.
        locales: the languages enabled there, None where it does not say.
        missing: those that were asked about and are not.
        account_locale: the account's own language, None where it may not look itself up.
        manages_forms: whether its role manages forms and lookups without restriction, None where nobody can tell.
        forms: how many the account sees.
        lookups: likewise.
        obstacles: sentences.
        notes: sentences.
    """

    version: str | None
    locales: tuple[str, ...] | None
    missing: tuple[str, ...]
    account_locale: str | None
    manages_forms: bool | None
    forms: int
    lookups: int
    obstacles: tuple[str, ...]
    notes: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)


@contextlib.contextmanager
def visiting(resources: Resources, instance: PrimeroInstance) -> Iterator[PrimeroClient]:
    """Yield a client for an instance; errors come in our words, and a refused secret is remembered.

    Raises:
        ServiceError: what the client raised, or why it may not be used.
    """
    assert instance.id is not None
    client = open_instance(
        instance, settings=resources.settings, secrets=resources.secrets, transport=resources.primero_transport
    )
    with client, translate_errors():
        try:
            yield client
        except errors.PasswordRefused:
            note_refusal(resources.database, instance.id, resources.clock())
            raise


def check_instance(resources: Resources, instance: PrimeroInstance, wanted: Sequence[str] = ()) -> Checked:
    """Sign in to an instance and look around; nothing is written.

    Args:
        resources: of this process.
        instance: where.
        wanted: the languages that are to be given to it.

    Raises:
        ServiceError: it cannot be reached, or does not let the account read.
    """
    with visiting(resources, instance) as client:
        account = client.find_account()
        target = fetch_target(client)
        version = client.get_version()
    obstacles, notes = judge_account(account)
    enabled = target.locales
    missing = tuple(locale for locale in wanted if enabled is not None and locale not in enabled)
    if missing:
        notes = (*notes, f"Not enabled there, and so not given: {', '.join(missing)}. Enable what you want in Primero.")
    return Checked(
        version, enabled, missing, account.locale, account.manages_forms, len(target.forms), len(target.lookups),
        obstacles, notes,
    )  # fmt: skip


def judge_account(account: AccountInfo) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what keeps the account from writing, and what cannot be told."""
    obstacles, notes = [], []
    if account.locale is None:
        notes.append(
            "The account may not look itself up, so its language and rights are unknown: make sure in Primero that its "
            "language is English and that its role manages forms, then apply with --trust-account."
        )
    elif account.locale != ACCOUNT_LOCALE:
        obstacles.append(
            f"The account's language is {account.locale}: set it to English in Primero, which else judges the names of "
            "forms in that language."
        )
    if account.manages_forms is False:
        obstacles.append(
            'The account\'s role does not "manage" forms and lookups without restriction: Primero would drop some '
            "texts without a word. Give the role that right."
        )
    return tuple(obstacles), tuple(notes)
