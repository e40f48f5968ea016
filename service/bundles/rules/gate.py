"""The gate: whether a text ships in a bundle, and if not, why not and what would mend it. Pure.

Every unit of a deployment comes out in one of three ways: it *ships*, it is *left out* with its reasons, or it is *not
in scope* (retired, excluded, do-not-translate), which is counted but is nothing that anybody has to mend.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from extractors.texts import is_blank
from service.catalog.models import State
from service.catalog.rules.carrier import Carrier


class Policy(StrEnum):
    """Which texts a bundle takes.

    ``approved``: exactly what is approved. ``preview``: every text that stands, whatever its state, for trying out.
    ``signed-off``: what is approved, covered by a valid sign-off of the language.
    """

    APPROVED = "approved"
    PREVIEW = "preview"
    SIGNED_OFF = "signed-off"


class Reason(StrEnum):
    """Why a text in scope is left out, in the order in which people have to mend it."""

    UNTRANSLATED = "untranslated"
    BLANK = "blank"
    IN_CONFLICT = "in-conflict"
    BLOCKED = "blocked"
    NOT_APPROVED = "not-approved"
    NOT_SIGNED_OFF = "not-signed-off"
    REFUSED_BY_PRIMERO = "refused-by-primero"
    RENAMES_OPTIONS = "renames-options"
    NO_CARRIER = "no-carrier"
    PARTIAL_OPTIONS = "partial-options"


UNREADY = frozenset(
    {
        Reason.UNTRANSLATED,
        Reason.BLANK,
        Reason.IN_CONFLICT,
        Reason.BLOCKED,
        Reason.NOT_APPROVED,
        Reason.NOT_SIGNED_OFF,
    }
)
"""Reasons that people who translate and review can mend."""


class Outside(StrEnum):
    """Why a unit is not in scope."""

    RETIRED = "retired"
    EXCLUDED = "excluded"
    DO_NOT_TRANSLATE = "do-not-translate"


@dataclass(frozen=True, slots=True)
class Trap:
    """What Primero's importer would do wrong with a unit, whatever its text. ``mend`` is one sentence."""

    reason: Reason
    mend: str


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """What the gate looks at for one (unit, locale).

    Attributes:
        key: the unit's canonical key.
        in_use: whether the unit is in the current snapshot.
        excluded: whether the rules of scope leave it out.
        do_not_translate: whether it is marked so.
        state: the state of the pair.
        text: the normalised translation, None where there is none.
        blocking: ids of the checks whose blocking findings are not waived.
        in_conflict: whether both sides changed and nobody has chosen yet.
        carrier: by which way Primero can be given the unit.
        approvals: how many approvals stand, of the ``approvals_needed``.
        trap: what the importer would do wrong with this unit, None for nothing.
        signed_off: whether the sign-off that counts covers exactly this pair of texts.
        option_set: the set that the unit is an option of, None for other texts.
    """

    key: str
    in_use: bool = True
    excluded: bool = False
    do_not_translate: bool = False
    state: State = State.UNTRANSLATED
    text: str | None = None
    blocking: frozenset[str] = frozenset()
    in_conflict: bool = False
    carrier: Carrier = Carrier.BOTH
    approvals: int = 0
    approvals_needed: int = 1
    trap: Trap | None = None
    signed_off: bool = False
    option_set: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate says of one text.

    Attributes:
        outside: why the unit is not in scope, None where it is.
        reasons: every reason that keeps it out, the one to mend first in front; empty where it ships.
        mend: the way to mend the first reason, in one sentence; "" where there is none.
    """

    outside: Outside | None = None
    reasons: tuple[Reason, ...] = ()
    mend: str = ""

    @property
    def ships(self) -> bool:
        """Return whether the text goes into the bundle."""
        return self.outside is None and not self.reasons


def judge(facts: UnitFacts, policy: Policy) -> Verdict:
    """Return what becomes of one text under a policy."""
    outside = _outside(facts)
    if outside is not None:
        return Verdict(outside)
    reasons = (*_reasons_of_text(facts, policy), *_reasons_of_unit(facts))
    return Verdict(None, reasons, _mend(facts, reasons[0]) if reasons else "")


def judge_all(
    all_facts: Sequence[UnitFacts], policy: Policy, *, partial_options: bool = False, there: Collection[str] = ()
) -> list[Verdict]:
    """Return what becomes of each text, option sets looked at as a whole.

    A set of which only a part is ready is left out whole, because a question whose answers stand in two languages is
    worse than one in English: ready is what may ship, and what has a text on the target already.

    Args:
        all_facts: every unit of the deployment.
        policy: which texts are taken. A preview ships whatever stands, parts of sets too.
        partial_options: ship parts of sets all the same.
        there: keys of the units that have a text on the target.
    """
    verdicts = [judge(facts, policy) for facts in all_facts]
    if partial_options or policy is Policy.PREVIEW:
        return verdicts
    ready: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for facts, verdict in zip(all_facts, verdicts, strict=True):
        if facts.option_set is not None and verdict.outside is None:
            total[facts.option_set] += 1
            # What nothing can carry is no fault of the texts: it keeps no others back.
            ready[facts.option_set] += facts.key in there or not UNREADY.intersection(verdict.reasons)
    return [
        _hold_back(verdict, ready[facts.option_set], total[facts.option_set])
        if facts.option_set is not None and ready[facts.option_set] < total[facts.option_set]
        else verdict
        for facts, verdict in zip(all_facts, verdicts, strict=True)
    ]


def _hold_back(verdict: Verdict, ready: int, total: int) -> Verdict:
    if not verdict.ships:
        return verdict
    mend = (
        f"Only {ready:,} of the {total:,} options of its set are ready: have the others approved, or allow parts of "
        "option sets (--partial-options)."
    )
    return Verdict(None, (Reason.PARTIAL_OPTIONS,), mend)


def _outside(facts: UnitFacts) -> Outside | None:
    if not facts.in_use:
        return Outside.RETIRED
    if facts.excluded:
        return Outside.EXCLUDED
    return Outside.DO_NOT_TRANSLATE if facts.do_not_translate else None


def _reasons_of_text(facts: UnitFacts, policy: Policy) -> Iterator[Reason]:
    if facts.text is None:
        # Nothing more can be said of a text that is not there.
        yield Reason.UNTRANSLATED
        return
    if is_blank(facts.text):
        yield Reason.BLANK
    if facts.in_conflict:
        yield Reason.IN_CONFLICT
    if facts.blocking:
        yield Reason.BLOCKED
    if policy is not Policy.PREVIEW and facts.state is not State.APPROVED:
        yield Reason.NOT_APPROVED
    elif policy is Policy.SIGNED_OFF and not facts.signed_off:
        yield Reason.NOT_SIGNED_OFF


def _reasons_of_unit(facts: UnitFacts) -> Iterator[Reason]:
    if facts.trap is not None:
        yield facts.trap.reason
    if facts.carrier is Carrier.NONE:
        yield Reason.NO_CARRIER


_MENDS = {
    Reason.UNTRANSLATED: "There is no text yet: have it translated on Transifex, or import a translation.",
    Reason.BLANK: "The text is nothing but blanks: have it translated on Transifex, or correct it.",
    Reason.NOT_SIGNED_OFF: "It is approved, but no sign-off that counts covers it: have the language signed off again.",
    Reason.IN_CONFLICT: "Transifex and this service hold different texts: choose one of them, then have it approved.",
    Reason.NO_CARRIER: (
        "Neither a translation file nor Primero's API can carry it without damage: take the tags off its option set "
        "in Primero if nobody needs them, then import the source again."
    ),
}

_APPROVALS = {
    State.STALE: "The English changed since it was written: approve it as it is, or correct it and have that approved.",
    State.REJECTED: "It was rejected: have it written anew on Transifex or correct it, then have that approved.",
}


def _mend(facts: UnitFacts, reason: Reason) -> str:
    if reason is Reason.BLOCKED:
        checks = ", ".join(sorted(facts.blocking))
        return f"A blocking finding stands ({checks}): correct the text, then have the correction approved."
    if reason is Reason.NOT_APPROVED:
        needed = f"{facts.approvals} of {facts.approvals_needed}"
        waiting = f"It waits for approval ({needed} given): have a reviewer of the language look at it."
        return _APPROVALS.get(facts.state, waiting)
    if facts.trap is not None and reason is facts.trap.reason:
        return facts.trap.mend
    return _MENDS[reason]
