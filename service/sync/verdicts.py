"""What Transifex has to hear of texts and decisions of ours, given what it holds now: pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from service.catalog.models import OutboxKind, RejectReason, State

MAX_MESSAGE = 4000
"""Where an issue's message is cut; Transifex documents no limit."""

_SHOWN = 500


@dataclass(frozen=True, slots=True)
class Due:
    """One (unit, locale) that Transifex may have to hear about, as it stands here.

    Attributes:
        translation_id: our row.
        place: Transifex's id of the translation.
        key: the unit's canonical key.
        text: our text, normalised; ``text_hash`` is its hash.
        last_theirs: hash of the text that stood there at the last sync, "" for none, None where nobody knows.
        chosen: whether a person here chose our text over the one that stood there.
        mark: whether the text is to be marked as reviewed there; None to leave the mark alone.
        approved: whether our text is approved.
        fill: whether, for all we know, there is no text there, and nobody took one away.
    """

    translation_id: int
    place: str
    key: str
    text: str
    text_hash: str
    last_theirs: str | None
    chosen: bool = False
    mark: bool | None = None
    approved: bool = False
    fill: bool = False


@dataclass(frozen=True, slots=True)
class TheirText:
    """What Transifex holds: the hash of the text, "" for none; ``plural`` where it reads it as plural forms."""

    hash: str
    reviewed: bool = False
    plural: bool = False


class Verdict(StrEnum):
    """What becomes of one that is due. ``settled``: Transifex holds it already; ``dropped``: it is pointless now."""

    SEND = "send"
    SETTLED = "settled"
    WAIT = "wait"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class SendStep:
    """What to do about one (unit, locale): send its text, set or clear its mark, or say why not."""

    due: Due
    verdict: Verdict
    strings: bool = False
    reviewed: bool | None = None
    reason: str = ""


def plan_sending(due: Iterable[Due], there: Mapping[str, TheirText]) -> list[SendStep]:
    """Return what to do about each, given what Transifex holds by the translations' ids.

    Our text goes where there is none, and over a text that we know from the last sync, if a person chose or approved
    ours. Over a text that nobody here has seen nothing goes: the next pull brings it, and a person decides.
    """
    found: dict[str, SendStep] = {}
    for each in due:
        # Two units that Transifex cannot tell apart have one place there: it is the first one's.
        found.setdefault(each.place, _judge(each, there.get(each.place)))
    return list(found.values())


def _judge(due: Due, theirs: TheirText | None) -> SendStep:
    if theirs is None:
        return SendStep(due, Verdict.WAIT, reason="The string is not on Transifex any more: push the source first.")
    if theirs.plural:
        return SendStep(due, Verdict.WAIT, reason="Transifex reads this text as plural forms.")
    if theirs.hash == due.text_hash:
        mark = None if due.mark in (None, theirs.reviewed) else due.mark
        return SendStep(due, Verdict.SETTLED if mark is None else Verdict.SEND, reviewed=mark)
    if due.mark is False and not due.chosen:
        return SendStep(due, Verdict.DROPPED, reason="The rejected text does not stand on Transifex.")
    if _may_overwrite(due, theirs.hash):
        # A new text takes the mark away, unless the mark is sent with it; a mark that is to go is gone by that.
        reviewed = True if due.approved and due.mark is not False else None
        return SendStep(due, Verdict.SEND, strings=True, reviewed=reviewed)
    if not due.chosen and due.mark is None:
        return SendStep(due, Verdict.DROPPED)
    return SendStep(due, Verdict.WAIT, reason="Another text stands there that was not pulled yet: pull first.")


def _may_overwrite(due: Due, theirs: str) -> bool:
    if not theirs:
        # Else a person emptied it there, which is for the next pull to tell.
        return due.chosen or due.fill
    return theirs == due.last_theirs and (due.chosen or due.mark is True)


def judge_row(
    kind: OutboxKind, *, row_hashes: tuple[str, str], source_hash: str, text_hash: str | None, state: State
) -> str:
    """Return why a row about a text or its mark is pointless by now, "" while it still holds.

    Args:
        kind: what the row asks for.
        row_hashes: the source text and the text that it is about.
        source_hash: the current source text.
        text_hash: our current text, None for none.
        state: the current state of the pair.
    """
    if row_hashes[1] != text_hash:
        return "Our text is another by now."
    if row_hashes[0] != source_hash:
        return "The source text is another by now."
    if kind is OutboxKind.REVIEWED and state is not State.APPROVED:
        return "The text is not approved any more."
    if kind is OutboxKind.UNREVIEWED and state is not State.REJECTED:
        return "The text is not rejected any more."
    return ""


_SENTENCES = {
    RejectReason.MEANING: "it does not mean what the source text means.",
    RejectReason.TONE: "its tone does not fit the people who will read it.",
    RejectReason.DIALECT: "it is not in the dialect or the variety of the language that is spoken there.",
    RejectReason.TERM: "it does not use the agreed term.",
    RejectReason.TYPO: "it has a typing or spelling mistake.",
    RejectReason.SAFETY: "its wording could put somebody at risk.",
}


def say_rejection(reason: RejectReason, comment: str, text: str) -> str:
    """Return what the volunteer reads of a rejection: the text, the reason, and the reviewer's comment; never a name.

    Args:
        reason: one of the six.
        comment: the reviewer's own words, "" for none.
        text: the text that was rejected.
    """
    shown = text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
    said = f"A reviewer rejected the translation “{shown}”: {_SENTENCES[reason]}"
    if comment.strip():
        said += f"\n\n{comment.strip()}"
    return said if len(said) <= MAX_MESSAGE else f"{said[: MAX_MESSAGE - 1]}…"
