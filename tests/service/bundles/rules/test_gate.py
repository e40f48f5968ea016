"""The gate, as a table: what ships, what is left out and why, what is not in scope."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.bundles.rules.gate import Outside, Policy, Reason, Trap, UnitFacts, judge, judge_all
from service.catalog.models import State
from service.catalog.rules.carrier import Carrier

READY = UnitFacts("form/consent/name", state=State.APPROVED, text="Consentement", approvals=1)
TRAP = Trap(Reason.REFUSED_BY_PRIMERO, "Correct the English first.")
RENAMES = Trap(Reason.RENAMES_OPTIONS, "Change the id first.")
GONE = {"text": None, "state": State.UNTRANSLATED, "approvals": 0}


@pytest.mark.parametrize("policy", Policy)
def test_an_approved_clean_text_ships_under_every_policy(policy: Policy) -> None:
    """Nothing stands against it, so there is no reason and nothing to mend."""
    verdict = judge(replace(READY, signed_off=True), policy)
    assert (verdict.ships, verdict.outside, verdict.reasons, verdict.mend) == (True, None, (), "")


@pytest.mark.parametrize("carrier", [Carrier.YAML, Carrier.BOTH])
def test_what_translation_files_carry_ships(carrier: Carrier) -> None:
    """It ships whether the API could carry it too or not."""
    assert judge(replace(READY, carrier=carrier), Policy.APPROVED).ships


@pytest.mark.parametrize(
    ("changes", "reason", "mend"),
    [
        (GONE, Reason.UNTRANSLATED, "have it translated on Transifex"),
        ({"text": " \u00a0"}, Reason.BLANK, "nothing but blanks"),
        ({"in_conflict": True}, Reason.IN_CONFLICT, "choose one of them"),
        ({"blocking": frozenset({"numbers", "blank"})}, Reason.BLOCKED, "(blank, numbers): correct the text"),
        ({"state": State.TRANSLATED, "approvals": 1, "approvals_needed": 2}, Reason.NOT_APPROVED, "1 of 2 given"),
        ({"state": State.STALE}, Reason.NOT_APPROVED, "The English changed"),
        ({"state": State.REJECTED}, Reason.NOT_APPROVED, "It was rejected"),
        ({"trap": TRAP}, Reason.REFUSED_BY_PRIMERO, "Correct the English first."),
        ({"trap": RENAMES}, Reason.RENAMES_OPTIONS, "Change the id first."),
        ({"carrier": Carrier.NONE}, Reason.NO_CARRIER, "take the tags off"),
    ],
)
def test_each_reason_keeps_a_text_out_by_itself(changes: dict[str, object], reason: Reason, mend: str) -> None:
    """One thing amiss is one reason, with one sentence that says how to mend it."""
    verdict = judge(replace(READY, **changes), Policy.APPROVED)  # type: ignore[arg-type]
    assert not verdict.ships
    assert verdict.outside is None
    assert verdict.reasons == (reason,)
    assert mend in verdict.mend
    assert verdict.mend.endswith(".")


def test_every_reason_is_in_the_table() -> None:
    """A reason added later gets a row above."""
    marks = test_each_reason_keeps_a_text_out_by_itself.pytestmark
    elsewhere = {Reason.NOT_SIGNED_OFF, Reason.PARTIAL_OPTIONS}
    assert {row[1] for mark in marks for row in mark.args[1]} == set(Reason) - elsewhere


@pytest.mark.parametrize(
    ("changes", "outside"),
    [
        ({"in_use": False, "excluded": True}, Outside.RETIRED),
        ({"excluded": True, "do_not_translate": True}, Outside.EXCLUDED),
        ({"do_not_translate": True}, Outside.DO_NOT_TRANSLATE),
    ],
)
@pytest.mark.parametrize("policy", Policy)
def test_what_is_not_in_scope_never_ships_and_is_not_left_out(
    changes: dict[str, object], outside: Outside, policy: Policy
) -> None:
    """It is counted, whatever else is amiss with it, and nobody has to mend it."""
    verdict = judge(replace(READY, in_conflict=True, **changes), policy)  # type: ignore[arg-type]
    assert (verdict.ships, verdict.outside, verdict.reasons, verdict.mend) == (False, outside, (), "")


@pytest.mark.parametrize("state", [State.TRANSLATED, State.STALE, State.REJECTED, State.APPROVED])
def test_a_preview_takes_a_text_in_every_state(state: State) -> None:
    """A preview shows what stands; only an approved text ships otherwise."""
    facts = replace(READY, state=state, signed_off=True)
    assert judge(facts, Policy.PREVIEW).ships
    assert judge(facts, Policy.APPROVED).ships is (state is State.APPROVED)
    assert judge(facts, Policy.SIGNED_OFF).ships is (state is State.APPROVED)


@pytest.mark.parametrize(
    "changes",
    [
        GONE,
        {"text": "\t"},
        {"in_conflict": True},
        {"blocking": frozenset({"blank"})},
        {"trap": TRAP},
        {"carrier": Carrier.NONE},
    ],
)
def test_a_preview_leaves_out_what_would_do_harm(changes: dict[str, object]) -> None:
    """Blank, blocked, conflicting and undeliverable texts are left out of a preview too."""
    assert not judge(replace(READY, **changes), Policy.PREVIEW).ships  # type: ignore[arg-type]


def test_the_reason_to_mend_first_stands_first() -> None:
    """A conflict is resolved before the text is corrected, and that before it is approved."""
    facts = replace(
        READY,
        state=State.TRANSLATED,
        in_conflict=True,
        blocking=frozenset({"numbers"}),
        carrier=Carrier.NONE,
        trap=RENAMES,
    )
    verdict = judge(facts, Policy.APPROVED)
    assert verdict.reasons == (
        Reason.IN_CONFLICT, Reason.BLOCKED, Reason.NOT_APPROVED, Reason.RENAMES_OPTIONS, Reason.NO_CARRIER,
    )  # fmt: skip
    assert "choose one" in verdict.mend


def test_a_missing_text_has_no_other_faults_of_a_text() -> None:
    """It is untranslated, not also unapproved; that nothing can carry it is said all the same."""
    facts = replace(READY, carrier=Carrier.NONE, **GONE)  # type: ignore[arg-type]
    assert judge(facts, Policy.APPROVED).reasons == (Reason.UNTRANSLATED, Reason.NO_CARRIER)


def test_what_only_the_api_carries_ships() -> None:
    """No translation file can hold it, but a bundle can."""
    assert judge(replace(READY, carrier=Carrier.API), Policy.APPROVED).ships


def test_a_signed_off_bundle_takes_what_is_covered_alone() -> None:
    """Approved is not enough under that policy; and what is not approved is not said to lack a signature."""
    verdict = judge(READY, Policy.SIGNED_OFF)
    assert verdict.reasons == (Reason.NOT_SIGNED_OFF,)
    assert "signed off again" in verdict.mend
    unapproved = judge(replace(READY, state=State.TRANSLATED), Policy.SIGNED_OFF)
    assert unapproved.reasons == (Reason.NOT_APPROVED,)


def _options(*changes: dict[str, object]) -> list[UnitFacts]:
    return [
        replace(READY, key=f"lookup/camp/lookup_values/{number}", option_set="lookup/camp/lookup_values", **change)  # type: ignore[arg-type]
        for number, change in enumerate(changes)
    ]


def test_a_set_of_which_a_part_is_ready_is_left_out_whole() -> None:
    """A question whose answers stand in two languages is worse than one in English; other texts ship."""
    facts = [*_options({}, {"state": State.TRANSLATED}, {}), READY]
    verdicts = judge_all(facts, Policy.APPROVED)
    assert [verdict.reasons for verdict in verdicts] == [
        (Reason.PARTIAL_OPTIONS,), (Reason.NOT_APPROVED,), (Reason.PARTIAL_OPTIONS,), (),
    ]  # fmt: skip
    assert "Only 2 of the 3 options" in verdicts[0].mend


def test_parts_of_sets_ship_where_somebody_allows_it_and_in_previews() -> None:
    """The one is a choice, the other shows what stands."""
    facts = _options({}, {"state": State.TRANSLATED})
    assert judge_all(facts, Policy.APPROVED, partial_options=True)[0].ships
    assert [verdict.ships for verdict in judge_all(facts, Policy.PREVIEW)] == [True, True]
    facts = _options({}, GONE)
    assert [verdict.ships for verdict in judge_all(facts, Policy.PREVIEW)] == [True, False]


def test_an_option_that_stands_on_the_target_makes_its_set_whole() -> None:
    """It is in the language already, whoever wrote it."""
    facts = _options({}, GONE)
    assert judge_all(facts, Policy.APPROVED, there={facts[1].key})[0].ships
    assert not judge_all(facts, Policy.APPROVED, there={facts[0].key})[0].ships


@pytest.mark.parametrize(
    "change", [{"carrier": Carrier.NONE}, {"excluded": True}, {"do_not_translate": True}, {"in_use": False}]
)
def test_options_that_nobody_waits_for_keep_no_others_back(change: dict[str, object]) -> None:
    """Out of scope, or approved and not deliverable: the rest of the set ships."""
    assert judge_all(_options({}, change), Policy.APPROVED)[0].ships
