"""The state of a (unit, locale): a pure function of the current texts, the author, the tags and the decisions.

An approval is bound to the hashes of both texts. It holds while both are current, and holds again when both return.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from service.catalog.models.texts import DecisionException, DecisionKind, State


@dataclass(frozen=True, slots=True)
class PastDecision:
    """One decision on exactly the current pair of texts.

    ``sensitive``: whether the unit was so when it was made; ``bulk``: whether it was made on many texts at once.
    """

    id: int
    kind: DecisionKind
    person: str
    reopens: int | None = None
    exception: DecisionException | None = None
    sensitive: bool = False
    bulk: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a (unit, locale) stands.

    Attributes:
        state: the state.
        approvers: the persons whose approvals stand and count, in the order of their first approval.
        needed: how many different persons must approve.
        exceptions: the exceptions that the standing approvals lean on.
        rejection: the id of the standing rejection, or None.
    """

    state: State
    approvers: tuple[str, ...] = ()
    needed: int = 1
    exceptions: frozenset[DecisionException] = frozenset()
    rejection: int | None = None


def remaining_decisions(decisions: Iterable[PastDecision]) -> list[PastDecision]:
    """Return the approvals and rejections, in order, that no reopen has made as if never made."""
    ordered = sorted(decisions, key=lambda decision: decision.id)
    reopened = {decision.reopens for decision in ordered if decision.kind is DecisionKind.REOPEN}
    return [d for d in ordered if d.kind is not DecisionKind.REOPEN and d.id not in reopened]


def _standing_decisions(decisions: Sequence[PastDecision]) -> tuple[list[PastDecision], PastDecision | None]:
    approvals: list[PastDecision] = []
    rejection: PastDecision | None = None
    for decision in decisions:
        if decision.kind is DecisionKind.REJECT:
            approvals, rejection = [], decision
        else:
            approvals.append(decision)
            rejection = None
    return approvals, rejection


def _counts(approval: PastDecision, *, author: str | None, twice: bool) -> bool:
    if twice:
        # Neither exceptions nor bulk approvals count on sensitive units, nor does the author.
        return approval.exception is None and not approval.bulk and approval.person != author
    return approval.exception is not None or approval.person != author


def derive_standing(
    *,
    source_hash: str,
    text_hash: str | None,
    written_on: str | None,
    author: str | None,
    sensitive: bool,
    decisions: Iterable[PastDecision],
) -> Standing:
    """Return where the pair stands.

    Args:
        source_hash: hash of the current source text.
        text_hash: hash of the current translation, None where there is no text.
        written_on: hash of the source text that the translation was last written on, None where nobody knows.
        author: the person who wrote the translation, None where nobody knows.
        sensitive: whether the unit is sensitive now.
        decisions: every decision on exactly this pair of hashes, in any order.
    """
    if text_hash is None:
        return Standing(State.UNTRANSLATED, needed=2 if sensitive else 1)
    approvals, rejection = _standing_decisions(remaining_decisions(decisions))
    # An approval made while the unit was sensitive keeps needing the second one after the tag is gone.
    twice = sensitive or any(approval.sensitive for approval in approvals)
    needed = 2 if twice else 1
    if rejection is not None:
        return Standing(State.REJECTED, needed=needed, rejection=rejection.id)
    counting = [approval for approval in approvals if _counts(approval, author=author, twice=twice)]
    approvers = tuple(dict.fromkeys(approval.person for approval in counting))
    if len(approvers) >= needed:
        return Standing(State.APPROVED, approvers, needed, _exceptions(counting, author))
    if not approvals and written_on is not None and written_on != source_hash:
        return Standing(State.STALE, approvers, needed)
    return Standing(State.TRANSLATED, approvers, needed)


def _exceptions(counting: Iterable[PastDecision], author: str | None) -> frozenset[DecisionException]:
    approvals = list(counting)
    if any(approval.exception is None and approval.person != author for approval in approvals):
        # An ordinary approval stands too: the state does not lean on the exception.
        return frozenset()
    return frozenset(approval.exception for approval in approvals if approval.exception is not None)
