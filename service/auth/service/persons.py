"""Persons: whoever acts here or translates on Transifex."""

from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from service.audit.service import write_audit
from service.auth.models import Person
from service.auth.queries import find_person_by_transifex
from service.auth.rules import Identity
from service.auth.service.accounts import require_over
from service.errors import Refused


def get_or_create_person_by_transifex_username(session: Session, username: str, now: datetime, new_id: str) -> str:
    """Return the id of the person behind a Transifex username; one who is not known yet gets ``new_id``.

    Safe when two transactions meet the same new translator: both get the one person.
    """
    found = find_person_by_transifex(session, username)
    if found is None:
        try:
            with session.begin_nested():
                session.add(Person(id=new_id, transifex_username=username, created_at=now))
                session.flush()
            return new_id
        except IntegrityError:
            found = find_person_by_transifex(session, username)
            if found is None:
                raise
    return found.id


def link_transifex_username(
    session: Session, by: Identity, username: str, transifex_username: str, now: datetime
) -> None:
    """Say which Transifex user an account's person is, so that nobody approves an own translation.

    Raises:
        NotFound: there is no such user, or ``by`` may not see them.
        NotPermitted: ``by`` may not manage this person.
        Refused: that Transifex user is another person here, whose translations cannot change hands.
    """
    account = require_over(session, by, username)
    other = find_person_by_transifex(session, transifex_username)
    if other is not None and other.id == account.person_id:
        return
    if other is not None:
        raise Refused(
            f"{transifex_username} has translated here before and is kept as another person: create the account anew "
            "with this Transifex username, it then belongs to that person."
        )
    person = session.get_one(Person, account.person_id)
    person.transifex_username = transifex_username
    try:
        with session.begin_nested():
            session.flush()
    except IntegrityError as error:
        raise Refused(f"{transifex_username} became another person at this moment: try again.") from error
    write_audit(session, by.actor, "person.link", now, subject=f"person/{account.person_id}")
