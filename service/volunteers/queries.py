"""Reading who volunteers, who is in the team, and what they wrote last."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, or_, select

from service.auth.models import Account, Person
from service.catalog.models import Translation, Unit
from service.jobs.models import Job, JobState
from service.volunteers.models import TeamLook, TeamMember, Volunteer, VolunteerLanguage, VolunteerRole
from service.volunteers.plan import Known, Registered
from service.volunteers.rules import Facts, VolunteerState, state_of

LOOK = "team"
"""The kind of job that looks at the team on Transifex."""
_CHUNK = 400


@dataclass(frozen=True, slots=True)
class VolunteerView:
    """One volunteer as those who bring people in see one.

    ``team`` are the locales of the team's memberships at the last look, with the role there. ``troubles`` says by
    locale why Transifex did not take the person in.
    """

    id: int
    person_id: str
    name: str
    email: str
    transifex: str
    note: str
    languages: Mapping[str, VolunteerRole]
    team: Mapping[str, str]
    troubles: Mapping[str, str]
    facts: Facts
    registered_at: datetime
    reminded_at: datetime | None
    state: VolunteerState

    @property
    def label(self) -> str:
        """Return what to call the person."""
        return self.name or self.transifex or self.email or self.person_id[:8]


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who works on Transifex, and whom nobody registered: in the team, or author of a text, by locale."""

    person_id: str
    username: str
    languages: Mapping[str, str]
    wrote_at: datetime | None


def list_volunteers(
    session: Session, deployment_id: int, now: datetime, *, ids: Iterable[int] | None = None
) -> list[VolunteerView]:
    """Return the volunteers of a deployment in the order of their registration; those of ``ids`` alone if given."""
    query = (
        select(Volunteer, Person)
        .join(Person, col(Person.id) == Volunteer.person_id)
        .where(Volunteer.deployment_id == deployment_id)
        .order_by(col(Volunteer.id))
    )
    if ids is not None:
        query = query.where(col(Volunteer.id).in_(list(ids)))
    rows = session.exec(query).all()
    languages = _languages(session, deployment_id)
    team = find_team(session, deployment_id)
    wrote = find_last_texts(session, deployment_id, [person.id for _, person in rows])
    return [_view(row, person, languages[row.id or 0], team.get(person.id, {}), wrote, now) for row, person in rows]


def count_waiting(session: Session, deployment_id: int) -> int:
    """Return how many people are registered and have not heard how to begin."""
    query = select(func.count()).where(
        Volunteer.deployment_id == deployment_id,
        col(Volunteer.instructed_at).is_(None),
        col(Volunteer.joined_at).is_(None),
        col(Volunteer.left_at).is_(None),
    )
    return session.exec(query).one()


def _view(
    row: Volunteer,
    person: Person,
    languages: Sequence[VolunteerLanguage],
    team: Mapping[str, str],
    wrote: Mapping[str, datetime],
    now: datetime,
) -> VolunteerView:
    facts = Facts(row.instructed_at, row.joined_at, row.left_at, wrote.get(person.id))
    return VolunteerView(
        id=row.id or 0,
        person_id=person.id,
        name=person.name or "",
        email=person.email or "",
        transifex=person.transifex_username or "",
        note=row.note,
        languages={each.locale: each.role for each in languages},
        team=team,
        troubles={each.locale: each.trouble for each in languages if each.trouble},
        facts=facts,
        registered_at=row.registered_at,
        reminded_at=row.reminded_at,
        state=state_of(facts, now),
    )


def _languages(session: Session, deployment_id: int) -> dict[int, list[VolunteerLanguage]]:
    query = (
        select(VolunteerLanguage)
        .join(Volunteer, col(Volunteer.id) == VolunteerLanguage.volunteer_id)
        .where(Volunteer.deployment_id == deployment_id)
        .order_by(col(VolunteerLanguage.locale))
    )
    found: dict[int, list[VolunteerLanguage]] = defaultdict(list)
    for row in session.exec(query):
        found[row.volunteer_id].append(row)
    return found


