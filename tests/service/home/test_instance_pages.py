"""Comparing, giving a release to a Primero and taking it back, on the pages without JavaScript."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from sqlmodel import select

from service.audit.models import AuditEntry
from service.jobs.runner import WorkerStopping
from service.jobs.service import get_job
from service.primero.models import InstanceLook, InstanceRun, InstanceRunState
from service.primero.sandbox.faults import Fault, FaultKind
from service.primero.sandbox.transport import sandbox_transport
from service.primero.service.looks import KEPT
from service.sample import sample_path
from service.web.languages import LANGUAGES, words_in
from tests.support.primero import Witness, ask, form_number
from tests.support.released import D, L

if TYPE_CHECKING:
    from tests.support.browsing import Browser
    from tests.support.released import Released

MAIN = f"{D}/instances/main"
ONE = f"{L}/releases/1"
_ = words_in(LANGUAGES["fr"]).gettext
GIVE = {"instance": "main", "do": "apply", "partial_options": "true"}


def _links(page: str, part: str) -> list[str]:
    return [link for link in re.findall(r'href="([^"]+)"', page) if part in link]


def test_a_release_is_compared_shown_given_and_taken_back(lakes: Released) -> None:
    """Each step leads to the next one, nothing is sent before it is asked for, and the end is as the beginning."""
    lakes.release()
    witness = Witness(lakes.sandbox)
    engineer = lakes.browser()
    answer = engineer.post(f"{ONE}/diff", {"instance": "main"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{MAIN}?watch=1")
    page = engineer.get(f"{MAIN}?watch=1").text
    assert "waits for its turn" in page
    assert 'http-equiv="refresh"' in page
    lakes.work()
    (look,) = _links(engineer.get(MAIN).text, "/looks/")
    page = engineer.get(look).text
    assert "What release 1 would change on main" in page
    assert "<ins>FR" in page
    assert 'lang="fr" dir="ltr"' in page
    assert "&nbsp;added:" in page
    assert engineer.get(f"{look}?show=added").text.count("<li><p>") <= 100

    engineer.post(f"{ONE}/apply", {**GIVE, "do": "look"})
    lakes.work()
    assert {method for method, _ in lakes.sandbox.requests} == {"GET"}
    look = _links(engineer.get(MAIN).text, "/looks/")[0]
    page = engineer.get(look).text
    assert "Nothing was sent." in page
    assert "PATCH /api/v2/forms/" in page
    assert "&#34;data&#34;" in engineer.get(f"{look}?body=1").text

    answer = engineer.post(f"{ONE}/apply", GIVE)
    assert answer.headers["location"] == f"{MAIN}?watch=1"
    lakes.work()
    page = engineer.get(MAIN).text
    assert "release 1" in page
    assert "It stands on:" in engineer.get(ONE).text
    (run,) = {link for link in _links(page, "/runs/") if link.startswith(MAIN)}
    page = engineer.get(run).text
    assert "texts written in" in page
    assert page.count("✓</span> written") > 5
    saved = engineer.client.get(f"/api/v1{run}/saved")
    assert "before-run" in saved.headers["content-disposition"]
    assert saved.json()["data"]
    assert witness.changed_texts()
    assert witness.changed_structure() == []

    chosen = re.findall(r'name="only" value="(form/[^"]+)"', page)[0]
    engineer.post(f"{run}/rollback", {"do": "look", "only": chosen})
    lakes.work()
    page = engineer.get(_links(engineer.get(MAIN).text, "/looks/")[0]).text
    assert page.count('role="rowheader"') == 1
    assert witness.changed_texts()
    engineer.post(f"{run}/rollback", {"do": "rollback", "only": chosen})
    lakes.work()
    assert "taken back in part" in engineer.get(MAIN).text
    engineer.post(f"{run}/rollback", {"do": "rollback"})
    lakes.work()
    assert "No bundle was given to it yet, or each was taken back." in engineer.get(MAIN).text
    assert (witness.changed_texts(), witness.changed_structure()) == ({}, [])
    with lakes.resources.database.read() as session:
        actions = [(row.action, row.person_id) for row in session.exec(select(AuditEntry))]
    assert actions.count(("bundle.apply", engineer.person_id)) == 1
    assert actions.count(("bundle.rollback", engineer.person_id)) == 2


def test_what_was_just_asked_for_is_said_in_the_language_of_the_page(lakes: Released) -> None:
    """Translated once, and not marked as English because the catalogs do not know the translation."""
    lakes.release()
    engineer = lakes.browser()
    engineer.post("/language", {"lang": "fr", "next": "/"})
    for what, said in (
        ("diff", _("It is being compared; it goes on when you leave this page.")),
        ("apply", _("The requests are being put together; nothing is sent.")),
    ):
        engineer.post(f"{ONE}/{what}", {"instance": "main", "do": "look"})
        page = engineer.get(MAIN).text
        shown = page.partition('role="status">')[2].partition("</p>")[0]
        assert unescape(shown) == said


def test_two_releases_and_an_export_are_compared(lakes: Released) -> None:
    """By words, kind by kind, at an address that can be shared; as text and as JSON too."""
    lakes.release()
    key = "form/nl_consent/name"
    lakes.write({key: "FR Consent nouveau"})
    lakes.release()
    engineer = lakes.browser()
    page = engineer.get(f"{L}/releases/2/diff?against=1").text
    assert "What changed from release 1 to release 2" in page
    assert re.search("<ins>[^<]*nouveau</ins>", page)
    assert page.count("<li><p>") == 1
    assert "Nothing of that kind." in engineer.get(f"{L}/releases/2/diff?against=1&show=cleared").text
    file = f"/api/v1{L}/releases/2/diff?against=1"
    data = engineer.client.get(file).json()
    assert [(row["key"], row["change"]) for row in data["texts"]] == [(key, "changed")]
    assert data["counts"]["same"] > 100
    assert f"changed {key}: " in engineer.client.get(f"{file}&form=text").text
    assert engineer.get(f"{L}/releases/2/diff?against=9").status_code == 404

    export = (sample_path() / "configuration.json").read_bytes()
    answer = engineer.post(f"{ONE}/diff/export", files={"source": ("export.json", export)})
    assert answer.status_code == 303
    page = engineer.get(answer.headers["location"]).text
    assert "What release 1 would change in export.json" in page
    assert "<ins>FR" in page
    assert engineer.post(f"{ONE}/diff/export").status_code == 422
    refused = engineer.post(f"{ONE}/diff/export", files={"source": ("x.json", b"{")})
    assert refused.status_code == 422
    assert "Traceback" not in refused.text
    for lang in ("fr", "ar"):
        drawn = engineer.client.get(answer.headers["location"], headers={"Accept-Language": lang})
        assert f'<html lang="{lang}"' in drawn.text
        assert 'class="words" lang="fr" dir="ltr"' in drawn.text
        assert len(drawn.content) < 60_000


def _die_at(lakes: Released, calls: int) -> None:
    """Run the job that waits in a worker that is told to stop after so many records."""
    from service.home.instance_jobs import run_apply_job
    from service.jobs.service import claim_job

    resources = replace(lakes.resources, primero_transport=sandbox_transport(lakes.sandbox))
    with resources.database.write() as session:
        job = claim_job(session, "w", kinds=["apply"], now=resources.clock())
        assert job is not None
        session.expunge(job)
    seen: list[tuple[int, int]] = []

    def progress(done: int, total: int) -> None:
        seen.append((done, total))
        if len(seen) > calls:
            raise WorkerStopping

    with pytest.raises(WorkerStopping):
        run_apply_job(resources, job, progress)  # type: ignore[arg-type]


def test_an_apply_that_died_goes_on_by_itself_or_by_a_button(lakes: Released) -> None:
    """Another worker takes it up when the lease has ended; what was given up is said, with both ways on."""
    lakes.release()
    engineer = lakes.browser()
    engineer.post(f"{ONE}/apply", GIVE)
    _die_at(lakes, 4)
    page = engineer.get(f"{MAIN}/runs/1").text
    assert "left unfinished" in page
    assert "not sent yet" in page
    assert "is running" in page
    lakes.resources.clock.move(minutes=2)  # type: ignore[attr-defined]
    lakes.work()
    with lakes.resources.database.read() as session:
        assert session.get_one(InstanceRun, 1).state is InstanceRunState.DONE
        job = get_job(session, 2)
        assert (job.state.value, job.attempts, (job.result or {})["resumed"]) == ("done", 2, True)
    assert "not sent yet" not in engineer.get(f"{MAIN}/runs/1").text

    engineer.post(f"{MAIN}/runs/1/rollback", {"do": "rollback"})
    lakes.work()
    lakes.sandbox.faults.append(Fault(FaultKind.FAILED, times=3, method="PATCH"))
    engineer.post(f"{ONE}/apply", GIVE)
    lakes.work()
    page = engineer.get(MAIN).text
    assert "it did not come to its end" in page
    assert "Primero does not answer as it should" in page
    page = engineer.get(f"{MAIN}/runs/3").text
    assert "Go on with it" in page
    assert 'name="partial_options" value="true"' in page
    lakes.sandbox.faults.clear()
    engineer.post(f"{ONE}/apply", GIVE)
    lakes.work()
    with lakes.resources.database.read() as session:
        assert session.get_one(InstanceRun, 3).state is InstanceRunState.DONE


def test_what_somebody_else_changed_is_said(lakes: Released) -> None:
    """A form that changes between reading and writing is left, and the report says so."""
    lakes.release()
    engineer = lakes.browser()
    number = form_number(lakes.sandbox, "nl_consent")
    handle = lakes.sandbox.handle
    done: list[str] = []

    def meddle(request: Any) -> Any:
        if request.method == "GET" and request.path.endswith(f"/forms/{number}") and not done:
            done.append("x")
            answer = handle(request)
            description = {"en": "Somebody wrote this."}
            ask(lakes.sandbox, "PATCH", f"/api/v2/forms/{number}", {"data": {"description": description}})
            return handle(request) if answer else answer
        return handle(request)

    lakes.sandbox.handle = meddle  # type: ignore[method-assign]
    engineer.post(f"{ONE}/apply", GIVE)
    lakes.work()
    page = engineer.get(f"{MAIN}/runs/1").text
    assert "changed by somebody else, and left so" in page
    assert "1 record changed there meanwhile" in page


def test_a_refusal_is_said_in_one_sentence(lakes: Released) -> None:
    """A withdrawn release is refused at once; what only the job finds out stands on the server's page."""
    lakes.release()
    engineer = lakes.browser()
    lakes.sandbox.store.locales = tuple(one for one in lakes.sandbox.store.locales if one != "fr")  # type: ignore[misc]
    engineer.post(f"{ONE}/apply", GIVE)
    again = engineer.post(f"{ONE}/apply", {**GIVE, "do": "look"})
    assert again.status_code == 409
    assert "Another apply of" in again.text
    lakes.work()
    assert "fr is not enabled on the instance" in engineer.get(MAIN).text
    engineer.post(f"{ONE}/withdraw", {"reason": "A wrong word."})
    refused = engineer.post(f"{ONE}/apply", GIVE)
    assert refused.status_code == 409
    assert "was withdrawn" in refused.text
    assert "Give it to Primero" not in engineer.get(ONE).text


