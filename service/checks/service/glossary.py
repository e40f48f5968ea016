"""The glossary of a deployment and locale: every change is a new version of a term, and nothing is lost."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import func
from sqlmodel import Session, col, select

from service.audit.service import Actor, write_audit
from service.checks.glossary_csv import read_csv, write_csv
from service.checks.models import GlossaryEntry
from service.checks.rules import GlossaryTerm, clean_term, term_key
from service.checks.service.conditions import list_terms
from service.checks.service.rechecking import queue_recheck
from service.deployments.models import Deployment
from service.errors import BadInput, NotFound, Outdated

Outcome = Literal["added", "changed", "unchanged", "refused"]


@dataclass(frozen=True, slots=True)
class RowAnswer:
    """What became of one row of a file; ``why`` it was refused."""

    line: int
    term: str
    outcome: Outcome
    why: str = ""


def as_term(row: GlossaryEntry) -> GlossaryTerm:
    """Return the stored term as the rules see it."""
    return GlossaryTerm(
        row.term, tuple(row.inflections), tuple(row.accepted), tuple(row.forbidden), row.reason, row.owner
    )


def list_versions(session: Session, deployment_id: int, locale: str, term: str) -> Sequence[GlossaryEntry]:
    """Return every version of a term, oldest first."""
    query = select(GlossaryEntry).where(
        GlossaryEntry.deployment_id == deployment_id,
        GlossaryEntry.locale == locale,
        GlossaryEntry.term_key == term_key(term),
    )
    return session.exec(query.order_by(col(GlossaryEntry.version))).all()


def last_change(session: Session, deployment_id: int, locale: str) -> int:
    """Return a number that grows with every change of the glossary; 0 for one that never had a term."""
    query = select(func.max(GlossaryEntry.id)).where(
        GlossaryEntry.deployment_id == deployment_id, GlossaryEntry.locale == locale
    )
    return session.exec(query).one() or 0


def write_term(
    session: Session,
    deployment: Deployment,
    locale: str,
    term: GlossaryTerm,
    *,
    actor: Actor,
    now: datetime,
    seen: int | None = None,
) -> Outcome:
    """Add a term, or a new version of it; the same once more changes nothing.

    ``seen`` is the version that was changed, 0 where none was in force; None where it does not matter.

    Raises:
        BadInput: it is no term.
        Outdated: another version is in force than the one that was seen.
    """
    try:
        term = clean_term({name: getattr(term, name) for name in GlossaryTerm.__dataclass_fields__})
    except ValueError as error:
        raise BadInput(f"{str(error)[:1].upper()}{str(error)[1:]}.") from error
    _lock(session, deployment)
    _require_seen(_current(session, deployment, locale, term.key), seen)
    outcome = _write(session, deployment, locale, term, actor, now)
    if outcome != "unchanged":
        _audit(session, deployment, locale, f"glossary.{outcome}", term.term, actor, now)
    return outcome


def _require_seen(current: GlossaryEntry | None, seen: int | None) -> None:
    if seen is not None and seen != (0 if current is None or current.removed else current.version):
        raise Outdated("Somebody changed this term meanwhile: nothing was overwritten.")


def remove_term(
    session: Session,
    deployment: Deployment,
    locale: str,
    term: str,
    *,
    actor: Actor,
    now: datetime,
    seen: int | None = None,
) -> None:
    """Take a term out; its versions stay. ``seen`` is the version that was looked at, as for :func:`write_term`.

    Raises:
        NotFound: the glossary has no such term.
        Outdated: another version is in force than the one that was seen.
    """
    _lock(session, deployment)
    current = _current(session, deployment, locale, term_key(term))
    if current is None or current.removed:
        raise NotFound(f"The glossary of {deployment.slug!r} has no term {term!r} in {locale}.")
    _require_seen(current, seen)
    _add_version(session, current, as_term(current), actor, now, removed=True)
    _audit(session, deployment, locale, "glossary.removed", current.term, actor, now)


def export_terms(session: Session, deployment: Deployment, locale: str) -> bytes:
    """Return the terms in force as a CSV file."""
    assert deployment.id is not None
    return write_csv(as_term(row) for row in list_terms(session, deployment.id, locale))


def import_terms(
    session: Session,
    deployment: Deployment,
    locale: str,
    data: bytes,
    *,
    dry_run: bool,
    actor: Actor,
    now: datetime,
    seen: int | None = None,
) -> list[RowAnswer]:
    """Take the terms of a CSV file in; rows that are no terms are refused, the others taken. None is removed.

    ``seen`` is what :func:`last_change` said when somebody looked at what the file would do.

    Raises:
        BadInput: it is no such file.
        Outdated: the glossary changed since it was looked at.
    """
    try:
        rows = read_csv(data)
    except ValueError as error:
        raise BadInput(f"The glossary cannot be read: {error}.") from error
    if not dry_run:
        _lock(session, deployment)
        if seen is not None and seen != last_change(session, deployment.id or 0, locale):
            raise Outdated("The glossary changed since you looked: look at what the file would do now.")
    known = {row.term_key: as_term(row) for row in list_terms(session, deployment.id or 0, locale)}
    answers = []
    met: set[str] = set()
    for line, cells in rows:
        answer, term = _judge(line, cells, known, met)
        answers.append(answer)
        if term is not None and not dry_run and answer.outcome != "unchanged":
            _write(session, deployment, locale, term, actor, now)
    counts = {outcome: sum(1 for row in answers if row.outcome == outcome) for outcome in ("added", "changed")}
    if not dry_run and any(counts.values()):
        _audit(session, deployment, locale, "glossary.import", "", actor, now, **counts)
    return answers


def _judge(
    line: int, cells: dict[str, str], known: dict[str, GlossaryTerm], seen: set[str]
) -> tuple[RowAnswer, GlossaryTerm | None]:
    name = cells.get("term", "").strip()
    try:
        term = clean_term(cells)
        if term.key in seen:
            raise ValueError("the term stands in an earlier row already")
    except ValueError as error:
        return RowAnswer(line, name, "refused", str(error)), None
    seen.add(term.key)
    before = known.get(term.key)
    outcome: Outcome = "added" if before is None else "unchanged" if before == term else "changed"
    return RowAnswer(line, term.term, outcome), term


def _lock(session: Session, deployment: Deployment) -> None:
    # Two that change the glossary at once wait here for each other; on SQLite there is one writer anyway.
    session.exec(select(Deployment.id).where(Deployment.id == deployment.id).with_for_update(key_share=True)).one()


def _current(session: Session, deployment: Deployment, locale: str, key: str) -> GlossaryEntry | None:
    query = select(GlossaryEntry).where(
        GlossaryEntry.deployment_id == deployment.id,
        GlossaryEntry.locale == locale,
        GlossaryEntry.term_key == key,
        col(GlossaryEntry.superseded_at).is_(None),
    )
    return session.exec(query.execution_options(populate_existing=True)).first()


def _write(
    session: Session, deployment: Deployment, locale: str, term: GlossaryTerm, actor: Actor, now: datetime
) -> Outcome:
    current = _current(session, deployment, locale, term.key)
    if current is not None and not current.removed and as_term(current) == term:
        return "unchanged"
    if current is None:
        current = GlossaryEntry(
            deployment_id=deployment.id or 0, locale=locale, term_key=term.key, version=0, term=term.term,
            created_at=now,
        )  # fmt: skip
        added: Outcome = "added"
    else:
        added = "added" if current.removed else "changed"
    _add_version(session, current, term, actor, now)
    return added


def _add_version(
    session: Session, last: GlossaryEntry, term: GlossaryTerm, actor: Actor, now: datetime, *, removed: bool = False
) -> None:
    if last.version:
        last.superseded_at = now
        session.add(last)
        # At most one version is in force: the old one goes first.
        session.flush()
    session.add(
        GlossaryEntry(
            deployment_id=last.deployment_id,
            locale=last.locale,
            term_key=last.term_key,
            version=last.version + 1,
            term=term.term,
            inflections=list(term.inflections),
            accepted=list(term.accepted),
            forbidden=list(term.forbidden),
            reason=term.reason,
            owner=term.owner,
            removed=removed,
            person_id=actor.person_id,
            created_at=now,
        )
    )
    session.flush()


def _audit(
    session: Session, deployment: Deployment, locale: str, action: str, term: str, actor: Actor, now: datetime,
    **detail: int,
) -> None:  # fmt: skip
    subject = f"{locale} {term}".strip()
    write_audit(session, actor, action, now, deployment_id=deployment.id, subject=subject, detail=detail)
    queue_recheck(session, deployment.id or 0, person_id=actor.person_id, now=now)
