"""The benchmarks run and compare like with like; how fast they are is never asserted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.configurations import make_configuration
from benchmarks.measuring import measure


@pytest.mark.parametrize("size", [1, 7, 997])
def test_both_ways_find_every_text_of_a_configuration_of_any_size(size: int, tmp_path: Path) -> None:
    """The bridge and the peer read the same number of texts, the number that was asked for."""
    file = tmp_path / "configuration.json"
    file.write_text(json.dumps(make_configuration(size)), "utf-8")
    assert [measure(way, file).texts for way in ("extract", "walk")] == [size, size]


@pytest.mark.slow
def test_the_command_prints_a_row_for_the_smallest_size(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """`python -m benchmarks 10000` measures both ways in processes of their own and prints one row a file."""
    from benchmarks.__main__ import main

    monkeypatch.setenv("BRIDGE_TEST_CORPUS", str(tmp_path / "absent"))
    monkeypatch.setattr("sys.argv", ["benchmarks", "10000"])
    main()
    printed = capsys.readouterr()
    assert "10,000" in printed.out
    assert "set BRIDGE_TEST_CORPUS" in printed.err
