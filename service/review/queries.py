"""The reviewer's queue: which texts wait for a person, in which order, and how many are left where."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, and_, case, func, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from service.catalog.models import Conflict, Decision, DecisionKind, State, Translation, Unit
from service.catalog.queries import escape_like, in_scope
from service.checks.models import StoredFinding
from service.deployments.models import Deployment
from service.review.models import FormClaim, QueueSkip

CLAIM_LASTS = timedelta(minutes=30)
"""How long a person counts as being on a form after the last action there."""

_CHUNK = 500
_WAITING = (State.TRANSLATED, State.STALE)


class Show(StrEnum):
    """Which texts a queue shows: a state, or one of three words about them."""

    WAITING = "waiting"
    ALL = "all"
    SKIPPED = "skipped"
    UNTRANSLATED = "untranslated"
    TRANSLATED = "translated"
    STALE = "stale"
    REJECTED = "rejected"
    APPROVED = "approved"


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """What the address of a queue asks for. The default is what waits for the person who looks.

    Attributes:
        show: which texts.
        form: canonical name of a form or lookup (``form/ID``), "" for all.
        check: id of a check that found something, "" for any.
        search: looked for in source and translation, without regard to case.
        since: only texts that changed at or after this moment.
        sensitive: only sensitive texts.
        conflict: only texts in conflict.
        blocked: only texts with a blocking finding.
        mine: only texts of forms that this person took or was given.
    """

    show: Show = Show.WAITING
    form: str = ""
    check: str = ""
    search: str = ""
    since: datetime | None = None
    sensitive: bool = False
    conflict: bool = False
    blocked: bool = False
    mine: bool = False

    def with_form(self, form: str) -> Self:
        """Return the same filter for one form."""
        return replace(self, form=form)

    def query(self, **more: str | int) -> str:
        """Return it as the query of an address, with ``more`` after it; "" for the default without more."""
        values: dict[str, str | int] = {}
        if self.show is not Show.WAITING:
            values["show"] = self.show.value
        values |= {name: value for name in ("form", "check", "search") if (value := getattr(self, name))}
        if self.since is not None:
            values["since"] = self.since.date().isoformat()
        values |= {name: 1 for name in ("sensitive", "conflict", "blocked", "mine") if getattr(self, name)}
        return urlencode(values | more)


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose queue it is, and where.

    Attributes:
        deployment: the deployment.
        locale: the locale.
        person_id: the person, None for somebody without a queue of their own.
    """

    deployment: Deployment
    locale: str
    person_id: str | None

    @property
    def deployment_id(self) -> int:
        """Return the deployment's id."""
        assert self.deployment.id is not None
        return self.deployment.id


@dataclass(frozen=True, slots=True)
class RecordRow:
    """One form or lookup in the queue: how much of it waits for the reader.

    ``total``, ``approved`` and the findings count all texts in scope; ``texts_left`` and ``words_left`` what waits.
    """

    record_key: str
    total: int
    approved: int
    untranslated: int
    texts_left: int
    words_left: int
    blocked: int
    warned: int
    sensitive_left: int
    conflicts: int


def waits_for(reader: Reader) -> ColumnElement[bool]:
    """Return the condition for texts that wait for the reader: undecided ones, not their own, not approved by them.

    Texts in conflict wait whatever their state: somebody has to choose.
    """
    undecided = or_(col(Translation.state).in_(_WAITING), _in_conflict(reader))
    if reader.person_id is None:
        return undecided
    conditions = [undecided, ~_approved_by(reader.person_id)]
    if not reader.deployment.lone_reviewer:
        own = func.coalesce(col(Translation.author_id), "") == reader.person_id
        conditions.append(or_(~own, _in_conflict(reader)))
    return and_(*conditions)


def _approved_by(person_id: str) -> ColumnElement[bool]:
    taken_back = aliased(Decision)
    return and_(
        col(Translation.approvals) > 0,
        select(Decision.id)
        .where(
            col(Decision.unit_id) == Unit.id,
            col(Decision.locale) == Translation.locale,
            col(Decision.source_hash) == Unit.source_hash,
            col(Decision.text_hash) == Translation.text_hash,
            col(Decision.kind) == DecisionKind.APPROVE,
            col(Decision.person_id) == person_id,
            ~select(taken_back.id).where(col(taken_back.reopens_id) == Decision.id).exists(),
        )
        .exists(),
    )


