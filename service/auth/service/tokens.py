"""API tokens: for the command line and for machines."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlmodel import Session, col

from service.audit.service import write_audit
from service.auth.models import ApiToken
from service.auth.queries import find_account, find_token, load_identity
from service.auth.rules import Identity
from service.auth.service.accounts import normalise_username, require_over
from service.auth.values import hash_value, new_value
from service.errors import Refused

TOKEN_PREFIX = "ptb_"  # noqa: S105 - lets people and scanners recognise one, opens nothing
TOUCH_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class TokenUse:
    """A valid token. ``touch`` says that its last use should be noted."""

    token_id: int
    identity: Identity
    touch: bool


def create_token(session: Session, by: Identity, username: str, now: datetime) -> str:
    """Create a token for a user and return its value, which is shown this once. Everybody may do it for themselves.

    Raises:
        NotFound: there is no such user, or ``by`` may not see them.
        NotPermitted: ``by`` may not manage this person.
        Refused: the account is disabled.
    """
    own = find_account(session, normalise_username(username))
    if own is None or by.person_id is None or own.person_id != by.person_id:
        own = require_over(session, by, username)
    if own.disabled_at is not None:
        raise Refused(f"The account {own.username} is disabled: no token can be made for it.")
    value = new_value(TOKEN_PREFIX)
    session.add(ApiToken(person_id=own.person_id, token_hash=hash_value(value), created_at=now))
    session.flush()
    write_audit(session, by.actor, "token.create", now, subject=f"person/{own.person_id}")
    return value


def revoke_tokens(session: Session, by: Identity, username: str, now: datetime) -> int:
    """Revoke every token of a user and return how many there were. Everybody may do it for themselves.

    Raises:
        NotFound: there is no such user, or ``by`` may not see them.
        NotPermitted: ``by`` may not manage this person.
    """
    own = find_account(session, normalise_username(username))
    if own is None or by.person_id is None or own.person_id != by.person_id:
        own = require_over(session, by, username)
    revoked = session.exec(
        update(ApiToken)
        .where(col(ApiToken.person_id) == own.person_id, col(ApiToken.revoked_at).is_(None))
        .values(revoked_at=now)
    ).rowcount
    write_audit(session, by.actor, "token.revoke", now, subject=f"person/{own.person_id}", detail={"tokens": revoked})
    return revoked


def find_token_use(session: Session, value: str, now: datetime) -> TokenUse | None:
    """Return whom a token stands for, or None for one that is unknown, revoked, or of a disabled account."""
    found = find_token(session, hash_value(value))
    if found is None:
        return None
    token, account = found
    assert token.id is not None
    touch = token.last_used_at is None or now - token.last_used_at >= TOUCH_AFTER
    return TokenUse(token.id, load_identity(session, account), touch)


def find_identity_by_token(session: Session, value: str, now: datetime) -> Identity | None:
    """Return whom a token stands for, or None: what the command line asks."""
    use = find_token_use(session, value, now)
    return use.identity if use else None


def touch_token(session: Session, token_id: int, now: datetime) -> None:
    """Note that a token was used."""
    session.execute(update(ApiToken).where(col(ApiToken.id) == token_id).values(last_used_at=now))
