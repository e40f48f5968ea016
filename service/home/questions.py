"""Questions of volunteers as people see them here: what was asked on which text, and everything said since."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from extractors.texts import normalise_text
from service.auth.models import Account, Person
from service.auth.rules import Identity, Permission
from service.catalog.access import open_deployment
from service.catalog.models import Unit
from service.deployments.models import Deployment
from service.errors import NotFound
from service.review.threads import Said as OnCard
from service.review.threads import Thread
from service.sync.models import Question, QuestionReply, QuestionState, ReplyKind
from service.sync.queries import find_question, list_question_comments, list_questions, list_replies

RESOLVED_SHOWN = 50
"""How many resolved questions are shown, the last ones."""

_CHUNK = 400


@dataclass(frozen=True, slots=True)
class Said:
    """One thing said on a question. ``by`` is a Transifex user, or a user of ours; None where nobody knows.

    ``sent`` is None while Transifex has not heard of an answer of ours; ``problem`` says why not.
    """

    ours: bool
    by: str | None
    text: str
    at: datetime
    sent: datetime | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class QuestionView:
    """One question. ``source`` is None where no unit has the string; ``resolving`` until Transifex has heard of it."""

    id: int
    key: str
    known: bool
    source: str | None
    locale: str | None
    language: str
    author: str | None
    text: str
    opened_at: datetime
    state: QuestionState
    closed_at: datetime | None
    resolving: bool
    problem: str
    thread: tuple[Said, ...]

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "id": self.id,
            "key": self.key,
            "known": self.known,
            "source": self.source,
            "locale": self.locale,
            "language": self.language,
            "author": self.author,
            "text": self.text,
            "opened_at": self.opened_at,
            "state": self.state.value,
            "closed_at": self.closed_at,
            "resolving": self.resolving,
            "problem": self.problem,
            "thread": [
                {
                    "ours": said.ours,
                    "by": said.by,
                    "text": said.text,
                    "at": said.at,
                    "sent_at": said.sent,
                    "problem": said.problem,
                }
                for said in self.thread
            ],
        }


def open_questions(
    session: Session, identity: Identity, slug: str, *, resolved: bool = False
) -> tuple[Deployment, list[QuestionView]]:
    """Return the deployment and the questions that whoever asks may answer: those that wait first, the oldest first.

    Args:
        resolved: the last of those that are resolved, too.

    Raises:
        NotFound: there is no such deployment, or it may not be seen.
        NotPermitted: it may be seen, but no question of it.
    """
    deployment = open_deployment(session, identity, slug, Permission.DEPLOYMENT_VIEW, changing=False)
    assert deployment.id is not None
    if not identity.may_somewhere(Permission.QUESTION_ANSWER, deployment.id):
        identity.require(Permission.QUESTION_ANSWER, deployment.id)
    rows = list(list_questions(session, deployment.id, state=QuestionState.OPEN))
    if resolved:
        rows += list_questions(session, deployment.id, state=QuestionState.RESOLVED)
    may = [row for row in rows if identity.may(Permission.QUESTION_ANSWER, deployment.id, row.locale)]
    waiting = [row for row in may if row.state is QuestionState.OPEN]
    ended = [row for row in may if row.state is QuestionState.RESOLVED][:RESOLVED_SHOWN]
    return deployment, view_questions(session, [*waiting, *ended])


def open_question(session: Session, identity: Identity, slug: str, question_id: int) -> Question:
    """Return a question that whoever asks may answer.

    Raises:
        NotFound: there is no such deployment or question, or it may not be seen.
        NotPermitted: the question is not theirs to answer.
        Refused: the deployment is archived.
    """
    deployment = open_deployment(session, identity, slug, Permission.DEPLOYMENT_VIEW)
    assert deployment.id is not None
    if not identity.may_somewhere(Permission.QUESTION_ANSWER, deployment.id):
        identity.require(Permission.QUESTION_ANSWER, deployment.id)
    question = find_question(session, deployment.id, question_id)
    if question is None:
        raise NotFound(f"The deployment {slug!r} has no question {question_id}.")
    identity.require(Permission.QUESTION_ANSWER, deployment.id, question.locale)
    return question


def find_threads(session: Session, identity: Identity, slug: str, unit_id: int, locale: str) -> list[Thread]:
    """Return what volunteers asked about one text in a locale, as its card shows it; see :data:`FindThreads`."""
    query = select(Question).where(Question.unit_id == unit_id, Question.locale == locale).order_by(col(Question.id))
    rows = session.exec(query).all()
    if not rows or not identity.may(Permission.QUESTION_ANSWER, rows[0].deployment_id, locale):
        return []
    found = []
    for view in view_questions(session, rows):
        waits = view.state is QuestionState.OPEN
        first = OnCard(view.author, False, view.text, view.opened_at)
        lines = (first, *(OnCard(said.by, said.ours, said.text, said.at) for said in view.thread))
        query_part = "" if waits else "?resolved=1"
        found.append(Thread(f"/deployments/{slug}/questions{query_part}#q-{view.id}", waits, lines))
    return sorted(found, key=lambda thread: not thread.waits)


def view_questions(session: Session, questions: Sequence[Question]) -> list[QuestionView]:
    """Return questions with the texts they are about and everything said on them, in the order given."""
    session.flush()
    ids = [row.id for row in questions if row.id is not None]
    comments = list_question_comments(session, ids)
    replies = list_replies(session, ids)
    names = _names(
        session,
        {row.author_id for row in questions} | {row.author_id for row in comments} | {row.person_id for row in replies},
    )
    threads: dict[int, list[Said]] = {identifier: [] for identifier in ids}
    for row in comments:
        said = Said(False, names.get(row.author_id, (None, None))[0], row.text, row.written_at, row.written_at)
        threads[row.question_id].append(said)
    for reply in replies:
        if reply.kind is ReplyKind.ANSWER:
            by = names.get(reply.person_id, (None, None))[1]
            sent = reply.done_at if reply.comment_id else None
            threads[reply.question_id].append(Said(True, by, reply.text, reply.created_at, sent, reply.problem))
    sources = _sources(session, {row.unit_id for row in questions})
    resolving = {
        reply.question_id: reply for reply in replies if reply.kind is ReplyKind.RESOLVE and reply.done_at is None
    }
    return [
        _view(row, names.get(row.author_id, (None, None))[0], sources, threads[row.id or 0], resolving.get(row.id or 0))
        for row in questions
    ]


def _view(
    row: Question,
    author: str | None,
    sources: dict[int, str],
    thread: Sequence[Said],
    resolving: QuestionReply | None,
) -> QuestionView:
    return QuestionView(
        id=row.id or 0,
        key=row.key,
        known=row.unit_id is not None,
        source=sources.get(row.unit_id or 0),
        locale=row.locale,
        language=row.language,
        author=author,
        text=row.text,
        opened_at=row.opened_at,
        state=row.state,
        closed_at=row.closed_at,
        resolving=resolving is not None,
        problem="" if resolving is None else resolving.problem,
        thread=tuple(sorted(thread, key=lambda said: said.at)),
    )


def _names(session: Session, wanted: set[str | None]) -> dict[str | None, tuple[str | None, str | None]]:
    """Return, by person, the Transifex user name and the user name here."""
    people = sorted(person for person in wanted if person)
    found: dict[str | None, tuple[str | None, str | None]] = {}
    for start in range(0, len(people), _CHUNK):
        query = (
            select(Person.id, Person.transifex_username, Account.username)
            .outerjoin(Account, col(Account.person_id) == Person.id)
            .where(col(Person.id).in_(people[start : start + _CHUNK]))
        )
        found |= {person: (there, here) for person, there, here in session.exec(query)}
    return found


def _sources(session: Session, wanted: set[int | None]) -> dict[int, str]:
    units = sorted(unit for unit in wanted if unit is not None)
    found: dict[int, str] = {}
    for start in range(0, len(units), _CHUNK):
        query = select(Unit.id, Unit.source).where(col(Unit.id).in_(units[start : start + _CHUNK]))
        found |= {unit: normalise_text(source) for unit, source in session.exec(query) if unit is not None}
    return found