def _in_conflict(reader: Reader) -> ColumnElement[bool]:
    return (
        select(Conflict.id)
        .where(
            col(Conflict.unit_id) == Unit.id,
            col(Conflict.locale) == reader.locale,
            col(Conflict.resolved_at).is_(None),
        )
        .exists()
    )


def _skipped(reader: Reader) -> ColumnElement[bool]:
    return (
        select(QueueSkip.id)
        .where(
            col(QueueSkip.translation_id) == Translation.id,
            col(QueueSkip.person_id) == (reader.person_id or ""),
            col(QueueSkip.version) == Translation.version,
        )
        .exists()
    )


def _claim(reader: Reader, now: datetime, *, by_reader: bool) -> ColumnElement[bool]:
    person = col(FormClaim.person_id)
    return (
        select(FormClaim.id)
        .where(
            col(FormClaim.deployment_id) == Unit.deployment_id,
            col(FormClaim.locale) == reader.locale,
            col(FormClaim.record_key) == Unit.record_key,
            or_(col(FormClaim.until) > now, col(FormClaim.given_by).is_not(None)),
            person == (reader.person_id or "") if by_reader else person != (reader.person_id or ""),
        )
        .exists()
    )


def conditions(reader: Reader, wanted: QueueFilter, now: datetime) -> list[ColumnElement[bool]]:
    """Return what the units (joined with their translations in the locale, where there are any) must fulfil."""
    found = [in_scope(reader.deployment_id), _shown(reader, wanted.show)]
    if wanted.form:
        found.append(col(Unit.record_key) == wanted.form)
    elif wanted.show is Show.WAITING and not wanted.mine:
        # Somebody else is on that form already; whoever asks for the form itself gets it.
        found.append(~_claim(reader, now, by_reader=False))
    if wanted.check:
        finding = select(StoredFinding.id).where(
            col(StoredFinding.translation_id) == Translation.id,
            col(StoredFinding.check_id) == wanted.check,
            col(StoredFinding.dismissed_at).is_(None),
        )
        found.append(finding.exists())
    if wanted.search:
        pattern = f"%{escape_like(wanted.search)}%"
        found.append(
            or_(col(Unit.source).ilike(pattern, escape="\\"), col(Translation.text).ilike(pattern, escape="\\"))
        )
    if wanted.since is not None:
        found.append(col(Translation.changed_at) >= wanted.since)
    if wanted.sensitive:
        found.append(col(Unit.sensitive).is_(True))
    if wanted.conflict:
        found.append(_in_conflict(reader))
    if wanted.blocked:
        found.append(col(Translation.blocked).is_(True))
    if wanted.mine:
        found.append(_claim(reader, now, by_reader=True))
    return found


def _shown(reader: Reader, show: Show) -> ColumnElement[bool]:
    if show is Show.WAITING:
        return and_(waits_for(reader), ~_skipped(reader))
    if show is Show.SKIPPED:
        return and_(waits_for(reader), _skipped(reader))
    if show is Show.ALL:
        return col(Unit.id).is_not(None)
    if show is Show.UNTRANSLATED:
        return or_(col(Translation.id).is_(None), col(Translation.state) == State.UNTRANSLATED)
    return col(Translation.state) == State(show.value)


def _join(reader: Reader) -> ColumnElement[bool]:
    return and_(col(Translation.unit_id) == Unit.id, col(Translation.locale) == reader.locale)


def list_queue(
    session: Session, reader: Reader, wanted: QueueFilter, now: datetime, *, after: int = -1, limit: int = 50
) -> list[tuple[Unit, Translation | None]]:
    """Return the units of a queue from position ``after`` on, in the order of the source."""
    query = (
        select(Unit, Translation)
        .join(Translation, _join(reader), isouter=True)
        .where(*conditions(reader, wanted, now), col(Unit.position) > after)
        .order_by(col(Unit.position))
        .limit(limit)
    )
    return [(unit, translation) for unit, translation in session.exec(query)]


