"""A reviewer's own work: putting texts aside, taking forms, being given forms."""

from datetime import datetime

from sqlmodel import Session, col, delete, select

from service.audit.service import Actor, write_audit
from service.auth.queries import list_persons_who_may
from service.auth.rules import Permission
from service.catalog.models import Translation, Unit
from service.catalog.queries import in_scope
from service.deployments.models import Deployment
from service.errors import BadInput, NotFound, Refused
from service.review.models import FormClaim, QueueSkip
from service.review.queries import CLAIM_LASTS


def skip_text(session: Session, translation: Translation, person_id: str, now: datetime) -> None:
    """Put a text aside in this person's queue until its text or decisions change."""
    assert translation.id is not None
    query = select(QueueSkip).where(QueueSkip.person_id == person_id, QueueSkip.translation_id == translation.id)
    row = session.exec(query).first() or QueueSkip(
        person_id=person_id, translation_id=translation.id, version=translation.version, created_at=now
    )
    row.version, row.created_at = translation.version, now
    session.add(row)
    session.flush()


def unskip_text(session: Session, translation_id: int, person_id: str) -> None:
    """Bring one text back into this person's queue."""
    session.exec(
        delete(QueueSkip).where(col(QueueSkip.person_id) == person_id, col(QueueSkip.translation_id) == translation_id)
    )


def unskip_all(session: Session, deployment: Deployment, locale: str, person_id: str) -> None:
    """Bring every text that this person put aside in a locale back into the queue."""
    texts = (
        select(Translation.id)
        .join(Unit, col(Unit.id) == Translation.unit_id)
        .where(Unit.deployment_id == deployment.id, Translation.locale == locale)
    )
    session.exec(
        delete(QueueSkip).where(col(QueueSkip.person_id) == person_id, col(QueueSkip.translation_id).in_(texts))
    )


def find_claim(session: Session, deployment_id: int, locale: str, record_key: str) -> FormClaim | None:
    """Return the claim on a form, also one that counts no more, or None."""
    query = select(FormClaim).where(
        FormClaim.deployment_id == deployment_id, FormClaim.locale == locale, FormClaim.record_key == record_key
    )
    return session.exec(query.with_for_update()).first()


def holds_claim(claim: FormClaim | None, now: datetime) -> bool:
    """Return whether a claim counts: its person was there within 30 minutes, or was given the form."""
    return claim is not None and (claim.given_by is not None or claim.until > now)


def take_form(
    session: Session, deployment: Deployment, locale: str, record_key: str, *, actor: Actor, now: datetime
) -> FormClaim:
    """Take a form for the actor's person, or stay on it.

    Raises:
        NotFound: nothing of it is to be translated.
        Refused: somebody else is on it, or the actor is no person.
    """
    person_id = _person(actor)
    assert deployment.id is not None
    _require_record(session, deployment.id, record_key)
    claim = find_claim(session, deployment.id, locale, record_key)
    if claim is not None and claim.person_id != person_id and holds_claim(claim, now):
        raise Refused("Somebody else is on this form now: take another one, or ask that person.")
    return _write_claim(session, claim, deployment.id, locale, record_key, person_id, given_by=None, now=now)


def give_form(
    session: Session,
    deployment: Deployment,
    locale: str,
    record_key: str,
    *,
    to_person: str,
    actor: Actor,
    now: datetime,
) -> FormClaim:
    """Give a form to a person, whoever is on it; it stays given until it is taken back.

    Raises:
        BadInput: the person does not review this language.
        NotFound: nothing of the form is to be translated.
        Refused: the actor is no person.
    """
    giver = _person(actor)
    assert deployment.id is not None
    _require_record(session, deployment.id, record_key)
    if to_person not in dict(list_persons_who_may(session, Permission.REVIEW_DECIDE, deployment.id, locale)):
        raise BadInput("Choose a reviewer of this language.")
    claim = find_claim(session, deployment.id, locale, record_key)
    written = _write_claim(session, claim, deployment.id, locale, record_key, to_person, given_by=giver, now=now)
    write_audit(
        session, actor, "review.give-form", now,
        deployment_id=deployment.id, subject=f"{locale} {record_key}", detail={"to": to_person},
    )  # fmt: skip
    return written


def leave_form(
    session: Session,
    deployment: Deployment,
    locale: str,
    record_key: str,
    *,
    actor: Actor,
    may_take_back: bool,
) -> None:
    """End the actor's claim on a form, or anybody's where that is allowed; nothing happens where there is none.

    Raises:
        Refused: it is somebody else's.
    """
    assert deployment.id is not None
    claim = find_claim(session, deployment.id, locale, record_key)
    if claim is None:
        return
    if claim.person_id != actor.person_id and not may_take_back:
        raise Refused("Somebody else is on this form: ask that person or a specialist.")
    session.delete(claim)
    session.flush()


def stay_on_form(
    session: Session, deployment: Deployment, locale: str, record_key: str, *, person_id: str, now: datetime
) -> None:
    """Note that the person did something on a form: takes a free one, keeps an own one, leaves others' alone."""
    assert deployment.id is not None
    claim = find_claim(session, deployment.id, locale, record_key)
    if claim is None or not holds_claim(claim, now):
        _write_claim(session, claim, deployment.id, locale, record_key, person_id, given_by=None, now=now)
    elif claim.person_id == person_id:
        claim.until = now + CLAIM_LASTS
        session.add(claim)
        session.flush()


def _write_claim(
    session: Session,
    claim: FormClaim | None,
    deployment_id: int,
    locale: str,
    record_key: str,
    person_id: str,
    *,
    given_by: str | None,
    now: datetime,
) -> FormClaim:
    if claim is None:
        claim = FormClaim(
            deployment_id=deployment_id,
            locale=locale,
            record_key=record_key,
            person_id=person_id,
            taken_at=now,
            until=now + CLAIM_LASTS,
        )
    elif claim.person_id != person_id:
        claim.taken_at = now
    # Who takes what was given stays the one it was given to.
    if claim.person_id != person_id or given_by is not None:
        claim.given_by = given_by
    claim.person_id = person_id
    claim.until = now + CLAIM_LASTS
    session.add(claim)
    session.flush()
    return claim


def _require_record(session: Session, deployment_id: int, record_key: str) -> None:
    query = select(Unit.id).where(in_scope(deployment_id), col(Unit.record_key) == record_key).limit(1)
    if session.exec(query).first() is None:
        raise NotFound(f"Nothing of {record_key!r} is to be translated.")


def _person(actor: Actor) -> str:
    if actor.person_id is None:
        raise Refused("Only a person can be on a form: sign in, or set BRIDGE_TOKEN.")
    return actor.person_id
