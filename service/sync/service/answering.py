"""Answering and resolving questions: written down here, told to Transifex by the next push or sending."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, delete, select

from service.audit.service import Actor, write_audit
from service.deployments.client import as_service_error
from service.errors import BadInput
from service.sync.models import Question, QuestionComment, QuestionReply, QuestionState, ReplyKind
from service.sync.queries import find_due_replies, list_question_comments, list_replies
from service.sync.service.issues import find_username, remember_username
from service.sync.service.runs import OpenRun, Patience
from service.sync.service.sent import Sent
from service.sync.verdicts import MAX_MESSAGE
from service.web.languages import N_
from transifex_client.errors import Forbidden, NotFound, TransifexError
from transifex_client.ids import organization_id, parse_place
from transifex_client.resources import CommentChange, CommentStatus, CommentType, NewComment

PUBLIC = N_("Comments on Transifex can be public: name no child, no case, and nobody who does not want it.")
"""What whoever answers is told."""

_MARGIN = timedelta(minutes=5)
_GONE = "It is not on Transifex any more."


def answer_question(session: Session, question: Question, text: str, *, actor: Actor, now: datetime) -> QuestionReply:
    """Note an answer, which the next sending tells as a comment: the text as it is, without a name.

    The same text sent twice by one person, as by a double click, is one answer, unless others spoke in between.

    Raises:
        BadInput: there is no text, or too much of it.
    """
    said = text.replace("\r\n", "\n").strip()
    if not said:
        raise BadInput("The answer is empty: write one.")
    if len(said) > MAX_MESSAGE:
        raise BadInput(f"The answer has {len(said):,} characters, and {MAX_MESSAGE:,} is the most: shorten it.")
    _lock(session, question)
    last = _last_word(session, question)
    if last is not None and (last.text, last.person_id) == (said, actor.person_id):
        return last
    return _write_reply(session, question, ReplyKind.ANSWER, said, actor, now)


def resolve_question(session: Session, question: Question, *, actor: Actor, now: datetime) -> None:
    """Note that a question is to be resolved; nothing where it is, or where that is noted already."""
    _lock(session, question)
    waiting = any(
        reply.kind is ReplyKind.RESOLVE and reply.done_at is None for reply in list_replies(session, [question.id or 0])
    )
    if question.state is QuestionState.OPEN and not waiting:
        _write_reply(session, question, ReplyKind.RESOLVE, "", actor, now)


def _lock(session: Session, question: Question) -> None:
    # Two that answer at the same moment wait here for each other, so that the second sees what the first wrote.
    session.exec(select(Question.id).where(Question.id == question.id).with_for_update()).one()


def _last_word(session: Session, question: Question) -> QuestionReply | None:
    """Return our last answer if nobody there said anything after it."""
    assert question.id is not None
    answers = [reply for reply in list_replies(session, [question.id]) if reply.kind is ReplyKind.ANSWER]
    comments = list_question_comments(session, [question.id])
    if answers and not (comments and comments[-1].written_at >= answers[-1].created_at):
        return answers[-1]
    return None


def _write_reply(
    session: Session, question: Question, kind: ReplyKind, text: str, actor: Actor, now: datetime
) -> QuestionReply:
    assert question.id is not None
    reply = QuestionReply(question_id=question.id, kind=kind, person_id=actor.person_id, text=text, created_at=now)
    session.add(reply)
    session.flush()
    write_audit(
        session, actor, f"question.{kind.value}", now,
        deployment_id=question.deployment_id, subject=question.key,
        detail={"question": question.id, "locale": question.locale, "reply": reply.id},
    )  # fmt: skip
    return reply


def send_replies(run: OpenRun, sent: Sent, patience: Patience) -> None:
    """Tell Transifex what was answered and resolved. Where comments are refused altogether, they wait.

    After a reply that could not be told the later ones to the same question wait too: nobody reads "resolved" first.
    """
    with run.database.read() as session:
        due = find_due_replies(session, run.deployment_id)
    stuck: set[int] = set()
    for reply, question in due:
        if patience.exhausted or sent.replies_refused:
            return
        if reply.question_id in stuck:
            continue
        try:
            _send(run, reply, question, sent)
            patience.note(None)
        except Forbidden as error:
            message = as_service_error(error).message
            sent.refuse_replies(message)
            _write(run, reply, problem=message)
        except TransifexError as error:
            patience.note(error)
            stuck.add(reply.question_id)
            message = as_service_error(error).message
            sent.fail(message, key=question.key, language=question.language)
            _write(run, reply, problem=message)


def _send(run: OpenRun, reply: QuestionReply, question: Question, sent: Sent) -> None:
    _announce(run, reply)
    try:
        if reply.kind is ReplyKind.ANSWER:
            _write(run, reply, done=run.clock(), comment_id=_say(run, reply, question))
            sent.counts["answers"] += 1
        elif question.state is QuestionState.OPEN:
            run.client.update_comment(question.remote_id, CommentChange(status=CommentStatus.RESOLVED))
            _write(run, reply, done=run.clock())
            sent.counts["questions_resolved"] += 1
        else:
            _write(run, reply, done=run.clock(), problem="It was resolved on Transifex before.")
            sent.superseded += 1
    except NotFound:
        _write(run, reply, done=run.clock(), problem=_GONE)
        sent.superseded += 1


def _say(run: OpenRun, reply: QuestionReply, question: Question) -> str:
    """Write the answer, unless an earlier try did; return its id there."""
    new = NewComment(question.string, question.language, reply.text, CommentType.COMMENT)
    found = _look_up(run, reply, new) if reply.attempts else None
    if found is not None:
        return found
    comment = run.client.create_comment(new, now=run.clock(), author=find_username(run))
    if comment.author:
        with run.write() as session:
            remember_username(session, run, comment.author)
    return comment.id


def _look_up(run: OpenRun, reply: QuestionReply, new: NewComment) -> str | None:
    """Return the comment that an earlier try left behind, None where there is none."""
    found = run.client.list_comments(
        organization_id(parse_place(new.string).organization),
        string=new.string,
        author=find_username(run),
        type=CommentType.COMMENT,
        created_since=reply.created_at - _MARGIN,
    )
    said = [comment.id for comment in found if new.is_said_by(comment)]
    with run.database.read() as session:
        # Another answer may have said the same on the same string.
        taken = set(session.exec(select(QuestionReply.comment_id).where(col(QuestionReply.comment_id).in_(said))))
    return next((identifier for identifier in reversed(said) if identifier not in taken), None)


def _announce(run: OpenRun, reply: QuestionReply) -> None:
    with run.write() as session:
        row = session.get_one(QuestionReply, reply.id)
        row.attempts += 1
        session.add(row)


def _write(
    run: OpenRun,
    reply: QuestionReply,
    *,
    done: datetime | None = None,
    problem: str = "",
    comment_id: str | None = None,
) -> None:
    with run.write() as session:
        row = session.get_one(QuestionReply, reply.id)
        row.done_at, row.problem, row.comment_id = done, problem[:2000], comment_id
        session.add(row)
        if comment_id is not None:
            # A pull may have met it before anybody knew that it is ours.
            session.exec(delete(QuestionComment).where(col(QuestionComment.remote_id) == comment_id))
        if done is not None and row.kind is ReplyKind.RESOLVE:
            question = session.get_one(Question, row.question_id)
            question.state, question.closed_at = QuestionState.RESOLVED, question.closed_at or done
            session.add(question)
