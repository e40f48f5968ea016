"""A person's own account: where one is signed in, and signing out elsewhere."""

from collections.abc import Callable

from sqlmodel import select

from service.auth.models import Account, LoginSession
from service.auth.service import new_session
from service.db import Database
from tests.support.browsing import Browser
from tests.support.people import MovableClock

PHONE = "Mozilla/5.0 (Android 14; Mobile; rv:131.0) Gecko/131.0 Firefox/131.0"


def test_one_sees_where_one_is_signed_in_and_ends_it(
    make_browser: Callable[..., Browser], database: Database, clock: MovableClock
) -> None:
    """Another browser is listed and can be signed out from here; this one stays."""
    here = make_browser("observer")
    with database.write() as session:
        account = session.exec(select(Account)).one()
        new_session(session, account, clock(), user_agent=PHONE)
        new_session(session, account, clock(), user_agent="<b>Café</b>")
    page = here.get("/account").text
    assert "Firefox on Android" in page
    assert "Café" not in page
    assert "this browser" in page
    with database.read() as session:
        phone = session.exec(select(LoginSession.id).where(LoginSession.user_agent == PHONE)).one()
    assert here.post("/account/sessions", {"session": str(phone)}).status_code == 303
    page = here.get("/account").text
    assert "Firefox on Android" not in page
    assert page.count("Unknown browser") == 2
    here.post("/account/sessions")
    page = here.get("/account").text
    assert page.count("Unknown browser") == 1
    assert "this browser" in page


def test_nobody_ends_the_sessions_of_others(make_browser: Callable[..., Browser], database: Database) -> None:
    """A session of another person is not found."""
    mine, theirs = make_browser("administrator"), make_browser("observer")
    with database.read() as session:
        number = max(found for found in session.exec(select(LoginSession.id)) if found is not None)
    assert mine.post("/account/sessions", {"session": str(number)}).status_code == 404
    assert theirs.get("/account").status_code == 200


def test_a_session_that_idled_out_is_not_listed(
    make_browser: Callable[..., Browser], database: Database, clock: MovableClock
) -> None:
    """What ended by itself is not shown as signed in."""
    here = make_browser("observer")
    with database.write() as session:
        new_session(session, session.exec(select(Account)).one(), clock(), user_agent=PHONE)
        row = session.exec(select(LoginSession).where(LoginSession.user_agent == PHONE)).one()
        row.expires_at = clock()
        session.add(row)
    assert "Firefox on Android" not in here.get("/account").text
