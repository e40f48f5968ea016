"""Findings, kept beside the texts they are about."""

import pytest
from sqlmodel import select

from service.checks.models import StoredFinding
from service.checks.service import check_outdated, check_translations, find_blocking, list_findings
from service.db import Database
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

    def dismiss(session: object, _deployment: object, now: object) -> None:
        row = session.exec(select(StoredFinding)).one()  # type: ignore[attr-defined]
        row.dismissed_by, row.dismissed_at, row.dismissed_reason = "reem", now, "spoken aloud"

    workshop.act(dismiss)
    (before,) = findings(workshop, "count")
    check(workshop, "count")
    assert findings(workshop, "count") == [before]


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

    def waive(session: object, _deployment: object, now: object) -> None:
        for row in session.exec(select(StoredFinding)):  # type: ignore[attr-defined]
            row.dismissed_by, row.dismissed_at = "specialist", now

    assert find_blocking(findings(workshop, "agree")) == {"links_introduced"}
    workshop.act(waive)
    check(workshop, "agree")
    check(workshop, "count")
    assert find_blocking(findings(workshop, "agree")) == set()
    assert not workshop.translation("agree").blocked
    assert find_blocking(findings(workshop, "count")) == {"placeholder_mismatch"}
    assert workshop.translation("count").blocked
