"""Signing in with a password, and what a session lives through."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlmodel import select

from service.audit.models import AuditEntry
from service.auth import passwords
from service.auth.models import Account, LoginSession, Role
from service.auth.passwords import check_new_password, hash_password, matches
from service.auth.rules import operator
from service.auth.service import (
    check_password_link,
    create_password_link,
    create_person_with_account,
    disable_user,
    find_session,
    set_password_by_link,
    sign_in,
    sign_out,
    touch_session,
)
from service.db import Database
from service.errors import BadInput, Refused
from tests.support.people import MovableClock

HOST = operator("test")
PASSWORD = "four plain words here"
PERSON = "20000000-0000-4000-8000-000000000001"


@pytest.fixture
def link(database: Database, clock: MovableClock) -> str:
    """The secret of amina's first link."""
    with database.write() as session:
        return create_person_with_account(session, HOST, "amina", Role.REVIEWER, clock(), PERSON).link_secret


@pytest.fixture
def amina(database: Database, clock: MovableClock, link: str) -> str:
    """A user with the password PASSWORD."""
    with database.write() as session:
        return set_password_by_link(session, link, PASSWORD, clock())


def valid(database: Database, value: str, clock: MovableClock) -> bool:
    with database.read() as session:
        return find_session(session, value, clock()) is not None


def test_the_right_password_starts_a_session(database: Database, clock: MovableClock, amina: str) -> None:
    """The cookie's value leads to the person; only its hash is kept."""
    started = sign_in(database, amina, PASSWORD, clock(), user_agent="x" * 1000)
    assert started is not None
    with database.read() as session:
        login = find_session(session, started.value, clock())
        row = session.exec(select(LoginSession)).one()
    assert login is not None
    assert login.identity.person_id == PERSON
    assert started.value not in str(row)
    assert len(row.user_agent) == 300
    assert len(login.form_secret) >= 32


@pytest.mark.parametrize(
    ("username", "password"),
    [("amina", "wrong password"), ("amina", ""), ("nobody", PASSWORD), ("not a username", PASSWORD), ("", "")],
)
def test_everything_else_does_not(
    database: Database, clock: MovableClock, amina: str, username: str, password: str
) -> None:
    """A wrong password and an unknown or impossible username give the same nothing."""
    assert sign_in(database, username, password, clock()) is None


def test_no_password_yet(database: Database, clock: MovableClock, link: str) -> None:
    """Before the first password is set nobody can sign in, not even with an empty one."""
    assert sign_in(database, "amina", "", clock()) is None


def test_unknown_users_cost_the_same_work(database: Database, clock: MovableClock, amina: str) -> None:
    """For an unknown user a password is compared as for a known one: both take the time of one comparison."""
    matches("warm up", None)
    hasher = passwords._hasher()
    kept = hasher.hashers
    for username in (amina, "nobody"):
        counting = CountingHasher(kept[0])
        hasher.hashers = [counting]  # type: ignore[list-item]
        try:
            assert sign_in(database, username, "wrong password", clock()) is None
        finally:
            hasher.hashers = kept
        assert counting.compared == 1


class CountingHasher:
    """Compares as the real one does, and counts."""

    def __init__(self, inner: Any) -> None:
        self.inner, self.compared = inner, 0

    def identify(self, stored: str) -> bool:
        return bool(self.inner.identify(stored))

    def verify(self, password: str, stored: str) -> bool:
        self.compared += 1
        return bool(self.inner.verify(password, stored))


def test_five_wrong_tries_rest_the_account(database: Database, clock: MovableClock, amina: str) -> None:
    """After five wrong tries even the right password fails for 15 minutes, then works again; it is in the audit."""
    for _ in range(4):
        assert sign_in(database, amina, "wrong password", clock()) is None
    assert sign_in(database, amina, PASSWORD, clock()) is not None, "four wrong tries do not lock, a right one clears"
    for _ in range(5):
        assert sign_in(database, amina, "wrong password", clock()) is None
    clock.move(minutes=14, seconds=59)
    assert sign_in(database, amina, PASSWORD, clock()) is None
    clock.move(seconds=1)
    assert sign_in(database, amina, PASSWORD, clock()) is not None
    with database.read() as session:
        entries = session.exec(select(AuditEntry).where(AuditEntry.action == "account.lock")).all()
    assert [(entry.actor, entry.subject) for entry in entries] == [("sign-in", f"person/{PERSON}")]


def test_tries_at_once_are_all_counted(database: Database, clock: MovableClock, amina: str) -> None:
    """Guessing in parallel gains nothing: five wrong tries at the same moment lock as five in a row do."""
    with ThreadPoolExecutor(5) as pool:
        list(pool.map(lambda _: sign_in(database, amina, "wrong password", clock()), range(5)))
    assert sign_in(database, amina, PASSWORD, clock()) is None
    with database.read() as session:
        assert session.exec(select(Account)).one().locked_until is not None


