"""The gate, as a table: what ships, what is left out and why, what is not in scope."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.bundles.rules.gate import Outside, Policy, Reason, Trap, UnitFacts, judge
from service.catalog.models import State
from service.catalog.rules.carrier import Carrier

READY = UnitFacts("form/consent/name", state=State.APPROVED, text="Consentement", approvals=1)
TRAP = Trap(Reason.REFUSED_BY_PRIMERO, "Correct the English first.")
RENAMES = Trap(Reason.RENAMES_OPTIONS, "Change the id first.")
GONE = {"text": None, "state": State.UNTRANSLATED, "approvals": 0}


@pytest.mark.parametrize("policy", Policy)
def test_an_approved_clean_text_ships_under_every_policy(policy: Policy) -> None:
    """Nothing stands against it, so there is no reason and nothing to mend."""
    verdict = judge(READY, policy)
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
        ({"carrier": Carrier.API}, Reason.API_ONLY, "only Primero's API"),
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
    assert {row[1] for mark in marks for row in mark.args[1]} == set(Reason)


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
    facts = replace(READY, state=state)
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
        {"carrier": Carrier.API},
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
    facts = replace(READY, carrier=Carrier.API, **GONE)  # type: ignore[arg-type]
    assert judge(facts, Policy.APPROVED).reasons == (Reason.UNTRANSLATED, Reason.API_ONLY)
