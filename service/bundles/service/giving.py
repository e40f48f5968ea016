"""Giving releases out: the list, the one that is current, who fetched it, withdrawing one, what changed between two."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from service.audit.service import Actor, write_audit
from service.bundles.models import Release, ReleaseFetch, ReleasePair, SignOff
from service.bundles.service.signing_off import require_reason
from service.catalog.models import Unit
from service.catalog.service.texts import find_texts
from service.deployments.models import Deployment
from service.errors import NotFound, Refused

_CLIENT = 200


def list_releases(session: Session, deployment: Deployment, locale: str | None = None) -> Sequence[Release]:
    """Return the releases of a deployment or of one locale, the newest first, withdrawn ones too."""
    query = select(Release).where(Release.deployment_id == deployment.id)
    if locale is not None:
        query = query.where(Release.locale == locale)
    return session.exec(query.order_by(col(Release.created_at).desc(), col(Release.id).desc())).all()


def get_release(session: Session, deployment: Deployment, locale: str, number: int) -> Release:
    """Return one release, a withdrawn one too.

    Raises:
        NotFound: there is none with this number.
    """
    query = select(Release).where(
        Release.deployment_id == deployment.id, Release.locale == locale, Release.number == number
    )
    release = session.exec(query).first()
    if release is None:
        raise NotFound(f"There is no release {number} of {locale} of {deployment.slug!r}.")
    return release


def find_latest(session: Session, deployment: Deployment, locale: str) -> Release:
    """Return the release with the highest number that is not withdrawn.

    Raises:
        NotFound: there is none.
    """
    query = select(Release).where(
        Release.deployment_id == deployment.id, Release.locale == locale, col(Release.withdrawn_at).is_(None)
    )
    release = session.exec(query.order_by(col(Release.number).desc()).limit(1)).first()
    if release is None:
        raise NotFound(
            f"There is no release of {locale} of {deployment.slug!r} that is not withdrawn: make one with "
            f"`primero-bridge release create {deployment.slug} {locale}`."
        )
    return release


def require_served(release: Release) -> Release:
    """Return the release, unless it was withdrawn.

    Raises:
        Refused: it was withdrawn; says why.
    """
    if release.withdrawn_at is not None:
        raise Refused(
            f"Release {release.number} of {release.locale} was withdrawn on {release.withdrawn_at:%Y-%m-%d}: "
            f"{release.withdraw_reason}",
            details={"withdrawn_at": release.withdrawn_at.isoformat(), "reason": release.withdraw_reason},
        )
    return release


def record_fetch(session: Session, release: Release, *, actor: Actor, client: str, now: datetime) -> None:
    """Write down who fetched a release, and with what."""
    assert release.id is not None
    session.add(
        ReleaseFetch(
            release_id=release.id,
            person_id=actor.person_id,
            # A person's name stands in the table of persons alone, so that it can be erased there.
            actor="" if actor.person_id else actor.label,
            client=client[:_CLIENT],
            fetched_at=now,
        )
    )
    write_audit(
        session, actor, "release.fetch", now,
        deployment_id=release.deployment_id, subject=release.locale, detail={"number": release.number},
    )  # fmt: skip


def list_fetches(session: Session, release: Release) -> Sequence[ReleaseFetch]:
    """Return who fetched a release, the latest first."""
    query = select(ReleaseFetch).where(ReleaseFetch.release_id == release.id).order_by(col(ReleaseFetch.id).desc())
    return session.exec(query).all()


def find_sign_off_number(session: Session, release: Release) -> int | None:
    """Return the number of the sign-off that a release leans on, None where it leans on none."""
    found = None if release.sign_off_id is None else session.get(SignOff, release.sign_off_id)
    return None if found is None else found.number


def withdraw(session: Session, release: Release, *, reason: str, actor: Actor, now: datetime) -> Sequence[ReleaseFetch]:
    """Withdraw a release: it is served no more. Return who fetched it, for they have to hear of it.

    Raises:
        BadInput: there is no reason, or it is too long.
        Refused: it was withdrawn before.
    """
    require_served(release)
    reason = require_reason(reason, "withdraw a release")
    release.withdrawn_at, release.withdrawn_by, release.withdraw_reason = now, actor.person_id, reason
    session.add(release)
    session.flush()
    write_audit(
        session, actor, "release.withdraw", now,
        deployment_id=release.deployment_id, subject=release.locale,
        detail={"number": release.number, "reason": reason},
    )  # fmt: skip
    return list_fetches(session, release)


@dataclass(frozen=True, slots=True)
class TextChange:
    """What a release ships for a text, and what the one before it did; None for nothing."""

    key: str
    before: str | None
    after: str | None


def find_previous(session: Session, release: Release) -> Release | None:
    """Return the release of the locale with the next lower number that is not withdrawn, None where there is none."""
    query = select(Release).where(
        Release.deployment_id == release.deployment_id,
        Release.locale == release.locale,
        col(Release.number) < release.number,
        col(Release.withdrawn_at).is_(None),
    )
    return session.exec(query.order_by(col(Release.number).desc()).limit(1)).first()


def compare(session: Session, before: Release | None, after: Release) -> list[TextChange]:
    """Return the texts in which two releases differ: those of ``after`` in its order, then those that are gone."""
    old = _pairs(session, before) if before is not None else {}
    new = _pairs(session, after)
    changed = [key for key in new if old.get(key) != new[key]] + [key for key in old if key not in new]
    hashes = {side[key] for side in (old, new) for key in changed if key in side}
    texts = find_texts(session, hashes)
    return [TextChange(key, texts.get(old.get(key, "")), texts.get(new.get(key, ""))) for key in changed]


def count_pairs(session: Session, release: Release) -> int:
    """Return how many texts a release ships."""
    query = select(func.count()).select_from(ReleasePair).where(ReleasePair.release_id == release.id)
    return session.exec(query).one()


def _pairs(session: Session, release: Release) -> dict[str, str]:
    query = (
        select(Unit.key, ReleasePair.text_hash)
        .join(ReleasePair, col(ReleasePair.unit_id) == Unit.id)
        .where(ReleasePair.release_id == release.id)
        .order_by(col(ReleasePair.position))
    )
    return dict(session.exec(query).all())
