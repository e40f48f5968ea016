"""Bringing volunteers in: by hand, from a file, from the team on Transifex; and letting them go."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from service.audit.service import Actor, write_audit
from service.auth.models import Account, Membership, Person
from service.auth.queries import find_person_by_transifex
from service.catalog.models import Decision
from service.deployments.models import Deployment
from service.deployments.service import list_locales
from service.errors import BadInput, NotFound, Refused
from service.volunteers.models import TeamMember, Volunteer, VolunteerLanguage, VolunteerRole
from service.volunteers.plan import Known, Outcome, PlannedRow, plan_import, require_same
from service.volunteers.queries import VolunteerView, find_known, find_team, list_volunteers
from service.volunteers.rules import COLUMNS, NEEDED, SHOWN, Registration
from service.web.spreadsheets import read_table


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import of volunteers did, or would do: an answer for each row, in the order of the file."""

    rows: Sequence[PlannedRow]
    dry_run: bool

    def count(self, outcome: Outcome) -> int:
        """Return how many rows ended so."""
        return sum(row.outcome is outcome for row in self.rows)


def find_volunteer(session: Session, deployment: Deployment, volunteer_id: int, now: datetime) -> VolunteerView:
    """Return a volunteer.

    Raises:
        NotFound: the deployment has no such volunteer.
    """
    assert deployment.id is not None
    found = list_volunteers(session, deployment.id, now, ids=[volunteer_id])
    if not found:
        raise NotFound(f"The deployment {deployment.slug!r} has no volunteer {volunteer_id}.")
    return found[0]


def import_volunteers(
    session: Session,
    deployment: Deployment,
    data: bytes,
    *,
    dry_run: bool,
    actor: Actor,
    now: datetime,
    new_id: Callable[[], str],
) -> ImportReport:
    """Register the volunteers of a CSV or XLSX file; what a row leaves out stays, and nobody is taken out.

    Raises:
        BadInput: the file cannot be read as such a table.
    """
    try:
        rows = read_table(data, columns=(*COLUMNS, *SHOWN), needed=NEEDED)
    except ValueError as error:
        raise BadInput(f"The file cannot be used: {error}.") from error
    return register(session, deployment, rows, dry_run=dry_run, actor=actor, now=now, new_id=new_id)


def register(
    session: Session,
    deployment: Deployment,
    rows: Sequence[tuple[int, Mapping[str, str]]],
    *,
    dry_run: bool = False,
    actor: Actor,
    now: datetime,
    new_id: Callable[[], str],
) -> ImportReport:
    """Register volunteers from rows of cells, each answered; a second time changes nothing."""
    assert deployment.id is not None
    emails = [cells.get("email", "") for _, cells in rows]
    usernames = [cells.get("transifex", "") for _, cells in rows]
    known = find_known(session, deployment.id, emails=emails, usernames=usernames)
    locales = [row.locale for row in list_locales(session, deployment)]
    report = ImportReport(plan_import(rows, known, locales), dry_run)
    if dry_run:
        return report
    for row in report.rows:
        if row.registration is not None and row.outcome in (Outcome.ADDED, Outcome.CHANGED):
            _apply(session, deployment, row, row.registration, actor=actor, now=now, new_id=new_id)
    return report


def add_volunteer(
    session: Session,
    deployment: Deployment,
    cells: Mapping[str, str],
    *,
    actor: Actor,
    now: datetime,
    new_id: Callable[[], str],
) -> tuple[Outcome, VolunteerView]:
    """Register one volunteer, or tell more of one who is registered.

    Raises:
        BadInput: it cannot be used; the message says why.
    """
    (row,) = register(session, deployment, [(1, cells)], actor=actor, now=now, new_id=new_id).rows
    if row.registration is None:
        raise BadInput(f"This cannot be registered: {row.why}.")
    assert deployment.id is not None
    found = find_known(session, deployment.id, emails=[row.registration.email], usernames=[row.registration.transifex])
    query = select(Volunteer.id).where(
        Volunteer.deployment_id == deployment.id, col(Volunteer.person_id).in_([known.person_id for known in found])
    )
    return row.outcome, find_volunteer(session, deployment, session.exec(query).one() or 0, now)


