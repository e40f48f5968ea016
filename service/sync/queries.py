"""Reading what the syncs did, and what volunteers ask."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import func
from sqlalchemy.orm import defer
from sqlmodel import Session, col, or_, select

from service.deployments.models import Deployment
from service.sync.models import (
    PushedResource,
    Question,
    QuestionComment,
    QuestionReply,
    QuestionState,
    RunKind,
    RunState,
    SyncRun,
)
from service.sync.rules.formats import FORMATS, Spelling, choose_spelling

_CHUNK = 400


def list_runs(
    session: Session,
    deployment_id: int,
    *,
    kind: RunKind | None = None,
    before: int | None = None,
    limit: int = 50,
) -> Sequence[SyncRun]:
    """Return the deployment's latest runs, of those ``before`` a run (its id) where one is given, newest first."""
    query = select(SyncRun).where(SyncRun.deployment_id == deployment_id)
    if kind is not None:
        query = query.where(SyncRun.kind == kind)
    if before is not None:
        query = query.where(col(SyncRun.id) < before)
    return session.exec(query.order_by(col(SyncRun.id).desc()).limit(limit)).all()


def find_last_runs(session: Session, deployment_ids: Collection[int]) -> dict[int, SyncRun]:
    """Return the latest run of each deployment that has one; its outcome is read when somebody looks at it."""
    last = (
        select(func.max(SyncRun.id))
        .where(col(SyncRun.deployment_id).in_(deployment_ids))
        .group_by(col(SyncRun.deployment_id))
    )
    outcome = defer(SyncRun.outcome)  # type: ignore[arg-type]  # sqlmodel types a column as its value
    query = select(SyncRun).where(col(SyncRun.id).in_(last)).options(outcome)
    return {run.deployment_id: run for run in session.exec(query)}


def find_last_push(session: Session, deployment_id: int, *, before: int | None = None) -> SyncRun | None:
    """Return the deployment's latest push, of those ``before`` a run (its id) where one is given; None for none."""
    query = select(SyncRun).where(SyncRun.deployment_id == deployment_id, SyncRun.kind == RunKind.PUSH)
    if before is not None:
        query = query.where(col(SyncRun.id) < before)
    return session.exec(query.order_by(col(SyncRun.id).desc()).limit(1)).first()


def find_last_whole_pull(session: Session, deployment_id: int, locale: str) -> datetime | None:
    """Return when a pull that took in all that had moved in the locale last ended, None for never."""
    query = select(SyncRun.ended_at).where(
        SyncRun.deployment_id == deployment_id,
        SyncRun.kind == RunKind.PULL,
        col(SyncRun.state).in_([RunState.DONE, RunState.NO_CHANGES]),
        or_(col(SyncRun.locale).is_(None), SyncRun.locale == locale),
    )
    return session.exec(query.order_by(col(SyncRun.id).desc()).limit(1)).first()


def find_run(session: Session, deployment_id: int, run_id: int) -> SyncRun | None:
    """Return one run of the deployment, or None."""
    query = select(SyncRun).where(SyncRun.deployment_id == deployment_id, SyncRun.id == run_id)
    return session.exec(query).first()


def list_pushed_resources(session: Session, deployment_id: int) -> Sequence[PushedResource]:
    """Return the resources on Transifex that hold the deployment's texts, by slug."""
    query = select(PushedResource).where(PushedResource.deployment_id == deployment_id)
    return session.exec(query.order_by(col(PushedResource.slug))).all()


def list_questions(
    session: Session, deployment_id: int, *, state: QuestionState | None = None, limit: int = 500
) -> Sequence[Question]:
    """Return the deployment's questions, those that wait first, and of them the oldest; then the last resolved."""
    found: list[Question] = []
    for wanted in QuestionState if state is None else (state,):
        query = select(Question).where(Question.deployment_id == deployment_id, Question.state == wanted)
        order = col(Question.opened_at) if wanted is QuestionState.OPEN else col(Question.closed_at).desc()
        found += session.exec(query.order_by(order, col(Question.id)).limit(limit))
    return found


def count_open_questions(session: Session, deployment_id: int) -> dict[str | None, int]:
    """Return how many questions wait, by locale; None for languages that are none of the deployment's."""
    return count_questions(session, [deployment_id])[deployment_id]


def count_questions(session: Session, deployment_ids: Collection[int]) -> dict[int, dict[str | None, int]]:
    """Return how many questions wait in each deployment, by locale as :func:`count_open_questions`."""
    query = (
        select(Question.deployment_id, Question.locale, func.count())
        .where(col(Question.deployment_id).in_(deployment_ids), Question.state == QuestionState.OPEN)
        .group_by(col(Question.deployment_id), col(Question.locale))
    )
    found: dict[int, dict[str | None, int]] = {number: {} for number in deployment_ids}
    for deployment_id, locale, number in session.exec(query):
        found[deployment_id][locale] = number
    return found


def find_question(session: Session, deployment_id: int, question_id: int) -> Question | None:
    """Return one question of the deployment, or None."""
    query = select(Question).where(Question.deployment_id == deployment_id, Question.id == question_id)
    return session.exec(query).first()


def list_question_comments(session: Session, question_ids: Iterable[int]) -> list[QuestionComment]:
    """Return what others said on these questions, oldest first."""
    wanted = sorted(set(question_ids))
    found: list[QuestionComment] = []
    for start in range(0, len(wanted), _CHUNK):
        query = select(QuestionComment).where(col(QuestionComment.question_id).in_(wanted[start : start + _CHUNK]))
        found += session.exec(query.order_by(col(QuestionComment.written_at), col(QuestionComment.id)))
    return found


def list_replies(session: Session, question_ids: Iterable[int]) -> list[QuestionReply]:
    """Return what was replied here to these questions, oldest first."""
    wanted = sorted(set(question_ids))
    found: list[QuestionReply] = []
    for start in range(0, len(wanted), _CHUNK):
        query = select(QuestionReply).where(col(QuestionReply.question_id).in_(wanted[start : start + _CHUNK]))
        found += session.exec(query.order_by(col(QuestionReply.id)))
    return found


def find_due_replies(session: Session, deployment_id: int) -> list[tuple[QuestionReply, Question]]:
    """Return the replies that Transifex has not heard of, with their questions, oldest first."""
    query = (
        select(QuestionReply, Question)
        .join(Question, col(Question.id) == QuestionReply.question_id)
        .where(Question.deployment_id == deployment_id, col(QuestionReply.done_at).is_(None))
    )
    return list(session.exec(query.order_by(col(QuestionReply.id))).all())


def find_spelling(session: Session, deployment: Deployment) -> Spelling:
    """Return how Transifex's API writes the texts of the deployment, as far as was found out."""
    assert deployment.id is not None
    escaped = any(row.escaped for row in list_pushed_resources(session, deployment.id))
    return choose_spelling(FORMATS[deployment.transifex_format], escaped=escaped)
