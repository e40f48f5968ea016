"""The state of a (unit, locale): each sentence of the rule, and the rule against a second telling of it."""

from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.catalog.models import DecisionException, DecisionKind, State
from service.catalog.rules.state import PastDecision, Standing, derive_standing, remaining_decisions

APPROVE, REJECT, REOPEN = DecisionKind.APPROVE, DecisionKind.REJECT, DecisionKind.REOPEN
LONE, BASELINE = DecisionException.LONE_REVIEWER, DecisionException.BASELINE


@dataclass(frozen=True)
class Facts:
    """What the state is made of; the defaults are a current text of a volunteer."""

    decisions: tuple[PastDecision, ...] = ()
    source_hash: str = "s2"
    text_hash: str | None = "t1"
    written_on: str | None = "s2"
    author: str | None = "volunteer"
    sensitive: bool = False

    def standing(self) -> Standing:
        return derive_standing(
            source_hash=self.source_hash,
            text_hash=self.text_hash,
            written_on=self.written_on,
            author=self.author,
            sensitive=self.sensitive,
            decisions=self.decisions,
        )

    @property
    def state(self) -> State:
        return self.standing().state


def approve(number: int, person: str, **values: object) -> PastDecision:
    return replace(PastDecision(number, APPROVE, person), **values)


def reject(number: int, person: str = "reem") -> PastDecision:
    return PastDecision(number, REJECT, person)


def reopen(number: int, of: int, person: str = "reem") -> PastDecision:
    return PastDecision(number, REOPEN, person, reopens=of)


# --- the sentences -------------------------------------------------------------------------------------------------


def test_untranslated_no_text() -> None:
    """`untranslated`: there is no text, whatever was decided."""
    assert Facts(text_hash=None, written_on=None, author=None).state is State.UNTRANSLATED
    assert Facts((approve(1, "reem"),), text_hash=None).state is State.UNTRANSLATED


def test_rejected_a_reject_stands() -> None:
    """`rejected`: a reject stands."""
    standing = Facts((reject(7),)).standing()
    assert (standing.state, standing.rejection, standing.approvers) == (State.REJECTED, 7, ())


def test_approved_one_approval_of_another_person() -> None:
    """`approved`: one standing approval of somebody who is not the author is what an ordinary unit needs."""
    standing = Facts((approve(1, "reem"),)).standing()
    assert (standing.state, standing.approvers, standing.needed) == (State.APPROVED, ("reem",), 1)


def test_stale_no_decision_stands_and_the_source_moved_on() -> None:
    """`stale`: no decision stands, and the source text it was last written on is not the current one."""
    assert Facts(written_on="s1").state is State.STALE


def test_a_stale_text_may_be_approved_as_it_is() -> None:
    """A stale text that is approved on the new pair is approved; a standing rejection makes it rejected."""
    assert Facts((approve(1, "reem"),), written_on="s1").state is State.APPROVED
    assert Facts((reject(1),), written_on="s1").state is State.REJECTED


def test_stale_only_if_no_decision_stands() -> None:
    """One of two needed approvals on the new pair is a standing decision: the text is translated, not stale."""
    standing = Facts((approve(1, "reem"),), written_on="s1", sensitive=True).standing()
    assert (standing.state, len(standing.approvers), standing.needed) == (State.TRANSLATED, 1, 2)


def test_translated_otherwise() -> None:
    """`translated`: everything else; also where nobody knows what source the text was written on."""
    assert Facts().state is State.TRANSLATED
    assert Facts(written_on=None).state is State.TRANSLATED


def test_a_reject_drops_the_approvals_before_it() -> None:
    """After approve, reject, reopen of the reject counts the approval again; without the reopen it is rejected."""
    assert Facts((approve(1, "reem"), reject(2))).state is State.REJECTED
    assert Facts((approve(1, "reem"), reject(2), reopen(3, 2))).state is State.APPROVED


def test_approvals_dropped_by_a_reject_do_not_come_back_with_the_next_approval() -> None:
    """On a sensitive unit, an approval before a reject does not count beside the one after it."""
    standing = Facts((approve(1, "reem"), reject(2), approve(3, "omar")), sensitive=True).standing()
    assert (standing.state, standing.approvers) == (State.TRANSLATED, ("omar",))


def test_an_approve_ends_the_reject_before_it() -> None:
    """An approval after a rejection makes the text approved."""
    assert Facts((reject(1), approve(2, "omar"))).state is State.APPROVED


