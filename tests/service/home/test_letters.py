"""Letters, mail, numbers and personal data by API, page and command."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlmodel import col, select, update

from service.auth.models import Person
from service.bundles.models import SignOff
from service.catalog.models import Snapshot, Translation
from service.errors import BadInput, NotPermitted
from service.home.commands import letters
from service.mail.models import MailMessage
from tests.support.commands import make_say
from tests.support.mail import running_mailbox
from tests.support.people import START

if TYPE_CHECKING:
    from service.web.resources import Resources
    from tests.service.home.conftest import Api
    from tests.support.browsing import Browser
    from tests.support.commands import Say
    from tests.support.people import UserMaker

D = "/deployments/iraq"
SARA = {"name": "سارة", "email": "sara@example.org", "languages": ["ar"]}


@pytest.fixture
def say(api: Api, resources: Resources, make_user: UserMaker) -> Say:
    """Run a command as a user of ``iraq``, or as the operator."""
    return make_say(resources, make_user, api.ids["iraq"], letters.mount)


def call(api: Api, method: str, path: str, body: Any = None, role: str = "specialist") -> Any:
    """Call the API and return the answer's JSON."""
    asker = api(role)
    answer = asker.client.request(method, f"/api/v1{path}", json=body, headers=dict(asker.headers))
    assert answer.status_code < 300, answer.text
    return answer.json()


def test_a_welcome_is_shown_queued_copied_and_done(api: Api) -> None:
    """Without a mail server it waits; said to be sent, the volunteer is instructed; there is no second one."""
    call(api, "POST", f"{D}/volunteers", SARA)
    (letter,) = call(api, "POST", f"{D}/volunteers/letters", {"kind": "welcome", "dry_run": True})["letters"]
    assert "مرحبًا سارة" in letter["text"]
    assert call(api, "GET", f"{D}/mail") == []
    assert call(api, "POST", f"{D}/volunteers/letters", {"kind": "welcome"})["queued"] == 1
    assert call(api, "POST", f"{D}/volunteers/letters", {"kind": "welcome"})["queued"] == 0
    (mail,) = call(api, "GET", f"{D}/mail?state=waiting")
    assert (mail["email"], mail["state"]) == ("sara@example.org", "waiting")
    assert call(api, "POST", f"{D}/mail/{mail['id']}/done")["state"] == "by-hand"
    assert call(api, "GET", f"{D}/volunteers/1")["state"] == "instructed"
    again = api("specialist").post(f"{D}/mail/{mail['id']}/cancel")
    assert again.status_code == 409


def test_letters_are_written_anew_and_taken_away(api: Api) -> None:
    """The built-in ones stand where there is no own; a field that there is not is refused."""
    assert [each["own"] for each in call(api, "GET", f"{D}/letters")] == [False] * 3
    body = {"kind": "welcome", "locale": "ar", "subject": "أهلا {name}", "body": "{forms}"}
    assert call(api, "PUT", f"{D}/letters", body)[0]["subject"] == "أهلا {name}"
    asker = api("specialist")
    wrong = asker.client.put(f"/api/v1{D}/letters", json={**body, "body": "{who}"}, headers=dict(asker.headers))
    assert wrong.status_code == 422
    assert "there is no field" in wrong.json()["detail"]
    assert [each["own"] for each in call(api, "DELETE", f"{D}/letters?kind=welcome&locale=ar")] == [False] * 3


def numbers_of(api: Api) -> None:
    """Let a French text have an author."""
    with api.database.write() as session:
        session.add(Person(id="t", name="Tariq", transifex_username="tariq", created_at=api.clock()))
        session.flush()
        row = session.exec(select(Translation).where(col(Translation.text).is_not(None))).first()
        assert row is not None
        session.execute(update(Translation).where(col(Translation.id) == row.id).values(author_id="t"))
        from service.catalog.models import Contribution

        session.add(
            Contribution(
                deployment_id=api.ids["iraq"], unit_id=row.unit_id, locale="fr", text_hash=row.text_hash or "",
                author_id="t", words=4, written_at=api.clock(),
            )
        )  # fmt: skip


