"""Translations of Transifex on their way in: their authors become persons, the service's own user nobody."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from sqlmodel import Session

from service.auth.service.persons import get_or_create_person_by_transifex_username
from service.catalog.rules.overwrite import PulledText
from service.deployments.models import Deployment
from service.review.service.entering import IncomingText
from service.sync.rules.formats import Spelling
from transifex_client.resources import Translation

MAX_USERNAME = 200
"""Longer user names are nobody's: the table of persons has no room for them."""


def own_usernames(deployment: Deployment, own_user: str | None) -> frozenset[str]:
    """Return the Transifex user names that this service writes under, as far as they are known."""
    return frozenset(name for name in (own_user, deployment.service_username) if name)


def find_people(
    session: Session, rows: Iterable[Translation], own_users: frozenset[str], now: datetime, new_id: Callable[[], str]
) -> dict[str, str]:
    """Return the ids of the persons who wrote these translations, by user name; those we never met are made."""
    names = {row.translator for row in rows if row.strings and row.translator} - own_users
    return {
        name: get_or_create_person_by_transifex_username(session, name, now, new_id())
        for name in sorted(names)
        if len(name) <= MAX_USERNAME
    }


def incoming_text(
    key: str, row: Translation, own_users: frozenset[str], people: Mapping[str, str], spelling: Spelling
) -> IncomingText:
    """Return the translation as the text that wants in for the unit with this key."""
    translator = row.translator or ""
    pulled = PulledText("", row.translated_at, row.origin, own=translator in own_users)
    text = spelling.read((row.strings or {}).get("other", ""))
    return IncomingText(key, text, people.get(translator), row.translated_at, pulled, row.reviewed)
