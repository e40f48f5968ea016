"""Signing a language off: what a person would vouch for, the statement, and taking it back."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from service.audit.service import Actor, write_audit
from service.bundles.models import SignOff, SignOffPair
from service.bundles.queries import Candidate, list_candidates
from service.bundles.rules.signoff import digest_pairs
from service.bundles.vouching import Voucher, current_pairs, is_in_scope, judge_one
from service.catalog.models import State, Translation, Unit
from service.catalog.queries import in_scope
from service.catalog.service.locks import lock_deployment
from service.catalog.service.snapshots import find_current_snapshot
from service.checks.models import Dismissal
from service.deployments.models import Deployment
from service.errors import BadInput, NotFound, Outdated, Refused
from service.web.telling import Said

LIMITS = {"name": 200, "role": 200, "organisation": 200, "statement": 4000}
"""The longest each part of a statement may be, in characters."""

_REASON = 2000


@dataclass(frozen=True, slots=True)
class Waived:
    """A finding that a person said is wrong here."""

    key: str
    check_id: str
    message: str
    said: Said | None
    person_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Overview:
    """What somebody who signs a locale off now would vouch for, and what they should know before.

    Attributes:
        in_scope: number of texts to be translated.
        approved: what would be covered, in the order of the source.
        missing: number of texts in scope that are not approved, by state.
        exceptions: covered texts whose approval leans on an exception.
        sensitive: covered texts that two persons had to approve.
        blocked: covered texts that a check blocks now: they are in no bundle.
        conflicting: covered texts with an open conflict: they are in no bundle.
        waived: findings on covered texts that people dismissed or waived.
        digest: names exactly what would be covered.
    """

    in_scope: int
    approved: tuple[Candidate, ...]
    missing: dict[State, int]
    exceptions: tuple[Candidate, ...]
    sensitive: tuple[Candidate, ...]
    blocked: tuple[Candidate, ...]
    conflicting: tuple[Candidate, ...]
    waived: tuple[Waived, ...]
    digest: str

    def counts(self) -> dict[str, int]:
        """Return the numbers that stand in the sign-off."""
        return {
            "in_scope": self.in_scope,
            "approved": len(self.approved),
            "words": sum(candidate.words for candidate in self.approved),
            "missing": sum(self.missing.values()),
            "exceptions": len(self.exceptions),
            "sensitive": len(self.sensitive),
            "blocked": len(self.blocked),
            "waived": len(self.waived),
        }


@dataclass(frozen=True, slots=True)
class Statement:
    """What a person states: who they are, in which role, for which organisation, and what they vouch for."""

    name: str
    role: str
    organisation: str
    statement: str


def load_overview(session: Session, deployment: Deployment, locale: str) -> Overview:
    """Return what a sign-off of the locale would cover now."""
    return _overview(session, deployment, locale, _candidates(session, deployment, locale))


def _candidates(session: Session, deployment: Deployment, locale: str) -> list[Candidate]:
    return [row for row in list_candidates(session, deployment, locale, {}) if is_in_scope(row)]


def _overview(session: Session, deployment: Deployment, locale: str, candidates: Sequence[Candidate]) -> Overview:
    approved = tuple(row for row in candidates if row.pair is not None)
    covered = {str(row.key) for row in approved}
    states = Counter(row.facts.state for row in candidates if row.pair is None)
    return Overview(
        in_scope=len(candidates),
        approved=approved,
        missing={state: states[state] for state in State if states[state]},
        exceptions=tuple(row for row in approved if row.exceptions),
        sensitive=tuple(row for row in approved if row.facts.approvals_needed > 1),
        blocked=tuple(row for row in approved if row.facts.blocking),
        conflicting=tuple(row for row in approved if row.facts.in_conflict),
        waived=tuple(row for row in _find_waived(session, deployment, locale) if row.key in covered),
        digest=digest_pairs((str(row.key), row.pair) for row in approved if row.pair is not None),
    )


def _find_waived(session: Session, deployment: Deployment, locale: str) -> list[Waived]:
    assert deployment.id is not None
    query = (
        select(Dismissal, Unit.key)
        .join(Translation, col(Translation.id) == Dismissal.translation_id)
        .join(Unit, col(Unit.id) == Translation.unit_id)
        .where(
            in_scope(deployment.id),
            Translation.locale == locale,
            Dismissal.source_hash == Unit.source_hash,
            Dismissal.text_hash == Translation.text_hash,
            col(Dismissal.withdrawn_at).is_(None),
        )
        .order_by(col(Unit.position), col(Dismissal.id))
    )
    return [
        Waived(key, row.check_id, row.message, row.said, row.person_id, row.reason)
        for row, key in session.exec(query).all()
    ]


def sign_off(
    session: Session,
    deployment: Deployment,
    locale: str,
    statement: Statement,
    *,
    actor: Actor,
    now: datetime,
    seen: str | None = None,
) -> Voucher:
    """Write down that a person vouches for all texts of the locale that are approved now.

    Args:
        session: in a write transaction.
        deployment: whose texts.
        locale: Primero's code.
        statement: what the person states.
        actor: the person.
        now: the time.
        seen: the digest of what the person looked at, None where nobody looked at a page.

    Raises:
        BadInput: a part of the statement is missing or too long.
        Outdated: what is approved is not what the person looked at any more.
        Refused: nothing is approved, or nothing was imported.
    """
    statement = _clean(statement)
    assert deployment.id is not None
    assert actor.person_id is not None
    lock_deployment(session, deployment.id)
    snapshot = find_current_snapshot(session, deployment.id)
    if snapshot is None:
        raise Refused(f"The deployment {deployment.slug!r} has no configuration yet: import its source first.")
    candidates = _candidates(session, deployment, locale)
    overview = _overview(session, deployment, locale, candidates)
    if seen is not None and seen != overview.digest:
        raise Outdated("What is approved changed since this page was drawn: look at it again, then sign.")
    if not overview.approved:
        raise Refused(f"No text of {locale} is approved yet: there is nothing to vouch for.")
    assert snapshot.id is not None
    row = SignOff(
        deployment_id=deployment.id,
        locale=locale,
        number=_next_number(session, deployment.id, locale),
        snapshot_id=snapshot.id,
        person_id=actor.person_id,
        name=statement.name,
        role=statement.role,
        organisation=statement.organisation,
        statement=statement.statement,
        digest=overview.digest,
        counts=overview.counts(),
        created_at=now,
    )
    session.add(row)
    session.flush()
    assert row.id is not None
    session.add_all(
        SignOffPair(
            sign_off_id=row.id, unit_id=each.unit_id, source_hash=each.source_hash, text_hash=each.text_hash
        )
        for each in overview.approved
    )  # fmt: skip
    session.flush()
    detail = {"number": row.number, "digest": row.digest, "snapshot": snapshot.number, **row.counts}
    write_audit(session, actor, "sign-off.sign", now, deployment_id=deployment.id, subject=locale, detail=detail)
    return judge_one(session, row, current_pairs(candidates))


def _clean(statement: Statement) -> Statement:
    parts = {name: " ".join(getattr(statement, name).split()) for name in ("name", "role", "organisation")}
    parts["statement"] = statement.statement.replace("\r\n", "\n").strip()
    for name, text in parts.items():
        if not text:
            raise BadInput(
                f"The {name} is missing: a sign-off says who vouches, in which role, for whom, and for what."
            )
        if len(text) > LIMITS[name]:
            raise BadInput(f"The {name} is longer than {LIMITS[name]:,} characters: shorten it.")
    return Statement(**parts)


def _next_number(session: Session, deployment_id: int, locale: str) -> int:
    query = select(func.max(SignOff.number)).where(SignOff.deployment_id == deployment_id, SignOff.locale == locale)
    return (session.exec(query).one() or 0) + 1


def list_vouchers(session: Session, deployment: Deployment, locale: str) -> list[Voucher]:
    """Return every sign-off of the locale and how it stands now, the newest first, revoked ones too."""
    query = select(SignOff).where(SignOff.deployment_id == deployment.id, SignOff.locale == locale)
    rows = session.exec(query.order_by(col(SignOff.number).desc())).all()
    current = current_pairs(_candidates(session, deployment, locale)) if rows else {}
    return [judge_one(session, row, current) for row in rows]


def get_voucher(session: Session, deployment: Deployment, locale: str, number: int) -> Voucher:
    """Return one sign-off and how it stands now.

    Raises:
        NotFound: there is none with this number.
    """
    row = _get(session, deployment, locale, number)
    return judge_one(session, row, current_pairs(_candidates(session, deployment, locale)))


def _get(session: Session, deployment: Deployment, locale: str, number: int) -> SignOff:
    query = select(SignOff).where(
        SignOff.deployment_id == deployment.id, SignOff.locale == locale, SignOff.number == number
    )
    row = session.exec(query).first()
    if row is None:
        raise NotFound(f"There is no sign-off {number} of {locale} of {deployment.slug!r}.")
    return row


def revoke(
    session: Session, deployment: Deployment, locale: str, number: int, *, reason: str, actor: Actor, now: datetime
) -> SignOff:
    """Take a sign-off back; it stays to be seen, with the reason.

    Raises:
        NotFound: there is none with this number.
        BadInput: there is no reason, or it is too long.
        Refused: it was revoked before.
    """
    row = _get(session, deployment, locale, number)
    if row.revoked_at is not None:
        raise Refused(f"The sign-off {number} of {locale} was revoked before.")
    reason = require_reason(reason, "revoke a sign-off")
    row.revoked_at, row.revoked_by, row.revoke_reason = now, actor.person_id, reason
    session.add(row)
    session.flush()
    write_audit(
        session, actor, "sign-off.revoke", now,
        deployment_id=deployment.id, subject=locale, detail={"number": number, "reason": reason},
    )  # fmt: skip
    return row


def require_reason(reason: str, what: str) -> str:
    """Return the reason without spaces at its ends.

    Raises:
        BadInput: it is empty or too long.
    """
    reason = reason.strip()
    if not reason:
        raise BadInput(f"Give a reason to {what}: it is shown to everybody who used it.")
    if len(reason) > _REASON:
        raise BadInput(f"The reason is longer than {_REASON:,} characters: shorten it.")
    return reason
