"""What volunteers ask on Transifex comes in, is answered once, and costs next to nothing while nobody asks."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

import pytest
from sqlmodel import select

from service.audit.models import AuditEntry
from service.auth.models import Person
from service.errors import BadInput
from service.home.questions import QuestionView
from service.sync.models import Question, QuestionState, RunState
from tests.service.sync.test_sending import Killed, die_after, refusing
from tests.support.syncing import BOT, World
from transifex_client.sandbox.state import CommentState
from transifex_client.wire import httpx

NAME = "form/consent/name"
AGE = "form/consent/age/display_name"
SEX = "lookup/lookup-sex/lookup_values/f"
SOURCES = {NAME: "Consent", AGE: "Age of the caregiver", SEX: "Female"}
ASKED = "What does caregiver mean here?"
ANSWER = "Whoever cares for the child.\nNot a nurse."


@pytest.fixture
def story(world: World) -> World:
    """A world whose texts are on Transifex, where nobody has asked anything."""
    world.bring(SOURCES)
    world.push()
    world.pull()
    return world


def asked(world: World, key: str = AGE, message: str = ASKED, **who: str) -> QuestionView:
    """Ask there, pull, and return the question as it came in."""
    world.ask(key, message, **who)
    world.pull(questions=True)
    return next(question for question in world.questions() if question.text == message)


def comments(world: World, key: str = AGE, kind: str = "comment") -> list[CommentState]:
    """Return the comments beside a unit's string, oldest first."""
    return [comment for comment in world.issues(key) if comment.type == kind]


def writes(world: World) -> list[httpx.Request]:
    return [request for request in world.requests if request.method != "GET"]


def test_a_question_comes_in_with_all_that_is_known(story: World) -> None:
    """A pull keeps the issue with its text, author, date and locale, and says so."""
    issue = story.ask(AGE, ASKED)
    report = story.pull(questions=True)
    (question,) = story.questions()
    assert (question.key, question.known, question.source) == (AGE, True, "Age of the caregiver")
    assert (question.locale, question.language, question.author) == ("fr", "fr", "amina")
    assert (question.text, question.opened_at, question.state) == (ASKED, issue.created_at, QuestionState.OPEN)
    assert question.thread == ()
    assert "1 new" in report.message
    assert report.state is RunState.DONE
    assert report.outcome["questions"] == {"opened": 1, "comments": 0, "closed": 0, "trouble": ""}
    again = story.pull(questions=True)
    assert again.state is RunState.NO_CHANGES
    assert len(story.questions()) == 1


def test_the_author_is_kept_as_a_person_alone(story: World) -> None:
    """The Transifex name stands in the table of persons, where it can be erased."""
    question = asked(story)
    with story.database.write() as session:
        row = session.get_one(Question, question.id)
        person = session.get_one(Person, row.author_id)
        assert person.transifex_username == "amina"
        person.transifex_username = None
    assert story.questions()[0].author is None


def test_later_comments_of_others_follow_the_question(story: World) -> None:
    """What was said before it, on another text, or in another language is no part of it; what is said later is."""
    story.locales["es"] = "es"
    story.sandbox.state.projects[story.project].languages.append("es")
    story.ask(AGE, "Before.", kind="comment")
    question = asked(story)
    story.ask(NAME, "Elsewhere.", kind="comment")
    story.ask(AGE, "In Spanish.", kind="comment", language="es")
    story.ask(AGE, "I wonder too.", by="omar", kind="comment")
    report = story.pull(questions=True)
    (question,) = story.questions()
    assert [(said.by, said.text, said.ours) for said in question.thread] == [("omar", "I wonder too.", False)]
    assert report.outcome["questions"]["comments"] == 1
    assert story.pull(questions=True).outcome["questions"]["comments"] == 0


def test_what_the_service_said_itself_is_no_question(story: World) -> None:
    """An issue that a rejection opened is known by its id, even before it is known as whom the service writes."""
    story.translate({NAME: "Accord"})
    story.pull()
    story.reject(NAME)
    story.push()
    assert len(story.issues(NAME)) == 1
    with story.database.write() as session:
        story.deployment_in(session).service_username = None
    story.pull(questions=True, own_user=None)
    assert story.questions() == []
    story.ask(NAME, "By hand, with the service's account.", by=BOT)
    story.pull(questions=True)
    assert story.questions() == []


def test_a_question_resolved_there_is_resolved_here(story: World) -> None:
    """Once somebody resolves it on Transifex it waits no more; once it is opened again it waits again."""
    issue = story.ask(AGE, ASKED)
    story.pull(questions=True)
    story.ask(AGE, "Found it.", kind="comment")
    issue.status = "resolved"
    report = story.pull(questions=True)
    (question,) = story.questions()
    assert (question.state, question.closed_at) == (QuestionState.RESOLVED, story.clock())
    assert [said.text for said in question.thread] == ["Found it."]
    assert "1 resolved there" in report.message
    issue.status = "open"
    story.ask(AGE, "After all not.", kind="comment")
    story.pull(questions=True)
    (question,) = story.questions()
    assert (question.state, question.closed_at) == (QuestionState.OPEN, None)
    assert [said.text for said in question.thread] == ["Found it.", "After all not."]