def test_a_reopen_counts_the_decision_as_never_made() -> None:
    """Reopening an approval brings the text back to waiting, and to stale where the source has moved on."""
    decisions = (approve(1, "reem"), reopen(2, 1))
    assert Facts(decisions).state is State.TRANSLATED
    assert Facts(decisions, written_on="s1").state is State.STALE


def test_the_author_never_counts() -> None:
    """An author's own approval leaves the text waiting."""
    assert Facts((approve(1, "volunteer"),)).state is State.TRANSLATED


def test_the_unknown_author_is_nobody() -> None:
    """A text whose author nobody knows may be approved by any reviewer."""
    assert Facts((approve(1, "reem"),), author=None).state is State.APPROVED


def test_a_lone_reviewers_approval_counts_as_a_recorded_exception() -> None:
    """An own approval with the exception counts on an ordinary unit, and says what it leans on."""
    standing = Facts((approve(1, "volunteer", exception=LONE),)).standing()
    assert (standing.state, standing.exceptions) == (State.APPROVED, {LONE})


def test_an_ordinary_approval_beside_an_exception_makes_the_exception_unneeded() -> None:
    """The exceptions shown are those the approval leans on."""
    assert Facts((approve(1, "reem", exception=BASELINE),)).standing().exceptions == {BASELINE}
    both = Facts((approve(1, "reem", exception=BASELINE), approve(2, "omar")))
    assert both.standing().exceptions == frozenset()


def test_sensitive_units_need_two_standing_approvals_by_two_different_persons_neither_its_author() -> None:
    """One is `translated, 1 of 2`; the same person twice is one; the author is none; two others approve."""
    one = Facts((approve(1, "reem"),), sensitive=True).standing()
    assert (one.state, one.approvers, one.needed) == (State.TRANSLATED, ("reem",), 2)
    assert Facts((approve(1, "reem"), approve(2, "reem")), sensitive=True).state is State.TRANSLATED
    assert Facts((approve(1, "reem"), approve(2, "volunteer")), sensitive=True).state is State.TRANSLATED
    two = Facts((approve(1, "reem"), approve(2, "omar")), sensitive=True).standing()
    assert (two.state, two.approvers) == (State.APPROVED, ("reem", "omar"))


@pytest.mark.parametrize("never", [{"exception": LONE}, {"exception": BASELINE}, {"bulk": True}])
def test_bulk_baseline_and_lone_reviewer_exceptions_never_count_on_sensitive_units(never: dict[str, object]) -> None:
    """Made before the unit became sensitive, they stand, but are not one of the two."""
    beside = Facts((approve(1, "omar", **never), approve(2, "reem")), sensitive=True)
    assert (beside.state, beside.standing().approvers) == (State.TRANSLATED, ("reem",))
    assert Facts((approve(1, "omar", **never),)).state is State.APPROVED


def test_a_newly_sensitive_unit_needs_two_at_once() -> None:
    """The one approval that was enough is not, from the moment the tag is there."""
    decisions = (approve(1, "reem"),)
    assert Facts(decisions).state is State.APPROVED
    assert Facts(decisions, sensitive=True).state is State.TRANSLATED


def test_an_approval_made_while_it_was_sensitive_keeps_needing_the_second_after_the_tag_is_gone() -> None:
    """Taking the tag away is no way around the second person; a new pair of eyes is."""
    first = approve(1, "reem", sensitive=True)
    assert Facts((first,)).standing().needed == 2
    assert Facts((first,)).state is State.TRANSLATED
    assert Facts((first, approve(2, "omar"))).state is State.APPROVED
    assert Facts((first, reopen(2, 1), approve(3, "omar"))).state is State.APPROVED


def test_decisions_count_in_the_order_they_were_made() -> None:
    """They may be handed over in any order."""
    decisions = (approve(1, "reem"), reject(2), approve(3, "omar"))
    assert Facts(decisions[::-1]).standing() == Facts(decisions).standing()


# --- the rule, told a second time ----------------------------------------------------------------------------------

PEOPLE = ("volunteer", "reem", "omar", "lina")


@st.composite
def histories(draw: st.DrawFn) -> tuple[PastDecision, ...]:
    """Return decisions as they can happen: a reopen names an earlier approve or reject, each at most once."""
    made: list[PastDecision] = []
    for number in range(1, draw(st.integers(0, 8)) + 1):
        open_ones = [d.id for d in made if d.kind is not REOPEN and d.id not in {other.reopens for other in made}]
        kind = draw(st.sampled_from([APPROVE, APPROVE, REJECT, *([REOPEN] if open_ones else [])]))
        person = draw(st.sampled_from(PEOPLE))
        approving = kind is APPROVE
        made.append(
            PastDecision(
                number,
                kind,
                person,
                reopens=draw(st.sampled_from(open_ones)) if kind is REOPEN else None,
                exception=draw(st.sampled_from([None, None, LONE, BASELINE])) if approving else None,
                sensitive=draw(st.booleans()),
                bulk=draw(st.booleans()) if approving else False,
            )
        )
    return tuple(made)


