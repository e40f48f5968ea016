"""The same thing said the same way, and different things said differently."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from service.checks.families.folding import look
from service.checks.findings import Finding, GroupCheck, Scope, Severity, TextGroup, TextPair
from service.web.telling import of_source, of_target, say

_COMMON_OPTIONS = frozenset(
    {"yes", "no", "unknown", "other", "none", "not applicable", "n/a", "don't know", "do not know", "not known"}
)
_STEM = 4
_NOISE = re.compile(r"[\W_]+")
_OPTION_PROPERTIES = frozenset({"option_strings_text", "tally", "lookup_values"})


def _bare(text: str) -> str:
    """Return the text without what two ways of writing the same may differ in: case, marks, spaces."""
    return _NOISE.sub(" ", look(text)).strip()


def _is_common(pair: TextPair) -> bool:
    return pair.option_set is not None and look(pair.source) in _COMMON_OPTIONS


def _find_parity(group: TextGroup) -> Iterator[tuple[str, Finding]]:
    members = [pair for pair in group.members if _is_common(pair)]
    for pair, usual in _odd_ones(members):
        told = say(
            "“%(source)s” is usually translated “%(usual)s” in the other lists; use one word for one answer.",
            source=of_source(pair.source),
            usual=of_target(usual),
        )
        yield pair.key, OPTION_PARITY.finding(0, len(pair.target), told)


def _find_inconsistent(group: TextGroup) -> Iterator[tuple[str, Finding]]:
    members = [pair for pair in group.members if not _is_common(pair)]
    for pair, usual in _odd_ones(members):
        told = say(
            "The same source text is translated “%(usual)s” elsewhere; use one translation if both mean the same.",
            usual=of_target(usual),
        )
        yield pair.key, INCONSISTENT.finding(0, len(pair.target), told)


def _odd_ones(members: Sequence[TextPair]) -> Iterator[tuple[TextPair, str]]:
    """Yield the texts that differ from the usual one, with that one; where none is usual, each with another."""
    if len(members) < 2 or len({pair.target for pair in members}) == 1:
        return
    by_text: dict[str, list[TextPair]] = defaultdict(list)
    for pair in members:
        by_text[_bare(pair.target)].append(pair)
    if len(by_text) < 2:
        return
    ranked = sorted(by_text.values(), key=len, reverse=True)
    usual, second = ranked[0], ranked[1]
    for alike in ranked if len(usual) == len(second) else ranked[1:]:
        other = usual if alike is not usual else second
        if not _is_inflected(_bare(alike[0].target), _bare(other[0].target)):
            for pair in alike:
                yield pair, other[0].target


def _is_inflected(one: str, other: str) -> bool:
    """Say whether two texts differ in an ending only, or one goes on where the other ends: "Inconnu", "Inconnue"."""
    short, long = sorted((one, other), key=len)
    return len(short) >= _STEM and long.startswith(short[:-1])


def _find_reused(group: TextGroup) -> Iterator[tuple[str, Finding]]:
    by_text: dict[tuple[str, str], list[TextPair]] = defaultdict(list)
    for pair in group.members:
        # Options of one list are option_duplicate's, and of two lists they are never seen side by side.
        if pair.prop not in _OPTION_PROPERTIES:
            by_text[pair.prop, pair.target].append(pair)
    for alike in by_text.values():
        if len(alike) > 1:
            yield from _tell_apart(alike)


def _tell_apart(alike: list[TextPair]) -> Iterator[tuple[str, Finding]]:
    named = {_bare(pair.source): pair.source for pair in alike}
    for pair in alike:
        ours = _bare(pair.source)
        other = next((source for bare, source in named.items() if not _means_the_same(ours, bare)), None)
        if other is not None:
            told = say(
                "“%(other)s” in the same form has this translation too; are they the same question?",
                other=of_source(other),
            )
            yield pair.key, REUSED.finding(0, len(pair.target), told)


def _means_the_same(one: str, other: str) -> bool:
    """Say whether two English texts differ in a plural's s only."""
    return one == other or one.replace("s ", " ").rstrip("s") == other.replace("s ", " ").rstrip("s")


OPTION_PARITY = GroupCheck(
    "option_parity",
    "An answer such as Yes, No, Unknown or Other is translated differently than in most lists.",
    Severity.WARNS,
    "consistency",
    Scope.SOURCE,
    _find_parity,
)
INCONSISTENT = GroupCheck(
    "inconsistent",
    "The same source text is translated differently elsewhere.",
    Severity.INFORMS,
    "consistency",
    Scope.SOURCE,
    _find_inconsistent,
)
REUSED = GroupCheck(
    "reused",
    "Two different texts of one form have the same translation.",
    Severity.WARNS,
    "consistency",
    Scope.RECORD,
    _find_reused,
)
