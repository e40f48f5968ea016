"""Asking for a link by letter: whoever is named, the answer and the work are the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event
from sqlmodel import col, select

from service.auth.models import Account, PasswordLink, PasswordRequest, Person
from service.auth.service.forgotten import CALLER_TRIES, KEPT, network_of
from service.auth.service.sessions import TRIES
from service.db import Database
from service.web.resources import Resources
from tests.support.browsing import SAME_ORIGIN, form_token
from tests.support.people import MovableClock, UserMaker

PATH = "/forgotten-password"
NAMES = (
    "amina", "Amina ", "AMINA@example.org", "nobody", "nobody@example.org", "leila", "disabled", "disabled@example.org",
    "\N{FULLWIDTH LATIN SMALL LETTER A}mina", "' OR 1=1 --", "x" * 5000, "أمينة",
)  # fmt: skip


@pytest.fixture
def people(make_user: UserMaker, database: Database, clock: MovableClock) -> dict[str, int]:
    """amina with an address, leila without one, and somebody whose account was disabled; their accounts."""
    addresses = {"amina": "Amina@Example.org", "leila": None, "disabled": "disabled@example.org"}
    for name in addresses:
        make_user("reviewer", username=name, password_hash="x")
    with database.write() as session:
        accounts = {account.username: account for account in session.exec(select(Account))}
        for name, address in addresses.items():
            session.get_one(Person, accounts[name].person_id).email = address
        accounts["disabled"].disabled_at = clock()
        return {name: account.id or 0 for name, account in accounts.items()}


@pytest.fixture
def mailing(resources: Resources, client: TestClient) -> TestClient:
    """A client of a service that has a mail server."""
    settings = resources.settings.model_copy(update={"smtp_url": "smtp://127.0.0.1:1", "mail_from": "b@example.org"})
    object.__setattr__(resources, "settings", settings)
    return client


def ask(client: TestClient, name: str, **headers: str) -> Any:
    """Open the form and send it."""
    page = client.get(PATH, headers=SAME_ORIGIN)
    form = {"form_token": form_token(page.text), "asked": name}
    return client.post(PATH, data=form, headers={**SAME_ORIGIN, **headers})


def rows(database: Database) -> list[PasswordRequest]:
    """Return the requests."""
    with database.read() as session:
        return list(session.exec(select(PasswordRequest).order_by(col(PasswordRequest.id))))


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """Hear every statement that the database gets, as it is written, without its values."""
    heard: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        heard.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield heard
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def test_nobody_learns_who_exists(
    mailing: TestClient, database: Database, people: dict[str, int], clock: MovableClock
) -> None:
    """Each name gets the same answer, for the same statements, and leaves one row that looks the same."""
    answers, work = set(), set()
    for name in NAMES:
        page = mailing.get(PATH, headers=SAME_ORIGIN)
        form = {"form_token": form_token(page.text), "asked": name}
        with statements(database) as heard:
            answer = mailing.post(PATH, data=form, headers=SAME_ORIGIN)
        headers = {key: value for key, value in answer.headers.items() if key != "x-request-id"}
        answers.add((answer.status_code, answer.text, tuple(sorted(headers.items()))))
        work.add(tuple(heard))
        clock.move(minutes=16)
    assert len(answers) == 1
    assert len(work) == 1
    assert answers.pop()[0] == 303
    made = rows(database)
    assert [row.account_id for row in made] == [people["amina"]] * 3 + [None] * 5 + [people["amina"]] + [None] * 3
    assert {len(row.name_hash) for row in made} == {64}
    assert mailing.get(f"{PATH}?sent=true").text.count("a letter is on its way") == 1


def test_what_was_asked_is_not_kept(mailing: TestClient, database: Database, people: dict[str, int]) -> None:
    """Neither the name nor the network stands in the row; the same ones make the same hashes, others others."""
    for name in ("amina", "Amina", "nobody"):
        ask(mailing, name)
    first, second, third = rows(database)
    assert first.name_hash == second.name_hash != third.name_hash
    assert first.caller_hash == third.caller_hash != first.name_hash
    assert "amina" not in repr([row.model_dump() for row in rows(database)])


def test_a_name_rests_after_five(
    mailing: TestClient, database: Database, people: dict[str, int], clock: MovableClock
) -> None:
    """The sixth within 15 minutes is answered as the others and queues nothing; a quarter of an hour later it does."""
    answers = {ask(mailing, "amina").headers["location"] for _ in range(TRIES + 1)}
    assert answers == {f"{PATH}?sent=true"}
    assert [row.account_id for row in rows(database)] == [people["amina"]] * TRIES + [None]
    clock.move(minutes=16)
    ask(mailing, "amina")
    assert rows(database)[-1].account_id == people["amina"]


def test_a_network_rests_for_everybody(
    mailing: TestClient, database: Database, people: dict[str, int], clock: MovableClock
) -> None:
    """Whoever asks for too many names is told so, the same for one that exists as for one that does not."""
    for number in range(CALLER_TRIES):
        assert ask(mailing, f"nobody-{number}").status_code == 303
    known, unknown = ask(mailing, "amina"), ask(mailing, "nobody")
    assert known.status_code == unknown.status_code == 429
    assert known.headers["retry-after"] == "900"
    hide = re.compile(r'value="[^"]*"|[0-9a-f]{8}-[0-9a-f-]{27}')
    assert hide.sub("", known.text) == hide.sub("", unknown.text)
    assert len(rows(database)) == CALLER_TRIES
    clock.move(minutes=16)
    assert ask(mailing, "amina").status_code == 303


def test_requests_are_forgotten_after_a_day(
    mailing: TestClient, database: Database, people: dict[str, int], clock: MovableClock
) -> None:
    """The next one takes them away."""
    ask(mailing, "amina")
    clock.move(days=KEPT.days)
    ask(mailing, "nobody")
    assert [row.account_id for row in rows(database)] == [None]


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2::9", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_who_counts_as_one_caller(host: str, network: str) -> None:
    """One address of the old kind, one network of the new: there everybody has as many addresses as they like."""
    assert network_of(host) == network


def test_a_form_of_another_page_is_refused(mailing: TestClient, database: Database, people: dict[str, int]) -> None:
    """Without the token of this browser, and from another site, nothing is asked."""
    assert mailing.post(PATH, data={"asked": "amina"}, headers=SAME_ORIGIN).status_code == 403
    mailing.get(PATH)
    assert mailing.post(PATH, data={"asked": "amina", "form_token": "x"}, headers=SAME_ORIGIN).status_code == 403
    page = mailing.get(PATH)
    form = {"asked": "amina", "form_token": form_token(page.text)}
    assert mailing.post(PATH, data=form, headers={"Origin": "https://evil.example"}).status_code == 403
    assert rows(database) == []


def test_nothing_named_is_said_on_the_form(mailing: TestClient, database: Database) -> None:
    """An empty field is explained where it stands."""
    answer = ask(mailing, "  ")
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert "Write your username" in answer.text
    assert rows(database) == []


def test_without_a_mail_server_the_page_says_whom_to_ask(
    client: TestClient, database: Database, people: dict[str, int]
) -> None:
    """There is no form, and a form that is sent all the same does nothing."""
    page = client.get(PATH, headers=SAME_ORIGIN)
    assert "Whoever gave you your account can make you a link" in page.text
    assert 'name="asked"' not in page.text
    client.get("/login", headers=SAME_ORIGIN)
    token = client.cookies["bridge_browser"]
    answer = client.post(PATH, data={"asked": "amina", "form_token": token}, headers=SAME_ORIGIN)
    assert answer.status_code == 200
    assert "ask them, or an administrator" in answer.text
    assert rows(database) == []


def test_the_way_there(client: TestClient) -> None:
    """The page to sign in and the page of a dead link lead to it."""
    assert f'href="{PATH}"' in client.get("/login").text
    assert f'href="{PATH}"' in client.get("/set-password/never-was-one").text


def test_nothing_is_made_by_asking(mailing: TestClient, database: Database, people: dict[str, int]) -> None:
    """The page itself makes no link: that is done where the letter is written."""
    ask(mailing, "amina")
    with database.read() as session:
        assert session.exec(select(PasswordLink)).all() == []
