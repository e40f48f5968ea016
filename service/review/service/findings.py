"""What people do about a finding: dismiss it, waive it, take that back, or put its replacement in."""

from datetime import datetime

from sqlmodel import Session, col, select

from extractors.texts import normalise_text
from service.audit.service import Actor, write_audit
from service.catalog.models import Translation, Unit
from service.catalog.service.states import refresh_states
from service.checks.engine import WAIVABLE, Severity
from service.checks.models import Dismissal, StoredFinding
from service.checks.service.checking import count_findings, match_dismissals
from service.deployments.models import Deployment
from service.errors import BadInput, NotFound, Refused
from service.review.service.deciding import Pair, correct, find_pair, require_current
from service.review.service.entering import EntryReport


def find_finding(
    session: Session,
    deployment: Deployment,
    locale: str,
    finding_id: int,
    *,
    pair_hashes: tuple[str, str] | None = None,
) -> tuple[Pair, StoredFinding]:
    """Return a finding with its pair, locked, as it stands after the checks looked at what may have changed.

    Args:
        pair_hashes: of the source text and the translation that the person saw; None: whatever stands.

    Raises:
        NotFound: the locale of the deployment has no such finding (any more).
        Outdated: other texts stand there by now.
    """
    missing = NotFound(f"There is no finding {finding_id} in {locale}: the text or the checks may have changed since.")
    key = session.exec(
        select(Unit.key)
        .join(Translation, col(Translation.unit_id) == Unit.id)
        .join(StoredFinding, col(StoredFinding.translation_id) == Translation.id)
        .where(Unit.deployment_id == deployment.id, Translation.locale == locale, StoredFinding.id == finding_id)
    ).first()
    if key is None:
        raise missing
    pair = find_pair(session, deployment, locale, key)
    if pair_hashes is not None:
        require_current(pair, source_hash=pair_hashes[0], target_hash=pair_hashes[1])
    finding = next((row for row in pair.findings if row.id == finding_id), None)
    if finding is None or pair.unit.retired:
        raise missing
    return pair, finding


def dismiss(
    session: Session, deployment: Deployment, pair: Pair, finding: StoredFinding, *, actor: Actor, reason: str,
    now: datetime,
) -> None:  # fmt: skip
    """Say that a finding which does not block is none on these two texts; it then needs no confirmation any more.

    Raises:
        Refused: it blocks, is dismissed already, or the actor is no person.
        BadInput: there is no reason.
    """
    if finding.severity == Severity.BLOCKS:
        raise Refused(f"{finding.check_id} blocks: it cannot be dismissed{_waiving(finding)}.")
    _say(session, deployment, pair, finding, "finding.dismiss", actor, reason, now)


def waive(
    session: Session, deployment: Deployment, pair: Pair, finding: StoredFinding, *, actor: Actor, reason: str,
    now: datetime,
) -> None:  # fmt: skip
    """Let a text pass with a blocking finding that may be waived; whoever does it can not also approve the text.

    Raises:
        Refused: it cannot be waived, is waived already, the actor approved the text, or is no person.
        BadInput: there is no reason.
    """
    if finding.severity != Severity.BLOCKS or finding.check_id not in WAIVABLE:
        raise Refused(f"{finding.check_id} cannot be waived: only {' and '.join(sorted(WAIVABLE))} can.")
    if actor.person_id is not None and actor.person_id in pair.facts().approvers:
        raise Refused("You approved this text: another specialist must waive the finding.")
    _say(session, deployment, pair, finding, "finding.waive", actor, reason, now)


