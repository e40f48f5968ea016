"""Units, decisions, corrections, conflicts, bulk approvals and imports over the API."""

from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import col, select

from service.catalog.models import Conflict, Translation, Unit
from service.home.schemas import UnitAnswer
from tests.service.home.conftest import FRENCH, SOURCES, Api, pair

UNITS = "/deployments/iraq/locales/fr/units"
LABEL, TITLE, AGE, YES = (
    "form/consent/agree/display_name",
    "form/consent/name",
    "form/registration/age/display_name",
    "lookup/lookup-yes-no/lookup_values/yes",
)
HELP = "form/consent/agree/help_text"


def _keys(api: Api, query: str = "") -> list[str]:
    answer = api("observer").get(f"{UNITS}{query}")
    assert answer.status_code == 200, answer.text
    return [unit["key"] for unit in answer.json()["units"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", list(SOURCES)),
        ("?state=untranslated", [HELP]),
        ("?state=translated&blocked=false", [LABEL, TITLE, YES]),
        ("?blocked=true", [AGE]),
        ("?record=form/consent", [LABEL, HELP, TITLE]),
        ("?record=lookup/lookup-yes-no", [YES]),
        ("?search=consentement", [TITLE]),
        ("?search=PRIVATE", [HELP]),
        ("?search=%25", []),
        ("?sensitive=true", []),
        ("?conflict=true", []),
        ("?conflict=false&sensitive=false&state=approved", []),
    ],
)
def test_units_are_filtered(api: Api, query: str, expected: list[str]) -> None:
    """Each filter narrows the list, in the order of the source, and signs of patterns are only signs."""
    assert _keys(api, query) == expected


@pytest.mark.parametrize("query", ["?state=done", "?limit=0", "?limit=100000", "?after=-2", "?sensitive=perhaps"])
def test_a_filter_that_cannot_be_is_said(api: Api, query: str) -> None:
    """A value that is none answers 422 and names the filter."""
    answer = api("observer").get(f"{UNITS}{query}")
    assert answer.status_code == 422
    assert query[1:].partition("=")[0] in answer.text


def test_pages_follow_each_other(api: Api) -> None:
    """``next`` leads through all pages with the same filters, no unit twice, none missed."""
    found: list[str] = []
    address: str | None = f"{UNITS}?limit=2&search=e"
    while address is not None:
        answer = api("observer").get(address.removeprefix("/api/v1")).json()
        assert len(answer["units"]) <= 2
        found += [unit["key"] for unit in answer["units"]]
        address = answer["next"]
    assert found == _keys(api, "?search=e")
    assert len(found) >= 3


def test_a_unit_shows_everything_a_reviewer_needs(api: Api) -> None:
    """One unit comes with both texts, their hashes, state, findings and decisions."""
    unit = UnitAnswer(**api().unit(AGE))
    assert (unit.source, unit.text, unit.state.value) == ("Age", FRENCH[AGE], "translated")
    assert [finding.check for finding in unit.findings] == ["html_introduced", "html_introduced"]
    assert unit.text is not None
    assert unit.text[unit.findings[0].start : unit.findings[0].end] == "<b>"
    assert (unit.approvals, unit.approvals_needed, unit.author, unit.decisions) == (0, 1, None, [])


def test_a_unit_that_is_not_there(api: Api) -> None:
    """An unknown key answers 404 and names it."""
    answer = api().get("/deployments/iraq/locales/fr/unit?key=form/none/name")
    assert answer.status_code == 404
    assert "form/none/name" in answer.json()["detail"]
    assert api().get("/deployments/iraq/locales/es/units").status_code == 404


def test_an_approval_and_its_end(api: Api) -> None:
    """A reviewer approves, the decision is listed, and the same reviewer takes it back."""
    me = api()
    approved = me.decide(me.unit(TITLE), comment="Good.").json()
    assert (approved["state"], approved["approvals"]) == ("approved", 1)
    [decision] = approved["decisions"]
    assert (decision["kind"], decision["person"], decision["comment"]) == ("approve", me.person, "Good.")
    reopened = me.decide(approved, "reopen", reopens=decision["id"]).json()
    assert reopened["state"] == "translated"
    assert [row["kind"] for row in reopened["decisions"]] == ["approve", "reopen"]


