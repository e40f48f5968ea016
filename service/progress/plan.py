"""Which reminders of deadlines are due, and who can act on them. How they travel is not decided here."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

STEPS = (14, 7, 2)
"""So many days before a deadline a reminder is due."""
NEAR = timedelta(days=max(STEPS))
"""What a reminder tells of: every deadline that is no farther away than this."""


@dataclass(frozen=True, slots=True, order=True)
class Reminder:
    """One reminder: ``step`` is the one of :data:`STEPS` that it is for; said once for each day that is set."""

    locale: str
    deadline: date
    step: int


def plan_reminders(
    deadlines: Iterable[tuple[str, date]], *, done: Collection[str], sent: Collection[Reminder], today: date
) -> list[Reminder]:
    """Return the reminders that are due today and were not sent.

    Where several steps passed unseen (the service stood still, or the deadline was set late) only the last one is due,
    and nothing is due once the day itself has passed.

    Args:
        deadlines: locale and day of each deadline.
        done: locales whose texts are all approved.
        sent: the reminders that went out already.
        today: the day, UTC.
    """
    due = []
    for locale, deadline in sorted(deadlines):
        left = (deadline - today).days
        passed = [step for step in STEPS if left <= step]
        if locale in done or left < 0 or not passed:
            continue
        reminder = Reminder(locale, deadline, min(passed))
        if reminder not in sent:
            due.append(reminder)
    return due


@dataclass(frozen=True, slots=True)
class OpenLanguage:
    """A language that is not done, with a deadline near: what waits for translators, and what for reviewers."""

    locale: str
    deadline: date
    to_translate: int
    words: int
    to_review: int


@dataclass(frozen=True, slots=True)
class Hand:
    """What a person can do: the locales they translate, those they review, and whether they see to all of them."""

    translates: frozenset[str] = frozenset()
    reviews: frozenset[str] = frozenset()
    coordinates: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """What one person is told of one language: texts to translate (with source words) and to review, 0 for none."""

    language: OpenLanguage
    translate: int = 0
    review: int = 0


def plan_shares(
    languages: Iterable[OpenLanguage], people: Mapping[str, Hand], *, due: Collection[str]
) -> dict[str, list[Share]]:
    """Return by person what the letter tells, the nearest deadline first.

    Whoever can act on one of the languages whose reminder is ``due`` is told of all that are near and that they can act
    on: nobody gets one letter for each language. Translators can act where texts are missing or rejected, reviewers
    where something waits for them, whoever coordinates always.
    """
    ordered = sorted(languages, key=lambda each: (each.deadline, each.locale))
    found: dict[str, list[Share]] = {}
    for person, hand in people.items():
        shares = [share for each in ordered if (share := _share(each, hand)) is not None]
        if any(share.language.locale in due for share in shares):
            found[person] = shares
    return found


def _share(language: OpenLanguage, hand: Hand) -> Share | None:
    translate = language.to_translate if language.locale in hand.translates or hand.coordinates else 0
    review = language.to_review if language.locale in hand.reviews or hand.coordinates else 0
    return Share(language, translate, review) if translate or review or hand.coordinates else None
