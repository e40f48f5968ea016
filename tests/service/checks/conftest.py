"""What the tests of checks share."""

from collections.abc import Callable

import pytest

from service.checks.engine import Finding, TextPair, check_text

Check = Callable[..., tuple[Finding, ...]]


@pytest.fixture
def found() -> Check:
    """Return the findings of one check on one pair: ``found("numbers", source, target, "ar")``."""

    def run(check_id: str, source: str, target: str, locale: str = "fr", **facts: object) -> tuple[Finding, ...]:
        pair = TextPair("form/a/b/help_text", source, target, locale, **facts)
        return tuple(finding for finding in check_text(pair) if finding.check_id == check_id)

    return run


@pytest.fixture
def marked(found: Check) -> Callable[..., list[str]]:
    """Return the parts of the target that one check points at."""

    def run(check_id: str, source: str, target: str, locale: str = "fr", **facts: object) -> list[str]:
        return [target[finding.start : finding.end] for finding in found(check_id, source, target, locale, **facts)]

    return run


def mend(check_id: str, pair: TextPair, disabled: tuple[str, ...] = ()) -> str:
    """Return the target with every replacement that one check offers."""
    target = pair.target
    for finding in reversed([f for f in check_text(pair, disabled=disabled) if f.check_id == check_id]):
        if finding.replacement is not None:
            target = target[: finding.start] + finding.replacement + target[finding.end :]
    return target


@pytest.fixture
def mended() -> Callable[..., list[str]]:
    """Return, as a list of one, the target after all replacements of one check; the check must then be silent."""

    def run(check_id: str, source: str, target: str, locale: str = "fr", **facts: object) -> list[str]:
        text = mend(check_id, TextPair("form/a/b/help_text", source, target, locale, **facts))
        again = check_text(TextPair("form/a/b/help_text", source, text, locale, **facts))
        assert check_id not in {finding.check_id for finding in again}
        return [text]

    return run
