"""What volunteers ask on Transifex, answered and resolved."""

from fastapi import APIRouter
from sqlmodel import Session

from service.auth.dependencies import IdentityDep
from service.home.questions import open_question, open_questions, view_questions
from service.home.schemas import AnswerBody, QuestionAnswer
from service.sync.models import Question
from service.sync.service.answering import answer_question, resolve_question
from service.web.paging import PageDep
from service.web.resources import NowDep, SessionDep

router = APIRouter(prefix="/deployments/{slug}/questions", tags=["questions"])


@router.get("", summary="What volunteers ask on Transifex")
def list_all(
    session: SessionDep, identity: IdentityDep, page: PageDep, slug: str, resolved: bool = False
) -> list[QuestionAnswer]:
    """Return the questions that you may answer, the oldest open one first; with ``resolved`` the last resolved too."""
    _, questions = open_questions(session, identity, slug, resolved=resolved)
    return [QuestionAnswer(**question.as_json()) for question in page.cut(questions, lambda each: each.id)]


@router.post("/{question_id}/answers", status_code=202, summary="Answer a question")
def answer(
    session: SessionDep, identity: IdentityDep, now: NowDep, slug: str, question_id: int, body: AnswerBody
) -> QuestionAnswer:
    """Note an answer: the next push writes it on Transifex as a comment, which can be public, without your name."""
    question = open_question(session, identity, slug, question_id)
    answer_question(session, question, body.text, actor=identity.actor, now=now)
    return _one(session, question)


@router.post("/{question_id}/resolve", status_code=202, summary="Resolve a question")
def resolve(session: SessionDep, identity: IdentityDep, now: NowDep, slug: str, question_id: int) -> QuestionAnswer:
    """Note that a question is resolved: the next push resolves the issue on Transifex."""
    question = open_question(session, identity, slug, question_id)
    resolve_question(session, question, actor=identity.actor, now=now)
    return _one(session, question)


def _one(session: Session, question: Question) -> QuestionAnswer:
    (view,) = view_questions(session, [question])
    return QuestionAnswer(**view.as_json())
