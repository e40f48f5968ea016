"""Nothing is lost and nothing is done twice when Transifex misbehaves, whatever it does and wherever it strikes."""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest

from service.db import Database
from tests.support.databases import sqlite_copy
from tests.support.faults import CASES, Cycle, Fault, without
from tests.support.people import MovableClock

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "sync-faults.md"


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> dict[bool, list[str]]:
    """What both sides hold after the cycle in which nothing goes wrong, with and without a text that was emptied."""
    ends = {}
    for empties in (True, False):
        with sqlite_copy(sqlite_template, tmp_path_factory.mktemp("undisturbed")) as database:
            ends[empties] = Cycle(database, MovableClock(), empties=empties).play()
    return ends


@pytest.mark.parametrize(("fault", "part"), CASES, ids=[f"{fault.name}, {part}" for fault, part in CASES])
def test_both_sides_end_as_if_nothing_had_been_wrong(
    database: Database, clock: MovableClock, undisturbed: dict[bool, list[str]], fault: Fault, part: str
) -> None:
    """The fault lasts at each point of that part in turn, then passes once at each; the end is the undisturbed one."""
    costs = fault.costs.get(part, ())
    empties = "emptied" not in costs
    cycle = Cycle(database, clock, fault, part, empties=empties)
    found, wanted = (without(lines, costs) for lines in (cycle.play(), undisturbed[empties]))
    assert list(difflib.unified_diff(wanted, found, n=0, lineterm="")) == []
    if not fault.whole:
        assert any(fault.says.get(part, "") in said for said in cycle.said), cycle.said
        assert cycle.struck == set(fault.points_of(part))


def _rows() -> list[list[str]]:
    lines = PAGE.read_text("utf-8").partition("| what goes wrong |")[2].partition("\n\n")[0].splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_the_table_of_the_docs_has_a_row_for_each_fault_and_part() -> None:
    """A fault that is not in the table, and a row that no test runs, fail."""
    told = [(row[0], part) for row in _rows() for part in row[1].split(", ")]
    assert sorted(told) == sorted((fault.name, part) for fault, part in CASES)


def test_the_table_of_the_docs_quotes_what_the_person_sees() -> None:
    """The words in the column of what you see are those that the run says."""
    seen = {(row[0], part): row[3] for row in _rows() for part in row[1].split(", ")}
    assert [(fault.name, part) for fault, part in CASES if fault.says.get(part, "") not in seen[fault.name, part]] == []
