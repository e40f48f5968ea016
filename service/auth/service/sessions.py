"""Signing in and out with a password, in a browser."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlmodel import Session, col, or_, select

from service.audit.service import Actor, write_audit
from service.auth.models import Account, LoginSession, PasswordLink
from service.auth.passwords import check_new_password, hash_password, matches
from service.auth.queries import find_account, find_login, find_password_link, load_identity, lock_account
from service.auth.rules import Identity
from service.auth.service.accounts import normalise_username
from service.auth.values import hash_value, new_value
from service.db import Database
from service.errors import BadInput, NotFound, Refused

SESSION_LIFETIME = timedelta(hours=12)
IDLE_LIFETIME = timedelta(hours=2)
TOUCH_AFTER = timedelta(minutes=1)
TRIES = 5
LOCKED_FOR = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class NewSession:
    """A fresh session: the value of its cookie, known to the browser alone, and when it ends at the latest."""

    value: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A browser in which a person is signed in: since when, when it was last seen, and what it calls itself."""

    id: int
    created_at: datetime
    last_seen_at: datetime
    user_agent: str


@dataclass(frozen=True, slots=True)
class Login:
    """A session that is valid now. ``touch`` says that it should be noted as seen."""

    session_id: int
    form_secret: str
    identity: Identity
    touch: bool


def sign_in(
    database: Database, username: str, password: str, now: datetime, *, user_agent: str = ""
) -> NewSession | None:
    """Return a new session for the right password, None otherwise.

    None says nothing of why: an unknown user, a wrong password, a disabled or a resting account look and last the same.
    After five wrong tries in a row an account rests for 15 minutes and refuses even the right password. The comparison
    stands outside of the transactions, so that guessing keeps nobody else from writing.

    Raises:
        TooManyTries: too many people are signing in at this moment.
    """
    with database.read() as session:
        account = _find_for_sign_in(session, username)
    right = matches(password, account.password_hash if account else None)
    if account is None or account.id is None:
        return None
    with database.write() as session:
        current = lock_account(session, account.id)
        if current is None or current.disabled_at is not None or current.password_hash is None:
            return None
        if current.locked_until is not None and current.locked_until > now:
            return None
        if not right or current.password_hash != account.password_hash:
            _count_wrong_try(session, current, now)
            return None
        current.failed_tries, current.locked_until = 0, None
        return new_session(session, current, now, user_agent=user_agent)


def _find_for_sign_in(session: Session, username: str) -> Account | None:
    try:
        return find_account(session, normalise_username(username))
    except BadInput:
        return None


def _count_wrong_try(session: Session, account: Account, now: datetime) -> None:
    account.failed_tries += 1
    if account.failed_tries >= TRIES:
        account.failed_tries, account.locked_until = 0, now + LOCKED_FOR
        subject = f"person/{account.person_id}"
        write_audit(session, Actor("sign-in"), "account.lock", now, subject=subject, detail={"tries": TRIES})


def new_session(session: Session, account: Account, now: datetime, *, user_agent: str = "") -> NewSession:
    """Create a session for an account whose password was right; the expired ones of everybody go."""
    session.execute(delete(LoginSession).where(col(LoginSession.expires_at) <= now))
    value = new_value()
    assert account.id is not None
    session.add(
        LoginSession(
            account_id=account.id,
            token_hash=hash_value(value),
            csrf_secret=new_value(),
            created_at=now,
            last_seen_at=now,
            expires_at=now + SESSION_LIFETIME,
            user_agent=user_agent[:300],
        )
    )
    session.flush()
    actor = Actor(account.username, account.person_id)
    write_audit(session, actor, "session.start", now, subject=f"person/{account.person_id}")
    return NewSession(value, now + SESSION_LIFETIME)


def find_session(session: Session, value: str, now: datetime) -> Login | None:
    """Return the session of a cookie, or None when it is unknown, over, idle for too long, or the account disabled."""
    found = find_login(session, hash_value(value), now, now - IDLE_LIFETIME)
    if found is None:
        return None
    row, account = found
    assert row.id is not None
    return Login(row.id, row.csrf_secret, load_identity(session, account), now - row.last_seen_at >= TOUCH_AFTER)


