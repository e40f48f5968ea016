"""The rule for skips in CI, on small test runs of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.skips import ALLOWED, parse_allowed, unexpected
from tools.repository import ROOT

SKIPPED = (
    'import pytest\n\ndef test_skipped():\n    pytest.skip("no such thing here")\n\ndef test_passes():\n    pass\n'
)
EXPECTED_FAILURE = 'import pytest\n\n@pytest.mark.xfail(reason="later")\ndef test_fails():\n    assert False\n'
SKIPPED_MODULE = 'import pytest\n\npytest.skip("no such thing here", allow_module_level=True)\n'


def _pytest(folder: Path, code: str, **variables: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_inner.py").write_text(code, "utf-8")
    environment = {name: value for name, value in os.environ.items() if name != "CI"} | variables
    environment["PYTHONPATH"] = str(ROOT)
    command = [sys.executable, "-m", "pytest", "-p", "tests.support.skips", "-q", "--rootdir", str(folder), str(folder)]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "variables", "exit_code"),
    [
        (SKIPPED, {"CI": "true"}, 1),
        (SKIPPED, {}, 0),
        (SKIPPED_MODULE, {"CI": "true"}, pytest.ExitCode.NO_TESTS_COLLECTED),
        (EXPECTED_FAILURE, {"CI": "true"}, 0),
    ],
    ids=["in CI", "elsewhere", "a whole module in CI", "an expected failure in CI"],
)
def test_a_skip_fails_the_run_in_ci_alone(tmp_path: Path, code: str, variables: dict[str, str], exit_code: int) -> None:
    """A skip whose reason is not on the list turns a run that passed into a failed one, and is named."""
    done = _pytest(tmp_path, code, **variables)
    assert done.returncode == exit_code, done.stdout + done.stderr
    assert ("skipped in CI without leave: no such thing here" in done.stdout) is (bool(variables) and "skip(" in code)


def test_a_listed_reason_is_allowed_and_a_pattern_may_end_in_anything() -> None:
    """Patterns match the whole reason; * stands for anything."""
    patterns = parse_allowed("# comment\n\nthe live service * | needs a token\n")
    assert unexpected([("a", "the live service is not set up"), ("b", "not the live service")], patterns) == [
        "b: skipped in CI without leave: not the live service"
    ]


def test_every_allowed_skip_says_why() -> None:
    """A line without a reason is refused, and the project's own list has none."""
    with pytest.raises(ValueError, match="line 1"):
        parse_allowed("some reason\n")
    parse_allowed(ALLOWED.read_text("utf-8"))
