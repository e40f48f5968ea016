"""Comments on a card: what reviewers say to each other, and what volunteers asked on Transifex."""

from collections.abc import Callable

from sqlmodel import select

from service.catalog.models import OutboxRow
from service.sync.models import Question, QuestionState
from tests.service.review.pages.conftest import FRENCH, Reviewer
from tests.support.questions import add_question
from tests.support.workshop import SLUG, Workshop, key_of


def test_a_comment_is_seen_by_others_and_sent_nowhere(
    office: Workshop, make_reviewer: Callable[..., Reviewer], reviewer: Reviewer
) -> None:
    """A comment stands on the card with its author for everybody who reviews there, and Transifex hears nothing."""
    before = len(office.look(lambda session: session.exec(select(OutboxRow)).all()))
    sent = reviewer.browser.post(f"{FRENCH}/comments", {"key": key_of("agree"), "said": " Says one so in Basra? "})
    page = reviewer.browser.get(sent.headers["location"]).text
    assert "Your comment is kept:" in page
    other = make_reviewer().card("agree")
    assert ">Says one so in Basra?</p>" in other
    assert "Your comment is kept:" not in other
    assert "browsing-reviewer" in other.partition('id="comments"')[2]
    assert "Says one so" not in make_reviewer().card("again")
    assert len(office.look(lambda session: session.exec(select(OutboxRow)).all())) == before


def test_an_empty_comment_is_not_kept(reviewer: Reviewer) -> None:
    """Nothing but spaces is no comment, and one that is too long comes back as it was typed."""
    answer = reviewer.browser.post(f"{FRENCH}/comments", {"key": key_of("agree"), "said": "  "})
    assert answer.status_code == 422
    assert "Write something first." in answer.text
    long = "x" * 4001
    answer = reviewer.browser.post(f"{FRENCH}/comments", {"key": key_of("agree"), "said": long})
    assert (answer.status_code, long in answer.text) == (422, True)


def test_what_was_said_is_not_taken_from_the_address_of_others(
    make_reviewer: Callable[..., Reviewer], reviewer: Reviewer
) -> None:
    """An address that names somebody else's comment says nothing was kept."""
    sent = reviewer.browser.post(f"{FRENCH}/comments", {"key": key_of("agree"), "said": "Why?"})
    other = make_reviewer()
    assert "Your comment is kept:" not in other.browser.get(sent.headers["location"]).text


def test_the_questions_of_volunteers_stand_on_the_card(
    office: Workshop, make_reviewer: Callable[..., Reviewer]
) -> None:
    """A question about this text in this language is there with what was said since, and a way to answer it."""

    def ask(session, deployment, now):  # type: ignore[no-untyped-def]
        asked = {"now": now, "key": key_of("agree")}
        first = add_question(session, deployment.id, text="Who agrees?", comments=(("omar", "I wonder too."),), **asked)
        add_question(session, deployment.id, text="In Arabic?", locale="ar", **asked)
        settled = session.get(Question, add_question(session, deployment.id, text="An old one.", **asked))
        settled.state, settled.closed_at = QuestionState.RESOLVED, now
        return first

    number = office.act(ask)
    page = make_reviewer().card("agree")
    told = page.partition('id="comments"')[2]
    assert told.index("Who agrees?") < told.index("I wonder too.") < told.index("An old one.")
    assert f'<a href="/deployments/{SLUG}/questions#q-{number}">Answer</a>' in told
    assert "In Arabic?" not in page
    assert "Who agrees?" not in make_reviewer("observer").card("agree")
    assert "Who agrees?" not in make_reviewer(locales=["ar"]).card("agree")