def test_a_rejection_needs_a_reason(api: Api) -> None:
    """Without one of the six reasons a rejection answers 422; with one the text is rejected."""
    me = api()
    refused = me.decide(me.unit(TITLE), "reject")
    assert refused.status_code == 422
    assert "dialect" in refused.json()["detail"]
    assert me.decide(me.unit(TITLE), "reject", reason="ugly").status_code == 422
    assert me.decide(me.unit(TITLE), "reject", reason="tone", comment="Too stiff.").json()["state"] == "rejected"


def test_a_reopening_names_its_decision(api: Api) -> None:
    """Without the decision's id a reopening answers 422; somebody else's takes a specialist."""
    me = api()
    approved = me.decide(me.unit(TITLE)).json()
    assert me.decide(approved, "reopen").status_code == 422
    assert api(n=1).decide(approved, "reopen", reopens=approved["decisions"][0]["id"]).status_code == 409


def test_a_blocked_text_is_not_approved(api: Api) -> None:
    """A blocking finding answers 409 and says what to do."""
    answer = api().decide(api().unit(AGE))
    assert answer.status_code == 409
    assert "html_introduced" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("decisions", {"kind": "approve"}),
        ("decisions", {"kind": "reject", "reason": "tone"}),
        ("corrections", {"text": "Accord"}),
        ("conflicts", {"keep": "ours", "their_hash": "0" * 64}),
    ],
)
@pytest.mark.parametrize("which", ["source_hash", "text_hash"])
def test_nothing_is_decided_on_other_texts_than_were_seen(api: Api, path: str, more: Any, which: str) -> None:
    """Where a text changed meanwhile the answer is 409 with both current texts, and nothing is done."""
    me = api()
    seen = me.unit(TITLE)
    answer = me.post(f"/deployments/iraq/locales/fr/{path}", {**pair(seen), which: "0" * 64, **more})
    assert (answer.status_code, answer.json()["code"]) == (409, "outdated")
    details = answer.json()["details"]
    assert (details["source"], details["text"]) == ("Consent", "Consentement")
    assert {name: details[name] for name in pair(seen)} == pair(seen)
    assert me.unit(TITLE) == seen


def test_a_correction_waits_for_another_person(api: Api) -> None:
    """Who corrects becomes the author and cannot approve the text; another person can."""
    me, other = api(), api(n=1)
    corrected = me.post("/deployments/iraq/locales/fr/corrections", {**pair(me.unit(AGE)), "text": "Âge"}).json()
    assert (corrected["text"], corrected["state"], corrected["author"]) == ("Âge", "translated", me.person)
    assert corrected["findings"] == []
    own = me.decide(corrected)
    assert own.status_code == 409
    assert "another person" in own.json()["detail"]
    assert other.decide(corrected).json()["state"] == "approved"


def test_a_sensitive_text_needs_two(api: Api) -> None:
    """A sensitive text is approved when two persons approved it, not one person twice."""
    body = {"action": "tag", "pattern": "form/consent/*", "tag": "sensitive", "reason": "Consent"}
    assert api("specialist").post("/deployments/iraq/scope", body).json() == {"matched": 3, "changed": 3}
    once = api().decide(api().unit(TITLE)).json()
    assert (once["state"], once["approvals"], once["approvals_needed"]) == ("translated", 1, 2)
    assert api().decide(once).status_code == 409
    assert api(n=1).decide(once).json()["state"] == "approved"


