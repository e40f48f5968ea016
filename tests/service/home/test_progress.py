"""Progress as pages, files and API show it."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import update
from sqlmodel import col

from service.catalog.models import State, Translation
from service.db import Database
from service.deployments.models import DeploymentLocale
from service.deployments.service import archive_deployment, find_deployment
from service.home.progress import COLUMNS
from service.progress.service import set_deadline, take_snapshots
from service.review.queries import Show
from service.review.service.policies import import_translations
from tests.service.home.conftest import OPERATOR, SOURCES, Api

if TYPE_CHECKING:
    from tests.support.browsing import Browser
    from tests.support.people import MovableClock

Add = Callable[..., int]
MakeBrowser = Callable[..., "Browser"]


@pytest.fixture
def iraq(add: Add) -> int:
    """Five texts, four of them translated into French, one of those blocked."""
    return add("iraq")


def remember(database: Database, clock: MovableClock, days: int) -> None:
    """Let days pass, each with a snapshot."""
    for _ in range(days):
        with database.write() as session:
            take_snapshots(session, find_deployment(session, "iraq"), now=clock())
        clock.move(days=1)


def test_the_home_of_a_deployment_shows_each_language_and_what_needs_someone(
    iraq: int, make_browser: MakeBrowser
) -> None:
    """Each number is a link to exactly those texts; each need has its action beside it."""
    browser = make_browser("specialist", iraq)
    page = browser.get("/deployments/iraq")
    assert page.status_code == 200
    waiting = "/deployments/iraq/locales/fr/texts?show=waiting"
    assert f'<a href="{waiting}">4</a>' in page.text
    assert "4 texts" in browser.get(waiting).text
    assert "not enough data" in page.text
    assert "1 text is blocked by a check" in page.text
    assert 'href="/deployments/iraq/locales/fr/texts?show=all&amp;blocked=1"' in page.text
    assert "No reviewer yet; 5 texts are not approved" in page.text
    assert '<a href="/deployments/iraq">' in browser.get("/").text


@pytest.mark.parametrize("state", list(State))
def test_every_state_links_to_its_texts(iraq: int, make_browser: MakeBrowser, state: State) -> None:
    """The list that a number of the language's page leads to holds as many texts as it says."""
    browser = make_browser("observer", iraq)
    page = browser.get("/deployments/iraq/locales/fr/progress").text
    address = f"/deployments/iraq/locales/fr/texts?show={Show(state.value).value}"
    found = re.search(rf'<a href="{re.escape(address)}">(\d+)</a>', page)
    expected = {State.TRANSLATED: 4, State.UNTRANSLATED: 1}.get(state, 0)
    assert (int(found[1]) if found else 0) == expected
    listed = browser.get(address).text.partition('class="texts"')[2]
    assert len(re.findall(r'href="[^"]*/card', listed)) == expected


def test_charts_are_drawn_on_the_server_with_a_table_beside(
    iraq: int, make_browser: MakeBrowser, database: Database, clock: MovableClock
) -> None:
    """No script, no inline style; in Arabic time runs from the right; every number stands in a table too."""
    first = make_browser("observer", iraq)
    assert "The history begins today" in first.get("/deployments/iraq/locales/fr/progress").text
    remember(database, clock, 15)
    browser = make_browser("observer", iraq)
    page = browser.get("/deployments/iraq/locales/fr/progress").text
    assert page.count("<figure") == 2
    assert page.count("The same as a table") == 2
    assert "style=" not in page
    assert 'role="img" aria-labelledby="burn-up-title burn-up-text"' in page
    points = re.findall(r'curve written" points="([\d.]+),', page)
    browser.post("/language", {"lang": "ar", "next": "/"})
    mirrored = browser.get("/deployments/iraq/locales/fr/progress").text
    assert 'dir="rtl"' in mirrored
    assert float(points[0]) < 100 < 500 < float(re.findall(r'curve written" points="([\d.]+),', mirrored)[0])


