"""A lost password: anybody may ask for a link by letter, and nobody learns who exists by asking.

Asking does the same work for a name that exists and for one that does not: it counts, looks one account up, and queues
one row, with that account or none. What is different is done later, by a worker. The row is a queue of its own: jobs
belong to a deployment, and an account to none.
"""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address

from sqlalchemy import case, delete, func
from sqlmodel import Session, col, or_, select

from service.audit.service import Actor, write_audit
from service.auth.models import Account, PasswordLink, PasswordRequest, Person
from service.auth.queries import lock_account
from service.auth.service.sessions import LOCKED_FOR, TRIES
from service.auth.values import hash_value, new_value
from service.errors import BadInput, TooManyTries

MAX_ASKED = 320
CALLER_TRIES = 30
"""Requests from one network within ``LOCKED_FOR``: a whole office may stand behind one address."""
MAILED_LIFETIME = timedelta(days=1)
"""How long the link of a letter works: it lies in a mailbox that others may open later."""
KEPT = timedelta(days=1)
"""How long a request is remembered; within it an account gets ``TRIES`` letters at most."""
PURPOSE = "password-request"
"""What the key is for under which names and networks are hashed."""
_ACTOR = Actor("forgotten-password")


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks: a username or an address, from which network, in which language of the pages."""

    name: str
    caller: str
    language: str


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """A request whose turn it is: for whom, where the letter goes, and the link that it is to hold.

    ``secret`` is the secret part of ``/set-password/{secret}``; it stands nowhere else.
    """

    request_id: int
    link_id: int
    username: str
    address: str
    language: str
    secret: str
    made_at: datetime
    attempts: int


def network_of(host: str) -> str:
    """Return what counts as one caller: an IPv4 address, of an IPv6 one the half that names the network."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or IPv6Address(int(address) >> 64 << 64))
    return str(address)


def ask_for_link(session: Session, asked: Asked, now: datetime, *, sign: Callable[[str], str]) -> None:
    """Queue one request, whoever is named: nothing here tells whether there is such an account.

    A name that was asked for too often is queued without an account. ``sign`` makes a keyed hash.

    Raises:
        BadInput: nothing is named.
        TooManyTries: too much was asked from this network; that says nothing of who exists.
    """
    name = unicodedata.normalize("NFKC", asked.name).strip().casefold()[:MAX_ASKED]
    if not name:
        raise BadInput("Write your username, or the e-mail address of your account.")
    session.execute(delete(PasswordRequest).where(col(PasswordRequest.created_at) <= now - KEPT))
    name_hash, caller_hash = sign(f"name {name}"), sign(f"caller {network_of(asked.caller)}")
    by_name, by_caller = _count(session, name_hash, caller_hash, now)
    if by_caller >= CALLER_TRIES:
        raise TooManyTries(
            "Too many links were asked for from your network: try again in 15 minutes.",
            details={"retry_after": int(LOCKED_FOR.total_seconds())},
        )
    account_id, by_address = _find(session, name)
    often = by_name >= TRIES
    session.add(
        PasswordRequest(
            account_id=None if often else account_id,
            by_address=by_address,
            name_hash="" if often else name_hash,
            caller_hash=caller_hash,
            language=asked.language,
            created_at=now,
            due_at=now,
        )
    )
    session.flush()


def _count(session: Session, name_hash: str, caller_hash: str, now: datetime) -> tuple[int, int]:
    row = session.execute(
        select(
            func.coalesce(func.sum(case((col(PasswordRequest.name_hash) == name_hash, 1), else_=0)), 0),
            func.coalesce(func.sum(case((col(PasswordRequest.caller_hash) == caller_hash, 1), else_=0)), 0),
        ).where(PasswordRequest.created_at > now - LOCKED_FOR)
    ).one()
    return int(row[0]), int(row[1])


def _find(session: Session, name: str) -> tuple[int | None, bool]:
    """Return the account that is meant and has an address, a username before an address, and whether by its address."""
    found = session.exec(
        select(Account.id, Account.username)
        .join(Person, col(Person.id) == Account.person_id)
        .where(
            col(Account.disabled_at).is_(None),
            col(Person.email).is_not(None),
            or_(col(Account.username) == name, func.lower(col(Person.email)) == name),
        )
        .order_by(case((col(Account.username) == name, 0), else_=1), col(Account.id))
        .limit(1)
    ).first()
    return (found[0], found[1] != name) if found else (None, False)


