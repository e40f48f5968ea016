"""The card: reading one text, deciding on it, and what happens when two people do."""

import re
from collections.abc import Callable
from html import unescape

import pytest
from sqlmodel import delete, select

from service.auth.models import Account, LoginSession
from service.auth.passwords import hash_password
from service.catalog.models import State
from service.db import Database
from service.web.addresses import local_path
from service.web.kept import unpack_kept
from tests.service.review.pages.conftest import FRENCH, Reviewer
from tests.support.workshop import Workshop


def test_the_next_card_is_the_first_text_that_waits(reviewer: Reviewer) -> None:
    """Without a key the first waiting text in the order of the source is shown, with both texts."""
    page = reviewer.open("/card")
    assert reviewer.page.status_code == 200
    assert "Does the child agree?" in page
    assert "L’enfant est-il d’accord ?" in page
    assert "3 of 4 left in this form" in page


def test_approving_leads_to_the_next_card_and_can_be_taken_back(office: Workshop, reviewer: Reviewer) -> None:
    """After an approval the next text is there, with a line on what was done; Undo makes it as if never made."""
    reviewer.card("agree")
    page = reviewer.send("approve").text
    assert office.state("agree") is State.APPROVED
    assert "Approved:" in page
    assert office.state("again") is State.TRANSLATED
    undo = reviewer.browser.post(
        "/deployments/iraq/locales/fr/card",
        {"do": "undo", "key": office.unit("agree").key, "decision": str(office.decisions("agree")[0].id)},
    )
    assert undo.status_code == 303
    assert office.state("agree") is State.TRANSLATED


def test_the_same_pair_elsewhere_is_approved_in_one_step(office: Workshop, reviewer: Reviewer) -> None:
    """The box on the card approves identical pairs, and the next page says how many there were."""
    page = reviewer.card("agree")
    assert "also approve the same pair in 1 other place" in page
    page = reviewer.send("approve", also="1").text
    assert office.state("again") is State.APPROVED
    assert "and 1 other place with the same texts" in page


def test_rejecting_needs_a_reason_and_keeps_what_was_typed(office: Workshop, reviewer: Reviewer) -> None:
    """Without a reason the form comes back with the comment in it; with one the text is rejected."""
    reviewer.card("agree", "&mode=reject")
    page = reviewer.send("reject", comment="Sounds like a threat")
    assert page.status_code == 422
    assert "Choose a reason first." in page.text
    assert "Sounds like a threat" in page.text
    assert office.state("agree") is State.TRANSLATED
    page = reviewer.send("reject", comment="Sounds like a threat", reason="tone")
    assert office.state("agree") is State.REJECTED
    assert "Rejected:" in page.text


def test_a_correction_waits_for_another_person(
    office: Workshop, make_reviewer: Callable[..., Reviewer], reviewer: Reviewer
) -> None:
    """Who corrects a text is not offered to approve it; somebody else is."""
    reviewer.card("agree", "&mode=correct")
    page = reviewer.send("correct", text="L’enfant accepte-t-il ?").text
    assert "Corrected, and now waiting for another person:" in page
    assert office.text("agree") == "L’enfant accepte-t-il ?"
    page = reviewer.card("agree")
    assert "You wrote this text: another person must approve it." in page
    assert 'value="approve"' not in page
    other = make_reviewer()
    assert 'value="approve"' in other.card("agree")


def test_an_empty_correction_keeps_the_card_open(office: Workshop, reviewer: Reviewer) -> None:
    """A blank text is refused in the form it was typed in."""
    reviewer.card("agree", "&mode=correct")
    page = reviewer.send("correct", text="  ")
    assert page.status_code == 422
    assert "A correction cannot be empty" in page.text
    assert office.text("agree") == "L’enfant est-il d’accord ?"


def test_two_people_at_once_overwrite_nothing(
    office: Workshop, make_reviewer: Callable[..., Reviewer], reviewer: Reviewer
) -> None:
    """Who decides on a text that somebody changed meanwhile sees both, with what was typed, and nothing is decided."""
    other = make_reviewer()
    reviewer.card("agree", "&mode=correct")
    other.card("agree", "&mode=correct")
    other.send("correct", text="L’enfant dit-il oui ?")
    page = reviewer.send("correct", text="L’enfant accepte-t-il ?")
    assert page.status_code == 409
    assert "You were looking at this text:" in page.text
    assert "L’enfant est-il d’accord ?" in page.text
    assert "L’enfant dit-il oui ?" in page.text
    assert "L’enfant accepte-t-il ?" in page.text
    assert office.text("agree") == "L’enfant dit-il oui ?"