def _apply(
    session: Session,
    deployment: Deployment,
    row: PlannedRow,
    wanted: Registration,
    *,
    actor: Actor,
    now: datetime,
    new_id: Callable[[], str],
) -> None:
    person = _person(session, row, now, new_id)
    person.name = wanted.name or person.name
    if wanted.email.casefold() != (person.email or "").casefold():
        person.email = wanted.email or person.email
    person.transifex_username = wanted.transifex or person.transifex_username
    session.add(person)
    assert deployment.id is not None
    query = select(Volunteer).where(Volunteer.deployment_id == deployment.id, Volunteer.person_id == person.id)
    volunteer = session.exec(query).first() or Volunteer(
        deployment_id=deployment.id, person_id=person.id, registered_at=now, told_until=_newest_decision(session)
    )
    volunteer.note = wanted.note or volunteer.note
    volunteer.left_at = None
    session.add(volunteer)
    try:
        session.flush()
    except IntegrityError as error:
        raise Refused("Somebody else registered one of them at this moment: look again, then repeat.") from error
    _write_languages(session, volunteer, {locale: wanted.role for locale in wanted.languages})
    action = "volunteer.add" if row.outcome is Outcome.ADDED else "volunteer.change"
    _audit(session, actor, action, deployment, person.id, now, {"locales": list(wanted.languages), "role": wanted.role})


def _person(session: Session, row: PlannedRow, now: datetime, new_id: Callable[[], str]) -> Person:
    if row.merge_into is not None and row.person_id is not None:
        return _merge(session, row.person_id, row.merge_into)
    if row.person_id is not None:
        return session.get_one(Person, row.person_id)
    return Person(id=new_id(), created_at=now)


def _merge(session: Session, registered_id: str, translator_id: str) -> Person:
    """Let the one registered by address be the one known from Transifex, whose texts keep their author."""
    registered, translator = session.get_one(Person, registered_id), session.get_one(Person, translator_id)
    translator.name = translator.name or registered.name
    translator.email = registered.email
    registered.name = registered.email = None
    for row in session.exec(select(Volunteer).where(Volunteer.person_id == registered_id)).all():
        query = select(Volunteer).where(
            Volunteer.deployment_id == row.deployment_id, Volunteer.person_id == translator_id
        )
        other = session.exec(query).first()
        if other is None:
            row.person_id = translator_id
            continue
        languages = session.exec(select(VolunteerLanguage).where(VolunteerLanguage.volunteer_id == row.id)).all()
        _write_languages(session, other, {each.locale: each.role for each in languages})
        other.note = other.note or row.note
        session.execute(delete(VolunteerLanguage).where(col(VolunteerLanguage.volunteer_id) == row.id))
        session.delete(row)
    session.add_all([registered, translator])
    session.flush()
    return translator


def _write_languages(session: Session, volunteer: Volunteer, wanted: Mapping[str, VolunteerRole]) -> None:
    rows = session.exec(select(VolunteerLanguage).where(VolunteerLanguage.volunteer_id == volunteer.id)).all()
    here = {row.locale: row for row in rows}
    for locale, role in wanted.items():
        row = here.get(locale) or VolunteerLanguage(volunteer_id=volunteer.id or 0, locale=locale, role=role)
        if row.role is not role:
            row.trouble = ""
        row.role = role
        session.add(row)
    session.flush()