def list_due_requests(session: Session, now: datetime) -> list[int]:
    """Return the requests for which a letter is to be written now, the oldest first."""
    query = (
        select(PasswordRequest.id)
        .where(
            col(PasswordRequest.ended_at).is_(None),
            PasswordRequest.due_at <= now,
            PasswordRequest.created_at > now - KEPT,
            col(PasswordRequest.account_id).is_not(None),
        )
        .order_by(col(PasswordRequest.id))
    )
    return [number for number in session.exec(query) if number is not None]


def open_request(session: Session, request_id: int, now: datetime, wait: timedelta) -> OpenRequest | None:
    """Count a try, make the link and return what the letter needs; None where it is not its turn, or never will be.

    Earlier links still work: they die once the letter has gone out. An account gets one letter in 15 minutes and five
    a day, so that nobody who asks for others can fill their mailbox or keep their links from working. Whoever else
    asks for this request gets it after ``wait`` for each try before.
    """
    row = session.get(PasswordRequest, request_id, with_for_update=True)
    if row is None or row.account_id is None or row.ended_at is not None or row.due_at > now:
        return None
    # Two requests for one account are looked at one after the other.
    account = lock_account(session, row.account_id)
    person = session.get(Person, account.person_id) if account else None
    if row.by_address and person is not None and person.email:
        _add_others(session, row, person.email, now)
    if account is None or account.disabled_at or person is None or not person.email or _has_letters(session, row, now):
        row.ended_at = now
        session.flush()
        return None
    row.attempts += 1
    row.due_at = now + wait * 2 ** (row.attempts - 1)
    secret = new_value()
    link = PasswordLink(
        account_id=row.account_id, token_hash=hash_value(secret), created_at=now, expires_at=now + MAILED_LIFETIME
    )
    session.add(link)
    session.flush()
    assert link.id is not None
    return OpenRequest(
        request_id, link.id, account.username, person.email, account.language or row.language, secret, now, row.attempts
    )


def _add_others(session: Session, row: PasswordRequest, address: str, now: datetime) -> None:
    """Queue a request for each other account with the same address: an office may share one."""
    others = session.exec(
        select(Account.id)
        .join(Person, col(Person.id) == Account.person_id)
        .where(
            func.lower(col(Person.email)) == address.lower(),
            col(Account.id) != row.account_id,
            col(Account.disabled_at).is_(None),
        )
    ).all()
    row.by_address = False
    for other in others:
        session.add(PasswordRequest(account_id=other, language=row.language, created_at=now, due_at=now))
    session.flush()


def _has_letters(session: Session, row: PasswordRequest, now: datetime) -> bool:
    sent = session.exec(
        select(PasswordRequest.sent_at).where(
            PasswordRequest.account_id == row.account_id, col(PasswordRequest.sent_at) > now - KEPT
        )
    ).all()
    return len(sent) >= TRIES or any(each is not None and each > now - LOCKED_FOR for each in sent)


def close_request(session: Session, opened: OpenRequest, now: datetime) -> None:
    """Note that the letter went out: the links that were made before it work no more."""
    row = session.get_one(PasswordRequest, opened.request_id, with_for_update=True)
    row.sent_at = row.ended_at = now
    session.flush()
    session.execute(
        delete(PasswordLink).where(
            col(PasswordLink.account_id) == row.account_id,
            col(PasswordLink.id) != opened.link_id,
            col(PasswordLink.created_at) <= opened.made_at,
        )
    )
    _audit(session, row, "account.link", now)


def drop_request(session: Session, opened: OpenRequest, now: datetime, *, for_good: bool) -> None:
    """Take the link of a letter that did not go out back; ``for_good``: it is not tried again."""
    session.execute(delete(PasswordLink).where(col(PasswordLink.token_hash) == hash_value(opened.secret)))
    row = session.get_one(PasswordRequest, opened.request_id, with_for_update=True)
    if for_good:
        row.ended_at = now
        _audit(session, row, "account.link-unsent", now)
    session.flush()


def _audit(session: Session, row: PasswordRequest, action: str, now: datetime) -> None:
    account = session.get_one(Account, row.account_id)
    write_audit(session, _ACTOR, action, now, subject=f"person/{account.person_id}")
