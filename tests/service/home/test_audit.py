"""The audit by command, API and page: who sees what, what is found, and what its proof says."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlmodel import col, select

from service.audit.models import AuditEntry
from service.audit.service import Actor, write_audit
from service.auth.models import Person
from service.errors import BadInput, NotFound, NotPermitted
from service.home.commands import audit
from tests.service.audit.test_chain import tamper
from tests.support.commands import make_say

if TYPE_CHECKING:
    from service.web.resources import Resources
    from tests.service.home.conftest import Api
    from tests.support.browsing import Browser
    from tests.support.commands import Say
    from tests.support.people import UserMaker


@pytest.fixture
def say(api: Api, resources: Resources, make_user: UserMaker) -> Say:
    """Run a command as a user of ``iraq``, or as the operator."""
    return make_say(resources, make_user, api.ids["iraq"], audit.mount)


def note(api: Api, action: str, *, by: str | None = None, slug: str | None = None, **values: Any) -> None:
    """Write one entry."""
    with api.database.write() as session:
        actor = Actor("x", by) if by else Actor("worker")
        write_audit(session, actor, action, api.clock(), deployment_id=api.ids[slug] if slug else None, **values)


def test_a_specialist_sees_the_own_deployments_alone(api: Api) -> None:
    """Entries of another deployment, and of none, are not there; an administrator of all sees every one."""
    note(api, "thing.iraq", slug="iraq")
    note(api, "thing.other", slug="other")
    note(api, "thing.none")

    def seen(role: str, slug: str | None) -> list[str]:
        answer = api(role, slug=slug).get("/audit?action=thing")
        return [entry["action"] for entry in answer.json()["entries"]]

    assert seen("specialist", "iraq") == ["thing.iraq"]
    assert seen("administrator", None) == ["thing.none", "thing.other", "thing.iraq"]
    assert api("specialist").get("/audit?deployment=other").status_code == 404
    assert api("reviewer").get("/audit?deployment=iraq").status_code == 403


def test_pages_follow_each_other(api: Api) -> None:
    """``next`` leads through every entry once, with the filters kept."""
    for number in range(7):
        note(api, f"thing.n{number}", slug="iraq")
    note(api, "else.x", slug="iraq")
    asker, path, found = api("specialist"), "/audit?action=thing&limit=3", []
    while path:
        answer = asker.get(path).json()
        found += [entry["action"] for entry in answer["entries"]]
        path = (answer["next"] or "").removeprefix("/api/v1")
    assert found == [f"thing.n{number}" for number in reversed(range(7))]


def test_a_person_is_found_by_name_and_the_name_can_be_erased(api: Api) -> None:
    """Who did it, and on whom it was done; the entry itself holds the id alone."""
    reem = api("reviewer").person
    with api.database.write() as session:
        session.get_one(Person, reem).name = "Reem"
    note(api, "thing.by", by=reem, slug="iraq")
    note(api, "thing.on", slug="iraq", subject=f"person/{reem}")
    entries = api("specialist").get("/audit?who=Reem&action=thing").json()["entries"]
    assert [(entry["action"], entry["who"], entry["subject"]) for entry in entries] == [
        ("thing.on", "worker", "Reem"), ("thing.by", "Reem", ""),
    ]  # fmt: skip
    with api.database.read() as session:
        rows = session.exec(select(AuditEntry).where(col(AuditEntry.action).startswith("thing"))).all()
    assert not [row for row in rows if "Reem" in repr(row)]
    assert [entry["who"] for entry in api("specialist").get("/audit?who=worker&action=thing").json()["entries"]] == [
        "worker"
    ]


def test_days_are_whole_days(api: Api) -> None:
    """The last day is among them; days in the wrong order are said to be."""
    note(api, "thing.one", slug="iraq")
    asker = api("specialist")
    assert len(asker.get("/audit?action=thing&since=2026-03-02&until=2026-03-02").json()["entries"]) == 1
    assert asker.get("/audit?action=thing&until=2026-03-01").json()["entries"] == []
    assert asker.get("/audit?until=9999-12-31").status_code == 200
    assert asker.get("/audit?since=2026-03-03&until=2026-03-02").status_code == 422


def test_a_file_holds_every_page_and_no_formula(api: Api) -> None:
    """CSV for a spreadsheet, JSON for a program."""
    note(api, "thing.odd", slug="iraq", subject="=HYPERLINK(1)", detail={"reason": "نعم"})
    asker = api("specialist")
    sheet = asker.get("/audit/file?action=thing")
    assert sheet.headers["content-type"] == "text/csv; charset=utf-8"
    assert "'=HYPERLINK(1)" in sheet.text
    assert "نعم" in sheet.text
    (entry,) = asker.get("/audit/file?action=thing&format=json").json()
    assert entry["detail"] == {"reason": "نعم"}


def test_the_proof_holds_until_somebody_changes_an_entry(api: Api, say: Say) -> None:
    """Whole, with the last place; after a change exit 1, and the entry is named."""
    note(api, "thing.one", slug="iraq")
    before = say("audit", "verify")
    assert before["whole"]
    assert before["entries"] == int(before["end"].partition(":")[0])
    assert say("audit", "verify", "--expect", before["end"])["whole"]
    tamper(api.database, "UPDATE audit_entry SET subject = 'x' WHERE number = 2")
    with pytest.raises(AssertionError, match="NOT whole"):
        say("audit", "verify", plain=True)
    with pytest.raises(AssertionError, match=r'"number": 2'):
        say("audit", "verify")


def test_an_entry_beside_the_chain_is_told(api: Api, say: Say) -> None:
    """What was written past the service has no place, and the proof fails."""
    with api.database.write() as session:
        session.add(AuditEntry(at=api.clock(), actor="x", action="thing.odd"))
    with pytest.raises(AssertionError, match="1 entries have no place"):
        say("audit", "verify", plain=True)


def test_an_export_can_be_proved_elsewhere(api: Api, say: Say, tmp_path: Path) -> None:
    """The file holds what the hashes are over; a line that is changed, taken out or moved is found."""
    note(api, "thing.one", slug="iraq", detail={"a": [1, None], "é": "\ud83d"})
    file = tmp_path / "audit.jsonl"
    told = say("audit", "export", "-o", str(file))
    assert say("audit", "verify", "--file", str(file)) == {
        "whole": True, "entries": told["entries"], "end": told["end"], "breaks": [],
    }  # fmt: skip
    lines = file.read_bytes().splitlines(keepends=True)
    entry = json.loads(lines[2]) | {"actor": "nobody"}
    changed = [*lines[:2], json.dumps(entry).encode() + b"\n", *lines[3:]]
    for wrong in (changed, [*lines[:2], *lines[3:]], [lines[1], lines[0], *lines[2:]]):
        file.write_bytes(b"".join(wrong))
        with pytest.raises(AssertionError):
            say("audit", "verify", "--file", str(file))
    file.write_bytes(b"{}\n")
    with pytest.raises(BadInput, match="line 1 is no entry"):
        say("audit", "verify", "--file", str(file))


def test_commands_ask_who_may(api: Api, say: Say, tmp_path: Path) -> None:
    """A specialist lists and exports the own deployment; the whole proof takes a role in all of them."""
    note(api, "thing.one", slug="iraq")
    note(api, "thing.none")
    assert [entry["action"] for entry in say("audit", "list", "--action", "thing", role="specialist")] == ["thing.one"]
    file = tmp_path / "audit.jsonl"
    say("audit", "export", "-o", str(file), role="specialist")
    assert b"thing.none" not in file.read_bytes()
    with pytest.raises(NotPermitted):
        say("audit", "verify", role="specialist")
    with pytest.raises(NotPermitted):
        say("audit", "list", role="reviewer")
    with pytest.raises(NotFound):
        say("audit", "list", "--deployment", "nowhere")
    with pytest.raises(BadInput, match="NUMBER:HASH"):
        say("audit", "verify", "--expect", "12")


def test_the_page_shows_entries_with_filters_and_a_way_to_older_ones(
    api: Api, make_browser: Callable[..., Browser]
) -> None:
    """Fifty a page; what was typed stays in the form and in the address of the file."""
    for number in range(52):
        note(api, f"thing.n{number}", slug="iraq", subject="<b>x</b>", detail={"n": number})
    browser = make_browser("specialist", api.ids["iraq"])
    page = browser.get("/audit?action=thing&who=&since=&until=&words=%3Cb").text
    assert "52 entries" in page
    assert "<b>x</b>" not in page
    assert page.count("<tr ") == 51
    assert "/audit/file?action=thing&amp;words=%3Cb" in page
    (older,) = re.findall(r'href="([^"]*before=[^"]*)"', page)
    assert browser.get(older.replace("&amp;", "&")).text.count("<tr ") == 3
    assert "thing.n3" in browser.get("/audit/file?action=thing").text
    assert "2026-13-40" in browser.get("/audit?since=2026-13-40").text
    assert browser.get("/audit?before=x").status_code == 200
    assert 'href="/audit"' in browser.get("/").text


def test_the_page_is_for_those_who_may(api: Api, make_browser: Callable[..., Browser]) -> None:
    """A reviewer is told which role it takes, and the first page does not lead there."""
    browser = make_browser("reviewer", api.ids["iraq"])
    assert browser.get("/audit").status_code == 403
    assert browser.get("/audit/file").status_code == 403
    assert 'href="/audit"' not in browser.get("/").text
