"""Letters, mail and numbers as commands, API and pages tell of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from service.auth.models import Person
from service.auth.rules import Identity, Permission
from service.catalog.access import open_deployment
from service.catalog.models import RejectReason
from service.deployments.service import find_locale
from service.errors import NotPermitted
from service.mail.models import MailMessage
from service.review.cards import name_persons
from service.volunteers.numbers import Numbers, count_by_person, list_authors
from service.volunteers.writing import Written, get_people_settings

NUMBERS_HEAD = ("who", "texts", "words", "approved", "corrected", "rejected", "reasons", "last text")


@dataclass(frozen=True, slots=True)
class PersonNumbers:
    """What one person did; ``who`` is a name for those who bring volunteers in, a Transifex username for others."""

    person_id: str
    who: str
    numbers: Numbers


def open_numbers(session: Session, identity: Identity, slug: str, locale: str | None) -> list[PersonNumbers]:
    """Return what each translator did in a deployment, whoever wrote last first: no ranking.

    Raises:
        NotFound: there is no such deployment or locale, or it may not be seen.
        NotPermitted: numbers of people are shown here to those alone who bring volunteers in.
    """
    deployment = open_deployment(session, identity, slug, Permission.DEPLOYMENT_VIEW, changing=False)
    assert deployment.id is not None
    manages = identity.may(Permission.VOLUNTEERS_MANAGE, deployment.id)
    if not manages and not get_people_settings(session, deployment.id).show_numbers:
        identity.require(Permission.VOLUNTEERS_MANAGE, deployment.id)
        raise NotPermitted("What each translator did is not shown in this deployment.")
    if locale is not None:
        find_locale(session, deployment, locale)
    persons = list_authors(session, deployment.id)
    found = count_by_person(session, deployment.id, persons, locale=locale)
    names = name_persons(session, persons) if manages else _usernames(session, persons)
    rows = [PersonNumbers(person, names[person], numbers) for person, numbers in found.items() if numbers.texts]
    return sorted(rows, key=lambda row: (-(row.numbers.last_at.timestamp() if row.numbers.last_at else 0), row.who))


def _usernames(session: Session, persons: Sequence[str]) -> dict[str, str]:
    rows = {person: session.get(Person, person) for person in persons}
    return {person: (row.transifex_username if row else None) or person[:8] for person, row in rows.items()}


def numbers_data(row: PersonNumbers) -> dict[str, Any]:
    """Return what one person did as plain values."""
    found = row.numbers
    return {
        "person": row.person_id,
        "who": row.who,
        "texts": found.texts,
        "words": found.words,
        "approved": found.approved,
        "approved_words": found.approved_words,
        "corrected": found.corrected,
        "rejected": {reason.value: found.rejected.get(reason, 0) for reason in RejectReason},
        "last_at": found.last_at,
    }


def number_rows(rows: Sequence[PersonNumbers]) -> Iterator[tuple[str, ...]]:
    """Yield rows for people."""
    for row in rows:
        found = row.numbers
        reasons = ", ".join(f"{number} {reason.value}" for reason, number in found.rejected.items())
        yield (
            row.who, f"{found.texts:,}", f"{found.words:,}", f"{found.approved:,}", f"{found.corrected:,}",
            f"{found.rejected_texts:,}", reasons or "-", f"{found.last_at:%Y-%m-%d}" if found.last_at else "-",
        )  # fmt: skip


def letter_data(letter: Written) -> dict[str, Any]:
    """Return a letter as plain values."""
    return {
        "volunteer": letter.volunteer_id,
        "locale": letter.locale,
        "subject": letter.subject,
        "text": letter.text,
    }


def mail_data(row: MailMessage, person: Person) -> dict[str, Any]:
    """Return a message as plain values."""
    return {
        "id": row.id,
        "kind": row.kind,
        "person": row.person_id,
        "email": person.email or "",
        "locale": row.locale,
        "subject": row.subject,
        "text": row.text,
        "state": row.state.value,
        "created_at": row.created_at,
        "due_at": row.due_at,
        "sent_at": row.sent_at,
        "attempts": row.attempts,
        "problem": row.problem,
    }
