"""The queue of a language: forms with what is left, filters in the address, forms taken, approving a list."""

import re
from collections.abc import Callable
from html import unescape

import pytest

from service.catalog.models import State
from tests.service.review.pages.conftest import FRENCH, SOURCES, Reviewer
from tests.support.people import MovableClock
from tests.support.workshop import Workshop


def test_forms_stand_in_the_order_of_what_is_left(reviewer: Reviewer) -> None:
    """The form with the fewest words left comes first, and Start leads to its first card."""
    page = reviewer.open("/queue")
    assert reviewer.page.status_code == 200
    assert "4 texts wait for you" in page
    assert page.index("form=form%2Fcare") < page.index("form=form%2Fconsent")
    assert "Start with “Care”" in page


def test_a_finished_language_says_what_comes_next(office: Workshop, reviewer: Reviewer) -> None:
    """With nothing left to decide the queue says so."""
    for name in ("agree", "again", "count", "form/care/home/display_name"):
        reviewer.card(name)
        reviewer.send("approve")
    assert "Nothing waits for you now." in reviewer.open("/queue")


def test_the_list_filters_by_what_the_address_says(office: Workshop, reviewer: Reviewer) -> None:
    """State, form, search in both languages, sensitive, error: each filter finds its texts and no others."""
    office.tag("form/care/*")
    office.import_texts({"count": "Jusqu’à %{m} enfants"})
    for query, found, missing in (
        ("show=all&form=form/care", "Foyer", "accord"),
        ("search=foyer", "Foyer", "accord"),
        ("search=child+agree", "accord", "Foyer"),
        ("sensitive=1", "Foyer", "accord"),
        ("blocked=1", "%{m}", "Foyer"),
        ("check=placeholder_mismatch", "%{m}", "Foyer"),
        ("show=untranslated", "Consent", "Foyer"),
        ("since=2026-01-01", "Foyer", "Nothing"),
    ):
        page = reviewer.open(f"/texts?{query}")
        assert found in page, query
        assert missing not in page.partition('role="status"')[2], query
    assert "No text fits this filter." in reviewer.open("/texts?since=2999-01-01")
    assert "No text fits this filter." in reviewer.open("/texts?show=approved")
    reviewer.open("/texts?since=yesterday")
    assert reviewer.page.status_code == 422


def test_a_list_is_approved_as_it_was_shown(office: Workshop, reviewer: Reviewer) -> None:
    """What is ticked and still as it was is approved; what changed meanwhile is passed over and counted."""
    page = reviewer.open("/texts")
    ids = [office.translation(name) for name in ("agree", "again")]
    listed = [f"{row.id}-{row.version}" for row in ids]
    assert all(f'value="{item}" checked' in page for item in listed)
    office.import_texts({"again": "L’enfant accepte-t-il ?"})
    answer = reviewer.browser.post(f"{FRENCH}/approvals", {"listed": listed, "reason": "read in the workshop"})
    assert "1 text was approved." in answer.text
    assert "1: changed meanwhile" in answer.text
    assert office.state("agree") is State.APPROVED
    assert office.state("again") is State.TRANSLATED


def test_a_list_without_a_reason_changes_nothing(office: Workshop, reviewer: Reviewer) -> None:
    """Approving together needs a reason."""
    row = office.translation("agree")
    answer = reviewer.browser.post(f"{FRENCH}/approvals", {"listed": [f"{row.id}-{row.version}"], "reason": " "})
    assert answer.status_code == 422
    assert office.state("agree") is State.TRANSLATED


def test_a_form_that_somebody_took_is_left_to_them(
    office: Workshop, make_reviewer: Callable[..., Reviewer], reviewer: Reviewer
) -> None:
    """A taken form leaves the others' queues until it is left; whoever opens it all the same sees who is on it."""
    taken = reviewer.browser.post(f"{FRENCH}/forms", {"do": "take", "form": "form/care"})
    assert taken.status_code == 303
    other = make_reviewer()
    assert "Foyer" not in other.open("/texts")
    assert "is on this form now." in other.open("/card?form=form/care")
    refused = other.browser.post(f"{FRENCH}/forms", {"do": "take", "form": "form/care"})
    assert refused.status_code == 409
    reviewer.browser.post(f"{FRENCH}/forms", {"do": "leave", "form": "form/care"})
    assert "Foyer" in other.open("/texts")


