"""Applies and rollbacks that are killed come to the end that an undisturbed one has."""

from __future__ import annotations

import pytest

from tools.kill_applies import main


@pytest.mark.slow
def test_an_apply_that_is_killed_ends_as_if_nobody_had_died(capsys: pytest.CaptureFixture[str]) -> None:
    """Killed by a real signal before, in the middle of and after requests, and given again until it ends."""
    assert main(["--kills", "2", "--seed", "20261128", "--forms", "2"]) == 0
    assert "the same end" in capsys.readouterr().out
