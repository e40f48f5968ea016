"""Applies and rollbacks that are killed come to the end that an undisturbed one has, and a difference would be seen."""

from __future__ import annotations

import pytest

from tools.kill_applies import Stage, main


@pytest.mark.slow
def test_an_apply_that_is_killed_ends_as_if_nobody_had_died() -> None:
    """Killed by a real signal before, in the middle of and after requests and at any moment, and given again."""
    said: list[str] = []
    assert main(["--kills", "8", "--seed", "20261128", "--forms", "2"], said.append) == 0, said
    assert sum(line.startswith("kill ") for line in said) == 8
    assert said[-1].endswith("the same end")


@pytest.mark.slow
def test_another_end_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """One text that is another after a kill ends it with the place and exit code 1."""
    there, calls = Stage.there, []

    def other(stage: Stage) -> str:
        calls.append(stage)
        # Before, after the undisturbed apply, after its rollback; then the first end that is compared.
        return there(stage) + ("\n another" if len(calls) == 4 else "")

    monkeypatch.setattr(Stage, "there", other)
    said: list[str] = []
    assert main(["--kills", "1", "--seed", "1", "--forms", "1"], said.append) == 1
    assert "+ another" in said
    assert said[-1].endswith("DIFFERENT ends")