def set_languages(
    session: Session,
    deployment: Deployment,
    volunteer_id: int,
    languages: Mapping[str, VolunteerRole],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Say anew for which languages somebody volunteers, and as what; the others end here, not on Transifex.

    Raises:
        BadInput: none is left, or one is none of the deployment's.
        NotFound: there is no such volunteer.
    """
    volunteer = _row(session, deployment, volunteer_id)
    known = {row.locale for row in list_locales(session, deployment)}
    unknown = sorted(set(languages) - known)
    if unknown or not languages:
        raise BadInput(f"{unknown[0]} is no language of this deployment." if unknown else "Name at least one language.")
    session.execute(
        delete(VolunteerLanguage).where(
            col(VolunteerLanguage.volunteer_id) == volunteer.id, col(VolunteerLanguage.locale).not_in(list(languages))
        )
    )
    _write_languages(session, volunteer, languages)
    detail = {"languages": {locale: role.value for locale, role in sorted(languages.items())}}
    _audit(session, actor, "volunteer.change", deployment, volunteer.person_id, now, detail)


def end_volunteer(session: Session, deployment: Deployment, volunteer_id: int, *, actor: Actor, now: datetime) -> None:
    """Note that somebody volunteers no more: no message goes there. The team on Transifex is left to a person.

    Raises:
        NotFound: there is no such volunteer.
        Refused: it was noted already.
    """
    volunteer = _row(session, deployment, volunteer_id)
    if volunteer.left_at is not None:
        raise Refused("This volunteer has left already.")
    # Whom somebody here took out is not taken in again because the team still has the name.
    volunteer.left_at, volunteer.joined_at = now, None
    session.add(volunteer)
    session.flush()
    _audit(session, actor, "volunteer.leave", deployment, volunteer.person_id, now, {})


def confirm_candidate(
    session: Session,
    deployment: Deployment,
    username: str,
    *,
    volunteer_id: int | None,
    languages: Mapping[str, VolunteerRole],
    actor: Actor,
    now: datetime,
) -> VolunteerView:
    """Say who a Transifex user is: a volunteer who is registered by address alone, else (None) a new one.

    Args:
        username: as Transifex writes it; somebody in the team, or author of a text.
        volunteer_id: the registered volunteer who that is.
        languages: what a new one volunteers for; empty takes what the team says.

    Raises:
        BadInput: no language is known.
        NotFound: nobody here has that username, or there is no such volunteer.
        Refused: the two cannot be one, or the person is a volunteer already.
    """
    person = find_person_by_transifex(session, username)
    if person is None:
        raise NotFound(f"Nobody by the name of {username!r} was seen on Transifex.")
    assert deployment.id is not None
    if volunteer_id is not None:
        person = _confirm_registered(session, deployment, volunteer_id, person)
    query = select(Volunteer).where(Volunteer.deployment_id == deployment.id, Volunteer.person_id == person.id)
    volunteer = session.exec(query).first()
    if volunteer_id is None and volunteer is not None:
        raise Refused(f"{username} is a volunteer here already.")
    wanted = dict(languages) or _languages_of_team(session, deployment.id, person.id)
    if volunteer is None:
        if not wanted:
            raise BadInput(f"Name the languages of {username}: the team on Transifex does not tell.")
        volunteer = Volunteer(
            deployment_id=deployment.id, person_id=person.id, registered_at=now, told_until=_newest_decision(session)
        )
    if find_team(session, deployment.id).get(person.id):
        volunteer.joined_at = volunteer.joined_at or now
    session.add(volunteer)
    session.flush()
    _write_languages(session, volunteer, wanted if volunteer_id is None else languages)
    _audit(session, actor, "volunteer.confirm", deployment, person.id, now, {})
    return find_volunteer(session, deployment, volunteer.id or 0, now)


def _confirm_registered(session: Session, deployment: Deployment, volunteer_id: int, person: Person) -> Person:
    row = _row(session, deployment, volunteer_id)
    if row.person_id == person.id:
        return person
    registered = session.get_one(Person, row.person_id)
    try:
        require_same(_as_known(session, registered), _as_known(session, person))
    except ValueError as error:
        raise Refused(f"The two cannot be one person: {error}.") from error
    return _merge(session, registered.id, person.id)


def _as_known(session: Session, person: Person) -> Known:
    account = session.exec(select(Account.id).where(Account.person_id == person.id)).first()
    member = session.exec(select(Membership.id).where(Membership.person_id == person.id)).first()
    return Known(
        person_id=person.id,
        email=person.email or "",
        transifex=person.transifex_username or "",
        has_account=account is not None or member is not None,
    )


def _languages_of_team(session: Session, deployment_id: int, person_id: str) -> dict[str, VolunteerRole]:
    known = {role.value for role in VolunteerRole}
    return {
        locale: VolunteerRole(role) if role in known else VolunteerRole.TRANSLATOR
        for locale, role in find_team(session, deployment_id).get(person_id, {}).items()
    }


def _newest_decision(session: Session) -> int:
    # Whoever is registered today is not told what was decided for years.
    return session.exec(select(func.max(Decision.id))).one() or 0


def _row(session: Session, deployment: Deployment, volunteer_id: int) -> Volunteer:
    row = session.get(Volunteer, volunteer_id, with_for_update=True)
    if row is None or row.deployment_id != deployment.id:
        raise NotFound(f"The deployment {deployment.slug!r} has no volunteer {volunteer_id}.")
    return row


def note_team(
    session: Session, deployment_id: int, members: Collection[tuple[str, str, str]], joined: Collection[int],
    gone: Collection[int], now: datetime,
) -> None:  # fmt: skip
    """Keep what the team on Transifex was at a look: ``members`` are (person, locale, role)."""
    session.execute(delete(TeamMember).where(col(TeamMember.deployment_id) == deployment_id))
    session.add_all(
        TeamMember(deployment_id=deployment_id, person_id=person, locale=locale, role=role[:40])
        for person, locale, role in sorted(members)
    )
    session.execute(update(Volunteer).where(col(Volunteer.id).in_(list(joined))).values(joined_at=now, left_at=None))
    session.execute(update(Volunteer).where(col(Volunteer.id).in_(list(gone))).values(left_at=now))
    session.flush()


def _audit(
    session: Session,
    actor: Actor,
    action: str,
    deployment: Deployment,
    person_id: str,
    now: datetime,
    detail: Mapping[str, object],
) -> None:
    write_audit(
        session, actor, action, now, deployment_id=deployment.id, subject=f"person/{person_id}", detail=detail
    )  # fmt: skip
