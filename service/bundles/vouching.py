"""The sign-offs of a locale that were not taken back, and how each stands beside the texts as they are now."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from sqlmodel import Session, col, select

from service.bundles.models import SignOff, SignOffPair
from service.bundles.queries import Candidate
from service.bundles.rules.signoff import Pair, SignOffVerdict, judge_sign_off
from service.deployments.models import Deployment


@dataclass(frozen=True, slots=True)
class Voucher:
    """A sign-off with what it covers (unit → pair) and how it stands."""

    sign_off: SignOff
    covered: Mapping[int, Pair]
    verdict: SignOffVerdict


def find_vouchers(
    session: Session, deployment: Deployment, locale: str, candidates: Iterable[Candidate]
) -> list[Voucher]:
    """Return the sign-offs of the locale that nobody revoked, the newest first."""
    current = current_pairs(candidates)
    query = select(SignOff).where(
        SignOff.deployment_id == deployment.id, SignOff.locale == locale, col(SignOff.revoked_at).is_(None)
    )
    return [
        judge_one(session, sign_off, current)
        for sign_off in session.exec(query.order_by(col(SignOff.number).desc())).all()
    ]


def current_pairs(candidates: Iterable[Candidate]) -> dict[int, Pair | None]:
    """Return each unit in scope with its pair where that is approved, as the rule of sign-offs takes it."""
    return {candidate.unit_id: candidate.pair for candidate in candidates if is_in_scope(candidate)}


def is_in_scope(candidate: Candidate) -> bool:
    """Return whether the unit is in the current snapshot and to be translated."""
    facts = candidate.facts
    return facts.in_use and not facts.excluded and not facts.do_not_translate


def mark_signed_off(candidates: list[Candidate], voucher: Voucher | None) -> list[Candidate]:
    """Return the candidates with the mark of those that the sign-off covers exactly as they are."""
    if voucher is None:
        return candidates
    return [
        replace(candidate, facts=replace(candidate.facts, signed_off=True))
        if candidate.pair is not None and voucher.covered.get(candidate.unit_id) == candidate.pair
        else candidate
        for candidate in candidates
    ]


def find_covered(session: Session, sign_off: SignOff) -> dict[int, Pair]:
    """Return what a sign-off covers: unit → pair."""
    query = select(SignOffPair).where(SignOffPair.sign_off_id == sign_off.id)
    return {row.unit_id: Pair(row.source_hash, row.text_hash) for row in session.exec(query)}


def judge_one(session: Session, sign_off: SignOff, current: Mapping[int, Pair | None]) -> Voucher:
    """Return how one sign-off stands, a revoked one too."""
    covered = find_covered(session, sign_off)
    revoked = sign_off.revoked_at is not None
    return Voucher(sign_off, covered, judge_sign_off(covered, current, revoked=revoked))
