"""The inbox of volunteers' questions by API: who sees what, and what an answer leaves behind."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from sqlmodel import select

from service.sync.models import Question, QuestionReply, QuestionState, ReplyKind
from tests.support.questions import add_question

if TYPE_CHECKING:
    from tests.service.home.conftest import Api

PATH = "/deployments/iraq/questions"


@pytest.fixture
def ask(api: Api) -> Callable[..., int]:
    """Let a volunteer have asked something."""

    def make(**about: Any) -> int:
        with api.database.write() as session:
            return add_question(session, api.ids["iraq"], now=api.clock.move(minutes=1), **about)

    return make


def replies(api: Api) -> list[QuestionReply]:
    with api.database.read() as session:
        return list(session.exec(select(QuestionReply)))


def test_a_question_says_who_asked_what_on_which_text(api: Api, ask: Callable[..., int]) -> None:
    """The list holds the text it is about, and everything said since."""
    number = ask(comments=(("omar", "I wonder too."),))
    (question,) = api("specialist").get(PATH).json()
    assert question["id"] == number
    assert (question["key"], question["source"], question["known"]) == ("form/consent/name", "Consent", True)
    assert (question["author"], question["text"]) == ("amina", "What does consent mean here?")
    assert (question["state"], question["resolving"], question["locale"]) == ("open", False, "fr")
    assert [(said["by"], said["text"], said["ours"]) for said in question["thread"]] == [
        ("omar", "I wonder too.", False)
    ]


def test_everybody_sees_what_they_may_answer(api: Api, ask: Callable[..., int]) -> None:
    """Specialists see every question, reviewers those of their locales; one without a locale takes all locales."""
    french, arabic, nobodys = ask(), ask(locale="ar"), ask(locale=None)
    for user, expected in (
        (api("specialist"), [french, arabic, nobodys]),
        (api("administrator", slug=None), [french, arabic, nobodys]),
        (api("reviewer"), [french, arabic, nobodys]),
        (api("reviewer", locales=["ar"]), [arabic]),
    ):
        assert [question["id"] for question in user.get(PATH).json()] == expected
    arab = api("reviewer", locales=["ar"])
    assert arab.post(f"{PATH}/{arabic}/answers", {"text": "Yes."}).status_code == 202
    assert arab.post(f"{PATH}/{nobodys}/answers", {"text": "Yes."}).status_code == 403
    assert arab.post(f"{PATH}/{french}/resolve").status_code == 403
    assert api("specialist").post(f"{PATH}/{nobodys + 1}/resolve").status_code == 404
    assert api("specialist").get("/deployments/other/questions").status_code == 404


def test_an_answer_waits_for_the_next_push(api: Api, ask: Callable[..., int]) -> None:
    """The answer comes back with who gave it and that it was not sent; its row is the answerer's."""
    number, user = ask(), api("reviewer")
    answer = user.post(f"{PATH}/{number}/answers", {"text": " It means agreement. "})
    assert answer.status_code == 202
    (said,) = answer.json()["thread"]
    assert (said["ours"], said["text"], said["sent_at"]) == (True, "It means agreement.", None)
    assert said["by"].startswith("reviewer")
    resolved = user.post(f"{PATH}/{number}/resolve").json()
    assert (resolved["state"], resolved["resolving"]) == ("open", True)
    assert [(row.kind, row.person_id) for row in replies(api)] == [
        (ReplyKind.ANSWER, user.person),
        (ReplyKind.RESOLVE, user.person),
    ]
    assert user.post(f"{PATH}/{number}/answers", {"text": "  "}).status_code == 422


def test_the_oldest_open_question_comes_first(api: Api, ask: Callable[..., int]) -> None:
    """Resolved ones are listed when they are asked for, after those that wait."""
    first, second, third = ask(), ask(), ask()
    with api.database.write() as session:
        row = session.get_one(Question, first)
        row.state, row.closed_at = QuestionState.RESOLVED, api.clock()
    user = api("specialist")
    assert [question["id"] for question in user.get(PATH).json()] == [second, third]
    assert [question["id"] for question in user.get(f"{PATH}?resolved=true").json()] == [second, third, first]
