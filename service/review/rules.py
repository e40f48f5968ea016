"""Who may decide what on which pair: pure."""

from collections.abc import Collection
from dataclasses import dataclass

from service.catalog.models import ConflictResolution, DecisionException, State
from service.deployments.models import ConflictPolicy


class DecisionRefused(Exception):
    """The rules do not let this person decide this; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class PairFacts:
    """What stands when somebody decides.

    Attributes:
        state: the state now.
        author: the person who wrote the text, None where nobody knows.
        sensitive: whether the unit is sensitive.
        blocking: ids of the checks whose blocking findings are not waived.
        warnings: ids of the checks whose warnings nobody has dismissed.
        waivers: the persons who waived a blocking finding on the pair.
        in_conflict: whether both sides changed and nobody has chosen yet.
        approvers: the persons whose approvals of this pair stand.
        in_use: whether the unit is in the current snapshot.
    """

    state: State
    author: str | None
    sensitive: bool
    blocking: Collection[str] = ()
    warnings: Collection[str] = ()
    waivers: Collection[str] = ()
    in_conflict: bool = False
    approvers: Collection[str] = ()
    in_use: bool = True


def check_approval(pair: PairFacts, person: str, *, lone_reviewer: bool) -> DecisionException | None:
    """Return the exception an approval would lean on, None for an ordinary one.

    Args:
        pair: what stands now.
        person: who wants to approve.
        lone_reviewer: whether the deployment lets a reviewer approve an own text.

    Raises:
        DecisionRefused: it may not be approved, or not by this person.
    """
    _check_text(pair)
    if pair.in_conflict:
        raise DecisionRefused("Transifex and this service hold different texts: choose one of them first.")
    if pair.blocking:
        raise DecisionRefused(
            f"A blocking finding stands ({', '.join(sorted(pair.blocking))}): correct or reject the text."
        )
    if person in pair.approvers:
        raise DecisionRefused("You have approved this text already.")
    if person in pair.waivers:
        raise DecisionRefused("You waived a blocking finding on this text: another person must approve it.")
    if pair.author != person:
        return None
    if pair.sensitive:
        raise DecisionRefused("You wrote this text, and it is sensitive: two other persons must approve it.")
    if lone_reviewer:
        return DecisionException.LONE_REVIEWER
    raise DecisionRefused("You wrote this text: another person must approve it.")


def check_rejection(pair: PairFacts) -> None:
    """Refuse a rejection where there is nothing to reject.

    Raises:
        DecisionRefused: there is no text, or the unit is not in use.
    """
    _check_text(pair)


def check_baseline(pair: PairFacts) -> None:
    """Refuse to accept a text as baseline where that never counts.

    Raises:
        DecisionRefused: the text is sensitive, blocked, in conflict, decided already, or not there.
    """
    _check_text(pair)
    if pair.sensitive:
        raise DecisionRefused("The text is sensitive: two persons must approve it, a baseline never counts.")
    if pair.blocking or pair.in_conflict:
        raise DecisionRefused("The text has a blocking finding or an open conflict.")
    if pair.state is not State.TRANSLATED:
        raise DecisionRefused(f"The text is {pair.state.value}: only translated texts are accepted as baseline.")


def passes_in_bulk(pair: PairFacts, person: str, *, warnings: int, with_warnings: bool) -> bool:
    """Return whether a bulk approval may take the text: waiting, clean, not sensitive, not the approver's own."""
    return (
        pair.in_use
        and pair.state is State.TRANSLATED
        and not pair.blocking
        and not pair.in_conflict
        and not pair.sensitive
        and pair.author != person
        and person not in pair.approvers
        and person not in pair.waivers
        and (with_warnings or not warnings)
    )


def _check_text(pair: PairFacts) -> None:
    if not pair.in_use:
        raise DecisionRefused("The text is not in the current source any more.")
    if pair.state is State.UNTRANSLATED:
        raise DecisionRefused("There is no text to decide on.")


def choose_by_policy(
    policy: ConflictPolicy, *, state: State, sensitive: bool, source_hash: str, pushed_source_hash: str | None
) -> ConflictResolution | None:
    """Return which text a deployment's policy takes where both sides changed, None where a person has to choose.

    A person chooses on sensitive texts, on ours where it is approved, and where the side that the policy takes is not
    known to be written on the current source: an old text must not replace one on the new source.

    Args:
        policy: the deployment's.
        state: that of our text.
        sensitive: whether the text needs two persons.
        source_hash: the current source text.
        pushed_source_hash: the source text that Transifex has, on which theirs was written.
    """
    if sensitive or policy is ConflictPolicy.ASK:
        return None
    if policy is ConflictPolicy.KEEP_OURS:
        return ConflictResolution.OURS if state in (State.TRANSLATED, State.APPROVED) else None
    if state is State.APPROVED or source_hash != pushed_source_hash:
        return None
    return ConflictResolution.THEIRS
