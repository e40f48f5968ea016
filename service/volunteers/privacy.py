"""Personal data: everything that is kept of a person for that person, and its end."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from service.audit.models import AuditEntry
from service.audit.service import Actor, write_audit
from service.auth.models import Account, ApiToken, LoginSession, Membership, PasswordLink, Person
from service.auth.rules import Identity, Permission
from service.bundles.models import SignOff
from service.catalog.models import Contribution, StoredText, Unit
from service.db import Database
from service.deployments.models import Deployment
from service.errors import NotPermitted
from service.jobs.leases import hold_lease
from service.mail.models import MailMessage
from service.volunteers.models import PeopleSettings, TeamMember, Volunteer, VolunteerLanguage
from service.volunteers.queries import VolunteerView, list_volunteers

MONTH = timedelta(days=30)
_LEASE = timedelta(minutes=2)
_CHUNK = 400


def export_person(session: Session, person_id: str) -> dict[str, Any]:
    """Return everything that is kept of a person, as plain values, to be handed to that person."""
    person = session.get_one(Person, person_id)
    slugs = {row.id: row.slug for row in session.exec(select(Deployment))}
    contributions = session.exec(
        select(Contribution, Unit.key, StoredText.text)
        .join(Unit, col(Unit.id) == Contribution.unit_id)
        .outerjoin(StoredText, col(StoredText.hash) == Contribution.text_hash)
        .where(Contribution.author_id == person_id)
        .order_by(col(Contribution.id))
    )
    volunteering = session.exec(select(Volunteer).where(Volunteer.person_id == person_id)).all()
    mails = session.exec(select(MailMessage).where(MailMessage.person_id == person_id).order_by(col(MailMessage.id)))
    signed = session.exec(select(SignOff).where(SignOff.person_id == person_id).order_by(col(SignOff.id)))
    audit = session.exec(
        select(AuditEntry)
        .where((col(AuditEntry.person_id) == person_id) | (col(AuditEntry.subject) == f"person/{person_id}"))
        .order_by(col(AuditEntry.id))
    )
    return {
        "person": {
            "id": person.id,
            "name": person.name,
            "email": person.email,
            "transifex_username": person.transifex_username,
            "since": person.created_at,
        },
        "volunteering": [_volunteering(session, row, slugs) for row in volunteering],
        "messages": [
            {
                "kind": row.kind,
                "subject": row.subject,
                "text": row.text,
                "state": row.state.value,
                "sent_at": row.sent_at,
            }
            for row in mails
        ],
        "texts": [
            {
                "deployment": slugs.get(row.deployment_id),
                "key": key,
                "locale": row.locale,
                "text": text,
                "written_at": row.written_at,
            }
            for row, key, text in contributions
        ],
        "sign_offs": [
            {
                "deployment": slugs.get(row.deployment_id),
                "locale": row.locale,
                "name": row.name,
                "role": row.role,
                "organisation": row.organisation,
                "statement": row.statement,
                "signed_at": row.created_at,
            }
            for row in signed
        ],
        "audit": [
            {"at": row.at, "action": row.action, "deployment": slugs.get(row.deployment_id), "detail": row.detail}
            for row in audit
        ],
    }


def _volunteering(session: Session, row: Volunteer, slugs: dict[int | None, str]) -> dict[str, Any]:
    languages = session.exec(select(VolunteerLanguage).where(VolunteerLanguage.volunteer_id == row.id)).all()
    return {
        "deployment": slugs.get(row.deployment_id),
        "languages": {each.locale: each.role.value for each in languages},
        "note": row.note,
        "registered_at": row.registered_at,
        "instructed_at": row.instructed_at,
        "reminded_at": row.reminded_at,
        "joined_at": row.joined_at,
        "left_at": row.left_at,
    }


def require_over_person(session: Session, by: Identity, person_id: str) -> None:
    """Do nothing where ``by`` may hand out or end what is kept of a person: in every deployment the person is in.

    Raises:
        NotPermitted: the person also is where ``by`` may not, or signs in here and ``by`` is no administrator of all.
    """
    rows = session.exec(select(Volunteer.deployment_id).where(Volunteer.person_id == person_id)).all()
    if not all(by.may(Permission.VOLUNTEERS_MANAGE, deployment_id) for deployment_id in rows):
        raise NotPermitted(
            "This person also volunteers where you bring nobody in: it takes the role administrator in all deployments."
        )
    account = session.exec(select(Account.id).where(Account.person_id == person_id)).first()
    if account is not None and not by.may(Permission.PEOPLE_MANAGE, None):
        raise NotPermitted("This person signs in here: it takes the role administrator in all deployments.")


def erase_person(session: Session, person_id: str, *, actor: Actor, now: datetime) -> None:
    """End everything that tells who a person is: name, addresses, messages, notes, memberships, ways in.

    Texts, decisions and the audit stay, under the person's random id. On Transifex nothing changes.
    """
    person = session.get_one(Person, person_id, with_for_update=True)
    person.name = person.email = person.transifex_username = None
    person.erased_at = now
    session.add(person)
    for volunteer_id in session.exec(select(Volunteer.id).where(Volunteer.person_id == person_id)).all():
        _forget_volunteer(session, volunteer_id or 0)
    session.execute(delete(TeamMember).where(col(TeamMember.person_id) == person_id))
    session.execute(delete(MailMessage).where(col(MailMessage.person_id) == person_id))
    # A sign-off stands by itself, under the random id; the name that was typed for its sheet does not.
    session.execute(update(SignOff).where(col(SignOff.person_id) == person_id).values(name=""))
    _end_ways_in(session, person_id, now)
    session.flush()
    write_audit(session, actor, "person.erase", now, subject=f"person/{person_id}")


def _forget_volunteer(session: Session, volunteer_id: int) -> None:
    session.execute(delete(VolunteerLanguage).where(col(VolunteerLanguage.volunteer_id) == volunteer_id))
    session.execute(delete(Volunteer).where(col(Volunteer.id) == volunteer_id))


def _end_ways_in(session: Session, person_id: str, now: datetime) -> None:
    session.execute(delete(Membership).where(col(Membership.person_id) == person_id))
    session.execute(update(ApiToken).where(col(ApiToken.person_id) == person_id).values(revoked_at=now))
    for account in session.exec(select(Account).where(Account.person_id == person_id)).all():
        session.execute(delete(LoginSession).where(col(LoginSession.account_id) == account.id))
        session.execute(delete(PasswordLink).where(col(PasswordLink.account_id) == account.id))
        account.username, account.password_hash = f"erased-{person_id}", None
        account.disabled_at = account.disabled_at or now
        session.add(account)


def erase_due(database: Database, *, owner: str, now: datetime) -> int:
    """End what is kept of volunteers for longer than their deployments say; return how many it was.

    Somebody who volunteers elsewhere too, or signs in here, only stops being a volunteer of that deployment.
    """
    with database.read() as session:
        if not _find_overdue(session, now):
            return 0
    with database.write() as session:
        if not hold_lease(session, "erase", owner, now=now, span=_LEASE):
            return 0
        overdue = _find_overdue(session, now)
        for deployment_id, view in overdue:
            _forget_volunteer(session, view.id)
            others = session.exec(select(Volunteer.id).where(Volunteer.person_id == view.person_id)).first()
            account = session.exec(select(Account.id).where(Account.person_id == view.person_id)).first()
            if others is None and account is None:
                erase_person(session, view.person_id, actor=Actor("retention"), now=now)
            else:
                write_audit(
                    session, Actor("retention"), "volunteer.forget", now,
                    deployment_id=deployment_id, subject=f"person/{view.person_id}",
                )  # fmt: skip
        return len(overdue)


def _find_overdue(session: Session, now: datetime) -> list[tuple[int, VolunteerView]]:
    found = []
    for row in session.exec(select(PeopleSettings).where(PeopleSettings.keep_months > 0)).all():
        for view in list_volunteers(session, row.deployment_id, now):
            facts = view.facts
            moments = (view.registered_at, facts.instructed_at, facts.joined_at, facts.left_at, facts.wrote_at)
            if max(moment for moment in moments if moment is not None) + MONTH * row.keep_months <= now:
                found.append((row.deployment_id, view))
    return found


def set_people_settings(
    session: Session,
    deployment: Deployment,
    *,
    show_numbers: bool | None,
    keep_months: int | None,
    actor: Actor,
    now: datetime,
) -> PeopleSettings:
    """Decide whether everybody sees what each translator did, and how long volunteers are kept; None leaves it."""
    assert deployment.id is not None
    row = session.get(PeopleSettings, deployment.id) or PeopleSettings(deployment_id=deployment.id)
    before = {"show_numbers": row.show_numbers, "keep_months": row.keep_months}
    row.show_numbers = row.show_numbers if show_numbers is None else show_numbers
    row.keep_months = row.keep_months if keep_months is None else keep_months
    after = {"show_numbers": row.show_numbers, "keep_months": row.keep_months}
    session.add(row)
    session.flush()
    if before != after:
        write_audit(
            session, actor, "people.set", now,
            deployment_id=deployment.id, subject=deployment.slug, detail={"before": before, "after": after},
        )  # fmt: skip
    return row
