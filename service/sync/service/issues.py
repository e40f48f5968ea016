"""Telling volunteers why a text was rejected: one issue for each rejection, resolved when it holds no more."""

from datetime import datetime

from sqlmodel import Session, col, select

from service.catalog.models import OutboxRow
from service.deployments.client import as_service_error
from service.deployments.models import Deployment
from service.sync.service.outgoing import IssueDue, find_due_issues
from service.sync.service.runs import OpenRun, Patience
from service.sync.service.sent import Sent
from transifex_client.errors import Forbidden, NotFound, TransifexError
from transifex_client.ids import organization_id, parse_place
from transifex_client.resources import Comment, CommentChange, CommentStatus, CommentType, NewComment


def send_issues(run: OpenRun, sent: Sent, patience: Patience) -> None:
    """Open and resolve what is due. Where issues are refused altogether, they wait for the next run."""
    with run.database.read() as session:
        due = find_due_issues(session, run.deployment, run.project)
    for issue in due:
        if patience.exhausted or sent.issues_refused:
            return
        try:
            _send(run, issue, sent)
            patience.note(None)
        except Forbidden as error:
            message = as_service_error(error).message
            sent.refuse_issues(message)
            _write(run, issue, problem=message)
        except TransifexError as error:
            patience.note(error)
            message = as_service_error(error).message
            sent.fail(message, key=issue.key, language=issue.language)
            _write(run, issue, problem=message)


def _send(run: OpenRun, issue: IssueDue, sent: Sent) -> None:
    comment_id = issue.comment_id
    if comment_id is None and not issue.tried and not issue.wanted_open:
        _write(run, issue, done=run.clock(), problem="The rejection was taken back before it was told.")
        sent.superseded += len(issue.rows)
        return
    _announce(run, issue)
    if comment_id is None and issue.tried:
        comment_id = _find_earlier(run, issue)
    elif issue.comment_id is not None and not _change(run, issue.comment_id, wanted_open=issue.wanted_open):
        comment_id = None
    if issue.wanted_open:
        if comment_id is None:
            comment_id = _create(run, issue).id
        sent.counts["issues_opened"] += 1
    elif comment_id is not None:
        if issue.comment_id is None:
            _change(run, comment_id, wanted_open=False)
        sent.counts["issues_resolved"] += 1
    _write(run, issue, done=run.clock(), comment_id=comment_id)


def _create(run: OpenRun, issue: IssueDue) -> Comment:
    new = NewComment(issue.string, issue.language, issue.message, CommentType.ISSUE)
    comment = run.client.create_comment(new, now=run.clock(), author=find_username(run))
    _learn_username(run, comment)
    return comment


def _learn_username(run: OpenRun, comment: Comment) -> None:
    """Remember as whom we write, from an issue in our own words."""
    if comment.author:
        with run.write() as session:
            remember_username(session, run, comment.author)


def _change(run: OpenRun, comment_id: str, *, wanted_open: bool) -> bool:
    """Open or resolve an issue; return False where it is gone, as after a project was made anew."""
    status = CommentStatus.OPEN if wanted_open else CommentStatus.RESOLVED
    try:
        run.client.update_comment(comment_id, CommentChange(status=status))
    except NotFound:
        return False
    return True


def _find_earlier(run: OpenRun, issue: IssueDue) -> str | None:
    """Return the issue that an earlier try left behind, opened again where it was we who resolved it."""
    ours = _look_up(run, issue)
    if ours is None:
        return None
    resolved_by_us = ours.status == CommentStatus.RESOLVED and ours.resolver == ours.author
    if issue.wanted_open and resolved_by_us and not _change(run, ours.id, wanted_open=True):
        return None
    return ours.id


def _look_up(run: OpenRun, issue: IssueDue) -> Comment | None:
    """Return the issue that an earlier try left behind, None where there is none.

    Whether it is still open does not matter: a volunteer may have resolved it before we heard that it was opened.
    """
    found = run.client.list_comments(
        organization_id(parse_place(issue.string).organization),
        string=issue.string,
        author=find_username(run),
        type=CommentType.ISSUE,
    )
    wanted = NewComment(issue.string, issue.language, issue.message, CommentType.ISSUE)
    said = {comment.id: comment for comment in found if wanted.is_said_by(comment)}
    with run.database.read() as session:
        # Another rejection may have said the same of the same string.
        taken = set(session.exec(select(OutboxRow.comment_id).where(col(OutboxRow.comment_id).in_(said))))
    ours = next((comment for identifier, comment in said.items() if identifier not in taken), None)
    if ours is not None:
        _learn_username(run, ours)
    return ours


def find_username(run: OpenRun) -> str | None:
    """Return the Transifex user that the service writes as, None while it is not known."""
    with run.database.read() as session:
        return session.get_one(Deployment, run.deployment_id).service_username


def remember_username(session: Session, run: OpenRun, username: str) -> None:
    """Keep the Transifex user that the service writes as, unless one is known."""
    deployment = session.get_one(Deployment, run.deployment_id)
    if not deployment.service_username:
        deployment.service_username = username
        session.add(deployment)


def _announce(run: OpenRun, issue: IssueDue) -> None:
    with run.write() as session:
        for row in _rows(session, issue):
            row.attempts += 1
            session.add(row)


def _write(
    run: OpenRun, issue: IssueDue, *, done: datetime | None = None, problem: str = "", comment_id: str | None = None
) -> None:
    with run.write() as session:
        for row in _rows(session, issue):
            row.done_at, row.problem = done, problem[:2000]
            row.comment_id = comment_id or row.comment_id
            session.add(row)


def _rows(session: Session, issue: IssueDue) -> list[OutboxRow]:
    return list(session.exec(select(OutboxRow).where(col(OutboxRow.id).in_(issue.rows))))
