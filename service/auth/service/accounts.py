"""Accounts and memberships: who can sign in, and as what."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from service.audit.service import write_audit
from service.auth.models import Account, ApiToken, LoginSession, Membership, PasswordLink, Person, Role
from service.auth.queries import find_account, find_grants, find_person_by_transifex, list_accounts
from service.auth.rules import Grant, Identity, Permission, describe_grants
from service.auth.values import hash_value, new_value
from service.errors import BadInput, NotFound, NotPermitted, Refused

LINK_LIFETIME = timedelta(days=7)

_USERNAME = re.compile(r"[\w.@+-]{1,150}")


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What the creator of an account hands to its owner: the secret part of ``/set-password/{secret}``, shown once."""

    person_id: str
    link_secret: str
    link_expires_at: datetime


@dataclass(frozen=True, slots=True)
class User:
    """One line of the list of users. ``can_sign_in`` is false until a password was set, and once disabled."""

    person_id: str
    username: str
    name: str | None
    transifex_username: str | None
    memberships: tuple[Grant, ...]
    can_sign_in: bool
    disabled_at: datetime | None


def normalise_username(username: str) -> str:
    """Return a username as it is stored: NFKC, small letters, no spaces around, so that nobody passes for another.

    Raises:
        BadInput: it is empty, too long, or holds anything but letters, digits and ``. _ @ + -``.
    """
    clean = unicodedata.normalize("NFKC", username).strip().casefold()
    if not _USERNAME.fullmatch(clean):
        raise BadInput("A username has 1 to 150 letters, digits or the signs . _ @ + - and no spaces.")
    return clean


def create_person_with_account(
    session: Session,
    by: Identity,
    username: str,
    role: Role,
    now: datetime,
    new_id: str,
    *,
    deployment_ids: Sequence[int] | None = None,
    locales: Sequence[str] | None = None,
    transifex_username: str | None = None,
) -> NewAccount:
    """Create an account with its person, memberships, and a one-time link to set the first password.

    Args:
        session: a write transaction.
        by: who creates it; must manage people in every deployment named.
        username: how the person signs in.
        role: the role in each membership.
        now: the time.
        new_id: the person's id, unless the Transifex user is a person here already.
        deployment_ids: the deployments; None for all.
        locales: the locales; None for all.
        transifex_username: who the person is on Transifex.

    Raises:
        BadInput: the username or the locales cannot be.
        NotFound: ``by`` may not see one of the deployments.
        NotPermitted: ``by`` may not manage people there.
        Refused: the username or the Transifex user has an account already.
    """
    clean = normalise_username(username)
    grants = _grants(role, deployment_ids, locales)
    for grant in grants:
        by.require(Permission.PEOPLE_MANAGE, grant.deployment_id)
    person_id = _person_for(session, transifex_username, now, new_id)
    account = Account(person_id=person_id, username=clean, created_at=now)
    session.add(account)
    _flush(session, f"There is a user {clean} already, or that Transifex user has an account: choose another.")
    for grant in grants:
        _add_grant(session, person_id, grant, now)
    _flush(session, "One of these deployments does not exist.")
    link = _new_link(session, account, now)
    write_audit(
        session,
        by.actor,
        "account.create",
        now,
        subject=f"person/{person_id}",
        detail={"memberships": describe_grants(grants)},
    )
    return NewAccount(person_id, link, now + LINK_LIFETIME)


def create_password_link(session: Session, by: Identity, username: str, now: datetime) -> NewAccount:
    """Create a new one-time link for somebody who lost the password; earlier links no longer work.

    Raises:
        NotFound: there is no such user, or ``by`` may not see them.
        NotPermitted: ``by`` may not manage this person.
        Refused: the account is disabled.
    """
    account = require_over(session, by, username)
    if account.disabled_at is not None:
        raise Refused(f"The account {account.username} is disabled: there is no way to sign in with it.")
    link = _new_link(session, account, now)
    write_audit(session, by.actor, "account.link", now, subject=f"person/{account.person_id}")
    return NewAccount(account.person_id, link, now + LINK_LIFETIME)


def add_membership(
    session: Session,
    by: Identity,
    username: str,
    role: Role,
    now: datetime,
    *,
    deployment_id: int | None,
    locales: Sequence[str] | None = None,
) -> None:
    """Give a user a role in one deployment (None: in all); a role they have there takes the new locales.

    Raises:
        BadInput: the list of locales is empty.
        NotFound: there is no such user or deployment, or ``by`` may not see it.
        NotPermitted: ``by`` may not manage people there.
        Refused: the same was done at this moment by somebody else.
    """
    by.require(Permission.PEOPLE_MANAGE, deployment_id)
    account = find_account(session, normalise_username(username))
    if account is None:
        raise _no_user(username)
    (grant,) = _grants(role, None if deployment_id is None else [deployment_id], locales)
    row = _find_membership(session, account.person_id, role, deployment_id)
    if row is None:
        _add_grant(session, account.person_id, grant, now)
    else:
        row.locales = None if grant.locales is None else sorted(grant.locales)
    _flush(session, "There is no such deployment, or the role was given at this moment: look again.")
    _audit_membership(session, by, "membership.add", account, grant, now)


def end_membership(
    session: Session, by: Identity, username: str, role: Role, now: datetime, *, deployment_id: int | None
) -> None:
    """Take a role from a user in one deployment (None: the role for all of them).

    Raises:
        NotFound: there is no such user, deployment or membership, or ``by`` may not see it.
        NotPermitted: ``by`` may not manage people there.
    """
    by.require(Permission.PEOPLE_MANAGE, deployment_id)
    account = find_account(session, normalise_username(username))
    row = _find_membership(session, account.person_id, role, deployment_id) if account else None
    if account is None or row is None:
        raise NotFound(f"There is no user {username} with the role {role.value} there.")
    session.delete(row)
    session.flush()
    _audit_membership(session, by, "membership.end", account, Grant(role, deployment_id), now)