def find_next(
    session: Session, reader: Reader, wanted: QueueFilter, now: datetime, *, after: int
) -> tuple[Unit, Translation | None] | None:
    """Return the next unit of a queue after a position, from the beginning again after the last; None: none."""
    for start in (after, -1):
        rows = list_queue(session, reader, wanted, now, after=start, limit=1)
        if rows:
            return rows[0]
    return None


def count_queue(session: Session, reader: Reader, wanted: QueueFilter, now: datetime) -> int:
    """Return how many units a queue holds."""
    query = (
        select(func.count(col(Unit.id)))
        .join(Translation, _join(reader), isouter=True)
        .where(*conditions(reader, wanted, now))
    )
    return session.exec(query).one()


def count_record(session: Session, reader: Reader, record_key: str) -> int:
    """Return how many texts of one form are to be translated."""
    query = select(func.count(col(Unit.id))).where(in_scope(reader.deployment_id), col(Unit.record_key) == record_key)
    return session.exec(query).one()


def list_records(session: Session, reader: Reader) -> list[RecordRow]:
    """Return every form and lookup in scope: those with something left first, the one with the fewest words first."""
    # Each text is looked at once: the sums below name what was found, and do not look again.
    looked_at = (
        select(
            Unit.record_key,
            Unit.position,
            Unit.words,
            Unit.sensitive,
            func.coalesce(col(Translation.state), State.UNTRANSLATED).label("state"),
            col(Translation.blocked).label("blocked"),
            col(Translation.warnings).label("warnings"),
            and_(waits_for(reader), ~_skipped(reader)).label("left"),
            _in_conflict(reader).label("conflict"),
        )  # type: ignore[call-overload]  # sqlmodel types select() up to four columns
        .join(Translation, _join(reader), isouter=True)
        .where(in_scope(reader.deployment_id))
        .cte("looked_at")
        .prefix_with("MATERIALIZED")
    )
    text = looked_at.c

    def number(condition: ColumnElement[bool], what: ColumnElement[int] | int = 1) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((condition, what), else_=0)), 0)

    query = (
        select(
            text.record_key,
            func.count(),
            number(text.state == State.APPROVED),
            number(text.state == State.UNTRANSLATED),
            number(text.left),
            number(text.left, text.words),
            number(text.blocked),
            number(text.warnings > 0),
            number(and_(text.left, text.sensitive)),
            number(text.conflict),
        )  # type: ignore[call-overload]  # as above
        .group_by(text.record_key)
        .order_by(func.min(text.position))
    )
    rows = [RecordRow(row[0], *(int(value) for value in row[1:])) for row in session.exec(query)]
    return sorted(rows, key=lambda row: (not row.texts_left, row.words_left))


def count_skipped(session: Session, reader: Reader, now: datetime) -> int:
    """Return how many waiting texts the reader has put aside."""
    return count_queue(session, reader, QueueFilter(show=Show.SKIPPED), now)


def list_record_keys(session: Session, reader: Reader) -> Sequence[str]:
    """Return the key of every form and lookup in scope, in the order of the source."""
    query = select(Unit.record_key).where(in_scope(reader.deployment_id)).group_by(col(Unit.record_key))
    return session.exec(query.order_by(func.min(Unit.position))).all()


def list_claims(session: Session, reader: Reader, now: datetime) -> dict[str, FormClaim]:
    """Return by record who is on it or was given it."""
    query = select(FormClaim).where(
        FormClaim.deployment_id == reader.deployment_id,
        FormClaim.locale == reader.locale,
        or_(col(FormClaim.until) > now, col(FormClaim.given_by).is_not(None)),
    )
    return {claim.record_key: claim for claim in session.exec(query)}


def record_names(session: Session, deployment_id: int, record_keys: Sequence[str]) -> dict[str, str]:
    """Return the source name of each form or lookup, its key where it has none."""
    names = {key: key.partition("/")[2] for key in record_keys}
    keys = sorted(names)
    for start in range(0, len(keys), _CHUNK):
        query = select(Unit.record_key, Unit.source).where(
            Unit.deployment_id == deployment_id,
            ~col(Unit.retired),
            col(Unit.key).in_([f"{key}/name" for key in keys[start : start + _CHUNK]]),
        )
        names.update((key, " ".join(source.split())) for key, source in session.exec(query))
    return names
