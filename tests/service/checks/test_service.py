"""Findings, kept beside the texts they are about."""

from datetime import datetime

import pytest
from sqlmodel import Session, select

from service.checks.models import Dismissal, StoredFinding
from service.checks.service import check_outdated, check_translations, find_blocking, list_findings
from service.db import Database
from tests.support.queries import count_queries
from tests.support.workshop import LOCALE, Workshop

SOURCE = {"count": "%{n} children", "agree": "I agree"}


@pytest.fixture
def workshop(database: Database) -> Workshop:
    """A deployment with a text that lacks a placeholder, and a sound one."""
    made = Workshop(database)
    made.import_source(SOURCE)
    made.import_texts({"count": "enfants", "agree": "J'accepte"})
    return made


def findings(workshop: Workshop, name: str) -> list[StoredFinding]:
    number = workshop.translation(name).id or 0
    return workshop.look(lambda s: list_findings(s, [number])).get(number, [])


def check(workshop: Workshop, name: str) -> set[int]:
    return workshop.act(lambda s, d, _now: check_translations(s, d, LOCALE, [workshop_unit(workshop, name)]))


def workshop_unit(workshop: Workshop, name: str) -> int:
    return workshop.unit(name).id or 0


def test_findings_are_kept_with_the_pair_they_were_made_on(workshop: Workshop) -> None:
    """Check, severity, place, sentence; the translation knows whether it is blocked."""
    (finding,) = findings(workshop, "count")
    translation = workshop.translation("count")
    assert (finding.check_id, finding.severity) == ("placeholder_mismatch", "B")
    assert finding.source_hash == workshop.unit("count").source_hash == translation.checked_on
    assert finding.text_hash == translation.text_hash
    assert (translation.blocked, translation.warnings) == (True, 0)
    assert findings(workshop, "agree") == []
    assert not workshop.translation("agree").blocked


def test_checking_again_keeps_the_findings_and_who_dismissed_them(workshop: Workshop) -> None:
    """A dismissal lasts as long as the pair."""

    workshop.act(lambda s, _d, now: say(s, "reem", "spoken aloud", now))
    check(workshop, "count")
    (before,) = findings(workshop, "count")
    assert (before.dismissed_by, before.dismissed_reason) == ("reem", "spoken aloud")
    check(workshop, "count")
    assert findings(workshop, "count") == [before]


def test_a_dismissal_comes_back_with_its_pair(workshop: Workshop) -> None:
    """As the approvals of the pair do; meanwhile another text has its own findings."""
    workshop.act(lambda s, _d, now: say(s, "reem", "spoken aloud", now))
    workshop.correct("omar", "count", "%{n} enfants")
    workshop.correct("omar", "count", "les enfants")
    assert [finding.dismissed_by for finding in findings(workshop, "count")] == [None]
    workshop.correct("omar", "count", "enfants")
    assert [finding.dismissed_by for finding in findings(workshop, "count")] == ["reem"]


def say(session: Session, person: str, reason: str, now: datetime) -> None:
    """Say of every finding that it does not count."""
    names = {"translation_id", "source_hash", "text_hash", "check_id", "start", "end", "message"}
    for row in session.exec(select(StoredFinding)):
        session.add(Dismissal(**row.model_dump(include=names), person_id=person, reason=reason, created_at=now))


def test_a_corrected_text_loses_its_findings(workshop: Workshop) -> None:
    """And gets those of the new text."""
    workshop.correct("reem", "count", "%{n} enfants")
    assert findings(workshop, "count") == []
    assert not workshop.translation("count").blocked
    workshop.correct("reem", "count", "%{m} enfants")
    assert {finding.check_id for finding in findings(workshop, "count")} >= {"placeholder_invented"}


def test_a_new_source_asks_for_new_checks(workshop: Workshop) -> None:
    """Only the texts concerned are looked at, and only once."""
    workshop.import_source({**SOURCE, "agree": "I agree, %{name}"})
    assert workshop.act(lambda s, d, _now: check_outdated(s, d, "ar")) == 0
    assert workshop.act(lambda s, d, _now: check_outdated(s, d)) == 1
    assert workshop.translation("agree").blocked
    assert workshop.act(lambda s, d, _now: check_outdated(s, d)) == 0


def test_an_option_that_goes_frees_the_others_of_its_set(workshop: Workshop) -> None:
    """And one that comes back blocks them again, once the outdated are checked."""
    red, blue = "lookup/l/lookup_values/red", "lookup/l/lookup_values/blue"
    both = {**SOURCE, red: "Red", blue: "Blue"}
    workshop.import_source(both, allow_removals=True)
    workshop.import_texts({red: "Rouge", blue: "Rouge"})
    assert workshop.translation(red).blocked
    workshop.import_source({**SOURCE, red: "Red"}, allow_removals=True)
    workshop.act(lambda s, d, _now: check_outdated(s, d))
    assert not workshop.translation(red).blocked
    workshop.import_source(both)
    workshop.act(lambda s, d, _now: check_outdated(s, d))
    assert workshop.translation(red).blocked


