"""Where messages to people who sign in go: said by whoever manages them, or by themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from sqlmodel import select

from service.audit.models import AuditEntry
from service.auth.models import Person
from service.auth.queries import find_languages
from service.errors import BadInput, NotFound
from service.home.commands import people
from tests.support.commands import make_say

if TYPE_CHECKING:
    from service.db import Database
    from service.web.resources import Resources
    from tests.support.browsing import Browser
    from tests.support.people import MovableClock, UserMaker


def test_people_say_where_messages_go(make_browser: Callable[..., Browser], database: Database) -> None:
    """What is no address is refused; nobody else reads it in the audit; left empty there is none."""
    mine = make_browser("reviewer")
    assert mine.post("/account/address", {"address": "amal@example.org"}).status_code == 303
    assert 'value="amal@example.org"' in mine.get("/account").text
    assert mine.post("/account/address", {"address": "amal, omar@example.org"}).status_code == 422
    with database.read() as session:
        (entry,) = session.exec(select(AuditEntry).where(AuditEntry.action == "person.address")).all()
    assert "amal@" not in repr(entry)
    mine.post("/account/address", {"address": " "})
    with database.read() as session:
        assert [person.email for person in session.exec(select(Person))] == [None]


def test_the_language_of_the_pages_is_noted(
    make_browser: Callable[..., Browser], database: Database, clock: MovableClock
) -> None:
    """As it was last read, so that messages come in it."""
    mine = make_browser("reviewer")
    found = []
    for language in ("ar", "fr"):
        clock.move(minutes=2)
        mine.client.get("/account", headers={"Accept-Language": language})
        with database.read() as session:
            found.append(find_languages(session, [mine.person_id]))
    assert found == [{mine.person_id: "ar"}, {mine.person_id: "fr"}]


def test_whoever_manages_people_says_it_for_them(
    resources: Resources, make_user: UserMaker, make_deployment: Callable[..., int]
) -> None:
    """When they are added, or later; a specialist may not."""
    deployment = make_deployment()
    say = make_say(resources, make_user, deployment, people.mount)
    say("user", "add", "amal", "--role", "reviewer", "--address", "amal@example.org")
    assert _addresses(resources) == ["amal@example.org"]
    say("user", "address", "amal", "a@example.org")
    with pytest.raises(BadInput, match="no e-mail address"):
        say("user", "address", "amal", "nowhere")
    with pytest.raises(NotFound):
        say("user", "address", "amal", "b@example.org", role="specialist")
    assert _addresses(resources) == ["a@example.org"]
    assert say("user", "address", "amal", "", plain=True).strip() == "amal gets no messages"
    assert _addresses(resources) == []


def _addresses(resources: Resources) -> list[str]:
    with resources.database.read() as session:
        return [address for address in session.exec(select(Person.email)) if address]
