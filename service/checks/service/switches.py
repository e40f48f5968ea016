"""Switching checks off and on, and choosing how some look, for a deployment or one of its locales."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from service.audit.service import Actor, write_audit
from service.checks.choices import DEFAULT, clean_choice
from service.checks.engine import CHECKS, WAIVABLE, Check, Severity
from service.checks.models import CheckChoice, CheckSwitch
from service.checks.service.conditions import find_disabled
from service.checks.service.listing import find_check
from service.checks.service.rechecking import queue_recheck
from service.deployments.models import Deployment
from service.errors import BadInput, Refused


@dataclass(frozen=True, slots=True)
class CheckStatus:
    """One check, and where it is off: ``off`` in the deployment, but for ``locales`` with their own switch (is on?).

    ``chosen`` is what was chosen of it, by locale, "" for all without a choice of their own.
    """

    check: Check
    off: bool
    locales: dict[str, bool]
    reason: str
    chosen: dict[str, str]


def may_be_off(check: Check) -> bool:
    """Return whether a check can be switched off: what blocks and cannot be waived stays on."""
    return check.severity is not Severity.BLOCKS or check.id in WAIVABLE


def list_checks(session: Session, deployment: Deployment) -> list[CheckStatus]:
    """Return every check in the order of the catalogue, with the deployment's switches."""
    rows = session.exec(
        select(CheckSwitch).where(CheckSwitch.deployment_id == deployment.id).order_by(col(CheckSwitch.locale))
    ).all()
    chosen = session.exec(
        select(CheckChoice).where(CheckChoice.deployment_id == deployment.id).order_by(col(CheckChoice.locale))
    ).all()
    return [
        _status(
            check,
            [row for row in rows if row.check_id == check.id],
            [row for row in chosen if row.check_id == check.id],
        )
        for check in CHECKS
    ]


def _status(check: Check, rows: list[CheckSwitch], chosen: list[CheckChoice]) -> CheckStatus:
    off = any(not row.is_on for row in rows if not row.locale)
    reasons = [*(row.reason for row in rows), *(row.reason for row in chosen)]
    locales = {row.locale: row.is_on for row in rows if row.locale}
    return CheckStatus(
        check, off, locales, "; ".join(filter(None, reasons)), {row.locale: row.value or DEFAULT for row in chosen}
    )


def switch_check(
    session: Session,
    deployment: Deployment,
    check_id: str,
    *,
    on: bool,
    locale: str | None,
    reason: str,
    actor: Actor,
    now: datetime,
) -> bool:
    """Switch a check on or off; return whether that changed anything. A job then checks the texts again.

    Args:
        locale: in this locale alone; None: in all that have no switch of their own.
        reason: why it is off; may be left out when it is switched on.

    Raises:
        NotFound: there is no such check.
        Refused: it blocks and cannot be waived, so it cannot be off.
        BadInput: there is no reason.
    """
    check = find_check(check_id)
    if not on and not may_be_off(check):
        raise Refused(f"{check_id} blocks and cannot be waived, so it cannot be switched off.")
    if not on and not reason.strip():
        raise BadInput("Say why the check is to be off, with --reason: it is shown to reviewers and kept.")
    query = select(CheckSwitch).where(
        CheckSwitch.deployment_id == deployment.id,
        CheckSwitch.check_id == check_id,
        CheckSwitch.locale == (locale or ""),
    )
    row = session.exec(query.with_for_update()).first()
    if on == (check_id not in find_disabled(session, deployment.id or 0, locale or "")):
        return False
    row = row or CheckSwitch(
        deployment_id=deployment.id or 0, locale=locale or "", check_id=check_id, is_on=on, changed_at=now
    )
    row.is_on, row.reason, row.person_id, row.changed_at = on, reason.strip(), actor.person_id, now
    session.add(row)
    session.flush()
    write_audit(
        session, actor, "check.enable" if on else "check.disable", now,
        deployment_id=deployment.id, subject=check_id, detail={"locale": locale, "reason": reason.strip()},
    )  # fmt: skip
    queue_recheck(session, deployment.id or 0, person_id=actor.person_id, now=now)
    return True


def choose(
    session: Session,
    deployment: Deployment,
    check_id: str,
    value: str,
    *,
    locale: str | None,
    reason: str,
    actor: Actor,
    now: datetime,
) -> bool:
    """Choose how a check looks at texts; return whether that changed anything. A job then checks the texts again.

    Args:
        value: what :data:`service.checks.choices.CHOICES` says, or ``default`` for as it is shipped.
        locale: in this locale alone; None: in all that have no choice of their own.
        reason: why; may be left out for ``default``.

    Raises:
        NotFound: there is no such check.
        BadInput: nothing can be chosen of it, or not this, or there is no reason.
    """
    find_check(check_id)
    try:
        cleaned = clean_choice(check_id, value)
    except ValueError as error:
        raise BadInput(f"{str(error)[:1].upper()}{str(error)[1:]}.") from error
    if cleaned and not reason.strip():
        raise BadInput("Say why, with --reason: it is shown to reviewers and kept.")
    query = select(CheckChoice).where(
        CheckChoice.deployment_id == deployment.id,
        CheckChoice.check_id == check_id,
        CheckChoice.locale == (locale or ""),
    )
    row = session.exec(query.with_for_update()).first()
    if (row.value if row else None) == cleaned or (row is None and not cleaned and not locale):
        return False
    row = row or CheckChoice(
        deployment_id=deployment.id or 0, locale=locale or "", check_id=check_id, value=cleaned, changed_at=now
    )
    row.value, row.reason, row.person_id, row.changed_at = cleaned, reason.strip(), actor.person_id, now
    session.add(row)
    session.flush()
    write_audit(
        session, actor, "check.choose", now, deployment_id=deployment.id, subject=check_id,
        detail={"value": cleaned or DEFAULT, "locale": locale, "reason": reason.strip()},
    )  # fmt: skip
    queue_recheck(session, deployment.id or 0, person_id=actor.person_id, now=now)
    return True