def test_a_question_on_a_string_of_nobody_is_listed_by_its_key(story: World) -> None:
    """A string that no unit has, as one added by hand, keeps its question under Transifex's key."""
    added = b"en:\n  consent:\n    name: Consent\n    fields:\n      stranger:\n        display_name: Strange\n"
    story.client.upload_source(story.place(AGE), added, keep_translations=False)
    key = "consent.fields.stranger.display_name"
    story.sandbox.comment(story.place(AGE), "fr", key, ASKED, by="amina", kind="issue")
    story.pull(questions=True)
    (question,) = story.questions()
    assert (question.key, question.known, question.source) == (key, False, None)
    story.answer(question.id, ANSWER)
    story.send()
    assert [comment.message for comment in story.sandbox.state.comments.values()] == [ASKED, ANSWER]


def test_a_question_in_a_language_of_nobody_has_no_locale(story: World) -> None:
    """A language that the deployment does not map is named as Transifex names it."""
    story.sandbox.state.projects[story.project].languages.append("es")
    question = asked(story, language="es")
    assert (question.locale, question.language) == (None, "es")


def test_an_answer_is_written_once_and_without_a_name(story: World) -> None:
    """The next push writes the text as a comment by the service; the one after it says nothing."""
    question = asked(story)
    story.answer(question.id, f"  {ANSWER}\r\n")
    (before,) = story.questions()
    assert [(said.text, said.ours, said.sent) for said in before.thread] == [(ANSWER, True, None)]
    report = story.push()
    (comment,) = comments(story)
    assert (comment.message, comment.author, comment.language) == (ANSWER, BOT, "fr")
    assert "1 answers to questions" in report.message
    assert report.outcome["sent"]["answers"] == 1
    assert story.deployment().service_username == BOT
    story.requests.clear()
    assert story.push().state is RunState.NO_CHANGES
    assert writes(story) == []
    story.pull(questions=True)
    (after,) = story.questions()
    assert [(said.text, said.sent is not None) for said in after.thread] == [(ANSWER, True)]
    assert after.state is QuestionState.OPEN


def test_a_question_resolved_here_is_resolved_there(story: World) -> None:
    """The next sending resolves the issue; until then the question says that it is being resolved."""
    question = asked(story)
    story.answer(question.id, ANSWER)
    story.resolve(question.id)
    story.resolve(question.id, by="other")
    assert story.questions()[0].resolving
    report = story.send()
    (issue,) = comments(story, kind="issue")
    assert (issue.status, issue.resolver) == ("resolved", BOT)
    assert report.outcome["sent"]["questions_resolved"] == 1
    (question,) = story.questions()
    assert (question.state, question.resolving) == (QuestionState.RESOLVED, False)
    story.pull(questions=True)
    assert story.questions()[0].state is QuestionState.RESOLVED
    story.resolve(question.id)
    story.requests.clear()
    story.push()
    assert writes(story) == []


def test_the_same_answer_twice_is_one(story: World) -> None:
    """A double click answers once; the same words after somebody asked on are a new answer."""
    question = asked(story)
    story.answer(question.id, "Yes.")
    story.answer(question.id, "Yes.")
    story.push()
    assert len(comments(story)) == 1
    story.ask(AGE, "Also here?", kind="comment")
    story.pull(questions=True)
    story.answer(question.id, "Yes.")
    story.push()
    assert [comment.message for comment in comments(story)] == ["Yes.", "Also here?", "Yes."]


@pytest.mark.parametrize("text", ["", " \n ", "x" * 4001])
def test_an_answer_has_a_text(story: World, text: str) -> None:
    """Nothing, and more than fits, is refused."""
    question = asked(story)
    with pytest.raises(BadInput):
        story.answer(question.id, text)


@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
def test_an_answer_whose_push_was_killed_is_not_written_twice(story: World, known: bool) -> None:
    """The comment arrived and nobody heard of it: the next push finds it, and so it is never told as another's."""
    question = asked(story)
    story.answer(question.id, ANSWER)
    story.resolve(question.id)
    if known:
        with story.database.write() as session:
            story.deployment_in(session).service_username = BOT
    die_after(story, "POST", "/resource_string_comments")
    with pytest.raises(Killed):
        story.push()
    assert len(comments(story)) == 1
    story.pull(questions=True, own_user=BOT if known else None)
    story.push()
    (comment,) = comments(story)
    assert comment.message == ANSWER
    (question,) = story.questions()
    assert [(said.ours, said.text) for said in question.thread] == [(True, ANSWER)]
    assert question.state is QuestionState.RESOLVED


