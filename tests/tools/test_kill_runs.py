"""Workers that are killed leave both sides as if nobody had died, and the tool that says so can see a difference."""

from __future__ import annotations

import pytest

from tools.kill_runs.__main__ import compare, run
from tools.kill_runs.play import Played


@pytest.mark.slow
def test_both_sides_end_the_same_though_workers_are_killed() -> None:
    """Six workers and runs by hand are killed at work in the story's first scenes; both sides end as if none were."""
    said: list[str] = []
    assert run(6, 20260302, scenes=5, most=3, say=said.append) == 0, said
    assert sum(line.startswith("kill ") for line in said) == 6


def test_a_different_end_is_shown_line_by_line() -> None:
    """What is missing has a minus before it, what is too much a plus."""
    assert compare(Played(["a", "b"]), Played(["b", "c"])) == ["-a", "+c"]
    assert compare(Played(["a"]), Played(["a", "a"])) == ["+a"]
    assert compare(Played(["a"]), Played(["a"])) == []