def find_team(session: Session, deployment_id: int) -> dict[str, dict[str, str]]:
    """Return by person the locales and roles of the team at the last look."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for row in session.exec(select(TeamMember).where(TeamMember.deployment_id == deployment_id)):
        found[row.person_id][row.locale] = row.role
    return dict(found)


def find_look(session: Session, deployment_id: int) -> TeamLook | None:
    """Return when the team was last looked at, None where it never was."""
    return session.get(TeamLook, deployment_id)


def find_failed_look(session: Session, deployment_id: int) -> Job | None:
    """Return the last look at the team, by whomever it was asked for, where that failed; None where none did."""
    query = select(Job).where(
        Job.deployment_id == deployment_id, Job.kind == LOOK, col(Job.state).in_([JobState.DONE, JobState.FAILED])
    )
    last = session.exec(query.order_by(col(Job.id).desc()).limit(1)).first()
    return last if last is not None and last.state is JobState.FAILED else None


def find_last_texts(session: Session, deployment_id: int, person_ids: Sequence[str]) -> dict[str, datetime]:
    """Return by person when the last text of theirs that stands in the deployment was written."""
    found: dict[str, datetime] = {}
    for start in range(0, len(person_ids), _CHUNK):
        query = (
            select(Translation.author_id, func.max(Translation.written_at))
            .join(Unit, col(Unit.id) == Translation.unit_id)
            .where(
                Unit.deployment_id == deployment_id,
                col(Translation.author_id).in_(person_ids[start : start + _CHUNK]),
                col(Translation.written_at).is_not(None),
            )
            .group_by(col(Translation.author_id))
        )
        found |= {author: moment for author, moment in session.exec(query) if author and moment}
    return found


def list_candidates(session: Session, deployment_id: int, *, own_users: Iterable[str]) -> list[Candidate]:
    """Return who works on Transifex without being registered, whoever wrote last first."""
    volunteers = select(Volunteer.person_id).where(Volunteer.deployment_id == deployment_id)
    team = find_team(session, deployment_id)
    query = (
        select(Translation.author_id, Translation.locale, func.max(Translation.written_at))
        .join(Unit, col(Unit.id) == Translation.unit_id)
        .where(Unit.deployment_id == deployment_id, col(Translation.author_id).is_not(None))
        .group_by(col(Translation.author_id), col(Translation.locale))
    )
    wrote: dict[str, datetime] = {}
    languages: dict[str, dict[str, str]] = {person: dict(found) for person, found in team.items()}
    for author, locale, moment in session.exec(query):
        assert author is not None
        languages.setdefault(author, {}).setdefault(locale, "")
        if moment is not None:
            wrote[author] = max(moment, wrote.get(author, moment))
    persons = session.exec(
        select(Person).where(
            col(Person.id).in_(list(languages)),
            col(Person.id).not_in(volunteers),
            col(Person.transifex_username).is_not(None),
            col(Person.transifex_username).not_in(list(own_users)),
        )
    ).all()
    found = [Candidate(row.id, row.transifex_username or "", languages[row.id], wrote.get(row.id)) for row in persons]
    return sorted(found, key=lambda each: (-(each.wrote_at.timestamp() if each.wrote_at else 0), each.username))


def list_registered(session: Session, deployment_id: int) -> list[Registered]:
    """Return the volunteers as the comparison with the team sees them."""
    languages = _languages(session, deployment_id)
    query = (
        select(Volunteer, Person)
        .join(Person, col(Person.id) == Volunteer.person_id)
        .where(Volunteer.deployment_id == deployment_id)
        .order_by(col(Volunteer.id))
    )
    return [
        Registered(
            volunteer_id=row.id or 0,
            person_id=person.id,
            transifex=person.transifex_username or "",
            languages={each.locale: each.role for each in languages[row.id or 0]},
            joined=row.joined_at is not None,
            left=row.left_at is not None,
        )
        for row, person in session.exec(query)
    ]


def find_known(session: Session, deployment_id: int, *, emails: Iterable[str], usernames: Iterable[str]) -> list[Known]:
    """Return the persons with one of these addresses or Transifex usernames, and what they volunteer for here."""
    addresses = sorted({email.casefold() for email in emails if email})
    names = sorted({name for name in usernames if name})
    persons: dict[str, tuple[Person, bool]] = {}
    for start in range(0, max(len(addresses), len(names)), _CHUNK):
        chunk = slice(start, start + _CHUNK)
        query = (
            select(Person, Account.id)
            .join(Account, col(Account.person_id) == Person.id, isouter=True)
            .where(
                or_(
                    func.lower(col(Person.email)).in_(addresses[chunk]),
                    col(Person.transifex_username).in_(names[chunk]),
                )
            )
        )
        persons |= {person.id: (person, account is not None) for person, account in session.exec(query)}
    here = select(Volunteer).where(
        Volunteer.deployment_id == deployment_id, col(Volunteer.person_id).in_(list(persons))
    )
    volunteers = {row.person_id: row for row in session.exec(here)}
    languages = _languages(session, deployment_id)
    return [
        _known(person, volunteers.get(person.id), languages, has_account) for person, has_account in persons.values()
    ]


def _known(
    person: Person, row: Volunteer | None, languages: Mapping[int, Sequence[VolunteerLanguage]], has_account: bool
) -> Known:
    return Known(
        person_id=person.id,
        name=person.name or "",
        email=person.email or "",
        transifex=person.transifex_username or "",
        note=row.note if row else "",
        languages=None if row is None else {each.locale: each.role for each in languages.get(row.id or 0, ())},
        left=row is not None and row.left_at is not None,
        has_account=has_account,
    )
