"""Volunteers by API, page and command."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from openpyxl import load_workbook

from service.auth.models import Person
from service.errors import BadInput
from service.home.commands import volunteers
from service.jobs.service import list_jobs
from tests.support.commands import make_say

if TYPE_CHECKING:
    from service.web.resources import Resources
    from tests.service.home.conftest import Api
    from tests.support.browsing import Browser
    from tests.support.commands import Say
    from tests.support.people import UserMaker

PATH = "/deployments/iraq/volunteers"
PEOPLE = "/deployments/iraq/people"
SARA = {"name": "سارة", "email": "sara@example.org", "languages": ["ar", "fr"], "note": "=1+1"}


@pytest.fixture
def say(api: Api, resources: Resources, make_user: UserMaker) -> Say:
    """Run a command as a user of ``iraq``, or as the operator."""
    return make_say(resources, make_user, api.ids["iraq"], volunteers.mount)


def test_a_volunteer_is_registered_seen_changed_and_ends(api: Api) -> None:
    """One life by the API."""
    asker = api("specialist")
    made = asker.post(PATH, SARA)
    assert made.status_code == 201
    one = f"{PATH}/{made.json()['id']}"
    assert asker.get(one).json() == made.json()
    assert made.json()["state"] == "registered"
    changed = asker.client.put(
        f"/api/v1{one}/languages", json={"languages": {"fr": "reviewer"}}, headers=dict(asker.headers)
    )
    assert changed.json()["languages"] == {"fr": "reviewer"}
    assert asker.post(f"{one}/leave").json()["state"] == "left"
    assert asker.post(f"{one}/leave").status_code == 409
    assert asker.get(f"{PATH}/{made.json()['id'] + 1}").status_code == 404
    assert api("specialist", slug="other").get(one).status_code == 404
    # A number of this deployment is none of another.
    assert api("specialist", slug="other").get(one.replace("iraq", "other")).status_code == 404


def test_volunteers_come_page_by_page(api: Api) -> None:
    """``next`` leads through all of them, with the filters."""
    asker = api("specialist")
    for number in range(5):
        asker.post(PATH, {"transifex": f"u{number}", "languages": ["ar" if number % 2 else "fr"]})
    path, found = f"{PATH}?limit=2&locale=fr&state=registered", []
    while path:
        answer = asker.get(path).json()
        found += [each["transifex"] for each in answer["volunteers"]]
        path = (answer["next"] or "").removeprefix("/api/v1")
    assert found == ["u0", "u2", "u4"]


def test_a_file_that_was_sent_out_can_be_sent_in(api: Api) -> None:
    """CSV and XLSX with Arabic and what looks like a formula; the columns of a list that was handed out come back."""
    asker = api("specialist")
    asker.post(PATH, SARA)
    sheet = load_workbook(io.BytesIO(asker.get(f"{PATH}/file?format=xlsx").content)).worksheets[0]
    assert [cell.value for cell in sheet[2]][1:7] == [
        "سارة", "sara@example.org", "", "ar fr", "translator", "registered",
    ]  # fmt: skip
    sent = asker.get(f"{PATH}/file").content
    assert b"'=1+1" in sent
    again = asker.client.post(f"/api/v1{PATH}/file", files={"source": ("v.csv", sent)}, headers=dict(asker.headers))
    assert again.json()["unchanged"] == 1
    listed = "name;email;languages\nعمر;omar@example.org;ar\nx;y;ar\n".encode()
    headers = dict(asker.headers)
    for dry_run, outcome in ((True, "added"), (False, "added"), (False, "unchanged")):
        answer = asker.client.post(
            f"/api/v1{PATH}/file", files={"source": ("v.csv", listed)}, data={"dry_run": str(dry_run)}, headers=headers
        ).json()
        assert (answer["rows"][0]["outcome"], answer["refused"]) == (outcome, 1)
    broken = asker.client.post(f"/api/v1{PATH}/file", files={"source": ("v.csv", b"x\n1\n")}, headers=headers)
    assert broken.status_code == 422
    assert "must name the columns" in broken.json()["detail"]


def test_a_look_is_a_job(api: Api) -> None:
    """It is queued once, for the worker."""
    asker = api("specialist")
    assert asker.post(f"{PATH}/reconcile").status_code == 202
    assert asker.post(f"{PATH}/reconcile").status_code == 202
    with api.database.read() as session:
        assert [job.kind for job in list_jobs(session, api.ids["iraq"])] == ["team"]


def test_nobody_else_sees_an_address(api: Api, make_browser: Callable[..., Browser]) -> None:
    """Reviewers and observers see neither the page, nor a link to it, nor the file."""
    api("specialist").post(PATH, SARA)
    for role in ("reviewer", "observer", "release-engineer"):
        browser = make_browser(role, api.ids["iraq"])
        for path in (PEOPLE, f"{PEOPLE}/file", f"{PEOPLE}/1"):
            answer = browser.get(path)
            assert answer.status_code == 403
            assert "sara@" not in answer.text
        assert "/people" not in browser.get("/").text


def test_the_page_registers_and_keeps_what_was_typed(api: Api, make_browser: Callable[..., Browser]) -> None:
    """A mistake is said beside the form; a volunteer without a username comes with what a person has to do."""
    browser = make_browser("specialist", api.ids["iraq"])
    assert f'href="{PEOPLE}"' in browser.get("/").text
    wrong = browser.post(PEOPLE, {"name": "Sara <b>", "email": "sara", "languages": "ar"})
    assert wrong.status_code == 422
    assert 'value="Sara &lt;b&gt;"' in wrong.text
    assert "no e-mail address" in wrong.text
    assert browser.post(PEOPLE, {**SARA, "role": "translator"}).status_code == 303
    page = browser.get(PEOPLE).text
    assert "sara@example.org" in page
    assert "Invite collaborators" in page
    assert browser.get(f"{PEOPLE}?state=active").text.count("<tr ") == 0
    one = browser.get(f"{PEOPLE}/1")
    assert "سارة" in one.text
    assert browser.post(f"{PEOPLE}/1/languages", {"roles": ["", ""]}).status_code == 422
    assert browser.post(f"{PEOPLE}/1/languages", {"roles": ["fr=reviewer", ""]}).status_code == 303
    assert browser.post(f"{PEOPLE}/1/leave").status_code == 303
    assert "✕" in browser.get(f"{PEOPLE}/1").text


def test_the_page_looks_at_a_list_before_it_takes_it(api: Api, make_browser: Callable[..., Browser]) -> None:
    """Without the box ticked nothing changes; every row is answered."""
    browser = make_browser("specialist", api.ids["iraq"])
    files = {"source": ("v.csv", b"email,languages\nomar@example.org,ar\nx,ar\n")}
    looked = browser.post(f"{PEOPLE}/file", files=files)
    assert "Nothing was changed yet" in looked.text
    assert "line 3" in looked.text
    assert api("specialist").get(PATH).json()["volunteers"] == []
    assert "Done:" in browser.post(f"{PEOPLE}/file", {"really": "true"}, files=files).text
    assert len(api("specialist").get(PATH).json()["volunteers"]) == 1
    assert browser.post(f"{PEOPLE}/file", files={"source": ("v.csv", b"")}).status_code == 422
    assert browser.post(f"{PEOPLE}/file").status_code == 422


def test_the_page_says_who_a_candidate_is(api: Api, make_browser: Callable[..., Browser]) -> None:
    """Somebody registered by address, chosen from a list; the team is looked at by a button."""
    from service.volunteers.models import TeamMember

    browser = make_browser("specialist", api.ids["iraq"])
    browser.post(PEOPLE, SARA)
    with api.database.write() as session:
        session.add(Person(id="t", transifex_username="sara_t", created_at=api.clock()))
        session.flush()
        session.add(TeamMember(deployment_id=api.ids["iraq"], person_id="t", locale="ar", role="translator"))
    assert "sara_t" in browser.get(PEOPLE).text
    assert browser.post(f"{PEOPLE}/confirm", {"username": "sara_t", "volunteer": "1"}).status_code == 303
    (view,) = api("specialist").get(PATH).json()["volunteers"]
    assert (view["transifex"], view["email"]) == ("sara_t", "sara@example.org")
    assert browser.post(f"{PEOPLE}/reconcile").status_code == 303
    assert "A look is under way" in browser.get(PEOPLE).text


def test_commands_do_the_same(api: Api, say: Say, tmp_path: Path) -> None:
    """Add, import, list, write a file, set languages, confirm, leave."""
    assert (
        say("volunteer", "add", "iraq", "--email", "a@b.org", "--locales", "ar", role="specialist")["outcome"]
        == "added"
    )
    file = tmp_path / "v.csv"
    file.write_text("email,languages\nA@B.org,ar\n")
    assert say("volunteer", "import", "iraq", str(file))["unchanged"] == 1
    file.write_text("email,languages\nnone,ar\n")
    with pytest.raises(AssertionError, match="no e-mail address"):
        say("volunteer", "import", "iraq", str(file))
    assert "a@b.org" in say("volunteer", "list", "iraq", plain=True)
    assert say("volunteer", "list", "iraq", "--state", "active")["volunteers"] == []
    for name in ("v.xlsx", "out.csv"):
        say("volunteer", "list", "iraq", "-o", str(tmp_path / name))
        assert (tmp_path / name).stat().st_size > 100
    with pytest.raises(BadInput, match=r"neither \.csv nor \.xlsx"):
        say("volunteer", "list", "iraq", "-o", str(tmp_path / "v.txt"))
    assert say("volunteer", "languages", "iraq", "1", "--locales", "fr, ar", "--role", "reviewer")["languages"] == {
        "fr": "reviewer", "ar": "reviewer",
    }  # fmt: skip
    assert say("volunteer", "leave", "iraq", "1")["state"] == "left"
