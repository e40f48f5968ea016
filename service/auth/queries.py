"""Reading accounts, sessions and tokens."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session, col, or_, select

from service.audit.service import Actor
from service.auth.models import Account, ApiToken, LoginSession, Membership, PasswordLink, Person, Role
from service.auth.rules import Grant, Identity, Permission


def grant_of(row: Membership) -> Grant:
    """Return a row of memberships as the rules see it."""
    return Grant(row.role, row.deployment_id, None if row.locales is None else frozenset(row.locales))


def find_grants(session: Session, person_ids: Iterable[str]) -> dict[str, tuple[Grant, ...]]:
    """Return the memberships of each person, the oldest first."""
    wanted = list(person_ids)
    found: dict[str, list[Grant]] = {person_id: [] for person_id in wanted}
    query = select(Membership).where(col(Membership.person_id).in_(wanted)).order_by(col(Membership.id))
    for row in session.exec(query):
        found[row.person_id].append(grant_of(row))
    return {person_id: tuple(grants) for person_id, grants in found.items()}


def find_reviewer_grants(session: Session, deployment_id: int) -> dict[str, tuple[Grant, ...]]:
    """Return by person the memberships as reviewer that count in a deployment, of those whose account is in use."""
    return find_role_grants(session, deployment_id, Role.REVIEWER)


def find_role_grants(session: Session, deployment_id: int, role: Role) -> dict[str, tuple[Grant, ...]]:
    """Return by person the memberships with a role that count in a deployment, of those whose account is in use."""
    query = (
        select(Membership)
        .join(Account, col(Account.person_id) == Membership.person_id)
        .where(
            Membership.role == role,
            or_(col(Membership.deployment_id) == deployment_id, col(Membership.deployment_id).is_(None)),
            col(Account.disabled_at).is_(None),
        )
        .order_by(col(Membership.id))
    )
    found: dict[str, tuple[Grant, ...]] = {}
    for row in session.exec(query):
        found[row.person_id] = (*found.get(row.person_id, ()), grant_of(row))
    return found


def find_languages(session: Session, person_ids: Iterable[str]) -> dict[str, str]:
    """Return by person the language that they last read the pages in, of those who did."""
    query = select(Account.person_id, Account.language).where(
        col(Account.person_id).in_(list(person_ids)), col(Account.language).is_not(None)
    )
    return {person: language for person, language in session.exec(query) if language}


def find_account(session: Session, username: str) -> Account | None:
    """Return the account with this username (as stored: see ``normalise_username``), or None."""
    return session.exec(select(Account).where(Account.username == username)).first()


def lock_account(session: Session, account_id: int) -> Account | None:
    """Return the account as it is now, locked against others until the transaction ends, or None."""
    query = select(Account).where(Account.id == account_id).with_for_update()
    return session.exec(query.execution_options(populate_existing=True)).first()


def load_identity(session: Session, account: Account) -> Identity:
    """Return whom an account stands for and what that person may do."""
    grants = find_grants(session, [account.person_id])[account.person_id]
    return Identity(Actor(account.username, account.person_id), account.person_id, grants)


def find_token(session: Session, token_hash: str) -> tuple[ApiToken, Account] | None:
    """Return a token that was not revoked, of an account that was not disabled, or None."""
    query = (
        select(ApiToken, Account)
        .join(Account, col(Account.person_id) == ApiToken.person_id)
        .where(
            ApiToken.token_hash == token_hash,
            col(ApiToken.revoked_at).is_(None),
            col(Account.disabled_at).is_(None),
        )
    )
    return session.exec(query).first()


def find_login(
    session: Session, token_hash: str, now: datetime, idle_since: datetime
) -> tuple[LoginSession, Account] | None:
    """Return a session that has neither ended nor idled too long, of an account that was not disabled, or None."""
    query = (
        select(LoginSession, Account)
        .join(Account, col(Account.id) == LoginSession.account_id)
        .where(
            LoginSession.token_hash == token_hash,
            LoginSession.expires_at > now,
            LoginSession.last_seen_at > idle_since,
            col(Account.disabled_at).is_(None),
        )
    )
    return session.exec(query).first()


def find_password_link(session: Session, token_hash: str, now: datetime) -> tuple[PasswordLink, Account] | None:
    """Return a link that was not used and has not expired, of an account that was not disabled, or None."""
    query = (
        select(PasswordLink, Account)
        .join(Account, col(Account.id) == PasswordLink.account_id)
        .where(
            PasswordLink.token_hash == token_hash,
            PasswordLink.expires_at > now,
            col(PasswordLink.used_at).is_(None),
            col(Account.disabled_at).is_(None),
        )
    )
    return session.exec(query).first()


def find_person_by_transifex(session: Session, username: str) -> Person | None:
    """Return the person with this Transifex username, or None."""
    return session.exec(select(Person).where(Person.transifex_username == username)).first()


def list_persons_who_may(
    session: Session, permission: Permission, deployment_id: int, locale: str
) -> list[tuple[str, str]]:
    """Return id and name (else username) of each person with an account who may do this there, by name."""
    rows = [(account, person) for account, person in list_accounts(session) if account.disabled_at is None]
    grants = find_grants(session, [person.id for _, person in rows])
    found = [
        (person.id, person.name or account.username)
        for account, person in rows
        if Identity(Actor(account.username, person.id), person.id, grants[person.id]).may(
            permission, deployment_id, locale
        )
    ]
    return sorted(found, key=lambda each: each[1].casefold())


def list_accounts(session: Session) -> list[tuple[Account, Person]]:
    """Return every account with its person, by username."""
    query = select(Account, Person).join(Person, col(Person.id) == Account.person_id).order_by(Account.username)
    return list(session.exec(query))
