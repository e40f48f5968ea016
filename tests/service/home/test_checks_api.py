"""Checks, findings, glossary and sensitive wording over the API; and that no way in lets a blocked text pass."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from sqlmodel import col, select

from service.catalog.models import Translation, Unit
from service.checks.choices import AS_SHIPPED
from service.checks.service import check_outdated, load_conditions
from service.deployments.service import find_deployment
from service.jobs.models import Job
from tests.service.home.conftest import Api, As, pair

if TYPE_CHECKING:
    from httpx2 import Response

    from tests.support.browsing import Browser

D = "/deployments/iraq"
FR = f"{D}/locales/fr"
AGE, NAME = "form/registration/age/display_name", "form/consent/name"
AGREE = "form/consent/agree/display_name"
LINK = "Consentement : voir www.example.org"


def _saying(unit: dict[str, Any], reason: str = "Looked at.") -> dict[str, Any]:
    return {"source_hash": unit["source_hash"], "text_hash": unit["text_hash"], "reason": reason}


def _correct(person: As, key: str, text: str) -> Response:
    return person.post(f"{FR}/corrections", {**pair(person.unit(key)), "text": text})


def _found(person: As, key: str) -> dict[str, int]:
    return {finding["check"]: finding["id"] for finding in person.unit(key)["findings"]}


# ---------------------------------------------------------------------------------------------------------------------
# Every way in


@pytest.mark.parametrize("way", ["api", "bulk", "page", "page-bulk"])
def test_no_way_in_approves_a_text_with_a_blocking_finding(
    api: Api, make_browser: Callable[..., Browser], way: str
) -> None:
    """Whoever decides, and however: the text waits, and the answer says what blocks it."""
    unit = api().unit(AGE)
    assert [finding["severity"] for finding in unit["findings"]] == ["B", "B"]
    if way == "api":
        answer = api().decide(unit)
    elif way == "bulk":
        answer = api().post(f"{FR}/approvals", {"reason": "Read."})
    else:
        with api.database.read() as session:
            found = select(Translation).join(Unit, col(Unit.id) == Translation.unit_id)
            row = session.exec(found.where(Unit.key == AGE, Unit.deployment_id == api.ids["iraq"])).one()
        browser = make_browser("reviewer", api.ids["iraq"])
        body = {**pair(unit), "version": str(row.version), "do": "approve", "sure": "1"}
        body |= {"listed": f"{row.id}-{row.version}", "reason": "Read."}
        answer = browser.post(f"{FR}/{'card' if way == 'page' else 'approvals'}", body)
    assert "blocking finding" in answer.text.lower()
    assert api().unit(AGE)["state"] == "translated"


@pytest.mark.parametrize("way", ["correction", "file", "file-replacing"])
def test_every_way_in_is_checked(api: Api, way: str) -> None:
    """A harmful text is marked the moment it stands there."""
    if way == "correction":
        assert _correct(api(), NAME, LINK).status_code == 200
    else:
        content = f"fr:\n  consent:\n    name: '{LINK}'\n".encode()
        more = {"replace_approved": "true"} if way == "file-replacing" else {}
        answer = api.client.post(
            f"/api/v1{FR}/translations", data=more, files={"source": ("fr.yml", content)},
            headers=dict(api("specialist").headers),
        )  # fmt: skip
        assert answer.status_code == 200, answer.text
    assert api().unit(NAME)["text"] == LINK
    assert list(_found(api(), NAME)) == ["links_introduced"]


# ---------------------------------------------------------------------------------------------------------------------
# Findings


def test_findings_are_counted_listed_and_paged(api: Api) -> None:
    """Each names its texts, place, sentence and replacement; a filter narrows counts and list alike."""
    answer = api("observer").get(f"{D}/findings?limit=1").json()
    assert [(row["check"], row["locale"], row["number"]) for row in answer["counts"]] == [("html_introduced", "fr", 2)]
    (first,) = answer["findings"]
    assert (first["key"], first["text"], first["start"], first["end"], first["replacement"]) == (
        AGE, "<b>Âge</b>", 0, 3, ""
    )  # fmt: skip
    assert "is HTML" in first["message"]
    second = api.client.get(answer["next"], headers=dict(api("observer").headers)).json()
    assert [(row["start"], row["end"]) for row in second["findings"]] == [(6, 10)]
    assert api("observer").get(f"{D}/findings?severity=W").json() == {"counts": [], "findings": [], "next": None}


@pytest.mark.parametrize("query", ["check=nubmers", "locale=xx"])
def test_a_filter_that_names_nothing_is_not_answered_as_if_all_were_well(api: Api, query: str) -> None:
    """A mistyped check would read as one that found nothing."""
    assert api("observer").get(f"{D}/findings?{query}").status_code == 404


def test_a_page_that_no_finding_can_follow_is_refused(api: Api) -> None:
    """PostgreSQL would call a number beyond its integers an error of the database."""
    assert api("observer").get(f"{D}/findings?after={2**31 - 1}").status_code == 200
    assert api("observer").get(f"{D}/findings?after={2**31}").status_code == 422


def test_a_finding_is_fixed_by_a_correction(api: Api) -> None:
    """The replacement goes in, whoever took it is the author, and the text waits for somebody else."""
    unit = api().unit(AGE)
    answer = api().post(f"{FR}/findings/{unit['findings'][1]['id']}/fix", {**_saying(unit), "reason": None})
    assert answer.status_code == 422  # a fix takes no reason
    body = {name: unit[name] for name in ("source_hash", "text_hash")}
    answer = api().post(f"{FR}/findings/{unit['findings'][1]['id']}/fix", body)
    assert (answer.status_code, answer.json()["text"], answer.json()["author"]) == (200, "<b>Âge", api().person)
    assert len(answer.json()["findings"]) == 1


def test_a_waiver_is_a_specialists_and_ends_with_the_pair(api: Api) -> None:
    """Not a reviewer's, not the approver's; another text is blocked again, and the first one comes back waived."""
    _correct(api(), NAME, LINK)
    number = _found(api(), NAME)["links_introduced"]
    path = f"{FR}/findings/{number}/waiver"
    unit = api().unit(NAME)
    assert api(n=1).post(path, _saying(unit)).status_code == 403
    assert api().post(f"{FR}/findings/{number}/dismissal", _saying(unit)).status_code == 409
    answer = api("specialist").post(path, _saying(unit, "Our own page."))
    assert answer.status_code == 200
    (finding,) = answer.json()["findings"]
    assert (finding["dismissed_by"], finding["dismissed_reason"]) == (api("specialist").person, "Our own page.")
    _correct(api(), NAME, f"{LINK}/aide")
    assert api(n=1).decide(api().unit(NAME)).status_code == 409
    _correct(api(), NAME, LINK)
    assert api(n=1).decide(api().unit(NAME)).status_code == 200
    again = _found(api(), NAME)["links_introduced"]
    took_back = api.client.delete(f"/api/v1{FR}/findings/{again}/waiver", headers=dict(api("specialist").headers))
    assert took_back.status_code == 200
    assert took_back.json()["findings"][0]["dismissed_by"] is None


def test_what_cannot_be_waived_is_not(api: Api) -> None:
    """Markup in a plain text stays blocked, whoever asks."""
    unit = api().unit(AGE)
    answer = api("specialist").post(f"{FR}/findings/{unit['findings'][0]['id']}/waiver", _saying(unit))
    assert (answer.status_code, "cannot be waived" in answer.text) == (409, True)


# ---------------------------------------------------------------------------------------------------------------------
# Switches, glossary, wording


def _rechecks(api: Api) -> int:
    with api.database.read() as session:
        return len(session.exec(select(Job).where(Job.kind == "recheck")).all())


def test_a_switch_names_where_and_why_and_asks_for_a_recheck(api: Api) -> None:
    """A check that blocks for good cannot be off; the last of the switches is the one that holds."""
    specialist = api("specialist")
    refused = specialist.post(f"{D}/checks", {"check": "blank", "on": False, "reason": "x"})
    assert refused.status_code == 409
    answer = specialist.post(f"{D}/checks", {"check": "caps", "on": False, "locale": "fr", "reason": "Style."})
    assert (answer.json()["off"], answer.json()["locales"], answer.json()["reason"]) == (False, {"fr": False}, "Style.")
    assert _rechecks(api) == 1
    listed = {row["check"]: row for row in api("observer").get(f"{D}/checks").json()}
    assert listed["caps"]["locales"] == {"fr": False}
    assert (listed["blank"]["may_be_off"], listed["links_introduced"]["may_be_off"]) == (False, True)


@pytest.mark.parametrize(
    ("check", "value", "text"),
    [
        ("digits_policy", "own", "العمر 5"),
        ("digits_policy", "latin", "العمر ٥"),
        ("max_length", "50", "العمر " * 30),
    ],
)
def test_what_is_chosen_for_a_language_counts_there_alone(api: Api, check: str, value: str, text: str) -> None:
    """The text is found once it was chosen, and no more once it is as shipped again."""
    specialist, body = api("specialist"), {"check": check, "value": value, "locale": "ar", "reason": "Schools do so."}
    content = f"ar:\n  registration:\n    fields:\n      age:\n        display_name: '{text}'\n".encode()
    sent = api.client.post(
        f"/api/v1{D}/locales/ar/translations", files={"source": ("ar.yml", content)}, headers=dict(specialist.headers)
    )
    assert sent.status_code == 200

    def look() -> set[str]:
        with api.database.write() as session:
            deployment = find_deployment(session, "iraq")
            check_outdated(session, deployment)
            assert load_conditions(session, deployment, "fr").choices == AS_SHIPPED
        return {finding["check"] for finding in specialist.unit(AGE, locale="ar")["findings"]}

    assert check not in look()
    answer = specialist.post(f"{D}/checks/choices", body)
    assert (answer.status_code, answer.json()["chosen"]) == (200, {"ar": value})
    assert check in look()
    specialist.post(f"{D}/checks/choices", {**body, "value": "default", "reason": ""})
    assert check not in look()
    assert _rechecks(api) == 1  # the second asks the job that waits already


@pytest.mark.parametrize(
    ("check", "value", "reason", "status", "why"),
    [
        ("numbers", "5", "x", 422, "nothing can be chosen of numbers"),
        ("bidi_unbalanced", "RLO", "x", 422, "no choice for bidi_unbalanced"),
        ("max_length", "1000", "x", 422, "50 to 300"),
        ("max_length", "120", " ", 422, "say why"),
        ("nubmers", "5", "x", 404, "there is no check"),
    ],
)
def test_what_cannot_be_chosen_is_refused(api: Api, check: str, value: str, reason: str, status: int, why: str) -> None:
    """With what could be."""
    answer = api("specialist").post(f"{D}/checks/choices", {"check": check, "value": value, "reason": reason})
    assert (answer.status_code, why in answer.text.lower()) == (status, True), answer.text


def test_a_glossary_goes_out_and_comes_in_again(api: Api) -> None:
    """Terms and forms, reasons and owners: the file that comes out says "unchanged" when it comes in."""
    specialist = api("specialist")
    term = {"term": "consent", "accepted": ["accord"], "forbidden": ["consentement"], "reason": "=plain", "owner": "P"}
    assert specialist.post(f"{FR}/glossary", term).json() == {"outcome": "added"}
    content = api("observer").get(f"{FR}/glossary/file").content
    assert "'=plain" in content.decode("utf-8-sig")

    def send(data: bytes, **form: str) -> dict[str, Any]:
        answer = api.client.post(
            f"/api/v1{FR}/glossary/file", data=form, files={"source": ("g.csv", data)}, headers=dict(specialist.headers)
        )
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    assert send(content)["unchanged"] == 1
    more = content + b"survivor,,survivante,victime,,\r\n"
    planned = send(more, dry_run="true")
    assert (planned["added"], planned["refused"], planned["rows"][1]["why"][:7]) == (0, 1, "say why")
    (answer,) = api("observer").get(f"{FR}/glossary").json()
    assert (answer["term"], answer["reason"], answer["owner"], answer["version"]) == ("consent", "=plain", "P", 1)
    assert _found(api(), NAME) == {}  # a job looks at all texts again
    refused = api().decide(api().unit(NAME))  # and a decision by itself, at once
    assert (refused.status_code, "term_forbidden" in refused.text) == (409, True)


def test_a_word_makes_units_sensitive_at_once_and_frees_them_again(api: Api) -> None:
    """The answer says how many; the list tells who changed what."""
    specialist = api("specialist")
    assert specialist.post(f"{D}/wording", {"term": "child", "reason": "x"}).json() == {"tagged": 1, "untagged": 0}
    assert (api().unit(AGREE)["sensitive"], api().unit(AGREE)["approvals_needed"]) == (True, 2)
    assert api("observer").get(f"{D}/wording").json()["added"] == ["child"]
    removed = specialist.post(f"{D}/wording/remove", {"term": "Child", "reason": "x"}).json()
    assert (removed, api().unit(AGREE)["sensitive"]) == ({"tagged": 0, "untagged": 1}, False)