def test_a_rejection_by_somebody_else_is_not_ended_unseen(
    office: Workshop, make_reviewer: Callable[..., Reviewer], reviewer: Reviewer
) -> None:
    """An approval made on a card that did not show another's rejection is not taken."""
    reviewer.card("agree")
    other = make_reviewer()
    other.card("agree", "&mode=reject")
    other.send("reject", reason="safety")
    assert reviewer.send("approve").status_code == 409
    assert office.state("agree") is State.REJECTED


def test_skipping_puts_a_text_aside_for_this_person_only(
    office: Workshop, make_reviewer: Callable[..., Reviewer], reviewer: Reviewer
) -> None:
    """A skipped text leaves the queue of who skipped it, not that of others, and comes back when asked for."""
    reviewer.open("/card?form=form/care")
    page = reviewer.send("skip", "?form=form/care").text
    assert "Put aside:" in page
    assert "Nothing is left for you in “Care”." in page
    assert "Foyer" in make_reviewer().open("/card?form=form/care")
    assert office.state("form/care/home/display_name") is State.TRANSLATED
    reviewer.browser.post("/deployments/iraq/locales/fr/skipped")
    assert "Foyer" in reviewer.open("/card?form=form/care")


def test_a_blocked_text_offers_no_approval(office: Workshop, reviewer: Reviewer) -> None:
    """An error says what is wrong, and its card has no Approve."""
    office.import_texts({"count": "Jusqu’à %{m} enfants"})
    page = reviewer.card("count")
    assert "An error stands: correct or reject the text." in page
    assert 'value="approve"' not in page
    assert '<bdi class="holder" dir="ltr" translate="no">%{m}</bdi>' in page


def test_a_warning_asks_once(office: Workshop, reviewer: Reviewer) -> None:
    """With a warning the first Approve asks; the second approves."""
    office.import_texts({"form/care/home/display_name": "Foyer 2"})
    reviewer.card("form/care/home/display_name")
    page = reviewer.send("approve")
    assert page.status_code == 200
    assert "There is 1 warning. Approve all the same?" in page.text
    assert office.state("form/care/home/display_name") is State.TRANSLATED
    reviewer.send("approve")
    assert office.state("form/care/home/display_name") is State.APPROVED


def test_a_sensitive_text_takes_two_people(
    office: Workshop, make_reviewer: Callable[..., Reviewer], reviewer: Reviewer
) -> None:
    """After the first approval it leaves that person's queue and waits for a second, whose card says 1 of 2."""
    office.tag("form/consent/agree/*")
    page = reviewer.card("agree")
    assert "This text is sensitive" in page
    reviewer.send("approve")
    assert office.state("agree") is State.TRANSLATED
    assert reviewer.open("/card?form=form/consent&sensitive=1").count("Nothing is left for you") == 1
    other = make_reviewer()
    assert "1 of 2 approvals" in other.card("agree")
    other.send("approve")
    assert office.state("agree") is State.APPROVED


def test_a_stale_text_shows_what_changed_and_can_be_kept(office: Workshop, reviewer: Reviewer) -> None:
    """The words of the source that changed are marked, and one step says that the text is still right."""
    reviewer.card("form/care/home/display_name")
    reviewer.send("approve")
    office.import_source(SOURCES_CHANGED)
    page = reviewer.card("form/care/home/display_name")
    assert "<ins>" in page
    assert "Still right: approve" in page
    reviewer.send("approve")
    assert office.state("form/care/home/display_name") is State.APPROVED


SOURCES_CHANGED = {
    "form/consent/name": "Consent",
    "agree": "Does the child agree?",
    "again": "Does the child agree?",
    "count": "Up to %{n} children",
    "form/care/name": "Care",
    "form/care/home/display_name": "Present home",
}


def test_who_may_not_decide_may_read(make_reviewer: Callable[..., Reviewer]) -> None:
    """An observer sees the card without buttons, and sending a decision is refused."""
    observer = make_reviewer("observer")
    page = observer.card("agree")
    assert "You may read here, but not decide" in page
    sent = observer.browser.post("/deployments/iraq/locales/fr/card", {"do": "skip", "key": "form/consent/name"})
    assert sent.status_code == 403


