"""What one text adds to the counters of its form and locale: pure, so that deltas and a recount cannot disagree."""

from collections import Counter
from dataclasses import dataclass

COUNTED = (
    "units",
    "words",
    "translated",
    "translated_words",
    "stale",
    "stale_words",
    "rejected",
    "rejected_words",
    "approved",
    "approved_words",
    "waiting",
    "waiting_words",
    "blocked",
    "warned",
    "with_findings",
    "conflicts",
)
"""Every number that is kept, by the name of its column; words are source words."""

UNTRANSLATED = "untranslated"
WAITING = frozenset({"translated", "stale"})
"""States in which a text waits for a reviewer's decision."""

Numbers = Counter[str]


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """What of a unit is counted. ``in_scope``: it is to be translated; what is not counts nowhere."""

    in_scope: bool
    words: int


@dataclass(frozen=True, slots=True)
class TextFacts:
    """What of a translation is counted.

    ``state`` is the value of a state (the tables that use this module define it), ``conflict``: both sides changed, and
    a person has to choose.
    """

    state: str
    blocked: bool
    warned: bool
    conflict: bool


NO_UNIT = UnitFacts(in_scope=False, words=0)
NO_TEXT = TextFacts(UNTRANSLATED, blocked=False, warned=False, conflict=False)


def count_unit(unit: UnitFacts) -> Numbers:
    """Return what a unit adds to the counters of its form, whatever the locale."""
    return Counter({"units": 1, "words": unit.words}) if unit.in_scope else Counter()


def count_text(unit: UnitFacts, text: TextFacts) -> Numbers:
    """Return what a text adds to the counters of its form and locale. Untranslated is what nothing else counts."""
    if not unit.in_scope:
        return Counter()
    numbers: Numbers = Counter()
    if text.state != UNTRANSLATED:
        numbers[text.state] = 1
        numbers[f"{text.state}_words"] = unit.words
    if text.state in WAITING or text.conflict:
        numbers["waiting"] = 1
        numbers["waiting_words"] = unit.words
    numbers["blocked"] = int(text.blocked)
    numbers["warned"] = int(text.warned)
    numbers["with_findings"] = int(text.blocked or text.warned)
    numbers["conflicts"] = int(text.conflict)
    return numbers
