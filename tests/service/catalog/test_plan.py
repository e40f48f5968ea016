"""What an import of a source would do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.units import Unit, UnitKey
from service.catalog.plan import ChangedUnit, KnownUnit, SourcePlan, count_record_types, plan_source
from service.catalog.rules.drift import MovedUnit
from tests.support.catalogs import make_catalog


def key(number: int) -> str:
    return f"form/f/field{number}/display_name"


def plan(known: dict[str, str], incoming: dict[str, str], *, retired: tuple[str, ...] = ()) -> SourcePlan:
    """Plan with texts as their own hashes."""
    return plan_source(
        [KnownUnit(name, text, text, name in retired) for name, text in known.items()],
        [(Unit(UnitKey.parse(name), text), text) for name, text in incoming.items()],
        old_types={"case": 1},
        new_types={"case": 1},
    )


def test_the_first_import_adds_everything_and_nothing_objects() -> None:
    """Where nothing was, nothing can be lost, and no record type is new."""
    unit = Unit(UnitKey.parse(key(1)), "One")
    planned = plan_source([], [(unit, "h")], old_types={}, new_types={"case": 1})
    assert planned == SourcePlan(added=(key(1),))


def test_each_unit_is_added_changed_unchanged_retired_or_revived() -> None:
    """The five things that can happen to a unit, in the order of the source."""
    known = {key(number): "old" for number in range(1, 31)}
    incoming = {**known, key(2): "new", key(99): "more"}
    del incoming[key(3)]
    planned = plan(known, incoming, retired=(key(4),))
    assert planned.added == (key(99),)
    assert planned.changed == (ChangedUnit(key(2), "old", "new"),)
    assert planned.retired == (key(3),)
    assert planned.revived == (key(4),)
    assert planned.counts() == {"added": 1, "changed": 1, "unchanged": 27, "retired": 1, "revived": 1}
    assert planned.objections == ()


def test_a_unit_may_come_back_with_another_text() -> None:
    """It is revived, and its source changed."""
    planned = plan({key(1): "old"}, {key(1): "new"}, retired=(key(1),))
    assert (planned.revived, planned.changed) == ((key(1),), (ChangedUnit(key(1), "old", "new"),))


def test_retired_units_stay_retired_without_being_counted_again() -> None:
    """Only units in use are retired, and only they are the whole of which ten per cent may go."""
    known = {key(number): "x" for number in range(20)}
    out_of_use = tuple(key(number) for number in range(10, 20))
    planned = plan(known, {key(number): "x" for number in range(9)}, retired=out_of_use)
    assert planned.retired == (key(9),)
    assert planned.objections == ()


@pytest.mark.parametrize("in_use", [1, 9, 10, 19, 20, 30, 70, 99, 100, 101, 110, 1000, 1001])
def test_an_import_may_retire_ten_per_cent_of_the_units_in_use_and_not_one_more(in_use: int) -> None:
    """At exactly a tenth it goes on; one more, and it stops with a sentence that says how many."""
    known = {key(number): "x" for number in range(in_use)}
    allowed = in_use // 10
    assert plan(known, dict(list(known.items())[allowed:])).objections == ()
    too_many = plan(known, dict(list(known.items())[allowed + 1 :]))
    assert too_many.objections == (f"it would retire {allowed + 1} of the {in_use} units in use, more than 10%",)


def test_other_record_types_are_objected_to() -> None:
    """A source of another module or another instance has other record types: it is most likely the wrong file."""
    planned = plan_source([], [], old_types={"case": 3, "lookup": 1}, new_types={"incident": 3, "lookup": 1})
    assert planned.objections == (
        "it has no records of the type case any more",
        "it has records of a type that was not there before: incident",
    )


def test_first_lookups_are_not_objected_to() -> None:
    """A source that had forms alone may bring lookups; one that had lookups and has none any more is objected to."""
    assert plan_source([], [], old_types={"case": 3}, new_types={"case": 3, "lookup": 1}).objections == ()
    gone = plan_source([], [], old_types={"case": 3, "lookup": 1}, new_types={"case": 3}).objections
    assert gone == ("it has no records of the type lookup any more",)


def test_record_types_are_counted_by_form_and_lookups_as_one() -> None:
    """Forms whose type nobody knows (a YAML source) count for nothing."""
    catalog = make_catalog(
        {"form/a/name": "A", "form/b/name": "B", "form/c/name": "C", "lookup/l/name": "L"}, types={"c": "incident"}
    )
    assert count_record_types(catalog) == {"case": 2, "incident": 1, "lookup": 1}
    assert count_record_types(make_catalog({"form/a/name": "A"}, types={"a": ""})) == {}


TEXTS = st.dictionaries(st.integers(0, 6).map(key), st.sampled_from(["x", "y"]))


@given(TEXTS, TEXTS, st.sets(st.integers(0, 6).map(key)))
def test_a_plan_accounts_for_every_unit_once(known: dict[str, str], new: dict[str, str], retired: set[str]) -> None:
    """Every incoming unit is added, unchanged, or changed or revived; every other one in use is retired."""
    planned = plan(known, new, retired=tuple(retired))
    touched = {change.key for change in planned.changed} | set(planned.revived)
    assert sorted([*planned.added, *planned.unchanged, *touched]) == sorted(new)
    assert set(planned.retired) == set(known) - retired - set(new)


def test_a_unit_that_went_and_came_with_the_same_text_moved() -> None:
    """It is counted as retired and as added, and offered as moved; without both there is nothing to offer."""
    kept = {key(number): "x" for number in range(20)}
    planned = plan({**kept, key(98): "moved"}, {**kept, key(99): "moved"})
    assert (planned.retired, planned.added) == ((key(98),), (key(99),))
    assert planned.moved == (MovedUnit(key(98), key(99)),)
    assert plan(kept, {**kept, key(99): "x"}).moved == ()
