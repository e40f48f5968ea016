"""What is to be announced of a locale. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from service.announcing.models import EventKind

AT_MOST_EVERY = timedelta(minutes=10)
"""Translating and approving go on for hours: one event of a kind tells of all that was done within this time."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Up to where a locale was announced."""

    translated: int
    approved: int
    sign_off: int
    release: int
    translated_at: datetime | None = None
    approved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How a locale stands: texts, those with a translation, approved ones, the last sign-off and release (0: none)."""

    texts: int
    translated: int
    approved: int
    sign_off: int = 0
    release: int = 0


@dataclass(frozen=True, slots=True)
class Event:
    """One thing to announce."""

    kind: EventKind
    number: int | None = None


def begin(standing: Standing) -> Mark:
    """Return the mark of a locale that is looked at for the first time: what was before is no news."""
    return Mark(standing.translated, standing.approved, standing.sign_off, standing.release)


def plan_events(mark: Mark, standing: Standing, now: datetime) -> tuple[list[Event], Mark]:
    """Return what is to be announced, and the mark after it.

    More texts than before are an event; fewer (a source that changed, approvals that were taken back) are none, and
    from then on count as what was before. Every sign-off and release is one of its own.
    """
    events: list[Event] = []
    if standing.translated < mark.translated:
        mark = replace(mark, translated=standing.translated)
    elif standing.translated > mark.translated and _may(mark.translated_at, now):
        events.append(Event(EventKind.TRANSLATED))
        mark = replace(mark, translated=standing.translated, translated_at=now)
    if standing.approved < mark.approved:
        mark = replace(mark, approved=standing.approved)
    elif standing.approved > mark.approved and _may(mark.approved_at, now):
        events.append(Event(EventKind.APPROVED))
        mark = replace(mark, approved=standing.approved, approved_at=now)
    events += [Event(EventKind.SIGNED_OFF, number) for number in range(mark.sign_off + 1, standing.sign_off + 1)]
    events += [Event(EventKind.RELEASED, number) for number in range(mark.release + 1, standing.release + 1)]
    last_sign_off, last_release = max(mark.sign_off, standing.sign_off), max(mark.release, standing.release)
    return events, replace(mark, sign_off=last_sign_off, release=last_release)


def _may(last: datetime | None, now: datetime) -> bool:
    return last is None or last + AT_MOST_EVERY <= now