def test_a_waived_finding_no_longer_blocks(workshop: Workshop) -> None:
    """Where the check may be waived; any other goes on blocking though somebody dismissed it."""
    workshop.import_texts({"agree": "Voir https://evil.example"})

    assert find_blocking(findings(workshop, "agree")) == {"links_introduced"}
    workshop.act(lambda s, _d, now: say(s, "specialist", "our hotline", now))
    check(workshop, "agree")
    check(workshop, "count")
    assert find_blocking(findings(workshop, "agree")) == set()
    assert not workshop.translation("agree").blocked
    assert find_blocking(findings(workshop, "count")) == {"placeholder_mismatch"}
    assert workshop.translation("count").blocked


def ids_of(workshop: Workshop, name: str) -> list[str]:
    return [finding.check_id for finding in findings(workshop, name)]


def test_a_text_is_compared_with_those_of_equal_source_in_other_forms(workshop: Workshop) -> None:
    """Whichever of them changed: all of them are told, and all are told when it is mended."""
    one, other = "form/a/status/display_name", "form/b/status/display_name"
    workshop.import_source({**SOURCE, one: "Case status", other: "Case status"})
    workshop.import_texts({one: "Statut du cas"})
    assert ids_of(workshop, one) == []
    workshop.import_texts({other: "Situation"})
    assert (ids_of(workshop, one), ids_of(workshop, other)) == (["inconsistent"], ["inconsistent"])
    workshop.correct("reem", other, "Statut du cas")
    assert (ids_of(workshop, one), ids_of(workshop, other)) == ([], [])


def test_a_text_near_one_that_changed_keeps_what_else_was_found_in_it(workshop: Workshop) -> None:
    """And the word of whoever dismissed it; only its warnings are counted anew."""
    workshop.import_texts({"agree": "enfants"})
    assert ids_of(workshop, "count") == ["placeholder_mismatch", "reused"]
    assert (workshop.translation("count").blocked, workshop.translation("count").warnings) == (True, 1)
    workshop.import_texts({"agree": "J'accepte"}, replace_approved=True)
    assert ids_of(workshop, "count") == ["placeholder_mismatch"]
    assert (workshop.translation("count").blocked, workshop.translation("count").warnings) == (True, 0)


def test_an_option_without_a_text_is_said_at_the_first_that_has_one(workshop: Workshop) -> None:
    """Until it has one, too, or is out of scope."""
    yes, no, unknown = (f"lookup/l/lookup_values/{name}" for name in ("yes", "no", "unknown"))
    workshop.import_source({**SOURCE, yes: "Yes", no: "No"})
    workshop.import_texts({yes: "Oui"})
    assert ids_of(workshop, yes) == ["option_set_incomplete"]
    workshop.import_texts({no: "Non"})
    assert ids_of(workshop, yes) == []
    workshop.import_source({**SOURCE, yes: "Yes", no: "No", unknown: "Unknown"})
    workshop.act(lambda s, d, _now: check_outdated(s, d))
    assert ids_of(workshop, yes) == ["option_set_incomplete"]


def test_a_source_that_changes_frees_the_texts_it_was_compared_with(workshop: Workshop) -> None:
    """Also one that goes."""
    one, other, third = (f"form/{name}/status/display_name" for name in "abc")
    sources = {**SOURCE, one: "Case status", other: "Case status", third: "Case status"}
    workshop.import_source(sources)
    workshop.import_texts({one: "Statut", other: "Situation", third: "Position"})
    workshop.import_source({**sources, other: "Case state"})
    workshop.act(lambda s, d, _now: check_outdated(s, d))
    assert ids_of(workshop, one) == ["inconsistent"]
    workshop.import_source({**SOURCE, one: "Case status", other: "Case state"}, allow_removals=True)
    workshop.act(lambda s, d, _now: check_outdated(s, d))
    assert ids_of(workshop, one) == []


def test_the_number_of_queries_does_not_grow_with_the_texts_around(workshop: Workshop) -> None:
    """A form of 5 texts and one of 200 ask the database equally often."""

    def queries(size: int) -> int:
        keys = [f"form/f{size}/q{n}/display_name" for n in range(size)]
        workshop.import_source({**SOURCE, **{key: f"Question {n}" for n, key in enumerate(keys)}}, allow_removals=True)
        workshop.import_texts({key: f"Question numéro {n}" for n, key in enumerate(keys)})
        unit = workshop.unit(keys[0]).id or 0

        def check_one(session: object, deployment: object, _now: object) -> int:
            with count_queries(session) as counted:  # type: ignore[arg-type]
                check_translations(session, deployment, LOCALE, [unit])  # type: ignore[arg-type]
            return counted.number

        return workshop.act(check_one)

    few = queries(5)
    assert queries(200) == few < 12
