"""The audit as people see it: what was done, by whom in words, within what whoever asks may see."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlmodel import Session, col, or_, select

from service.audit.queries import AuditFilter, list_entries
from service.audit.rules import Entry
from service.auth.models import Account, Person
from service.auth.rules import Identity, Permission
from service.catalog.access import open_deployment
from service.deployments.models import Deployment
from service.deployments.service import list_deployments
from service.errors import BadInput
from service.review.cards import name_persons
from service.web.spreadsheets import Cell, write_csv

PAGE = 50
MOST_EXPORTED = 100_000
"""How many entries one file takes that the service hands out; the command line knows no limit."""
COLUMNS = ("number", "at", "who", "person", "action", "deployment", "subject", "detail", "hash")
_PERSON = "person/"


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """What somebody asks the audit for, as it is typed. ``until`` is the last day."""

    deployment: str = ""
    who: str = ""
    action: str = ""
    words: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One entry. ``who`` is a person's name or user name, or what acted; ``subject`` names persons too."""

    number: int
    at: datetime
    who: str
    person_id: str | None
    action: str
    deployment: str
    subject: str
    detail: Mapping[str, Any]
    hash: str

    @property
    def told(self) -> str:
        """Return the detail on one line."""
        return json.dumps(self.detail, ensure_ascii=False, sort_keys=True) if self.detail else ""

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values, with everything that its hash is over."""
        return {
            "number": self.number,
            "at": self.at,
            "who": self.who,
            "person": self.person_id,
            "action": self.action,
            "deployment": self.deployment or None,
            "subject": self.subject,
            "detail": dict(self.detail),
            "hash": self.hash,
        }


def open_audit(session: Session, identity: Identity, wanted: AuditQuery) -> AuditFilter:
    """Return what the entries are found by, within what whoever asks may see.

    Raises:
        BadInput: the days are in the wrong order.
        NotFound: there is no such deployment, or it may not be seen.
        NotPermitted: the audit is none of their business.
    """
    if wanted.since and wanted.until and wanted.until < wanted.since:
        raise BadInput("The last day lies before the first one: exchange them.")
    persons, actor = _find_actors(session, wanted.who.strip())
    return AuditFilter(
        deployment_ids=_seen(session, identity, wanted.deployment.strip()),
        person_ids=persons,
        actor=actor,
        action=wanted.action.strip(),
        words=wanted.words.strip(),
        since=_midnight(wanted.since),
        until=_midnight(wanted.until + timedelta(days=1) if wanted.until and wanted.until < date.max else None),
    )


def _seen(session: Session, identity: Identity, slug: str) -> Collection[int] | None:
    if slug:
        deployment = open_deployment(session, identity, slug, Permission.AUDIT_VIEW, changing=False)
        return [deployment.id or 0]
    if identity.may(Permission.AUDIT_VIEW, None):
        return None
    ids = [deployment.id for deployment in audited_deployments(session, identity) if deployment.id is not None]
    if not ids:
        identity.require(Permission.AUDIT_VIEW, None)
    return ids


def audited_deployments(session: Session, identity: Identity) -> Sequence[Deployment]:
    """Return the deployments whose audit may be read."""
    return [row for row in list_deployments(session) if row.id and identity.may(Permission.AUDIT_VIEW, row.id)]


def _find_actors(session: Session, who: str) -> tuple[Collection[str] | None, str]:
    """Return the persons that a name, user name or id means, or the actor where it is nobody's."""
    if not who:
        return None, ""
    query = (
        select(Person.id)
        .join(Account, col(Account.person_id) == Person.id, isouter=True)
        .where(
            or_(
                col(Person.id) == who,
                col(Account.username) == who.casefold(),
                col(Person.transifex_username) == who,
                col(Person.name) == who,
            )
        )
    )
    persons = session.exec(query).all()
    return (persons, "") if persons else (None, who)


def _midnight(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time.min, UTC)


def describe_entries(session: Session, entries: Sequence[Entry]) -> list[AuditLine]:
    """Return entries with the names that people know."""
    persons = {entry.person_id for entry in entries if entry.person_id}
    persons |= {entry.subject.removeprefix(_PERSON) for entry in entries if entry.subject.startswith(_PERSON)}
    names = name_persons(session, persons)
    slugs = {row.id: row.slug for row in list_deployments(session)}
    return [
        AuditLine(
            number=entry.number,
            at=entry.at,
            who=names[entry.person_id] if entry.person_id else entry.actor,
            person_id=entry.person_id,
            action=entry.action,
            deployment=slugs.get(entry.deployment_id, ""),
            subject=_name_subject(entry.subject, names),
            detail=entry.detail,
            hash=entry.hash,
        )
        for entry in entries
    ]


def _name_subject(subject: str, names: Mapping[str, str]) -> str:
    return names[subject.removeprefix(_PERSON)] if subject.startswith(_PERSON) else subject


def read_lines(session: Session, wanted: AuditFilter, *, most: int | None = None) -> Iterator[AuditLine]:
    """Yield every entry looked for, the newest first, some at a time.

    Raises:
        BadInput: there are more than ``most``.
    """
    before: int | None = None
    told = 0
    while True:
        entries = list_entries(session, wanted, before=before, limit=1000)
        told += len(entries)
        if most is not None and told > most:
            raise BadInput(f"These are more than {most:,} entries: ask for fewer days at a time.")
        yield from describe_entries(session, entries)
        if len(entries) < 1000:
            return
        before = entries[-1].number
        session.expunge_all()


def write_audit_csv(lines: Iterator[AuditLine]) -> bytes:
    """Return entries as CSV."""
    return write_csv(COLUMNS, map(_cells, lines))


def _cells(line: AuditLine) -> list[Cell]:
    return [
        line.number, line.at.isoformat(), line.who, line.person_id or "", line.action, line.deployment, line.subject,
        line.told, line.hash,
    ]  # fmt: skip
