"""What each person did: texts and words, and what became of them, from authors, dates and other people's decisions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func
from sqlalchemy import select as sql_select
from sqlalchemy.orm import aliased
from sqlmodel import Session, case, col, select

from service.catalog.models import Contribution, Decision, DecisionKind, RejectReason

_CHUNK = 400


@dataclass(slots=True)
class Numbers:
    """What a person did in a deployment, or in one language of it.

    ``words`` are the source's. ``approved`` and ``rejected`` count texts that somebody else decided on so; what was
    taken back does not count. ``corrected`` were replaced by a reviewer.
    """

    texts: int = 0
    words: int = 0
    approved: int = 0
    approved_words: int = 0
    corrected: int = 0
    rejected: dict[RejectReason, int] = field(default_factory=dict)
    last_at: datetime | None = None

    @property
    def rejected_texts(self) -> int:
        """Return how many rejections there were, by any reason."""
        return sum(self.rejected.values())


def count_by_person(
    session: Session, deployment_id: int, person_ids: Sequence[str], *, locale: str | None = None
) -> dict[str, Numbers]:
    """Return what each of these persons did, in all languages or one; own approvals are left out."""
    found = {person: Numbers() for person in person_ids}
    for start in range(0, len(person_ids), _CHUNK):
        chunk = person_ids[start : start + _CHUNK]
        where = [col(Contribution.deployment_id) == deployment_id, col(Contribution.author_id).in_(chunk)]
        if locale is not None:
            where.append(col(Contribution.locale) == locale)
        _count_texts(session, found, where)
        _count_decisions(session, found, where)
    return found


def list_authors(session: Session, deployment_id: int) -> list[str]:
    """Return everybody who ever wrote a text in a deployment."""
    query = select(Contribution.author_id).where(Contribution.deployment_id == deployment_id).distinct()
    return list(session.exec(query.order_by(Contribution.author_id)))


def _count_texts(session: Session, found: dict[str, Numbers], where: Sequence[ColumnElement[bool]]) -> None:
    # Five columns are more than the typed form of select takes.
    query: Any = sql_select(
        col(Contribution.author_id),
        func.count(),
        func.sum(Contribution.words),
        func.sum(case((col(Contribution.corrected_at).is_not(None), 1), else_=0)),
        func.max(Contribution.written_at),
    )
    query = query.where(*where).group_by(col(Contribution.author_id))
    for person, texts, words, corrected, last_at in session.execute(query):
        numbers = found[person]
        numbers.texts, numbers.words, numbers.corrected = texts, int(words or 0), int(corrected or 0)
        numbers.last_at = last_at


def _count_decisions(session: Session, found: dict[str, Numbers], where: Sequence[ColumnElement[bool]]) -> None:
    # One text counts once for each thing that was said of it, however many said it.
    inner = (
        sql_select(
            col(Contribution.id),
            col(Contribution.author_id),
            col(Contribution.words),
            col(Decision.kind),
            col(Decision.reason),
        )
        .join(Decision, _on_text())
        .where(*where, *standing_of_others())
        .distinct()
        .subquery()
    )
    by = (inner.c.author_id, inner.c.kind, inner.c.reason)
    query = sql_select(*by, func.count(), func.sum(inner.c.words)).group_by(*by)
    for person, kind, reason, texts, words in session.execute(query):
        numbers = found[person]
        if kind is DecisionKind.APPROVE:
            numbers.approved, numbers.approved_words = texts, int(words or 0)
        elif reason is not None:
            numbers.rejected[reason] = texts


def _on_text() -> ColumnElement[bool]:
    return and_(
        col(Decision.unit_id) == Contribution.unit_id,
        col(Decision.locale) == Contribution.locale,
        col(Decision.text_hash) == Contribution.text_hash,
    )


def standing_of_others() -> Iterator[ColumnElement[bool]]:
    """Yield what makes a decision on a contribution one that counts: by another person, and not taken back."""
    reopening = aliased(Decision)
    yield col(Decision.kind) != DecisionKind.REOPEN
    yield col(Decision.person_id) != Contribution.author_id
    yield ~select(reopening.id).where(reopening.reopens_id == Decision.id).exists()


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision of somebody else on a text that a person wrote."""

    decision_id: int
    unit_id: int
    locale: str
    source_hash: str
    text_hash: str
    kind: DecisionKind
    reason: RejectReason | None
    comment: str


def list_verdicts(session: Session, deployment_id: int, person_id: str, *, after: int) -> list[Verdict]:
    """Return what others decided on the texts of a person, beyond the decision ``after``; the latest of each text."""
    query = (
        select(Decision)
        .join(Contribution, _on_text())
        .where(
            Contribution.deployment_id == deployment_id,
            Contribution.author_id == person_id,
            col(Decision.id) > after,
            *standing_of_others(),
        )
        .order_by(col(Decision.id))
    )
    latest = {
        (row.unit_id, row.locale, row.text_hash): Verdict(
            row.id or 0, row.unit_id, row.locale, row.source_hash, row.text_hash, row.kind, row.reason, row.comment
        )
        for row in session.exec(query)
    }
    return list(latest.values())