FACTS = st.builds(
    Facts,
    decisions=histories(),
    text_hash=st.sampled_from(["t1", "t1", "t1", None]),
    written_on=st.sampled_from(["s1", "s2", None]),
    author=st.sampled_from([None, *PEOPLE]),
    sensitive=st.booleans(),
)


def told_again(facts: Facts) -> State:
    """Tell the rule backwards: from the last word on, ask of each decision whether anything still speaks for it."""
    if facts.text_hash is None:
        return State.UNTRANSLATED
    undone = [d.reopens for d in facts.decisions if d.kind is REOPEN]
    words = [d for d in sorted(facts.decisions, key=lambda d: -d.id) if d.kind is not REOPEN and d.id not in undone]
    if words and words[0].kind is REJECT:
        return State.REJECTED
    standing = []
    for decision in words:
        if decision.kind is REJECT:
            break
        standing.append(decision)
    strict = facts.sensitive or any(decision.sensitive for decision in standing)
    people = set()
    for decision in standing:
        own, excused = decision.person == facts.author, decision.exception is not None
        if strict and (own or excused or decision.bulk):
            continue
        if own and not excused:
            continue
        people.add(decision.person)
    if len(people) >= (2 if strict else 1):
        return State.APPROVED
    if not standing and facts.written_on == "s1":
        return State.STALE
    return State.TRANSLATED


@given(FACTS)
def test_the_state_is_what_the_rule_says(facts: Facts) -> None:
    """Every history gives the state that an independent telling of the rule gives."""
    assert facts.state is told_again(facts)


@given(FACTS, st.randoms())
def test_the_state_does_not_depend_on_the_order_in_which_decisions_are_read(facts: Facts, random: object) -> None:
    """Only the order in which they were made counts."""
    shuffled = list(facts.decisions)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert replace(facts, decisions=tuple(shuffled)).standing() == facts.standing()


@given(FACTS)
def test_independent_approvals_may_come_in_either_order(facts: Facts) -> None:
    """Swapping two approvals that follow each other changes no state."""
    ordered = list(facts.decisions)
    for place in range(len(ordered) - 1):
        first, second = ordered[place], ordered[place + 1]
        named = {d.reopens for d in ordered}
        if first.kind is second.kind is APPROVE and first.id not in named and second.id not in named:
            swapped = [*ordered]
            swapped[place], swapped[place + 1] = replace(second, id=first.id), replace(first, id=second.id)
            assert replace(facts, decisions=tuple(swapped)).state is facts.state


@given(FACTS)
def test_a_reopened_decision_is_as_if_never_made(facts: Facts) -> None:
    """Leaving out each reopen together with what it names changes nothing."""
    undone = {d.reopens for d in facts.decisions if d.kind is REOPEN}
    without = tuple(d for d in facts.decisions if d.kind is not REOPEN and d.id not in undone)
    assert replace(facts, decisions=without).standing() == facts.standing()
    assert remaining_decisions(facts.decisions) == list(without)


@given(FACTS)
def test_never_approved_with_a_standing_reject(facts: Facts) -> None:
    """Where the last remaining word is a rejection, nothing is approved, and the rejection is named."""
    remaining = remaining_decisions(facts.decisions)
    standing = facts.standing()
    if facts.text_hash is not None and remaining and remaining[-1].kind is REJECT:
        assert standing.state is State.REJECTED
        assert standing.rejection == remaining[-1].id
    else:
        assert standing.rejection is None


@given(FACTS)
def test_approved_always_has_somebody_else_or_an_exception(facts: Facts) -> None:
    """An approved text has approvers that are not its author, or leans on a recorded exception."""
    standing = facts.standing()
    if standing.state is State.APPROVED:
        assert len(set(standing.approvers)) == len(standing.approvers) >= standing.needed
        assert standing.exceptions or set(standing.approvers) - {facts.author}
        if facts.sensitive:
            assert not standing.exceptions
            assert facts.author not in standing.approvers
            assert len(standing.approvers) >= 2


@given(FACTS)
def test_making_a_unit_sensitive_never_approves_anything(facts: Facts) -> None:
    """With the tag, fewer texts are approved, never more."""
    if replace(facts, sensitive=True).state is State.APPROVED:
        assert replace(facts, sensitive=False).state is State.APPROVED