@pytest.mark.parametrize(("keep", "text"), [("ours", "Consentement"), ("theirs", "Accord")])
def test_a_conflict_is_ended_by_a_choice(api: Api, keep: str, text: str) -> None:
    """A text in conflict shows both sides and cannot be approved; a choice ends that, and approves nothing."""
    me = api()
    seen = me.unit(TITLE)
    with api.database.write() as session:
        unit = session.exec(select(Unit).where(Unit.key == TITLE, Unit.deployment_id == api.ids["iraq"])).one()
        row = session.exec(
            select(Translation).where(col(Translation.unit_id) == unit.id, Translation.locale == "fr")
        ).one()
        assert unit.id is not None
        session.add(
            Conflict(
                unit_id=unit.id, locale="fr", our_text=row.text or "", their_text="Accord", opened_at=api.clock(),
            )
        )  # fmt: skip
    shown = me.unit(TITLE)
    assert (shown["in_conflict"], shown["their_text"]) == (True, "Accord")
    assert _keys(api, "?conflict=true") == [TITLE]
    assert me.decide(seen).status_code == 409
    body = {**pair(seen), "keep": keep, "their_hash": shown["their_hash"]}
    older = me.post("/deployments/iraq/locales/fr/conflicts", {**body, "their_hash": "0" * 64})
    assert (older.status_code, older.json()["details"]["their_text"]) == (409, "Accord")
    chosen = me.post("/deployments/iraq/locales/fr/conflicts", body).json()
    assert (chosen["in_conflict"], chosen["text"], chosen["state"]) == (False, text, "translated")
    assert me.post("/deployments/iraq/locales/fr/conflicts", {**body, **pair(chosen)}).status_code == 409


def test_bulk_takes_what_passes_and_says_why_not_the_rest(api: Api) -> None:
    """Clean waiting texts are approved at once, with a reason; what is blocked is counted with the reason."""
    me = api()
    assert me.post("/deployments/iraq/locales/fr/approvals", {"reason": ""}).status_code == 422
    report = me.post("/deployments/iraq/locales/fr/approvals", {"reason": "Read in the workshop."}).json()
    assert report == {"approved": 3, "passed_over": {"blocking finding": 1}}
    assert _keys(api, "?state=approved") == [LABEL, TITLE, YES]


def test_unknown_members_are_refused(api: Api) -> None:
    """A mistyped member never passes for a default: 422, and it is named."""
    answer = api().post("/deployments/iraq/locales/fr/approvals", {"reason": "Read.", "with_warning": True})
    assert answer.status_code == 422
    assert "with_warning" in answer.text


def _import(api: Api, data: bytes, name: str = "fr.yml", **form: str) -> Any:
    files = {"source": (name, data)}
    headers = dict(api("specialist").headers)
    return api.client.post("/api/v1/deployments/iraq/locales/fr/translations", headers=headers, files=files, data=form)


def test_an_import_keeps_what_is_approved(api: Api) -> None:
    """New texts come in; an approved one is listed with both texts and kept, unless it is to be replaced."""
    api().decide(api().unit(TITLE))
    file = "fr:\n  consent:\n    name: Accord\n    fields:\n      agree:\n        help_text: En privé.\n".encode()
    answer = _import(api, file)
    assert answer.status_code == 200, answer.text
    report = answer.json()
    assert report["taken"] == 1
    assert [(row["key"], row["ours"], row["theirs"]) for row in report["listed"]] == [(TITLE, "Consentement", "Accord")]
    assert (api().unit(HELP)["text"], api().unit(TITLE)["state"]) == ("En privé.", "approved")
    assert _import(api, file, replace_approved="true").json()["taken"] == 1
    assert (api().unit(TITLE)["text"], api().unit(TITLE)["state"]) == ("Accord", "translated")


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (b"", "fr.yml", "fr.yml"),
        (b"fr: [", "fr.yml", "fr.yml"),
        (b"ar:\n  consent:\n    name: x\n", "fr.yml", "no text in fr"),
        (b"PK\x03\x04broken", "fr.zip", "fr.zip"),
        (b"\xff\xfe\x00", "fr.yml", "fr.yml"),
    ],
)
def test_a_bad_file_is_named(api: Api, data: bytes, name: str, said: str) -> None:
    """A file that cannot be used answers 422 as a problem that names it, and changes nothing."""
    before = api().unit(TITLE)
    answer = _import(api, data, name)
    assert answer.status_code == 422
    assert said in answer.json()["detail"] or said in answer.json()["details"]["file"]
    assert api().unit(TITLE) == before