def disable_user(session: Session, by: Identity, username: str, now: datetime) -> None:
    """End every way in of a user at once: password, sessions, tokens, links. What they did stays.

    Raises:
        NotFound: there is no such user, or ``by`` may not see them.
        NotPermitted: ``by`` may not manage this person.
        Refused: it is the own account.
    """
    account = require_over(session, by, username)
    if account.person_id == by.person_id:
        raise Refused("Nobody can disable the own account: ask another administrator.")
    if account.disabled_at is not None:
        return
    account.disabled_at = now
    session.execute(delete(LoginSession).where(col(LoginSession.account_id) == account.id))
    session.execute(delete(PasswordLink).where(col(PasswordLink.account_id) == account.id))
    session.execute(
        update(ApiToken)
        .where(col(ApiToken.person_id) == account.person_id, col(ApiToken.revoked_at).is_(None))
        .values(revoked_at=now)
    )
    session.flush()
    write_audit(session, by.actor, "account.disable", now, subject=f"person/{account.person_id}")


def list_users(session: Session, by: Identity) -> tuple[User, ...]:
    """Return the users that ``by`` may manage somewhere, by username, each with all memberships.

    Raises:
        NotPermitted: ``by`` manages people nowhere.
    """
    if not any(grant.allows(Permission.PEOPLE_MANAGE, None) for grant in by.memberships):
        by.require(Permission.PEOPLE_MANAGE, None)
    rows = list_accounts(session)
    grants = find_grants(session, [person.id for _, person in rows])
    return tuple(
        User(
            person_id=person.id,
            username=account.username,
            name=person.name,
            transifex_username=person.transifex_username,
            memberships=grants[person.id],
            can_sign_in=account.password_hash is not None and account.disabled_at is None,
            disabled_at=account.disabled_at,
        )
        for account, person in rows
        if _manages_somewhere(by, grants[person.id])
    )


def require_over(session: Session, by: Identity, username: str) -> Account:
    """Return the account of a user whom ``by`` may manage everywhere.

    Whoever can hand out a way in for a user can act as that user: so the right is needed in each deployment the user
    is in, not in one of them.

    Raises:
        NotFound: there is no such user, or ``by`` shares no deployment to manage with them.
        NotPermitted: ``by`` manages some of the user's deployments, but not all.
    """
    account = find_account(session, normalise_username(username))
    grants = find_grants(session, [account.person_id])[account.person_id] if account else ()
    if account is None or not _manages_somewhere(by, grants):
        raise _no_user(username)
    if not all(by.may(Permission.PEOPLE_MANAGE, grant.deployment_id) for grant in grants):
        raise NotPermitted(
            f"{account.username} is also a member where you do not manage people: "
            "ask an administrator of all deployments."
        )
    return account


def _manages_somewhere(by: Identity, grants: Sequence[Grant]) -> bool:
    everywhere = by.may(Permission.PEOPLE_MANAGE, None)
    return everywhere or any(by.may(Permission.PEOPLE_MANAGE, grant.deployment_id) for grant in grants)


def _no_user(username: str) -> NotFound:
    return NotFound(f"There is no user {username}, or you may not manage them.")


def _grants(role: Role, deployment_ids: Sequence[int] | None, locales: Sequence[str] | None) -> list[Grant]:
    if locales is not None and not locales:
        raise BadInput("Name at least one locale, or leave them out for all.")
    if deployment_ids is not None and not deployment_ids:
        raise BadInput("Name at least one deployment, or say that the role is for all.")
    wanted = None if locales is None else frozenset(locales)
    targets: list[int | None] = [None] if deployment_ids is None else [*dict.fromkeys(deployment_ids)]
    return [Grant(role, target, wanted) for target in targets]


def _person_for(session: Session, transifex_username: str | None, now: datetime, new_id: str) -> str:
    if transifex_username is not None:
        known = find_person_by_transifex(session, transifex_username)
        if known is not None:
            return known.id
    session.add(Person(id=new_id, transifex_username=transifex_username, created_at=now))
    _flush(session, f"{transifex_username} became a person here at this moment: try again.")
    return new_id


def _add_grant(session: Session, person_id: str, grant: Grant, now: datetime) -> None:
    session.add(
        Membership(
            person_id=person_id,
            deployment_id=grant.deployment_id,
            role=grant.role,
            locales=None if grant.locales is None else sorted(grant.locales),
            created_at=now,
        )
    )


def _find_membership(session: Session, person_id: str, role: Role, deployment_id: int | None) -> Membership | None:
    query = select(Membership).where(
        Membership.person_id == person_id,
        Membership.role == role,
        col(Membership.deployment_id).is_not_distinct_from(deployment_id),
    )
    return session.exec(query).first()


def _new_link(session: Session, account: Account, now: datetime) -> str:
    session.execute(delete(PasswordLink).where(col(PasswordLink.account_id) == account.id))
    secret = new_value()
    assert account.id is not None
    session.add(
        PasswordLink(
            account_id=account.id, token_hash=hash_value(secret), created_at=now, expires_at=now + LINK_LIFETIME
        )
    )
    session.flush()
    return secret


def _audit_membership(
    session: Session, by: Identity, action: str, account: Account, grant: Grant, now: datetime
) -> None:
    write_audit(
        session,
        by.actor,
        action,
        now,
        deployment_id=grant.deployment_id,
        subject=f"person/{account.person_id}",
        detail={"memberships": describe_grants([grant])},
    )


def _flush(session: Session, sentence: str) -> None:
    try:
        session.flush()
    except IntegrityError as error:
        raise Refused(sentence) from error