def touch_session(session: Session, session_id: int, now: datetime, *, language: str) -> None:
    """Note that a session was seen, and in which language the person reads the pages: messages are written in it."""
    session.execute(update(LoginSession).where(col(LoginSession.id) == session_id).values(last_seen_at=now))
    theirs = select(LoginSession.account_id).where(LoginSession.id == session_id).scalar_subquery()
    other = or_(col(Account.language).is_(None), col(Account.language) != language)
    session.execute(update(Account).where(col(Account.id) == theirs, other).values(language=language))


def sign_out(session: Session, value: str, now: datetime) -> None:
    """End the session of a cookie; one that is over already stays over."""
    found = find_login(session, hash_value(value), now, now - IDLE_LIFETIME)
    if found is None:
        return
    row, account = found
    session.delete(row)
    session.flush()
    actor = Actor(account.username, account.person_id)
    write_audit(session, actor, "session.end", now, subject=f"person/{account.person_id}")


def list_sessions(session: Session, person_id: str, now: datetime) -> list[OpenSession]:
    """Return where a person is signed in now, the last seen first."""
    query = (
        select(LoginSession)
        .join(Account, col(Account.id) == LoginSession.account_id)
        .where(
            Account.person_id == person_id,
            LoginSession.expires_at > now,
            LoginSession.last_seen_at > now - IDLE_LIFETIME,
        )
        .order_by(col(LoginSession.last_seen_at).desc(), col(LoginSession.id).desc())
    )
    return [OpenSession(row.id or 0, row.created_at, row.last_seen_at, row.user_agent) for row in session.exec(query)]


def end_sessions(
    session: Session, actor: Actor, person_id: str, now: datetime, *, only: int | None = None, but: int | None = None
) -> int:
    """End a person's sessions: one, or all but one; return how many ended.

    Raises:
        NotFound: the person has no such session.
    """
    mine = select(Account.id).where(Account.person_id == person_id)
    ending = delete(LoginSession).where(col(LoginSession.account_id).in_(mine))
    if only is not None:
        ending = ending.where(col(LoginSession.id) == only)
    if but is not None:
        ending = ending.where(col(LoginSession.id) != but)
    ended = session.exec(ending).rowcount
    if only is not None and not ended:
        raise NotFound("This session has ended already.")
    if ended:
        write_audit(session, actor, "session.revoke", now, subject=f"person/{person_id}", detail={"sessions": ended})
    return ended


def check_password_link(session: Session, secret: str, now: datetime) -> str:
    """Return the username that a one-time link is for.

    Raises:
        Refused: it was used, has expired, was replaced, or never was one.
    """
    found = find_password_link(session, hash_value(secret), now)
    if found is None:
        raise _bad_link()
    return found[1].username


def set_password_by_link(session: Session, secret: str, password: str, now: datetime) -> str:
    """Set the password by a one-time link, end every session and other link of the account, and return the username.

    Raises:
        BadInput: the password is too easy; the link can still be used.
        Refused: the link was used, has expired, was replaced, or never was one.
    """
    found = find_password_link(session, hash_value(secret), now)
    if found is None:
        raise _bad_link()
    link, account = found
    check_new_password(password, account.username)
    # The one who marks it used is the one who may: two may stand here at the same moment.
    marked = session.exec(
        update(PasswordLink)
        .where(col(PasswordLink.id) == link.id, col(PasswordLink.used_at).is_(None))
        .values(used_at=now)
    )
    if marked.rowcount != 1:
        raise _bad_link()
    account.password_hash = hash_password(password)
    account.failed_tries, account.locked_until = 0, None
    session.execute(delete(LoginSession).where(col(LoginSession.account_id) == account.id))
    session.execute(
        delete(PasswordLink).where(col(PasswordLink.account_id) == account.id, col(PasswordLink.id) != link.id)
    )
    session.flush()
    actor = Actor(account.username, account.person_id)
    write_audit(session, actor, "account.password", now, subject=f"person/{account.person_id}")
    return account.username


def _bad_link() -> Refused:
    return Refused("This link was used or has expired: ask whoever gave it to you for a new one.")
