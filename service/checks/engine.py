"""Runs the checks. The same on every way in: pull, page, API, bulk, file, command line, bundle.

Nothing is looked up or stored here. Texts are checked one by one (:func:`check_text`) and option sets as a whole
(:func:`check_option_set`), so that after one correction only that text and its set need checking again.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence

from service.checks.families import bidi, content, links, markup, numbers, options, placeholders, unchanged
from service.checks.findings import Check, Finding, OptionSetCheck, Severity, TextCheck, TextPair

__all__ = [
    "CHECKS",
    "WAIVABLE",
    "Check",
    "Finding",
    "OptionSetCheck",
    "Severity",
    "TextCheck",
    "TextPair",
    "UnknownCheck",
    "check_option_set",
    "check_text",
    "get_check",
    "run_checks",
]

CHECKS: tuple[TextCheck | OptionSetCheck, ...] = (
    content.BLANK,
    content.CONTROL_CHARS,
    bidi.BIDI_UNBALANCED,
    placeholders.MISMATCH,
    placeholders.INVENTED,
    placeholders.DAMAGED,
    markup.INTRODUCED,
    links.LINKS_INTRODUCED,
    options.OPTION_DUPLICATE,
    markup.MISMATCH,
    numbers.NUMBERS,
    unchanged.UNCHANGED,
)
"""The catalogue: what blocks first. A text's findings come in this order."""

WAIVABLE = frozenset({"links_introduced", "term_forbidden"})
"""Blocking checks that a specialist may waive with a reason. No other blocking finding can be waived."""

_TEXT_CHECKS = tuple(check for check in CHECKS if isinstance(check, TextCheck))
_SET_CHECKS = tuple(check for check in CHECKS if isinstance(check, OptionSetCheck))
_BY_ID: dict[str, Check] = {check.id: check for check in CHECKS}


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


def check_text(pair: TextPair, *, disabled: Container[str] = ()) -> tuple[Finding, ...]:
    """Return what is wrong with one translation, without regard to other texts.

    A text in which nothing can be seen gets at most the finding ``blank``: whatever else it lacks follows from that.

    Args:
        pair: the two texts.
        disabled: ids of the checks that are switched off.
    """
    if content.is_invisible(pair.target):
        checks: tuple[TextCheck, ...] = (content.BLANK,)
    else:
        checks = _TEXT_CHECKS
    return tuple(finding for check in checks if check.id not in disabled for finding in check.find(pair))


def check_option_set(members: Sequence[TextPair], *, disabled: Container[str] = ()) -> dict[str, tuple[Finding, ...]]:
    """Return what is wrong between the options of one set in one locale, for every member's key; () where nothing is.

    Args:
        members: all options of the set that have a translation, in any order.
        disabled: ids of the checks that are switched off.
    """
    found: dict[str, list[Finding]] = {member.key: [] for member in members}
    for check in _SET_CHECKS:
        if check.id not in disabled:
            for key, finding in check.find(members):
                found[key].append(finding)
    return {key: tuple(findings) for key, findings in found.items()}


def run_checks(
    pairs: Iterable[TextPair], locale: str, *, disabled: Container[str] = ()
) -> dict[str, tuple[Finding, ...]]:
    """Return the findings of every pair by its key, in the order given; () for a pair with nothing wrong.

    Args:
        pairs: the pairs of one locale; for every option set met, all its translated options.
        locale: Primero's code. Keys are unique within one locale only.
        disabled: ids of the checks that are switched off in this deployment and locale.

    Raises:
        ValueError: a pair is of another locale.
    """
    sets: dict[str, list[TextPair]] = defaultdict(list)
    found: dict[str, tuple[Finding, ...]] = {}
    for pair in pairs:
        if pair.locale != locale:
            raise ValueError(f"{pair.key} is a text in {pair.locale}, not in {locale}; check one locale at a time.")
        found[pair.key] = check_text(pair, disabled=disabled)
        if pair.option_set is not None:
            sets[pair.option_set].append(pair)
    for members in sets.values():
        _add(found, check_option_set(members, disabled=disabled))
    return found


def _add(found: dict[str, tuple[Finding, ...]], more: Mapping[str, tuple[Finding, ...]]) -> None:
    """Merge findings in the order of the catalogue."""
    order = {check_id: place for place, check_id in enumerate(_BY_ID)}
    for key, findings in more.items():
        if findings:
            found[key] = tuple(sorted((*found[key], *findings), key=lambda finding: order[finding.check_id]))