def test_a_reviewer_of_another_language_may_not_decide_here(make_reviewer: Callable[..., Reviewer]) -> None:
    """A membership for Arabic allows no decision in French."""
    arabic = make_reviewer("reviewer", ["ar"])
    arabic.card("agree")
    sent = arabic.browser.post("/deployments/iraq/locales/fr/card", {"do": "approve", "key": "form/consent/name"})
    assert sent.status_code == 403


def test_a_card_of_nothing_is_not_found(reviewer: Reviewer) -> None:
    """An unknown key, language or deployment is a page that says so."""
    for path in ("/card?key=form/x/name",):
        reviewer.open(path)
        assert reviewer.page.status_code == 404
    assert reviewer.browser.get("/deployments/iraq/locales/km/card").status_code == 404
    assert reviewer.browser.get("/deployments/none/locales/fr/card").status_code == 404


def test_what_was_done_is_not_taken_from_the_address_of_others(
    office: Workshop, make_reviewer: Callable[..., Reviewer], reviewer: Reviewer
) -> None:
    """An address that names somebody else's decision says nothing."""
    reviewer.card("agree")
    reviewer.send("approve")
    decision = office.decisions("agree")[0].id
    assert "Approved:" not in make_reviewer().open(f"/card?did={decision}")


def test_what_was_typed_survives_the_end_of_the_session(
    office: Workshop, reviewer: Reviewer, database: Database
) -> None:
    """Who sends a correction after the session ended signs in again and sends it then, as it was typed."""
    typed = "L’enfant accepte-t-il, sans crainte ?"
    reviewer.card("agree", "&mode=correct")
    fields = reviewer.fields()
    with database.write() as session:
        session.exec(delete(LoginSession))
        account = session.exec(select(Account).where(Account.username.startswith("browsing-"))).one()  # type: ignore[attr-defined]
        account.password_hash = hash_password("a-long-enough-password")
        session.add(account)
    login = reviewer.browser.post(f"{FRENCH}/card?form=form/consent", {**fields, "do": "correct", "text": typed})
    assert login.status_code == 401
    assert login.text.count(typed) == 2  # shown, and carried along
    reviewer.page = login
    wrong = reviewer.browser.post("/login", {**reviewer.fields(), "username": account.username, "password": "wrong"})
    assert wrong.status_code == 422
    reviewer.page = wrong
    again = reviewer.browser.post(
        "/login", {**reviewer.fields(), "username": account.username, "password": "a-long-enough-password"}
    )
    assert "You are signed in again" in again.text
    assert office.text("agree") == "L’enfant est-il d’accord ?"
    reviewer.page = again
    address = unescape(re.findall(r'action="([^"]*/card[^"]*)"', again.text)[0])
    sent = reviewer.browser.post(address, reviewer.fields())
    assert sent.status_code == 303
    assert office.text("agree") == typed


def test_nothing_foreign_is_sent_again() -> None:
    """A kept form that leads elsewhere, or is no kept form, is not offered."""
    assert unpack_kept("[1, 2]") is None
    assert unpack_kept('["/x", [["a", 1]]]') is None
    assert unpack_kept("x" * 70_000) is None
    kept = unpack_kept('["https://evil.example/", [["a", "b"]]]')
    assert kept is not None
    assert local_path(kept.action) == "/"


@pytest.mark.parametrize(
    ("do", "typed"), [("approve", {}), ("reject", {"reason": "tone"}), ("correct", {"text": "L’enfant accepte ?"})]
)
def test_what_was_done_before_its_answer_was_lost_can_be_sent_again(
    office: Workshop, reviewer: Reviewer, do: str, typed: dict[str, str]
) -> None:
    """The same decision of the same person on the same texts, sent twice, leads on and is made once."""
    reviewer.card("agree", f"&mode={do}")
    first = reviewer.page
    reviewer.send(do, **typed)
    before = len(office.decisions("agree")), office.translation("agree").version
    reviewer.page = first
    assert reviewer.send(do, **typed).status_code == 200
    assert "data-done" in reviewer.page.text or do == "approve"
    assert (len(office.decisions("agree")), office.translation("agree").version) == before


def test_sending_again_after_another_person_decided_shows_both(
    make_reviewer: Callable[..., Reviewer], reviewer: Reviewer
) -> None:
    """Only the person's own decision counts as sent: another one's in between is shown."""
    reviewer.card("agree")
    first = reviewer.page
    reviewer.send("approve")
    other = make_reviewer()
    other.card("agree", "&mode=reject")
    other.send("reject", reason="meaning")
    reviewer.page = first
    assert reviewer.send("approve").status_code == 409