def withdraw(
    session: Session, deployment: Deployment, pair: Pair, finding: StoredFinding, *, actor: Actor, now: datetime
) -> None:
    """Take a dismissal or waiver back: the finding counts again.

    Raises:
        Refused: it is neither dismissed nor waived.
    """
    rows = session.exec(
        select(Dismissal).where(
            Dismissal.translation_id == pair.translation.id,
            Dismissal.source_hash == pair.unit.source_hash,
            Dismissal.text_hash == pair.translation.text_hash,
            col(Dismissal.withdrawn_at).is_(None),
        )
    ).all()
    dismissal = next((said for row, said in match_dismissals(pair.findings, rows) if row.id == finding.id), None)
    if dismissal is None:
        raise Refused("The finding is neither dismissed nor waived.")
    dismissal.withdrawn_at, dismissal.withdrawn_by = now, actor.person_id
    finding.dismissed_by = finding.dismissed_at = finding.dismissed_reason = None
    session.add(dismissal)
    _follow(session, deployment, pair, finding, "finding.withdraw", actor, "", now)


def fix(
    session: Session, deployment: Deployment, pair: Pair, finding: StoredFinding, *, actor: Actor, now: datetime
) -> EntryReport:
    """Put a finding's replacement into the text, as a correction by the actor like any other.

    Raises:
        Refused: the finding has no safe replacement, or the text cannot be corrected.
    """
    if finding.replacement is None:
        raise Refused(f"{finding.check_id} has no safe replacement here: correct the text by hand.")
    text = normalise_text(pair.translation.text or "")
    if not 0 <= finding.start <= finding.end <= len(text):
        raise Refused("The finding does not fit the text any more: look at it again.")
    fixed = text[: finding.start] + finding.replacement + text[finding.end :]
    return correct(session, deployment, pair, actor=actor, text=fixed, now=now)


def require_kind(finding: StoredFinding, *, blocking: bool) -> None:
    """Refuse to take back a waiver as if it were a dismissal, or the other way round.

    Raises:
        Refused: it is of the other kind.
    """
    if (finding.severity == Severity.BLOCKS) is not blocking:
        kind = "a blocking finding, which is waived" if finding.severity == Severity.BLOCKS else "dismissed, not waived"
        raise Refused(f"{finding.check_id} is {kind}.")


def _waiving(finding: StoredFinding) -> str:
    return "; a specialist may waive it" if finding.check_id in WAIVABLE else ", correct the text instead"


def _say(
    session: Session, deployment: Deployment, pair: Pair, finding: StoredFinding, action: str, actor: Actor,
    reason: str, now: datetime,
) -> None:  # fmt: skip
    if actor.person_id is None:
        raise Refused("Only a person can say this of a text: set BRIDGE_TOKEN to your token.")
    if not reason.strip():
        raise BadInput("Say why the finding does not count here: the reason is shown and kept.")
    if len(reason) > 2000:
        raise BadInput("The reason is longer than 2,000 characters.")
    if finding.dismissed_at is not None:
        raise Refused("Somebody has said so already.")
    session.add(
        Dismissal(
            translation_id=finding.translation_id,
            source_hash=finding.source_hash,
            text_hash=finding.text_hash,
            check_id=finding.check_id,
            start=finding.start,
            end=finding.end,
            message=finding.message,
            said=finding.said,
            person_id=actor.person_id,
            reason=reason.strip(),
            created_at=now,
        )
    )
    finding.dismissed_by, finding.dismissed_at, finding.dismissed_reason = actor.person_id, now, reason.strip()
    _follow(session, deployment, pair, finding, action, actor, reason.strip(), now)


def _follow(
    session: Session, deployment: Deployment, pair: Pair, finding: StoredFinding, action: str, actor: Actor,
    reason: str, now: datetime,
) -> None:  # fmt: skip
    session.add(finding)
    count_findings(session, pair.translation, pair.findings)
    pair.translation.version += 1
    pair.translation.changed_at = now
    refresh_states(session, [finding.translation_id])
    write_audit(
        session, actor, action, now, deployment_id=deployment.id,
        subject=f"{pair.translation.locale} {pair.unit.key}", detail={"check": finding.check_id, "reason": reason},
    )  # fmt: skip