def test_others_see_what_stands_there_and_cannot_act(lakes: Released) -> None:
    """A specialist compares and does not apply; an observer sees runs alone; another language is refused."""
    lakes.release()
    engineer = lakes.browser()
    engineer.post(f"{ONE}/apply", GIVE)
    lakes.work()

    def refused(browser: Browser, *paths: str) -> list[int]:
        return [browser.post(path, {**GIVE, "do": "look"}).status_code for path in paths]

    acts = (f"{ONE}/apply", f"{MAIN}/runs/1/rollback")
    specialist = lakes.browser("specialist")
    assert "Give it to Primero" not in specialist.get(ONE).text
    assert "With a Primero server" in specialist.get(ONE).text
    assert refused(specialist, *acts) == [403, 403]
    observer = lakes.browser("observer")
    page = observer.get(f"{MAIN}/runs/1").text
    assert "written" in page
    assert "Take it back" not in page
    assert "/saved" not in page
    assert refused(observer, *acts, f"{ONE}/diff") == [403, 403, 403]
    assert refused(lakes.browser(locales=["ar"]), *acts) == [403, 403]


def test_the_oldest_looks_are_forgotten(lakes: Released) -> None:
    """So many are kept as people need; the others are gone, and say so."""
    lakes.release()
    engineer = lakes.browser()
    export = (sample_path() / "configuration.json").read_bytes()
    answer = engineer.post(f"{ONE}/diff/export", files={"source": ("e.json", export)})
    first = answer.headers["location"]
    from service.deployments.service import find_deployment
    from service.primero.service.looks import get_look, keep_look

    with lakes.resources.database.write() as session:
        row = get_look(session, find_deployment(session, "northern-lakes"), int(first.rpartition("/")[2]))
        values = row.model_dump(exclude={"id"})
        for _ in range(KEPT):
            keep_look(session, InstanceLook(**values))
        assert len(session.exec(select(InstanceLook)).all()) == KEPT
    gone = engineer.get(first)
    assert gone.status_code == 404
    assert "It is not kept any more" in gone.text
    assert json.loads(engineer.client.get(f"/api/v1{first}").text)["status"] == 404
