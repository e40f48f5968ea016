"""Questions: issues that volunteers opened on Transifex, with what was said after them, kept here while they are open.

What the service said itself is left out: its rejections' issues, known by their ids, and its own comments.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from extractors.texts import clean_text
from extractors.units import UnitKey
from service.auth.service.persons import get_or_create_person_by_transifex_username
from service.catalog.models import OutboxRow, Unit
from service.deployments.client import as_service_error
from service.deployments.service import list_locales
from service.sync.keys import resource_record
from service.sync.models import Question, QuestionComment, QuestionReply, QuestionState
from service.sync.queries import list_pushed_resources
from service.sync.rules.formats import unit_hash
from service.sync.service.arriving import MAX_USERNAME
from service.sync.service.runs import OpenRun, in_words
from transifex_client.errors import Forbidden, NotFound, TransifexError
from transifex_client.ids import organization_id, parse_place, resource_id
from transifex_client.resources import Comment, CommentStatus, CommentType

_MARGIN = timedelta(minutes=5)
"""Our clock and Transifex's may differ, and its lists may run behind."""

_CHUNK = 400


@dataclass(slots=True)
class Fetched:
    """What became of one look for questions; ``trouble`` says why it found nothing, ``failed`` counts as a failure."""

    counts: Counter[str] = field(default_factory=Counter)
    trouble: str = ""
    failed: bool = False

    @property
    def changed(self) -> bool:
        """Return whether anything is other than before."""
        return self.counts.total() > 0

    def outcome(self) -> dict[str, Any]:
        """Return everything, for the record of the run."""
        return {**{name: self.counts[name] for name in ("opened", "comments", "closed")}, "trouble": self.trouble}

    def message(self) -> str:
        """Return it in words, "" for nothing at all."""
        said = in_words(
            "Questions of volunteers",
            [
                (self.counts["opened"], "new"),
                (self.counts["comments"], "comments on them"),
                (self.counts["closed"], "resolved there"),
            ],
        )
        return " ".join(filter(None, [said, self.trouble]))


@dataclass(frozen=True, slots=True)
class _Known:
    """A question as we hold it."""

    remote_id: str
    string: str
    language: str
    is_open: bool
    opened_at: datetime
    seen_at: datetime


@dataclass(slots=True)
class _Units:
    """Which unit, and which key, a string stands for; ``locales`` by language."""

    locales: dict[str, str] = field(default_factory=dict)
    by_string: dict[tuple[str, str], tuple[int, str]] = field(default_factory=dict)
    names: dict[str, Mapping[str, str]] = field(default_factory=dict)

    def find(self, string: str) -> tuple[int | None, str]:
        """Return the unit's id, None for none, and its key, else Transifex's key of the string, else its hash."""
        place = parse_place(string)
        slug, hashed = place.resource or "", place.string_hash or ""
        found = self.by_string.get((slug, hashed))
        return found or (None, self.names.get(slug, {}).get(hashed, hashed))


def fetch_questions(
    run: OpenRun, own_users: frozenset[str], new_id: Callable[[], str], *, whole: bool = False
) -> Fetched:
    """Look for questions: one request while nobody asks, one more for the comments on those that are open.

    Trouble with them is reported and keeps no pull from ending well or badly by itself.

    Args:
        run: the pull that this is a part of.
        own_users: as whom the service writes.
        new_id: makes the ids of persons whom we meet for the first time.
        whole: ask for every comment on open questions, not only for those since the last look.
    """
    fetched = Fetched()
    try:
        _fetch(run, own_users, new_id, fetched, whole=whole)
    except Forbidden as error:
        # A token that may not read comments never will: that is said, and nothing has failed by it.
        fetched.trouble = f"Questions could not be read on Transifex. {as_service_error(error).message}"
    except TransifexError as error:
        fetched.failed = True
        fetched.trouble = f"Questions could not be read on Transifex. {as_service_error(error).message}"
    return fetched


def _fetch(
    run: OpenRun, own_users: frozenset[str], new_id: Callable[[], str], fetched: Fetched, *, whole: bool
) -> None:
    now = run.clock()
    organization = organization_id(parse_place(run.project).organization)
    listed = run.client.list_comments(
        organization, project=run.project, type=CommentType.ISSUE, status=CommentStatus.OPEN
    )
    with run.database.read() as session:
        issues = _theirs(session, listed, own_users)
        known = {row.remote_id: row for row in _known(session, run.deployment_id)}
        units = _load_units(session, run) if issues else _Units()
    since = _since(issues, known, now, whole=whole)
    said: Sequence[Comment] = ()
    if since is not None:
        said = run.client.list_comments(
            organization, project=run.project, type=CommentType.COMMENT, created_since=since - _MARGIN
        )
    _name_strangers(run, issues, units)
    with run.write() as session:
        _store(session, run, issues, _theirs(session, said, own_users), units, new_id, fetched, now)