def test_a_claim_ends_half_an_hour_after_the_last_action(
    make_reviewer: Callable[..., Reviewer], reviewer: Reviewer, clock: MovableClock
) -> None:
    """Deciding keeps a form taken; half an hour without a decision frees it."""
    reviewer.open("/card?form=form/consent")
    reviewer.send("approve", "?form=form/consent")
    other = make_reviewer()
    assert "accord" not in other.open("/texts")
    clock.move(minutes=31)
    assert "accord" in other.open("/texts")


@pytest.mark.parametrize("page", ["/", f"{FRENCH}/queue"])
def test_each_number_leads_to_exactly_those_texts(office: Workshop, reviewer: Reviewer, page: str) -> None:
    """Every number of the first page and of the language's is a link to a list of just so many texts."""
    office.approve("reem", "agree")
    office.reject("reem", "again")
    office.import_texts({"count": "Jusqu’à %{m} enfants", "form/care/name": "Soins"})
    office.approve("omar", "form/care/name")
    office.import_source({**SOURCES, "form/care/name": "Care and support"})
    office.push_source()
    office.pull({"form/care/home/display_name": "Maison"})
    html = reviewer.browser.get(page).text
    links = re.findall(r'<a href="([^"]*/texts\?show=[^"]*)">([^<]*(?:<span.*?</span>)?[^<]*<strong>)?([\d,]+)<', html)
    found = {unescape(address): int(number) for address, _, number in links if "/fr/" in address}
    shown = {"untranslated", "translated", "stale", "rejected", "approved", "all&blocked=1", "all&conflict=1"}
    assert {address.partition("show=")[2] for address in found} >= shown - {"all&conflict=1"}
    for address, number in found.items():
        told = f"{number} text" if number == 1 else f"{number} texts"
        assert f'<p role="status">{told} ' in reviewer.browser.get(address).text, address


def test_what_waits_for_whom_leads_to_it(office: Workshop, reviewer: Reviewer) -> None:
    """Under the table of a deployment each sentence about what is left is a link to where it is done."""
    html = reviewer.browser.get("/").text
    assert f'<a href="{FRENCH}/queue">4 texts wait for a reviewer</a>; ' in html
    assert f'<a href="{FRENCH}/texts?show=untranslated">2 texts are not translated yet</a>.' in html


def test_a_specialist_gives_a_form_and_takes_it_back(
    office: Workshop, make_reviewer: Callable[..., Reviewer], reviewer: Reviewer, clock: MovableClock
) -> None:
    """A given form is where its reviewer starts, stays theirs after half an hour, and is nobody else's until then."""
    specialist, other, elsewhere = make_reviewer("specialist"), make_reviewer(), make_reviewer(locales=["ar"])
    mine, strangers = (browser.browser.person_id for browser in (reviewer, elsewhere))
    page = specialist.open("/queue")
    assert f'<option value="{mine}">' in page
    assert f'<option value="{strangers}">' not in page
    form = {"do": "give", "form": "form/consent"}
    assert specialist.browser.post(f"{FRENCH}/forms", {**form, "person": strangers}).status_code == 422
    assert specialist.browser.post(f"{FRENCH}/forms", {**form, "person": mine}).status_code == 303
    clock.move(minutes=31)
    page = reviewer.open("/queue")
    assert "Start with “Consent”" in page
    assert "given by browsing-specialist" in page
    assert "accord" not in other.open("/texts")
    assert "Give a form" not in page
    assert 'value="leave">Take back<' in specialist.open("/queue")
    specialist.browser.post(f"{FRENCH}/forms", {"do": "leave", "form": "form/consent"})
    assert "accord" in other.open("/texts")
    assert [row.action for row in office.audit()].count("review.give-form") == 1


def test_who_does_not_review_is_not_told_that_texts_wait_for_them(make_reviewer: Callable[..., Reviewer]) -> None:
    """A specialist reads that texts wait for a reviewer, and is not asked to start."""
    page = make_reviewer("specialist").open("/queue")
    assert "4 texts wait for a reviewer" in page
    assert "wait for you" not in page
    assert "Start with" not in page
