"""What may overwrite what: for each way in, what happens to the text that stands there.

Sides are compared by hash; "" stands for "no text". ``None`` for a synced hash means that there was no sync yet.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from service.catalog.models.texts import State

#: Ways of writing on Transifex that count as a person's writing: never memory, machine or propagation.
HUMAN_ORIGINS = frozenset({"EDITOR", "UPLOAD"})


class Outcome(StrEnum):
    """What became of one incoming text."""

    FILLED = "filled"
    REPLACED = "replaced"
    EQUAL = "equal"
    REWRITTEN = "rewritten"
    EMPTIED = "emptied"
    KEPT_OTHER = "kept-other"
    KEPT_APPROVED = "kept-approved"
    KEPT_CONFLICT = "kept-conflict"
    KEPT_OURS = "kept-ours"
    CONFLICT = "conflict"
    BLANK = "blank"
    POLICY_OURS = "policy-ours"
    POLICY_THEIRS = "policy-theirs"


#: The outcomes after which our text is the incoming one.
WRITES = frozenset({Outcome.FILLED, Outcome.REPLACED})


def decide_source_text(*, ours: str, theirs: str) -> Outcome:
    """Return what happens to a text found in a source: it fills only pairs that have no text."""
    if not theirs:
        return Outcome.BLANK
    if not ours:
        return Outcome.FILLED
    return Outcome.EQUAL if ours == theirs else Outcome.KEPT_OTHER


def decide_import(*, ours: str, theirs: str, state: State, in_conflict: bool, replace_approved: bool) -> Outcome:
    """Return what happens to an imported text: it replaces what is neither approved nor in conflict, unless told to."""
    if not theirs:
        return Outcome.BLANK
    if ours == theirs:
        return Outcome.EQUAL
    if not ours:
        return Outcome.FILLED
    if not replace_approved:
        if in_conflict:
            return Outcome.KEPT_CONFLICT
        if state is State.APPROVED:
            return Outcome.KEPT_APPROVED
    return Outcome.REPLACED


def decide_inherited(*, ours: str, theirs: str, state: State, untouched: bool) -> Outcome:
    """Return what happens to a text that is approved in the locale's parent.

    It fills what has no text, and replaces a text that came from the parent earlier and is ``untouched`` since.
    """
    if ours and ours != theirs and untouched and state in (State.TRANSLATED, State.STALE):
        return Outcome.REPLACED
    return decide_source_text(ours=ours, theirs=theirs)


@dataclass(frozen=True, slots=True)
class SyncPoint:
    """What stood on each side at the end of the last sync, the source text Transifex had then, and when that was."""

    ours: str | None = None
    theirs: str | None = None
    source_hash: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PulledText:
    """A translation as Transifex holds it now. ``own``: written by the service's own user."""

    hash: str
    translated_at: datetime | None = None
    origin: str | None = None
    own: bool = False


def decide_pull(
    *,
    ours: str,
    theirs: PulledText,
    last: SyncPoint,
    source_hash: str,
    written_on: str | None,
    pushed_source_hash: str | None,
    pushed_at: datetime | None,
    in_conflict: bool,
) -> Outcome:
    """Return what happens to a pulled text.

    Args:
        ours: hash of our text, "" for none.
        theirs: what Transifex holds.
        last: the last sync.
        source_hash: hash of our current source text.
        written_on: hash of the source text that our text was last written on.
        pushed_source_hash: hash of the source text that Transifex last got from us, None before the first push.
        pushed_at: when it got it.
        in_conflict: whether a conflict is open.
    """
    if theirs.hash == ours:
        current = bool(ours) and written_on != source_hash == pushed_source_hash
        return Outcome.REWRITTEN if current and written_anew(theirs, pushed_at) else Outcome.EQUAL
    ours_changed = _ours_changed(ours, last)
    if not theirs.hash:
        seen_before = _seen_since_push(last, source_hash, pushed_source_hash, pushed_at)
        return Outcome.EMPTIED if seen_before and not ours_changed and not in_conflict else Outcome.KEPT_OURS
    if in_conflict:
        # Only a person ends it, or both sides by agreeing; meanwhile it takes up what they write.
        return Outcome.CONFLICT
    if not ours_changed:
        return Outcome.REPLACED if ours else Outcome.FILLED
    return Outcome.KEPT_OURS if theirs.hash == last.theirs else Outcome.CONFLICT


def _seen_since_push(
    last: SyncPoint, source_hash: str, pushed_source_hash: str | None, pushed_at: datetime | None
) -> bool:
    # A person emptied it only if we saw a text there after our last push, and that push was of the source we have now.
    # Else the blank is what a push of ours left behind (a changed source, there and back again, a re-created
    # resource), and never erases ours.
    return (
        bool(last.theirs)
        and last.source_hash == source_hash == pushed_source_hash
        and last.at is not None
        and pushed_at is not None
        and last.at > pushed_at
    )


def _ours_changed(ours: str, last: SyncPoint) -> bool:
    return bool(ours) and ours != last.ours


def next_sync_point(
    outcome: Outcome, *, ours: str, theirs: str, last: SyncPoint, pushed_source_hash: str | None, at: datetime
) -> SyncPoint:
    """Return what to remember of this sync, given our hash before it, theirs, and what became of their text."""
    if outcome is Outcome.CONFLICT:
        return last
    if outcome is not Outcome.KEPT_OURS:
        return SyncPoint(theirs, theirs, pushed_source_hash, at)
    # A text of ours that Transifex does not have yet stays "changed", so that it can be sent.
    return SyncPoint(last.ours if _ours_changed(ours, last) else ours, theirs, pushed_source_hash, at)


def written_anew(theirs: PulledText, pushed_at: datetime | None) -> bool:
    """Return whether an equal text on Transifex counts as written anew on the source that we pushed last."""
    return (
        pushed_at is not None
        and theirs.translated_at is not None
        and theirs.translated_at > pushed_at
        and theirs.origin in HUMAN_ORIGINS
        and not theirs.own
    )
