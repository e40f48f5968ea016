"""Runs the checks. The same on every way in: pull, page, API, bulk, file, command line, bundle.

Nothing is looked up or stored here. Texts are checked one by one (:func:`check_text`) and in groups
(:func:`check_group`), so that after one correction only that text and the groups it is in need checking again.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import lru_cache

from service.checks.catalogue import CHECKS, WAIVABLE
from service.checks.families import content
from service.checks.findings import Check, Finding, GroupCheck, Scope, Severity, TextCheck, TextGroup, TextPair
from service.checks.signs import VISIBLE

__all__ = [
    "CHECKS",
    "WAIVABLE",
    "Check",
    "Finding",
    "GroupCheck",
    "Scope",
    "Severity",
    "TextCheck",
    "TextGroup",
    "TextPair",
    "UnknownCheck",
    "check_group",
    "check_groups",
    "check_text",
    "checks_of",
    "get_check",
    "in_order",
    "run_checks",
]

_BY_ID: dict[str, Check] = {check.id: check for check in CHECKS}
_ORDER = {check_id: place for place, check_id in enumerate(_BY_ID)}

_NONE: frozenset[str] = frozenset()

Find = Callable[[TextPair], Iterable[Finding]]


class UnknownCheck(LookupError):
    """No check has this id."""


def get_check(check_id: str) -> Check:
    """Return the check with this id.

    Raises:
        UnknownCheck: there is none; the message names those there are.
    """
    try:
        return _BY_ID[check_id]
    except KeyError:
        raise UnknownCheck(f"There is no check {check_id!r}; the checks are {', '.join(_BY_ID)}.") from None


def check_text(pair: TextPair, *, disabled: Collection[str] = ()) -> tuple[Finding, ...]:
    """Return what is wrong with one translation, without regard to other texts, in the order of the catalogue.

    A text in which nothing can be seen gets at most the finding ``blank``: whatever else it lacks follows from that.

    Args:
        pair: the two texts.
        disabled: ids of the checks that are switched off.
    """
    return tuple(_find(pair, _plan(pair.locale, frozenset(disabled) if disabled else _NONE), disabled))


@lru_cache(maxsize=256)
def _plan(locale: str, disabled: frozenset[str]) -> tuple[tuple[int, Find], ...]:
    """Return the checks that have something to say of a locale, each with the kinds of signs it needs."""
    return tuple(
        (check.signs, check.find)
        for check in CHECKS
        if isinstance(check, TextCheck)
        and check is not content.BLANK  # looked for first, and alone
        and check.id not in disabled
        and check.speaks(locale)
    )


def _find(pair: TextPair, plan: tuple[tuple[int, Find], ...], disabled: Collection[str]) -> list[Finding]:
    if not pair.signs & VISIBLE:
        return [] if content.BLANK.id in disabled else list(content.BLANK.find(pair))
    signs = pair.signs | pair.source_signs
    found: list[Finding] = []
    for needed, find in plan:
        if signs & needed:
            found.extend(find(pair))
    return found


def check_group(scope: Scope, group: TextGroup, *, disabled: Collection[str] = ()) -> dict[str, list[Finding]]:
    """Return what is wrong between texts of one locale, by the key of each text with something wrong.

    Args:
        scope: what the texts have in common, which decides on the checks.
        group: all of them.
        disabled: ids of the checks that are switched off.
    """
    found: dict[str, list[Finding]] = defaultdict(list)
    for check in CHECKS:
        if isinstance(check, GroupCheck) and check.scope is scope and check.id not in disabled:
            for key, finding in check.find(group):
                found[key].append(finding)
    return found


def check_groups(
    pairs: Sequence[TextPair],
    scopes: Iterable[Scope],
    *,
    untranslated: Mapping[str, Sequence[str]] | None = None,
    disabled: Collection[str] = (),
) -> dict[str, list[Finding]]:
    """Return what is wrong between texts of one locale, by the key of each text with something wrong.

    Args:
        pairs: for every group met, all its translated texts, in the order of the source.
        scopes: by what to group them.
        untranslated: by option set, the source texts of the options that ought to be translated and are not.
        disabled: ids of the checks that are switched off.
    """
    found: dict[str, list[Finding]] = defaultdict(list)
    missing = untranslated or {}
    for scope in scopes:
        groups: dict[str, list[TextPair]] = defaultdict(list)
        for pair in pairs:
            groups[_group_name(scope, pair)].append(pair)
        groups.pop("", None)
        for name, members in groups.items():
            absent = missing.get(name, ()) if scope is Scope.OPTION_SET else ()
            if len(members) > 1 or absent:
                for key, more in check_group(scope, TextGroup(members, absent), disabled=disabled).items():
                    found[key].extend(more)
    return found


def _group_name(scope: Scope, pair: TextPair) -> str:
    """Return the name of the group of a scope that the text belongs to; "" where it belongs to none."""
    if scope is Scope.OPTION_SET:
        return pair.option_set or ""
    return pair.record if scope is Scope.RECORD else pair.source


def checks_of(scopes: Collection[Scope]) -> frozenset[str]:
    """Return the ids of the checks over groups of these scopes."""
    return frozenset(check.id for check in CHECKS if isinstance(check, GroupCheck) and check.scope in scopes)


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings in the order of the catalogue."""
    return tuple(sorted(findings, key=lambda finding: _ORDER[finding.check_id]))


def run_checks(
    pairs: Iterable[TextPair],
    locale: str,
    *,
    untranslated: Mapping[str, Sequence[str]] | None = None,
    disabled: Collection[str] = (),
) -> dict[str, tuple[Finding, ...]]:
    """Return the findings of every pair by its key, in the order given; () for a pair with nothing wrong.

    Args:
        pairs: the pairs of one locale; for every group met, all its translated texts.
        locale: Primero's code. Keys are unique within one locale only.
        untranslated: by option set, the source texts of the options that ought to be translated and are not.
        disabled: ids of the checks that are switched off in this deployment and locale.

    Raises:
        ValueError: a pair is of another locale.
    """
    plan = _plan(locale, frozenset(disabled))
    found: dict[str, tuple[Finding, ...]] = {}
    members = list(pairs)
    for pair in members:
        if pair.locale != locale:
            raise ValueError(f"{pair.key} is a text in {pair.locale}, not in {locale}; check one locale at a time.")
        found[pair.key] = tuple(_find(pair, plan, disabled))
    for key, more in check_groups(members, Scope, untranslated=untranslated, disabled=disabled).items():
        found[key] = in_order((*found[key], *more))
    return found