def test_a_specialist_fills_a_country_variant_from_its_parent(
    iraq: int, database: Database, make_browser: MakeBrowser, clock: MovableClock
) -> None:
    """Offered where there is a parent, to whoever may; the page says how many texts came, in its own language."""
    with database.write() as session:
        deployment = find_deployment(session, "iraq")
        session.add(DeploymentLocale(deployment_id=iraq, locale="ar-IQ", created_at=clock()))
        import_translations(
            session, deployment, "ar", {"form/consent/agree/display_name": "أوافق"}, replace_approved=False,
            actor=OPERATOR, now=clock(),
        )  # fmt: skip
        session.flush()
        # As a reviewer would, whose pages are not what this is about.
        session.exec(update(Translation).where(col(Translation.locale) == "ar").values(state=State.APPROVED))
    specialist, reviewer = make_browser("specialist", iraq), make_browser("reviewer", iraq)
    place = "/deployments/iraq/locales"
    assert "Fill the gaps from Arabic" in specialist.get(f"{place}/ar-IQ/progress").text
    assert "Fill the gaps" not in reviewer.get(f"{place}/ar-IQ/progress").text
    assert "Fill the gaps" not in specialist.get(f"{place}/ar/progress").text
    answer = specialist.post(f"{place}/ar-IQ/inherit")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{place}/ar-IQ/progress")
    specialist.post("/language", {"lang": "fr", "next": "/"})
    page = specialist.get(f"{place}/ar-IQ/progress").text
    assert '<p class="flash" role="status">1 texte a été complété et attend un relecteur.</p>' in page
    assert "أوافق" in specialist.get(f"{place}/ar-IQ/texts?show=all").text


