"""Primero servers are added, tried, changed and forgotten on the pages, without JavaScript."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlmodel import select

from service.audit.models import AuditEntry
from service.primero.models import PrimeroInstance
from tests.support.primero import PASSWORD, URL, USER
from tests.support.released import D

if TYPE_CHECKING:
    from tests.support.browsing import Browser
    from tests.support.released import Released

SERVERS = f"{D}/instances"
FORM = {"name": "second", "url": URL, "user": USER, "password": PASSWORD, "sign_in": "basic", "training": "false"}


def _row(lakes: Released, name: str = "second") -> PrimeroInstance:
    with lakes.resources.database.read() as session:
        return session.exec(select(PrimeroInstance).where(PrimeroInstance.name == name)).one()


def test_a_server_is_added_tried_changed_and_forgotten(lakes: Released) -> None:
    """Each step says what comes next; the password is kept encrypted and stands on no page and in no audit."""
    lakes.release()
    lakes.sandbox.requests.clear()
    engineer = lakes.browser()
    assert "Add a Primero server" in engineer.get(SERVERS).text
    answer = engineer.post(SERVERS, FORM)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{SERVERS}/second")
    page = engineer.get(f"{SERVERS}/second").text
    assert "Nobody tried the sign-in yet" in page
    assert lakes.sandbox.requests == []
    row = _row(lakes)
    assert (row.training, lakes.resources.secrets.decrypt(row.secret)) == (False, PASSWORD)

    answer = engineer.post(f"{SERVERS}/second/check")
    assert answer.headers["location"] == f"{SERVERS}/second?watch=1"
    assert "Trying the sign-in" in engineer.get(f"{SERVERS}/second?watch=1").text
    lakes.work()
    page = engineer.get(f"{SERVERS}/second").text
    assert "language is English." in page
    assert "Its role manages forms and lists." in page
    assert "Not enabled there, and so not given:</strong> " in page
    assert "Kurdish" in page.partition("so not given:")[2].partition("</li>")[0]
    assert {method for method, _ in lakes.sandbox.requests} == {"GET"}

    page = engineer.get(f"{SERVERS}/second/change").text
    assert f'value="{URL}"' in page
    changed = {**FORM, "training": "true", "password": "", "url": f"{URL}/"}
    assert engineer.post(f"{SERVERS}/second/change", changed).status_code == 303
    assert (_row(lakes).training, lakes.resources.secrets.decrypt(_row(lakes).secret)) == (True, PASSWORD)
    assert "Nobody tried" not in engineer.get(f"{SERVERS}/second").text
    with_password = {**FORM, "training": "true"}
    assert engineer.post(f"{SERVERS}/second/change", with_password).status_code == 303
    assert "Nobody tried the sign-in yet, or it was changed since." in engineer.get(f"{SERVERS}/second").text
    moved = {**FORM, "url": "https://other.example.org", "password": "another secret"}
    assert engineer.post(f"{SERVERS}/second/change", moved).status_code == 303
    page = engineer.get(f"{SERVERS}/second").text
    assert "https://other.example.org" in page
    assert "Nobody tried the sign-in yet, or it was changed since." in page

    assert engineer.post(f"{SERVERS}/second/remove").status_code == 422
    answer = engineer.post(f"{SERVERS}/second/remove", {"sure": "true"})
    assert answer.headers["location"] == SERVERS
    assert (_row(lakes).secret, engineer.get(f"{SERVERS}/second").status_code) == ("", 404)
    with lakes.resources.database.read() as session:
        entries = session.exec(select(AuditEntry).where(AuditEntry.subject == "second")).all()
    assert [(entry.action, entry.person_id) for entry in entries] == [
        (f"instance.{what}", engineer.person_id) for what in ("add", "change", "change", "change", "remove")
    ]
    assert all(secret not in str([entry.detail for entry in entries]) for secret in (PASSWORD, "another secret"))


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"name": "Second Server"}, "small letters, digits and hyphens"),
        ({"name": "main"}, "There is a Primero server of this name already"),
        ({"url": "http://primero.example.org"}, "use https"),
        ({"url": "primero"}, "is not an address"),
        ({"url": "https://bridge:word@primero.example.org"}, "no user name"),
        ({"user": ""}, "Name the service account."),
        ({"password": ""}, "Give the password of the account, or the token."),
        ({"password": "x" * 10_001}, "longer than 10,000 characters"),
        ({"sign_in": "smoke"}, "Choose how the service signs in."),
    ],
)
def test_what_cannot_be_is_said_beside_what_was_typed(lakes: Released, typed: dict[str, str], words: str) -> None:
    """The form comes back with everything in it but the password."""
    specialist = lakes.browser("specialist")
    answer = specialist.post(SERVERS, {**FORM, **typed})
    assert answer.status_code in (409, 422)
    assert words in answer.text
    assert f'value="{({**FORM, **typed})["name"]}"' in answer.text
    password = ({**FORM, **typed})["password"]
    assert not password or f'value="{password}"' not in answer.text
    with lakes.resources.database.read() as session:
        assert [row.name for row in session.exec(select(PrimeroInstance))] == ["main"]


def test_a_password_goes_to_no_other_address(lakes: Released) -> None:
    """Another address without a password is refused, and what was typed stands there still."""
    engineer = lakes.browser()
    typed = {**FORM, "url": "https://elsewhere.example.org", "password": ""}
    answer = engineer.post(f"{SERVERS}/main/change", typed)
    assert answer.status_code == 422
    assert "the old one is not sent to another server" in answer.text
    assert 'value="https://elsewhere.example.org"' in answer.text
    assert _row(lakes, "main").url == URL


def test_a_refused_password_is_said_with_the_way_on(lakes: Released) -> None:
    """It is sent once; the pages lead to where the right one is given, and giving it lets it be tried again."""
    lakes.sandbox.accounts.get(USER).password = "changed there"
    engineer = lakes.browser()
    engineer.post(f"{SERVERS}/main/check")
    lakes.work()
    sent = len(lakes.sandbox.requests)
    page = engineer.get(f"{SERVERS}/main").text
    assert "it was not tried again" in page
    assert "give the right one" in page
    assert f'href="{SERVERS}/main/change"' in engineer.get(SERVERS).text
    engineer.post(f"{SERVERS}/main/check")
    lakes.work()
    assert len(lakes.sandbox.requests) == sent
    engineer.post(f"{SERVERS}/main/change", {**FORM, "password": "", "training": "true"})
    assert (_row(lakes, "main").training, _row(lakes, "main").refused_at is None) == (True, False)
    engineer.post(f"{SERVERS}/main/change", {**FORM, "password": "changed there"})
    engineer.post(f"{SERVERS}/main/check")
    lakes.work()
    assert "language is English." in engineer.get(f"{SERVERS}/main").text


@pytest.mark.parametrize("role", ["reviewer", "observer"])
def test_others_see_the_servers_and_no_forms(lakes: Released, role: str) -> None:
    """Whoever may not change them is not shown how."""
    member: Browser = lakes.browser(role)
    assert "Add a Primero server" not in member.get(SERVERS).text
    page = member.get(f"{SERVERS}/main").text
    assert "/change" not in page
    assert "What an apply would meet" not in page
