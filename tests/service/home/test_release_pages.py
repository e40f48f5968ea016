"""Making and withdrawing a release on the pages: who may, what is said, and that nothing typed is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from service.jobs.service import list_jobs
from tests.support.released import D, L

if TYPE_CHECKING:
    from tests.support.released import Released

PAGE = f"{D}/releases"
ORDER = {"locale": "fr", "policy": "approved"}


def test_a_release_is_made_fetched_and_withdrawn(lakes: Released) -> None:
    """The form queues it, the page shows it under way, then the release; withdrawn, it says why and who has it."""
    engineer = lakes.browser()
    assert "There is no release yet." in engineer.get(PAGE).text
    answer = engineer.post(PAGE, ORDER)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGE}?watch=1")
    page = engineer.get(f"{PAGE}?watch=1").text
    assert "The release is being made" in page
    assert 'http-equiv="refresh"' in page
    assert "waits for its turn" in page
    lakes.work()
    page = engineer.get(f"{PAGE}?watch=1").text
    assert "Release 1: French" in page
    assert 'http-equiv="refresh"' not in page
    one = engineer.get(f"{L}/releases/1").text
    assert "Nobody fetched it yet." in one
    fetch = f"/api/v1{L}/bundles/1"
    assert f'href="{fetch}"' in one
    assert engineer.client.get(fetch, headers={"User-Agent": "Firefox/9"}).status_code == 200
    assert "Fetched 1 time: whoever fetched it has to hear of it" in engineer.get(f"{L}/releases/1").text
    refused = engineer.post(f"{L}/releases/1/withdraw", {"reason": " "})
    assert refused.status_code == 422
    assert "Give a reason to withdraw a release" in refused.text
    answer = engineer.post(f"{L}/releases/1/withdraw", {"reason": "A wrong word."})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{L}/releases/1")
    one = engineer.get(f"{L}/releases/1").text
    assert "A wrong word." in one
    assert "Firefox/9" in one
    assert "Withdraw the release" not in one
    assert f'href="{fetch}"' not in one
    again = engineer.post(f"{L}/releases/1/withdraw", {"reason": "Twice."})
    assert again.status_code == 409
    assert "was withdrawn on" in again.text


def test_a_refusal_is_said_in_one_sentence(lakes: Released) -> None:
    """What the job was refused for stands on the page until the next one is made."""
    engineer = lakes.browser()
    engineer.post(PAGE, {**ORDER, "policy": "signed-off"})
    lakes.work()
    page = engineer.get(PAGE).text
    assert "No release of French was made." in page
    assert "There is no sign-off of fr of" in page
    assert "Traceback" not in page
    engineer.post(PAGE, ORDER)
    lakes.work()
    assert "was made." not in engineer.get(PAGE).text


def test_what_was_typed_stays_when_something_is_wrong(lakes: Released) -> None:
    """No language, another policy, and too long a reason; nothing is queued."""
    engineer = lakes.browser()
    for wrong, said in (
        ({"locale": ""}, "Choose the language"),
        ({"policy": "preview"}, "Choose what the release takes"),
        ({"allow": "x" * 501}, "too long"),
    ):
        answer = engineer.post(PAGE, {**ORDER, "require_complete": "true", "allow": "It is urgent.", **wrong})
        assert answer.status_code == 422
        assert said in answer.text
        assert 'name="require_complete" value="true" checked' in answer.text
        assert "It is urgent." in answer.text or "allow" in wrong
    with lakes.resources.database.read() as session:
        assert list_jobs(session, lakes.deployment_id) == []


def test_a_second_order_meanwhile_is_refused(lakes: Released) -> None:
    """One is made at a time; the same order twice is one."""
    engineer = lakes.browser()
    engineer.post(PAGE, ORDER)
    assert engineer.post(PAGE, ORDER).status_code == 303
    answer = engineer.post(PAGE, {**ORDER, "locale": "ar"})
    assert answer.status_code == 409
    assert "is being made" in answer.text


def test_who_asked_may_cancel_it_on_the_same_page(lakes: Released) -> None:
    """A release engineer, who exchanges nothing with Transifex, cancels a release and comes back to its page."""
    engineer = lakes.browser()
    engineer.post(PAGE, ORDER)
    assert "/runs/cancel/1" in engineer.get(PAGE).text
    assert "/runs/cancel/1" not in lakes.browser("reviewer").get(PAGE).text
    assert lakes.browser("reviewer").post(f"{D}/runs/cancel/1").status_code == 403
    engineer = lakes.browser()
    answer = engineer.post(f"{D}/runs/cancel/1", {"back": PAGE})
    assert (answer.status_code, answer.headers["location"]) == (303, PAGE)
    assert engineer.post(f"{D}/runs/cancel/1", {"back": "//elsewhere.example"}).status_code == 409
    assert "It was cancelled" in engineer.get(PAGE).text


@pytest.mark.parametrize("role", ["reviewer", "observer"])
def test_others_see_the_releases_and_no_form(lakes: Released, role: str) -> None:
    """Neither the form that makes one nor the one that withdraws it, and the addresses refuse."""
    lakes.release()
    browser = lakes.browser(role)
    assert "Make the release" not in browser.get(PAGE).text
    one = browser.get(f"{L}/releases/1").text
    assert "Withdraw the release" not in one
    assert "Fetch the bundle" not in one
    assert browser.post(PAGE, ORDER).status_code == 403
    assert browser.post(f"{L}/releases/1/withdraw", {"reason": "x"}).status_code == 403


def test_a_member_for_one_language_makes_releases_of_it_alone(lakes: Released) -> None:
    """The form offers that language, and refuses another."""
    engineer = lakes.browser(locales=["fr"])
    page = engineer.get(PAGE).text
    assert '<option value="fr"' in page
    assert '<option value="ar"' not in page
    assert engineer.post(PAGE, {**ORDER, "locale": "ar"}).status_code == 403
    assert engineer.post(PAGE, ORDER).status_code == 303


@pytest.mark.parametrize("lang", ["fr", "ar"])
def test_the_pages_are_small_and_speak_other_languages(lakes: Released, lang: str) -> None:
    """Drawn in French and Arabic too, below 50 kB."""
    lakes.release()
    browser = lakes.browser()
    for path in (PAGE, f"{L}/releases/1"):
        answer = browser.client.get(path, headers={"Accept-Language": lang})
        assert answer.status_code == 200
        assert f'<html lang="{lang}"' in answer.text
        assert len(answer.content) < 50_000