def _theirs(session: Session, comments: Iterable[Comment], own_users: frozenset[str]) -> list[Comment]:
    """Return the comments that this service did not write, in the order in which they were written."""
    found = [comment for comment in comments if comment.author not in own_users]
    own: set[str | None] = set()
    for start in range(0, len(found), _CHUNK):
        chunk = [comment.id for comment in found[start : start + _CHUNK]]
        own |= set(session.exec(select(OutboxRow.comment_id).where(col(OutboxRow.comment_id).in_(chunk))))
        own |= set(session.exec(select(QuestionReply.comment_id).where(col(QuestionReply.comment_id).in_(chunk))))
    return [comment for comment in reversed(found) if comment.id not in own]


def _known(session: Session, deployment_id: int) -> list[_Known]:
    rows = session.exec(select(Question).where(Question.deployment_id == deployment_id))
    return [
        _Known(row.remote_id, row.string, row.language, row.state is QuestionState.OPEN, row.opened_at, row.seen_at)
        for row in rows
    ]


def _since(issues: Iterable[Comment], known: Mapping[str, _Known], now: datetime, *, whole: bool) -> datetime | None:
    """Return from when on somebody may have said something on a question, None while there is none to speak of."""
    moments = []
    for issue in issues:
        row = known.get(issue.id)
        opened = issue.created_at or now
        moments.append(opened if row is None or whole else row.seen_at)
    # One that is open no more was perhaps answered before it was resolved.
    listed = {issue.id for issue in issues}
    moments += [row.seen_at for row in known.values() if row.is_open and row.remote_id not in listed]
    return min(moments, default=None)


def _load_units(session: Session, run: OpenRun) -> _Units:
    slugs = {row.record_key: row.slug for row in list_pushed_resources(session, run.deployment_id)}
    found = _Units(
        {row.transifex_language: row.locale for row in list_locales(session, run.deployment) if row.transifex_language}
    )
    query = select(Unit.id, Unit.key).where(Unit.deployment_id == run.deployment_id)
    for identifier, text in session.exec(query):
        key = UnitKey.parse(text)
        slug = slugs.get(resource_record(key))
        if slug is not None and identifier is not None:
            found.by_string[slug, unit_hash(run.format, key)] = (identifier, text)
    return found


def _name_strangers(run: OpenRun, issues: Iterable[Comment], units: _Units) -> None:
    """Find Transifex's keys of strings that no unit has: one listing for each resource with such a question."""
    for issue in issues:
        place = parse_place(issue.string)
        slug = place.resource or ""
        if (slug, place.string_hash or "") in units.by_string or slug in units.names:
            continue
        try:
            strings = run.client.list_strings(resource_id(run.project, slug))
        except NotFound:
            strings = ()
        units.names[slug] = {string.id.rpartition(":s:")[2]: string.key for string in strings}


def _store(
    session: Session,
    run: OpenRun,
    issues: Sequence[Comment],
    said: Sequence[Comment],
    units: _Units,
    new_id: Callable[[], str],
    fetched: Fetched,
    now: datetime,
) -> None:
    rows = {
        row.remote_id: row for row in session.exec(select(Question).where(Question.deployment_id == run.deployment_id))
    }
    watched = [row for row in rows.values() if row.state is QuestionState.OPEN]
    listed = {issue.id for issue in issues}
    for row in watched:
        if row.remote_id not in listed:
            row.state, row.closed_at = QuestionState.RESOLVED, now
            fetched.counts["closed"] += 1
    for issue in issues:
        row = rows.get(issue.id) or Question(
            deployment_id=run.deployment_id, remote_id=issue.id, string=issue.string, language=issue.language,
            key="", text="", state=QuestionState.RESOLVED, opened_at=issue.created_at or now, seen_at=now,
        )  # fmt: skip
        if row.state is not QuestionState.OPEN:
            fetched.counts["opened"] += 1
            watched.append(row)
        row.state, row.closed_at = QuestionState.OPEN, None
        row.text = clean_text(issue.message)
        row.locale = units.locales.get(issue.language)
        row.unit_id, row.key = units.find(issue.string)
        row.author_id = _person(session, issue, new_id, now)
    session.add_all(watched)
    session.flush()
    _store_comments(session, watched, said, new_id, fetched, now)
    for row in watched:
        row.seen_at = now


def _store_comments(
    session: Session,
    watched: Sequence[Question],
    said: Sequence[Comment],
    new_id: Callable[[], str],
    fetched: Fetched,
    now: datetime,
) -> None:
    for question in watched:
        query = select(QuestionComment).where(QuestionComment.question_id == question.id)
        rows = {row.remote_id: row for row in session.exec(query)}
        for comment in said:
            at = comment.created_at or now
            if (comment.string, comment.language) != (question.string, question.language) or at < question.opened_at:
                continue
            assert question.id is not None
            row = rows.get(comment.id)
            if row is None:
                fetched.counts["comments"] += 1
                row = QuestionComment(question_id=question.id, remote_id=comment.id, text="", written_at=at)
            row.text, row.author_id = clean_text(comment.message), _person(session, comment, new_id, now)
            session.add(row)


def _person(session: Session, comment: Comment, new_id: Callable[[], str], now: datetime) -> str | None:
    if not comment.author or len(comment.author) > MAX_USERNAME:
        return None
    return get_or_create_person_by_transifex_username(session, comment.author, now, new_id())
