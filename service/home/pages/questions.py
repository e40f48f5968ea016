"""The inbox: what volunteers ask on Transifex, each with its thread, a form for the answer, and a way to settle it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse
from sqlmodel import Session
from starlette.responses import Response

from service.auth.dependencies import FormIdentityDep, IdentityDep
from service.auth.rules import Identity
from service.checks.locales import LocaleInfo, get_locale
from service.errors import BadInput
from service.home.pages.wording import say_age
from service.home.questions import QuestionView, Said, open_question, open_questions
from service.sync.models import QuestionState
from service.sync.service.answering import PUBLIC, answer_question, resolve_question
from service.sync.verdicts import MAX_MESSAGE
from service.web.languages import N_, Words, words_of
from service.web.resources import NowDep, ResourcesDep, SessionDep
from service.web.templating import lead_back, render

router = APIRouter(include_in_schema=False)

_NOTED = N_("Your answer is noted: the next push writes it on Transifex.")
_NOTED_RESOLVING = N_("Your answer is noted: the next push writes it on Transifex. It resolves the question too.")


@dataclass(frozen=True, slots=True)
class Line:
    """One thing said, as the page shows it."""

    said: Said
    at: str
    age: str | None


@dataclass(frozen=True, slots=True)
class QuestionCard:
    """One question on the page. ``language`` is None where the deployment has no such locale."""

    question: QuestionView
    language: LocaleInfo | None
    at: str
    age: str | None
    lines: tuple[Line, ...]

    @property
    def is_open(self) -> bool:
        """Return whether somebody still waits."""
        return self.question.state is QuestionState.OPEN


@router.get("/deployments/{slug}/questions")
def show_questions(
    request: Request, session: SessionDep, identity: IdentityDep, now: NowDep, slug: str, resolved: bool = False
) -> HTMLResponse:
    """Show the questions that wait, the oldest first; with ``resolved`` the last resolved below them."""
    return _show(request, session, identity, now, slug, resolved=resolved)


@router.post("/deployments/{slug}/questions/{question_id}/answer")
def answer(
    request: Request,
    session: SessionDep,
    identity: FormIdentityDep,
    now: NowDep,
    resources: ResourcesDep,
    slug: str,
    question_id: int,
    text: Annotated[str, Form()] = "",
    resolve: Annotated[bool, Form()] = False,
) -> Response:
    """Note an answer, and that the question is settled where that was ticked; what was typed stays if it cannot be."""
    question = open_question(session, identity, slug, question_id)
    try:
        answer_question(session, question, text, actor=identity.actor, now=now)
    except BadInput as fault:
        typed = {"id": question_id, "text": text, "resolve": resolve, "error": fault.message}
        return _show(request, session, identity, now, slug, typed=typed, resolved=True, status=422)
    if resolve:
        resolve_question(session, question, actor=identity.actor, now=now)
    return _back(slug, resources, _NOTED_RESOLVING if resolve else _NOTED)


@router.post("/deployments/{slug}/questions/{question_id}/resolve")
def resolve(
    session: SessionDep,
    identity: FormIdentityDep,
    now: NowDep,
    resources: ResourcesDep,
    slug: str,
    question_id: int,
) -> Response:
    """Note that a question is settled."""
    question = open_question(session, identity, slug, question_id)
    resolve_question(session, question, actor=identity.actor, now=now)
    return _back(slug, resources, N_("Noted: the next push resolves the question on Transifex."))


def _back(slug: str, resources: ResourcesDep, sentence: str) -> Response:
    return lead_back(f"/deployments/{slug}/questions", resources.settings, sentence)


def _show(
    request: Request,
    session: Session,
    identity: Identity,
    now: datetime,
    slug: str,
    *,
    resolved: bool,
    typed: dict[str, object] | None = None,
    status: int = 200,
) -> HTMLResponse:
    deployment, questions = open_questions(session, identity, slug, resolved=resolved)
    words = words_of(request)
    cards = [_card(question, now, words) for question in questions]
    context = {
        "deployment": deployment,
        "waiting": [card for card in cards if card.is_open],
        "ended": [card for card in cards if not card.is_open],
        "resolved": resolved,
        "changing": deployment.archived_at is None,
        "typed": typed or {},
        "public": PUBLIC,
        "longest": MAX_MESSAGE,
    }
    return render(request, "home/questions.html", context, status=status)


def _card(question: QuestionView, now: datetime, words: Words) -> QuestionCard:
    return QuestionCard(
        question,
        get_locale(question.locale) if question.locale else None,
        words.moment(question.opened_at),
        say_age(question.opened_at, now, words),
        tuple(Line(said, words.moment(said.at), say_age(said.at, now, words)) for said in question.thread),
    )