def test_numbers_are_shown_to_others_only_when_switched_on(api: Api, make_browser: Callable[..., Browser]) -> None:
    """A specialist sees names; once switched on, others see Transifex usernames, and no address."""
    numbers_of(api)
    (row,) = call(api, "GET", f"{D}/people-numbers")
    assert (row["who"], row["texts"], row["words"]) == ("Tariq", 1, 4)
    assert call(api, "GET", f"{D}/people-numbers?locale=ar") == []
    assert api("specialist").get(f"{D}/people-numbers?locale=xx").status_code == 404
    observer = make_browser("observer", api.ids["iraq"])
    assert observer.get(f"{D}/numbers").status_code == 403
    settings = call(api, "PATCH", f"{D}/people-settings", {"show_numbers": True})
    assert settings == {"show_numbers": True, "keep_months": 0} == call(api, "GET", f"{D}/people-settings")
    page = observer.get(f"{D}/numbers").text
    assert "tariq" in page
    assert "Tariq" not in page
    assert "tariq,1,4" in observer.get(f"{D}/numbers/file").text
    assert observer.get(f"{D}/numbers/file?format=xlsx").content[:2] == b"PK"
    assert "tariq" in api("observer").get(f"{D}/people-numbers/file").text


def test_a_person_is_exported_and_erased(api: Api) -> None:
    """The export names the person, also as signed for print; the erasure nobody; then there is no such volunteer."""
    call(api, "POST", f"{D}/volunteers", SARA)
    with api.database.write() as session:
        person = session.exec(select(Person.id).where(Person.name == "سارة")).one()
        deployment = api.ids["iraq"]
        snapshot = Snapshot(
            deployment_id=deployment, number=99, origin="x", format="configuration_json", source_hash="0", catalog=b"",
            unit_count=0, imported_at=START,
        )  # fmt: skip
        session.add(snapshot)
        session.flush()
        session.add(
            SignOff(
                deployment_id=deployment, locale="ar", number=1, snapshot_id=snapshot.id or 0, person_id=person,
                name="Dr Sara", role="Protection officer", organisation="Ministry", statement="Fit for go-live.",
                digest="0" * 64, created_at=START,
            )
        )  # fmt: skip
    data = call(api, "GET", f"{D}/volunteers/1/data")
    assert (data["person"]["name"], data["sign_offs"][0]["name"]) == ("سارة", "Dr Sara")
    erased = call(api, "POST", f"{D}/volunteers/1/erase")["person"]
    assert api("specialist").get(f"{D}/volunteers/1").status_code == 404
    with api.database.read() as session:
        assert session.get_one(Person, erased).name is None
        assert session.exec(select(SignOff)).one().name == ""


def test_the_pages_do_the_same(api: Api, make_browser: Callable[..., Browser]) -> None:
    """Write, copy, note, edit with what was typed kept, settings, export, erase with a box to tick."""
    call(api, "POST", f"{D}/volunteers", SARA)
    browser = make_browser("specialist", api.ids["iraq"])
    page = browser.get(f"{D}/letters").text
    assert "Write 1 letter" in page
    assert "No mail server is set" in page
    assert browser.post(f"{D}/letters/write", {"kind": "welcome"}).status_code == 303
    assert browser.post(f"{D}/letters/write", {"kind": "reviewed"}).status_code == 422
    page = browser.get(f"{D}/letters").text
    assert "mailto:sara%40example.org?subject=" in page
    assert browser.post(f"{D}/mail/1/done").status_code == 303
    assert browser.post(f"{D}/mail/1/done").status_code == 409
    typed = {"kind": "welcome", "locale": "ar", "role": "", "subject": "مرحبا <b>", "body": "{nothing}"}
    wrong = browser.post(f"{D}/letters", typed)
    assert wrong.status_code == 422
    assert 'value="مرحبا &lt;b&gt;"' in wrong.text
    assert browser.post(f"{D}/letters", {**typed, "body": "{forms}"}).status_code == 303
    assert "مرحبا" in browser.get(f"{D}/letters?kind=welcome&locale=ar").text
    assert browser.post(f"{D}/letters", {**typed, "remove": "true"}).status_code == 303
    assert browser.post(f"{D}/letters", {**typed, "kind": "x"}).status_code == 422
    assert browser.post(f"{D}/letters/settings", {"keep_months": "12"}).status_code == 303
    assert browser.post(f"{D}/letters/settings", {"keep_months": "x"}).status_code == 422
    assert "سارة" in browser.get(f"{D}/people/1/data").text
    assert browser.post(f"{D}/people/1/erase").status_code == 422
    assert browser.post(f"{D}/people/1/erase", {"really": "true"}).status_code == 303
    assert browser.get(f"{D}/people/1").status_code == 404
    for role in ("reviewer", "observer"):
        other = make_browser(role, api.ids["iraq"])
        assert other.get(f"{D}/letters").status_code == 403
        assert other.get(f"{D}/people/1/data").status_code == 403


