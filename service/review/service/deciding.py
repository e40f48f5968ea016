"""The one way in for decisions: approve, reject, reopen, correct, choose in a conflict; each names its pair."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, select

from extractors.texts import clean_text, is_blank, normalise_text, text_hash
from service.audit.service import Actor, write_audit
from service.catalog.models import (
    ConflictResolution,
    Decision,
    DecisionException,
    DecisionKind,
    Origin,
    RejectReason,
    Translation,
    Unit,
)
from service.catalog.rules.overwrite import Outcome
from service.catalog.rules.state import remaining_decisions
from service.catalog.service.locks import lock_units
from service.catalog.service.outbox import write_decision_rows, write_text_row
from service.catalog.service.states import find_decisions, past_decision, refresh_states, standing_of
from service.catalog.service.texts import find_open_conflict
from service.checks.models import StoredFinding
from service.checks.service import (
    check_translations,
    find_blocking,
    find_waivers,
    find_warnings,
    is_outdated,
    list_findings,
    load_conditions,
)
from service.deployments.models import Deployment
from service.errors import BadInput, NotFound, Outdated, Refused
from service.review.rules import DecisionRefused, PairFacts, check_approval, check_baseline, check_rejection
from service.review.service.conflicts import settle_conflict
from service.review.service.entering import EntryReport, IncomingText, Standing, enter_texts


@dataclass(frozen=True, slots=True)
class Pair:
    """One (unit, locale) with everything a decision needs to know, locked until the transaction ends."""

    unit: Unit
    translation: Translation
    decisions: tuple[Decision, ...]
    findings: tuple[StoredFinding, ...]
    in_conflict: bool

    def facts(self) -> PairFacts:
        """Return what the rules of decisions look at."""
        standing = standing_of(self.translation, self.unit, self.decisions)
        return PairFacts(
            state=standing.state,
            author=self.translation.author_id,
            # Also where the tag is gone, but an approval made under it still stands.
            sensitive=self.unit.sensitive or standing.needed > 1,
            blocking=find_blocking(self.findings),
            warnings=find_warnings(self.findings),
            waivers=find_waivers(self.findings),
            in_conflict=self.in_conflict,
            approvers=standing.approvers,
            in_use=not self.unit.retired,
        )

    def on_pair(self) -> list[Decision]:
        """Return the decisions on exactly the current pair of texts, oldest first."""
        current = (self.unit.source_hash, self.translation.text_hash)
        return [decision for decision in self.decisions if (decision.source_hash, decision.text_hash) == current]


def find_pair(session: Session, deployment: Deployment, locale: str, key: str) -> Pair:
    """Return the pair, locked for this transaction, with findings made on its current texts.

    Raises:
        NotFound: the deployment has no such unit, or it never had a text in the locale.
    """
    assert deployment.id is not None
    lock_units(session, deployment.id, [key])
    units = select(Unit).where(Unit.deployment_id == deployment.id, Unit.key == key)
    unit = session.exec(units.execution_options(populate_existing=True)).first()
    if unit is None:
        raise NotFound(f"The deployment {deployment.slug!r} has no unit {key!r}.")
    query = select(Translation).where(Translation.unit_id == unit.id, Translation.locale == locale)
    translation = session.exec(query.execution_options(populate_existing=True)).first()
    if translation is None or unit.id is None or translation.id is None:
        raise NotFound(f"{key} has no text in {locale} yet.")
    if is_outdated(unit, translation, load_conditions(session, deployment, locale)):
        check_translations(session, deployment, locale, [unit.id])
    return Pair(
        unit,
        translation,
        tuple(find_decisions(session, [unit.id])[unit.id, locale]),
        tuple(list_findings(session, [translation.id]).get(translation.id, ())),
        find_open_conflict(session, unit.id, locale) is not None,
    )


def require_current(pair: Pair, *, source_hash: str, target_hash: str, version: int | None = None) -> None:
    """Refuse a decision that was made on other texts than those that stand now.

    Args:
        version: the translation's version that was seen, where decisions by others since then count as news too.

    Raises:
        Outdated: with both current texts and their hashes in the details, so that nothing is decided blindly.
    """
    seen = (source_hash, target_hash) == (pair.unit.source_hash, pair.translation.text_hash)
    if not seen or version not in (None, pair.translation.version):
        raise Outdated(
            "The texts changed since you saw them: look at them again.",
            details={
                "key": pair.unit.key,
                "locale": pair.translation.locale,
                "source": normalise_text(pair.unit.source),
                "text": normalise_text(pair.translation.text or ""),
                "source_hash": pair.unit.source_hash,
                "text_hash": pair.translation.text_hash,
            },
        )


def approve(
    session: Session,
    deployment: Deployment,
    pair: Pair,
    *,
    actor: Actor,
    comment: str,
    now: datetime,
    with_warnings: bool = False,
) -> Decision:
    """Approve the pair as the actor's person.

    Args:
        with_warnings: the person has seen the warnings that nobody dismissed, and approves all the same.

    Raises:
        Refused: the rules do not let it be approved, or not by this person; or it has warnings, which the details name.
    """
    person = _person(actor)
    facts = pair.facts()
    try:
        exception = check_approval(facts, person, lone_reviewer=deployment.lone_reviewer)
    except DecisionRefused as error:
        raise Refused(str(error)) from error
    if facts.warnings and not with_warnings:
        raise Refused(
            f"The text has warnings ({', '.join(sorted(facts.warnings))}): confirm that you approve it with them, "
            "or dismiss them.",
            details={"warnings": sorted(facts.warnings)},
        )
    return _decide(session, deployment, pair, DecisionKind.APPROVE, actor, now, comment=comment, exception=exception)


def accept_baseline(
    session: Session, deployment: Deployment, pair: Pair, *, actor: Actor, reason: str, now: datetime
) -> Decision:
    """Accept a text that Primero shows already as it is; recorded as an exception.

    Raises:
        BadInput: there is no reason.
        Refused: the text is not live, or a baseline never counts for it.
    """
    if not reason.strip():
        raise BadInput("Say why these texts are accepted as they are: the reason is kept with each of them.")
    if pair.translation.origin is not Origin.LIVE:
        raise Refused("Only texts that were found in the source are accepted as baseline.")
    try:
        check_baseline(pair.facts())
    except DecisionRefused as error:
        raise Refused(str(error)) from error
    return _decide(
        session, deployment, pair, DecisionKind.APPROVE, actor, now,
        comment=reason, exception=DecisionException.BASELINE,
    )  # fmt: skip


def reject(
    session: Session,
    deployment: Deployment,
    pair: Pair,
    *,
    actor: Actor,
    reason: RejectReason,
    comment: str,
    now: datetime,
) -> Decision:
    """Reject the pair with one of the six reasons.

    Raises:
        Refused: there is nothing to reject.
    """
    try:
        check_rejection(pair.facts())
    except DecisionRefused as error:
        raise Refused(str(error)) from error
    return _decide(session, deployment, pair, DecisionKind.REJECT, actor, now, comment=comment, reason=reason)


def reopen(
    session: Session,
    deployment: Deployment,
    pair: Pair,
    *,
    actor: Actor,
    decision_id: int,
    may_reopen_others: bool,
    comment: str,
    now: datetime,
) -> Decision:
    """Take back one earlier decision on the current pair: one's own, or anyone's as a specialist.

    Raises:
        NotFound: no standing decision on this pair has the id.
        Refused: it is somebody else's, and the actor is no specialist.
    """
    person = _person(actor)
    standing = {decision.id for decision in remaining_decisions(past_decision(row) for row in pair.on_pair())}
    named = next((row for row in pair.on_pair() if row.id == decision_id and row.id in standing), None)
    if named is None:
        raise NotFound(f"No decision {decision_id} stands on the current texts of {pair.unit.key}.")
    if named.person_id != person and not may_reopen_others:
        raise Refused("Somebody else made this decision: ask a specialist to reopen it.")
    return _decide(session, deployment, pair, DecisionKind.REOPEN, actor, now, comment=comment, reopens=decision_id)


def correct(
    session: Session, deployment: Deployment, pair: Pair, *, actor: Actor, text: str, now: datetime
) -> EntryReport:
    """Write another text as the actor's own; it then waits for another person.

    Raises:
        BadInput: the text is blank.
        Refused: the unit is retired, or both sides' texts wait for a choice.
    """
    person = _person(actor)
    if is_blank(clean_text(text)):
        raise BadInput("A correction cannot be empty: reject the text instead.")
    if pair.unit.retired:
        raise Refused("The text is not in the current source any more.")
    if pair.in_conflict:
        raise Refused("Transifex and this service hold different texts: choose one of them first.")

    def decide(standing: Standing, _text: IncomingText, theirs: str) -> Outcome:
        # An equal correction counts as written anew on the current source, by whoever wrote it first.
        return Outcome.REWRITTEN if standing.ours == theirs else Outcome.REPLACED

    incoming = IncomingText(pair.unit.key, text, person, now)
    report = enter_texts(
        session, deployment, pair.translation.locale, [incoming], decide=decide, origin=Origin.CORRECTION, now=now
    )
    if report.written:
        write_text_row(session, pair.unit, pair.translation, now=now)
    _audit(session, deployment, pair, actor, "correct", now)
    return report


def resolve_conflict(
    session: Session,
    deployment: Deployment,
    pair: Pair,
    *,
    actor: Actor,
    keep: ConflictResolution,
    their_hash: str,
    now: datetime,
) -> None:
    """End the pair's conflict with our text or theirs; nothing is approved by that.

    Args:
        their_hash: hash of the text on Transifex that the person saw.

    Raises:
        BadInput: it is neither.
        Outdated: Transifex holds another text by now; the details carry it.
        Refused: there is no open conflict, the unit is retired, or the actor is no person.
    """
    assert pair.unit.id is not None
    _person(actor)
    if keep not in (ConflictResolution.OURS, ConflictResolution.THEIRS):
        raise BadInput("Choose one of the two texts: ours or theirs.")
    if pair.unit.retired:
        raise Refused("The text is not in the current source any more.")
    conflict = find_open_conflict(session, pair.unit.id, pair.translation.locale)
    if conflict is None:
        raise Refused("There is no open conflict on this text.")
    if text_hash(conflict.their_text) != their_hash:
        raise Outdated(
            "The text on Transifex changed since you saw it: look at it again.",
            details={"key": pair.unit.key, "their_text": normalise_text(conflict.their_text)},
        )
    settle_conflict(
        session, deployment, pair.unit, pair.translation, conflict, keep=keep, person_id=_person(actor), now=now
    )
    session.flush()
    _audit(session, deployment, pair, actor, f"conflict.{keep.value}", now)


def _person(actor: Actor) -> str:
    if actor.person_id is None:
        raise Refused("Only a person can decide on texts: set BRIDGE_TOKEN to the token of a reviewer.")
    return actor.person_id


def _decide(
    session: Session,
    deployment: Deployment,
    pair: Pair,
    kind: DecisionKind,
    actor: Actor,
    now: datetime,
    *,
    comment: str,
    reason: RejectReason | None = None,
    exception: DecisionException | None = None,
    reopens: int | None = None,
) -> Decision:
    comment = clean_text(comment)
    if len(comment) > 4000:
        raise BadInput("The comment is longer than 4,000 characters.")
    assert pair.unit.id is not None
    assert pair.translation.id is not None
    assert pair.translation.text_hash is not None
    decision = Decision(
        unit_id=pair.unit.id,
        locale=pair.translation.locale,
        source_hash=pair.unit.source_hash,
        text_hash=pair.translation.text_hash,
        kind=kind,
        person_id=_person(actor),
        reopens_id=reopens,
        reason=reason,
        comment=comment,
        exception=exception,
        sensitive=pair.unit.sensitive,
        created_at=now,
    )
    session.add(decision)
    before = pair.translation.state
    pair.translation.version += 1
    pair.translation.changed_at = now
    session.add(pair.translation)
    refresh_states(session, [pair.translation.id])
    write_decision_rows(session, pair.unit, pair.translation, decision, before=before, now=now)
    _audit(session, deployment, pair, actor, kind.value, now)
    return decision


def _audit(session: Session, deployment: Deployment, pair: Pair, actor: Actor, verb: str, now: datetime) -> None:
    write_audit(
        session, actor, f"review.{verb}", now,
        deployment_id=deployment.id, subject=f"{pair.translation.locale} {pair.unit.key}",
    )  # fmt: skip
