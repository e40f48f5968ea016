"""Findings on a card: dismissed, waived, taken back, put right."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import select

from service.checks.models import StoredFinding
from tests.service.review.pages.conftest import FRENCH, Reviewer
from tests.support.workshop import Workshop, key_of

HOME = "form/care/home/display_name"


def finding(office: Workshop, check: str) -> StoredFinding:
    """Return the one finding of a check."""
    return office.look(lambda s: s.exec(select(StoredFinding).where(StoredFinding.check_id == check)).one())


def send(reviewer: Reviewer, found: StoredFinding, do: str, name: str = HOME, **more: Any) -> Any:
    """Send a form of a finding."""
    fields = {"key": key_of(name), "finding": str(found.id), "source_hash": found.source_hash}
    return reviewer.browser.post(f"{FRENCH}/findings", {**fields, "text_hash": found.text_hash, "do": do, **more})


def test_a_dismissed_warning_asks_no_more(office: Workshop, reviewer: Reviewer) -> None:
    """With a reason a warning stops counting, is shown with the reason, and can count again."""
    office.import_texts({HOME: "Foyer 2"})
    found = finding(office, "numbers")
    assert send(reviewer, found, "dismiss").status_code == 422
    assert send(reviewer, found, "dismiss", reason="the second home").status_code == 303
    page = reviewer.card(HOME)
    assert "the second home" in page
    assert "Let it count again" in page
    assert send(reviewer, found, "withdraw").status_code == 303
    assert "the second home" not in reviewer.card(HOME)


def test_only_a_specialist_waives(office: Workshop, make_reviewer: Callable[..., Reviewer], reviewer: Reviewer) -> None:
    """A link that is not in the source blocks; a reviewer cannot waive it, a specialist can, with a reason."""
    office.import_texts({HOME: "Foyer https://a.example"})
    found = finding(office, "links_introduced")
    assert "Waive it" not in reviewer.card(HOME)
    assert send(reviewer, found, "waive", reason="ours").status_code == 403
    specialist = make_reviewer("specialist")
    assert "Waive it" in specialist.card(HOME)
    assert send(specialist, found, "waive", reason="ours").status_code == 303
    assert 'value="approve"' in reviewer.card(HOME)


def test_a_safe_fix_is_one_click_and_a_correction(office: Workshop, reviewer: Reviewer) -> None:
    """The offered replacement goes in as the reviewer's correction, which another person has to approve."""
    office.import_texts({HOME: "Foyer  familial"})
    found = finding(office, "double_space")
    answer = send(reviewer, found, "fix")
    assert answer.status_code == 303
    assert office.text(HOME) == "Foyer familial"
    assert "You wrote this text" in reviewer.card(HOME)


def test_a_finding_on_another_text_is_not_answered(office: Workshop, reviewer: Reviewer) -> None:
    """Where the text changed meanwhile, nothing is dismissed."""
    office.import_texts({HOME: "Foyer 2"})
    found = finding(office, "numbers")
    office.import_texts({HOME: "Foyer 3"})
    assert send(reviewer, found, "dismiss", reason="x").status_code in (404, 409)


FAULTS = {
    "count": "Jusqu’à %{m}  enfants 7 <b>de</b>",
    "agree": "L’enfant est d’accord",
    "again": "accord accord http://a.example !",
    HOME: "",
}


@pytest.mark.parametrize("lang", ["fr", "ar"])
def test_findings_are_told_in_the_reader_s_language(office: Workshop, reviewer: Reviewer, lang: str) -> None:
    """What a check found is no English on a page in another language, and what it quotes is set apart."""
    office.import_texts({name: text for name, text in FAULTS.items() if text})
    reviewer.browser.post("/language", {"lang": lang, "next": "/"})
    pages = [reviewer.card(name).partition('<ul class="findings">')[2].partition("</ul>")[0] for name in FAULTS]
    assert 'lang="en" dir="ltr">' not in "".join(re.sub(r"<bdi.*?</bdi>", "", page) for page in pages)
    assert '<bdi dir="ltr" translate="no">%{n}</bdi>' in pages[0]
    assert '<bdi dir="ltr" translate="no">http://a.example</bdi>' in pages[2]


def test_what_an_earlier_version_found_is_told_as_it_was(office: Workshop, reviewer: Reviewer) -> None:
    """Its words are kept in English alone: they stand marked so, behind what the check is about."""
    office.import_texts({HOME: "Foyer 2"})
    found = finding(office, "numbers")
    with office.database.write() as session:
        session.get_one(StoredFinding, found.id).said = None
    reviewer.browser.post("/language", {"lang": "fr", "next": "/"})
    page = reviewer.card(HOME)
    assert "Les nombres de la traduction ne sont pas ceux du texte source." in page
    assert f'<span lang="en" dir="ltr">{found.message}</span>' in page