def test_a_job_sends_what_was_queued(api: Api, resources: Resources) -> None:
    """The worker's own handler, over a real server: with the link that stops them, and the state follows."""
    from service.jobs.runner import Runner
    from service.worker import make_handlers

    call(api, "POST", f"{D}/volunteers", SARA)
    call(api, "POST", f"{D}/volunteers/letters", {"kind": "welcome"})
    with running_mailbox() as box:
        sending = resources.settings.model_copy(update={"smtp_url": box.url, "mail_from": "Bridge <b@example.org>"})
        from dataclasses import replace

        handlers = make_handlers(replace(resources, settings=sending))
        assert Runner(resources.database, handlers, "w", resources.clock).run_one()
    (message,) = box.messages
    body = message.get_body(("plain",))
    assert body is not None
    assert "مرحبًا سارة" in body.get_content()
    assert "/unsubscribe/" in body.get_content()
    assert call(api, "GET", f"{D}/volunteers/1")["state"] == "instructed"


def test_commands_do_the_same(api: Api, say: Say, tmp_path: Path) -> None:
    """Write, letters, mail, numbers, settings, export, erase; what only a specialist may, a reviewer may not."""
    call(api, "POST", f"{D}/volunteers", SARA)
    assert "مرحبًا سارة" in say("volunteer", "write", "iraq", "welcome", "--dry-run", plain=True)
    assert "to be copied" in say("volunteer", "write", "iraq", "welcome", plain=True)
    with pytest.raises(BadInput, match="told by itself"):
        say("volunteer", "write", "iraq", "reviewed")
    assert "sara@example.org" in say("mail", "list", "iraq", plain=True)
    assert say("mail", "done", "iraq", "1")["state"] == "by-hand"
    assert say("mail", "list", "iraq") == []
    file = tmp_path / "letter.txt"
    file.write_text("Salut {name}\n\nVoici : {forms}\n", "utf-8")
    assert say("volunteer", "letter", "iraq", "welcome", "--locale", "fr", "--file", str(file))["own"]
    assert not say("volunteer", "letter", "iraq", "welcome", "--locale", "fr", "--remove")["own"]
    with pytest.raises(BadInput, match="not both"):
        say("volunteer", "letter", "iraq", "welcome", "--remove", "--file", str(file))
    numbers_of(api)
    assert say("volunteer", "numbers", "iraq")[0]["who"] == "Tariq"
    with pytest.raises(NotPermitted):
        say("volunteer", "numbers", "iraq", role="reviewer")
    assert say("volunteer", "settings", "iraq", "--show-numbers")["show_numbers"]
    assert say("volunteer", "numbers", "iraq", role="reviewer")[0]["who"] == "tariq"
    say("volunteer", "export", "iraq", "1", "-o", str(tmp_path / "p.json"))
    assert "سارة" in (tmp_path / "p.json").read_text("utf-8")
    with pytest.raises(BadInput, match="--really"):
        say("volunteer", "erase", "iraq", "1")
    assert say("volunteer", "erase", "iraq", "1", "--really")["erased"]
    with api.database.read() as session:
        assert session.exec(select(MailMessage)).all() == []
