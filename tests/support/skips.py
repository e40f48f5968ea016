"""In CI a skip must have a reason that ``tests/allowed-skips.txt`` names; any other fails the run.

On a developer's machine what is missing is skipped with a message. In CI everything is there, so a skip means that
something was not tested although everybody believes it was. Loaded by ``-p tests.support.skips``.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

ALLOWED = Path(__file__).parent.parent / "allowed-skips.txt"


def parse_allowed(text: str) -> tuple[str, ...]:
    """Return the patterns of the list: what stands before " | " on each line that is not a comment.

    Raises:
        ValueError: a line does not say why its skip is all right.
    """
    patterns = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        pattern, separator, why = line.partition(" | ")
        if not separator or not why.strip():
            raise ValueError(f"line {number} of allowed-skips.txt must be REASON | WHY IT IS ALL RIGHT: {line!r}")
        patterns.append(pattern.strip())
    return tuple(patterns)


def unexpected(skips: Iterable[tuple[str, str]], patterns: Sequence[str]) -> list[str]:
    """Return a sentence for each (test, reason) whose reason matches none of the patterns (``*`` is anything)."""
    return [
        f"{test}: skipped in CI without leave: {reason}"
        for test, reason in skips
        if not any(fnmatchcase(reason, pattern) for pattern in patterns)
    ]


class SkipRule:
    """Collects what was skipped and fails the run at its end."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self.patterns = patterns
        self.skips: list[tuple[str, str]] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a skipped test; an expected failure is none."""
        if report.skipped and not hasattr(report, "wasxfail"):
            self.skips.append((report.nodeid, _reason(report)))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note a module that was skipped as a whole."""
        if report.skipped:
            self.skips.append((report.nodeid, _reason(report)))

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Turn a run that passed into a failed one."""
        if session.exitstatus == pytest.ExitCode.OK and unexpected(self.skips, self.patterns):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say which skips failed the run, and where one would allow them."""
        sentences = unexpected(self.skips, self.patterns)
        if not sentences:
            return
        terminalreporter.section("skips that CI does not allow", red=True)
        for sentence in sentences:
            terminalreporter.write_line(sentence)
        terminalreporter.write_line("Provide what they miss, or name the reason in tests/allowed-skips.txt.")


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    details = report.longrepr
    text = details[2] if isinstance(details, tuple) else str(details)
    return text.removeprefix("Skipped: ").strip()


def pytest_configure(config: pytest.Config) -> None:
    """Set the rule up where CI is set; otherwise this plugin does nothing."""
    if os.environ.get("CI"):
        config.pluginmanager.register(SkipRule(parse_allowed(ALLOWED.read_text("utf-8"))), "skip-rule")
