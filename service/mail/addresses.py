"""The address that messages to somebody who signs in go to. Volunteers bring theirs when they are registered."""

from datetime import datetime

from sqlmodel import Session

from service.audit.service import Actor, write_audit
from service.auth.models import Person
from service.auth.rules import Identity
from service.auth.service.accounts import require_over
from service.errors import BadInput
from service.mail.rules import is_address


def give_address(session: Session, by: Identity, username: str, address: str, now: datetime) -> None:
    """Say where messages to a user go; "" for nowhere.

    Raises:
        BadInput: it is no address.
        NotFound: there is no such user, or ``by`` may not see them.
        NotPermitted: ``by`` may not manage this person.
    """
    account = require_over(session, by, username)
    write_address(session, account.person_id, address, actor=by.actor, now=now)


def write_address(session: Session, person_id: str, address: str, *, actor: Actor, now: datetime) -> None:
    """Say where messages to a person go; "" for nowhere. The audit tells that it was changed, not what it is.

    Raises:
        BadInput: it is no address.
    """
    clean = address.strip()
    if clean and not is_address(clean):
        raise BadInput("This is no e-mail address: write it as name@example.org.")
    person = session.get_one(Person, person_id, with_for_update=True)
    if (person.email or "") == clean:
        return
    person.email = clean or None
    session.add(person)
    session.flush()
    write_audit(session, actor, "person.address", now, subject=f"person/{person_id}")