def test_resolving_whose_push_was_killed_is_done_by_the_next(story: World) -> None:
    """Resolving twice is resolving once."""
    question = asked(story)
    story.resolve(question.id)
    die_after(story, "PATCH", "/resource_string_comments")
    with pytest.raises(Killed):
        story.push()
    story.push()
    assert story.questions()[0].state is QuestionState.RESOLVED
    story.requests.clear()
    story.push()
    assert writes(story) == []


def test_a_refused_answer_waits_and_keeps_what_follows_it(story: World) -> None:
    """Where Transifex refuses the comment, the question is not resolved before it was answered; both go later."""
    question = asked(story)
    story.answer(question.id, ANSWER)
    story.resolve(question.id)
    story.intercept = refusing("POST", "resource_string_comments", status=400, detail="Too long.")
    report = story.push()
    assert report.state is RunState.FAILED
    assert "Too long." in report.message
    assert comments(story, kind="issue")[0].status == "open"
    assert "Too long." in story.questions()[0].thread[0].problem
    story.intercept = refusing("POST", "resource_string_comments")
    assert "Questions could not be answered" in story.push().message
    story.intercept = lambda _request: None
    story.push()
    assert comments(story, kind="issue")[0].status == "resolved"
    assert [comment.message for comment in comments(story)] == [ANSWER]


def test_what_is_gone_there_is_not_tried_for_ever(story: World) -> None:
    """An issue that somebody deleted cannot be resolved: the question is closed, and that is said."""
    question = asked(story)
    story.resolve(question.id)
    story.sandbox.state.comments.clear()
    report = story.push()
    assert report.outcome["sent"]["failed"] == 0
    assert story.questions()[0].state is QuestionState.RESOLVED
    story.requests.clear()
    story.push()
    assert writes(story) == []


def test_trouble_with_questions_keeps_no_text_out(story: World) -> None:
    """A token that may not read comments is said; an error that may pass counts as one; the texts come in anyhow."""
    story.translate({NAME: "Accord"})
    story.intercept = refusing("GET", "resource_string_comments")
    report = story.pull(questions=True)
    assert story.text(NAME) == "Accord"
    assert report.state is RunState.DONE
    assert "Questions could not be read" in report.message
    story.intercept = refusing("GET", "resource_string_comments", status=400)
    story.translate({SEX: "Femme"})
    report = story.pull(questions=True)
    assert story.text(SEX) == "Femme"
    assert report.state is RunState.PARTLY


def test_another_project_asks_nothing_yet(story: World) -> None:
    """What was asked in the project before is forgotten with it, answers that were not sent too."""
    question = asked(story)
    story.ask(AGE, "Well?", kind="comment")
    story.pull(questions=True)
    story.answer(question.id, ANSWER)
    story.forget()
    assert story.questions() == []


def test_answering_is_audited_by_id(story: World) -> None:
    """The audit names question and person, never the words."""
    question = asked(story)
    story.answer(question.id, ANSWER)
    story.resolve(question.id)
    with story.database.read() as session:
        entries = [entry for entry in session.exec(select(AuditEntry)) if entry.action.startswith("question.")]
    assert [(entry.action, entry.person_id, entry.subject) for entry in entries] == [
        ("question.answer", "test-reviewer", AGE),
        ("question.resolve", "test-reviewer", AGE),
    ]
    assert entries[0].detail["question"] == question.id
    assert "nurse" not in str(entries[0].detail)


@pytest.mark.parametrize("open_questions", [0, 3])
def test_questions_cost_an_idle_cycle_nothing(make_world: Callable[..., World], open_questions: int) -> None:
    """A cycle by itself in which nothing moved asks for no comments; asked for, it takes one request, or two."""
    world = make_world()
    world.bring({f"form/f{number}/name": f"Form {number}" for number in range(10)})
    world.push()
    for number in range(open_questions):
        world.ask(f"form/f{number}/name", ASKED)
    world.pull(questions=True)
    world.pull()
    pushed, pulled = world.push(), world.pull()
    assert pushed.requests + pulled.requests <= ceil(10 * 2 / 150) + 1
    assert len(world.questions()) == open_questions
    extra = world.pull(questions=True).requests - pulled.requests
    assert extra == (2 if open_questions else 1)


@pytest.mark.parametrize("why", ["moved", "everything"])
def test_questions_are_looked_for_with_what_moved_and_once_a_day(story: World, why: str) -> None:
    """Nobody has to ask for them: they come with the next text, and with the daily comparison of everything."""
    story.pull()
    story.ask(AGE, ASKED)
    story.pull()
    assert story.questions() == []
    if why == "moved":
        story.translate({NAME: "Accord"})
    story.pull(everything=why == "everything")
    assert len(story.questions()) == 1