def test_a_specialist_sets_a_deadline_and_takes_it_away(
    iraq: int, make_browser: MakeBrowser, clock: MovableClock
) -> None:
    """It is shown on the pages, at risk where it is near; others see it and have no form."""
    specialist, observer = make_browser("specialist", iraq), make_browser("observer", iraq)
    day = (clock() + timedelta(days=9)).date()
    place = "/deployments/iraq/locales/fr"
    answer = specialist.post(f"{place}/deadline", {"day": day.isoformat(), "note": "Go-live <b>"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{place}/progress")
    seen = observer.get(f"{place}/progress").text
    assert "11 March 2026" in seen
    assert "Go-live &lt;b&gt;" in seen
    assert "at risk" in seen
    assert "Set the deadline" not in seen
    assert "The deadline is at risk: 9 days left, 11 March 2026" in observer.get("/deployments/iraq").text
    assert observer.post(f"{place}/deadline", {"day": day.isoformat()}).status_code == 403
    assert "is no day" in specialist.post(f"{place}/deadline", {"day": "soon"}).text
    assert specialist.post(f"{place}/deadline", {"drop": "1"}).status_code == 303
    assert "11 March 2026" not in observer.get(f"{place}/progress").text


def test_the_sheet_for_partners_is_one_table_without_names(iraq: int, make_browser: MakeBrowser) -> None:
    """Languages, shares, forecast, deadline: nothing about people, and no page of another deployment."""
    browser = make_browser("observer", iraq)
    page = browser.get("/deployments/iraq/status").text
    assert re.findall(r'<td [^>]*class="number"[^>]*>([\d.]+)', page) == ["0.0", "0.0", "80.0", "0.0"]
    assert "As of 2 March 2026: 5 texts" in page


@pytest.mark.parametrize("path", ["", "/status", "/progress/file", "/locales/fr/progress", "/locales/fr/progress/file"])
def test_pages_of_another_deployment_are_not_there(iraq: int, add: Add, make_browser: MakeBrowser, path: str) -> None:
    """Nor is a language that the deployment has not, and nobody sees one without signing in."""
    add("other")
    browser = make_browser("specialist", iraq)
    assert browser.get(f"/deployments/other{path}").status_code == 404
    assert browser.get(f"/deployments/iraq{path}".replace("/fr/", "/de/")).status_code == (404 if "fr" in path else 200)


def test_files_hold_what_the_pages_show(iraq: int, make_browser: MakeBrowser) -> None:
    """The same rows as CSV, XLSX and JSON, named after the deployment and the day."""
    browser = make_browser("observer", iraq)
    answers = {kind: browser.get(f"/deployments/iraq/progress/file?kind={kind}") for kind in ("csv", "xlsx", "json")}
    name = 'attachment; filename="iraq-languages-2026-03-02.csv"'
    assert answers["csv"].headers["content-disposition"] == name
    rows = list(csv.DictReader(io.StringIO(answers["csv"].content.decode("utf-8-sig"))))
    sheet = load_workbook(io.BytesIO(answers["xlsx"].content)).active
    told = json.loads(answers["json"].content)
    assert [row["locale"] for row in rows] == [row["locale"] for row in told] == ["ar", "fr"]
    assert tuple(cell.value for cell in sheet[1]) == COLUMNS
    french: dict[str, Any] = told[1]
    assert (french["texts"], french["waiting"], french["blocked"], french["forecast"]) == (5, 4, 1, "not-enough-data")
    assert (rows[1]["waiting"], [cell.value for cell in sheet[3]][6]) == ("4", 4)
    forms = json.loads(browser.get("/deployments/iraq/locales/fr/progress/file?kind=json").content)
    assert (forms[0]["form"], forms[0]["texts"]) == ("form/consent", 3)
    days = json.loads(browser.get("/deployments/iraq/locales/fr/progress/file?kind=json&what=days").content)
    assert days == [
        {"day": "2026-03-02", "texts": 5, "words": french["words"], "words_with_text": french["translated_words"],
         "approved": 0, "approved_words": 0}
    ]  # fmt: skip
    assert browser.get("/deployments/iraq/progress/file?kind=pdf").status_code == 422


def test_the_api_tells_the_same(api: Api) -> None:
    """Languages and needs of a deployment; forms and days of a language; every number is what a recount finds."""
    told = api("observer").get("/deployments/iraq/progress").json()
    french = told["languages"][1]
    assert (french["locale"], french["waiting"], french["untranslated"], french["with_findings"]) == ("fr", 4, 1, 1)
    assert {(need["kind"], need["locale"]) for need in told["needs"]} == {
        ("blocking-findings", "fr"), ("no-reviewer", "ar"), ("no-reviewer", "fr"),
    }  # fmt: skip
    api("reviewer", locales=["fr"])
    assert ("no-reviewer", "fr") not in {
        (need["kind"], need["locale"]) for need in api("observer").get("/deployments/iraq/progress").json()["needs"]
    }
    language = api("observer").get("/deployments/iraq/locales/fr/progress").json()
    assert sum(form["texts"] for form in language["forms"]) == len(SOURCES)
    assert [day["day"] for day in language["days"]] == ["2026-03-02"]


def test_deadlines_over_the_api(api: Api) -> None:
    """Set, seen with the language, dropped; a day that has passed is refused."""
    specialist, path = api("specialist"), "/api/v1/deployments/iraq/locales/fr/deadline"
    headers = dict(specialist.headers)
    answer = api.client.put(path, json={"day": "2026-06-30", "note": "Go-live"}, headers=headers)
    assert answer.json() == {"locale": "fr", "day": "2026-06-30", "note": "Go-live"}
    assert specialist.get("/deployments/iraq/locales/fr/progress").json()["deadline"] == "2026-06-30"
    assert api.client.put(path, json={"day": "2020-01-01"}, headers=headers).status_code == 422
    assert api.client.delete(path, headers=headers).status_code == 204
    assert api.client.delete(path, headers=headers).status_code == 404


def test_an_archived_deployment_asks_nobody_for_anything(
    iraq: int, make_browser: MakeBrowser, database: Database, clock: MovableClock
) -> None:
    """Its numbers can still be read."""
    with database.write() as session:
        deployment = find_deployment(session, "iraq")
        set_deadline(session, deployment, "fr", clock().date(), note="", actor=OPERATOR, now=clock())
        archive_deployment(session, deployment, actor=OPERATOR, now=clock())
    page = make_browser("specialist", iraq).get("/deployments/iraq").text
    assert "nothing is to be done" in page
    assert "blocked by a check" not in page
