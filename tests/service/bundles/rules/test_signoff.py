"""A sign-off holds while what it covers is approved as it was signed, and revives with it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.bundles.rules.signoff import Pair, SignOffState, digest_pairs, judge_sign_off

A, B = Pair("a" * 64, "1" * 64), Pair("b" * 64, "2" * 64)


@pytest.mark.parametrize(
    ("covered", "current", "state"),
    [
        ({1: A, 2: B}, {1: A, 2: B}, SignOffState.VALID),
        ({1: A, 2: B}, {1: A, 2: B, 3: None}, SignOffState.INCOMPLETE),
        ({1: A}, {1: A, 2: B}, SignOffState.INCOMPLETE),
        ({1: A, 2: B}, {1: A, 2: None}, SignOffState.INVALID),
        ({1: A, 2: B}, {1: A, 2: A}, SignOffState.INVALID),
        ({1: A, 2: B}, {1: A, 2: None, 3: None}, SignOffState.INVALID),
        ({1: A, 2: B}, {1: A}, SignOffState.VALID),
        ({1: A}, {2: None}, SignOffState.INCOMPLETE),
    ],
    ids=[
        "as signed", "a text came", "an approved text came", "approval lost", "approved anew with another text",
        "lost and new", "one retired", "all retired, one came",
    ],
)  # fmt: skip
def test_each_state_has_its_case(
    covered: dict[int, Pair], current: dict[int, Pair | None], state: SignOffState
) -> None:
    """Retired and excluded units are not in the current ones, and do not count."""
    assert judge_sign_off(covered, current).state is state
    assert judge_sign_off(covered, current, revoked=True).state is SignOffState.REVOKED


def test_the_units_are_named() -> None:
    """Whoever looks learns which texts say so."""
    verdict = judge_sign_off({1: A, 2: B, 9: A}, {1: A, 2: None, 3: None, 4: B})
    assert (verdict.broken, verdict.uncovered) == ((2,), (3, 4))


_PAIRS = st.sampled_from([A, B])
_UNITS = st.integers(1, 6)


@given(st.dictionaries(_UNITS, _PAIRS), st.dictionaries(_UNITS, st.none() | _PAIRS))
def test_it_revives_with_what_it_covers(covered: dict[int, Pair], current: dict[int, Pair | None]) -> None:
    """Whatever happened in between, once each covered unit holds its pair again, nothing is broken."""
    returned = {unit: covered.get(unit, pair) for unit, pair in current.items()}
    verdict = judge_sign_off(covered, returned)
    assert verdict.state is (SignOffState.INCOMPLETE if set(current) - set(covered) else SignOffState.VALID)


def test_the_digest_names_the_set_whatever_its_order() -> None:
    """Each key and each hash counts."""
    pairs = [("x", A), ("y", B)]
    assert digest_pairs(pairs) == digest_pairs(pairs[::-1])
    assert len({digest_pairs(pairs), digest_pairs([("x", A)]), digest_pairs([("x", B), ("y", A)])}) == 3