def test_a_session_ends_after_twelve_hours(database: Database, clock: MovableClock, amina: str) -> None:
    """However busy, a session is over after twelve hours."""
    started = sign_in(database, amina, PASSWORD, clock())
    assert started is not None
    for _ in range(11):
        clock.move(hours=1)
        with database.write() as session:
            login = find_session(session, started.value, clock())
            assert login is not None
            assert login.touch
            touch_session(session, login.session_id, clock(), language="ar")
    clock.move(minutes=59, seconds=59)
    assert valid(database, started.value, clock)
    clock.move(seconds=1)
    assert not valid(database, started.value, clock)


def test_an_idle_session_ends_after_two_hours(database: Database, clock: MovableClock, amina: str) -> None:
    """A browser left alone is signed out after two hours."""
    started = sign_in(database, amina, PASSWORD, clock())
    assert started is not None
    clock.move(hours=1, minutes=59)
    assert valid(database, started.value, clock)
    clock.move(minutes=1)
    assert not valid(database, started.value, clock)


def test_signing_out_ends_one_session(database: Database, clock: MovableClock, amina: str) -> None:
    """Signing out ends the session of this browser, not that of another one."""
    one, two = sign_in(database, amina, PASSWORD, clock()), sign_in(database, amina, PASSWORD, clock())
    assert one is not None
    assert two is not None
    for value in (one.value, one.value, "unknown"):
        with database.write() as session:
            sign_out(session, value, clock())
    assert not valid(database, one.value, clock)
    assert valid(database, two.value, clock)


def test_a_new_password_ends_sessions_and_rest(database: Database, clock: MovableClock, amina: str) -> None:
    """Setting a new password by a link signs every browser out and wakes a resting account."""
    started = sign_in(database, amina, PASSWORD, clock())
    assert started is not None
    for _ in range(5):
        sign_in(database, amina, "wrong password", clock())
    with database.write() as session:
        secret = create_password_link(session, HOST, amina, clock()).link_secret
        set_password_by_link(session, secret, "five other plain words here", clock())
    assert not valid(database, started.value, clock)
    assert sign_in(database, amina, PASSWORD, clock()) is None
    assert sign_in(database, amina, "five other plain words here", clock()) is not None


def test_disabled_users_have_no_session(database: Database, clock: MovableClock, amina: str) -> None:
    """Disabling a user ends the sessions at once."""
    started = sign_in(database, amina, PASSWORD, clock())
    assert started is not None
    with database.write() as session:
        disable_user(session, HOST, amina, clock())
    assert not valid(database, started.value, clock)


def test_old_sessions_are_cleared(database: Database, clock: MovableClock, amina: str) -> None:
    """Sessions that are over leave the database with the next sign-in."""
    for _ in range(2):
        sign_in(database, amina, PASSWORD, clock())
    clock.move(hours=12)
    sign_in(database, amina, PASSWORD, clock())
    with database.read() as session:
        assert len(session.exec(select(LoginSession)).all()) == 1


def test_a_link_works_once_for_seven_days(database: Database, clock: MovableClock, link: str) -> None:
    """A link works until its seven days are over, and once."""
    clock.move(days=6, hours=23, minutes=59)
    with database.write() as session:
        assert check_password_link(session, link, clock()) == "amina"
        set_password_by_link(session, link, PASSWORD, clock())
    with pytest.raises(Refused, match="was used or has expired"), database.read() as session:
        check_password_link(session, link, clock())
    with database.write() as session:
        second = create_password_link(session, HOST, "amina", clock()).link_secret
    clock.move(days=7)
    with pytest.raises(Refused, match="was used or has expired"), database.write() as session:
        set_password_by_link(session, second, PASSWORD, clock())


def test_a_refused_password_leaves_the_link(database: Database, clock: MovableClock, link: str) -> None:
    """Who types a password that is too short may try again with the same link."""
    with pytest.raises(BadInput), database.write() as session:
        set_password_by_link(session, link, "short", clock())
    with database.write() as session:
        set_password_by_link(session, link, PASSWORD, clock())


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("elevenchars", "too short"),
        ("x" * 501, "too long"),
        ("ababababababab", "repeats"),
        ("my name is AMINA", "holds the username"),
    ],
)
def test_passwords_that_are_too_easy(password: str, sentence: str) -> None:
    """A password that is easily guessed is refused with what is wrong with it."""
    with pytest.raises(BadInput, match=sentence):
        check_new_password(password, "amina")


def test_passwords_may_be_of_any_script() -> None:
    """Twelve letters of any script do, composed by one keyboard or typed letter by letter by another."""
    check_new_password("كلمة سر طويلة", "amina")
    assert matches("cafe\u0301 au lait!", hash_password("caf\u00e9 au lait!"))
    assert not matches("cafe au lait!", hash_password("caf\u00e9 au lait!"))
